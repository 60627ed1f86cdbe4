package envelope

import (
	"bytes"

	"github.com/sealkin/sealkin/keys"
)

// An end is what the last stamp says, and what follows from it.
type end struct {
	shape
	length uint64 // bytes of data
	last   stamp
}

// end opens the last stamp of a document that is sealed bytes long. fetch
// returns the sealed stamp that is at a place. Since the length of the data
// gives the length of the document, nothing can be cut off and nothing added
// (spec, Section 8.5).
func (o *opener) end(sealed uint64, fetch func(at uint64, size int) ([]byte, error)) (end, error) {
	shape, ragged, err := measure(sealed)
	if err != nil {
		return end{}, err
	}
	index := shape.segments - 1
	var st stamp
	if index == 0 {
		st = o.first
	} else {
		b, err := fetch(stampAt(index))
		if err != nil {
			return end{}, err
		}
		if st, err = o.openStamp(&o.own, index, b); err != nil {
			return end{}, err
		}
	}
	if !st.last {
		return end{}, ErrTruncated
	}
	return end{shape, st.length, st}, o.checkEnd(shape, st.length, ragged)
}

// checkEnd compares the length of the data with the shape of the document, and
// with what the author knew of it beforehand.
func (o *opener) checkEnd(s shape, length uint64, ragged bool) error {
	if length > sizeLimit || o.facts.size != unknownSize && o.facts.size != length {
		return malformed("length")
	}
	switch want := padded(length); {
	case want > s.size:
		return ErrTruncated
	case want < s.size || ragged:
		return in("open", keys.ErrOpen)
	}
	return nil
}

// appendSegment opens a whole segment, which sealed begins with, and appends its
// data and padding to dst.
func (o *opener) appendSegment(dst []byte, l *lane, index uint64, e end, sealed []byte) ([]byte, error) {
	_, n := stampAt(index)
	st, last := e.last, index+1 == e.segments
	if !last || index == 0 {
		var err error
		if st, err = o.openStamp(l, index, sealed[:n]); err != nil {
			return nil, err
		}
	}
	if st.last != last || st.length != lengthThrough(index, e.length) {
		return nil, malformed("stamp")
	}
	out, err := o.appendChunk(dst, l, index, st, sealed[n:n+chunkOverhead+e.chunk(index)])
	if err != nil {
		return nil, err
	}
	if data := lengthThrough(index, e.length) - min(index*chunkSize, e.length); !zero(out[len(dst):][data:]) {
		clear(out[len(dst):])
		return nil, malformed("padding")
	}
	return out, nil
}

// zero reports whether b, padding, is what padding has to be.
func zero(b []byte) bool {
	return len(b) == 0 || b[0] == 0 && bytes.Equal(b[1:], b[:len(b)-1])
}
