package envelope

import (
	"crypto/sha256"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/wire"
)

// A document is what its segments have in common. It is safe for concurrent
// use: everything that changes is in a lane.
type document struct {
	header  header
	facts   facts
	box     box.Box
	binding [32]byte // of the signatures, to all of the above and to the place
	own     lane     // for whoever works alone
}

// A lane is what one goroutine needs to seal or open segments, allocated once.
type lane struct {
	box.Lane
	stamp [firstStampSize]byte
}

// messageSize is the length of what a signature covers: <label> ‖ binding ‖
// index ‖ body of the stamp.
const messageSize = 4 + len(label.DocumentSignature) + 32 + 8 + bodySize

// roomSize is enough for a context with a short name, and what bind adds.
const roomSize = 384

// appendContext appends what the box is bound to: header ‖ <type> ‖ <id> (spec,
// Section 8.3).
func (d *document) appendContext(dst []byte, ref Ref) []byte {
	return wire.AppendPrefixed(wire.AppendPrefixed(d.header.append(dst), ref.Type), ref.ID)
}

// bind makes the binding: SHA-256(context ‖ commitment ‖ facts).
func (d *document) bind(ref Ref) {
	var room [roomSize]byte
	b := d.appendContext(room[:0], ref)
	b = append(b, d.box.Prefix()[box.SaltSize:]...)
	d.binding = sha256.Sum256(d.facts.append(b))
}

// newLane implements job.
func (d *document) newLane() *lane { return new(lane) }

// signed writes what the signature of a stamp covers (spec, Section 8.4).
func (d *document) signed(dst *[messageSize]byte, index uint64, body []byte) []byte {
	m := wire.AppendPrefixed(dst[:0], label.DocumentSignature)
	m = append(m, d.binding[:]...)
	m = wire.AppendUint64(m, index)
	return append(m, body...)
}

// mark returns the name of this version, without its content.
func (d *document) mark() Mark {
	return Mark{Revision: d.header.revision, Commitment: d.box.Commitment()}
}

// The two messages of a segment under the subkey are segments of the box: the
// stamp at an even index, the chunk after it (spec, Section 8.3).
func stampIndex(index uint64) uint64 { return 2 * index }
func chunkIndex(index uint64) uint64 { return 2*index + 1 }

// hashOf is the hash of a chunk in its stamp.
func hashOf(chunk []byte) [32]byte { return sha256.Sum256(chunk) }
