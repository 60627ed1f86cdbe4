package srp_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/srp"
)

// TestChallengeIsReadFirst shows that whatever is wrong with a challenge is told
// before the slow hash, by Params, and by Respond in the same words.
func TestChallengeIsReadFirst(t *testing.T) {
	who := keys.Login{Service: "notes.example", Name: "jane"}
	server, err := srp.NewServer(who.Service, [32]byte{1})
	require.NoError(t, err)
	client, hello, err := srp.NewClient(who, nil)
	require.NoError(t, err)
	challenge, _, err := server.Challenge(hello, func(string) (*keys.LockedAccount, error) { return nil, nil })
	require.NoError(t, err)
	const params, public = 8, 8 + 52
	for name, c := range map[string]struct {
		change func(b []byte)
		want   error
	}{
		"parameters of a newer version": {func(b []byte) { b[params+3] = 2 }, keys.ErrNewer},
		"parameters of another kind":    {func(b []byte) { b[params+2] = 'I' }, keys.ErrMalformed},
		"too little memory":             {func(b []byte) { copy(b[params+6:], []byte{0, 0, 0, 1}) }, keys.ErrCost},
		"B is 0":                        {func(b []byte) { clear(b[public:]) }, keys.ErrMalformed},
		"B is 1":                        {func(b []byte) { clear(b[public:]); b[len(b)-1] = 1 }, keys.ErrMalformed},
	} {
		bad := bytes.Clone(challenge)
		c.change(bad)
		p, err := client.Params(bad, nil)
		assert.ErrorIs(t, err, c.want, name)
		assert.Nil(t, p, name)
		pending, proof, err := client.Respond(bad, keys.Device([32]byte{1}))
		assert.ErrorIs(t, err, c.want, name)
		assert.Nil(t, pending, name)
		assert.Nil(t, proof, name)
	}
}
