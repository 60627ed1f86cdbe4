package modexp

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"math/rand/v2"
	"testing"
	"testing/quick"

	onepassword "github.com/1Password/srp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var one = big.NewInt(1)

func groups() map[string]*Group {
	return map[string]*Group{"2048": Group2048(), "3072": Group3072()}
}

func number(b []byte) *big.Int { return new(big.Int).SetBytes(b) }

// source returns random bytes that are the same on each run. Every other slice
// begins with zeros.
func source(seed uint64) func(n int) []byte {
	r := rand.New(rand.NewPCG(seed, 5054))
	return func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		if r.IntN(2) == 0 {
			clear(b[:r.IntN(n+1)])
		}
		return b
	}
}

// residue draws an element that may begin with zeros.
func residue(g *Group, draw func(int) []byte) *Element {
	n := new(big.Int).Mod(number(draw(g.Size())), number(g.n))
	return g.Small(n.FillBytes(make([]byte, g.Size())))
}

// TestGroups shows that N is a safe prime, that g has the order N−1, and that
// the groups are those of RFC 5054 whichever way they are reached.
func TestGroups(t *testing.T) {
	for name, g := range groups() {
		t.Run(name, func(t *testing.T) {
			n, gen := number(g.N()), number(g.G())
			half := new(big.Int).Rsh(n, 1)
			minusOne := new(big.Int).Sub(n, one)
			assert.True(t, n.ProbablyPrime(10))
			assert.True(t, half.ProbablyPrime(10))
			assert.Zero(t, minusOne.Cmp(new(big.Int).Exp(gen, half, n)), "g is no generator")
			assert.Len(t, g.N(), g.Size())
			assert.Len(t, g.G(), g.Size())
			assert.Equal(t, 8*g.Size(), n.BitLen())

			g.N()[0] ^= 1
			g.G()[0] ^= 1
			assert.Zero(t, n.Cmp(number(g.N())), "the caller got the group's own bytes")
			assert.Zero(t, gen.Cmp(number(g.G())), "the caller got the group's own bytes")
		})
	}
	assert.EqualValues(t, 2, number(Group2048().G()).Int64())
	assert.EqualValues(t, 5, number(Group3072().G()).Int64())
}

// TestPin changes the map that the groups come from.
func TestPin(t *testing.T) {
	const id = onepassword.RFC5054Group3072
	theirs := onepassword.KnownGroups[id]
	defer func() { onepassword.KnownGroups[id] = theirs }()
	padded := append(theirs.N().Bytes(), Group3072().G()...)
	sum := sha256.Sum256(padded)
	pin := hex.EncodeToString(sum[:])
	require.NotPanics(t, func() { known(id, 384, pin) })

	other := onepassword.NewGroup()
	other.N().Set(theirs.N())
	other.Generator().SetInt64(2)
	huge := onepassword.NewGroup()
	huge.N().Lsh(theirs.N(), 8)
	huge.Generator().SetInt64(5)
	for name, g := range map[string]*onepassword.Group{
		"none": nil, "other generator": other, "zero": onepassword.NewGroup(), "too large": huge,
		"smaller": onepassword.KnownGroups[onepassword.RFC5054Group2048],
	} {
		onepassword.KnownGroups[id] = g
		assert.PanicsWithValue(t, "modexp: the group was tampered with", func() { known(id, 384, pin) }, name)
	}
	assert.Equal(t, Group3072().N(), theirs.N().Bytes())
}

// TestParse tries the edges of the range and other lengths.
func TestParse(t *testing.T) {
	for name, g := range groups() {
		t.Run(name, func(t *testing.T) {
			n := number(g.n)
			pad := func(x *big.Int) []byte { return x.FillBytes(make([]byte, g.Size())) }
			for _, good := range []*big.Int{one, big.NewInt(2), big.NewInt(255), new(big.Int).Sub(n, one), new(big.Int).Rsh(n, 9)} {
				e, err := g.Parse(pad(good))
				require.NoError(t, err)
				assert.Equal(t, pad(good), e.Bytes())
				trivial := good.Cmp(one) == 0 || good.Cmp(new(big.Int).Sub(n, one)) == 0
				assert.Equal(t, trivial, e.Trivial())
			}
			long := append([]byte{0}, pad(big.NewInt(2))...)
			for what, bad := range map[string][]byte{
				"zero": make([]byte, g.Size()), "N": g.N(), "N+1": pad(new(big.Int).Add(n, one)),
				"all ones": bytes.Repeat([]byte{255}, g.Size()),
				"short":    pad(big.NewInt(2))[1:], "long": long, "empty": {}, "nil": nil,
				"2N": new(big.Int).Lsh(n, 1).Bytes(), "2^k": new(big.Int).Lsh(one, uint(8*g.Size())).Bytes(),
			} {
				e, err := g.Parse(bad)
				assert.ErrorIs(t, err, ErrRange, what)
				assert.Nil(t, e, what)
			}
			assert.Panics(t, func() { g.Small(g.N()) })
		})
	}
}

