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
// comparable; the zero Mark stands for none.
//
// Content is what its author signed. It is known to who had all of the document:
// in the Ref of [Seal], [Open], [SealFile], [OpenFile], and of [NewReader] after
// io.EOF. It is zero in that of [NewWriter], in that of [NewReaderAt] for a document
// of more than 512 KiB unless the Ref that it was given knew it, and from [Inspect]:
// compare Revision and Commitment with what a server says. These tell the versions
// of honest authors apart; but whoever has the key can seal another content under
// the same two.
type Mark struct {
	Revision   uint64   // from 1
	Commitment [32]byte // of the box: names its key, its salt and its place
	Content    [32]byte // SHA-256 of author, facts and hashes of all data; zero: not known
}

const (
	shortMarkSize = 8 + 32
	markSize      = shortMarkSize + 32
)

// MarshalText returns 96 letters of base64url for storing, 54 without Content. It
// never fails.
func (m Mark) MarshalText() ([]byte, error) {
	b := append(wire.AppendUint64(nil, m.Revision), m.Commitment[:]...)
	if m.Content != [32]byte{} {
		b = append(b, m.Content[:]...)
	}
	return wire.AppendText(nil, b), nil
}

// UnmarshalText reads exactly what MarshalText wrote. The error is
// keys.ErrMalformed, and leaves m as it was.
func (m *Mark) UnmarshalText(text []byte) error {
	b, err := wire.ParseText(text, markSize)
	if err != nil || len(b) != shortMarkSize && len(b) != markSize {
		return malformed("mark")
	}
	got := Mark{Revision: binary.BigEndian.Uint64(b), Commitment: [32]byte(b[8:])}
	known := copy(got.Content[:], b[shortMarkSize:]) > 0
	if !got.sound() || known != (got.Content != [32]byte{}) {
		return malformed("mark")
	}
	*m = got
	return nil
}

// sound reports whether m is a version or none at all.
func (m Mark) sound() bool {
	none := m.Revision == 0
	return none == (m.Commitment == [32]byte{}) && !(none && m.Content != [32]byte{})
}

// head returns m without its content, as far as the head of a document says it.
func (m Mark) head() Mark {
	m.Content = [32]byte{}
	return m
}

// check holds ref against the limits (spec, Section 8.1).
func (r Ref) check() error {
	switch {
	case len(r.Type) == 0 || len(r.Type) > typeLimit || !utf8.ValidString(r.Type):
		return malformed("a type is 1 to 255 bytes of UTF-8")
	case len(r.ID) == 0 || len(r.ID) > idLimit || !utf8.ValidString(r.ID):
		return malformed("an id is 1 to 1,024 bytes of UTF-8")
	case !r.Seen.sound():
		return malformed("a mark has both a revision and a commitment, or nothing")
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
// that can be told from one predecessor (spec, Section 8.5).
func (r Ref) follows(got Mark, predecessor [32]byte) error {
	same := got.Revision == r.Seen.Revision && got.Commitment != r.Seen.Commitment
	after := got.Revision-1 == r.Seen.Revision && predecessor != r.Seen.Commitment
	if r.Seen.Revision != 0 && (same || after) {
		return in("open", keys.ErrFork)
	}
	return nil
}

// vouches reports whether r knows what a former author wrote: its content, or
// nothing at all of the document (spec, Section 8.6).
func (r Ref) vouches(got Mark) bool {
	return r.Seen == Mark{} || r.Seen.head() == got && r.Seen.Content != [32]byte{}
}

// holds refuses another content than r.Seen knows, if it is of this version.
func (r Ref) holds(content [32]byte) error {
	if known := r.Seen.Content; known != [32]byte{} && known != content {
		return in("open", keys.ErrFork)
	}
	return nil
}
