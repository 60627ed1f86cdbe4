package insomnia

import (
	"crypto/ecdh"
	"crypto/fips140"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/nacl/box"

	"github.com/sealkin/sealkin/internal/secret"
)

// maxCode is the most bytes of a code; Insomnia's have 300.
const maxCode = 64 << 10

// A Handover receives the secret from Insomnia's login page (Section 11). Like
// all here it can be printed without harm, and not stored.
type Handover struct {
	handoverSecrets
	public [keySize]byte
}

type handoverSecrets = secret.Value[*[keySize]byte]

// NewHandover makes the key pair for one login.
func NewHandover() *Handover {
	var public, private *[keySize]byte
	fips140.WithoutEnforcement(func() {
		var err error
		public, private, err = box.GenerateKey(rand.Reader)
		if err != nil {
			panic("insomnia: internal error: " + err.Error()) // rand.Reader never fails
		}
	})
	return &Handover{secret.Hide(private), *public}
}

// LoginKey returns the public key for the login page, in base64.
func (h *Handover) LoginKey() string { return base64.StdEncoding.EncodeToString(h.public[:]) }

// Query returns the query of the login page's address. The key is
// percent-encoded twice in it, as in Insomnia.
func (h *Handover) Query() string {
	return "?loginKey=" + url.QueryEscape(url.QueryEscape(h.LoginKey()))
}

// Open reads the code that the person pastes, and unlocks r with it; it also
// returns the session id. White space, percent-encoding and missing padding are
// read as Insomnia reads them. [ErrMalformed] means that the code, or r, is not
// one; everything else is [ErrOpen].
func (h *Handover) Open(code string, r *Record) (a *Account, session string, err error) {
	sealed, err := parseCode(code)
	if err != nil {
		return nil, "", err
	}
	public, err := r.check()
	if err != nil {
		return nil, "", err
	}
	content, err := openBox(sealed, &h.public, secret.Open(h.handoverSecrets))
	if err != nil {
		return nil, "", err
	}
	session, enc, err := parseHandover(content)
	if err != nil {
		return nil, "", err
	}
	a, err = r.open(enc, public)
	if err != nil {
		return nil, "", err
	}
	return a, session, nil
}

// SealHandover is the login page's side: the code for the app that shows
// loginKey, with the session id and the secret that opens r. It fails as
// [Record.Unlock] does, and with [ErrMalformed] if loginKey is not a key or if
// session is not UTF-8 or longer than 64 KiB.
func (r *Record) SealHandover(loginKey, session, passphrase string) (code string, err error) {
	public, ok := parseLoginKey(loginKey)
	if !ok || !utf8.ValidString(session) || len(session) > maxInput {
		return "", ErrMalformed
	}
	_, enc, err := r.unlock(passphrase)
	if err != nil {
		return "", err
	}
	return sealCode(public, session, enc, rand.Reader), nil
}

// sealCode makes the code of Section 11.
func sealCode(public *[keySize]byte, session string, enc []byte, random io.Reader) string {
	content := append([]byte(`{"token":"`), appendEscaped(nil, []byte(session))...)
	content = append(content, `","key":"`+hex.EncodeToString(enc)+`"}`...)
	return base64.StdEncoding.EncodeToString(sealBox(content, public, random))
}

// sealBox is crypto_box_seal of libsodium: X25519, XSalsa20 and Poly1305, none of
// which the FIPS 140-3 mode has.
func sealBox(content []byte, public *[keySize]byte, random io.Reader) (sealed []byte) {
	fips140.WithoutEnforcement(func() {
		var err error
		sealed, err = box.SealAnonymous(nil, content, public, random)
		if err != nil {
			panic("insomnia: internal error: " + err.Error()) // rand.Reader never fails
		}
	})
	return sealed
}

// parseCode reads base64 as Insomnia does, which takes it through a data: URL:
// percent-encoding, white space and missing padding don't matter.
func parseCode(code string) ([]byte, error) {
	if len(code) > maxCode {
		return nil, ErrMalformed
	}
	plain, err := url.PathUnescape(trim(code))
	if err != nil {
		return nil, ErrMalformed
	}
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n\f\r", r) {
			return -1
		}
		return r
	}, plain)
	if len(digits)%4 == 0 {
		digits = strings.TrimSuffix(strings.TrimSuffix(digits, "="), "=")
	}
	sealed, err := base64.RawStdEncoding.Strict().DecodeString(digits)
	if err != nil || len(sealed) < box.AnonymousOverhead {
		return nil, ErrMalformed
	}
	return sealed, nil
}

// openBox is crypto_box_seal_open of libsodium, which refuses an ephemeral key
// of low order, for which everybody knows the shared secret.
func openBox(sealed []byte, public, private *[keySize]byte) (content []byte, err error) {
	if !agrees(private, sealed[:keySize]) {
		return nil, ErrOpen
	}
	fips140.WithoutEnforcement(func() {
		var ok bool
		if content, ok = box.OpenAnonymous(nil, sealed, public, private); !ok {
			content, err = nil, ErrOpen
		}
	})
	return content, err
}

// agrees reports whether X25519 with public gives a secret.
func agrees(private *[keySize]byte, public []byte) (ok bool) {
	fips140.WithoutEnforcement(func() {
		key, err := ecdh.X25519().NewPrivateKey(private[:])
		if err != nil {
			return
		}
		peer, err := ecdh.X25519().NewPublicKey(public)
		if err != nil {
			return
		}
		_, err = key.ECDH(peer)
		ok = err == nil
	})
	return ok
}

// parseLoginKey reads a key to seal to; one of low order would hand the secret
// to everybody.
func parseLoginKey(loginKey string) (*[keySize]byte, bool) {
	if len(loginKey) != base64.StdEncoding.EncodedLen(keySize) { // also if base64 would skip line ends in it
		return nil, false
	}
	public, err := base64.StdEncoding.Strict().DecodeString(loginKey)
	if err != nil || len(public) != keySize {
		return nil, false
	}
	key := [keySize]byte(public)
	probe := [keySize]byte{1} // any scalar: a key of low order agrees with none
	return &key, agrees(&probe, key[:])
}

// parseHandover reads {"token": session id, "key": encSecret}.
func parseHandover(content []byte) (session string, enc []byte, err error) {
	m, ok := members(content)
	token, okToken := text(m["token"])
	key, okKey := text(m["key"])
	enc, okHex := fromHex(key, keySize)
	if !ok || !okToken || !okKey || !okHex || !utf8.ValidString(token) {
		return "", nil, ErrOpen
	}
	return token, enc, nil
}
