package envelope

import (
	"crypto/sha256"
	"hash"
	"slices"

	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/wire"
)

// The content of a document is a hash of all that its author signed: the binding,
// and the body of each stamp, which has the hash of the chunk (spec, Section 8.1).
// It costs next to nothing, since the data were hashed already.

// appendContent appends what is hashed before the bodies: <label> ‖ binding.
func (d *document) appendContent(dst []byte) []byte {
	return append(wire.AppendPrefixed(dst, label.DocumentContent), d.binding[:]...)
}

// contentOf returns the content of a document with these stamps.
func (d *document) contentOf(stamps []stamp) [32]byte {
	var room [128]byte // enough for one
	b := slices.Grow(d.appendContent(room[:0]), len(stamps)*bodySize)
	for i := range stamps {
		b = stamps[i].append(b)
	}
	return sha256.Sum256(b)
}

// stampsFor returns room for n stamps; one needs no memory.
func stampsFor(n uint64, one *[1]stamp) []stamp {
	if n == 1 {
		return one[:]
	}
	return make([]stamp, n)
}

// A digest makes the content of a stream, stamp by stamp.
type digest struct{ sum hash.Hash }

func (d *document) newDigest() digest {
	sum := sha256.New()
	sum.Write(d.appendContent(nil))
	return digest{sum}
}

func (d digest) add(s *stamp) {
	var body [bodySize]byte
	d.sum.Write(s.append(body[:0]))
}

func (d digest) content() [32]byte { return [32]byte(d.sum.Sum(nil)) }
