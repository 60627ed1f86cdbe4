package srp_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"go/ast"
	"go/parser"
	"go/token"
	"math/big"
	"path/filepath"
	"strings"
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

// TestA60_NoGroupOnTheWire gives a client a group after, before and in place of
// what a challenge holds: there is no field for one.
func TestA60_NoGroupOnTheWire(t *testing.T) {
	p, s, g := janes(), newServer(t), attackers()
	c, challenge, _ := start(t, s, jane, p.device)
	weak := bytes.Repeat([]byte{7}, 384)
	for name, m := range map[string][]byte{
		"N behind":      append(bytes.Clone(challenge), weak...),
		"N, g behind":   append(append(bytes.Clone(challenge), weak...), 2),
		"group id":      append(bytes.Clone(challenge), 1),
		"N as params":   srp.EncodeChallenge(weak[:64], challenge[8:]),
		"N before B":    append(append(bytes.Clone(challenge[:8]), weak...), challenge[8:]...),
		"smaller group": append(bytes.Clone(challenge[:8]), challenge[8+128:]...),
	} {
		_, proof, err := c.Respond(m, p.device)
		assert.ErrorIs(t, err, keys.ErrMalformed, name)
		assert.Nil(t, proof)
	}
	assert.Equal(t, 3072, g.n.BitLen())
}

