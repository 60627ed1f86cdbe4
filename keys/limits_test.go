package keys

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTypedLimits takes what is as long as may be, and says what is wrong with
// what is not.
func TestTypedLimits(t *testing.T) {
	code := NewCode()
	text := code.Show()
	got, err := ParseCode(text + strings.Repeat(" ", typedLimit-len(text)))
	require.NoError(t, err)
	assert.Equal(t, text, got.Show())
	_, err = ParseCode(text + strings.Repeat(" ", typedLimit-len(text)+1))
	assert.ErrorIs(t, err, ErrMalformed)
	assert.ErrorContains(t, err, "too long")

	letters := strings.ReplaceAll(text, "-", "")
	_, err = ParseCode(letters + "0000000")
	assert.ErrorIs(t, err, ErrMalformed)
	groups := strings.Count(text, "-") + 1
	assert.ErrorContains(t, err, fmt.Sprintf("not %d letters", len(letters)))
	assert.Equal(t, 0, len(letters)%groups)
}

// TestServiceLimit is 255 bytes.
func TestServiceLimit(t *testing.T) {
	_, err := Login{Service: strings.Repeat("s", 255), Name: "jane"}.Canonical()
	assert.NoError(t, err)
	_, err = Login{Service: strings.Repeat("s", 256), Name: "jane"}.Canonical()
	assert.Error(t, err)
}
