package envelope_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/keys"
)

var errDisk = errors.New("disk on fire")

// A failing writer takes n bytes, then fails, or is short without saying so.
type failing struct {
	n     int
	short bool
}

func (f *failing) Write(p []byte) (int, error) {
	if len(p) <= f.n {
		f.n -= len(p)
		return len(p), nil
	}
	if f.short {
		return f.n, nil
	}
	return f.n, errDisk
}

// TestFailingWriter makes the destination fail at each place where a part ends.
func TestFailingWriter(t *testing.T) {
	me := newAccount(t)
	plaintext := randomBytes(8*segment + 1)
	for _, n := range []int{0, 1, headSize, firstChunk, second, third - 1, 8 * segment} {
		for _, short := range []bool{false, true} {
			want := errDisk
			if short {
				want = io.ErrShortWrite
			}
			for _, write := range []func(w io.Writer) error{
				func(w io.Writer) error { _, err := w.Write(plaintext); return err },
				func(w io.Writer) error { _, err := io.Copy(w, bytes.NewReader(plaintext)); return err },
				func(w io.Writer) error { _, err := io.Copy(w, onlyReader{bytes.NewReader(plaintext)}); return err },
			} {
				w, _, err := envelope.NewWriter(me, note, &failing{n, short})
				require.NoError(t, err)
				if err := write(w); err != nil {
					require.ErrorIs(t, err, want)
					_, err = w.Write([]byte{1})
					require.ErrorIs(t, err, want)
				}
				require.ErrorIs(t, w.Close(), want, n)
				require.ErrorIs(t, w.Close(), want)
				_, err = w.Write(nil)
				require.ErrorIs(t, err, want)
			}
		}
	}
}

// TestUnclosed leaves documents that say ErrTruncated.
func TestUnclosed(t *testing.T) {
	me := newAccount(t)
	for _, n := range sizes {
		plaintext := randomBytes(n)
		var dst bytes.Buffer
		w, ref, err := envelope.NewWriter(me, note, &dst)
		require.NoError(t, err)
		_, err = w.Write(plaintext)
		require.NoError(t, err)
		ref.Seen = envelope.Mark{}
		refused(t, envelope.ErrTruncated, me, ref, bytes.Clone(dst.Bytes()), plaintext, n)
	}
}

func TestClosed(t *testing.T) {
	w, _, err := envelope.NewWriter(newAccount(t), note, io.Discard)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	_, err = w.Write([]byte{1})
	require.ErrorIs(t, err, fs.ErrClosed)
	_, err = w.(io.ReaderFrom).ReadFrom(bytes.NewReader(nil))
	require.ErrorIs(t, err, fs.ErrClosed)
	require.NoError(t, w.Close())
}

// TestFailingSource passes errors of the source through, at each place.
func TestFailingSource(t *testing.T) {
	me := newAccount(t)
	plaintext, sealed := large(t, me, note)
	for _, n := range []int{0, 40, headSize, firstChunk - 1, firstChunk, second, second + 1, third, len(sealed) - 1, len(sealed)} {
		src := io.MultiReader(bytes.NewReader(sealed[:n]), iotest.ErrReader(errDisk))
		r, opened, err := envelope.NewReader(me, note, src)
		if err != nil {
			require.ErrorIs(t, err, errDisk)
			require.Nil(t, opened)
			require.Less(t, n, firstChunk)
			continue
		}
		released, err := io.ReadAll(onlyReader{r})
		require.ErrorIs(t, err, errDisk, n)
		require.True(t, bytes.HasPrefix(plaintext, released))
		_, err = r.Read(make([]byte, 1))
		require.ErrorIs(t, err, errDisk, "again")
	}
	w, _, err := envelope.NewWriter(me, note, io.Discard)
	require.NoError(t, err)
	n, err := io.Copy(w, io.MultiReader(bytes.NewReader(plaintext), iotest.ErrReader(errDisk)))
	require.ErrorIs(t, err, errDisk)
	require.EqualValues(t, len(plaintext), n)

	_, _, err = envelope.NewReaderAt(me, note, failingAt{}, int64(len(sealed)))
	require.ErrorIs(t, err, errDisk)
	_, _, err = envelope.NewReaderAt(me, note, bytes.NewReader(sealed[:second]), int64(len(sealed)))
	require.ErrorIs(t, err, envelope.ErrTruncated, "a source shorter than it was said to be")
	_, _, err = envelope.NewReaderAt(me, note, bytes.NewReader(sealed), -1)
	require.ErrorIs(t, err, envelope.ErrTruncated)
}

