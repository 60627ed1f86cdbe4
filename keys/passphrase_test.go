package keys

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/runes"
	"golang.org/x/text/secure/precis"
	"golang.org/x/text/transform"

	"github.com/sealkin/sealkin/internal/secret"
)

// TestPassphraseForm has one form for what looks alike, and two for what does
// not (A69).
func TestPassphraseForm(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Zo\u00eb", "Zoe\u0308", true},      // NFC and NFD
		{"\u00c5", "\u212b", true},           // Å and the Ångström sign
		{"a b", "a\u00a0b", true},            // spaces are one
		{"a b", "a\u3000b", true},            // the ideographic one too
		{"2", "\u00b2", false},               // no compatibility forms
		{"fi", "\ufb01", false},              // nor ligatures
		{"A", "a", false},                    // nor case
		{"A", "\uff21", false},               // nor width
		{"a", " a", false},                   // nor trimming
		{"a", "a ", false},                   //
		{"a b", "a  b", false},               //
		{"Stra\u00dfe", "Strasse", false},    //
		{"\u0440\u0430\u0441", "pac", false}, // Cyrillic is not Latin
		{strings.Repeat("x", 1023) + "a", strings.Repeat("x", 1023) + "b", false}, // nothing is cut off
	} {
		a, err := passphraseForm(c.a)
		require.NoError(t, err, "%q", c.a)
		b, err := passphraseForm(c.b)
		require.NoError(t, err, "%q", c.b)
		assert.Equal(t, c.same, string(a) == string(b), "%q %q", c.a, c.b)
		again, err := passphraseForm(string(a))
		require.NoError(t, err)
		assert.Equal(t, a, again, "idempotent")
	}
	for name, text := range map[string]string{
		"empty":           "",
		"a surrogate":     "\xed\xa0\x80",
		"overlong":        "\xc0\xaf",
		"cut UTF-8":       "abc\xe2\x82",
		"NUL":             "abc\x00def",
		"a control":       "abc\u0085",
		"a tab":           "abc\tdef",
		"a noncharacter":  "abc\ufffe",
		"unassigned":      "abc\U000e0fff",
		"private use":     "abc\ue000",
		"too long":        strings.Repeat("x", 1025),
		"shrinks":         strings.Repeat("e\u0301", 400), // 1,200 bytes in, 800 out
		"1 MiB":           strings.Repeat("x", 1<<20),
		"1 MiB of marks":  strings.Repeat("\u0301", 1<<19),
		"1 MiB not UTF-8": strings.Repeat("\xff", 1<<20),
		"grows too long":  strings.Repeat("\u0958", 341), // composes to two each
	} {
		got, err := passphraseForm(text)
		assert.Error(t, err, name)
		assert.Nil(t, got, name)
		assert.NotContains(t, err.Error(), "abc")
	}
}

func TestNames(t *testing.T) {
	canonical := func(name string) string {
		l, err := Login{"notes.example", name}.Canonical()
		require.NoError(t, err, "%q", name)
		require.Equal(t, "notes.example", l.Service)
		again, err := l.Canonical()
		require.NoError(t, err)
		require.Equal(t, l, again)
		return l.Name
	}
	assert.Equal(t, "jane", canonical("Jane"))
	assert.Equal(t, "jane@notes.example", canonical("JANE@Notes.Example"))
	assert.Equal(t, "zo\u00eb", canonical("Zoe\u0308"))
	assert.Equal(t, "jane", canonical("\uff2a\uff41\uff4e\uff45"), "width is mapped")
	assert.Equal(t, "stra\u00dfe", canonical("Stra\u00dfe"))
	for name, l := range map[string]Login{
		"no name":             {"s", ""},
		"a space":             {"s", "jane doe"},
		"NUL":                 {"s", "jane\x00"},
		"not UTF-8":           {"s", "jane\xff"},
		"compatibility":       {"s", "jane\u00b2"},
		"too long":            {"s", strings.Repeat("x", 256)},
		"shrinks":             {"s", strings.Repeat("\uff4a", 86)},
		"grows":               {"s", strings.Repeat("\u0130", 127)},
		"1 MiB":               {"s", strings.Repeat("x", 1<<20)},
		"both directions":     {"s", "a\u05d0b"},
		"no service":          {"", "jane"},
		"service not UTF-8":   {"\xff", "jane"},
		"service too long":    {strings.Repeat("x", 256), "jane"},
		"zero":                {},
		"invisible":           {"s", "jane\u200b"},
		"a line and no name":  {"s", "\n"},
		"only joiners":        {"s", "\u200d"},
		"a name of one space": {"s", " "},
	} {
		got, err := l.Canonical()
		assert.Error(t, err, name)
		assert.Zero(t, got, name)
		_, err = NewPassphrase(l, "correct horse", floor, nil)
		assert.Error(t, err, name)
	}
}

