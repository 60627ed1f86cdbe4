package insomnia

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep arrays and objects may nest; Insomnia's documents need
// about ten.
const maxDepth = 1000

// maxMembers is how many members an object may have that is read into a map;
// Insomnia's have four, and private keys twelve.
const maxMembers = 64

// A scanner reads JSON as JSON.parse does. It is not encoding/json because
// that one matches the names of members in any case, takes the last of two
// equal ones, and turns lone surrogates, which JavaScript keeps, into U+FFFD.
//
// The methods return false at what is not JSON, and leave at anywhere.
type scanner struct {
	in []byte // valid UTF-8
	at int
}

// validJSON reports whether text is one JSON value in UTF-8.
func validJSON(text []byte) bool {
	s := scanner{in: text}
	return utf8.Valid(text) && s.value(0) && s.end()
}

// members reads an object strictly: no name twice, and no more of them than
// maxMembers. Values are cut out as they are.
func members(text []byte) (map[string][]byte, bool) {
	s := scanner{in: text}
	out := map[string][]byte{}
	ok := utf8.Valid(text) && s.peek() == '{' && s.object(1, func(name []byte) bool {
		s.space()
		from := s.at
		key := string(unquote(name))
		_, twice := out[key]
		if twice || len(out) == maxMembers || !s.value(1) {
			return false
		}
		out[key] = text[from:s.at]
		return true
	})
	return out, ok && s.end()
}

// text returns the string that a raw value is.
func text(raw []byte) (string, bool) {
	s := scanner{in: raw}
	quoted, ok := s.str()
	return string(unquote(quoted)), ok && s.end()
}

// space skips white space and peek returns what comes after it, 0 at the end.
func (s *scanner) space() {
	for s.at < len(s.in) && (s.in[s.at] == ' ' || s.in[s.at] == '\n' || s.in[s.at] == '\r' || s.in[s.at] == '\t') {
		s.at++
	}
}

func (s *scanner) peek() byte {
	s.space()
	if s.at < len(s.in) {
		return s.in[s.at]
	}
	return 0
}

// skip reads one character if it comes next.
func (s *scanner) skip(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.at++
	return true
}

func (s *scanner) end() bool { s.space(); return s.at == len(s.in) }

func (s *scanner) value(depth int) bool {
	switch s.peek() {
	case '{':
		return s.object(depth+1, func([]byte) bool { return s.value(depth + 1) })
	case '[':
		return s.array(depth+1, func() bool { return s.value(depth + 1) })
	case '"':
		_, ok := s.str()
		return ok
	default:
		_, ok := s.atom()
		return ok
	}
}

// object calls member after each name and its colon, to read the value.
func (s *scanner) object(depth int, member func(name []byte) bool) bool {
	if depth > maxDepth || !s.skip('{') {
		return false
	}
	if s.skip('}') {
		return true
	}
	for {
		s.space()
		name, ok := s.str()
		if !ok || !s.skip(':') || !member(name) {
			return false
		}
		if !s.skip(',') {
			return s.skip('}')
		}
	}
}

// array calls element at the beginning of each.
func (s *scanner) array(depth int, element func() bool) bool {
	if depth > maxDepth || !s.skip('[') {
		return false
	}
	if s.skip(']') {
		return true
	}
	for {
		if !element() {
			return false
		}
		if !s.skip(',') {
			return s.skip(']')
		}
	}
}

// str reads a string and returns what is between its quotes, as it is.
func (s *scanner) str() ([]byte, bool) {
	raw, _, ok := s.strSame()
	return raw, ok
}

// strSame is str, and reports whether JSON.stringify would write the same.
func (s *scanner) strSame() (raw []byte, same, ok bool) {
	if s.at >= len(s.in) || s.in[s.at] != '"' {
		return nil, false, false
	}
	in, n := s.in[s.at+1:], 0
	for same = true; ; {
		n += plain(in[n:])
		switch {
		case n >= len(in) || in[n] < ' ':
			return nil, false, false
		case in[n] == '"':
			s.at += n + len(`""`)
			return in[:n], same, true
		}
		if n+1 < len(in) && (in[n+1] == '"' || in[n+1] == 'n' || in[n+1] == '\\') {
			n += 2 // nearly all escapes
			continue
		}
		size := escapeSize(in[n:])
		if size == 0 {
			return nil, false, false
		}
		same = same && size == 2 && in[n+1] != '/'
		n += size
	}
}

