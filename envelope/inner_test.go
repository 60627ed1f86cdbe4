package envelope

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/keys"
)

var myNote = Ref{Type: "note", ID: "42"}

func me() *keys.Account {
	var device [32]byte
	rand.Read(device[:])
	return keys.NewAccount(keys.Device(device))
}

// TestLargest is the largest document there may be, which nobody can make in a
// test: 2³¹ segments, 2⁴⁹ bytes of data.
func TestLargest(t *testing.T) {
	s := shapeOf(sizeLimit)
	require.Equal(t, uint64(segmentLimit), s.segments)
	got, ragged, err := measure(s.sealedSize())
	require.NoError(t, err)
	require.False(t, ragged)
	require.Equal(t, s, got)
	for _, more := range []uint64{segmentOverhead + 1, segmentSize, 1 << 62} {
		_, _, err = measure(s.sealedSize() + more)
		require.ErrorIs(t, err, keys.ErrMalformed, more)
	}

	last := stamp{last: true, length: sizeLimit}
	n, err := last.chunk(segmentLimit - 1)
	require.NoError(t, err)
	require.Equal(t, chunkSize, n)
	last.length++
	_, err = last.chunk(segmentLimit)
	require.ErrorIs(t, err, keys.ErrMalformed)

	o := &opener{}
	o.facts.size = sizeLimit
	require.NoError(t, o.checkEnd(s, sizeLimit, false))
	o.facts.size = unknownSize
	require.ErrorIs(t, o.checkEnd(s, sizeLimit+1, false), keys.ErrMalformed)
}

// TestLastSegment ends streams at the limit of segments, where they begin one
// before.
func TestLastSegment(t *testing.T) {
	var dst bytes.Buffer
	stream, _, err := NewWriter(me(), myNote, &dst)
	require.NoError(t, err)
	w := secret.Open(stream.(*writer).w)
	w.index = segmentLimit - 2
	_, err = stream.Write(make([]byte, chunkSize+1))
	require.NoError(t, err)
	require.Equal(t, uint64(segmentLimit-1), w.index)
	_, err = stream.Write(make([]byte, chunkSize))
	require.ErrorIs(t, err, keys.ErrMalformed)
	require.ErrorIs(t, stream.Close(), keys.ErrMalformed)

	sealed, _, err := Seal(me(), myNote, make([]byte, 3*chunkSize))
	require.NoError(t, err)
	r := &reading{opener: new(opener), src: bytes.NewReader(sealed), ahead: 1, index: segmentLimit}
	r.queue = newQueue(r.openSlot)
	require.ErrorIs(t, r.more(), keys.ErrMalformed)
	r = &reading{opener: new(opener), src: bytes.NewReader(nil), ahead: 1, index: segmentLimit}
	r.queue = newQueue(r.openSlot)
	require.ErrorIs(t, r.more(), ErrTruncated, "the source ends at the limit")
}

// TestReadAhead has one segment more on its way than there are cores, and
// reaches that by doubling.
func TestReadAhead(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	jane := me()
	sealed, _, err := Seal(jane, myNote, make([]byte, 10*chunkSize))
	require.NoError(t, err)
	stream, _, err := NewReader(jane, myNote, bytes.NewReader(sealed))
	require.NoError(t, err)
	r := secret.Open(stream.(*reader).r)
	for _, want := range []int{2, 4, 5, 5, 5} {
		_, err = io.ReadFull(stream, make([]byte, chunkSize))
		require.NoError(t, err)
		require.Equal(t, want, r.ahead)
	}
}

