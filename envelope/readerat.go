package envelope

import (
	"errors"
	"io"
	"sync"

	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/keys"
)

// A ReaderAt reads a document at any place. It implements io.ReaderAt, which
// any number of goroutines may use at a time, io.ReadSeeker and io.WriterTo.
//
// ReadAt fetches the segments of 256 KiB that hold the range, up to eight next to
// each other with one call of the source, and keeps the last one. Read and WriteTo
// fetch ahead, in runs that double up to 2 MiB, so that io.Copy and
// http.ServeContent fetch every byte once.
type ReaderAt struct{ r secret.Value[*readingAt] }

// NewReaderAt opens a document of size bytes at any place. It reads 347 bytes
// at its beginning and 133 near its end, which tell who wrote it, how long it
// is, and that nothing is cut off. Opened has all but Plaintext, and the content in
// its mark if the document is of one or two segments. The errors are those of
// [Open]; those of src are returned as they are, and a src that ends before size
// is ErrTruncated.
func NewReaderAt(r keys.Ring, ref Ref, src io.ReaderAt, size int64) (*ReaderAt, *Opened, error) {
	head := make([]byte, min(max(size, 0), prologueSize))
	if err := readAt(src, head, 0); err != nil {
		return nil, nil, err
	}
	o, err := openHead(r, ref, head, current)
	if err != nil {
		return nil, nil, err
	}
	if err := o.findEnd(uint64(size), src); err != nil {
		return nil, nil, err
	}
	if n := o.end.segments; n <= 2 { // then first and last stamp are all
		if err := o.complete(o.contentOf([]stamp{o.first, o.end.last}[2-n:])); err != nil {
			return nil, nil, err
		}
	}
	at := &readingAt{opener: o, src: src}
	return &ReaderAt{secret.Hide(at)}, o.opened(at.size()), nil
}

// Size returns the number of bytes of data.
func (r *ReaderAt) Size() int64 { return secret.Open(r.r).size() }

// ReadAt implements io.ReaderAt. What it fills p with was checked; after an
// error other than io.EOF, only the bytes that it counts were.
func (r *ReaderAt) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errPlace
	}
	return secret.Open(r.r).readAt(p, uint64(off))
}

// Read implements io.Reader, at the place that [ReaderAt.Seek] sets.
func (r *ReaderAt) Read(p []byte) (int, error) { return secret.Open(r.r).read(p) }

// Seek implements io.Seeker. Seeking reads nothing.
func (r *ReaderAt) Seek(offset int64, whence int) (int64, error) {
	return secret.Open(r.r).seek(offset, whence)
}

// WriteTo implements io.WriterTo: it writes what is left, in runs of many
// segments.
func (r *ReaderAt) WriteTo(dst io.Writer) (int64, error) { return secret.Open(r.r).writeTo(dst) }

var errPlace = errors.New("envelope: no such place")

// longestRun is the most segments to fetch at a time.
const longestRun = 8

type readingAt struct {
	*opener
	src io.ReaderAt

	mu   sync.Mutex
	kept *run // of ReadAt: the segment it opened last

	place sync.Mutex // guards what follows, for Read, Seek and WriteTo
	at    uint64
	ahead run
	count uint64 // of segments to fetch next, if they follow the ones before
}

// A run is segments next to each other.
type run struct {
	*opener
	first, count uint64
	sealed, data []byte
}

// has reports whether the data at a place is in the run.
func (r *run) has(at uint64) bool {
	return at >= r.first*chunkSize && at < r.first*chunkSize+uint64(len(r.data))
}

// from returns the data from a place on.
func (r *run) from(at uint64) []byte { return r.data[at-r.first*chunkSize:] }

// load fetches and opens count segments.
func (r *run) load(o *opener, src io.ReaderAt, first, count uint64) error {
	from, _ := stampAt(first)
	to := o.end.sealedSize()
	if first+count < o.end.segments {
		to, _ = stampAt(first + count)
	}
	*r = run{o, first, count, sized(r.sealed, to-from), r.data[:0]}
	if err := readAt(src, r.sealed, from); err != nil {
		return err
	}
	data := sized(r.data, min(o.end.size-first*chunkSize, count*chunkSize))
	r.data = data
	if err := each(count, new(lane), r); err != nil {
		clear(data)
		r.data = data[:0]
		return err
	}
	r.data = data[:min(uint64(len(data)), o.end.length-min(first*chunkSize, o.end.length))]
	return nil
}

