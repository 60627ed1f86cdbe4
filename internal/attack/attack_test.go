package attack_test

import (
	"bytes"
	"os"
	"path/filepath"
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

// TestNamedOfTheRow shows that a row names no test of another attack's id, and
// names, of each package that has tests of its id, one of them.
func TestNamedOfTheRow(t *testing.T) {
	page, err := os.ReadFile("../../docs/attacks.md")
	require.NoError(t, err)
	rows := map[string]string{} // by id
	named := regexp.MustCompile("`[a-z/]+\\.Test(A\\d\\d)_")
	for _, line := range regexp.MustCompile(`(?m)^\| (A\d\d) \|.*$`).FindAllStringSubmatch(string(page), -1) {
		rows[line[1]] = line[0]
		for _, n := range named.FindAllStringSubmatch(line[0], -1) {
			assert.Equal(t, line[1], n[1], line[0])
		}
	}
	sources, err := filepath.Glob("../../*/*_test.go")
	require.NoError(t, err)
	for _, path := range sources {
		source, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, test := range regexp.MustCompile(`(?m)^func Test(A\d\d)_`).FindAllSubmatch(source, -1) {
			if row, listed := rows[string(test[1])]; listed {
				assert.Contains(t, row, "`"+filepath.Base(filepath.Dir(path))+".Test"+string(test[1])+"_", path)
			}
		}
	}
}

// TestGuarantees shows that each guarantee stands in a row, or in the line that
// says which none needs, and not in both.
func TestGuarantees(t *testing.T) {
	page, err := os.ReadFile("../../docs/attacks.md")
	require.NoError(t, err)
	rest := regexp.MustCompile(`(?m)^No row needs (.*?):`).FindSubmatch(page)
	require.NotNil(t, rest)
	rows := bytes.Join(regexp.MustCompile(`(?m)^\| A\d\d \|.*$`).FindAll(page, -1), nil)
	guarantees := regexp.MustCompile(`(?m)^\| (G\d+) \|`).FindAllSubmatch(page, -1)
	assert.Len(t, guarantees, 12)
	for _, g := range guarantees {
		name := regexp.MustCompile(`\b` + string(g[1]) + `\b`)
		assert.NotEqual(t, name.Match(rows), name.Match(rest[1]), string(g[1]))
	}
}
