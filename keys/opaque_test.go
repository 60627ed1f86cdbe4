package keys

import (
	"crypto/ed25519"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/secret/secrettest"
)

// TestOpaque walks every type that holds key material, exported and internal,
// through everything that prints, logs and encodes (design, Section 5).
func TestOpaque(t *testing.T) {
	raw := random(32)
	code := NewCode()
	pass := quick("passphrase", floor, code)
	a := must(NewAccount(pass).Rotate())(t)
	h := secret.Open(a.accountSecret)
	key := box.NewKey(secret.New(raw))
	sealing, err := ring.Of(a.Ring()).Sealing()
	if err != nil {
		t.Fatal(err)
	}
	c := secret.Open(pass.credentialSecret)
	var all [][]byte // every secret of the account
	for e, seed := range h.seeds {
		all = append(all, secret.Reveal(seed), signingKey(h.seeds, e).Seed())
		for _, l := range []label.Label{label.AccountKEM, label.AccountSign} {
			all = append(all, secret.Reveal(box.Expand(seed, l, 32, uint32Bytes(uint32(e)))))
		}
		for _, l := range []label.Label{label.AccountDocuments, label.AccountBookmarks} {
			all = append(all, secret.Reveal(box.Expand(seed, l, 32, h.pub.ID[:], uint32Bytes(uint32(e)))))
		}
	}
	half := [][]byte{secret.Reveal(c.login), secret.Reveal(c.unlock), secret.Reveal(pass.x()), secret.Reveal(code.codeSecret)}
	kemBytes, err := pass.slotKEM().Bytes()
	assert.NoError(t, err)
	half = append(half, kemBytes)

	for _, v := range []struct {
		value   any
		secrets [][]byte
	}{
		{code, [][]byte{secret.Reveal(code.codeSecret)}},
		{*code, [][]byte{secret.Reveal(code.codeSecret)}},
		{secret.New(raw), [][]byte{raw}},
		{secret.Hide(h), all},
		{secret.Hide(h.sign), [][]byte{h.sign.Seed()}},
		{key, [][]byte{raw}},
		{*key, [][]byte{raw}},
		{pass, half},
		{*pass, half},
		{c, half},
		{&c, half},
		{pass.Login(), half},
		{ring.HalfOf(pass.Login()), half},
		{device(7), [][]byte{secret.Reveal(secret.Open(device(7).credentialSecret).unlock)}},
		{a, all},
		{*a, all},
		{a.Ring(), all},
		{a.Member(), all},
		{code.Guest(), [][]byte{secret.Reveal(ring.PrivateOf(code.Guest()).(*holder).seeds[0])}},
		{sealing, all},
		{*sealing, all},
		{a.Locked(), all},
		{a.Identity(), all},
		{a.Locked().Slots(), all},
		{pass.Params(), half},
	} {
		secrettest.Silent(t, v.value, v.secrets...)
	}
}

// TestOpaqueEncoders shows that encoders fail on what is secret by itself,
// instead of losing it without a word.
func TestOpaqueEncoders(t *testing.T) {
	a := NewAccount(device(1))
	for _, v := range []any{NewCode(), *NewCode(), device(1), *device(1), a, *a, struct{ A *Account }{a}, []*Code{NewCode()}, map[string]*Credential{"x": device(1)}} {
		_, err := json.Marshal(v)
		assert.ErrorContains(t, err, "can't be encoded", "%T", v)
	}
}

// TestNotComparable shows that == does not compile, which would compare secrets
// in a time that tells.
func TestNotComparable(t *testing.T) {
	for _, v := range []any{Code{}, Credential{}, Account{}, secret.Key{}, box.Key{}, ring.Login{}, ring.Ring{}, ring.Member{}} {
		assert.False(t, reflect.TypeOf(v).Comparable(), "%T", v)
	}
}

// TestInnermost names the types that hold bare keys. They are handed out inside
// of a closure only; if one of them is ever put into a field, this list says so.
func TestInnermost(t *testing.T) {
	h := newHolder(someSeeds(1), nil)
	assert.True(t, secrettest.Shows(*h, h.sign.Seed()), "a bare holder shows its signing key: it is always hidden")
	assert.True(t, secrettest.Shows(ed25519.PrivateKey(h.sign), h.sign.Seed()))
}

// TestErrorsAreSilent shows what errors say when secrets were what was wrong.
func TestErrorsAreSilent(t *testing.T) {
	text := NewCode().Show()
	for i := range len(text) {
		if text[i] != '-' {
			_, err := ParseCode(text[:i] + "u" + text[i+1:])
			assert.NotContains(t, err.Error(), text[:5])
			assert.NotContains(t, err.Error(), text[len(text)-5:])
		}
	}
	_, err := NewPassphrase(Login{"notes.example", "jane"}, "my secret\x00phrase", floor, nil)
	assert.NotContains(t, err.Error(), "secret")
	_, err = NewPassphrase(Login{"notes.example", "jane doe"}, "passphrase", floor, nil)
	assert.NotContains(t, err.Error(), "doe")
}
