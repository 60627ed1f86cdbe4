package envelope

import (
	"encoding/binary"
	"math"

	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/wire"
)

// The facts are what the author says of the whole document (spec, Section
// 8.4). They stand in the first stamp, and every signature covers them.
type facts struct {
	author      ring.ID
	epoch       uint32
	head        ring.Head // of the chain, as the author knew it
	predecessor [32]byte  // commitment of the revision before, or zeros
	size        uint64    // bytes of data, or unknownSize
}

// unknownSize stands for the size of a document that was sealed as a stream.
const unknownSize = math.MaxUint64

func (f *facts) append(dst []byte) []byte {
	dst = append(dst, f.author[:]...)
	dst = wire.AppendUint32(dst, f.epoch)
	dst = wire.AppendUint64(dst, f.head.Sequence)
	dst = append(dst, f.head.Hash[:]...)
	dst = append(dst, f.predecessor[:]...)
	return wire.AppendUint64(dst, f.size)
}

// parseFacts reads factsSize bytes. Every such string is facts.
func parseFacts(b []byte) (f facts) {
	copy(f.author[:], b)
	f.epoch = binary.BigEndian.Uint32(b[25:])
	f.head.Sequence = binary.BigEndian.Uint64(b[29:])
	copy(f.head.Hash[:], b[37:])
	copy(f.predecessor[:], b[69:])
	f.size = binary.BigEndian.Uint64(b[101:])
	return f
}

// A stamp vouches for one chunk. It is sealed and signed by itself, so that who
// wrote a document, and whether it is whole, can be told from its first and its
// last stamp, without any chunk.
type stamp struct {
	last   bool
	length uint64   // bytes of data in the segments up to this one
	hash   [32]byte // SHA-256 of the chunk
}

func (s *stamp) append(dst []byte) []byte {
	last := byte(0)
	if s.last {
		last = 1
	}
	dst = wire.AppendUint64(append(dst, last), s.length)
	return append(dst, s.hash[:]...)
}

// parseStamp reads bodySize bytes.
func parseStamp(b []byte) (s stamp, ok bool) {
	s.last = b[0] == 1
	s.length = binary.BigEndian.Uint64(b[1:])
	copy(s.hash[:], b[9:])
	return s, b[0] <= 1
}

// data returns how many bytes of the chunk at index are data.
func (s *stamp) data(index uint64) int {
	return int(min(s.length-min(index*chunkSize, s.length), chunkSize))
}

// chunk returns the length of the chunk at index. The length of the data says
// it, if it is the last.
func (s *stamp) chunk(index uint64) (int, error) {
	if !s.last {
		if s.length > (index+1)*chunkSize {
			return 0, malformed("stamp")
		}
		return chunkSize, nil
	}
	if s.length > sizeLimit {
		return 0, malformed("stamp")
	}
	shape := shapeOf(padded(s.length))
	if shape.segments != index+1 {
		return 0, malformed("stamp")
	}
	return shape.chunk(index), nil
}
