package keys

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"testing/cryptotest"

	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/vectors"
)

// TestMakeVectors makes the vectors of this package anew.
func TestMakeVectors(t *testing.T) {
	vectors.Updating(t)
	cryptotest.SetGlobalRandom(t, 4)
	vectors.Write(t, "keys/forms.json", source+"Section 4.2", makeForms())
	vectors.Write(t, "keys/params.json", source+"Section 4.3", makeParams())
	vectors.Write(t, "keys/stretch.json", source+"Sections 4.1 to 4.3", makeStretch(t))
	vectors.Write(t, "keys/codes.json", source+"Sections 2.6, 4.4 and 4.5", makeCodes())
	vectors.Write(t, "keys/devices.json", source+"Section 4.4", makeDevices())
	vectors.Write(t, "keys/ids.json", source+"Sections 2.6 and 5.2", makeIDs())
	vectors.Write(t, "keys/identities.json", source+"Section 5", makeIdentities(t))
	vectors.Write(t, "keys/records.json", source+"Sections 6.1, 6.2, 6.4 and 6.5", makeRecords(t))
	vectors.Write(t, "keys/unlock.json", source+"Section 6.3", makeUnlock(t))
	vectors.Write(t, "keys/successors.json", source+"Section 6.4", makeSuccessors(t))
}

func makeForms() (out []formVector) {
	for _, c := range [][3]string{
		{"plain", "passphrase", "correct horse battery staple"},
		{"composed", "passphrase", "Zo\u00eb"},
		{"decomposed", "passphrase", "Zoe\u0308"},
		{"superscript two", "passphrase", "x\u00b2"},
		{"two", "passphrase", "x2"},
		{"no-break space", "passphrase", "a\u00a0b"},
		{"ideographic space", "passphrase", "a\u3000b"},
		{"case and width stay", "passphrase", "A\uff21"},
		{"spaces stay", "passphrase", " a  b "},
		{"Hangul", "passphrase", "\u1112\u1161\u11ab"},
		{"emoji", "passphrase", "\U0001f511\U0001f40e"},
		{"as long as may be", "passphrase", strings.Repeat("x", 1024)},
		{"empty", "passphrase", ""},
		{"NUL", "passphrase", "a\x00b"},
		{"tab", "passphrase", "a\tb"},
		{"surrogate", "passphrase", "\xed\xa0\x80"},
		{"cut", "passphrase", "a\xe2\x82"},
		{"too long", "passphrase", strings.Repeat("x", 1025)},
		{"form too long", "passphrase", strings.Repeat("\u0958", 341)},
		{"plain name", "name", "jane"},
		{"case", "name", "JANE"},
		{"address", "name", "Jane@Notes.Example"},
		{"name decomposed", "name", "Zoe\u0308"},
		{"width", "name", "\uff2a\uff41\uff4e\uff45"},
		{"sharp s", "name", "Stra\u00dfe"},
		{"right to left", "name", "\u05d0\u05d1"},
		{"as long a name as may be", "name", strings.Repeat("x", 255)},
		{"no name", "name", ""},
		{"space", "name", "jane doe"},
		{"superscript", "name", "jane\u00b2"},
		{"both directions", "name", "a\u05d0b"},
		{"zero width", "name", "jane\u200b"},
		{"name too long", "name", strings.Repeat("x", 256)},
		{"name not UTF-8", "name", "jane\xff"},
	} {
		v := formVector{Name: c[0], Profile: c[1], Input: []byte(c[2])}
		form, err := formOf(v.Profile, c[2])
		if v.Form = form; err != nil {
			v.Form, v.Want = nil, "refused"
		}
		out = append(out, v)
	}
	return out
}

