package attack_test

import (
	"bytes"
	"crypto/sha256"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/modexp"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/wire"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/srp"
)

// What is here is the login as an attacker computes it, by the specification
// (Section 7) and with math/big.

func number(b []byte) *big.Int { return new(big.Int).SetBytes(b) }

var (
	prime  = number(modexp.Group3072().N())
	gen    = number(modexp.Group3072().G())
	factor = number(hash(modexp.Group3072().N(), modexp.Group3072().G())) // k
)

func hash(parts ...[]byte) []byte {
	sum := sha256.Sum256(bytes.Join(parts, nil))
	return sum[:]
}

func power(base *big.Int, e []byte) *big.Int { return new(big.Int).Exp(base, number(e), prime) }
func times(x, y *big.Int) *big.Int           { return new(big.Int).Mul(x, y) }

func pad(x *big.Int) []byte { return new(big.Int).Mod(x, prime).FillBytes(make([]byte, 384)) }

func xOf(c *keys.Credential) []byte { return reveal(ring.HalfOf(c.Login()).X) }

// A talk is a login as one side sees it, and what it is bound to.
type talk struct {
	service, name string
	half          ring.LoginHalf // kind, slot and parameters
	a, A, B       []byte
}

// begin draws a and returns the hello.
func begin(who keys.Login, c *keys.Credential) (*talk, srp.Message) {
	t := &talk{service: who.Service, name: who.Name, half: ring.HalfOf(c.Login()), a: random(32)}
	t.A = pad(power(gen, t.a))
	return t, helloOf(who.Name, t.half.Slot, t.A)
}

func helloOf(name string, slot ring.SlotID, A []byte) srp.Message {
	b := wire.AppendPrefixed(wire.AppendHeading(nil, wire.Hello), name)
	return append(append(b, slot[:]...), A...)
}

func challengeOf(params, B []byte) srp.Message {
	return append(wire.AppendPrefixed(wire.AppendHeading(nil, wire.Challenge), params), B...)
}

// secretOf is S of a client with x, for any k.
func (t *talk) secretOf(k *big.Int, x []byte) []byte {
	base := new(big.Int).Sub(number(t.B), times(k, power(gen, x)))
	e := new(big.Int).Add(number(t.a), times(number(hash(t.A, t.B)), number(x)))
	return pad(power(base.Mod(base, prime), e.Bytes()))
}

// proofs are what follows from S.
func (t *talk) proofs(S []byte) (m1, m2, session []byte) {
	b := wire.Join([]byte(label.SRPTranscript), modexp.Group3072().N(), modexp.Group3072().G(), []byte(t.service), []byte(t.name))
	b = append(append(b, byte(t.half.Kind)), t.half.Slot[:]...)
	b = append(b, wire.Join(t.half.Params, t.A, t.B, nil)...)
	prk := box.Extract(hash(b), secretKey(S))
	m1 = reveal(box.Expand(prk, label.SRPClient, 32))
	return m1, reveal(box.Expand(prk, label.SRPServer, 32, m1)), reveal(box.Expand(prk, label.SRPSession, 32))
}

func proofOf(m1 []byte) srp.Message { return append(wire.AppendHeading(nil, wire.Proof), m1...) }

// server is the honest server of one service.
func server(t *testing.T) *srp.Server {
	t.Helper()
	s, err := srp.NewServer(service, [32]byte{1: 42}, srp.Decoy{Cost: cheap, Weight: 1})
	require.NoError(t, err)
	return s
}

// accounts finds them by name.
func accounts(of map[string]*keys.LockedAccount) func(string) (*keys.LockedAccount, error) {
	return func(name string) (*keys.LockedAccount, error) { return of[name], nil }
}

// janesAccount has a passphrase, and a device.
func janesAccount() (*keys.Account, *keys.Credential, func(string) (*keys.LockedAccount, error)) {
	phone := device()
	a := must(keys.NewAccount(janes()).Add("phone", phone))
	return a, phone, accounts(map[string]*keys.LockedAccount{"jane": a.Locked()})
}

// start begins a login of a client of the library.
func start(t *testing.T, s *srp.Server, who keys.Login, c *keys.Credential, lookup func(string) (*keys.LockedAccount, error)) (*srp.Client, srp.Message, srp.Message) {
	t.Helper()
	client, hello, err := srp.NewClient(who, keyFor(c))
	require.NoError(t, err)
	challenge, state, err := s.Challenge(hello, lookup)
	require.NoError(t, err)
	return client, challenge, state
}

// keyFor is what NewClient takes: nil for a passphrase.
func keyFor(c *keys.Credential) *keys.Credential {
	if c.Params() != nil {
		return nil
	}
	return c
}

// TestTalk shows that an attacker computes what the library does: a login by
// hand, for each kind of credential, succeeds.
func TestTalk(t *testing.T) {
	_, phone, lookup := janesAccount()
	s := server(t)
	for _, c := range []*keys.Credential{janes(), phone} {
		talk, hello := begin(jane, c)
		challenge, state, err := s.Challenge(hello, lookup)
		require.NoError(t, err)
		talk.B = challenge[len(challenge)-384:]
		m1, m2, _ := talk.proofs(talk.secretOf(factor, xOf(c)))
		_, reply, err := s.Verify(state, proofOf(m1))
		require.NoError(t, err)
		require.Equal(t, m2, []byte(reply[4:]))
	}
}
