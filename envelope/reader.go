package envelope

import (
	"errors"
	"io"

	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/keys"
)

// NewReader opens a stream. It reads the first 347 bytes, which tell who wrote
// the document, and returns all that [Open] would but the data, which the
// Reader gives out: nothing that was not checked, in order, and io.EOF only
// after the end was seen and src had no more. Then it fills in the content in the
// mark of Opened, which nobody else may read meanwhile.
//
// What was read before an error is a correct beginning of the data, written by
// the author who is named; do not act on it before io.EOF. A stream that ends
// early is ErrTruncated. Errors of src are returned as they are.
//
// It takes memory for (cores + 2) segments of 256 KiB at most, whatever the
// length. The Reader also is an io.WriterTo, which saves a copy. src is used
// during calls only, by the goroutine that calls, and is read ahead of what is
// given out; a Reader that is dropped leaves nothing behind. It is not safe for
// concurrent use. The errors are those of [Open].
func NewReader(r keys.Ring, ref Ref, src io.Reader) (io.Reader, *Opened, error) {
	var head [prologueSize]byte
	n, err := io.ReadFull(src, head[:])
	if err != nil && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, nil, err
	}
	o, err := openHead(r, ref, head[:n], current)
	if err != nil {
		return nil, nil, err
	}
	size := int64(-1)
	if o.facts.size <= sizeLimit {
		size = int64(o.facts.size)
	}
	rd := &reading{opener: o, src: src, ahead: 1}
	rd.queue = newQueue(rd.openSlot)
	rd.digest, rd.result = o.newDigest(), o.opened(size)
	return &reader{secret.Hide(rd)}, rd.result, nil
}

// A reader hides its state, so that printing it shows nothing.
type reader struct{ r secret.Value[*reading] }

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) { return secret.Open(r.r).read(p) }

// WriteTo implements io.WriterTo: it writes from where the data was opened.
func (r *reader) WriteTo(dst io.Writer) (int64, error) { return secret.Open(r.r).writeTo(dst) }

type reading struct {
	*opener
	queue
	src    io.Reader
	ahead  int    // segments to have on their way; grows
	index  uint64 // of the segment to read next
	srcErr error  // why there is no more to read; io.EOF at the end
	apart  []byte // with one core: plaintext, so that opening need not move it

	cur    *slot  // whose data is given out
	data   []byte // of it, what is left
	length uint64 // of the data up to cur
	digest digest // of the stamps up to cur
	result *Opened
	last   bool // cur is the last
	err    error
}

func (r *reading) read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if err := r.more(); err != nil {
		return 0, err
	}
	n := copy(p, r.data)
	r.data = r.data[n:]
	return n, nil
}

func (r *reading) writeTo(dst io.Writer) (total int64, err error) {
	for {
		if err := r.more(); err == io.EOF {
			return total, nil
		} else if err != nil {
			return total, err
		}
		n, err := dst.Write(r.data)
		total += int64(n)
		if err == nil && n < len(r.data) {
			err = io.ErrShortWrite
		}
		r.data = r.data[n:]
		if err != nil {
			return total, err
		}
	}
}

// more makes sure that there is data to give out.
func (r *reading) more() error {
	for r.err == nil && len(r.data) == 0 {
		r.err = r.next()
	}
	if len(r.data) > 0 {
		return nil
	}
	return r.err
}

// next takes the next segment, and keeps others on their way.
func (r *reading) next() error {
	if r.cur != nil {
		r.release(r.cur)
		r.cur = nil
	}
	if r.last {
		return io.EOF
	}
	r.fetch()
	if len(r.busy) == 0 {
		if r.srcErr == io.EOF {
			return ErrTruncated
		}
		return r.srcErr
	}
	r.cur = r.pop()
	if r.cur.err != nil {
		return r.cur.err
	}
	return r.accept(r.cur)
}

