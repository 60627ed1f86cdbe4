package envelope

import (
	"bytes"
	"encoding/binary"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/wire"
	"github.com/sealkin/sealkin/keys"
)

// Sizes of the parts of a document, in bytes (spec, Section 8.2).
const (
	headerSize = wire.HeadingSize + 25 + 4 + 8
	headSize   = headerSize + box.PrefixSize // all that is public
)

// A header stands in front of a document, for everybody to read (spec, Section
// 8.2). It is authenticated, as part of the context of the box.
type header struct {
	group      ring.ID
	generation uint32
	revision   uint64
}

func (h header) append(dst []byte) []byte {
	dst = wire.AppendHeading(dst, wire.Document)
	dst = append(dst, h.group[:]...)
	dst = wire.AppendUint32(dst, h.generation)
	return wire.AppendUint64(dst, h.revision)
}

// parseHead reads what is public: header and prefix of the box. What is the
// beginning of such a head is ErrTruncated, anything else keys.ErrMalformed or
// keys.ErrNewer.
func parseHead(b []byte) (h header, prefix *[box.PrefixSize]byte, err error) {
	if err := checkHeading(b); err != nil {
		return h, nil, err
	}
	if len(b) < headSize {
		return h, nil, ErrTruncated
	}
	b = b[wire.HeadingSize:]
	copy(h.group[:], b)
	h.generation = binary.BigEndian.Uint32(b[25:])
	if h.revision = binary.BigEndian.Uint64(b[29:]); h.revision == 0 {
		return header{}, nil, malformed("revisions begin at 1")
	}
	return h, (*[box.PrefixSize]byte)(b[37:]), nil
}

// checkHeading tells a document from other records, as far as b goes.
func checkHeading(b []byte) error {
	var a [wire.HeadingSize]byte
	want := wire.AppendHeading(a[:0], wire.Document)
	if len(b) < wire.HeadingSize {
		if bytes.HasPrefix(want, b) {
			return ErrTruncated
		}
		return malformed("not a document")
	}
	if bytes.HasPrefix(b, want) {
		return nil
	}
	if bytes.HasPrefix(b, want[:3]) && b[3] > wire.Version {
		return in("open", keys.ErrNewer)
	}
	return malformed("not a document")
}

// Unverified is what the head of a document claims. Nobody has checked it: it
// serves to sort, to find a group, and to compare and set.
type Unverified struct {
	Group      keys.GroupID // or the id of the account that sealed it for itself
	Generation uint32
	Mark       Mark // without content
}

// Inspect reads the head of a document without a key, for servers. The first
// 128 bytes of the document are enough. The error is keys.ErrMalformed or
// keys.ErrNewer for what is not a document, ErrTruncated for the beginning of
// one.
func Inspect(sealed []byte) (Unverified, error) {
	h, prefix, err := parseHead(sealed)
	if err != nil {
		return Unverified{}, err
	}
	return Unverified{h.group, h.generation, Mark{Revision: h.revision, Commitment: commitmentOf(prefix)}}, nil
}

func commitmentOf(prefix *[box.PrefixSize]byte) [32]byte {
	return [32]byte(prefix[box.SaltSize:])
}