// sized returns n bytes, those of b if it has them.
func sized(b []byte, n uint64) []byte {
	if n <= uint64(cap(b)) {
		return b[:n]
	}
	return make([]byte, n)
}

// segment implements job, for load.
func (r *run) segment(l *lane, i uint64) error {
	begin, _ := stampAt(r.first)
	at, _ := stampAt(r.first + i)
	from := i * chunkSize
	to := from + uint64(r.end.chunk(r.first+i))
	_, err := r.appendSegment(r.data[from:from:to], l, r.first+i, r.sealed[at-begin:])
	return err
}

func (r *readingAt) size() int64 { return int64(r.end.length) }

func (r *readingAt) readAt(p []byte, off uint64) (n int, err error) {
	for n < len(p) {
		at := off + uint64(n)
		if at >= r.end.length {
			return n, io.EOF
		}
		data, err := r.dataAt(at, uint64(len(p)-n))
		if err != nil {
			return n, err
		}
		n += copy(p[n:], data)
	}
	return n, nil
}

// dataAt returns data from a place on, of which n bytes are wanted.
func (r *readingAt) dataAt(at, n uint64) ([]byte, error) {
	r.mu.Lock()
	kept := r.kept
	r.mu.Unlock()
	if kept != nil && kept.has(at) {
		return kept.from(at), nil
	}
	first := at / chunkSize
	last := (min(at+n, r.end.length) - 1) / chunkSize
	fetched := new(run)
	if err := fetched.load(r.opener, r.src, first, min(last-first+1, longestRun)); err != nil {
		return nil, err
	}
	r.keep(fetched.last())
	return fetched.from(at), nil
}

// last returns the last segment of a run, alone.
func (r *run) last() *run {
	skip := (r.count - 1) * chunkSize
	if skip == 0 {
		return &run{first: r.first, count: 1, data: r.data}
	}
	return &run{first: r.first + r.count - 1, count: 1, data: append([]byte(nil), r.data[skip:]...)}
}

func (r *readingAt) keep(one *run) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = one
}

func (r *readingAt) read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	r.place.Lock()
	defer r.place.Unlock()
	if err := r.advance(); err != nil {
		return 0, err
	}
	n := copy(p, r.ahead.from(r.at))
	r.at += uint64(n)
	return n, nil
}

// advance makes sure that what is at the place is in r.ahead.
func (r *readingAt) advance() error {
	if r.at >= r.end.length {
		return io.EOF
	}
	if r.ahead.has(r.at) {
		return nil
	}
	first := r.at / chunkSize
	if r.ahead.count > 0 && first == r.ahead.first+r.ahead.count {
		r.count = min(2*r.count, longestRun)
	} else {
		r.count = 1
	}
	last := (r.end.length - 1) / chunkSize
	return r.ahead.load(r.opener, r.src, first, min(r.count, last-first+1))
}

func (r *readingAt) seek(offset int64, whence int) (int64, error) {
	r.place.Lock()
	defer r.place.Unlock()
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += int64(r.at)
	case io.SeekEnd:
		offset += r.size()
	default:
		return 0, errPlace
	}
	if offset < 0 {
		return 0, errPlace
	}
	r.at = uint64(offset)
	return offset, nil
}

func (r *readingAt) writeTo(dst io.Writer) (total int64, err error) {
	r.place.Lock()
	defer r.place.Unlock()
	for {
		if err := r.advance(); err == io.EOF {
			return total, nil
		} else if err != nil {
			return total, err
		}
		data := r.ahead.from(r.at)
		n, err := dst.Write(data)
		r.at, total = r.at+uint64(n), total+int64(n)
		if err == nil && n < len(data) {
			err = io.ErrShortWrite
		}
		if err != nil {
			return total, err
		}
	}
}
