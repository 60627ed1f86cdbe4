package insomnia

import (
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/secret"
)

// TestLife goes through all that Insomnia's clients do with an account. Jane's
// e-mail is a key of HKDF, and shorter than the FIPS 140-3 mode allows.
func TestLife(t *testing.T) {
	_, jane, err := NewAccount(" J@Example.COM\n", "correct horse ")
	require.NoError(t, err)
	assert.Equal(t, "j@example.com", jane.Email)
	assert.Regexp(t, "^act_[0-9a-f]{64}$", jane.ID)
	_, bob, err := NewAccount("bob@example.com", "")
	require.NoError(t, err)

	login(t, jane, "correct horse")
	a, err := jane.Unlock("  correct horse\u3000")
	require.NoError(t, err)
	key := NewGroupKey()
	own, err := key.Link(jane.PublicKey)
	require.NoError(t, err)
	key, err = a.OpenLink(own)
	require.NoError(t, err)
	invitation, err := key.Link(bob.PublicKey)
	require.NoError(t, err)
	_, err = a.OpenLink(invitation)
	assert.Equal(t, ErrOpen, err)

	doc := []byte(`{"type":"Workspace","modified":1,"parentId":"x","name":"<&>"}`)
	encContent, err := key.SealResource(doc)
	require.NoError(t, err)
	id, content, err := key.SealBlob(doc)
	require.NoError(t, err)

	b, err := bob.Unlock(" ")
	require.NoError(t, err)
	shared, err := b.OpenLink(invitation)
	require.NoError(t, err)
	got, err := shared.OpenResource(encContent)
	require.NoError(t, err)
	assert.Equal(t, string(doc), string(got))
	got, err = shared.OpenBlob(id, content)
	require.NoError(t, err)
	assert.Equal(t, `{"name":"<&>","parentId":null,"type":"Workspace"}`, string(got))

	changed, err := a.Change("J@example.org", "battery staple")
	require.NoError(t, err)
	_, err = changed.Unlock("correct horse")
	assert.Equal(t, ErrOpen, err)
	login(t, changed, "battery staple")
	h := NewHandover()
	assert.Contains(t, h.Query(), "?loginKey=")
	code, err := changed.SealHandover(h.LoginKey(), "session", "battery staple")
	require.NoError(t, err)
	again, session, err := h.Open(code, changed)
	require.NoError(t, err)
	assert.Equal(t, "session", session)
	_, err = again.OpenLink(own)
	require.NoError(t, err)
}

func login(t *testing.T, r *Record, passphrase string) {
	t.Helper()
	c, a, err := (&Record{Email: r.Email, SaltKey: r.SaltKey, SaltAuth: r.SaltAuth}).Login(passphrase)
	require.NoError(t, err)
	s, b, err := (&Record{Verifier: r.Verifier}).Challenge()
	require.NoError(t, err)
	p, m1, err := c.Respond(b)
	require.NoError(t, err)
	m2, session, err := s.Verify(a, m1)
	require.NoError(t, err)
	same, err := p.Finish(m2)
	require.NoError(t, err)
	assert.Equal(t, session, same)
	_, _, err = s.Verify(a, m1)
	assert.Equal(t, ErrOpen, err, "a challenge is good for one attempt")
}

// The server can't have an account use a public key that is not its own.
func TestUnlockSwapped(t *testing.T) {
	file := loadVectors(t)
	alice, bob := file.account(t, "alice"), file.account(t, "bob")
	h := NewHandover()
	public, ok := parseLoginKey(h.LoginKey())
	require.True(t, ok)
	code := sealCode(public, "s", unhex(t, alice.EncSecret), zeros{})
	for name, change := range map[string]struct {
		do   func(*Record)
		want error
	}{
		"public key":         {func(r *Record) { r.PublicKey = bob.PublicKeyJSON }, ErrOpen},
		"private key":        {func(r *Record) { r.EncPrivateKey = bob.EncPrivateKey }, ErrOpen},
		"symmetric key":      {func(r *Record) { r.EncSymmetricKey = bob.EncSymmetricKey }, ErrOpen},
		"no public key":      {func(r *Record) { r.PublicKey = "" }, ErrMalformed},
		"private as public":  {func(r *Record) { r.PublicKey = alice.PrivateKeyJSON }, ErrMalformed},
		"no private key":     {func(r *Record) { r.EncPrivateKey = "" }, ErrMalformed},
		"no symmetric key":   {func(r *Record) { r.EncSymmetricKey = "" }, ErrMalformed},
		"null symmetric key": {func(r *Record) { r.EncSymmetricKey = "null" }, ErrMalformed},
	} {
		r := alice.record()
		change.do(r)
		a, _, err := h.Open(code, r)
		assert.Equal(t, change.want, err, name)
		assert.Nil(t, a, name)
	}
}

