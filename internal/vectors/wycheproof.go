package vectors

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Wycheproof reads a file of C2SP/wycheproof, of which the folder is named by
// SEALKIN_WYCHEPROOF: G is a group of tests. Without that the test is skipped,
// since the files are not part of this project.
func Wycheproof[G any](t *testing.T, name string) (groups []G) {
	t.Helper()
	dir := os.Getenv("SEALKIN_WYCHEPROOF")
	if dir == "" {
		t.Skip("SEALKIN_WYCHEPROOF does not name the folder of the files")
	}
	raw, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	var file struct {
		NumberOfTests int `json:"numberOfTests"`
		TestGroups    []G `json:"testGroups"`
	}
	require.NoError(t, json.Unmarshal(raw, &file))
	require.NotZero(t, file.NumberOfTests)
	require.NotEmpty(t, file.TestGroups)
	return file.TestGroups
}
