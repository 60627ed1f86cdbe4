package wire_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/wire"
)

// record writes one of everything.
func record() []byte {
	b := wire.AppendHeading(nil, wire.Params)
	b = append(b, 7)
	b = wire.AppendUint32(b, 1<<31)
	b = wire.AppendUint64(b, 1<<63)
	b = append(b, "abc"...)
	return wire.AppendPrefixed(b, "text")
}

func read(record []byte) (err error) {
	r, err := wire.Read(record, wire.Params, 100)
	if err != nil {
		return err
	}
	var abc [3]byte
	r.Require(r.Uint8() == 7 && r.Uint32() == 1<<31 && r.Uint64() == 1<<63)
	r.Fill(abc[:])
	r.Require(string(abc[:]) == "abc" && string(r.Prefixed(4, 4)) == "text" || !r.OK())
	return r.End()
}

func TestBytes(t *testing.T) {
	assert.Equal(t, []byte("skP\x01\x07\x80\x00\x00\x00\x80\x00\x00\x00\x00\x00\x00\x00abc\x00\x00\x00\x04text"), record())
	assert.NoError(t, read(record()))
}

// TestExact cuts a record at each length and puts a byte behind it.
func TestExact(t *testing.T) {
	for n := range record() {
		assert.ErrorIs(t, read(record()[:n]), wire.ErrMalformed)
	}
	assert.ErrorIs(t, read(append(record(), 0)), wire.ErrMalformed)
}

func TestHeading(t *testing.T) {
	for _, c := range []struct {
		heading string
		want    error
	}{
		{"skP\x01", nil}, {"skP\x00", wire.ErrMalformed}, {"skP\x02", wire.ErrNewer}, {"skP\xff", wire.ErrNewer},
		{"skI\x01", wire.ErrMalformed}, {"skI\x02", wire.ErrMalformed}, {"SkP\x01", wire.ErrMalformed}, {"sKP\x01", wire.ErrMalformed},
		{"skP", wire.ErrMalformed}, {"", wire.ErrMalformed},
	} {
		r, err := wire.Read([]byte(c.heading), wire.Params, 4)
		if c.want == nil {
			require.NoError(t, err)
			require.NoError(t, r.End())
			continue
		}
		assert.ErrorIs(t, err, c.want, "%q", c.heading)
		assert.Nil(t, r)
	}
	_, err := wire.Read([]byte("skP\x01x"), wire.Params, 4)
	assert.ErrorIs(t, err, wire.ErrMalformed, "above the limit")
	_, err = wire.Read([]byte("skP\x02x"), wire.Params, 4)
	assert.ErrorIs(t, err, wire.ErrMalformed, "the limit comes first")
}

func TestPrefixedLimits(t *testing.T) {
	for _, c := range []struct {
		in           string
		least, limit int
		ok           bool
	}{
		{"\x00\x00\x00\x02ab", 2, 2, true}, {"\x00\x00\x00\x02ab", 0, 9, true}, {"\x00\x00\x00\x00", 0, 0, true},
		{"\x00\x00\x00\x02ab", 3, 9, false}, {"\x00\x00\x00\x02ab", 0, 1, false}, {"\x00\x00\x00\x03ab", 0, 9, false},
		{"\xff\xff\xff\xffab", 0, 9, false}, {"\xff\xff\xff\xffab", 0, 1<<31 - 1, false}, {"\x00\x00\x00", 0, 9, false},
		{"\x80\x00\x00\x00", 0, 1 << 30, false},
	} {
		r := wire.Bare([]byte(c.in))
		r.Prefixed(c.least, c.limit)
		assert.Equal(t, c.ok, r.End() == nil, "%q", c.in)
	}
}

// TestStopsAtFirst shows that nothing is read after something failed, so that a
// reader may check at the end only.
func TestStopsAtFirst(t *testing.T) {
	r := wire.Bare([]byte{1, 2, 3, 4, 5})
	r.Require(false)
	assert.Zero(t, r.Uint8())
	assert.Zero(t, r.Uint32())
	assert.Nil(t, r.Bytes(1))
	assert.Nil(t, r.Prefixed(0, 9))
	var b [1]byte
	r.Fill(b[:])
	assert.Zero(t, b)
	assert.False(t, r.OK())
	assert.Equal(t, 5, r.Len())
	assert.False(t, r.Empty())
	assert.ErrorIs(t, r.End(), wire.ErrMalformed)
	assert.Nil(t, wire.Bare([]byte{1}).Bytes(-1))
}

// TestJoin shows that no two lists are joined to the same bytes.
func TestJoin(t *testing.T) {
	seen := map[string]bool{}
	for _, xs := range [][]string{{}, {""}, {"", ""}, {"a"}, {"a", ""}, {"", "a"}, {"ab"}, {"a", "b"}, {"\x00\x00\x00\x01a"}} {
		var in [][]byte
		for _, x := range xs {
			in = append(in, []byte(x))
		}
		out := string(wire.Join(in...))
		assert.False(t, seen[out])
		seen[out] = true
	}
	assert.Equal(t, []byte("\x00\x00\x00\x01a\x00\x00\x00\x02bc"), wire.Join([]byte("a"), []byte("bc")))
}

func TestText(t *testing.T) {
	for n := range 20 {
		in := bytes.Repeat([]byte{0xfb}, n)
		text := wire.AppendText([]byte("x"), in)
		require.Equal(t, byte('x'), text[0])
		out, err := wire.ParseText(text[1:], n)
		require.NoError(t, err)
		require.Equal(t, string(in), string(out))
		if n > 0 {
			_, err = wire.ParseText(text[1:], n-1)
			require.ErrorIs(t, err, wire.ErrMalformed)
		}
	}
	for _, in := range []string{"A", "AB=", "AA==", "AB", "AA\n", "A\rA", " AA", "A+AA", "A/AA", "AAAAA", strings.Repeat("A", 1000)} {
		out, err := wire.ParseText([]byte(in), 100)
		assert.ErrorIs(t, err, wire.ErrMalformed, in)
		assert.Nil(t, out)
	}
}

func TestMalformed(t *testing.T) {
	err := wire.Malformed("group %d", 3)
	assert.ErrorIs(t, err, wire.ErrMalformed)
	assert.Contains(t, err.Error(), "group 3: ")
}

// FuzzText shows that what is accepted is written identically.
func FuzzText(f *testing.F) {
	f.Add([]byte("AAEC"))
	f.Add([]byte("AB"))
	f.Fuzz(func(t *testing.T, in []byte) {
		out, err := wire.ParseText(in, 1000)
		if err == nil && string(wire.AppendText(nil, out)) != string(in) {
			t.Fatalf("%q: %x", in, out)
		}
	})
}

// FuzzRead shows that no bytes make a reader panic.
func FuzzRead(f *testing.F) {
	f.Add(record())
	f.Fuzz(func(t *testing.T, in []byte) {
		if read(in) == nil && !bytes.Equal(in, record()) {
			t.Fatalf("%x", in)
		}
	})
}
