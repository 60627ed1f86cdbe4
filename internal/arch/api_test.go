package arch_test

import (
	"bytes"
	"flag"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write docs/api.txt anew")

// TestExportedNames compares what the packages export with docs/api.txt, so
// that no name comes or goes without a reviewed line: go test ./internal/arch -update.
func TestExportedNames(t *testing.T) {
	var lines []string
	for _, dir := range packages(t) {
		if dir == "." || strings.HasPrefix(dir, "internal/") || strings.HasPrefix(dir, "examples/") || strings.HasPrefix(dir, "testdata") {
			continue
		}
		lines = append(lines, exported(t, dir)...)
	}
	got := strings.Join(lines, "\n") + "\n"
	path := filepath.Join(root, "docs", "api.txt")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// exported lists the exported names of a package, and fails for one without a
// comment.
func exported(t *testing.T, dir string) (lines []string) {
	fset := token.NewFileSet()
	var files []*ast.File
	paths, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	require.NoError(t, err)
	for _, p := range paths {
		if !strings.HasSuffix(p, "_test.go") {
			f, err := parser.ParseFile(fset, p, nil, parser.ParseComments)
			require.NoError(t, err)
			files = append(files, f)
		}
	}
	d, err := doc.NewFromFiles(fset, files, module+"/"+dir)
	require.NoError(t, err)
	assert.NotEmpty(t, d.Doc, "package %s has no comment", dir)
	add := func(comment, line string) {
		assert.NotEmpty(t, comment, "%s: %s has no comment", dir, line)
		lines = append(lines, dir+": "+line)
	}
	values := func(list []*doc.Value) {
		for _, v := range list {
			for _, spec := range v.Decl.Specs {
				spec := spec.(*ast.ValueSpec)
				for _, name := range spec.Names {
					if name.IsExported() {
						add(v.Doc+spec.Doc.Text()+spec.Comment.Text(), v.Decl.Tok.String()+" "+name.Name)
					}
				}
			}
		}
	}
	funcs := func(list []*doc.Func) {
		for _, f := range list {
			f.Decl.Body, f.Decl.Doc = nil, nil
			var b bytes.Buffer
			require.NoError(t, printer.Fprint(&b, fset, f.Decl))
			add(f.Doc, b.String())
		}
	}
	values(d.Consts)
	values(d.Vars)
	funcs(d.Funcs)
	for _, typ := range d.Types {
		add(typ.Doc, "type "+typ.Name)
		values(typ.Consts)
		values(typ.Vars)
		funcs(typ.Funcs)
		funcs(typ.Methods)
	}
	slices.Sort(lines)
	return lines
}