type failingAt struct{}

func (failingAt) ReadAt([]byte, int64) (int, error) { return 0, errDisk }

// TestOddReaders opens from readers that give little, late, or data and EOF at
// once.
func TestOddReaders(t *testing.T) {
	me := newAccount(t)
	plaintext := randomBytes(segment + 100)
	sealed := must(envelope.Seal(me, note, plaintext))
	for name, odd := range map[string]func(io.Reader) io.Reader{
		"one byte": iotest.OneByteReader, "half": iotest.HalfReader, "data and error": iotest.DataErrReader,
	} {
		r, _, err := envelope.NewReader(me, note, odd(bytes.NewReader(sealed)))
		require.NoError(t, err, name)
		got, err := io.ReadAll(r)
		require.NoError(t, err, name)
		require.True(t, bytes.Equal(plaintext, got), name)
	}
	r, _, err := envelope.NewReader(me, note, iotest.TimeoutReader(bytes.NewReader(sealed)))
	require.NoError(t, err)
	_, err = io.ReadAll(r)
	require.ErrorIs(t, err, iotest.ErrTimeout)
	w, _, err := envelope.NewWriter(me, note, io.Discard)
	require.NoError(t, err)
	var calls stuck
	_, err = w.(io.ReaderFrom).ReadFrom(&calls)
	require.ErrorIs(t, err, io.ErrNoProgress)
	require.EqualValues(t, 100, calls)
}

// stuck counts the calls that gave nothing.
type stuck int

func (s *stuck) Read([]byte) (int, error) { *s++; return 0, nil }

// TestFailingDestination of WriteTo, after which reading goes on where it was.
func TestFailingDestination(t *testing.T) {
	me := newAccount(t)
	plaintext, sealed := large(t, me, note)
	r, _, err := envelope.NewReader(me, note, bytes.NewReader(sealed))
	require.NoError(t, err)
	at, _, err := envelope.NewReaderAt(me, note, bytes.NewReader(sealed), int64(len(sealed)))
	require.NoError(t, err)
	for _, r := range []io.Reader{r, at} {
		n, err := r.(io.WriterTo).WriteTo(&failing{n: segment + 10})
		require.ErrorIs(t, err, errDisk)
		m, err := r.(io.WriterTo).WriteTo(&failing{n: 10, short: true})
		require.ErrorIs(t, err, io.ErrShortWrite)
		rest, err := io.ReadAll(r)
		require.NoError(t, err)
		require.True(t, bytes.Equal(plaintext[n+m:], rest))
	}
}

// TestDropped leaves streams where they are: no goroutine stays.
func TestDropped(t *testing.T) {
	me := newAccount(t)
	plaintext := randomBytes(10 * segment)
	sealed := must(envelope.Seal(me, note, plaintext))
	before := runtime.NumGoroutine()
	for range 20 {
		r, _, err := envelope.NewReader(me, note, bytes.NewReader(sealed))
		require.NoError(t, err)
		_, err = io.CopyN(io.Discard, onlyReader{r}, 2*segment)
		require.NoError(t, err)
		w, _, err := envelope.NewWriter(me, note, io.Discard)
		require.NoError(t, err)
		_, err = io.CopyN(w, bytes.NewReader(plaintext), 5*segment+1)
		require.NoError(t, err)
	}
	for range 500 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// TestConcurrentReadAt reads from many goroutines, in any order.
func TestConcurrentReadAt(t *testing.T) {
	me := newAccount(t)
	plaintext, sealed := large(t, me, note)
	at, _, err := envelope.NewReaderAt(me, note, bytes.NewReader(sealed), int64(len(sealed)))
	require.NoError(t, err)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 20 {
				off, n := (i*7919+j*65537)%len(plaintext), 1+(i*j*4093)%(segment+segment/2)
				buf := make([]byte, n)
				got, err := at.ReadAt(buf, int64(off))
				want := plaintext[off:min(len(plaintext), off+n)]
				if len(want) < n {
					assert.ErrorIs(t, err, io.EOF)
				} else {
					assert.NoError(t, err)
				}
				assert.True(t, bytes.Equal(want, buf[:got]))
			}
		})
	}
	group.Wait()
}

