package insomnia

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"

	"github.com/sealkin/sealkin/internal/secret"
)

// A Link is a group key sealed to one member (Section 8): 512 hex digits. It
// says neither to whom nor by whom.
type Link string

// A GroupKey opens the documents of a group, which Insomnia calls a project. It
// is immutable.
type GroupKey struct {
	groupSecrets
}

type groupSecrets = secret.Value[*groupKey]

type groupKey struct {
	aesKey
	jwk []byte // as it was, so that a link holds what its maker's link held
}

// NewGroupKey makes one.
func NewGroupKey() *GroupKey {
	key := make([]byte, keySize)
	rand.Read(key)
	return &GroupKey{secret.Hide(&groupKey{newAESKey(key), symmetricJWK(key)})}
}

// Link seals the key to the public JWK of a member, the PublicKey of their
// record. Insomnia has no way to know whose it is: compare it with the person
// some other way. The error is [ErrMalformed].
func (k *GroupKey) Link(publicKey string) (Link, error) {
	public, err := parsePublic(publicKey)
	if err != nil {
		return "", err
	}
	return encryptRSA(public, secret.Open(k.groupSecrets).jwk)
}

// OpenLink opens a group key that was sealed to the account. To invite another
// member, call [GroupKey.Link].
func (a *Account) OpenLink(link Link) (*GroupKey, error) {
	jwk, err := decryptRSA(secret.Open(a.accountSecrets).private, link)
	if err != nil {
		return nil, err
	}
	key, err := parseSymmetric(jwk)
	if err != nil {
		return nil, ErrOpen
	}
	return &GroupKey{secret.Hide(&groupKey{newAESKey(key), jwk})}, nil
}

// encryptRSA is Section 8. text is valid UTF-8; more than 190 bytes, once
// percent-encoded, are malformed.
func encryptRSA(public *rsa.PublicKey, text []byte) (Link, error) {
	sealed, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, public, encodeURIComponent(text), nil)
	if err != nil {
		return "", ErrMalformed
	}
	return Link(hex.EncodeToString(sealed)), nil
}

// decryptRSA is the reverse. What is not ASCII inside is refused: Insomnia never
// writes it, and would read it as Latin-1.
func decryptRSA(private *rsa.PrivateKey, link Link) ([]byte, error) {
	sealed, ok := fromHex(string(link), rsaSize)
	if !ok {
		return nil, ErrMalformed
	}
	encoded, err := rsa.DecryptOAEP(sha256.New(), nil, private, sealed, nil)
	if err != nil {
		return nil, ErrOpen
	}
	text, ok := decodeURIComponent(encoded)
	if !ok || !isASCII(encoded) {
		return nil, ErrOpen
	}
	return text, nil
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}