// TestBuffersGrow holds what short streams need, and whole segments for long
// ones.
func TestBuffersGrow(t *testing.T) {
	for _, cores := range []int{1, 4} {
		func() {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
			jane := me()
			sealed, _, err := Seal(jane, myNote, make([]byte, 1000))
			require.NoError(t, err)
			stream, _, err := NewReader(jane, myNote, bytes.NewReader(sealed))
			require.NoError(t, err)
			_, err = io.Copy(io.Discard, stream)
			require.NoError(t, err)
			require.LessOrEqual(t, buffers(&secret.Open(stream.(*reader).r).queue), 2*firstBuffer)

			write, _, err := NewWriter(jane, myNote, io.Discard)
			require.NoError(t, err)
			_, err = write.Write(make([]byte, 1000))
			require.NoError(t, err)
			require.NoError(t, write.Close())
			w := secret.Open(write.(*writer).w)
			require.LessOrEqual(t, buffers(&w.queue)+len(w.apart), 2*firstBuffer)

			long := &calls{left: 8*chunkSize + 5}
			write, _, err = NewWriter(jane, myNote, io.Discard)
			require.NoError(t, err)
			_, err = write.(io.ReaderFrom).ReadFrom(long)
			require.NoError(t, err)
			require.LessOrEqual(t, long.n, 4+9*2, "after the first, a segment in one call")
			require.NoError(t, write.Close())
		}()
	}
}

func buffers(q *queue) (n int) {
	for _, s := range append(q.free, q.busy...) {
		n += len(s.buf)
	}
	return n
}

// calls is a source of zeros that counts how often it was asked.
type calls struct{ left, n int }

func (c *calls) Read(p []byte) (int, error) {
	c.n++
	n := min(len(p), c.left)
	c.left -= n
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// TestKeepsLast keeps the last segment that was fetched, and nothing else.
func TestKeepsLast(t *testing.T) {
	jane := me()
	sealed, _, err := Seal(jane, myNote, make([]byte, 3*chunkSize+1000))
	require.NoError(t, err)
	at, _, err := NewReaderAt(jane, myNote, bytes.NewReader(sealed), int64(len(sealed)))
	require.NoError(t, err)
	for _, c := range []struct{ n, off, keeps int }{{3 * chunkSize, 0, chunkSize}, {1, 3 * chunkSize, 1000}, {10, 3*chunkSize - 5, 1000}} {
		_, err = at.ReadAt(make([]byte, c.n), int64(c.off))
		require.NoError(t, err)
		kept := secret.Open(at.r).kept
		require.Len(t, kept.data, c.keeps)
		require.LessOrEqual(t, cap(kept.data), max(chunkSize, 2*c.keeps))
		require.Nil(t, kept.sealed)
	}
	b := make([]byte, 2, 10)
	require.Same(t, &b[0], &sized(b, 10)[0], "used again")
	require.Len(t, sized(b, 11), 11)
}

func TestFirstError(t *testing.T) {
	var f firstError
	errs := []error{0: errors.New("0"), 1: errors.New("1"), 5: errors.New("5")}
	f.set(4, nil)
	require.False(t, f.before(9))
	f.set(5, errs[5])
	require.True(t, f.before(6))
	require.False(t, f.before(5))
	require.False(t, f.before(4))
	f.set(1, errs[1])
	f.set(5, errs[5])
	require.Equal(t, errs[1], f.err)
	require.True(t, f.before(2))
	f.set(0, errs[0])
	require.Equal(t, errs[0], f.err)
}

// pair is a job whose segments wait for each other.
type pair struct {
	together sync.WaitGroup
	alone    atomic.Bool
	order    []uint64
	fail     uint64
}

func (p *pair) newLane() *lane { return new(lane) }

func (p *pair) segment(_ *lane, index uint64) error {
	if p.fail > 0 {
		p.order = append(p.order, index)
		if index == p.fail {
			return io.ErrUnexpectedEOF
		}
		return nil
	}
	p.together.Done()
	met := make(chan struct{})
	go func() { p.together.Wait(); close(met) }()
	select {
	case <-met:
	case <-time.After(10 * time.Second):
		p.alone.Store(true)
	}
	return nil
}

// TestEach does segments together with more cores than one, and in order up to
// the first error with one.
func TestEach(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	var p pair
	p.together.Add(2)
	require.NoError(t, each(2, new(lane), &p))
	require.False(t, p.alone.Load())

	runtime.GOMAXPROCS(1)
	ordered := pair{fail: 2}
	require.ErrorIs(t, each(5, new(lane), &ordered), io.ErrUnexpectedEOF)
	require.Equal(t, []uint64{0, 1, 2}, ordered.order)
}
