package srp_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/modexp"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/srp"
)

// TestLogin logs in by each of the three ways.
func TestLogin(t *testing.T) {
	p, s := janes(), newServer(t)
	for name, key := range map[string]*keys.Credential{"passphrase": p.passphrase, "code": p.code, "device": p.device} {
		t.Run(name, func(t *testing.T) {
			client, server, err := login(t, s, jane, key)
			require.NoError(t, err)
			assert.Equal(t, p.account.ID(), server.Account())
			assert.Zero(t, client.Account())
			assert.Equal(t, client.Token(), server.Token())
			assert.Len(t, client.Token(), 43)
			assert.Equal(t, client.Export("x"), server.Export("x"))
			assert.NotEqual(t, client.Export("x"), client.Export("y"))

			again, _, err := login(t, s, jane, key)
			require.NoError(t, err)
			assert.NotEqual(t, client.Token(), again.Token(), "two logins, one token")
			assert.NotEqual(t, client.Export("x"), again.Export("x"))
		})
	}
}

// TestStretchedLogin is a login as an app writes it: the passphrase is
// stretched with what the challenge says.
func TestStretchedLogin(t *testing.T) {
	s := newServer(t)
	c, challenge, state := start(t, s, keys.Login{Service: service, Name: "Jane"}, nil)
	params, err := c.Params(challenge, janes().passphrase.Params())
	require.NoError(t, err)
	for _, try := range []struct {
		passphrase string
		want       error
	}{{passphrase, nil}, {"wrong", srp.ErrLogin}} {
		key, err := params.Stretch(jane, try.passphrase, nil)
		require.NoError(t, err)
		pending, proof, err := c.Respond(challenge, key)
		require.NoError(t, err)
		_, reply, err := s.Verify(state, proof) // in life, the state was taken
		require.ErrorIs(t, err, try.want)
		if try.want == nil {
			_, err = pending.Finish(reply)
			require.NoError(t, err)
		}
	}
}

// TestRefused lists who does not get in: all look the same.
func TestRefused(t *testing.T) {
	p, s := janes(), newServer(t)
	stranger := keys.Login{Service: service, Name: "stranger"}
	for name, c := range map[string]struct {
		who keys.Login
		key *keys.Credential
	}{
		"another code":          {jane, keys.NewCode().Credential()},
		"another device":        {jane, keys.Device([32]byte{2})},
		"unknown name":          {stranger, keys.NewCode().Credential()},
		"another name's device": {stranger, p.device},
	} {
		_, _, err := login(t, s, c.who, c.key)
		assert.Equal(t, srp.ErrLogin, err, name)
	}
}

// TestReplicas lets one server begin and another finish.
func TestReplicas(t *testing.T) {
	p := janes()
	one, two := newServer(t), newServer(t)
	c, challenge, state := start(t, one, jane, p.device)
	pending, proof, err := c.Respond(challenge, p.device)
	require.NoError(t, err)
	_, reply, err := two.Verify(state, proof)
	require.NoError(t, err)
	_, err = pending.Finish(reply)
	require.NoError(t, err)

	foreign, err := srp.NewServer(service, [32]byte{43})
	require.NoError(t, err)
	_, _, err = foreign.Verify(state, proof)
	assert.ErrorIs(t, err, keys.ErrOpen, "another key")
	other, err := srp.NewServer("mail.example", [32]byte{42})
	require.NoError(t, err)
	_, _, err = other.Verify(state, proof)
	assert.ErrorIs(t, err, keys.ErrOpen, "another service")
}

// TestBinding binds the login to a channel, on one side, on the other, on both.
func TestBinding(t *testing.T) {
	p, s := janes(), newServer(t)
	for _, c := range []struct {
		client, server string
		want           error
	}{
		{"", "", nil}, {"tls", "tls", nil},
		{"tls", "", srp.ErrLogin}, {"", "tls", srp.ErrLogin}, {"tls", "tlt", srp.ErrLogin}, {"tls", "tls\x00", srp.ErrLogin},
	} {
		client, challenge, state := start(t, s, jane, p.device)
		_, proof, err := client.Bound([]byte(c.client)).Respond(challenge, p.device)
		require.NoError(t, err)
		_, _, err = s.Bound([]byte(c.server)).Verify(state, proof)
		assert.ErrorIs(t, err, c.want, "%q, %q", c.client, c.server)
	}
}

