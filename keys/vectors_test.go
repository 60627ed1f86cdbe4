package keys

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/vectors"
)

//go:generate go test -run ^TestMakeVectors$ -update .

const source = "sealkin keys, go generate; docs/spec.md, "

// kinds are the failures that a vector may want.
var kinds = map[string]error{
	"malformed": ErrMalformed, "newer": ErrNewer, "cost": ErrCost, "params": ErrParams, "open": ErrOpen,
	"mismatch": ErrMismatch, "rollback": ErrRollback, "fork": ErrFork, "behind": ErrBehind,
}

// wanted reports whether the vector goes on, and checks err if it does not.
func wanted(t *testing.T, want string, nothing bool, err error) bool {
	t.Helper()
	if want == "" {
		require.NoError(t, err)
		return true
	}
	require.Contains(t, kinds, want)
	require.ErrorIs(t, err, kinds[want])
	require.True(t, nothing)
	return false
}

// credentialValues are all that a root becomes (spec, Sections 4.1, 6.2, 7).
type credentialValues struct {
	Root         vectors.Hex `json:"root"`
	Login        vectors.Hex `json:"login"`
	Unlock       vectors.Hex `json:"unlock"`
	SlotID       vectors.Hex `json:"slotID"`
	X            vectors.Hex `json:"x"`
	Verifier     vectors.Hex `json:"verifier"`
	KEMSeed      vectors.Hex `json:"kemSeed"`
	KEMPublicKey vectors.Hex `json:"kemPublicKey"`
	AnchorKey    vectors.Hex `json:"anchorKey"`
}

func valuesOf(root secret.Key, c *Credential) credentialValues {
	h := secret.Open(c.credentialSecret)
	return credentialValues{
		Root: secret.Reveal(root), Login: secret.Reveal(h.login), Unlock: secret.Reveal(h.unlock), SlotID: c.slot[:],
		X: secret.Reveal(c.x()), Verifier: c.verifier(),
		KEMSeed: secret.Reveal(box.Expand(h.unlock, label.SlotKEM, 32)), KEMPublicKey: c.slotKEM().PublicKey().Bytes(),
		AnchorKey: secret.Reveal(box.Expand(h.unlock, label.SlotAnchorKey, 32)),
	}
}

type formVector struct {
	Name    string      `json:"name"`
	Profile string      `json:"profile"` // "passphrase" or "name"
	Input   vectors.Hex `json:"input"`
	Form    vectors.Hex `json:"form"`
	Want    string      `json:"want"` // "refused"
}

func TestFormVectors(t *testing.T) {
	for _, v := range vectors.Load[formVector](t, "keys/forms.json") {
		t.Run(v.Name, func(t *testing.T) {
			form, err := formOf(v.Profile, string(v.Input))
			assert.Equal(t, v.Want == "refused", err != nil)
			assert.Equal(t, string(v.Form), string(form))
		})
	}
}

func formOf(profile, input string) ([]byte, error) {
	if profile == "passphrase" {
		return passphraseForm(input)
	}
	l, err := Login{"s", input}.Canonical()
	return []byte(l.Name), err
}

type paramsVector struct {
	Name       string      `json:"name"`
	Seen       vectors.Hex `json:"seen"`
	Params     vectors.Hex `json:"params"`
	Memory     uint32      `json:"memory"`
	Passes     uint32      `json:"passes"`
	Lanes      uint8       `json:"lanes"`
	Iterations uint32      `json:"iterations"`
	Salt       vectors.Hex `json:"salt"`
	Second     bool        `json:"second"`
	Want       string      `json:"want"`
}

func TestParamsVectors(t *testing.T) {
	for _, v := range vectors.Load[paramsVector](t, "keys/params.json") {
		t.Run(v.Name, func(t *testing.T) {
			var seen *Params
			if len(v.Seen) > 0 {
				seen = must(ParseParams(v.Seen, nil))(t)
			}
			p, err := ParseParams(v.Params, seen)
			if !wanted(t, v.Want, p == nil, err) {
				return
			}
			assert.Equal(t, Cost{v.Memory, v.Passes, v.Lanes, v.Iterations}, p.Cost())
			assert.Equal(t, []byte(v.Salt), p.salt[:])
			assert.Equal(t, v.Second, p.NeedsSecond())
			assert.Equal(t, []byte(v.Params), newParams(p.cost, p.salt, p.second).Bytes())
		})
	}
}

