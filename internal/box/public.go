package box

import (
	"crypto/hpke"

	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/secret"
)

// Sizes of MLKEM768-X25519 (X-Wing), in bytes.
const (
	PublicKeySize  = 1216
	EncSize        = 1120
	PublicOverhead = EncSize + Overhead
)

// KEM returns MLKEM768-X25519, the one KEM of this module.
func KEM() hpke.KEM { return hpke.MLKEM768X25519() }

// SealTo seals plaintext to a public key (spec, Section 3.2): HPKE in base
// mode gives a key, and a box does the rest, since HPKE's own encryption does
// not commit to its key. The error is that of a public key for which nothing
// can be sealed: one whose X25519 part is of low order.
func SealTo(pub hpke.PublicKey, l label.Label, context, plaintext []byte) ([]byte, error) {
	enc, sender, err := hpke.NewSender(pub, hpke.HKDFSHA256(), hpke.ExportOnly(), []byte(label.HPKE))
	if err != nil {
		return nil, err
	}
	key, err := sender.Export(string(l), KeySize)
	if err != nil {
		return nil, err
	}
	return append(enc, Seal(NewKey(secret.New(key)), l, context, plaintext)...), nil
}

// OpenFrom opens what [SealTo] sealed. The error is ErrOpen.
func OpenFrom(priv hpke.PrivateKey, l label.Label, context, sealed []byte) ([]byte, error) {
	if len(sealed) < PublicOverhead {
		return nil, ErrOpen
	}
	recipient, err := hpke.NewRecipient(sealed[:EncSize], priv, hpke.HKDFSHA256(), hpke.ExportOnly(), []byte(label.HPKE))
	if err != nil {
		return nil, ErrOpen
	}
	key, err := recipient.Export(string(l), KeySize)
	if err != nil {
		return nil, ErrOpen
	}
	return Open(NewKey(secret.New(key)), l, context, sealed[EncSize:])
}
