// Package modexp is arithmetic in the two groups of SRP (RFC 5054, Appendix A),
// constant-time in source (filippo.io/bigmod).
//
// The groups are those of github.com/1Password/srp, pinned by hash, since that
// package keeps them in a map that anybody can change. Package srp uses the one
// of 3072 bits, package insomnia the one of 2048.
//
// What may leak is the length of an exponent in bytes, and nothing else: no
// value decides a branch or an address. The bytes of residues that go in and
// out have the length of the modulus (PAD in RFC 5054).
package modexp

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"sync"
	"sync/atomic"

	"filippo.io/bigmod"
	onepassword "github.com/1Password/srp"
)

// A Group is the multiplicative group modulo a safe prime N, with a generator
// g. It is safe for concurrent use.
type Group struct {
	n, g    []byte // both of Size bytes
	modulus *bigmod.Modulus
	gen     *Element
	comb    func() *comb  // of g
	powers  *atomic.Int64 // counts, if not nil
}

var (
	group2048 = sync.OnceValue(func() *Group {
		return known(onepassword.RFC5054Group2048, 256,
			"05b9e8ef059c6b32ea59fc1d322d37f04aa30bae5aa9003b8321e21ddb04e300")
	})
	group3072 = sync.OnceValue(func() *Group {
		return known(onepassword.RFC5054Group3072, 384,
			"081f4874fa543a371b49a670402fda59ecfab53a1b850fc42e1c357cc846111e")
	})
)

// Group2048 returns the group of 2048 bits, with g = 2.
func Group2048() *Group { return group2048() }

// Group3072 returns the group of 3072 bits, with g = 5.
func Group3072() *Group { return group3072() }

// known copies a group out of the map of 1Password's package. pin is SHA-256
// of N ‖ PAD(g). Another group there is no input but tampering inside this
// process, so known panics: nothing can be computed safely any more.
func known(id, size int, pin string) *Group {
	theirs := onepassword.KnownGroups[id]
	if theirs == nil || !fits(theirs.N(), size) || !fits(theirs.Generator(), size) {
		panic("modexp: the group was tampered with")
	}
	n, g := make([]byte, size), make([]byte, size)
	theirs.N().FillBytes(n)
	theirs.Generator().FillBytes(g)
	if hash := sha256.Sum256(append(bytes.Clone(n), g...)); hex.EncodeToString(hash[:]) != pin {
		panic("modexp: the group was tampered with")
	}
	return newGroup(n, g)
}

func fits(x *big.Int, size int) bool {
	return x != nil && x.Sign() > 0 && x.BitLen() <= 8*size
}

func newGroup(n, g []byte) *Group {
	modulus, err := bigmod.NewModulus(n)
	if err != nil {
		panic("modexp: internal error: " + err.Error()) // n is pinned
	}
	group := &Group{n: n, g: g, modulus: modulus}
	group.gen = group.Small(g)
	group.comb = sync.OnceValue(group.newComb)
	return group
}

// Size returns the length of N in bytes: 256 or 384.
func (g *Group) Size() int { return len(g.n) }

// N returns the modulus.
func (g *Group) N() []byte { return bytes.Clone(g.n) }

// G returns the generator, padded to Size.
func (g *Group) G() []byte { return bytes.Clone(g.g) }

// Counted returns the same group, which counts its powers in n: for the tests
// that show two paths to cost the same, without a clock.
func (g *Group) Counted(n *atomic.Int64) *Group {
	counted := *g
	counted.powers = n
	return &counted
}

// count counts one power.
func (g *Group) count() {
	if g.powers != nil {
		g.powers.Add(1)
	}
}

// Verifier returns PAD(g^x) in the group of 3072 bits, which is what a server
// keeps of a credential (spec, Section 7.2). x has 32 bytes.
func Verifier(x []byte) []byte { return Group3072().PowG(x).Bytes() }