func makeParams() (out []paramsVector) {
	add := func(name string, seen *Params, p *Params, want string) *paramsVector {
		v := paramsVector{Name: name, Params: p.Bytes(), Want: want}
		if seen != nil {
			v.Seen = seen.Bytes()
		}
		if want == "" {
			v.Memory, v.Passes, v.Lanes, v.Iterations = p.cost.Memory, p.cost.Passes, p.cost.Lanes, p.cost.Iterations
			v.Salt, v.Second = p.salt[:], p.second
		}
		out = append(out, v)
		return &out[len(out)-1]
	}
	of := func(c Cost, second bool) *Params { return newParams(c, [32]byte(random(32)), second) }
	good, bad := sweep()
	for _, c := range good {
		add("within the limits", nil, of(c, len(out)%2 == 1), "")
	}
	for _, c := range bad {
		add("outside the limits", nil, of(c, false), "cost")
	}
	def := of(defaultCost, false)
	add("the same again", def, def, "")
	add("another salt", def, of(defaultCost, false), "")
	add("dearer", def, of(Cost{65536, 4, 4, 0}, false), "")
	add("other lanes", def, of(Cost{65536, 3, 1, 0}, false), "")
	add("less memory", def, of(Cost{65535, 4, 4, 0}, false), "params")
	add("fewer passes", def, of(Cost{65536, 2, 4, 0}, false), "params")
	add("more memory, less over all passes", of(Cost{65536, 8, 4, 0}, false), of(Cost{131072, 3, 4, 0}, false), "params")
	add("PBKDF2 after Argon2id", def, of(Cost{Iterations: 10_000_000}, false), "params")
	add("Argon2id after PBKDF2", of(Cost{Iterations: 10_000_000}, false), of(Cost{19456, 2, 1, 0}, false), "")
	add("fewer iterations", of(Cost{Iterations: 700_000}, false), of(Cost{Iterations: 699_999}, false), "params")
	add("second secret no more", of(defaultCost, true), def, "params")
	add("second secret now", def, of(defaultCost, true), "params")
	for _, c := range []struct {
		name  string
		at    int
		value byte
		want  string
	}{
		{"another kind", 2, 'A', "malformed"}, {"version 0", 3, 0, "malformed"}, {"version 2", 3, 2, "newer"},
		{"form 0", 4, 0, "malformed"}, {"form 2", 4, 2, "newer"},
		{"kdf 0", 5, 0, "malformed"}, {"kdf 3", 5, 3, "malformed"}, {"second 2", 51, 2, "malformed"},
	} {
		add(c.name, nil, def, c.want).Params[c.at] = c.value
	}
	v := add("cut", nil, def, "malformed")
	v.Params = v.Params[:51]
	v = add("a byte behind", nil, def, "malformed")
	v.Params = append(v.Params, 0)
	v = add("version 2, longer", nil, def, "newer")
	v.Params = append(v.Params, make([]byte, 76)...)
	v.Params[3] = 2
	v = add("longer than any", nil, def, "malformed")
	v.Params = append(v.Params, make([]byte, 77)...)
	v.Params[3] = 2
	add("empty", nil, def, "malformed").Params = nil
	return out
}

func makeStretch(t *testing.T) (out []stretchVector) {
	pbkdf2 := Cost{Iterations: iterationsFloor}
	for _, c := range []struct {
		name, service, user, passphrase string
		cost                            Cost
		second                          bool
	}{
		{"the default", "notes.example", "jane", "correct horse battery staple", defaultCost, false},
		{"Argon2id", "notes.example", "Jane", "Zoe\u0308", floor, false},
		{"Argon2id, second secret", "notes.example", "jane", "a\u00a0b", Cost{20000, 3, 2, 0}, true},
		{"PBKDF2", "notes.example", "\uff2a\uff41\uff4e\uff45", "x\u00b2", pbkdf2, false},
		{"PBKDF2, second secret", "n", "j", "x", Cost{Iterations: 600_001}, true},
	} {
		v := stretchVector{Name: c.name, Service: c.service, User: c.user, Passphrase: c.passphrase}
		if c.second {
			v.Second = random(codeSize)
		}
		v.Params = newParams(c.cost, [32]byte(random(32)), c.second).Bytes()
		out = append(out, stretched(t, v))
	}
	return out
}

