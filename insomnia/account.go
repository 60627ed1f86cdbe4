package insomnia

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"

	"github.com/sealkin/sealkin/internal/secret"
)

const saltSize = 32

// A Record is an account as Insomnia's server stores it (Section 7); its JSON is
// Insomnia's, which may have more members. Mind that SaltAuth is the salt of
// SRP, and SaltKey that of the secret which SRP proves.
type Record struct {
	ID              string  `json:"id"`
	Email           string  `json:"email"`
	SaltKey         string  `json:"saltKey"`
	SaltAuth        string  `json:"saltAuth"`
	SaltEnc         string  `json:"saltEnc"`
	Verifier        string  `json:"verifier,omitempty"`
	PublicKey       string  `json:"publicKey"` // a JWK
	EncSymmetricKey Message `json:"encSymmetricKey"`
	EncPrivateKey   Message `json:"encPrivateKey"`
}

// An Account is an opened one. It is immutable.
type Account struct {
	accountSecrets
	record Record
}

type accountSecrets = secret.Value[*opened]

// opened is what encSymmetricKey and encPrivateKey hold.
type opened struct {
	symmetric []byte // the JWK as it was, since its members have no fixed order
	private   *rsa.PrivateKey
}

// NewAccount makes an account and its record. The e-mail and the passphrase are
// cleaned as Insomnia did it (Section 2): white space around them does not
// count, nor does the case of the e-mail. Like Insomnia it accepts an empty
// passphrase. The error is [ErrMalformed], for what is not UTF-8 or longer than
// 64 KiB.
func NewAccount(email, passphrase string) (*Account, *Record, error) {
	clean, err := cleanEmail(email)
	if err != nil || !validInput(passphrase) {
		return nil, nil, ErrMalformed
	}
	r := Record{ID: "act_" + randomHex(), Email: clean,
		SaltKey: randomHex(), SaltAuth: randomHex(), SaltEnc: randomHex()}
	key := make([]byte, keySize)
	rand.Read(key)
	symmetric := symmetricJWK(key)
	pair, public, private := newPair()
	r.PublicKey = string(public)
	r.EncPrivateKey = newAESKey(key).sealText(private)
	a := &Account{secret.Hide(&opened{symmetric, pair}), r}
	record, err := a.Change(email, passphrase)
	if err != nil {
		return nil, nil, err
	}
	return &Account{a.accountSecrets, *record}, record, nil
}

func randomHex() string {
	var b [saltSize]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// Unlock opens the account with its passphrase, which takes 100,000 rounds of
// PBKDF2. [ErrMalformed] means that the record is not one, or that the passphrase
// is not UTF-8 or longer than 64 KiB, and comes before that work; everything else
// is [ErrOpen].
func (r *Record) Unlock(passphrase string) (*Account, error) {
	a, _, err := r.unlock(passphrase)
	return a, err
}

// unlock is Unlock, and returns SEC_PWD_Enc too.
func (r *Record) unlock(passphrase string) (*Account, []byte, error) {
	public, err := r.check()
	if err != nil {
		return nil, nil, err
	}
	enc, err := r.secret(passphrase, r.SaltEnc)
	if err != nil {
		return nil, nil, err
	}
	a, err := r.open(enc, public)
	if err != nil {
		return nil, nil, err
	}
	return a, enc, nil
}

// open opens the account with SEC_PWD_Enc, once check has returned its public
// key. The private key must be that of the public key beside it, or else the
// server could have it use one of its own.
func (r *Record) open(enc []byte, public *rsa.PublicKey) (*Account, error) {
	o, err := openAccount(enc, r.EncSymmetricKey, r.EncPrivateKey)
	if err != nil {
		return nil, err
	}
	if !public.Equal(&o.private.PublicKey) {
		return nil, ErrOpen
	}
	return &Account{secret.Hide(o), *r}, nil
}

// check finds what is malformed before any work is done, and returns the public
// key.
func (r *Record) check() (*rsa.PublicKey, error) {
	for _, m := range []Message{r.EncSymmetricKey, r.EncPrivateKey} {
		if len(m) > maxKeyMessage {
			return nil, ErrMalformed
		}
		if _, _, err := parseMessage([]byte(m)); err != nil {
			return nil, err
		}
	}
	return parsePublic(r.PublicKey)
}

func openAccount(enc []byte, encSymmetric, encPrivate Message) (*opened, error) {
	symmetric, err := newAESKey(enc).openText(encSymmetric)
	if err != nil {
		return nil, err
	}
	key, err := parseSymmetric(symmetric)
	if err != nil {
		return nil, ErrOpen
	}
	private, err := newAESKey(key).openText(encPrivate)
	if err != nil {
		return nil, err
	}
	pair, err := parsePrivate(private)
	if err != nil {
		return nil, ErrOpen
	}
	return &opened{symmetric, pair}, nil
}

// Change returns the record for another e-mail or passphrase, or both; store it
// in place of the old one. Salts and keys stay (Section 7), so whoever knows an
// old record and the old passphrase still opens everything. The errors are
// those of [NewAccount].
func (a *Account) Change(email, passphrase string) (*Record, error) {
	r := a.record
	clean, err := cleanEmail(email)
	salt, ok := fromHex(r.SaltAuth, saltSize)
	if err != nil || !ok {
		return nil, ErrMalformed
	}
	r.Email = clean
	auth, enc, err := r.secrets(passphrase)
	if err != nil {
		return nil, err
	}
	r.Verifier = hex.EncodeToString(verifier(srpX(salt, clean, auth)))
	r.EncSymmetricKey = newAESKey(enc).sealText(secret.Open(a.accountSecrets).symmetric)
	return &r, nil
}