// TestBoundCopies shows that Bound keeps neither the caller's slice nor changes
// what it was called on.
func TestBoundCopies(t *testing.T) {
	p, s := janes(), newServer(t)
	binding := []byte("tls")
	client, challenge, state := start(t, s, jane, p.device)
	bc, bs := client.Bound(binding), s.Bound(binding)
	binding[0] ^= 1
	_, bound, err := bc.Respond(challenge, p.device)
	require.NoError(t, err)
	_, plain, err := client.Respond(challenge, p.device)
	require.NoError(t, err)
	_, _, err = bs.Verify(state, bound)
	assert.NoError(t, err)
	_, _, err = s.Verify(state, plain)
	assert.NoError(t, err)
	assert.NotEqual(t, bound, plain)
}

// TestCredentialMismatch gives Respond other credentials than the hello's.
func TestCredentialMismatch(t *testing.T) {
	p, s := janes(), newServer(t)
	c, challenge, _ := start(t, s, jane, p.device)
	for name, key := range map[string]*keys.Credential{
		"none": nil, "code": p.code, "passphrase": p.passphrase, "other device": keys.Device([32]byte{3}),
	} {
		pending, proof, err := c.Respond(challenge, key)
		assert.ErrorIs(t, err, keys.ErrMismatch, name)
		assert.Nil(t, pending)
		assert.Nil(t, proof)
	}
	_, err := c.Params(challenge, nil)
	assert.ErrorIs(t, err, keys.ErrMismatch, "a device has no parameters")

	c, challenge, _ = start(t, s, jane, nil)
	_, _, err = c.Respond(challenge, p.device)
	assert.ErrorIs(t, err, keys.ErrMismatch)
	stale, err := keys.NewPassphrase(jane, passphrase, cheap, nil) // another salt
	require.NoError(t, err)
	_, _, err = c.Respond(challenge, stale)
	assert.ErrorIs(t, err, keys.ErrParams)
}

// TestParameterShape sends parameters where there must be none, and none where
// there must be some.
func TestParameterShape(t *testing.T) {
	p, s := janes(), newServer(t)
	c, challenge, _ := start(t, s, jane, nil)
	B := challenge[len(challenge)-384:]
	_, err := c.Params(srp.EncodeChallenge(nil, B), nil)
	assert.ErrorIs(t, err, keys.ErrMalformed)
	_, _, err = c.Respond(srp.EncodeChallenge(nil, B), p.passphrase)
	assert.ErrorIs(t, err, keys.ErrMalformed)

	d, _, _ := start(t, s, jane, p.device)
	_, _, err = d.Respond(challenge, p.device)
	assert.ErrorIs(t, err, keys.ErrMalformed)
	_, err = d.Params(challenge, nil)
	assert.ErrorIs(t, err, keys.ErrMalformed)
}

// TestNames shows which names a client makes canonical and a server refuses.
func TestNames(t *testing.T) {
	for _, bad := range []string{"", " ", "two words", strings.Repeat("a", 256), "\xff", "nul\x00"} {
		c, hello, err := srp.NewClient(keys.Login{Service: service, Name: bad}, nil)
		assert.Error(t, err, "%q", bad)
		assert.Nil(t, c)
		assert.Nil(t, hello)
	}
	_, _, err := srp.NewClient(keys.Login{Name: "jane"}, nil)
	assert.Error(t, err, "no service")

	s, A := newServer(t), modexp.Group3072().PowG(make([]byte, 31)).Bytes()
	A[383] = 7
	for name, want := range map[string]string{
		"jane": "", "stranger": "", "Jane": "malformed", "\xff": "malformed", "two words": "malformed", "ｊane": "malformed", "": "malformed",
	} {
		called := false
		_, state, err := s.Challenge(srp.EncodeHello(name, [16]byte{}, A), func(string) (*keys.LockedAccount, error) {
			called = true
			return nil, nil
		})
		assert.Equal(t, want, kindOf(err), "%q", name)
		assert.Equal(t, want == "", called, "%q reached the look-up", name)
		assert.Equal(t, want == "", state != nil)
	}
}

// TestLookupError shows that the app's refusal comes through, and alone.
func TestLookupError(t *testing.T) {
	limited := errors.New("too many attempts")
	_, hello, err := srp.NewClient(jane, nil)
	require.NoError(t, err)
	challenge, state, err := newServer(t).Challenge(hello, func(name string) (*keys.LockedAccount, error) {
		assert.Equal(t, "jane", name)
		return nil, limited
	})
	assert.ErrorIs(t, err, limited)
	assert.Nil(t, challenge)
	assert.Nil(t, state)
}

