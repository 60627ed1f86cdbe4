package envelope

import (
	"fmt"
	"io"
	"io/fs"

	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/keys"
)

// NewWriter seals a stream into dst: what is written to the Writer is the data.
// Only Close makes a document of it: without, what dst got says ErrTruncated.
// The Ref is for after the document is stored.
//
// It takes memory for (cores + 2) segments of 256 KiB at most, whatever the
// length, and is padded as by [Seal] when it is closed. The Writer also is an
// io.ReaderFrom. After an error of dst, which is returned as it is, everything
// fails with the same error. dst is used during calls only, by the goroutine
// that calls; a Writer that is dropped needs no Close. It is not safe for
// concurrent use.
//
// The Ref has a mark without content, which is not known yet: open the document to
// its end once, and keep that Ref, if it is to serve for [Reseal] when the keys of
// its author have changed. The errors of NewWriter are those of [Seal]. Nothing is
// written before the first segment is full.
func NewWriter(r keys.Ring, ref Ref, dst io.Writer) (io.WriteCloser, Ref, error) {
	s, err := newSealer(r, ref, unknownSize)
	if err != nil {
		return nil, Ref{}, err
	}
	ref.Seen = s.mark()
	w := &writing{sealer: s, dst: dst, digest: s.newDigest()}
	w.queue = newQueue(w.sealSlot)
	return &writer{secret.Hide(w)}, ref, nil
}

// A writer hides its state, so that printing it shows nothing.
type writer struct{ w secret.Value[*writing] }

// Write implements io.Writer.
func (w *writer) Write(p []byte) (int, error) { return secret.Open(w.w).write(p) }

// ReadFrom implements io.ReaderFrom: it reads to where the data will be sealed.
func (w *writer) ReadFrom(src io.Reader) (int64, error) { return secret.Open(w.w).readFrom(src) }

// Close seals the end. The second call does nothing.
func (w *writer) Close() error { return secret.Open(w.w).close() }

type writing struct {
	*sealer
	queue
	dst    io.Writer
	apart  []byte // with one core: plaintext, so that sealing need not move it
	cur    *slot  // being filled
	index  uint64 // of the segment being filled
	length uint64 // of the data in the segments before it
	digest digest // of the segments written
	closed bool
	err    error
}

var errClosed = fmt.Errorf("envelope: write after Close: %w", fs.ErrClosed)

// prepare makes sure that there is a slot to fill, writing what was sealed.
func (w *writing) prepare() error {
	if w.err == nil && w.closed {
		return errClosed
	}
	for w.err == nil && w.cur == nil {
		if w.cur = w.take(); w.cur == nil {
			w.emit()
		}
	}
	return w.err
}

func (w *writing) write(p []byte) (n int, err error) {
	for n < len(p) && w.prepare() == nil {
		switch rest := p[n:]; {
		case w.cur.n == chunkSize:
			w.flush(false, chunkSize)
		case w.cur.n == 0 && len(rest) > chunkSize: // sealed from where it is
			w.cur.n, w.cur.plain = chunkSize, rest[:chunkSize]
			n += chunkSize
		default:
			from := w.cur.n
			w.cur.n = min(from+len(rest), chunkSize)
			n += copy(w.room(w.cur.n)[from:], rest)
		}
	}
	for _, s := range w.busy {
		s.wait() // p must not be used after the return
	}
	return n, w.prepare()
}

// readFrom reads one byte more than a segment, which tells that the segment is
// not the last.
func (w *writing) readFrom(src io.Reader) (total int64, err error) {
	for empty := 0; empty < 100; empty++ {
		if err := w.prepare(); err != nil {
			return total, err
		}
		n, err := src.Read(w.space())
		w.cur.n += n
		total += int64(n)
		if n > 0 {
			empty = 0
		}
		if w.cur.n > chunkSize {
			w.carry()
		}
		if err == io.EOF {
			return total, w.prepare()
		} else if err != nil {
			return total, err
		}
	}
	return total, io.ErrNoProgress
}

// carry puts the last byte of a segment that is too long into the next.
func (w *writing) carry() {
	carried := w.cur.plain[chunkSize]
	w.cur.n = chunkSize
	w.flush(false, chunkSize)
	if w.prepare() == nil {
		w.room(1)[0] = carried
		w.cur.n = 1
	}
}

// room returns the first n bytes of the segment being filled, with what they
// hold: at most one more than a chunk has.
func (w *writing) room(n int) []byte {
	least := n
	if w.index > 0 {
		least = chunkSize + 1 // a document that is long already is not grown into
	}
	if w.alone() {
		w.apart = grown(w.apart, least, chunkSize+1)
		w.cur.plain = w.apart
		return w.apart[:n]
	}
	at := plainAt(w.index)
	w.cur.buf = grown(w.cur.buf, min(at+least+chunkOverhead, bufferSize), bufferSize)
	w.cur.plain = w.cur.buf[at:]
	return w.cur.plain[:n]
}

// space returns room to read into, behind what was filled in.
func (w *writing) space() []byte {
	n := len(w.apart)
	if !w.alone() {
		n = len(w.cur.buf) - plainAt(w.index) - chunkOverhead
	}
	return w.room(min(max(n, w.cur.n+1), chunkSize+1))[w.cur.n:]
}

// plainAt returns where in the buffer a chunk lies that is sealed in place.
func plainAt(index uint64) int {
	if index == 0 {
		return prologueSize
	}
	return sealedStampSize
}

// flush puts the segment being filled on its way. It holds data bytes of data.
func (w *writing) flush(last bool, data int) {
	if w.index == segmentLimit-1 && !last {
		w.err = malformed("more than 2³¹ segments")
		return
	}
	w.length += uint64(data)
	s := w.cur
	s.index, s.stamp = w.index, stamp{last: last, length: w.length}
	w.index, w.cur = w.index+1, nil
	w.push(s)
}

// sealSlot does the segment of s.
func (w *writing) sealSlot(s *slot) {
	chunk := s.plain[:s.n]
	s.stamp.hash = hashOf(chunk)
	s.buf = grown(s.buf, plainAt(s.index)+s.n+chunkOverhead, bufferSize)
	dst := s.buf[:0]
	if s.index == 0 {
		dst = w.appendHead(dst)
	}
	s.out = w.appendSegment(dst, &s.lane, s.index, s.stamp, chunk)
}

// emit writes the oldest segment on its way.
func (w *writing) emit() {
	s := w.pop()
	w.digest.add(&s.stamp)
	n, err := w.dst.Write(s.out)
	if err == nil && n < len(s.out) {
		err = io.ErrShortWrite
	}
	w.err = err
	w.release(s)
}

// close pads what is there, and seals the rest.
func (w *writing) close() error {
	if w.closed || w.prepare() != nil {
		return w.err
	}
	shape := shapeOf(padded(w.length + uint64(w.cur.n)))
	for w.index < shape.segments && w.prepare() == nil {
		data := w.cur.n
		w.cur.n = shape.chunk(w.index)
		clear(w.room(w.cur.n)[data:])
		w.flush(w.index+1 == shape.segments, data)
	}
	for w.err == nil && len(w.busy) > 0 {
		w.emit()
	}
	w.closed = true
	return w.err
}
