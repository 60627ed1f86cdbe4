package modexp

import (
	"errors"

	"filippo.io/bigmod"
)

// ErrRange means that bytes are not a residue from 1 to N−1 of the length of N.
var ErrRange = errors.New("modexp: not a padded residue")

// An Element is a residue modulo N. It is immutable, and safe for concurrent
// use.
type Element struct {
	nat   *bigmod.Nat // reduced, of the size of the modulus
	group *Group
}

// Parse reads what came from outside: exactly Size bytes, and a value above 0
// and below N. The error is ErrRange.
func (g *Group) Parse(b []byte) (*Element, error) {
	if len(b) != g.Size() {
		return nil, ErrRange
	}
	nat, err := bigmod.NewNat().SetBytes(b, g.modulus)
	if err != nil || nat.IsZero() == 1 {
		return nil, ErrRange
	}
	return &Element{nat, g}, nil
}

// Small returns the residue of a big-endian number that is below N: a hash, or
// the generator. It panics if b is not below N.
func (g *Group) Small(b []byte) *Element {
	nat, err := bigmod.NewNat().SetBytes(b, g.modulus)
	if err != nil {
		panic("modexp: internal error: " + err.Error()) // what is passed is far below N
	}
	return &Element{nat, g}
}

// Trivial reports whether e is 1 or N−1, the elements of a subgroup of two.
func (e *Element) Trivial() bool {
	return e.nat.IsOne()|e.nat.IsMinusOne(e.group.modulus) == 1
}

// Bytes returns PAD(e).
func (e *Element) Bytes() []byte { return e.nat.Bytes(e.group.modulus) }

// copyOf returns a Nat that may be changed.
func (e *Element) copyOf() *bigmod.Nat {
	nat := bigmod.NewNat().ExpandFor(e.group.modulus)
	copy(nat.Bits(), e.nat.Bits())
	return nat
}

// Mul returns x·y mod N.
func (g *Group) Mul(x, y *Element) *Element {
	return &Element{x.copyOf().Mul(y.nat, g.modulus), g}
}

// Add returns x+y mod N.
func (g *Group) Add(x, y *Element) *Element {
	return &Element{x.copyOf().Add(y.nat, g.modulus), g}
}

// Sub returns x−y mod N.
func (g *Group) Sub(x, y *Element) *Element {
	return &Element{x.copyOf().Sub(y.nat, g.modulus), g}
}

// Pow returns x^exponent mod N for a big-endian exponent. The time depends on
// len(exponent), leading zeros included, and on nothing else.
func (g *Group) Pow(x *Element, exponent []byte) *Element {
	g.count()
	return &Element{bigmod.NewNat().Exp(x.nat, exponent, g.modulus), g}
}