type stretchVector struct {
	Name       string      `json:"name"`
	Service    string      `json:"service"`
	User       string      `json:"user"`
	Passphrase string      `json:"passphrase"`
	Second     vectors.Hex `json:"second"`
	Params     vectors.Hex `json:"params"`
	Canonical  vectors.Hex `json:"canonicalName"`
	P          vectors.Hex `json:"P"`
	Salted     vectors.Hex `json:"saltPrime"`
	IKM        vectors.Hex `json:"ikm"`
	credentialValues
}

// stretched computes all values of v from its inputs.
func stretched(t testing.TB, v stretchVector) stretchVector {
	p := must(ParseParams(v.Params, nil))(t)
	who := must(Login{v.Service, v.User}.Canonical())(t)
	v.Canonical, v.P = []byte(who.Name), must(passphraseForm(v.Passphrase))(t)
	salted := p.salted(who)
	ikm := must(p.slow(v.P, who))(t)
	v.Salted, v.IKM = salted[:], secret.Reveal(ikm)
	root := box.Extract(v.Second, ikm)
	v.credentialValues = valuesOf(root, newCredential(ring.Passphrase, root, p))
	return v
}

func TestStretchVectors(t *testing.T) {
	for _, v := range vectors.Load[stretchVector](t, "keys/stretch.json") {
		t.Run(v.Name, func(t *testing.T) {
			in := v
			in.Canonical, in.P, in.Salted, in.IKM, in.credentialValues = nil, nil, nil, nil, credentialValues{}
			assert.Equal(t, v, stretched(t, in))
			var second *Code
			if len(v.Second) > 0 {
				second = &Code{secret.New(v.Second)}
			}
			c, err := must(ParseParams(v.Params, nil))(t).Stretch(Login{v.Service, v.User}, v.Passphrase, second)
			require.NoError(t, err)
			assert.Equal(t, v.credentialValues, valuesOf(secret.New(v.Root), c))
		})
	}
}

type codeVector struct {
	Name  string      `json:"name"`
	Typed string      `json:"typed"`
	Code  vectors.Hex `json:"code"`
	Shown string      `json:"shown"`
	Group int         `json:"group"` // the one that is mistyped, from 1; 0 if it can't be told
	credentialValues
	Want string `json:"want"`
}

func TestCodeVectors(t *testing.T) {
	for _, v := range vectors.Load[codeVector](t, "keys/codes.json") {
		t.Run(v.Name, func(t *testing.T) {
			c, err := ParseCode(v.Typed)
			if !wanted(t, v.Want, c == nil, err) {
				namesGroup(t, v.Group, err)
				return
			}
			assert.Equal(t, []byte(v.Code), secret.Reveal(c.codeSecret))
			assert.Equal(t, v.Shown, c.Show())
			assert.Equal(t, v.credentialValues, valuesOf(c.root(), c.Credential()))
		})
	}
}

type deviceVector struct {
	Secret vectors.Hex `json:"secret"`
	credentialValues
}

func TestDeviceVectors(t *testing.T) {
	for _, v := range vectors.Load[deviceVector](t, "keys/devices.json") {
		root := deviceRoot([32]byte(v.Secret))
		assert.Equal(t, v.credentialValues, valuesOf(root, Device([32]byte(v.Secret))))
	}
}

type idVector struct {
	Name        string      `json:"name"`
	Typed       string      `json:"typed"`
	ID          vectors.Hex `json:"id"`
	Text        string      `json:"text"`
	Fingerprint string      `json:"fingerprint"`
	Shown       string      `json:"shown"`
	Stored      bool        `json:"stored"` // typed is what may stand in stored text
	Group       int         `json:"group"`
	Want        string      `json:"want"`
}

func TestIDVectors(t *testing.T) {
	for _, v := range vectors.Load[idVector](t, "keys/ids.json") {
		t.Run(v.Name, func(t *testing.T) {
			var stored AccountID
			assert.Equal(t, v.Stored, stored.UnmarshalText([]byte(v.Typed)) == nil)
			id, err := ParseAccountID(v.Typed)
			if !wanted(t, v.Want, id == AccountID{}, err) {
				namesGroup(t, v.Group, err)
				return
			}
			assert.Equal(t, []byte(v.ID), id[:])
			assert.Equal(t, []string{v.Text, v.Fingerprint, v.Shown}, []string{id.String(), id.Fingerprint(), id.Show()})
		})
	}
}

func namesGroup(t *testing.T, group int, err error) {
	t.Helper()
	if group == 0 {
		assert.NotContains(t, err.Error(), "group")
		return
	}
	assert.Contains(t, err.Error(), "group "+string(rune('0'+group))+":")
}
