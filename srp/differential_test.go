package srp_test

import (
	"bytes"
	"encoding/gob"
	"flag"
	"math/big"
	"math/rand/v2"
	"testing"

	onepassword "github.com/1Password/srp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/modexp"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/srp"
)

var cases = flag.Int("srp.cases", 150, "how many random exchanges are compared with 1Password's")

// theirs is what github.com/1Password/srp keeps of an exchange. Its stored form
// lets a test choose the secrets and u, and read S, which its API does not.
type theirs struct {
	group                       *onepassword.Group
	secret, A, B, x, v, u, k, S *big.Int
	key                         []byte
	isServer, bad, proved       bool
	m, proof                    []byte
}

func (o *theirs) fields() []any {
	return []any{&o.group, &o.secret, &o.A, &o.B, &o.x, &o.v, &o.u, &o.k, &o.S, &o.key, &o.isServer, &o.bad, &o.proved, &o.m, &o.proof}
}

// premaster lets their code compute S.
func (o *theirs) premaster(t *testing.T) *big.Int {
	var in bytes.Buffer
	enc := gob.NewEncoder(&in)
	for _, v := range []any{o.group, o.secret, o.A, o.B, o.x, o.v, o.u, o.k, o.S, o.key, o.isServer, o.bad, o.proved, o.m, o.proof} {
		require.NoError(t, enc.Encode(v))
	}
	var peer onepassword.SRP
	require.NoError(t, peer.UnmarshalBinary(in.Bytes()))
	_, err := peer.Key()
	require.NoError(t, err)
	out, err := peer.MarshalBinary()
	require.NoError(t, err)
	var done theirs
	dec := gob.NewDecoder(bytes.NewReader(out))
	for _, v := range done.fields() {
		require.NoError(t, dec.Decode(v))
	}
	return done.S
}

// scalars draws 32 bytes; of every other one, some in front are zero.
func scalars(r *rand.Rand) []byte {
	b := make([]byte, 32)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	if r.IntN(2) == 0 {
		clear(b[:r.IntN(31)])
	}
	return b
}

// exchange is one exchange, computed by us, by 1Password and by math/big.
type exchange struct{ x, a, b []byte }

func (e exchange) compare(t *testing.T) (v, A, B, S []byte) {
	g, o := modexp.Group3072(), attackers()
	v, A = modexp.Verifier(e.x), g.PowG(e.a).Bytes()
	k := g.Small(srp.Multiplier())
	B = g.ServerPublic(k, g.Small(v), e.b).Bytes()
	u := srp.Scrambler(A, B)
	client := g.ClientSecret(k, g.Small(B), e.a, u, e.x).Bytes()
	server := g.ServerSecret(g.Small(A), g.Small(v), u, e.b).Bytes()
	require.Equal(t, client, server)
	require.Equal(t, client, o.clientSecret(o.k, number(B), e.a, u, e.x), "math/big")

	group := onepassword.KnownGroups[onepassword.RFC5054Group3072]
	peer := theirs{
		group: group, A: number(A), B: number(B), x: number(e.x), v: number(v), u: number(u), k: o.k,
		S: new(big.Int), secret: number(e.a),
	}
	require.Equal(t, client, o.pad(peer.premaster(t)), "1Password's client")
	peer.isServer, peer.secret = true, number(e.b)
	require.Equal(t, client, o.pad(peer.premaster(t)), "1Password's server")
	return v, A, B, client
}

// TestDifferential compares random exchanges. -srp.cases=5000 takes a minute.
func TestDifferential(t *testing.T) {
	n := *cases
	if testing.Short() {
		n = 10
	}
	r := rand.New(rand.NewPCG(5054, 2945))
	for range n {
		exchange{scalars(r), scalars(r), scalars(r)}.compare(t)
	}
}

// TestDifferentialPublic lets 1Password's code draw the secrets, and make A, B
// and v.
func TestDifferentialPublic(t *testing.T) {
	o, g := attackers(), modexp.Group3072()
	group := onepassword.KnownGroups[onepassword.RFC5054Group3072]
	for range 5 {
		x := random(32)
		client := onepassword.NewSRPClient(group, number(x), o.k)
		v, err := client.Verifier()
		require.NoError(t, err)
		assert.Equal(t, o.pad(v), modexp.Verifier(x))
		server := onepassword.NewSRPServer(group, v, o.k)
		A, B := o.pad(client.EphemeralPublic()), o.pad(server.EphemeralPublic())
		a, b := secretOf(t, client), secretOf(t, server)
		assert.Equal(t, A, g.PowG(a).Bytes())
		assert.Equal(t, B, g.ServerPublic(g.Small(srp.Multiplier()), g.Small(o.pad(v)), b).Bytes())
	}
	// Their k is H(N ‖ g) without padding: the same protocol needs ours.
	assert.NotEqual(t, o.k, kOf(t, onepassword.NewSRPClient(group, big.NewInt(2), nil)))
}

func decodeTheirs(t *testing.T, peer *onepassword.SRP) (o theirs) {
	raw, err := peer.MarshalBinary()
	require.NoError(t, err)
	dec := gob.NewDecoder(bytes.NewReader(raw))
	for _, v := range o.fields() {
		require.NoError(t, dec.Decode(v))
	}
	return o
}

func secretOf(t *testing.T, peer *onepassword.SRP) []byte {
	return decodeTheirs(t, peer).secret.FillBytes(make([]byte, 32))
}

func kOf(t *testing.T, peer *onepassword.SRP) *big.Int { return decodeTheirs(t, peer).k }

// TestDifferentialWhole drives the public API with chosen a and b, and compares
// the proof with one made of math/big's S.
func TestDifferentialWhole(t *testing.T) {
	p, s, o := janes(), newServer(t), attackers()
	r := rand.New(rand.NewPCG(1, 2))
	for range 10 {
		a, b := scalars(r), scalars(r)
		a[31], b[31] = a[31]|1, b[31]|1
		_, challenge, state := start(t, s, jane, p.device)
		require.NotNil(t, challenge)
		c, _, err := srp.NewClient(jane, p.device)
		require.NoError(t, err)
		c, hello := c.WithSecret(a)
		st, err := s.OpenState(state)
		require.NoError(t, err)
		st.A = hello[len(hello)-384:]
		challenge, state = s.WithSecret(st, b)
		_, proof, err := c.Respond(challenge, p.device)
		require.NoError(t, err)
		_, _, err = s.Verify(state, proof)
		require.NoError(t, err)

		st, err = s.OpenState(state)
		require.NoError(t, err)
		require.Equal(t, ring.Device, st.Kind)
		S := o.clientSecret(o.k, number(st.B), a, srp.Scrambler(st.A, st.B), xOf(p.device))
		_, m1, _, _ := st.Proofs(service, nil, S)
		require.Equal(t, m1, []byte(proof[4:]))
	}
}
