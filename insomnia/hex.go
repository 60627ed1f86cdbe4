package insomnia

import (
	"encoding/binary"
	"encoding/hex"
)

// decodeHex reads lower-case hex digits, the only ones that Insomnia writes, and
// nothing else. Insomnia's own reader takes any pair that is not hex for 00
// (Section 12).
func decodeHex(dst, digits []byte) bool {
	if hasUpper(digits) {
		return false
	}
	_, err := hex.Decode(dst, digits)
	return err == nil
}

// hasUpper reports whether there is an upper-case letter among the hex digits
// in: bit 6 is set in letters only, and bit 5 in all but upper-case ones.
func hasUpper(digits []byte) bool {
	const bit6 = 0x4040404040404040
	var seen uint64
	for ; len(digits) >= 8; digits = digits[8:] {
		w := binary.LittleEndian.Uint64(digits)
		seen |= w &^ (w << 1)
	}
	for _, c := range digits {
		seen |= uint64(c &^ (c << 1))
	}
	return seen&bit6 != 0
}

// fromHex reads exactly size bytes.
func fromHex(digits string, size int) ([]byte, bool) {
	out := make([]byte, size)
	if len(digits) != 2*size || !decodeHex(out, []byte(digits)) {
		return nil, false
	}
	return out, true
}

func isHex(digits string, size int) bool {
	_, ok := fromHex(digits, size)
	return ok
}
