package envelope_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
)

// TestRangeOfGiB opens 64 KiB out of a document of 1 GiB over HTTP, in its
// middle and at its end, and counts what is fetched.
func TestRangeOfGiB(t *testing.T) {
	if testing.Short() {
		t.Skip("seals 1 GiB")
	}
	const size = 1 << 30
	path := filepath.Join(t.TempDir(), "film")
	file, err := os.Create(path)
	require.NoError(t, err)
	me := newAccount(t)
	w, ref, err := envelope.NewWriter(me, envelope.Ref{Type: "film", ID: "holiday"}, file)
	require.NoError(t, err)
	block := pattern(251 << 12) // a whole number of the pattern's periods
	for written := 0; written < size; {
		n, err := w.Write(block[:min(len(block), size-written)])
		require.NoError(t, err)
		written += n
	}
	require.NoError(t, w.Close())
	sealed, err := file.Seek(0, io.SeekEnd)
	require.NoError(t, err)

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Time{}, io.NewSectionReader(file, 0, sealed))
	}))
	defer server.Close()
	defer file.Close()
	for _, at := range []int64{size / 2, size - 64<<10} {
		remote := &httpRanges{url: server.URL}
		film, opened, err := envelope.NewReaderAt(me, ref, remote, sealed)
		require.NoError(t, err)
		require.EqualValues(t, size, opened.Size)
		part := make([]byte, 64<<10)
		n, err := film.ReadAt(part, at)
		if err != io.EOF {
			require.NoError(t, err)
		}
		require.Len(t, part, n)
		for i := range part {
			if part[i] != byte((at+int64(i))%251) {
				t.Fatalf("byte %d is %d", at+int64(i), part[i])
			}
		}
		assert.Less(t, remote.fetched, int64(1<<20))
	}
}
