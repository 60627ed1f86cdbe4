package keys

import (
	"crypto/hmac"
	"crypto/hpke"
	"crypto/sha256"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/modexp"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/wire"
)

// halves are what a credential is made of (spec, Section 4.1).
type halves struct {
	login, unlock secret.Key
}

type credentialSecret = secret.Value[halves]

// A Credential is one way in. Its login half is for package srp and proves the
// secret to a server; its unlock half opens one slot of an account record.
// Neither can be had from the other. It is safe for concurrent use.
type Credential struct {
	credentialSecret
	kind   ring.SlotKind
	params *Params // nil but for a passphrase
	slot   ring.SlotID
}

// newCredential splits root, a uniform key.
func newCredential(kind ring.SlotKind, root secret.Key, params *Params) *Credential {
	var record []byte
	if params != nil {
		record = params.record
	}
	h := halves{
		login:  box.Expand(root, label.LoginHalf, box.KeySize, record),
		unlock: box.Expand(root, label.UnlockHalf, box.KeySize, record),
	}
	c := &Credential{credentialSecret: secret.Hide(h), kind: kind, params: params}
	copy(c.slot[:], secret.Open(box.Expand(h.login, label.SlotID, len(c.slot))))
	return c
}

// Device makes a credential of 32 uniform bytes that a keychain, a TPM or a
// passkey's PRF keeps. It panics if all are zero, which is what a keychain that
// could not be read leaves, and a way in for everybody.
func Device(secret32 [32]byte) *Credential {
	if secret32 == [32]byte{} {
		panic("keys: the secret of a device is all zeros: it was not read")
	}
	return newCredential(ring.Device, deviceRoot(secret32), nil)
}

func deviceRoot(secret32 [32]byte) secret.Key {
	return box.Extract([]byte(label.DeviceSecret), secret.New(secret32[:]))
}

// Params returns what the passphrase was stretched with, to be kept as what
// was seen; nil if c is not of a passphrase.
func (c *Credential) Params() *Params { return c.params }

// Login returns the login half, for package srp.
func (c *Credential) Login() ring.Login {
	half := ring.LoginHalf{X: c.x(), Kind: c.kind, Slot: c.slot}
	if c.params != nil {
		half.Params, half.Slot = c.params.Bytes(), ring.SlotID{}
	}
	return ring.NewLogin(half)
}

// x is the exponent of SRP (spec, Section 7.2). It holds no name.
func (c *Credential) x() secret.Key {
	return box.Expand(secret.Open(c.credentialSecret).login, label.SRPX, box.KeySize)
}

// verifier is v = g^x.
func (c *Credential) verifier() []byte {
	return modexp.Group3072().PowG(secret.Open(c.x())).Bytes()
}

// slotKEM returns the key pair that the slot is sealed to.
func (c *Credential) slotKEM() hpke.PrivateKey {
	return newKEM(box.Expand(secret.Open(c.credentialSecret).unlock, label.SlotKEM, seedSize))
}

// anchor proves that whoever holds the credential set this statement of a slot
// in this account (spec, Section 6.2).
func (c *Credential) anchor(id AccountID, statement []byte) []byte {
	key := box.Expand(secret.Open(c.credentialSecret).unlock, label.SlotAnchorKey, box.KeySize)
	mac := hmac.New(sha256.New, secret.Open(key))
	mac.Write(wire.Join([]byte(label.AccountAnchor), id[:], statement))
	return mac.Sum(nil)
}

// newKEM makes an X-Wing key pair of a seed of 32 bytes.
func newKEM(seed secret.Key) hpke.PrivateKey {
	k, err := box.KEM().NewPrivateKey(secret.Open(seed))
	if err != nil {
		panic("keys: internal error: " + err.Error()) // 32 bytes are a key
	}
	return k
}
