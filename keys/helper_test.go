package keys_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/keys"
)

// cheap is the least that Argon2id may cost.
var cheap = keys.Cost{Memory: 19 << 10, Passes: 2, Lanes: 2}

var jane = keys.Login{Service: "notes.example", Name: "jane"}

// passphrase makes the credential of a passphrase, slowly.
func passphrase(t testing.TB, text string) *keys.Credential {
	t.Helper()
	c, err := keys.NewPassphrase(jane, text, cheap, nil)
	require.NoError(t, err)
	return c
}

func device(fill byte) *keys.Credential { return keys.Device([32]byte{0: fill, 31: 1}) }

// try returns a function that insists on no error.
func try(t testing.TB) func(*keys.Account, error) *keys.Account {
	return func(a *keys.Account, err error) *keys.Account {
		t.Helper()
		require.NoError(t, err)
		return a
	}
}

// opens reports whether c opens record.
func opens(t testing.TB, record []byte, c *keys.Credential) bool {
	t.Helper()
	l, err := keys.ParseLockedAccount(record, nil)
	require.NoError(t, err)
	a, err := l.Unlock(c)
	require.Equal(t, err == nil, a != nil)
	return err == nil
}
