package srp_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/modexp"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/srp"
)

// The published attacks on logins, A55 to A69, each as a test that fails if
// the attack works. Where an attack would work on a weaker protocol, the test
// shows that too, so that the attack is known to be carried out right.

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// group3072 is math/big, for the attackers.
type group3072 struct{ n, g, k *big.Int }

func attackers() group3072 {
	g := modexp.Group3072()
	return group3072{number(g.N()), number(g.G()), number(srp.Multiplier())}
}

func number(b []byte) *big.Int                        { return new(big.Int).SetBytes(b) }
func (g group3072) exp(x *big.Int, e []byte) *big.Int { return new(big.Int).Exp(x, number(e), g.n) }
func (g group3072) pad(x *big.Int) []byte {
	return new(big.Int).Mod(x, g.n).FillBytes(make([]byte, 384))
}

// clientSecret is S as a client with x computes it, with any k.
func (g group3072) clientSecret(k, B *big.Int, a, u, x []byte) []byte {
	base := new(big.Int).Sub(B, new(big.Int).Mul(k, g.exp(g.g, x)))
	e := new(big.Int).Add(number(a), new(big.Int).Mul(number(u), number(x)))
	return g.pad(new(big.Int).Exp(base.Mod(base, g.n), e, g.n))
}

// xOf is what an attacker tries for a credential.
func xOf(c *keys.Credential) []byte { return secret.Reveal(ring.HalfOf(c.Login()).X) }

// TestA55_LoginHalfOpensNothing takes all that is computed with or sent to the
// server and tries it as the key of the slot and of its boxes.
func TestA55_LoginHalfOpensNothing(t *testing.T) {
	p, s := janes(), newServer(t)
	c, challenge, state := start(t, s, jane, p.device)
	pending, proof, err := c.Respond(challenge, p.device)
	require.NoError(t, err)
	session, reply, err := s.Verify(state, proof)
	require.NoError(t, err)
	_, err = pending.Finish(reply)
	require.NoError(t, err)
	st, err := s.OpenState(state)
	require.NoError(t, err)
	export := session.Export("everything")
	hashed := sha256.Sum256(st.V)
	record := p.account.Locked().Bytes()
	locked, err := keys.ParseLockedAccount(record, nil)
	require.NoError(t, err)

	_, err = locked.Unlock(p.device)
	require.NoError(t, err, "the credential itself opens it")
	for name, k := range map[string][]byte{
		"x": xOf(p.device), "M1": proof[4:], "M2": reply[4:], "export": export[:], "b": st.SecretB, "H(v)": hashed[:],
	} {
		require.Len(t, k, 32, name)
		_, err := locked.Unlock(keys.Device([32]byte(k)))
		assert.Error(t, err, "%s is a device", name)
		kem, err := box.KEM().NewPrivateKey(k)
		require.NoError(t, err)
		assert.False(t, bytes.Contains(record, kem.PublicKey().Bytes()), "%s is the key of a slot", name)
		assert.False(t, bytes.Contains(record, k), "%s is in the record", name)
	}
}

// TestA56_SecondSecret holds the whole store and the right passphrase, and
// neither the verifier nor the record tells that it is right, without the
// second secret.
func TestA56_SecondSecret(t *testing.T) {
	second, wrong := keys.NewCode(), keys.NewCode()
	right, err := keys.NewPassphrase(jane, passphrase, cheap, second)
	require.NoError(t, err)
	locked := keys.NewAccount(right).Locked()
	v, ok := locked.Verifier(ring.SlotID{})
	require.True(t, ok)
	params, err := keys.ParseParams(v.Params, nil)
	require.NoError(t, err)

	for name, c := range map[string]struct {
		passphrase string
		second     *keys.Code
		opens      bool
	}{
		"all known": {passphrase, second, true}, "right passphrase": {passphrase, wrong, false}, "nothing": {"wrong", wrong, false},
	} {
		guess, err := params.Stretch(jane, c.passphrase, c.second)
		require.NoError(t, err)
		assert.Equal(t, c.opens, bytes.Equal(v.V, modexp.Verifier(xOf(guess))), name)
		_, err = locked.Unlock(guess)
		assert.Equal(t, c.opens, err == nil, name)
	}
	_, err = params.Stretch(jane, passphrase, nil)
	assert.ErrorIs(t, err, keys.ErrParams, "without it, nothing is even tried")
}

// TestA57_OfflineDictionary starts logins as an outsider with a dictionary that
// has the passphrase in it, and looks for a value by which to know it.
func TestA57_OfflineDictionary(t *testing.T) {
	p, s, g := janes(), newServer(t), attackers()
	params := p.passphrase.Params()
	dictionary := map[string][]byte{passphrase: xOf(p.passphrase)}
	for _, word := range []string{"letmein", "123456"} {
		c, err := params.Stretch(jane, word, nil)
		require.NoError(t, err)
		dictionary[word] = xOf(c)
	}
	a := random(32)
	client, _, err := srp.NewClient(jane, nil)
	require.NoError(t, err)
	_, hello := client.WithSecret(a)
	challenge, state, err := s.Challenge(hello, lookup)
	require.NoError(t, err)
	session, reply, err := s.Verify(state, append(srp.Message("skp\x01"), random(32)...))
	require.ErrorIs(t, err, srp.ErrLogin)
	require.Nil(t, session)
	require.Nil(t, reply, "a wrong proof is answered with bytes")

	// What a client that knows the word would compute.
	st, err := s.OpenState(state)
	require.NoError(t, err)
	guess := func(x []byte) (values [][]byte) {
		B := number(challenge[len(challenge)-384:])
		S := g.clientSecret(g.k, B, a, srp.Scrambler(hello[len(hello)-384:], g.pad(B)), x)
		_, m1, m2, session := st.Proofs(service, nil, S)
		v := g.pad(g.exp(g.g, x))
		difference := g.pad(new(big.Int).Sub(B, new(big.Int).Mul(g.k, number(v))))
		return [][]byte{S, m1, m2, session, v, difference, g.pad(new(big.Int).Mul(g.k, number(v)))}
	}
	// The control: a server that proves first, or sends anything made of S.
	_, m1, m2, _ := st.Proofs(service, nil, g.pad(g.exp(new(big.Int).Mul(number(st.A), g.exp(number(st.V), srp.Scrambler(st.A, st.B))), st.SecretB)))
	seen := bytes.Join([][]byte{hello, challenge}, nil)
	for word, x := range dictionary {
		hit, control := false, false
		for _, value := range guess(x) {
			hit = hit || bytes.Contains(seen, value[:32])
			control = control || bytes.Equal(value, m1) || bytes.Equal(value, m2)
		}
		assert.False(t, hit, "the transcript tells %q", word)
		assert.Equal(t, word == passphrase, control, "the attack itself is wrong")
	}
}