// TestA61_TwoGuessesPerLogin is the impostor who sends B = g^x1 + g^x2. With
// k = 1, one login tests both guesses; with k a hash, none.
func TestA61_TwoGuessesPerLogin(t *testing.T) {
	g := attackers()
	x1, x2 := keys.Device([32]byte{1}), keys.Device([32]byte{2}) // the guesses
	v1, v2 := g.exp(g.g, xOf(x1)), g.exp(g.g, xOf(x2))
	B := g.pad(new(big.Int).Add(v1, v2))

	// matches counts the guesses that give the client's secret, where the client
	// has x1: the impostor knows b = x2 for the guess x1, and the other way round.
	matches := func(S, A []byte) (n int) {
		u := srp.Scrambler(A, B)
		for _, guess := range []struct {
			v *big.Int
			b []byte
		}{{v1, xOf(x2)}, {v2, xOf(x1)}} {
			n += btoi(bytes.Equal(S, g.pad(g.exp(new(big.Int).Mul(number(A), g.exp(guess.v, u)), guess.b))))
		}
		return n
	}
	for _, victim := range []*keys.Credential{x1, x2} {
		a := random(32)
		A := g.pad(g.exp(g.g, a))
		u := srp.Scrambler(A, B)
		assert.Equal(t, 1, matches(g.clientSecret(big.NewInt(1), number(B), a, u, xOf(victim)), A), "the attack itself is wrong")
		assert.Equal(t, 0, matches(g.clientSecret(g.k, number(B), a, u, xOf(victim)), A))

		client, _, err := srp.NewClient(jane, victim)
		require.NoError(t, err)
		client, hello := client.WithSecret(a)
		require.Equal(t, A, []byte(hello[len(hello)-384:]))
		_, proof, err := client.Respond(srp.EncodeChallenge(nil, B), victim)
		require.NoError(t, err)
		half := ring.HalfOf(victim.Login())
		st := &srp.State{Name: "jane", Kind: half.Kind, Slot: half.Slot, A: A, B: B}
		for k, want := range map[*big.Int]bool{g.k: true, big.NewInt(1): false} {
			_, m1, _, _ := st.Proofs(service, nil, g.clientSecret(k, number(B), a, u, xOf(victim)))
			assert.Equal(t, want, bytes.Equal(m1, proof[4:]), "k = %v", k)
		}
	}
	assert.Greater(t, g.k.BitLen(), 240, "k is no hash")
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestA62_Transcript changes each field of a transcript, also so that the
// joined bytes would be the same without lengths in front.
func TestA62_Transcript(t *testing.T) {
	base := func() *srp.State {
		return &srp.State{Name: "jane", Kind: ring.Code, Params: []byte("params"), A: random384(1), B: random384(2)}
	}
	proofs := func(service string, binding []byte, st *srp.State) string {
		transcript, m1, m2, session := st.Proofs(service, binding, random384(3))
		return string(bytes.Join([][]byte{transcript, m1, m2, session}, nil))
	}
	seen := map[string]string{}
	add := func(name, value string) {
		for n := range 4 {
			part := value[32*n : 32*n+32]
			if other, twice := seen[part]; twice {
				t.Errorf("%s and %s share a value", name, other)
			}
			seen[part] = name
		}
	}
	add("base", proofs(service, []byte("tls"), base()))
	add("service", proofs("notes.exampl", []byte("tls"), base()))
	add("binding", proofs(service, nil, base()))
	for name, change := range map[string]func(*srp.State){
		"name":            func(st *srp.State) { st.Name = "janes" },
		"kind":            func(st *srp.State) { st.Kind = ring.Device },
		"slot":            func(st *srp.State) { st.Slot[15] = 1 },
		"params":          func(st *srp.State) { st.Params = []byte("param") },
		"no params":       func(st *srp.State) { st.Params = nil },
		"A":               func(st *srp.State) { st.A[383] ^= 1 },
		"B":               func(st *srp.State) { st.B[0] ^= 1 },
		"A and B":         func(st *srp.State) { st.A, st.B = st.B, st.A },
		"a byte from B":   func(st *srp.State) { st.A, st.B = append(st.A, st.B[0]), st.B[1:] },
		"a byte from A":   func(st *srp.State) { st.Params, st.A = append(st.Params, st.A[0]), st.A[1:] },
		"name to service": func(st *srp.State) { st.Name = "jan" },
	} {
		st := base()
		change(st)
		add(name, proofs(service, []byte("tls"), st))
	}
	st := base()
	st.Name = "e" + st.Name
	add("moved from the service", proofs("notes.exampl", []byte("tls"), st))
}

func random384(seed byte) []byte {
	out := make([]byte, 0, 384)
	for n := range 12 {
		sum := sha256.Sum256([]byte{seed, byte(n)})
		out = append(out, sum[:]...)
	}
	out[0] = 0
	return out
}

// TestA63_ConstantTimeInSource reads the source: no math/big, no early exit in
// the comparison of secrets, and no power but those of internal/modexp, where
// math/big sees the public parameters only.
func TestA63_ConstantTimeInSource(t *testing.T) {
	allowed := map[string]string{ // what may stand where; elsewhere it may not stand at all
		"math/big": "../internal/modexp/modexp.go",  // copies N and g
		"Exp":      "../internal/modexp/element.go", // of bigmod
		"Equal":    "client.go",                     // of public parameters
	}
	files := 0
	for _, pattern := range []string{"*.go", "../internal/modexp/*.go"} {
		names, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			require.NoError(t, err)
			files++
			ast.Inspect(file, func(n ast.Node) bool {
				found := ""
				switch n := n.(type) {
				case *ast.ImportSpec:
					found = strings.Trim(n.Path.Value, `"`)
				case *ast.SelectorExpr:
					found = n.Sel.Name
				}
				assert.NotContains(t, found, "VarTime", name)
				if place, listed := allowed[found]; listed {
					assert.Equal(t, place, name, found)
				}
				return true
			})
		}
	}
	assert.GreaterOrEqual(t, files, 10)
}

// TestA63_ExponentLength counts bytes: the exponents have the same length
// whatever their values.
func TestA63_ExponentLength(t *testing.T) {
	for _, b := range [][]byte{make([]byte, 32), bytes.Repeat([]byte{255}, 32), append(make([]byte, 31), 1)} {
		assert.Len(t, modexp.MulAdd(b, b, b), 65)
	}
}

