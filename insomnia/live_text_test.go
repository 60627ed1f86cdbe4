package insomnia

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLiveClean compares the cleaning with JavaScript's, on every character
// that this Go knows, where the final sigma looks at it, and on random texts.
func TestLiveClean(t *testing.T) {
	p := startPeer(t)
	var texts []string
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if c := string(r); known(r) {
			texts = append(texts, c, "a"+c+"Σ", "aΣ"+c+"b", "x\u0301"+c+"\u0323y")
		}
	}
	for range 3000 {
		texts = append(texts, randomText(30), strings.Repeat("\u0301\u0323", rand.IntN(40))+randomText(2))
	}
	for len(texts) > 0 {
		chunk := texts[:min(len(texts), 20000)]
		texts = texts[len(chunk):]
		got := ask[[]struct{ Email, Passphrase string }](t, p, "clean", args{"texts": chunk})
		require.Len(t, got, len(chunk))
		for i, s := range chunk {
			email, err := cleanEmail(s)
			require.NoError(t, err)
			passphrase, err := cleanPassphrase(s)
			require.NoError(t, err)
			if got[i].Email != email || got[i].Passphrase != passphrase {
				t.Errorf("%+q: email %+q, passphrase %+q; JavaScript: %+q", s, email, passphrase, got[i])
			}
		}
		if t.Failed() {
			return
		}
	}
}

// known reports whether r is a character to Go, whose Unicode is 15, and the same
// to a newer JavaScript: Unicode 16 and 17 changed the category of two.
func known(r rune) bool {
	return r != 0x295 && r != 0x1171e && !unicode.In(r, unicode.Cs, unicode.Cn)
}

// TestLiveCanonical compares the text of blobs with JavaScript's.
func TestLiveCanonical(t *testing.T) {
	p := startPeer(t)
	for range 500 {
		doc := randomDocument()
		got, ok := canonical([]byte(doc))
		require.True(t, ok, doc)
		if !assert.Equal(t, ask[string](t, p, "canonical", args{"text": doc}), string(got), doc) {
			return
		}
	}
}

// randomDocument is a JSON object with what JavaScript treats in its own way:
// numbers, order and repetition of names, escapes, lone surrogates, white space.
func randomDocument() string {
	var out strings.Builder
	randomObject(&out, 3)
	return out.String()
}

func randomObject(out *strings.Builder, depth int) {
	out.WriteString("{")
	for i := range rand.IntN(8) {
		if i > 0 {
			out.WriteString(" ,")
		}
		out.WriteString(pick(`"type"`, `"modified"`, `"parentId"`, `"10"`, `"9"`, `"a\u0062"`, `"ab"`,
			`"\ud800"`, `"\ud83d\ude00"`, `"😀"`, `"\uffff"`, `"`+"\ue000"+`"`, `"\udc00"`, randomString()))
		out.WriteString(pick(":", " : ", ":\n\t"))
		randomValue(out, depth)
	}
	out.WriteString(pick("}", "\r\n}"))
}

func randomValue(out *strings.Builder, depth int) {
	switch n := rand.IntN(8); {
	case n == 0 && depth > 0:
		randomObject(out, depth-1)
	case n == 1 && depth > 0:
		out.WriteString("[ ")
		for i := range rand.IntN(4) {
			if i > 0 {
				out.WriteString(",")
			}
			randomValue(out, depth-1)
		}
		out.WriteString("]")
	case n == 2:
		out.WriteString(pick("null", "true", "false", `"Workspace"`, `"Workspace"`, `"Request"`))
	case n < 6:
		out.WriteString(randomNumber())
	default:
		out.WriteString(randomString())
	}
}

func randomNumber() string {
	return pick("0", "-0", "-0.0", "1e21", "1E+20", "123456789012345680000", "1e-6", "1.5e-7", "0.1e1", "1e400", "-1e999",
		"5e-324", "1e-400", "9007199254740993", "0.000001", "1.7976931348623157e308", "-12.50", "100e-2",
		strconv.Itoa(rand.IntN(1e9)), strconv.FormatFloat(rand.NormFloat64(), 'g', rand.IntN(20), 64),
		strconv.FormatFloat(rand.ExpFloat64()*1e22, 'e', rand.IntN(20), 64))
}

func randomString() string {
	var out strings.Builder
	out.WriteByte('"')
	for range rand.IntN(12) {
		out.WriteString(pick(`\"`, `\\`, `\/`, `\b`, `\f`, `\n`, `\r`, `\t`, `\u0000`, `\u001F`, `\u007f`, `\ud800`,
			`\uDfff`, `\ud83d\ude00`, `\ud83d`, `\ude00`, `\u00e9`, `\u2028`, "\u2028", "<>&", "é", "🦊", "\x7f", "plain text"))
	}
	out.WriteByte('"')
	return out.String()
}

func pick(choices ...string) string { return choices[rand.IntN(len(choices))] }