// TestStretchBinds changes one input at a time: another key each (A65).
func TestStretchBinds(t *testing.T) {
	p := newParams(floor, [32]byte{1}, false)
	jane := Login{"notes.example", "jane"}
	stretch := func(p *Params, who Login, passphrase string, second *Code) [2]string {
		c, err := p.Stretch(who, passphrase, second)
		require.NoError(t, err)
		h := secret.Open(c.credentialSecret)
		return [2]string{string(secret.Open(h.login)), string(secret.Open(h.unlock))}
	}
	code := NewCode()
	base := stretch(p, jane, "correct horse", nil)
	assert.Equal(t, base, stretch(p, Login{"notes.example", "JANE"}, "correct horse", nil))
	seen := map[string]string{base[0]: "base", base[1]: "base"}
	for name, other := range map[string][2]string{
		"passphrase":     stretch(p, jane, "correct horsf", nil),
		"name":           stretch(p, Login{"notes.example", "janf"}, "correct horse", nil),
		"service":        stretch(p, Login{"notes.exampl", "jane"}, "correct horse", nil),
		"where they end": stretch(p, Login{"notes.exampl", "ejane"}, "correct horse", nil),
		"salt":           stretch(newParams(floor, [32]byte{2}, false), jane, "correct horse", nil),
		"passes":         stretch(newParams(Cost{memoryFloor, 3, 1, 0}, [32]byte{1}, false), jane, "correct horse", nil),
		"lanes":          stretch(newParams(Cost{memoryFloor, 2, 2, 0}, [32]byte{1}, false), jane, "correct horse", nil),
		"second secret":  stretch(newParams(floor, [32]byte{1}, true), jane, "correct horse", code),
		"another":        stretch(newParams(floor, [32]byte{1}, true), jane, "correct horse", NewCode()),
		"PBKDF2":         stretch(newParams(Cost{Iterations: iterationsFloor}, [32]byte{1}, false), jane, "correct horse", nil),
	} {
		for _, key := range other {
			assert.Empty(t, seen[key], name)
			seen[key] = name
		}
	}
}

// TestEnforceUntilStable gives a profile that needs more than one round: each
// moves the letters a to e on by one. (Of the two profiles in use, no string is
// known that does.)
func TestEnforceUntilStable(t *testing.T) {
	p := precis.NewFreeform(precis.AdditionalMapping(func() transform.Transformer {
		return runes.Map(func(r rune) rune {
			if 'a' <= r && r < 'f' {
				r++
			}
			return r
		})
	}))
	for in, want := range map[string]string{"f": "f", "e": "f", "c": "f", "b": "", "a": ""} {
		got, ok := enforce(p, in)
		assert.Equal(t, want, got, in)
		assert.Equal(t, want != "", ok, in)
	}
}

func TestNewPassphraseDrawsSalt(t *testing.T) {
	jane := Login{"notes.example", "jane"}
	a := must(NewPassphrase(jane, "correct horse", floor, nil))(t)
	b := must(NewPassphrase(jane, "correct horse", floor, nil))(t)
	assert.NotEqual(t, a.Params().salt, b.Params().salt)
	again := must(a.Params().Stretch(jane, "correct horse", nil))(t)
	assert.Equal(t, a.slot, again.slot)
	_, err := NewAccount(a).Locked().Unlock(again)
	assert.NoError(t, err)
	_, err = a.Params().Stretch(jane, "correct horse", NewCode())
	assert.ErrorIs(t, err, ErrParams)
	_, err = newParams(floor, [32]byte{}, true).Stretch(jane, "correct horse", nil)
	assert.ErrorIs(t, err, ErrParams)
}

// FuzzForms shows that forms are valid, idempotent, within the limit, and that
// nothing panics.
func FuzzForms(f *testing.F) {
	for _, s := range []string{"", "Zoe\u0308", "\u00b2", "a\x00", "\xed\xa0\x80", "\u05d0\u0661", "\u1e9b\u0323", "\u0345\u0390", "jane@notes.example"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if form, err := passphraseForm(text); err == nil {
			again, err := passphraseForm(string(form))
			if err != nil || string(again) != string(form) || !utf8.Valid(form) || len(form) == 0 || len(form) > passphraseLimit {
				t.Fatalf("%q: %q, %q, %v", text, form, again, err)
			}
		}
		if l, err := (Login{"s", text}).Canonical(); err == nil {
			again, err := l.Canonical()
			if err != nil || again != l || l.Name == "" || len(l.Name) > nameLimit {
				t.Fatalf("%q: %q, %q, %v", text, l.Name, again.Name, err)
			}
		}
	})
}

func TestLabels(t *testing.T) {
	for r := range rune(0x3000) {
		turns := r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x61c || r == 0x200b || r == 0x200e || r == 0x200f ||
			r == 0x2028 || r == 0x2029 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
		assert.Equal(t, !turns, validLabel("a"+string(r)), "%U", r)
	}
	assert.False(t, validLabel("\ufeffphone"))
	assert.True(t, validLabel("\U0001fae9"), "of a Unicode that this Go may not know")
}