// TestA65_ServerChoosesParameters is a server that asks for less, or for
// another salt, than before.
func TestA65_ServerChoosesParameters(t *testing.T) {
	seen, err := keys.DecoyParams(keys.Cost{Memory: 64 << 10, Passes: 3, Lanes: 4}, true, [32]byte{1})
	require.NoError(t, err)
	p, s := janes(), newServer(t)
	c, challenge, _ := start(t, s, jane, nil)
	B := challenge[len(challenge)-384:]
	from := func(cost keys.Cost, second bool) []byte {
		params, err := keys.DecoyParams(cost, second, [32]byte{2})
		require.NoError(t, err)
		return params.Bytes()
	}
	good := from(keys.Cost{Memory: 64 << 10, Passes: 3, Lanes: 4}, true)
	low := bytes.Clone(good)
	copy(low[6:10], []byte{0, 0, 1, 0}) // 256 KiB
	version := bytes.Clone(good)
	version[4] = 0
	for name, c2 := range map[string]struct {
		params []byte
		want   string
	}{
		"the same": {good, ""}, "more": {from(keys.Cost{Memory: 128 << 10, Passes: 3, Lanes: 4}, true), ""},
		"cheaper": {from(cheap, true), "params"}, "PBKDF2": {from(keys.Cost{Iterations: 10_000_000}, true), "params"},
		"no second": {from(keys.Cost{}, false), "params"}, "under the floor": {low, "cost"},
		"older form": {version, "malformed"}, "short salt": {good[:51], "malformed"}, "none": {nil, "malformed"},
	} {
		got, err := c.Params(srp.EncodeChallenge(c2.params, B), seen)
		assert.Equal(t, c2.want, kindOf(err), name)
		assert.Equal(t, c2.want == "", got != nil, name)
	}

	// A salt of the server's own is in the proof: it fails at the real server.
	own, err := keys.DecoyParams(cheap, false, [32]byte{9})
	require.NoError(t, err)
	c, challenge, state := start(t, s, jane, nil)
	tricked, err := own.Stretch(jane, passphrase, nil)
	require.NoError(t, err)
	_, proof, err := c.Respond(srp.EncodeChallenge(own.Bytes(), challenge[len(challenge)-384:]), tricked)
	require.NoError(t, err)
	_, _, err = s.Verify(state, proof)
	assert.Equal(t, srp.ErrLogin, err)
	_, _, err = c.Respond(srp.EncodeChallenge(own.Bytes(), challenge[len(challenge)-384:]), p.passphrase)
	assert.ErrorIs(t, err, keys.ErrParams)
}

// TestA66_NothingBeforeTheProof takes a challenge and its state to pieces: no
// part of the account record is in them but parameters that anybody gets. The
// HTTP example shows that the record is given out to sessions only.
func TestA66_NothingBeforeTheProof(t *testing.T) {
	p, s := janes(), newServer(t)
	record := p.account.Locked().Bytes()
	for name, key := range map[string]*keys.Credential{"passphrase": nil, "code": p.code, "device": p.device} {
		_, challenge, state := start(t, s, jane, key)
		public := challenge[:len(challenge)-384]
		if key == nil {
			public = public[:8]
			assert.Equal(t, p.passphrase.Params().Bytes(), []byte(challenge[8:len(challenge)-384]))
		}
		assert.Len(t, public, 8, name)
		for _, sent := range [][]byte{challenge[len(challenge)-384:], state} {
			for i := 0; i+16 <= len(sent); i++ {
				require.False(t, bytes.Contains(record, sent[i:i+16]), "%s: part of the record", name)
			}
		}
	}
}

// TestA68_OneTryPerChallenge: the library keeps no counter, so it can't be
// fooled into forgetting one. A taken state allows one try; a restored snapshot
// of the store gives states that open nothing more than they did.
func TestA68_OneTryPerChallenge(t *testing.T) {
	p, s := janes(), newServer(t)
	states := newMemory()
	c, challenge, state := start(t, s, jane, p.device)
	id, err := states.Put(state)
	require.NoError(t, err)
	_, proof, err := c.Respond(challenge, p.device)
	require.NoError(t, err)

	try := func(proof []byte) error {
		state, err := states.Take(id)
		if err != nil {
			return err
		}
		_, _, err = s.Verify(state, proof)
		return err
	}
	wrong := append(bytes.Clone(proof[:35]), proof[35]^1)
	assert.Equal(t, srp.ErrLogin, try(wrong))
	assert.ErrorIs(t, try(proof), errGone, "a second try on one challenge")
}

// TestA69_NameForms writes one name in several ways.
func TestA69_NameForms(t *testing.T) {
	s := newServer(t)
	forms := []string{"J\u00e4ne", "Ja\u0308ne", "j\u00c4ne", "\uff2a\u00e4ne"} // NFC, NFD, case, width
	for _, form := range forms {
		_, hello, err := srp.NewClient(keys.Login{Service: service, Name: form}, nil)
		require.NoError(t, err)
		var name string
		_, _, err = s.Challenge(hello, func(n string) (*keys.LockedAccount, error) { name = n; return nil, nil })
		require.NoError(t, err)
		assert.Equal(t, "j\u00e4ne", name)
	}
}