// What is malformed is found before any key is derived or used: quickly, and
// with whatever passphrase or code.
func TestMalformedFirst(t *testing.T) {
	alice := loadVectors(t).account(t, "alice")
	h := NewHandover()
	public, ok := parseLoginKey(h.LoginKey())
	require.True(t, ok)
	foreign := sealCode(&[keySize]byte{9}, "s", randomScalar(), zeros{})
	_, _, err := h.Open(foreign, alice.record())
	require.Equal(t, ErrOpen, err)
	derivation := fastest(func() { deriveKey("", "", "") })

	for name, change := range map[string]func(*Record){
		"public key":    func(r *Record) { r.PublicKey = "" },
		"symmetric key": func(r *Record) { r.EncSymmetricKey = "{}" },
		"private key":   func(r *Record) { r.EncPrivateKey = "{}" },
	} {
		r := alice.record()
		change(r)
		for _, code := range []string{foreign, sealCode(public, "s", randomScalar(), zeros{})} {
			_, _, err := h.Open(code, r)
			assert.Equal(t, ErrMalformed, err, name)
		}
		assert.Less(t, fastest(func() {
			_, err := r.Unlock(alice.Passphrase)
			assert.Equal(t, ErrMalformed, err, name)
		}), derivation/3, name)
		assert.Less(t, fastest(func() {
			_, err := r.SealHandover(h.LoginKey(), "s", alice.Passphrase)
			assert.Equal(t, ErrMalformed, err, name)
		}), derivation/3, name)
	}
}

// So are bad salts and passphrases.
func TestInputsFirst(t *testing.T) {
	alice := loadVectors(t).account(t, "alice")
	a, derivation := alice.open(t), fastest(func() { deriveKey("", "", "") })
	for name, change := range map[string]func(*Record){
		"SaltKey":  func(r *Record) { r.SaltKey = "" },
		"SaltAuth": func(r *Record) { r.SaltAuth = "" },
		"SaltEnc":  func(r *Record) { r.SaltEnc = "" },
	} {
		r := alice.record()
		change(r)
		assert.Less(t, fastest(func() {
			_, err := (&Account{a.accountSecrets, *r}).Change(alice.Email, "")
			assert.Equal(t, ErrMalformed, err)
		}), derivation/3, "Change "+name)
	}
	r := alice.record()
	r.SaltAuth = ""
	assert.Less(t, fastest(func() {
		_, _, err := r.Login(alice.Passphrase)
		assert.Equal(t, ErrMalformed, err)
	}), derivation/3, "Login")
	assert.Less(t, fastest(func() {
		_, _, err := NewAccount("", "\xff")
		assert.Equal(t, ErrMalformed, err)
	}), derivation/3, "NewAccount")
}

// fastest returns how long the shortest of some runs takes.
func fastest(run func()) time.Duration {
	best := time.Hour
	for range 5 {
		start := time.Now()
		run()
		best = min(best, time.Since(start))
	}
	return best
}

// A private key under the account key that is not what it should be.
func TestUnlockInside(t *testing.T) {
	alice := loadVectors(t).account(t, "alice")
	symmetric := []byte(alice.SymmetricKeyJSON)
	key, err := parseSymmetric(symmetric)
	require.NoError(t, err)
	enc := randomScalar()
	for name, inside := range map[string][2]string{
		"not a JWK":        {string(symmetric), "{}"},
		"not JSON":         {string(symmetric), "x"},
		"public key":       {string(symmetric), alice.PublicKeyJSON},
		"key not JSON":     {"x", alice.PrivateKeyJSON},
		"key of AES-128":   {`{"alg":"A256GCM","ext":true,"k":"AAAAAAAAAAAAAAAAAAAAAA","key_ops":["encrypt","decrypt"],"kty":"oct"}`, alice.PrivateKeyJSON},
		"another modulus":  {string(symmetric), replaceNumber(t, alice.PrivateKeyJSON, "n", 0)},
		"another exponent": {string(symmetric), replaceNumber(t, alice.PrivateKeyJSON, "d", 100)},
		"another prime":    {string(symmetric), replaceNumber(t, alice.PrivateKeyJSON, "p", 100)},
		"another dp":       {string(symmetric), replaceNumber(t, alice.PrivateKeyJSON, "dp", 100)},
		"another dq":       {string(symmetric), replaceNumber(t, alice.PrivateKeyJSON, "dq", 100)},
		"another qi":       {string(symmetric), replaceNumber(t, alice.PrivateKeyJSON, "qi", 100)},
	} {
		o, err := openAccount(enc, newAESKey(enc).sealText([]byte(inside[0])), newAESKey(key).sealText([]byte(inside[1])))
		assert.Equal(t, ErrOpen, err, name)
		assert.Nil(t, o, name)
	}
	o, err := openAccount(enc, newAESKey(enc).sealText(symmetric), newAESKey(key).sealText([]byte(alice.PrivateKeyJSON)))
	require.NoError(t, err)
	require.NotNil(t, o)
}

