package insomnia

import (
	"bytes"
	"cmp"
	"slices"
	"unicode/utf8"
)

// Places in out and in marks are int32: out is at most 6 times a document, where
// 1e20 becomes 21 digits.

// A member of an object is written in out[from:to].
type member struct {
	name       []byte
	ascii      bool // of name: then the order of bytes is that of UTF-16
	from, to   int32
	first, end int32 // the first mark that comes after from, and the mark at to
}

// member makes one of what is written from from on.
func (w *writer) member(name []byte, from, first int32) member {
	to, end := w.here()
	w.mark()
	return member{name, isASCII(name), from, to, first, end}
}

// A mark is where the members of an object begin, or where one of them ends.
// What is written up to at is followed by a comma, if comma says so, and by what
// is written from to on, where the next mark is marks[next].
type mark struct {
	at, to, next int32
	comma        bool
}

// here returns the ends of out and of marks.
func (w *writer) here() (at, next int32) { return int32(len(w.out)), int32(len(w.marks)) }

// mark marks the end of out; until goOn says otherwise the text goes on there.
func (w *writer) mark() {
	at, i := w.here()
	w.marks = append(w.marks, mark{at: at, to: at, next: i + 1})
}

func (m *mark) goOn(to, next int32, comma bool) { m.to, m.next, m.comma = to, next, comma }

// arrange follows the marks.
func (w *writer) arrange() {
	w.scratch = slices.Grow(w.scratch[:0], len(w.out))
	from := int32(0)
	for i := int32(0); int(i) < len(w.marks); {
		m := w.marks[i]
		w.scratch = append(w.scratch, w.out[from:m.at]...)
		if m.comma {
			w.scratch = append(w.scratch, ',')
		}
		from, i = m.to, m.next
	}
	w.scratch = append(w.scratch, w.out[from:]...)
	w.out, w.scratch = w.scratch, w.out
}

// sort puts the members of an object in order, whose first mark is begin. Of
// equal names the last counts, as in JSON.parse.
func (w *writer) sort(begin int32, own []member) {
	if w.inOrder(w.marks[begin].at, own) {
		if len(w.marks) == int(begin)+1+len(own) { // nor is there a mark inside that matters
			w.marks = w.marks[:begin]
		}
		return
	}
	slices.SortFunc(own, func(a, b member) int {
		return cmp.Or(a.compare(&b), int(a.from-b.from))
	})
	last := begin
	for i, m := range own {
		if i+1 < len(own) && bytes.Equal(m.name, own[i+1].name) {
			continue
		}
		w.marks[last].goOn(m.from, m.first, last != begin)
		last = m.end
	}
	w.marks[last].goOn(int32(len(w.out)), int32(len(w.marks)), false)
}

// inOrder reports whether own is sorted, without equal names, and all that is
// written from from on.
func (w *writer) inOrder(from int32, own []member) bool {
	at := int(from)
	for i, m := range own {
		if int(m.from) != at || i > 0 && own[i-1].compare(&m) >= 0 {
			return false
		}
		at = int(m.to) + len(",")
	}
	return at == len(w.out)+min(len(own), len(","))
}

func (m *member) compare(other *member) int {
	if m.ascii && other.ascii {
		return bytes.Compare(m.name, other.name)
	}
	return compareUTF16(m.name, other.name)
}

// compareUTF16 orders names as JavaScript sorts strings: by UTF-16 code units,
// so that U+10000 and above come before U+E000.
func compareUTF16(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	if n == len(a) || n == len(b) || a[n]|b[n] < 0x80 {
		return bytes.Compare(a[n:], b[n:])
	}
	return slices.Compare(units(a), units(b))
}

// units converts WTF-8 to UTF-16.
func units(s []byte) []uint16 {
	var out []uint16
	for len(s) > 0 {
		r, size := utf8.DecodeRune(s)
		switch {
		case r == utf8.RuneError && size == 1: // a surrogate, the only thing that is not UTF-8 here
			r, size = 0xd000|rune(s[1]&0x3f)<<6|rune(s[2]&0x3f), 3
			out = append(out, uint16(r))
		case r >= 0x10000:
			r -= 0x10000
			out = append(out, 0xd800|uint16(r>>10), 0xdc00|uint16(r&0x3ff))
		default:
			out = append(out, uint16(r))
		}
		s = s[size:]
	}
	return out
}
