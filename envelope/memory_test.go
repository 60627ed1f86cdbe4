package envelope_test

import (
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
)

// generated is a stream that is made while it is read.
type generated struct{ left int64 }

func (g *generated) Read(p []byte) (int, error) {
	if g.left == 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), g.left))
	g.left -= int64(n)
	for i := range p[:n] {
		p[i] = byte(i)
	}
	return n, nil
}

// A heap tells how many bytes live and dead objects take, and takes none.
type heap []metrics.Sample

func (h heap) inUse() uint64 {
	metrics.Read(h)
	return h[0].Value.Uint64()
}

// TestConstantMemory seals and opens a stream that is never stored, 96 MiB of
// it or as many MiB as SEALKIN_STREAM_MIB says (10240 for 10 GiB), and looks at
// the heap all along.
func TestConstantMemory(t *testing.T) {
	mib := int64(96)
	if s := os.Getenv("SEALKIN_STREAM_MIB"); s != "" {
		var err error
		mib, err = strconv.ParseInt(s, 10, 64)
		require.NoError(t, err)
	}
	for _, cores := range []int{1, 2, 4} {
		if mib > 1<<10 && cores != 2 {
			continue
		}
		t.Run(strconv.Itoa(cores), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
			limit := uint64(cores+2) * (segment + 64<<10)
			sealing, opening := flow(t, mib<<20+12345)
			t.Logf("%d MiB, %d cores: sealing %d KiB, opening %d KiB above the baseline, at most %d KiB", mib, cores, sealing>>10, opening>>10, limit>>10)
			require.LessOrEqual(t, sealing, limit)
			require.LessOrEqual(t, opening, limit)
		})
	}
}

// flow seals n bytes, then seals and opens them through a pipe, and returns the
// highest use of the heap above the baseline of sealing alone, and of opening
// besides sealing.
func flow(t *testing.T, n int64) (sealing, opening uint64) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // so that nothing is forgiven: dead objects count
	me := newAccount(t)
	_, _, err := envelope.Seal(me, note, []byte("warm"))
	require.NoError(t, err)

	seal := func(dst io.Writer) {
		w, _, err := envelope.NewWriter(me, note, dst)
		require.NoError(t, err)
		got, err := io.Copy(w, &generated{n})
		require.NoError(t, err)
		require.Equal(t, n, got)
		require.NoError(t, w.Close())
	}
	sealing = above(func(look func()) { seal(&looking{look: look}) })

	both := above(func(look func()) {
		from, to := io.Pipe()
		go func() {
			seal(to)
			to.Close()
		}()
		r, _, err := envelope.NewReader(me, note, from)
		require.NoError(t, err)
		dst := &looking{look: look}
		_, err = r.(io.WriterTo).WriteTo(dst)
		require.NoError(t, err)
		require.Equal(t, n, dst.n)
	})
	return sealing, both - min(both, sealing)
}

// above returns the highest use of the heap during do above that before it.
func above(do func(look func())) uint64 {
	h := heap{{Name: "/memory/classes/heap/objects:bytes"}}
	runtime.GC()
	baseline, highest := h.inUse(), uint64(0)
	do(func() { highest = max(highest, h.inUse()) })
	return highest - min(highest, baseline)
}

// looking is a destination that looks at the heap.
type looking struct {
	n    int64
	look func()
}

func (l *looking) Write(p []byte) (int, error) {
	if l.n += int64(len(p)); l.n>>20 != (l.n-int64(len(p)))>>20 {
		l.look()
	}
	return len(p), nil
}
