package envelope

import (
	"bytes"
	"errors"
	"io"

	"github.com/sealkin/sealkin/keys"
)

// An end is what the last stamp says, and what follows from it.
type end struct {
	shape
	length uint64 // bytes of data
	last   stamp
}

// findEnd opens the last stamp of a document that is sealed bytes long. Since
// the length of the data gives the length of the document, nothing can be cut
// off and nothing added (spec, Section 8.5).
func (o *opener) findEnd(sealed uint64, src io.ReaderAt) error {
	shape, ragged, err := measure(sealed)
	if err != nil {
		return err
	}
	last := o.first
	if index := shape.segments - 1; index > 0 {
		at, n := stampAt(index)
		b := make([]byte, n)
		if err := readAt(src, b, at); err != nil {
			return err
		}
		if last, err = o.openStamp(&o.own, index, b); err != nil {
			return err
		}
	}
	if !last.last {
		return ErrTruncated
	}
	o.end = end{shape, last.length, last}
	return o.checkEnd(shape, last.length, ragged)
}

// readAt fills b. A source that ends before the size that it was said to have
// is cut off.
func readAt(src io.ReaderAt, b []byte, at uint64) error {
	n, err := src.ReadAt(b, int64(at))
	switch {
	case n == len(b):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return ErrTruncated
	}
	return err
}

// bytesAt is a source in memory, all of it.
type bytesAt []byte

// ReadAt implements io.ReaderAt.
func (b *bytesAt) ReadAt(p []byte, at int64) (int, error) { return copy(p, (*b)[at:]), nil }

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
func (o *opener) appendSegment(dst []byte, l *lane, index uint64, sealed []byte) ([]byte, error) {
	_, n := stampAt(index)
	st, last := o.end.last, index+1 == o.end.segments
	if !last {
		var err error
		if st, err = o.openStamp(l, index, sealed[:n]); err != nil {
			return nil, err
		}
	}
	if st.last && !last { // a document that ends here, and something behind it
		return nil, o.earlyEnd(st, index)
	}
	if st.length != lengthThrough(index, o.end.length) {
		return nil, malformed("stamp")
	}
	if o.stamps != nil {
		o.stamps[index] = st
	}
	out, err := o.appendChunk(dst, l, index, st, sealed[n:n+chunkOverhead+o.end.chunk(index)])
	if err != nil {
		return nil, err
	}
	if data := lengthThrough(index, o.end.length) - min(index*chunkSize, o.end.length); !zero(out[len(dst):][data:]) {
		clear(out[len(dst):])
		return nil, malformed("padding")
	}
	return out, nil
}

// earlyEnd says what is wrong with a stamp that is the last one too early: its
// length, or if that fits, what comes behind it.
func (o *opener) earlyEnd(st stamp, index uint64) error {
	if _, err := o.chunkOf(st, index); err != nil {
		return err
	}
	return in("open", keys.ErrOpen)
}

// chunkOf returns the length of the chunk of a stamp, whose own length it checks
// against its place and what the author knew.
func (o *opener) chunkOf(st stamp, index uint64) (int, error) {
	if o.facts.size != unknownSize && st.length != lengthThrough(index, o.facts.size) {
		return 0, malformed("length")
	}
	return st.chunk(index)
}

// zero reports whether b, padding, is what padding has to be.
func zero(b []byte) bool {
	return len(b) == 0 || b[0] == 0 && bytes.Equal(b[1:], b[:len(b)-1])
}
