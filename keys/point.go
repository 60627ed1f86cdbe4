package keys

import (
	"encoding/hex"
	"slices"
)

// soundSigningKey refuses the Ed25519 public keys of small order, under which
// one signature can fit any message, and the encodings that are not canonical,
// of which a key would have two (spec, Section 5.3). Whether the bytes are a
// point at all shows when the statement's own signature is verified.
func soundSigningKey(key [32]byte) bool {
	y := key
	y[31] &= 0x7f
	return belowP(y) && !slices.Contains(smallOrder, y)
}

// belowP reports whether y, little-endian, is below 2²⁵⁵ − 19.
func belowP(y [32]byte) bool {
	if y[31] != 0x7f || y[0] < 0xed {
		return true
	}
	for _, b := range y[1:31] {
		if b != 0xff {
			return true
		}
	}
	return false
}

// smallOrder lists the y of the eight points of order 1, 2, 4 and 8, each with
// the sign bit cleared.
var smallOrder = func() (ys [][32]byte) {
	for _, h := range []string{
		"0100000000000000000000000000000000000000000000000000000000000000", // order 1
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // order 2
		"0000000000000000000000000000000000000000000000000000000000000000", // order 4
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", // order 8
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", // order 8
	} {
		y, err := hex.DecodeString(h)
		if err != nil {
			panic("keys: internal error: " + err.Error()) // the strings above are hex
		}
		ys = append(ys, [32]byte(y))
	}
	return ys
}()
