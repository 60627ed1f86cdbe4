package keys_test

import (
	"crypto/fips140"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/keys"
)

// TestUnderFIPS runs TestFIPSOnly in a process of its own, with the setting.
func TestUnderFIPS(t *testing.T) {
	run := exec.Command(os.Args[0], "-test.run=^TestFIPSOnly$", "-test.v")
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "GODEBUG=") {
			run.Env = append(run.Env, v)
		}
	}
	run.Env = append(run.Env, "GODEBUG=fips140=only")
	out, err := run.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "--- PASS: TestFIPSOnly")
}

// TestFIPSOnly creates, changes and opens an account under
// GODEBUG=fips140=only (G11).
func TestFIPSOnly(t *testing.T) {
	if !fips140.Enforced() {
		t.Skip("run by TestUnderFIPS")
	}
	for _, c := range []keys.Cost{{}, {Memory: 19 << 10, Passes: 2, Lanes: 1}} {
		got, err := keys.NewPassphrase(jane, "correct horse", c, nil)
		require.ErrorIs(t, err, keys.ErrCost)
		require.ErrorContains(t, err, "PBKDF2")
		require.Nil(t, got)
	}
	assert.Equal(t, keys.Cost{Iterations: 600_000}, keys.Calibrate(time.Nanosecond, 0))
	p, err := keys.DecoyParams(keys.Cost{}, false, [32]byte{1})
	require.NoError(t, err)
	_, err = p.Stretch(jane, "correct horse", nil)
	require.ErrorIs(t, err, keys.ErrCost)

	second := keys.NewCode()
	pass, err := keys.NewPassphrase(jane, "x", keys.Cost{Iterations: 600_000}, second)
	require.NoError(t, err)
	friend := keys.NewAccount(device(9))
	a := keys.NewAccount(pass)
	a = try(t)(a.Add("paper", keys.NewCode().Credential()))
	a = try(t)(a.Add("phone", device(1)))
	a = try(t)(a.AddTrustee("friend", friend.Identity()))
	a = try(t)(a.Remove("paper"))
	a = try(t)(a.SetPassphraseAndRotate(pass))

	again, err := a.Locked().Params().Stretch(jane, "x", second)
	require.NoError(t, err)
	assert.True(t, opens(t, a.Locked().Bytes(), again))
	assert.True(t, opens(t, a.Locked().Bytes(), device(1)))
	try(t)(a.Locked().UnlockAsTrustee(friend, a.ID()))
	_, err = keys.ParseIdentity(a.Identity().Bytes(), a.ID(), nil)
	require.NoError(t, err)
}
