package srp_test

import (
	"bytes"
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

	"github.com/sealkin/sealkin/internal/modexp"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/srp"
)

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
