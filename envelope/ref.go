package envelope

import (
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/sealkin/sealkin/internal/wire"
	"github.com/sealkin/sealkin/keys"
)

// Limits of what names a document, in bytes of UTF-8.
const (
	typeLimit = 255
	idLimit   = 1024
)

// A Ref says which document is meant, and which version of it was last seen.
// It is comparable. Type and ID are not in the document, which opens under the
// same two only: take them from where the app wanted to look, never from where
// the document came from.
type Ref struct {
	Type string // what the document is, such as "note"; 1 to 255 bytes of UTF-8
	ID   string // which one; 1 to 1,024 bytes of UTF-8
	Seen Mark   // the newest version that was sealed or opened here; zero: none
}

// A Mark is one version of one document, as a high-water mark. It is
// comparable; the zero Mark stands for none. It tells the versions of honest
// authors apart; one who wants to can seal two contents under one Mark.
type Mark struct {
	Revision   uint64   // from 1
	Commitment [32]byte // of the box: names its key, its salt and its place
}

const markSize = 8 + 32

// MarshalText returns 54 letters of base64url for storing. It never fails.
func (m Mark) MarshalText() ([]byte, error) {
	return wire.AppendText(nil, append(wire.AppendUint64(nil, m.Revision), m.Commitment[:]...)), nil
}

// UnmarshalText reads exactly what MarshalText wrote. The error is
// keys.ErrMalformed, and leaves m as it was.
func (m *Mark) UnmarshalText(text []byte) error {
	b, err := wire.ParseText(text, markSize)
	if err != nil || len(b) != markSize {
		return malformed("mark")
	}
	got := Mark{binary.BigEndian.Uint64(b), [32]byte(b[8:])}
	if !got.sound() {
		return malformed("mark")
	}
	*m = got
	return nil
}

// sound reports whether m is a version or none at all.
func (m Mark) sound() bool { return (m.Revision == 0) == (m.Commitment == [32]byte{}) }

// check holds ref against the limits (spec, Section 8.1).
func (r Ref) check() error {
	switch {
	case len(r.Type) == 0 || len(r.Type) > typeLimit || !utf8.ValidString(r.Type):
		return malformed("a type is 1 to 255 bytes of UTF-8")
	case len(r.ID) == 0 || len(r.ID) > idLimit || !utf8.ValidString(r.ID):
		return malformed("an id is 1 to 1,024 bytes of UTF-8")
	case !r.Seen.sound():
		return malformed("a mark has both a revision and a commitment, or neither")
	}
	return nil
}

// next returns the number of the version after r.Seen.
func (r Ref) next() (uint64, error) {
	if r.Seen.Revision == math.MaxUint64 {
		return 0, malformed("no revision is left")
	}
	return r.Seen.Revision + 1, nil
}

// notBelow refuses a version older than the one that was seen.
func (r Ref) notBelow(revision uint64) error {
	if revision < r.Seen.Revision {
		return in("open", keys.ErrRollback)
	}
	return nil
}

// follows refuses a version that is not r.Seen, nor comes after it, as far as
// that can be told from one predecessor (spec, Section 8.6).
func (r Ref) follows(got Mark, predecessor [32]byte) error {
	same := got.Revision == r.Seen.Revision && got.Commitment != r.Seen.Commitment
	after := got.Revision-1 == r.Seen.Revision && predecessor != r.Seen.Commitment
	if r.Seen.Revision != 0 && (same || after) {
		return in("open", keys.ErrFork)
	}
	return nil
}