func TestSeek(t *testing.T) {
	me := newAccount(t)
	plaintext, sealed := large(t, me, note)
	at, _, err := envelope.NewReaderAt(me, note, bytes.NewReader(sealed), int64(len(sealed)))
	require.NoError(t, err)
	for _, c := range []struct {
		offset int64
		whence int
		want   int
	}{{10, io.SeekStart, 10}, {segment, io.SeekCurrent, segment + 10}, {-5, io.SeekEnd, len(plaintext) - 5}, {5, io.SeekEnd, len(plaintext) + 5}} {
		got, err := at.Seek(c.offset, c.whence)
		require.NoError(t, err)
		require.EqualValues(t, c.want, got)
		rest, err := io.ReadAll(io.LimitReader(at, 3))
		require.NoError(t, err)
		require.True(t, bytes.HasPrefix(plaintext[min(c.want, len(plaintext)):], rest))
		_, err = at.Seek(int64(c.want), io.SeekStart)
		require.NoError(t, err)
	}
	_, err = at.Seek(-1, io.SeekStart)
	require.Error(t, err)
	_, err = at.Seek(0, 9)
	require.Error(t, err)
	_, err = at.ReadAt(make([]byte, 1), -1)
	require.Error(t, err)
	_, err = at.ReadAt(make([]byte, 1), at.Size())
	require.ErrorIs(t, err, io.EOF)
	n, err := at.ReadAt(nil, 0)
	require.NoError(t, err)
	require.Zero(t, n)
}

// TestSilent prints streams: no key shows, nor data.
func TestSilent(t *testing.T) {
	me := newAccount(t)
	canary := bytes.Repeat([]byte("canary"), 20)
	sealed := must(envelope.Seal(me, note, canary))
	r, _, err := envelope.NewReader(me, note, bytes.NewReader(sealed))
	require.NoError(t, err)
	_, err = r.Read(make([]byte, 1))
	require.NoError(t, err)
	at, _, err := envelope.NewReaderAt(me, note, bytes.NewReader(sealed), int64(len(sealed)))
	require.NoError(t, err)
	_, err = at.Read(make([]byte, 1))
	require.NoError(t, err)
	w, _, err := envelope.NewWriter(me, note, io.Discard)
	require.NoError(t, err)
	_, err = w.Write(canary)
	require.NoError(t, err)
	for _, v := range []any{r, at, *at, w, struct{ v any }{r}, struct{ v any }{w}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
			shown := fmt.Sprintf(verb, v)
			require.Less(t, len(shown), 200, shown)
			require.NotContains(t, shown, "canary")
		}
	}
}

// TestRefLimits are those of names and marks.
func TestRefLimits(t *testing.T) {
	me := newAccount(t)
	long := func(n int) string { return string(bytes.Repeat([]byte{'x'}, n)) }
	for _, ref := range []envelope.Ref{
		{}, {Type: "note"}, {ID: "42"}, {Type: long(256), ID: "42"}, {Type: "note", ID: long(1025)},
		{Type: "\xff", ID: "42"}, {Type: "note", ID: "\xc0\x80"},
		{Type: "note", ID: "42", Seen: envelope.Mark{Revision: 1}}, {Type: "note", ID: "42", Seen: envelope.Mark{Commitment: [32]byte{1}}},
	} {
		_, next, err := envelope.Seal(me, ref, nil)
		require.ErrorIs(t, err, keys.ErrMalformed)
		require.Zero(t, next)
		_, _, err = envelope.NewWriter(me, ref, nil)
		require.ErrorIs(t, err, keys.ErrMalformed)
		refused(t, keys.ErrMalformed, me, ref, make([]byte, 500), nil)
	}
	ref := envelope.Ref{Type: long(255), ID: long(1024)}
	accepted(t, me, ref, must(envelope.Seal(me, ref, []byte("x"))), []byte("x"))
}