// plain returns how many bytes come before a quote, a backslash or a control
// character. It looks at eight at a time: documents are mostly strings.
func plain(in []byte) (n int) {
	for ; n+16 <= len(in); n += 16 {
		if found := special(in[n:]); found != 0 {
			return n + bits.TrailingZeros64(found)/8
		}
		if found := special(in[n+8:]); found != 0 {
			return n + 8 + bits.TrailingZeros64(found)/8
		}
	}
	for n < len(in) && in[n] != '"' && in[n] != '\\' && in[n] >= ' ' {
		n++
	}
	return n
}

// special returns a mask of eight bytes, whose lowest bit is in the first that
// ends plain: the lowest byte of x below k has its high bit set in (x−k)&^x, and
// no byte before it has.
func special(in []byte) uint64 {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	w := binary.LittleEndian.Uint64(in)
	quote, back := w^('"'*ones), w^('\\'*ones)
	return ((w-' '*ones)&^w | (quote-ones)&^quote | (back-ones)&^back) & highs
}

// escapeSize returns the length of the escape that in begins with, or 0.
func escapeSize(in []byte) int {
	if len(in) < 2 {
		return 0
	}
	switch in[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(in) >= 6 && nibble(in[2])|nibble(in[3])|nibble(in[4])|nibble(in[5]) < 16 {
			return 6
		}
	}
	return 0
}

// atom reads null, true, false or a number.
func (s *scanner) atom() ([]byte, bool) {
	s.space()
	from := s.at
	for s.at < len(s.in) && !endsAtom(s.in[s.at]) {
		s.at++
	}
	atom := s.in[from:s.at]
	switch string(atom) {
	case "null", "true", "false":
		return atom, true
	}
	return atom, isNumber(atom)
}

func endsAtom(c byte) bool {
	return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\r' || c == '\t'
}

// isNumber reports whether in is a number by the grammar of JSON.
func isNumber(in []byte) bool {
	in = bytes.TrimPrefix(in, []byte{'-'})
	whole := digits(in)
	if whole == 0 || whole > 1 && in[0] == '0' {
		return false
	}
	in = in[whole:]
	if len(in) > 0 && in[0] == '.' {
		n := digits(in[1:])
		if n == 0 {
			return false
		}
		in = in[1+n:]
	}
	if len(in) > 0 && in[0]|0x20 == 'e' {
		in = in[1:]
		if len(in) > 0 && (in[0] == '+' || in[0] == '-') {
			in = in[1:]
		}
		n := digits(in)
		return n > 0 && n == len(in)
	}
	return len(in) == 0
}

func digits(in []byte) (n int) {
	for n < len(in) && '0' <= in[n] && in[n] <= '9' {
		n++
	}
	return n
}

// unquote resolves the escapes of a string. A lone surrogate is kept as three
// bytes, as UTF-8 would write it if it might (WTF-8): JavaScript keeps it too.
func unquote(raw []byte) []byte {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		switch n := escapeSize(raw[i:]); {
		case raw[i] != '\\':
			out = append(out, raw[i])
			i++
		case n == 2:
			out = append(out, unescape(raw[i+1]))
			i += 2
		default:
			r := unit(raw[i:])
			i += 6
			if i+6 <= len(raw) && raw[i] == '\\' && raw[i+1] == 'u' && utf16.IsSurrogate(r) {
				if pair := utf16.DecodeRune(r, unit(raw[i:])); pair != utf8.RuneError {
					r = pair
					i += 6
				}
			}
			out = appendWTF8(out, r)
		}
	}
	return out
}

func unescape(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// unit reads \uXXXX, which was checked before.
func unit(escape []byte) rune {
	n, _ := strconv.ParseUint(string(escape[2:6]), 16, 16)
	return rune(n)
}

func appendWTF8(out []byte, r rune) []byte {
	if utf16.IsSurrogate(r) {
		return append(out, 0xed, 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
	}
	return utf8.AppendRune(out, r)
}
