package envelope

import (
	"bytes"
	"errors"
	"testing"
	"testing/quick"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/wire"
	"github.com/sealkin/sealkin/keys"
)

// FuzzInspect shows that a head which is read is written the same, and that
// what is refused gives nothing.
func FuzzInspect(f *testing.F) {
	head := append(header{[25]byte{1}, 2, 3}.append(nil), bytes.Repeat([]byte{4}, box.PrefixSize)...)
	_, err := Inspect(head)
	require.NoError(f, err)
	f.Add(head)
	f.Add(head[:headSize-1])
	f.Add(append([]byte("skD\x02"), head[4:]...))
	f.Add([]byte("sk"))
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, in []byte) {
		u, err := Inspect(in)
		if err != nil {
			require.True(t, errorsAny(err, keys.ErrMalformed, keys.ErrNewer, ErrTruncated), err)
			require.Zero(t, u)
			return
		}
		out := header{u.Group, u.Generation, u.Mark.Revision}.append(nil)
		require.Equal(t, in[:headerSize], out)
		require.Equal(t, in[headerSize+box.SaltSize:headSize], u.Mark.Commitment[:])
	})
}

// FuzzMark shows the same of the text of marks.
func FuzzMark(f *testing.F) {
	for mark, size := range map[Mark]int{
		{Revision: 1, Commitment: [32]byte{2}}:                       54,
		{Revision: 1, Commitment: [32]byte{2}, Content: [32]byte{3}}: 96,
	} {
		text, err := mark.MarshalText()
		require.NoError(f, err)
		require.Len(f, text, size)
		f.Add(text)
		var again Mark
		require.NoError(f, again.UnmarshalText(text))
		require.Equal(f, mark, again)
	}
	text, _ := Mark{Revision: 1, Commitment: [32]byte{2}}.MarshalText()
	f.Add(text[:53])
	f.Add(append(bytes.Clone(text), '\n'))
	f.Add(append(bytes.Clone(text), '='))
	zero, _ := Mark{}.MarshalText()
	f.Add(zero)
	for _, b := range [][]byte{
		append(wire.AppendUint64(nil, 0), bytes.Repeat([]byte{1}, 32)...),
		append(wire.AppendUint64(nil, 0), bytes.Repeat([]byte{1}, 64)...),
		append(make([]byte, 40), bytes.Repeat([]byte{1}, 32)...),
		append(append(wire.AppendUint64(nil, 1), bytes.Repeat([]byte{1}, 32)...), make([]byte, 32)...),
	} {
		wrong := wire.AppendText(nil, b)
		require.ErrorIs(f, new(Mark).UnmarshalText(wrong), keys.ErrMalformed)
		f.Add(wrong)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		before := Mark{Revision: 9, Commitment: [32]byte{9}}
		m := before
		if err := m.UnmarshalText(in); err != nil {
			require.ErrorIs(t, err, keys.ErrMalformed)
			require.Equal(t, before, m)
			return
		}
		out, err := m.MarshalText()
		require.NoError(t, err)
		require.Equal(t, in, out)
	})
}

// FuzzStamp shows the same of what is inside of a stamp.
func FuzzStamp(f *testing.F) {
	f.Add(make([]byte, factsSize+bodySize))
	f.Add(bytes.Repeat([]byte{0xff}, factsSize+bodySize))
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) != factsSize+bodySize {
			return
		}
		facts := parseFacts(in)
		require.Equal(t, in[:factsSize], facts.append(nil))
		st, ok := parseStamp(in[factsSize:])
		require.Equal(t, in[factsSize] <= 1, ok)
		if ok {
			require.Equal(t, in[factsSize:], st.append(nil))
		}
	})
}

func errorsAny(err error, targets ...error) bool {
	for _, target := range targets {
		if isError(err, target) {
			return true
		}
	}
	return false
}

// TestMeasure compares the shape that is found from a length with the one that
// had it, and shows that no other length has it.
func TestMeasure(t *testing.T) {
	for _, size := range []uint64{1, 64, chunkSize - 1, chunkSize, chunkSize + 1, 5 * chunkSize, 5*chunkSize + 1, sizeLimit} {
		want := shapeOf(size)
		got, ragged, err := measure(want.sealedSize())
		require.NoError(t, err)
		require.False(t, ragged)
		require.Equal(t, want, got)
		at, n := stampAt(want.segments - 1)
		require.Equal(t, want.sealedSize(), at+uint64(n)+chunkOverhead+uint64(want.chunk(want.segments-1)))
	}
	for n := range uint64(segmentOverhead) {
		got, ragged, err := measure(shapeOf(2*chunkSize).sealedSize() + n + 1)
		require.NoError(t, err)
		require.True(t, ragged)
		require.Equal(t, shapeOf(2*chunkSize), got)
	}
	_, _, err := measure(shapeOf(sizeLimit).sealedSize() + segmentSize)
	require.ErrorIs(t, err, keys.ErrMalformed)
	_, _, err = measure(firstOverhead)
	require.ErrorIs(t, err, ErrTruncated)
}

// TestPadme checks the properties of padding: never shorter, less than 12 %
// more above the least size, monotone, and padded again the same.
func TestPadme(t *testing.T) {
	check := func(n uint64) bool {
		n %= sizeLimit + 1
		p := padded(n)
		return p >= n && p >= leastSize && (n <= leastSize || float64(p-n) < 0.12*float64(n)) &&
			padded(p) == p && padded(n+1) >= p && p <= sizeLimit
	}
	require.NoError(t, quick.Check(func(n uint64, shift uint8) bool { return check(n >> (shift % 64)) }, &quick.Config{MaxCount: 20000}))
	for _, n := range []uint64{0, 1, 63, 64, 65, chunkSize, sizeLimit} {
		require.True(t, check(n), n)
	}
}

func isError(err, target error) bool { return errors.Is(err, target) }