// replaceNumber flips a bit of a number in a JWK.
func replaceNumber(t *testing.T, jwk, name string, at int) string {
	t.Helper()
	var m map[string]any
	require.NoError(t, json.Unmarshal([]byte(jwk), &m))
	b, err := base64url.DecodeString(m[name].(string))
	require.NoError(t, err)
	b[at] ^= 1
	m[name] = base64url.EncodeToString(b)
	out, err := json.Marshal(m)
	require.NoError(t, err)
	return string(out)
}

func TestInputs(t *testing.T) {
	long := strings.Repeat("x", maxInput+1)
	r := *loadVectors(t).account(t, "alice").record()
	for _, bad := range []string{long, "\xff", "\xed\xa0\x80"} {
		_, _, err := NewAccount(bad, "")
		assert.Equal(t, ErrMalformed, err)
		_, _, err = NewAccount("a", bad)
		assert.Equal(t, ErrMalformed, err)
		_, err = r.Unlock(bad)
		assert.Equal(t, ErrMalformed, err)
		_, _, err = r.Login(bad)
		assert.Equal(t, ErrMalformed, err)
	}
	for _, salt := range []string{"", "00", strings.Repeat("0", 63), strings.Repeat("A", 64), strings.Repeat("g", 64), strings.Repeat("0", 66)} {
		for _, change := range []func(*Record){func(r *Record) { r.SaltKey = salt }, func(r *Record) { r.SaltAuth = salt }} {
			bad := r
			change(&bad)
			_, _, err := bad.Login("")
			assert.Equal(t, ErrMalformed, err)
		}
		bad := r
		bad.SaltEnc = salt
		_, err := bad.Unlock("")
		assert.Equal(t, ErrMalformed, err)
	}
	for _, verifier := range []string{"", "00", strings.Repeat("0", 512), strings.Repeat("f", 512)} {
		r.Verifier = verifier
		_, _, err := r.Challenge()
		assert.Equal(t, ErrMalformed, err)
	}
}

// Nobody can make u zero, but what notices it can be tried.
func TestZero(t *testing.T) {
	assert.True(t, isZero(make([]byte, 32)))
	assert.False(t, isZero(append(make([]byte, 31), 1)))
}

// TestServerTrivial refuses the A that would make a secret everybody knows.
func TestServerTrivial(t *testing.T) {
	r := loadVectors(t).account(t, "alice").record()
	s, b, err := r.Challenge()
	require.NoError(t, err)
	one := strings.Repeat("0", 511) + "1"
	for _, a := range []string{one, strings.Repeat("0", 512), strings.ToUpper(b)} {
		_, _, err = s.Verify(a, strings.Repeat("0", 64))
		assert.Equal(t, ErrMalformed, err)
	}
}

