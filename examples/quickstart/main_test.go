package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// quickstart runs the program and returns what it wrote.
func quickstart(t *testing.T, args ...string) (status int, stdout, stderr string) {
	dir := t.TempDir()
	out, err := os.Create(filepath.Join(dir, "out"))
	require.NoError(t, err)
	errs, err := os.Create(filepath.Join(dir, "err"))
	require.NoError(t, err)
	status = run(args, out, errs)
	require.NoError(t, out.Close())
	require.NoError(t, errs.Close())
	a, err := os.ReadFile(out.Name())
	require.NoError(t, err)
	b, err := os.ReadFile(errs.Name())
	require.NoError(t, err)
	return status, string(a), string(b)
}

func file(t *testing.T, name, content string) string {
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// TestOwnDocuments is the first command of the README.
func TestOwnDocuments(t *testing.T) {
	status, stdout, stderr := quickstart(t)
	require.Zero(t, status, stderr)
	assert.Empty(t, stderr)
	for _, part := range []string{"README.md", "LICENSE", "docs/spec.md", "What the server stores", "account of jane", "a wrong passphrase", "a flipped bit", "3 attempts refused"} {
		assert.Contains(t, strings.ReplaceAll(stdout, "../", ""), part)
	}
}

// TestJSON reads the story as an object, and looks for the files' names and
// contents in what the server stored.
func TestJSON(t *testing.T) {
	empty, small := file(t, "empty", ""), file(t, "small.txt", "a small secret")
	status, stdout, stderr := quickstart(t, "-json", empty, small)
	require.Zero(t, status, stderr)
	var story transcript
	require.NoError(t, json.Unmarshal([]byte(stdout), &story))
	assert.True(t, story.OK)
	assert.Equal(t, 2, story.Compared)
	assert.Len(t, story.Refused, 3)
	assert.Len(t, story.Stored, 2+2+2+1+3) // accounts, entries, links, a bookmark, files and list
	for _, r := range story.Stored {
		assert.NotZero(t, r.Bytes)
		assert.NotContains(t, r.What, "small.txt", "the server learned a name")
		assert.True(t, strings.HasPrefix(r.First, "736b"), "a record begins with sk")
	}
}

// TestOneFile has no second place to put the document in.
func TestOneFile(t *testing.T) {
	status, _, stderr := quickstart(t, file(t, "one", strings.Repeat("x", 1<<20)))
	assert.Zero(t, status, stderr)
}

// TestBadInput is told before anything is done.
func TestBadInput(t *testing.T) {
	small := file(t, "small", "x")
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"missing":   {[]string{filepath.Join(t.TempDir(), "nowhere")}, "nowhere"},
		"directory": {[]string{t.TempDir()}, "is a directory"},
		"twice":     {[]string{small, small}, "named twice"},
		"flag":      {[]string{"-yaml"}, "-yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := quickstart(t, c.args...)
			assert.Equal(t, 2, status)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, c.says)
		})
	}
}

// TestRefusalsAreSeen shows that the story notices what is not refused.
func TestRefusalsAreSeen(t *testing.T) {
	s := (&story{}).silent()
	assert.Error(t, s.refused("something", nil, os.ErrExist))
	assert.Error(t, s.refused("something", os.ErrClosed, os.ErrExist))
	assert.NoError(t, s.refused("something", os.ErrExist, os.ErrExist))
}

// TestComparison shows that the story notices what is not equal.
func TestComparison(t *testing.T) {
	long := strings.Repeat("long", 40_000)
	for _, c := range []struct{ a, b string }{{"x", "y"}, {"", "x"}, {"x", ""}, {long, long + "x"}, {long + "x", long}, {long, long[:len(long)-1] + "x"}} {
		assert.Error(t, equal(strings.NewReader(c.a), strings.NewReader(c.b)))
	}
	for _, same := range []string{"", "x", long, long[:128<<10]} {
		assert.NoError(t, equal(strings.NewReader(same), strings.NewReader(same)))
	}
}
