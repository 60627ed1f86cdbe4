package arch_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReadmeIsTheExample compares the code of the README with the example that
// is compiled and run.
func TestReadmeIsTheExample(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	block := regexp.MustCompile("(?s)```go\n(.*?)```").FindSubmatch(readme)
	require.NotNil(t, block, "no code in README.md")

	example, err := os.ReadFile(filepath.Join(root, "example_test.go"))
	require.NoError(t, err)
	_, body, found := strings.Cut(string(example), "func Example() {\n")
	require.True(t, found)
	body, _, found = strings.Cut(body, "\tfmt.Printf(")
	require.True(t, found)
	var lines []string
	for line := range strings.Lines(body) {
		lines = append(lines, strings.TrimPrefix(line, "\t"))
	}
	assert.Equal(t, strings.Join(lines, ""), string(block[1]))
}

// TestReadmeCommands keeps the two commands in the README.
func TestReadmeCommands(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	for _, command := range []string{"go run ./examples/quickstart", "go test ./..."} {
		assert.Contains(t, string(readme), command)
	}
}

// TestLinks follows the links between the pages.
func TestLinks(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join(root, "*.md"))
	require.NoError(t, err)
	more, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	require.NoError(t, err)
	decisions, err := filepath.Glob(filepath.Join(root, "docs", "decisions", "*.md"))
	require.NoError(t, err)
	link := regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`)
	for _, page := range append(append(pages, more...), decisions...) {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if !strings.Contains(m[1], "://") {
				_, err := os.Stat(filepath.Join(filepath.Dir(page), m[1]))
				assert.NoError(t, err, "%s links to %s", page, m[1])
			}
		}
	}
}
