package envelope_test

import (
	"bytes"
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/keys"
)

// A counted source remembers which ranges were read.
type counted struct {
	sealed []byte
	reads  [][2]int // from, length
}

func (c *counted) ReadAt(p []byte, at int64) (int, error) {
	c.reads = append(c.reads, [2]int{int(at), len(p)})
	return bytes.NewReader(c.sealed).ReadAt(p, at)
}

// taken returns what was read since the last call.
func (c *counted) taken() [][2]int {
	reads := c.reads
	c.reads = nil
	return reads
}

// partOf returns the range of count segments of a document.
func partOf(sealed []byte, first, count int) [2]int {
	at := func(i int) int { return firstChunk + 28 + segment + (i-1)*(segment+161) }
	from, to := headSize, min(len(sealed), at(first+count))
	if first > 0 {
		from = at(first)
	}
	return [2]int{from, to - from}
}

// TestFetches looks at which ranges a ReaderAt fetches: each byte once in order,
// and no more than is asked for out of order.
func TestFetches(t *testing.T) {
	me := newAccount(t)
	const segments = 21
	plaintext := randomBytes(20*segment + 1)
	sealed := must(envelope.Seal(me, note, plaintext))
	part := func(first, count int) [2]int { return partOf(sealed, first, count) }
	src := &counted{sealed: sealed}
	at, _, err := envelope.NewReaderAt(me, note, src, int64(len(sealed)))
	require.NoError(t, err)
	stamp := part(segments-1, 1)[0]
	require.Equal(t, [][2]int{{0, firstChunk}, {stamp, 133}}, src.taken())

	inOrder := [][2]int{part(0, 1), part(1, 2), part(3, 4), part(7, 8), part(15, 6)}
	got, err := io.ReadAll(onlyReader{at})
	require.NoError(t, err)
	require.True(t, bytes.Equal(plaintext, got))
	require.Equal(t, inOrder, src.taken())

	_, err = at.Seek(0, io.SeekStart)
	require.NoError(t, err)
	n, err := at.WriteTo(io.Discard)
	require.NoError(t, err)
	require.EqualValues(t, len(plaintext), n)
	require.Equal(t, inOrder, src.taken())

	_, err = at.Seek(10*segment, io.SeekStart)
	require.NoError(t, err)
	_, err = at.Read(make([]byte, 1))
	require.NoError(t, err)
	require.Equal(t, [][2]int{part(10, 1)}, src.taken(), "out of order it begins with one")

	readAt := func(off, n int, want ...[2]int) {
		t.Helper()
		p := make([]byte, n)
		got, err := at.ReadAt(p, int64(off))
		require.NoError(t, err)
		require.Equal(t, n, got)
		require.True(t, bytes.Equal(plaintext[off:off+n], p))
		require.Equal(t, want, src.taken())
	}
	none := [][2]int(nil)
	readAt(segment-1, 2*segment+1, part(0, 3))
	readAt(2*segment, segment, none...)
	readAt(3*segment-1, 1, none...)
	readAt(3*segment-1, 2, part(3, 1))
	readAt(3*segment, 1, none...)
	readAt(2*segment, 1, part(2, 1))
	readAt(0, 20*segment, part(0, 8), part(8, 8), part(16, 4))
	readAt(19*segment, segment+1, part(20, 1))
	readAt(20*segment, 1, none...)
	readAt(19*segment+segment-1, 1, part(19, 1))
}

// TestFetchesOfSmall is the same for a document of one segment.
func TestFetchesOfSmall(t *testing.T) {
	me := newAccount(t)
	sealed := must(envelope.Seal(me, note, []byte("small")))
	src := &counted{sealed: sealed}
	at, _, err := envelope.NewReaderAt(me, note, src, int64(len(sealed)))
	require.NoError(t, err)
	require.Equal(t, [][2]int{{0, firstChunk}}, src.taken())
	got, err := io.ReadAll(at)
	require.NoError(t, err)
	require.Equal(t, "small", string(got))
	require.Equal(t, [][2]int{partOf(sealed, 0, 1)}, src.taken())
}

// TestFetchesFullSegments reads documents that end where a segment does.
func TestFetchesFullSegments(t *testing.T) {
	me := newAccount(t)
	for segments := 1; segments < 5; segments++ {
		plaintext := randomBytes(segments * segment)
		sealed := must(envelope.Seal(me, note, plaintext))
		at, _, err := envelope.NewReaderAt(me, note, bytes.NewReader(sealed), int64(len(sealed)))
		require.NoError(t, err)
		got, err := io.ReadAll(onlyReader{at})
		require.NoError(t, err)
		require.True(t, bytes.Equal(plaintext, got))
	}
}

// TestFirstSegmentFirst gives out the first segment before more of the source
// is read: a slow one delays nothing.
func TestFirstSegmentFirst(t *testing.T) {
	me := newAccount(t)
	_, sealed := large(t, me, note)
	for _, cores := range []int{1, 4} {
		func() {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
			src := bytes.NewReader(sealed)
			r, _, err := envelope.NewReader(me, note, src)
			require.NoError(t, err)
			_, err = io.ReadFull(onlyReader{r}, make([]byte, segment))
			require.NoError(t, err)
			require.Equal(t, second, len(sealed)-src.Len())
		}()
	}
}

// TestBehindFullSegment puts bytes behind a document whose last segment is full,
// which reading segment by segment does not see.
func TestBehindFullSegment(t *testing.T) {
	me := newAccount(t)
	for _, segments := range []int{1, 2, 4} {
		plaintext := randomBytes(segments * segment)
		sealed := must(envelope.Seal(me, note, plaintext))
		accepted(t, me, note, sealed, plaintext)
		for _, n := range []int{1, 160, 161, 162, 1000} {
			refused(t, keys.ErrOpen, me, note, append(bytes.Clone(sealed), make([]byte, n)...), plaintext, n)
		}
	}
}

// TestNewerHeading is a heading of a later version, and nothing else.
func TestNewerHeading(t *testing.T) {
	_, err := envelope.Inspect([]byte("skD\x02"))
	require.ErrorIs(t, err, keys.ErrNewer)
	_, err = envelope.Inspect([]byte("skD\x01"))
	require.ErrorIs(t, err, envelope.ErrTruncated)
}
