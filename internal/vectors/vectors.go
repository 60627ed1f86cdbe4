// Package vectors reads and writes the files in testdata, for tests. A file
// can't be empty, cut, or have a member that the test does not look at.
package vectors

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/testdata"
)

var update = flag.Bool("update", false, "make the vectors anew (go generate)")

// Hex is bytes that JSON shows as lower-case hex.
type Hex []byte

// MarshalText implements encoding.TextMarshaler.
func (h Hex) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h), nil }

// UnmarshalText implements encoding.TextUnmarshaler. It reads lower case only.
func (h *Hex) UnmarshalText(text []byte) error {
	if !bytes.Equal(text, bytes.ToLower(text)) {
		return hex.InvalidByteError(text[0])
	}
	b, err := hex.AppendDecode(nil, text)
	*h = b
	return err
}

// A File is one file of vectors.
type File[V any] struct {
	Source  string `json:"source"`
	Count   int    `json:"count"`
	Vectors []V    `json:"vectors"`
}

// Load reads a file, such as "keys/stretch.json", strictly.
func Load[V any](t testing.TB, name string) []V {
	t.Helper()
	raw, err := testdata.Files.ReadFile(name)
	require.NoError(t, err)
	var file File[V]
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&file), name)
	_, err = d.Token()
	require.ErrorIs(t, err, io.EOF, name)
	require.NotEmpty(t, file.Source, name)
	require.NotZero(t, file.Count, name)
	require.Len(t, file.Vectors, file.Count, name)
	return file.Vectors
}

// Updating skips the test unless the vectors are to be made anew.
func Updating(t testing.TB) {
	t.Helper()
	if !*update {
		t.Skip("makes the vectors anew with -update only")
	}
}

// Write writes a file into the source tree.
func Write[V any](t testing.TB, name, source string, vectors []V) {
	t.Helper()
	raw, err := json.MarshalIndent(File[V]{source, len(vectors), vectors}, "", " ")
	require.NoError(t, err)
	_, here, _, ok := runtime.Caller(0)
	require.True(t, ok)
	path := filepath.Join(filepath.Dir(here), "..", "..", "testdata", filepath.FromSlash(name))
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, append(raw, '\n'), 0o644))
}
