package envelope_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
)

var streamSizes = []int{64 << 10, 1 << 20, 64 << 20}

// discard counts, and hides that io.Discard can ReadFrom.
type discard struct{ n int64 }

func (d *discard) Write(p []byte) (int, error) {
	d.n += int64(len(p))
	return len(p), nil
}

func BenchmarkWriter(b *testing.B) {
	me := newAccount(b)
	eachSize(b, streamSizes, func(b *testing.B, n int) {
		plaintext := randomBytes(n)
		for b.Loop() {
			w, _, err := envelope.NewWriter(me, benchRef, new(discard))
			require.NoError(b, err)
			_, err = io.Copy(w, onlyReader{bytes.NewReader(plaintext)})
			require.NoError(b, err)
			require.NoError(b, w.Close())
		}
	})
}

type onlyReader struct{ io.Reader }

func BenchmarkReader(b *testing.B) {
	me := newAccount(b)
	eachSize(b, streamSizes, func(b *testing.B, n int) {
		sealed := must(envelope.Seal(me, benchRef, randomBytes(n)))
		for b.Loop() {
			r, _, err := envelope.NewReader(me, benchRef, bytes.NewReader(sealed))
			require.NoError(b, err)
			got, err := io.Copy(new(discard), r)
			require.NoError(b, err)
			require.EqualValues(b, n, got)
		}
	})
}
