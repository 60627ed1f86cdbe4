package label_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/label"
)

// TestNoPrefix shows that no label is a prefix of another, itself included:
// the encodings that hold them can then never be mistaken for each other.
func TestNoPrefix(t *testing.T) {
	all := label.All()
	for i, a := range all {
		for j, b := range all {
			if i != j {
				assert.Falsef(t, strings.HasPrefix(string(b), string(a)), "%q is a prefix of %q", a, b)
			}
		}
	}
}

// TestTableIsWhole compares the table with the constants of the source, so
// that a new label can't be left out of it.
func TestTableIsWhole(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "label.go", nil, 0)
	require.NoError(t, err)
	constants := 0
	for _, decl := range file.Decls {
		if gen, ok := decl.(*ast.GenDecl); ok && gen.Tok == token.CONST {
			constants += len(gen.Specs)
		}
	}
	assert.Len(t, label.All(), constants)
	for _, l := range label.All() {
		assert.Regexp(t, `^sealkin/v1/[a-z/-]+$`, string(l))
	}
}
