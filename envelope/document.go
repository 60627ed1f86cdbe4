package envelope

import (
	"crypto/sha256"
	"slices"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/wire"
)

// A document is what its segments have in common. It is safe for concurrent
// use: everything that changes is in a lane.
type document struct {
	header    header
	facts     facts
	box       *box.Box
	statement []byte // what each signature covers first; has room for the rest
	own       lane   // for whoever works alone
}

// A lane is what one goroutine needs to seal or open segments, allocated once.
type lane struct {
	box.Lane
	message []byte // statement ‖ index ‖ body of a stamp
	stamp   [firstStampSize]byte
}

// bind ends the statement with the commitment and the facts, and prepares the
// document's own lane, which writes behind the statement.
func (d *document) bind() {
	d.statement = append(d.statement, d.box.Prefix()[box.SaltSize:]...)
	d.statement = d.facts.append(d.statement)
	d.own.message = d.statement
}

// newLane returns one more lane.
func (d *document) newLane() *lane {
	return &lane{message: slices.Grow(slices.Clone(d.statement), 8+bodySize)}
}

// signed returns what the signature of a stamp covers (spec, Section 8.4). It
// is valid until the next call.
func (l *lane) signed(d *document, index uint64, body []byte) []byte {
	l.message = wire.AppendUint64(l.message[:len(d.statement)], index)
	l.message = append(l.message, body...)
	return l.message
}

// mark returns the name of this version.
func (d *document) mark() Mark { return Mark{d.header.revision, d.box.Commitment()} }

// The two messages of a segment under the subkey are segments of the box: the
// stamp at an even index, the chunk after it (spec, Section 8.3).
func stampIndex(index uint64) uint64 { return 2 * index }
func chunkIndex(index uint64) uint64 { return 2*index + 1 }

// hashOf is the hash of a chunk in its stamp.
func hashOf(chunk []byte) [32]byte { return sha256.Sum256(chunk) }
