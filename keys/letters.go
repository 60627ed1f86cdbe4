package keys

import (
	"strings"

	"github.com/sealkin/sealkin/internal/wire"
)

// alphabet is Crockford's base32, in lower case: no i, l, o, u. Reading takes
// O for 0, and I and L for 1.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// typedLimit is how much a person may type, in bytes.
const typedLimit = 256

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

// typed reads what a person typed: groups groups of n letters, with check
// letters or, if plain is allowed, without. Case, spaces and dashes do not
// matter. An error names what, and the group that is wrong if it can be told.
func typed(what, text string, groups, n int, plain bool) ([]byte, error) {
	if len(text) > typedLimit {
		return nil, wire.Malformed("keys: %s: too long", what)
	}
	parts := strings.FieldsFunc(text, separates)
	letters := strings.Join(parts, "")
	size := n + 1
	if plain && len(letters) <= groups*n+groups/2 { // nearer to what has no check letters
		size = n
	}
	if len(parts) != groups {
		parts = chunks(letters, size)
	}
	d := make([]byte, 0, groups*size)
	for g, part := range parts {
		for i := range len(part) {
			if values[part[i]] == 0xff {
				return nil, wire.Malformed("keys: %s, group %d: a character that does not occur in it", what, g+1)
			}
			d = append(d, values[part[i]])
		}
	}
	if err := lengths(what, parts, groups, size); err != nil {
		return nil, err
	}
	if size == n {
		return d, nil
	}
	return unchecked(what, d, n)
}

func separates(r rune) bool { return strings.ContainsRune(" -\t\r\n", r) }

// chunks parts letters that came without separators, or with others.
func chunks(letters string, size int) (parts []string) {
	for len(letters) > size {
		parts, letters = append(parts, letters[:size]), letters[size:]
	}
	return append(parts, letters)
}

// lengths names the group that has a letter too many or too few.
func lengths(what string, parts []string, groups, size int) error {
	for g, part := range parts {
		if len(parts) == groups && len(part) != size {
			return wire.Malformed("keys: %s, group %d: %d letters, not %d", what, g+1, len(part), size)
		}
	}
	if len(parts) != groups {
		return wire.Malformed("keys: %s: not %d letters", what, groups*size)
	}
	return nil
}

// unchecked verifies and drops the check letters of groups of n.
func unchecked(what string, d []byte, n int) ([]byte, error) {
	out := make([]byte, 0, len(d))
	for g := 0; g*(n+1) < len(d); g++ {
		group := d[g*(n+1) : (g+1)*(n+1)]
		if check(g, group[:n]) != group[n] {
			return nil, wire.Malformed("keys: %s, group %d: mistyped", what, g+1)
		}
		out = append(out, group[:n]...)
	}
	return out, nil
}
