package modexp

import (
	"crypto/subtle"

	"filippo.io/bigmod"
)

// A comb makes powers of one fixed base by a third of the multiplications of
// [Group.Pow], for exponents of 32 bytes (Lim and Lee, CRYPTO '94).
//
// The exponent's bits are written in rows of 44, row 0 the lowest; a row is
// cut into 4 blocks of 11. Block j has a table of all products of its rows:
//
//	table[j][w] = ∏ base^(2^(44·i + 11·j)) over the bits i of w
//
// so that with w(j,k) the number whose bit i is bit 44·i + 11·j + k of the
// exponent
//
//	base^e = ∏_k ( ∏_j table[j][w(j,k)] )^(2^k)
//
// which takes 44 products and 10 squarings instead of 64 and 256.
//
// The look-up is constant-time. Which table, which bits and how often depend on
// the loop counters only; pick reads all 64 entries from first to last,
// whatever w is, and w enters into nothing but the mask, which is made by
// crypto/subtle without a branch. A product with table[j][0], which is 1, is
// carried out like any other.
type comb struct {
	group  *Group
	tables [blocks][1 << rows]*bigmod.Nat
}

const (
	rows     = 6
	columns  = 11
	blocks   = 4
	rowBits  = columns * blocks
	combSize = 32 // bytes of exponent; rows·rowBits = 264 bits hold them
)

// PowG returns g^exponent mod N, as [Group.Pow] would. Exponents of 32 bytes
// are the fast ones; the table for them, 96 KiB for 3072 bits, is made once,
// at the cost of about three powers.
func (g *Group) PowG(exponent []byte) *Element {
	if len(exponent) != combSize {
		return g.Pow(g.gen, exponent)
	}
	g.count()
	return &Element{g.comb().pow((*[combSize]byte)(exponent)), g}
}

func (g *Group) newComb() *comb {
	c := &comb{group: g}
	base := g.gen
	for i := range rows {
		for j := range blocks {
			c.tables[j][1<<i] = base.nat
			for range columns {
				base = g.Mul(base, base)
			}
		}
	}
	for j := range c.tables {
		c.fill(&c.tables[j])
	}
	return c
}

// fill makes the products of a table of which the powers of two are there.
func (c *comb) fill(table *[1 << rows]*bigmod.Nat) {
	table[0] = c.group.Small([]byte{1}).nat
	for w := range table {
		if high := w & (w - 1); table[w] == nil { // w without its lowest bit
			product := &Element{table[high], c.group}
			table[w] = product.copyOf().Mul(table[w^high], c.group.modulus)
		}
	}
}

func (c *comb) pow(exponent *[combSize]byte) *bigmod.Nat {
	m := c.group.modulus
	out, entry := c.group.Small([]byte{1}).nat, bigmod.NewNat().ExpandFor(m)
	for k := columns - 1; k >= 0; k-- {
		if k != columns-1 {
			out.Mul(out, m)
		}
		for j := range blocks {
			c.pick(entry, j, window(exponent, j*columns+k))
			out.Mul(entry, m)
		}
	}
	return out
}

// window collects the bits of one column, at an offset in each row.
func window(exponent *[combSize]byte, offset int) (w int32) {
	for i := range rows {
		if n := i*rowBits + offset; n < 8*combSize {
			w |= int32(exponent[combSize-1-n/8]>>(n%8)&1) << i
		}
	}
	return w
}

// pick sets dst to entry w of table j. It reads every entry.
func (c *comb) pick(dst *bigmod.Nat, j int, w int32) {
	out := dst.Bits()
	clear(out)
	for i, entry := range &c.tables[j] {
		mask := -uint(subtle.ConstantTimeEq(w, int32(i)))
		limbs := entry.Bits()[:len(out)]
		for n := range out {
			out[n] |= mask & limbs[n]
		}
	}
}