// TestNewServer lists what a server can't be made of.
func TestNewServer(t *testing.T) {
	key := [32]byte{1}
	for name, err := range map[string]error{
		"no service":   errorOf(srp.NewServer("", key)),
		"long service": errorOf(srp.NewServer(strings.Repeat("s", 256), key)),
		"no key":       errorOf(srp.NewServer(service, [32]byte{})),
		"no weight":    errorOf(srp.NewServer(service, key, srp.Decoy{})),
		"low cost":     errorOf(srp.NewServer(service, key, srp.Decoy{Cost: keys.Cost{Iterations: 1}, Weight: 1})),
	} {
		assert.Error(t, err, name)
	}
	_, err := srp.NewServer(service, key, srp.Decoy{Cost: keys.Cost{Iterations: 1}, Weight: 1})
	assert.ErrorIs(t, err, keys.ErrCost)
	assert.NoError(t, errorOf(srp.NewServer(service, key, srp.Decoy{Weight: 1}, srp.Decoy{Cost: cheap})))
}

func errorOf(s *srp.Server, err error) error {
	if (s == nil) == (err == nil) {
		return fmt.Errorf("both or neither: %v, %w", s, err)
	}
	return err
}

// TestMessageText shows the two forms of a message.
func TestMessageText(t *testing.T) {
	_, hello, err := srp.NewClient(jane, nil)
	require.NoError(t, err)
	raw, err := json.Marshal(map[string]srp.Message{"hello": hello})
	require.NoError(t, err)
	var back map[string]srp.Message
	require.NoError(t, json.Unmarshal(raw, &back))
	assert.Equal(t, hello, back["hello"])

	var m srp.Message
	for _, bad := range []string{"a", "aa==", "a+/a", "aaaa\n", "a aa", "ab", strings.Repeat("A", 5464)} {
		assert.ErrorIs(t, m.UnmarshalText([]byte(bad)), keys.ErrMalformed, bad[:min(len(bad), 9)])
		assert.Nil(t, m)
	}
	assert.NoError(t, m.UnmarshalText([]byte(strings.Repeat("A", 5460))))
}

// TestEveryByte changes each byte of each message, cuts it and makes it longer:
// no login survives, and nothing panics.
func TestEveryByte(t *testing.T) {
	p, s := janes(), newServer(t)
	c, challenge, state := start(t, s, jane, p.device)
	pending, proof, err := c.Respond(challenge, p.device)
	require.NoError(t, err)
	_, reply, err := s.Verify(state, proof)
	require.NoError(t, err)
	step := 1
	if testing.Short() {
		step = 16
	}
	for name, check := range map[string]struct {
		message srp.Message
		step    int
		use     func(m []byte) error
	}{
		"proof": {proof, 1, func(m []byte) error { _, _, err := s.Verify(state, m); return err }},
		"reply": {reply, 1, func(m []byte) error { _, err := pending.Finish(m); return err }},
		"state": {state, step, func(m []byte) error { _, _, err := s.Verify(m, proof); return err }},
		"challenge": {challenge, 8 * step, func(m []byte) error {
			_, other, err := c.Respond(m, p.device)
			if err != nil {
				return err
			}
			_, _, err = s.Verify(state, other)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, check.use(check.message))
			for i := 0; i < len(check.message); i += check.step {
				m := bytes.Clone(check.message)
				m[i] ^= 1 << (i % 8)
				require.Contains(t, []string{"malformed", "newer", "open", "login"}, kindOf(check.use(m)), "byte %d", i)
			}
			require.Error(t, check.use(check.message[:len(check.message)-1]))
			require.Error(t, check.use(append(bytes.Clone(check.message), 0)))
			require.ErrorIs(t, check.use(nil), keys.ErrMalformed)
		})
	}
}

// TestSilence prints everything that holds a secret.
func TestSilence(t *testing.T) {
	p, s := janes(), newServer(t)
	c, challenge, state := start(t, s, jane, p.device)
	pending, proof, err := c.Respond(challenge, p.device)
	require.NoError(t, err)
	session, _, err := s.Verify(state, proof)
	require.NoError(t, err)
	for _, v := range []any{c, pending, session, s, *c, *pending, *session, *s} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
			out := fmt.Sprintf(verb, v)
			for _, secret := range [][]byte{proof[4:], {42, 0, 0, 0, 0}} {
				assert.NotContains(t, out, fmt.Sprintf("%x", secret))
				assert.NotContains(t, out, strings.Trim(fmt.Sprint(secret), "[]"))
			}
		}
	}
}
