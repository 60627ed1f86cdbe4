package srp_test

import (
	"bytes"
	"math/big"
	"slices"
	"testing"
	"time"

	"filippo.io/bigmod"
	onepassword "github.com/1Password/srp"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/modexp"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/srp"
)

// parts are the bare exponentiations that a login consists of.
type parts struct {
	modulus         *bigmod.Modulus
	g, x            *bigmod.Nat
	short, long     []byte // exponents of 32 and 65 bytes
	bigN, bigG, bgX *big.Int
}

func newParts(b *testing.B) *parts {
	g := modexp.Group3072()
	modulus, err := bigmod.NewModulus(g.N())
	require.NoError(b, err)
	nat := func(raw []byte) *bigmod.Nat {
		n, err := bigmod.NewNat().SetBytes(raw, modulus)
		require.NoError(b, err)
		return n
	}
	x := modexp.Verifier(bytes.Repeat([]byte{7}, 32))
	return &parts{
		modulus, nat(g.G()), nat(x), bytes.Repeat([]byte{0xa5}, 32), bytes.Repeat([]byte{0xa5}, 65),
		number(g.N()), number(g.G()), number(x),
	}
}

// client is g^a, g^x and (…)^(a+u·x).
func (p *parts) client() {
	bigmod.NewNat().Exp(p.g, p.short, p.modulus)
	bigmod.NewNat().Exp(p.g, p.short, p.modulus)
	bigmod.NewNat().Exp(p.x, p.long, p.modulus)
}

// server is g^b, v^u and (…)^b.
func (p *parts) server() {
	bigmod.NewNat().Exp(p.g, p.short, p.modulus)
	bigmod.NewNat().Exp(p.x, p.short, p.modulus)
	bigmod.NewNat().Exp(p.x, p.short, p.modulus)
}

func (p *parts) bigClient() {
	new(big.Int).Exp(p.bigG, number(p.short), p.bigN)
	new(big.Int).Exp(p.bigG, number(p.short), p.bigN)
	new(big.Int).Exp(p.bgX, number(p.long), p.bigN)
}

func (p *parts) bigServer() {
	new(big.Int).Exp(p.bigG, number(p.short), p.bigN)
	new(big.Int).Exp(p.bgX, number(p.short), p.bigN)
	new(big.Int).Exp(p.bgX, number(p.short), p.bigN)
}

// sides are the two halves of a login, as functions without a result.
type sides struct{ client, server func() }

func ours(b *testing.B) sides {
	p, s := janes(), newServer(b)
	c, challenge, state := start(b, s, jane, p.device)
	_, hello, err := srp.NewClient(jane, p.device)
	require.NoError(b, err)
	pending, proof, err := c.Respond(challenge, p.device)
	require.NoError(b, err)
	_, reply, err := s.Verify(state, proof)
	require.NoError(b, err)
	_, err = pending.Finish(reply)
	require.NoError(b, err)
	return sides{
		client: func() {
			c, _, _ := srp.NewClient(jane, p.device)
			pending, _, _ := c.Respond(challenge, p.device)
			pending.Finish(reply) // fails, and takes the same time
		},
		server: func() {
			s.Challenge(hello, func(string) (*keys.LockedAccount, error) { return p.account.Locked(), nil })
			s.Verify(state, proof)
		},
	}
}

func onePasswords(b *testing.B) sides {
	group, x := onepassword.KnownGroups[onepassword.RFC5054Group3072], new(big.Int).SetBytes(bytes.Repeat([]byte{7}, 32))
	client := onepassword.NewSRPClient(group, x, nil)
	v, err := client.Verifier()
	require.NoError(b, err)
	server := onepassword.NewSRPServer(group, v, nil)
	return sides{
		client: func() {
			c := onepassword.NewSRPClient(group, x, nil)
			c.SetOthersPublic(server.EphemeralPublic())
			c.Key()
		},
		server: func() {
			s := onepassword.NewSRPServer(group, v, nil)
			s.SetOthersPublic(client.EphemeralPublic())
			s.Key()
		},
	}
}

// BenchmarkParts, BenchmarkClient and BenchmarkServer are to be read beside
// each other: the parts are the sum of the exponentiations that a side needs.
func BenchmarkParts(b *testing.B) {
	p := newParts(b)
	for name, f := range map[string]func(){"Client": p.client, "Server": p.server} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
		})
	}
}

func BenchmarkClient(b *testing.B) {
	s := ours(b)
	for b.Loop() {
		s.client()
	}
}

func BenchmarkServer(b *testing.B) {
	s := ours(b)
	for b.Loop() {
		s.server()
	}
}

// BenchmarkRatio measures both sides, interleaved with their parts, with
// math/big and with 1Password/srp, and reports medians: what each costs beside
// the bare exponentiations of bigmod, and logins per second and core.
func BenchmarkRatio(b *testing.B) {
	p, our, their := newParts(b), ours(b), onePasswords(b)
	for _, side := range []struct {
		name  string
		parts func()
		cases map[string]func()
	}{
		{"Client", p.client, map[string]func(){"ours": our.client, "mathbig": p.bigClient, "1Password": their.client}},
		{"Server", p.server, map[string]func(){"ours": our.server, "mathbig": p.bigServer, "1Password": their.server}},
	} {
		b.Run(side.name, func(b *testing.B) {
			times := map[string][]time.Duration{}
			measure := func(name string, f func()) {
				begin := time.Now()
				f()
				times[name] = append(times[name], time.Since(begin))
			}
			for b.Loop() {
				measure("parts", side.parts)
				for name, f := range side.cases {
					measure(name, f)
				}
			}
			median := func(name string) float64 {
				slices.Sort(times[name])
				return times[name][len(times[name])/2].Seconds()
			}
			for name := range side.cases {
				b.ReportMetric(median(name)/median("parts"), name+"/parts")
			}
			b.ReportMetric(1/median("ours"), "logins/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}
