package arch_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	module = "github.com/sealkin/sealkin"
	root   = "../.."
)

// layers says what the code of each package may import of this module. A
// package that is not listed may import nothing of it.
var layers = map[string][]string{
	".":                nil,
	"internal/label":   nil,
	"internal/secret":  nil,
	"internal/wire":    nil,
	"internal/modexp":  nil,
	"internal/box":     {"internal/label", "internal/secret", "internal/wire"},
	"internal/ring":    {"internal/box", "internal/label", "internal/secret"},
	"keys":             {"internal/box", "internal/label", "internal/modexp", "internal/ring", "internal/secret", "internal/wire"},
	"srp":              {"internal/box", "internal/label", "internal/modexp", "internal/ring", "internal/secret", "internal/wire", "keys"},
	"envelope":         {"internal/box", "internal/label", "internal/ring", "internal/secret", "internal/wire", "keys"},
	"share":            {"internal/box", "internal/label", "internal/ring", "internal/secret", "internal/wire", "keys"},
	"insomnia":         {"internal/modexp", "internal/secret"},
	"hostile":          {"envelope", "keys", "share", "srp"},
	"internal/vectors": {"testdata"},
	"internal/arch":    nil,
	"internal/golden":  nil,
	"internal/live":    nil,
	"internal/attack":  nil,

	"internal/secret/secrettest": nil,
}

// modules lists what the module may depend on, and "tests" what its tests may.
var modules = map[string][]string{
	"code":  {"golang.org/x/crypto/", "golang.org/x/text/", "filippo.io/bigmod", "github.com/1Password/srp"},
	"tests": {"github.com/stretchr/testify/"},
}

// imports returns what the files of a package import. It parses them, since
// the cache of go test notices files that a test reads, and not what a command
// reads for it.
func imports(t *testing.T, dir string, tests bool) (paths []string) {
	entries, err := os.ReadDir(filepath.Join(root, dir))
	require.NoError(t, err)
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") != tests {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, dir, e.Name()), nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, i := range file.Imports {
			paths = append(paths, strings.Trim(i.Path.Value, `"`))
		}
	}
	return paths
}

// packages returns the folders of the module that hold Go files.
func packages(t *testing.T) (dirs []string) {
	require.NoError(t, filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || p != root && strings.HasPrefix(d.Name(), ".")) {
			return filepath.SkipDir
		}
		if rel, _ := filepath.Rel(root, filepath.Dir(p)); strings.HasSuffix(p, ".go") && !slices.Contains(dirs, filepath.ToSlash(rel)) {
			dirs = append(dirs, filepath.ToSlash(rel))
		}
		return nil
	}))
	require.Contains(t, dirs, "keys")
	return dirs
}

// TestArrows keeps the imports inside the module to what layers says.
func TestArrows(t *testing.T) {
	for _, dir := range packages(t) {
		if strings.HasPrefix(dir, "examples/") || strings.HasPrefix(dir, "testdata") {
			continue
		}
		allowed, listed := layers[dir]
		assert.Truef(t, listed, "package %s is not in the table", dir)
		for _, p := range imports(t, dir, false) {
			if p == module || strings.HasPrefix(p, module+"/") {
				assert.Containsf(t, allowed, strings.TrimPrefix(p, module+"/"), "imported by %s", dir)
			}
		}
	}
}

// TestDependencies keeps the imports from outside to what modules says.
func TestDependencies(t *testing.T) {
	for _, dir := range packages(t) {
		for _, tests := range []bool{false, true} {
			for _, p := range imports(t, dir, tests) {
				assert.Truef(t, allowedImport(dir, p, tests), "%s imports %s", dir, p)
			}
		}
	}
}

func allowedImport(dir, p string, tests bool) bool {
	if !strings.Contains(strings.Split(p, "/")[0], ".") || p == module || strings.HasPrefix(p, module+"/") {
		return true // the standard library, and ours
	}
	begins := func(prefix string) bool { return strings.HasPrefix(p+"/", prefix) }
	if slices.ContainsFunc(modules["code"], begins) {
		return true
	}
	return (tests || dir == "internal/vectors") && slices.ContainsFunc(modules["tests"], begins)
}

// TestForbidden keeps out of the code what an attack of the list needs: raw
// modes of AES, comparison in variable time, compression, math/big, the network.
func TestForbidden(t *testing.T) {
	exceptions := map[string][]string{
		"insomnia":        {"compress/gzip", "math/big", "net/url"}, // its formats: blobs, RSA keys, percent-encoding
		"hostile":         {"math/rand/v2"},                         // its lies are drawn from a seed
		"internal/modexp": {"math/big"},                             // reading the parameters of github.com/1Password/srp
	}
	for _, dir := range packages(t) {
		if strings.HasPrefix(dir, "examples/") || dir == "internal/arch" {
			continue
		}
		for _, p := range imports(t, dir, false) {
			if slices.Contains(exceptions[dir], p) {
				continue
			}
			for _, bad := range []string{"compress", "math/big", "net", "math/rand", "crypto/des", "crypto/rc4", "crypto/md5", "unsafe", "C", "os/exec"} {
				assert.Falsef(t, p == bad || strings.HasPrefix(p, bad+"/") || path.Dir(p) == bad, "%s imports %s", dir, p)
			}
		}
	}
}

// TestNoRawModes forbids the constructors of modes without authentication
// (A26, A38).
func TestNoRawModes(t *testing.T) {
	for _, dir := range packages(t) {
		files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
		require.NoError(t, err)
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			source, err := os.ReadFile(f)
			require.NoError(t, err)
			for _, bad := range []string{"NewCTR(", "NewCBC", "NewCFB", "NewOFB(", "SignPKCS1v15", "DecryptPKCS1v15"} {
				assert.NotContains(t, string(source), bad, f)
			}
		}
	}
}
