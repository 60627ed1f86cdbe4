package box

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"sync"

	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/secret"
)

// A Key is 32 uniform bytes that boxes are sealed under. It keeps the keyed
// hash that derives from it, so that a key in use costs its set-up once. It is
// safe for concurrent use, and shows nothing when printed.
type Key struct {
	pool secret.Value[*sync.Pool] // of *scratch
}

// A scratch is what one derivation needs, in one allocation that is used again.
type scratch struct {
	mac  hash.Hash
	info []byte
	okm  [64]byte
}

// NewKey takes 32 uniform bytes. All else must go through [Extract] first.
func NewKey(material secret.Key) *Key {
	if n := len(secret.Open(material)); n != KeySize {
		panic("box: internal error: key size")
	}
	return &Key{secret.Hide(&sync.Pool{New: func() any {
		return &scratch{mac: hmac.New(sha256.New, secret.Open(material))}
	}})}
}

// derive computes okm, writes the commitment and returns the cipher.
func (k *Key) derive(l label.Label, salt *[SaltSize]byte, context []byte, commitment *[CommitmentSize]byte) cipher.AEAD {
	pool := secret.Open(k.pool)
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	s.info = appendInfo(s.info[:0], l, salt, context)
	s.expand()
	copy(commitment[:], s.okm[32:])
	aead := newAEAD(s.okm[:32])
	clear(s.okm[:])
	return aead
}

// expand is HKDF-Expand (RFC 5869, Section 2.3) for the 64 bytes of okm. It
// stands here because crypto/hkdf keys the hash anew at each call; a test
// compares the two.
func (s *scratch) expand() {
	s.info = append(s.info, 1)
	s.mac.Reset()
	s.mac.Write(s.info)
	s.mac.Sum(s.okm[:0])

	s.info[len(s.info)-1] = 2
	s.mac.Reset()
	s.mac.Write(s.okm[:32])
	s.mac.Write(s.info)
	s.mac.Sum(s.okm[:32])
}
