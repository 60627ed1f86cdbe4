package keys

import (
	"fmt"
	"strings"

	"github.com/sealkin/sealkin/internal/wire"
)

// alphabet is Crockford's base32, in lower case: no i, l, o, u. Reading takes
// O for 0, and I and L for 1.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// values is the reverse of alphabet: 0xff for what is no letter of it.
var values = func() (v [256]byte) {
	for i := range v {
		v[i] = 0xff
	}
	for i, c := range alphabet {
		v[c] = byte(i)
		v[strings.ToUpper(string(c))[0]] = byte(i)
	}
	v['o'], v['O'] = 0, 0
	v['i'], v['I'], v['l'], v['L'] = 1, 1, 1, 1
	return v
}()

// digits parts b, whose bits are a multiple of five, into values of five bits.
func digits(b []byte) []byte {
	out := make([]byte, 0, len(b)*8/5)
	acc, bits := uint(0), 0
	for _, c := range b {
		acc, bits = acc<<8|uint(c), bits+8
		for bits >= 5 {
			bits -= 5
			out = append(out, byte(acc>>bits)&31)
		}
	}
	return out
}

// undigits is the reverse of digits.
func undigits(d []byte) []byte {
	out := make([]byte, 0, len(d)*5/8)
	acc, bits := uint(0), 0
	for _, v := range d {
		acc, bits = acc<<5|uint(v), bits+5
		if bits >= 8 {
			bits -= 8
			out = append(out, byte(acc>>bits))
		}
	}
	return out
}

// check is the letter that closes a group (spec, Section 2.6): group number and
// letters as a polynomial over GF(32), modulo x⁵+x²+1, at x. Any one wrong
// letter, any two neighbours exchanged, and any exchange of two groups of which
// the letters stay, change it.
func check(group int, letters []byte) byte {
	c := byte(group + 1)
	for _, v := range letters {
		c = double(c) ^ v
	}
	return double(c)
}

func double(v byte) byte {
	v <<= 1
	if v&32 != 0 {
		v ^= 0b100101
	}
	return v
}

// show writes d in groups of n letters, each closed by its check letter if
// checked, with sep between groups.
func show(d []byte, n int, checked bool, sep string) string {
	var b strings.Builder
	for g := 0; g*n < len(d); g++ {
		if g > 0 {
			b.WriteString(sep)
		}
		letters := d[g*n : (g+1)*n]
		for _, v := range letters {
			b.WriteByte(alphabet[v])
		}
		if checked {
			b.WriteByte(alphabet[check(g, letters)])
		}
	}
	return b.String()
}

// typed reads what a person typed: groups letters of groups of n, with check
// letters or, if plain is allowed, without. Case, spaces and dashes do not
// matter. An error names what, and the group that is wrong.
func typed(what, text string, groups, n int, plain bool) ([]byte, error) {
	if len(text) > 256 {
		return nil, wire.Malformed("keys: %s: too long", what)
	}
	letters := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, text)
	size := n + 1
	if plain && len(letters) == groups*n {
		size = n
	}
	d := make([]byte, 0, groups*n)
	for i := 0; i < len(letters); i++ {
		if values[letters[i]] == 0xff {
			return nil, wire.Malformed("keys: %s, group %d: a character that does not occur in it", what, i/size+1)
		}
		d = append(d, values[letters[i]])
	}
	if len(d) != groups*size {
		return nil, wire.Malformed("keys: %s: %d letters, not %d", what, len(d), groups*size)
	}
	if size == n {
		return d, nil
	}
	return unchecked(what, d, n)
}

// unchecked verifies and drops the check letters of groups of n.
func unchecked(what string, d []byte, n int) ([]byte, error) {
	out := make([]byte, 0, len(d))
	for g := 0; g*(n+1) < len(d); g++ {
		group := d[g*(n+1) : (g+1)*(n+1)]
		if check(g, group[:n]) != group[n] {
			return nil, fmt.Errorf("keys: %s, group %d is mistyped: %w", what, g+1, ErrMalformed)
		}
		out = append(out, group[:n]...)
	}
	return out, nil
}
