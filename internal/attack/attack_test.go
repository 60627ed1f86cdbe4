package attack_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A row is one attack.
type row struct {
	name string // id and a few words
	test func(*testing.T)
}

// rows are all attacks, in the order of docs/attacks.md.
func rows() []row { return slices.Concat(sharing(), records(), login()) }

// TestAttack carries them out.
func TestAttack(t *testing.T) {
	for _, r := range rows() {
		t.Run(r.name, r.test)
	}
}

// TestTable keeps docs/attacks.md and the subtests equal: each row of the table
// names its subtest, and each subtest stands in the table, in this order.
func TestTable(t *testing.T) {
	page, err := os.ReadFile("../../docs/attacks.md")
	require.NoError(t, err)
	lines := regexp.MustCompile(`(?m)^\| (A\d\d) \|.*$`).FindAllSubmatch(page, -1)
	subtest := regexp.MustCompile("`(A\\d\\d_[a-z_]+)`")
	guarantee := regexp.MustCompile(`\| (G\d+(, G\d+)*|none) \|`)
	var listed, run []string
	for _, line := range lines {
		names := subtest.FindAllSubmatch(line[0], -1)
		require.Lenf(t, names, 1, "row %s names its subtest once", line[1])
		listed = append(listed, string(names[0][1]))
		assert.Equal(t, string(line[1]), listed[len(listed)-1][:3])
		assert.Regexpf(t, guarantee, string(line[0]), "row %s", line[1])
	}
	for _, r := range rows() {
		run = append(run, r.name)
	}
	assert.Equal(t, run, listed)
	assert.True(t, slices.IsSorted(run))
	assert.Len(t, run, 58)
}

// TestNamed shows that the tests which the table names in other packages exist.
func TestNamed(t *testing.T) {
	page, err := os.ReadFile("../../docs/attacks.md")
	require.NoError(t, err)
	named := regexp.MustCompile("`([a-z/]+)\\.(Test[A-Za-z0-9_]+)`").FindAllSubmatch(page, -1)
	require.NotEmpty(t, named)
	for _, n := range named {
		found := false
		files, err := os.ReadDir("../../" + string(n[1]))
		require.NoError(t, err)
		for _, f := range files {
			if source, err := os.ReadFile("../../" + string(n[1]) + "/" + f.Name()); err == nil {
				found = found || regexp.MustCompile(`(?m)^func `+string(n[2])+`\(t `).Match(source)
			}
		}
		assert.Truef(t, found, "%s.%s", n[1], n[2])
	}
}
