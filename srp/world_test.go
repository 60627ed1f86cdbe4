package srp_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/srp"
)

const service = "notes.example"

// cheap is the least that package keys allows.
var cheap = keys.Cost{Memory: 19 << 10, Passes: 2, Lanes: 1}

var jane = keys.Login{Service: service, Name: "jane"}

// A person has an account with three ways in.
type person struct {
	passphrase, code, device *keys.Credential
	account                  *keys.Account
}

const passphrase = "correct horse battery staple"

// janes is one account for all tests, since its making is slow.
var janes = sync.OnceValue(func() *person {
	p := &person{code: keys.NewCode().Credential(), device: keys.Device([32]byte{1})}
	var err error
	if p.passphrase, err = keys.NewPassphrase(jane, passphrase, cheap, nil); err != nil {
		panic(err)
	}
	p.account = keys.NewAccount(p.passphrase)
	for name, c := range map[string]*keys.Credential{"paper": p.code, "phone": p.device} {
		if p.account, err = p.account.Add(name, c); err != nil {
			panic(err)
		}
	}
	return p
})

// lookup knows Jane and nobody else.
func lookup(name string) (*keys.LockedAccount, error) {
	if name == jane.Name {
		return janes().account.Locked(), nil
	}
	return nil, nil
}

func newServer(t testing.TB, decoys ...srp.Decoy) *srp.Server {
	s, err := srp.NewServer(service, [32]byte{42}, decoys...)
	require.NoError(t, err)
	return s
}

// start says hello and returns the answer.
func start(t testing.TB, s *srp.Server, who keys.Login, key *keys.Credential) (c *srp.Client, challenge, state srp.Message) {
	var hello srp.Message
	var err error
	if key != nil && key.Params() != nil {
		key = nil // a passphrase is not known before the challenge
	}
	c, hello, err = srp.NewClient(who, key)
	require.NoError(t, err)
	challenge, state, err = s.Challenge(hello, lookup)
	require.NoError(t, err)
	return c, challenge, state
}

// login runs a whole login with a credential.
func login(t testing.TB, s *srp.Server, who keys.Login, key *keys.Credential) (client, server *srp.Session, err error) {
	c, challenge, state := start(t, s, who, key)
	pending, proof, err := c.Respond(challenge, key)
	require.NoError(t, err)
	server, reply, err := s.Verify(state, proof)
	if err != nil {
		require.Nil(t, server)
		require.Nil(t, reply)
		return nil, nil, err
	}
	client, err = pending.Finish(reply)
	require.NoError(t, err)
	return client, server, nil
}

// kindOf names an error as the vectors do.
func kindOf(err error) string {
	for kind, target := range map[string]error{
		"malformed": keys.ErrMalformed, "newer": keys.ErrNewer, "cost": keys.ErrCost, "params": keys.ErrParams,
		"mismatch": keys.ErrMismatch, "open": keys.ErrOpen, "login": srp.ErrLogin,
	} {
		if errors.Is(err, target) {
			return kind
		}
	}
	if err != nil {
		return err.Error()
	}
	return ""
}
