package envelope_test

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/keys"
)

func sealStream(t testing.TB, me keys.Ring, ref envelope.Ref, write func(w io.Writer)) ([]byte, envelope.Ref) {
	var dst bytes.Buffer
	w, next, err := envelope.NewWriter(me, ref, &dst)
	require.NoError(t, err)
	write(w)
	require.NoError(t, w.Close())
	require.NoError(t, w.Close())
	return dst.Bytes(), next
}

func TestStreams(t *testing.T) {
	g := newTestGroup(1)
	me := g.as(g.join(2))
	ref := envelope.Ref{Type: "file", ID: "42"}
	for _, n := range sizes {
		plaintext := randomBytes(n)
		for name, write := range map[string]func(w io.Writer){
			"at once": func(w io.Writer) { _, err := w.Write(plaintext); require.NoError(t, err) },
			"in pieces": func(w io.Writer) {
				for p := plaintext; len(p) > 0; {
					k := min(len(p), 1+len(p)/3, 3*segment)
					got, err := w.Write(p[:k])
					require.NoError(t, err)
					require.Equal(t, k, got)
					p = p[k:]
				}
			},
			"by ReadFrom": func(w io.Writer) {
				got, err := w.(io.ReaderFrom).ReadFrom(bytes.NewReader(plaintext))
				require.NoError(t, err)
				require.EqualValues(t, n, got)
			},
			"by slow ReadFrom": func(w io.Writer) {
				_, err := w.(io.ReaderFrom).ReadFrom(iotest.HalfReader(bytes.NewReader(plaintext)))
				require.NoError(t, err)
			},
		} {
			sealed, next := sealStream(t, me, ref, write)
			opened, err := envelope.Open(me, ref, sealed)
			require.NoError(t, err, "%s %d", name, n)
			require.True(t, bytes.Equal(plaintext, opened.Plaintext))
			content := opened.Ref.Seen.Content
			require.NotZero(t, content)
			opened.Ref.Seen.Content = [32]byte{}
			require.Equal(t, next, opened.Ref)

			r, facts, err := envelope.NewReader(me, ref, bytes.NewReader(sealed))
			require.NoError(t, err)
			require.Equal(t, next, facts.Ref)
			require.EqualValues(t, -1, facts.Size)
			got, err := io.ReadAll(r)
			require.NoError(t, err)
			require.True(t, bytes.Equal(plaintext, got))
			require.Equal(t, content, facts.Ref.Seen.Content, "filled in at the end")

			r, _, err = envelope.NewReader(me, ref, iotest.HalfReader(bytes.NewReader(sealed)))
			require.NoError(t, err)
			var out bytes.Buffer
			_, err = r.(io.WriterTo).WriteTo(&out)
			require.NoError(t, err)
			require.True(t, bytes.Equal(plaintext, out.Bytes()))

			at, facts, err := envelope.NewReaderAt(me, ref, bytes.NewReader(sealed), int64(len(sealed)))
			require.NoError(t, err)
			require.EqualValues(t, n, facts.Size)
			require.NoError(t, iotest.TestReader(at, plaintext))
			_, err = at.Seek(0, io.SeekStart)
			require.NoError(t, err)
			out.Reset()
			_, err = at.WriteTo(&out)
			require.NoError(t, err)
			require.True(t, bytes.Equal(plaintext, out.Bytes()))
		}
		r, facts, err := envelope.NewReader(me, ref, bytes.NewReader(must(envelope.Seal(me, ref, plaintext))))
		require.NoError(t, err)
		require.EqualValues(t, n, facts.Size)
		require.NoError(t, iotest.TestReader(r, plaintext))
	}
}

func must(sealed []byte, _ envelope.Ref, err error) []byte {
	if err != nil {
		panic(err)
	}
	return sealed
}
