package insomnia

import (
	"bytes"
	"unicode/utf8"
)

const upperHex = "0123456789ABCDEF"

// encodeURIComponent is JavaScript's (Section 4). text must be valid UTF-8.
func encodeURIComponent(text []byte) []byte {
	escaped := 0
	for _, c := range text {
		if !unreserved(c) {
			escaped++
		}
	}
	out := make([]byte, 0, len(text)+2*escaped)
	for _, c := range text {
		if unreserved(c) {
			out = append(out, c)
		} else {
			out = append(out, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return out
}

func unreserved(c byte) bool {
	switch c {
	case '-', '_', '.', '!', '~', '*', '\'', '(', ')':
		return true
	}
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// decodeURIComponent is JavaScript's on the UTF-8 text in: a plus is a plus, and
// what is percent-encoded must be whole characters in strict UTF-8.
func decodeURIComponent(in []byte) ([]byte, bool) {
	if !utf8.Valid(in) {
		return nil, false
	}
	out := make([]byte, 0, len(in))
	for {
		plain, rest, found := bytes.Cut(in, []byte{'%'})
		out = append(out, plain...)
		if !found {
			return out, true
		}
		n := escapedRune(&out, rest)
		if n == 0 {
			return nil, false
		}
		in = rest[n:]
	}
}

// escapedRune appends the character that in, which follows a '%', begins with,
// and returns how many bytes it took: 0 if it is none.
func escapedRune(out *[]byte, in []byte) int {
	var char [utf8.UTFMax]byte
	n := 0
	for size := 1; n < size; n++ {
		at := 3 * n // of two digits; a '%' stands before them
		if len(in) < at+2 || n > 0 && in[at-1] != '%' {
			return 0
		}
		high, low := nibble(in[at]), nibble(in[at+1])
		if high|low > 15 {
			return 0
		}
		char[n] = high<<4 | low
		if n == 0 {
			if size = runeSize(char[0]); size == 0 {
				return 0
			}
		}
	}
	if !utf8.Valid(char[:n]) {
		return 0
	}
	*out = append(*out, char[:n]...)
	return 3*n - 1
}

// runeSize is the length of a character in UTF-8 by its first byte.
func runeSize(first byte) int {
	switch {
	case first < 0x80:
		return 1
	case first < 0xc0:
		return 0
	case first < 0xe0:
		return 2
	case first < 0xf0:
		return 3
	case first < 0xf8:
		return 4
	}
	return 0
}

// nibble is the value of a hex digit of either case, and 255 for anything else.
func nibble(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}