// degenerate lists public values that no honest peer sends.
func degenerate() map[string][]byte {
	g := attackers()
	raw := func(x *big.Int) []byte { return x.FillBytes(make([]byte, 384)) }
	n := func(f int64, more int64) *big.Int {
		return new(big.Int).Add(new(big.Int).Mul(g.n, big.NewInt(f)), big.NewInt(more))
	}
	return map[string][]byte{
		"0": make([]byte, 384), "1": raw(big.NewInt(1)), "N-1": raw(n(1, -1)), "N": raw(n(1, 0)), "N+1": raw(n(1, 1)),
		"2N": n(2, 0).Bytes(), "3N+5": n(3, 5).Bytes(), "N^2": new(big.Int).Mul(g.n, g.n).Bytes(),
		"2^3072-1": bytes.Repeat([]byte{255}, 384), "2^3072": append([]byte{1}, make([]byte, 384)...),
		"short": raw(big.NewInt(5))[1:], "long": append([]byte{0}, raw(big.NewInt(5))...), "empty": {},
	}
}

// TestA58_DegenerateValues sends them to both sides.
func TestA58_DegenerateValues(t *testing.T) {
	p, s := janes(), newServer(t)
	c, challenge, _ := start(t, s, jane, nil)
	params := challenge[8 : len(challenge)-384]
	for name, public := range degenerate() {
		ch, st, err := s.Challenge(srp.EncodeHello("jane", [16]byte{}, public), func(string) (*keys.LockedAccount, error) {
			t.Errorf("A = %s reached the look-up", name)
			return nil, nil
		})
		assert.ErrorIs(t, err, keys.ErrMalformed, "A = %s", name)
		assert.Nil(t, ch)
		assert.Nil(t, st)

		pending, proof, err := c.Respond(srp.EncodeChallenge(params, public), p.passphrase)
		assert.ErrorIs(t, err, keys.ErrMalformed, "B = %s", name)
		assert.Nil(t, pending)
		assert.Nil(t, proof)
	}
}

// TestA58_OwnValuesAreRedrawn draws until the value is none of those.
func TestA58_OwnValuesAreRedrawn(t *testing.T) {
	g, draws := modexp.Group3072(), 0
	minusOne := new(big.Int).Sub(number(g.N()), big.NewInt(1)).Bytes()
	results := [][]byte{{0}, {1}, minusOne, {3}, {2}}
	exponent, padded := srp.Draw(func(e []byte) []byte {
		draws++
		require.Len(t, e, 32)
		return results[draws-1]
	}, func(padded []byte) bool { return padded[383] != 3 })
	assert.Equal(t, 5, draws)
	assert.Len(t, exponent, 32)
	assert.EqualValues(t, 2, number(padded).Int64())
	assert.Len(t, padded, 384)
}

// TestA58_ZeroScrambler has a hash that nobody can find.
func TestA58_ZeroScrambler(t *testing.T) {
	good := modexp.Verifier(random(32))
	assert.ErrorIs(t, srp.Accept(good, make([]byte, 32)), keys.ErrMalformed)
	assert.NoError(t, srp.Accept(good, append(make([]byte, 31), 1)))
	assert.NoError(t, srp.Accept(good, append([]byte{1}, make([]byte, 31)...)))
}

// TestA58_ServerProofIsMandatory gives a client every reply but the right one.
func TestA58_ServerProofIsMandatory(t *testing.T) {
	p, s := janes(), newServer(t)
	c, challenge, state := start(t, s, jane, p.device)
	pending, proof, err := c.Respond(challenge, p.device)
	require.NoError(t, err)
	_, reply, err := s.Verify(state, proof)
	require.NoError(t, err)
	_, _, otherState := start(t, s, jane, p.device)
	reflected := append(bytes.Clone(reply[:4]), proof[4:]...)
	for name, m := range map[string][]byte{
		"random": append(bytes.Clone(reply[:4]), random(32)...), "zeros": append(bytes.Clone(reply[:4]), make([]byte, 32)...),
		"one's own proof": reflected,
	} {
		session, err := pending.Finish(m)
		assert.Equal(t, srp.ErrLogin, err, name)
		assert.Nil(t, session)
	}
	for name, m := range map[string][]byte{"none": nil, "proof": proof, "state": otherState, "challenge": challenge, "short": reply[:35]} {
		session, err := pending.Finish(m)
		assert.ErrorIs(t, err, keys.ErrMalformed, name)
		assert.Nil(t, session)
	}
}