// fetch reads one segment, and more while there are not enough on their way and
// the oldest is not done: a slow source delays what is done by one segment.
func (r *reading) fetch() {
	for first := true; r.srcErr == nil && len(r.busy) < r.ahead; first = false {
		if !first && r.busy[0].ready() {
			break
		}
		s := r.take()
		if s == nil {
			return
		}
		r.fill(s)
		if s.n == 0 {
			r.release(s)
			return
		}
		s.index = r.index
		r.index++
		r.push(s)
	}
	if !r.alone() {
		r.ahead = min(2*r.ahead, r.cores+1)
	}
}

// fill reads one segment, as much of it as there is, or nothing if src fails.
func (r *reading) fill(s *slot) {
	if r.index == segmentLimit {
		if r.srcErr = r.drained(); r.srcErr == nil {
			r.srcErr = malformed("more than 2³¹ segments")
		}
		return
	}
	size := r.expected()
	for s.n < size && r.srcErr == nil {
		least := s.n + 1
		if r.index > 0 {
			least = size
		}
		s.buf = grown(s.buf, least, bufferSize)
		var n int
		n, r.srcErr = io.ReadAtLeast(r.src, s.buf[s.n:min(len(s.buf), size)], 1)
		s.n += n
	}
	if r.srcErr != nil && r.srcErr != io.EOF {
		s.n = 0
	}
}

// expected returns how long the next segment is at most. The first stamp has
// been read.
func (r *reading) expected() int {
	if r.index == 0 {
		return chunkSize + chunkOverhead
	}
	return segmentSize
}

// openSlot opens the segment of s, of which the length of the data is not
// compared with anything yet.
func (r *reading) openSlot(s *slot) {
	s.out, s.err = r.openSegment(s, s.buf[:s.n])
}

func (r *reading) openSegment(s *slot, sealed []byte) (out []byte, err error) {
	s.stamp = r.first
	if s.index > 0 {
		if len(sealed) < sealedStampSize {
			return nil, ErrTruncated
		}
		if s.stamp, err = r.openStamp(&s.lane, s.index, sealed[:sealedStampSize]); err != nil {
			return nil, err
		}
		sealed = sealed[sealedStampSize:]
	}
	n, err := r.chunkOf(s.stamp, s.index)
	if err != nil {
		return nil, err
	}
	if len(sealed) < n+chunkOverhead {
		return nil, ErrTruncated
	}
	if len(sealed) > n+chunkOverhead {
		return nil, in("open", keys.ErrOpen)
	}
	dst := sealed[:0]
	if r.alone() {
		r.apart = grown(r.apart, n, chunkSize)
		dst = r.apart[:0]
	}
	out, err = r.appendChunk(dst, &s.lane, s.index, s.stamp, sealed)
	if err != nil {
		return nil, err
	}
	data := s.stamp.data(s.index)
	if !zero(out[data:]) {
		return nil, malformed("padding")
	}
	return out[:data], nil
}

// accept compares a segment with those before it, and the last with the end of
// the source.
func (r *reading) accept(s *slot) error {
	if s.stamp.length < r.length || s.stamp.length > r.length && r.length < s.index*chunkSize {
		return malformed("stamp")
	}
	r.length, r.last = s.stamp.length, s.stamp.last
	r.digest.add(&s.stamp)
	if r.last {
		if err := r.atEnd(s); err != nil {
			return err
		}
		if err := r.complete(r.digest.content()); err != nil {
			return err
		}
		r.result.Ref.Seen.Content = r.ref.Seen.Content
	}
	r.data = s.out
	return nil
}

// atEnd checks that nothing comes after the last segment.
func (r *reading) atEnd(s *slot) error {
	if r.srcErr == nil {
		r.srcErr = r.drained()
	}
	switch r.srcErr {
	case nil:
		return in("open", keys.ErrOpen)
	case io.EOF:
	default:
		return r.srcErr
	}
	if r.index != s.index+1 {
		return in("open", keys.ErrOpen)
	}
	return nil
}

// drained reads one byte more: io.EOF is that there is none, nil that there is.
func (r *reading) drained() error {
	var more [1]byte
	_, err := io.ReadFull(r.src, more[:])
	return err
}