// TestArithmetic compares with math/big, numbers with leading zeros included.
func TestArithmetic(t *testing.T) {
	for name, g := range groups() {
		t.Run(name, func(t *testing.T) {
			n, draw := number(g.n), source(1)
			mod := func(x *big.Int) *big.Int { return x.Mod(x, n) }
			for range 2000 {
				x, y := residue(g, draw), residue(g, draw)
				bx, by := number(x.Bytes()), number(y.Bytes())
				require.Zero(t, mod(new(big.Int).Mul(bx, by)).Cmp(number(g.Mul(x, y).Bytes())))
				require.Zero(t, mod(new(big.Int).Add(bx, by)).Cmp(number(g.Add(x, y).Bytes())))
				require.Zero(t, mod(new(big.Int).Sub(bx, by)).Cmp(number(g.Sub(x, y).Bytes())))
				require.Zero(t, bx.Cmp(number(x.Bytes())), "operand changed")
				require.Zero(t, by.Cmp(number(y.Bytes())), "operand changed")
			}
		})
	}
}

// TestPowers compares both ways to raise with math/big.
func TestPowers(t *testing.T) {
	rounds := 300
	if testing.Short() {
		rounds = 30
	}
	for name, g := range groups() {
		t.Run(name, func(t *testing.T) {
			n, gen, draw := number(g.n), number(g.g), source(2)
			for i := range rounds {
				x, e := residue(g, draw), draw(32)
				require.Equal(t, new(big.Int).Exp(gen, number(e), n).FillBytes(make([]byte, g.Size())), g.PowG(e).Bytes())
				if i%10 == 0 {
					long := draw([]int{0, 1, 16, 31, 33, 65, 256}[i/10%7])
					require.Zero(t, new(big.Int).Exp(gen, number(long), n).Cmp(number(g.PowG(long).Bytes())))
					require.Zero(t, new(big.Int).Exp(number(x.Bytes()), number(e), n).Cmp(number(g.Pow(x, e).Bytes())))
				}
			}
		})
	}
}

// TestEveryBit raises g to each power of two, to their complements and to all
// values of each byte, so that no bit of an exponent can be at a wrong place.
func TestEveryBit(t *testing.T) {
	g := Group3072()
	n, gen := number(g.n), number(g.g)
	check := func(e [32]byte) {
		require.Zero(t, new(big.Int).Exp(gen, number(e[:]), n).Cmp(number(g.PowG(e[:]).Bytes())), "%x", e)
	}
	check([32]byte{})
	check([32]byte(bytes.Repeat([]byte{255}, 32)))
	for bit := range 256 {
		var e [32]byte
		e[bit/8] = 1 << (bit % 8)
		check(e)
	}
}

// TestPick shows that the look-up returns the entry asked for and that what
// dst held does not matter.
func TestPick(t *testing.T) {
	g := Group3072()
	c := g.comb()
	dst := g.Small([]byte{77}).copyOf()
	for j := range c.tables {
		for w, want := range c.tables[j] {
			c.pick(dst, j, int32(w))
			require.Equal(t, want.Bytes(g.modulus), dst.Bytes(g.modulus))
		}
	}
}

// TestMulAdd compares with math/big for all lengths that SRP knows.
func TestMulAdd(t *testing.T) {
	draw := source(3)
	check := func(a, u, x []byte) {
		want := new(big.Int).Mul(number(u), number(x))
		want.Add(want, number(a))
		got := MulAdd(a, u, x)
		require.Len(t, got, 1+max(len(a), len(u)+len(x)))
		require.Zero(t, want.Cmp(number(got)))
	}
	for range 3000 {
		check(draw(32), draw(32), draw(32))
	}
	for n := 16; n <= 256; n++ {
		check(draw(n), draw(32), draw(32))
	}
	for _, n := range []int{0, 1, 16, 32, 64, 65, 256} {
		ones := func(n int) []byte { return bytes.Repeat([]byte{255}, n) }
		check(ones(n), ones(32), ones(32))
		check(make([]byte, n), make([]byte, 32), make([]byte, 32))
		check(ones(n), make([]byte, 32), ones(32))
	}
	assert.Len(t, MulAdd(make([]byte, 32), make([]byte, 32), make([]byte, 32)), 65)
}

// TestLaws checks exponent arithmetic: g^(a+u·x) = g^a · (g^x)^u.
func TestLaws(t *testing.T) {
	g := Group3072()
	law := func(a, u, x [32]byte) bool {
		left := g.PowG(MulAdd(a[:], u[:], x[:]))
		right := g.Mul(g.PowG(a[:]), g.Pow(g.PowG(x[:]), u[:]))
		return bytes.Equal(left.Bytes(), right.Bytes()) && bytes.Equal(Verifier(x[:]), g.PowG(x[:]).Bytes())
	}
	require.NoError(t, quick.Check(law, &quick.Config{MaxCount: 20}))
}

func BenchmarkPow(b *testing.B) {
	g, draw := Group3072(), source(4)
	x, e := residue(g, draw), bytes.Repeat([]byte{0xa5}, 32)
	bx, n := number(x.Bytes()), number(g.n)
	g.PowG(e)
	b.Run("bigmod", func(b *testing.B) {
		for b.Loop() {
			g.Pow(x, e)
		}
	})
	b.Run("comb", func(b *testing.B) {
		for b.Loop() {
			g.PowG(e)
		}
	})
	b.Run("mathbig-variable-time", func(b *testing.B) {
		for b.Loop() {
			new(big.Int).Exp(bx, number(e), n)
		}
	})
	b.Run("make-comb", func(b *testing.B) {
		for b.Loop() {
			g.newComb()
		}
	})
}

func BenchmarkMulAdd(b *testing.B) {
	e := bytes.Repeat([]byte{0xa5}, 32)
	for b.Loop() {
		MulAdd(e, e, e)
	}
}
