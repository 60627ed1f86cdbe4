package insomnia

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"sync"
	"unicode/utf8"
)

// canonical is the text of a blob (Section 9): the document as JavaScript's
// JSON.stringify writes it, with sorted keys, without the member "modified", and
// with null as the "parentId" of a Workspace.
func canonical(doc []byte) ([]byte, bool) {
	var w writer
	ok := w.document(doc)
	return w.out, ok
}

// A writer writes what its scanner reads, in the order in which it comes, marks
// what does not stay where it is, and then writes the whole once more: so the
// work does not grow with the depth.
type writer struct {
	scanner
	out     []byte
	members []member // of the objects that are open
	marks   []mark   // in the order of their places
	scratch []byte
}

// pooled keeps the buffers of writers, whose first use costs more than the work.
var pooled = sync.Pool{New: func() any { return new(writer) }}

// withCanonical is canonical for a text that is not kept.
func withCanonical(doc []byte, use func(text []byte) error) error {
	w := pooled.Get().(*writer)
	defer func() {
		if w.forget(); !w.large() {
			pooled.Put(w)
		}
	}()
	if !w.document(doc) {
		return ErrMalformed
	}
	return use(w.out)
}

// maxPooled is the most bytes of each buffer that is kept: a member has 48, a
// mark 16.
const (
	maxPooled        = 4 << 20
	maxPooledMembers = maxPooled / 48
	maxPooledMarks   = maxPooled / 16
)

// forget clears what w knows of the document: its text, and the names of members,
// which would keep the caller's document alive.
func (w *writer) forget() {
	clear(w.out[:cap(w.out)])
	clear(w.scratch[:cap(w.scratch)])
	clear(w.members[:cap(w.members)])
	w.in = nil
}

func (w *writer) large() bool {
	return cap(w.out) > maxPooled || cap(w.scratch) > maxPooled ||
		cap(w.members) > maxPooledMembers || cap(w.marks) > maxPooledMarks
}

func (w *writer) document(doc []byte) bool {
	if len(doc) > maxDocument {
		return false
	}
	w.scanner, w.members, w.marks = scanner{in: doc}, w.members[:0], w.marks[:0]
	w.out = slices.Grow(w.out[:0], len(doc))
	ok := utf8.Valid(doc) && w.peek() == '{' && w.value(0) && w.end()
	if ok && len(w.marks) > 0 {
		w.arrange()
	}
	return ok
}

func (w *writer) value(depth int) bool {
	switch w.peek() {
	case '{':
		return w.object(depth + 1)
	case '[':
		return w.array(depth + 1)
	case '"':
		raw, same, ok := w.strSame()
		w.out = appendString(w.out, raw, same)
		return ok
	default:
		raw, ok := w.atom()
		if ok {
			w.out = appendAtom(w.out, raw)
		}
		return ok
	}
}

func (w *writer) array(depth int) bool {
	w.out = append(w.out, '[')
	from := len(w.out)
	ok := w.scanner.array(depth, func() bool {
		if len(w.out) > from {
			w.out = append(w.out, ',')
		}
		return w.value(depth)
	})
	w.out = append(w.out, ']')
	return ok
}

func (w *writer) object(depth int) bool {
	w.out = append(w.out, '{')
	from, first, begin := len(w.out), len(w.members), len(w.marks)
	w.mark()
	ok := w.scanner.object(depth, func(raw []byte) bool {
		if len(w.out) > from {
			w.out = append(w.out, ',')
		}
		start, inner := w.here()
		w.out = append(appendString(w.out, raw, false), ':')
		ok := w.value(depth)
		w.members = append(w.members, w.member(unquote(raw), start, inner))
		return ok
	})
	if ok {
		own := w.members[first:]
		if depth == 1 {
			own = w.amend(own)
		}
		w.sort(int32(begin), own)
	}
	w.members = w.members[:first]
	w.out = append(w.out, '}')
	return ok
}

// amend does to the members of the document what Insomnia does before hashing.
func (w *writer) amend(own []member) []member {
	workspace := false
	for _, m := range slices.Backward(own) {
		if string(m.name) == "type" {
			workspace = string(w.out[m.from:m.to]) == `"type":"Workspace"`
			break
		}
	}
	own = slices.DeleteFunc(own, func(m member) bool { return string(m.name) == "modified" })
	if workspace {
		from, first := w.here()
		w.out = append(w.out, `"parentId":null`...)
		own = append(own, w.member([]byte("parentId"), from, first))
	}
	return own
}

// appendString writes a string as JSON.stringify does: <, >, & and U+2028 stay
// as they are, lone surrogates are escaped.
//
// same says that raw is written so already.
func appendString(out, raw []byte, same bool) []byte {
	out = append(out, '"')
	if same || bytes.IndexByte(raw, '\\') < 0 {
		return append(append(out, raw...), '"')
	}
	return append(appendEscaped(out, unquote(raw)), '"')
}

func appendEscaped(out, s []byte) []byte {
	const lowerHex = "0123456789abcdef"
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c < ' ' && short(c) != 0:
			out = append(out, '\\', short(c))
		case c < ' ':
			out = append(out, '\\', 'u', '0', '0', lowerHex[c>>4], lowerHex[c&15])
		case c == 0xed && s[i+1] >= 0xa0: // a surrogate: UTF-8 has none
			out = append(out, '\\', 'u', 'd', lowerHex[s[i+1]>>2&15],
				lowerHex[s[i+1]&3<<2|s[i+2]>>4&3], lowerHex[s[i+2]&15])
			i += 2
		default:
			out = append(out, c)
		}
	}
	return out
}

// short returns the letter of the short escape of a control character, or 0.
func short(c byte) byte {
	switch c {
	case '\b':
		return 'b'
	case '\f':
		return 'f'
	case '\n':
		return 'n'
	case '\r':
		return 'r'
	case '\t':
		return 't'
	}
	return 0
}

// appendAtom writes null, true, false or a number. Numbers are written as
// JavaScript does: the shortest digits that give the same float64.
func appendAtom(out, raw []byte) []byte {
	if raw[0] >= 'a' || digits(raw) == len(raw) && len(raw) <= 15 {
		return append(out, raw...)
	}
	f, _ := strconv.ParseFloat(string(raw), 64) // beyond the range it is infinite
	switch abs := math.Abs(f); {
	case math.IsInf(f, 0):
		return append(out, "null"...) // as JSON.stringify writes Infinity
	case f == 0:
		return append(out, '0') // -0 too
	case abs < 1e-6 || abs >= 1e21:
		return appendExponent(out, f)
	default:
		return strconv.AppendFloat(out, f, 'f', -1, 64)
	}
}

// appendExponent writes 1e+21 and 1e-7, where strconv writes 1e-07.
func appendExponent(out []byte, f float64) []byte {
	out = strconv.AppendFloat(out, f, 'e', -1, 64)
	if n := len(out); n >= 4 && (out[n-4] == 'e' && out[n-2] == '0') {
		out[n-2] = out[n-1]
		out = out[:n-1]
	}
	return out
}
