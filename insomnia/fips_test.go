package insomnia

import (
	"crypto/fips140"
	"crypto/hkdf"
	"crypto/sha256"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// underFIPS are tests that between them call every exported function, and show
// that what is refused, and how, is the same in the FIPS 140-3 mode.
var underFIPS = []string{"TestFIPSOnly", "TestLife", "TestHandover", "TestNegatives",
	"TestVectorsLogins", "TestVectorsFixtureAccount"}

// TestUnderFIPS runs them in a process of its own, with the setting.
func TestUnderFIPS(t *testing.T) {
	run := exec.Command(os.Args[0], "-test.run=^("+strings.Join(underFIPS, "|")+")$", "-test.v")
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "GODEBUG=") {
			run.Env = append(run.Env, v)
		}
	}
	run.Env = append(run.Env, "GODEBUG=fips140=only")
	out, err := run.CombinedOutput()
	require.NoError(t, err, string(out))
	for _, name := range underFIPS {
		require.Contains(t, string(out), "--- PASS: "+name+" ")
	}
}

// TestFIPSOnly seals and opens blobs on both sides of the size from which they
// are hashed in a goroutine, and looks whether the mode is still there.
func TestFIPSOnly(t *testing.T) {
	if !fips140.Enforced() {
		t.Skip("run by TestUnderFIPS")
	}
	key := NewGroupKey()
	for _, size := range []int{1 << 10, 64 << 10} {
		doc := benchmarkDocument(size)
		want, ok := canonical(doc)
		require.True(t, ok)
		id, content, err := key.SealBlob(doc)
		require.NoError(t, err)
		got, err := key.OpenBlob(id, content)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got))
	}
	assert.True(t, fips140.Enforced())
	_, err := hkdf.Key(sha256.New, []byte("short"), nil, "", keySize)
	assert.Error(t, err)
}
