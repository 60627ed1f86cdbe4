package modexp

import (
	"bytes"

	"filippo.io/bigmod"
)

// MulAdd returns a + u·x, exactly and in constant time. All are big-endian; the
// result has 1 + max(len(a), len(u) + len(x)) bytes, 65 for three numbers of
// 32, whatever their values.
//
// It is computed modulo 2^(8n) − 1 for that length n, which is odd, as bigmod
// wants it, and never reached: a + u·x < 2·2^(8(n−1)).
func MulAdd(a, u, x []byte) []byte {
	n := 1 + max(len(a), len(u)+len(x))
	modulus, err := bigmod.NewModulus(bytes.Repeat([]byte{0xff}, n))
	if err != nil {
		panic("modexp: internal error: " + err.Error()) // an odd number above one
	}
	number := func(b []byte) *bigmod.Nat {
		nat, err := bigmod.NewNat().SetBytes(b, modulus)
		if err != nil {
			panic("modexp: internal error: " + err.Error()) // shorter than the modulus
		}
		return nat
	}
	return number(u).Mul(number(x), modulus).Add(number(a), modulus).Bytes(modulus)
}
