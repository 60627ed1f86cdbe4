// Package box is the one way in which this module encrypts (spec, Section 3):
// under a key that two parties share, or to a public key.
//
//	okm        = HKDF-Expand(key, <label> ‖ salt ‖ <context>, 64)
//	subkey     = okm[0:32]
//	commitment = okm[32:64]
//	box        = salt (32) ‖ commitment (32) ‖ segment…
//	segment    = nonce (12) ‖ AES-256-GCM(subkey, nonce, chunk, AAD = index (8) ‖ last (1))
//
// Everything a box is bound to goes into its key, so a wrong context is a wrong
// key, and the commitment tells before anything is decrypted. The subkey serves
// one box only: nonces are random, and there is nothing to count.
package box

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"errors"

	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/wire"
)

// Sizes in bytes.
const (
	KeySize         = 32
	SaltSize        = 32
	CommitmentSize  = 32
	PrefixSize      = SaltSize + CommitmentSize
	SegmentOverhead = 12 + 16
	Overhead        = PrefixSize + SegmentOverhead // of a box of one segment
)

// ErrOpen means that a box was not made with this key and context, or was
// changed since. It never says which. Package keys exports it.
var ErrOpen = errors.New("sealkin: wrong key or place, or changed since")

// A Box seals or opens the segments of one box. It is safe for concurrent use.
type Box struct {
	aead   cipher.AEAD
	prefix [PrefixSize]byte
}

// New starts a box under k, bound to l and context.
func New(k *Key, l label.Label, context []byte) *Box {
	b := new(Box)
	b.Start(k, l, context)
	return b
}

// Resume reads the prefix of a box made by [New]. The error is ErrOpen.
func Resume(k *Key, l label.Label, context []byte, prefix *[PrefixSize]byte) (*Box, error) {
	b := new(Box)
	if err := b.Resume(k, l, context, prefix); err != nil {
		return nil, err
	}
	return b, nil
}

// Start is [New] for a Box that is part of something else.
func (b *Box) Start(k *Key, l label.Label, context []byte) {
	rand.Read(b.prefix[:SaltSize])
	b.aead = k.derive(l, (*[SaltSize]byte)(b.prefix[:]), context, (*[CommitmentSize]byte)(b.prefix[SaltSize:]))
}

// Resume is the function of this name for a Box that is part of something
// else. After an error b must not be used.
func (b *Box) Resume(k *Key, l label.Label, context []byte, prefix *[PrefixSize]byte) error {
	copy(b.prefix[:], prefix[:SaltSize])
	aead := k.derive(l, (*[SaltSize]byte)(b.prefix[:]), context, (*[CommitmentSize]byte)(b.prefix[SaltSize:]))
	if subtle.ConstantTimeCompare(b.prefix[SaltSize:], prefix[SaltSize:]) != 1 {
		return ErrOpen
	}
	b.aead = aead
	return nil
}

// Prefix returns salt and commitment.
func (b *Box) Prefix() []byte { return b.prefix[:] }

// Commitment returns what names the box, its key and its context.
func (b *Box) Commitment() (c [CommitmentSize]byte) {
	copy(c[:], b.prefix[SaltSize:])
	return c
}

// additional is the AAD of a segment.
func additional(dst *[9]byte, index uint64, last bool) []byte {
	binary.BigEndian.PutUint64(dst[:], index)
	dst[8] = 0
	if last {
		dst[8] = 1
	}
	return dst[:]
}

// AppendSegment seals chunk as the segment at index and appends it to dst.
// Between len(dst) and cap(dst) there must be nothing of chunk, unless chunk
// begins exactly there.
func (b *Box) AppendSegment(dst []byte, index uint64, last bool, chunk []byte) []byte {
	return new(Lane).AppendSegment(b, dst, index, last, chunk)
}

// AppendChunk opens the segment at index and appends its chunk to dst. The
// error is ErrOpen, and then nothing was appended.
func (b *Box) AppendChunk(dst []byte, index uint64, last bool, segment []byte) ([]byte, error) {
	return new(Lane).AppendChunk(b, dst, index, last, segment)
}

// A Lane keeps what sealing and opening needs besides the box, so that one
// goroutine that seals or opens many segments allocates it once.
type Lane struct{ aad [9]byte }

// AppendSegment is [Box.AppendSegment].
func (l *Lane) AppendSegment(b *Box, dst []byte, index uint64, last bool, chunk []byte) []byte {
	return b.aead.Seal(dst, nil, chunk, additional(&l.aad, index, last))
}

// AppendChunk is [Box.AppendChunk].
func (l *Lane) AppendChunk(b *Box, dst []byte, index uint64, last bool, segment []byte) ([]byte, error) {
	out, err := b.aead.Open(dst, nil, segment, additional(&l.aad, index, last))
	if err != nil {
		return nil, ErrOpen
	}
	return out, nil
}

// Seal returns a box of one segment.
func Seal(k *Key, l label.Label, context, plaintext []byte) []byte {
	b := New(k, l, context)
	out := make([]byte, 0, Overhead+len(plaintext))
	return b.AppendSegment(append(out, b.Prefix()...), 0, true, plaintext)
}

// Open opens a box of one segment. The error is ErrOpen.
func Open(k *Key, l label.Label, context, sealed []byte) ([]byte, error) {
	if len(sealed) < Overhead {
		return nil, ErrOpen
	}
	b, err := Resume(k, l, context, (*[PrefixSize]byte)(sealed))
	if err != nil {
		return nil, err
	}
	return b.AppendChunk(nil, 0, true, sealed[PrefixSize:])
}

// newAEAD returns AES-256-GCM that draws a nonce for each message and puts it
// in front, the one form of GCM that the FIPS 140-3 module lets a caller use.
func newAEAD(subkey []byte) cipher.AEAD {
	block, err := aes.NewCipher(subkey)
	if err != nil {
		panic("box: internal error: " + err.Error()) // 32 bytes are a key
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("box: internal error: " + err.Error()) // the block is AES
	}
	return aead
}

// info is <label> ‖ salt ‖ <context>.
func appendInfo(dst []byte, l label.Label, salt *[SaltSize]byte, context []byte) []byte {
	dst = wire.AppendPrefixed(dst, l)
	dst = append(dst, salt[:]...)
	return wire.AppendPrefixed(dst, context)
}