func makeCodes() (out []codeVector) {
	for name, code := range map[string][]byte{"a code": random(codeSize), "zeros": make([]byte, codeSize), "ones": bytes.Repeat([]byte{0xff}, codeSize)} {
		c := &Code{secret.New(code)}
		out = append(out, codeVector{Name: name, Typed: c.Show(), Code: code, Shown: c.Show(), credentialValues: valuesOf(c.root(), c.Credential())})
	}
	slices.SortFunc(out, func(a, b codeVector) int { return strings.Compare(a.Name, b.Name) })
	good := out[0]
	text := good.Shown
	typed := func(name, typed string) {
		v := good
		v.Name, v.Typed = name, typed
		out = append(out, v)
	}
	typed("upper case", strings.ToUpper(text))
	typed("no groups", strings.ReplaceAll(text, "-", ""))
	typed("spaces and lines", " "+strings.ReplaceAll(text, "-", " -\t")+"\r\n")
	typed("O, I and L", strings.NewReplacer("0", "O", "1", "I").Replace(text))
	typed("o and l", strings.NewReplacer("0", "o", "1", "l").Replace(text))
	wrong := func(name, typed string, group int) {
		out = append(out, codeVector{Name: name, Typed: typed, Group: group, Want: "malformed"})
	}
	wrong("a wrong letter", text[:8]+other(text[8])+text[9:], 2)
	wrong("a wrong check letter", text[:46]+other(text[46]), 8)
	wrong("groups exchanged", text[6:12]+text[:6]+text[12:], 1)
	wrong("a letter that does not occur", text[:14]+"u"+text[15:], 3)
	wrong("a letter missing", text[:20]+text[21:], 4)
	wrong("a letter twice", text[:20]+text[19:], 4)
	wrong("a group missing", text[6:], 0)
	wrong("a group too many", text+"-"+text[:5], 0)
	wrong("empty", "", 0)
	wrong("too long", strings.Repeat(" ", 257), 0)
	return out
}

// other returns the letter after c.
func other(c byte) string { return string(alphabet[(values[c]+1)%32]) }

func makeDevices() (out []deviceVector) {
	for range 2 {
		b := [32]byte(random(32))
		out = append(out, deviceVector{b[:], valuesOf(deviceRoot(b), Device(b))})
	}
	return out
}

func makeIDs() (out []idVector) {
	for _, c := range []struct {
		name string
		id   []byte
	}{{"an id", random(idSize)}, {"zeros but one", append(make([]byte, idSize-1), 1)}, {"ones", bytes.Repeat([]byte{0xff}, idSize)}} {
		id := AccountID(c.id)
		out = append(out, idVector{Name: c.name, Typed: id.String(), ID: c.id, Text: id.String(), Fingerprint: id.Fingerprint(), Shown: id.Show(), Stored: true})
	}
	good := out[0]
	typed := func(name, typed string) {
		v := good
		v.Name, v.Typed, v.Stored = name, typed, false
		out = append(out, v)
	}
	typed("fingerprint", good.Fingerprint)
	typed("with check letters", good.Shown)
	typed("upper case", strings.ToUpper(good.Text))
	typed("O, I and L", strings.ToUpper(strings.NewReplacer("0", "o", "1", "l").Replace(good.Shown)))
	wrong := func(name, typed string, group int) {
		out = append(out, idVector{Name: name, Typed: typed, Group: group, Want: "malformed"})
	}
	text := good.Shown
	wrong("a wrong letter", text[:8]+other(text[8])+text[9:], 2)
	wrong("a letter missing, with check letters", text[:8]+text[9:], 2)
	wrong("a letter missing, in groups", good.Fingerprint[:8]+good.Fingerprint[9:], 2)
	wrong("a letter that does not occur", good.Fingerprint[:14]+"u"+good.Fingerprint[15:], 3)
	wrong("a letter missing", good.Text[1:], 8)
	wrong("empty", "", 0)
	return out
}