// TestHandover refuses what hands the secret to somebody else.
func TestHandover(t *testing.T) {
	alice := loadVectors(t).account(t, "alice")
	r, h := alice.record(), NewHandover()
	low := base64.StdEncoding.EncodeToString(make([]byte, 32))
	lowOne := base64.StdEncoding.EncodeToString(append([]byte{1}, make([]byte, 31)...))
	for _, key := range []string{"", low, lowOne, h.LoginKey()[1:], h.LoginKey() + "\n", "!" + h.LoginKey()[1:],
		base64.StdEncoding.EncodeToString(make([]byte, 33))} {
		code, err := r.SealHandover(key, "s", alice.Passphrase)
		assert.Equal(t, ErrMalformed, err, key)
		assert.Empty(t, code)
	}
	_, err := r.SealHandover(h.LoginKey(), "s", "wrong")
	assert.Equal(t, ErrOpen, err)
	_, err = r.SealHandover(h.LoginKey(), "\xff", alice.Passphrase)
	assert.Equal(t, ErrMalformed, err)

	public, ok := parseLoginKey(h.LoginKey())
	require.True(t, ok)
	a, session, err := h.Open(sealCode(public, "s", randomScalar(), zeros{}), r)
	assert.Equal(t, ErrOpen, err, "another secret")
	assert.Nil(t, a)
	assert.Empty(t, session)
	_, _, err = h.Open(sealCode(public, `"\<`, unhex(t, alice.EncSecret)[:31], zeros{}), r)
	assert.Equal(t, ErrOpen, err, "a short secret")
	_, session, err = h.Open(sealCode(public, `"\<`+"\x01", unhex(t, alice.EncSecret), zeros{}), r)
	require.NoError(t, err)
	assert.Equal(t, `"\<`+"\x01", session)
	_, _, err = h.Open(strings.Repeat("A", maxCode), r)
	assert.Equal(t, ErrOpen, err)
	_, _, err = h.Open(strings.Repeat("A", maxCode+4), r)
	assert.Equal(t, ErrMalformed, err)
	code := sealCode(public, "session", unhex(t, alice.EncSecret), zeros{})
	require.Regexp(t, "[^=]==?$", code)
	digit := strings.Index(code, "=") - 1
	_, _, err = h.Open(code[:digit]+string(code[digit]+1)+code[digit+1:], r)
	assert.Equal(t, ErrMalformed, err, "bits that mean nothing")
	_, err = r.SealHandover(h.LoginKey(), strings.Repeat("s", maxInput+1), alice.Passphrase)
	assert.Equal(t, ErrMalformed, err)
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// TestSilent searches what formatters, loggers and encoders make of the values
// that hold secrets for the secrets.
func TestSilent(t *testing.T) {
	alice := loadVectors(t).account(t, "alice")
	a := alice.open(t)
	aesRaw, err := parseSymmetric([]byte(alice.SymmetricKeyJSON))
	require.NoError(t, err)
	x, scalar := []byte("0123456789abcdefghijklmnopqrstuv"), []byte("vutsrqponmlkjihgfedcba9876543210")
	c := newClient(x, scalar)
	p, _, err := c.Respond(hex.EncodeToString(c.public))
	require.NoError(t, err)
	v, err := parseElement(alice.Verifier)
	require.NoError(t, err)
	key := NewGroupKey()
	keyRaw, err := parseSymmetric(secret.Open(key.groupSecrets).jwk)
	require.NoError(t, err)
	h := NewHandover()
	proofs := secret.Open(p.pendingSecrets)
	secrets := [][]byte{unhex(t, alice.EncSecret), aesRaw, secret.Open(a.accountSecrets).private.D.Bytes(), x, scalar,
		proofs.k, proofs.m2, keyRaw, secret.Open(h.handoverSecrets)[:]}
	for _, value := range []any{a, *a, c, *c, p, *p, key, *key, h, *h, newServer(v, scalar), *newServer(v, scalar),
		[]any{a, c, p, key, h}, map[string]any{"": key}, struct{ Field *GroupKey }{key}, struct{ field *GroupKey }{key},
		struct{ field GroupKey }{*key}, struct{ field Account }{*a}} {
		checkSilent(t, value, secrets)
	}
	for _, value := range []any{a, c, p, key, h, newServer(v, scalar)} {
		_, err := json.Marshal(value)
		assert.Error(t, err, "%T", value)
	}
}

func checkSilent(t *testing.T, value any, secrets [][]byte) {
	t.Helper()
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b"} {
		fmt.Fprintf(&out, verb+"\n", value)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("", "value", value)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("", "value", value)
	_ = gob.NewEncoder(&out).Encode(value)
	shown := out.String()
	for _, s := range secrets {
		part := s[8:24]
		for _, form := range []string{string(part), hex.EncodeToString(part), strings.ToUpper(hex.EncodeToString(part)),
			strings.Trim(fmt.Sprint(part), "[]"), strings.TrimRight(base64.RawStdEncoding.EncodeToString(part[1:]), "=")[:16]} {
			assert.NotContains(t, shown, form, "%T", value)
		}
	}
}
