package wire

import (
	"encoding/base64"
	"encoding/binary"
)

// AppendUint32 appends four bytes, big-endian.
func AppendUint32(dst []byte, v uint32) []byte { return binary.BigEndian.AppendUint32(dst, v) }

// AppendUint64 appends eight bytes, big-endian.
func AppendUint64(dst []byte, v uint64) []byte { return binary.BigEndian.AppendUint64(dst, v) }

// AppendPrefixed appends <x>: the length of x as four bytes, then x.
func AppendPrefixed[T ~string | ~[]byte](dst []byte, x T) []byte {
	return append(AppendUint32(dst, uint32(len(x))), x...)
}

// Join returns <x1> ‖ <x2> ‖ … .
func Join(xs ...[]byte) []byte {
	n := 0
	for _, x := range xs {
		n += 4 + len(x)
	}
	out := make([]byte, 0, n)
	for _, x := range xs {
		out = AppendPrefixed(out, x)
	}
	return out
}

var text = base64.RawURLEncoding.Strict()

// AppendText appends the text form of a record: base64url without padding.
func AppendText(dst, record []byte) []byte { return text.AppendEncode(dst, record) }

// ParseText reads the text form of a record of at most limit bytes. Other than
// package base64, it accepts no line breaks, so that one record has one text.
func ParseText(in []byte, limit int) ([]byte, error) {
	if len(in) > text.EncodedLen(limit) {
		return nil, ErrMalformed
	}
	for _, c := range in {
		if c == '\n' || c == '\r' {
			return nil, ErrMalformed
		}
	}
	out, err := text.AppendDecode(nil, in)
	if err != nil {
		return nil, ErrMalformed
	}
	return out, nil
}
