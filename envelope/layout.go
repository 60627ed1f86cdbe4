package envelope

import (
	"math/bits"

	"github.com/sealkin/sealkin/internal/box"
)

// Sizes in bytes (spec, Sections 8.3 and 8.4).
const (
	chunkSize      = 256 << 10 // of every segment but the last; docs/decisions/segment-size.md
	factsSize      = 25 + 4 + 8 + 32 + 32 + 8
	bodySize       = 1 + 8 + 32
	stampSize      = bodySize + 64
	firstStampSize = factsSize + stampSize

	sealedStampSize      = stampSize + box.SegmentOverhead
	sealedFirstStampSize = firstStampSize + box.SegmentOverhead
	chunkOverhead        = box.SegmentOverhead
	segmentOverhead      = sealedStampSize + box.SegmentOverhead
	prologueSize         = headSize + sealedFirstStampSize // up to the first chunk
	firstOverhead        = prologueSize + box.SegmentOverhead

	segmentSize = chunkSize + segmentOverhead // of every segment but the first and the last
	leastSize   = 64                          // of data and padding
)

// segmentLimit keeps the messages under one subkey, two for each segment, at
// 2³², which is what random nonces allow (spec, Section 8.3).
const segmentLimit = 1 << 31

// sizeLimit is the largest number of bytes of data and padding.
const sizeLimit = segmentLimit * chunkSize

// padded returns the number of bytes that n bytes of data take: Padmé
// (Nikitin et al., PURBs, PoPETs 2019, Section 4), and at least 64. It keeps the
// log₂ log₂ n + 1 highest bits of n, rounding up, which costs less than 12 %
// and lets out O(log log n) bits of the length.
func padded(n uint64) uint64 {
	if n <= leastSize {
		return leastSize
	}
	e := bits.Len64(n) - 1
	s := bits.Len(uint(e))
	mask := uint64(1)<<(e-s) - 1
	return (n + mask) &^ mask
}

// A shape says where the segments of a document are.
type shape struct {
	size     uint64 // bytes of data and padding
	segments uint64
}

// shapeOf returns the shape of size bytes of data and padding, at least one.
func shapeOf(size uint64) shape { return shape{size, (size-1)/chunkSize + 1} }

// sealedSize returns the length of the whole document.
func (s shape) sealedSize() uint64 {
	return firstOverhead + (s.segments-1)*segmentOverhead + s.size
}

// chunk returns the length of a chunk.
func (s shape) chunk(index uint64) int {
	return int(min(s.size-index*chunkSize, chunkSize))
}

// stampAt returns where the sealed stamp of a segment is, and its length.
func stampAt(index uint64) (offset uint64, size int) {
	if index == 0 {
		return headSize, sealedFirstStampSize
	}
	return firstOverhead + chunkSize + (index-1)*segmentSize, sealedStampSize
}

// lengthThrough returns how many of length bytes of data are in the segments up
// to index.
func lengthThrough(index, length uint64) uint64 { return min((index+1)*chunkSize, length) }

// measure returns the shape of a document that is sealed bytes long. If ragged,
// the bytes end inside of the stamp of one more segment, or it has no chunk.
func measure(sealed uint64) (s shape, ragged bool, err error) {
	if sealed <= firstOverhead {
		return s, false, ErrTruncated
	}
	body := sealed - firstOverhead
	if body <= chunkSize {
		return shape{body, 1}, false, nil
	}
	full, rest := (body-chunkSize)/segmentSize, (body-chunkSize)%segmentSize
	s = shape{(full + 1) * chunkSize, full + 1}
	if rest > segmentOverhead {
		s = shape{s.size + rest - segmentOverhead, s.segments + 1}
	}
	if s.segments > segmentLimit {
		return shape{}, false, malformed("more than 2³¹ segments")
	}
	return s, rest > 0 && rest <= segmentOverhead, nil
}
