package insomnia

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxInput is the most bytes of an e-mail or a passphrase.
const maxInput = 64 << 10

// cleanEmail is Section 2: toLowerCase(trim(email)).
func cleanEmail(email string) (string, error) {
	if !validInput(email) {
		return "", ErrMalformed
	}
	return toLowerCase(trim(email)), nil
}

// cleanPassphrase is Section 2: NFKD(trim(passphrase)), in this order.
func cleanPassphrase(passphrase string) (string, error) {
	if !validInput(passphrase) {
		return "", ErrMalformed
	}
	return nfkd(trim(passphrase)), nil
}

func validInput(s string) bool { return len(s) <= maxInput && utf8.ValidString(s) }

// trim is JavaScript's String.prototype.trim. Unlike strings.TrimSpace it takes
// U+FEFF away and leaves U+0085.
func trim(s string) string { return strings.TrimFunc(s, isTrimmed) }

func isTrimmed(r rune) bool {
	switch {
	case '\t' <= r && r <= '\r', r == ' ', r == 0xa0, r == 0x1680, 0x2000 <= r && r <= 0x200a,
		r == 0x2028, r == 0x2029, r == 0x202f, r == 0x205f, r == 0x3000, r == 0xfeff:
		return true
	}
	return false
}

// toLowerCase is JavaScript's: the full mapping of Unicode without a locale. Two
// things are in it that strings.ToLower leaves out, the only unconditional
// mapping to two characters and the only condition (SpecialCasing.txt).
func toLowerCase(s string) string {
	var out strings.Builder
	for i, r := range s {
		switch {
		case r == 'İ':
			out.WriteString("i\u0307")
		case r == 'Σ' && finalSigma(s[:i], s[i+len("Σ"):]):
			out.WriteRune('ς')
		default:
			out.WriteRune(unicode.ToLower(r))
		}
	}
	return out.String()
}

// finalSigma is Unicode's condition Final_Sigma (The Unicode Standard, 3.13): a
// cased letter before, none after, with case-ignorable characters between.
func finalSigma(before, after string) bool {
	before = strings.TrimRightFunc(before, caseIgnorable)
	after = strings.TrimLeftFunc(after, caseIgnorable)
	last, _ := utf8.DecodeLastRuneInString(before)
	first, _ := utf8.DecodeRuneInString(after)
	return before != "" && cased(last) && (after == "" || !cased(first))
}

func cased(r rune) bool {
	return unicode.In(r, unicode.Ll, unicode.Lu, unicode.Lt,
		unicode.Other_Lowercase, unicode.Other_Uppercase)
}

// caseIgnorable is Unicode's property Case_Ignorable: marks, formats, modifiers,
// and what Word_Break calls MidLetter, MidNumLet and Single_Quote.
func caseIgnorable(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk) ||
		strings.ContainsRune("'.:·\u0387\u055f\u05f4‘’․‧︓﹒﹕＇．：", r)
}

// nfkd is JavaScript's normalize("NFKD"). norm.NFKD.String is not quite: after
// 30 marks in a row it inserts U+034F (Stream-Safe Text Format). So the
// characters are taken apart one by one here, and put in canonical order.
func nfkd(s string) string {
	var out []rune
	for _, r := range s {
		out = append(out, []rune(norm.NFKD.String(string(r)))...)
	}
	for i := 0; i < len(out); {
		n := i + 1
		if ccc(out[i]) != 0 {
			for n < len(out) && ccc(out[n]) != 0 {
				n++
			}
			slices.SortStableFunc(out[i:n], func(a, b rune) int { return int(ccc(a)) - int(ccc(b)) })
		}
		i = n
	}
	return string(out)
}

// ccc is the canonical combining class.
func ccc(r rune) uint8 { return norm.NFKD.PropertiesString(string(r)).CCC() }
