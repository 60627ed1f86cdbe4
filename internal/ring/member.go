package ring

import (
	"crypto/ed25519"
	"crypto/hpke"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/secret"
)

// Public is the public half of an account, verified. It is not changed.
type Public struct {
	ID     ID
	Record []byte         // the identity record
	Epochs []Epoch        // by number; the last is the newest
	KEM    hpke.PublicKey // of the newest epoch
}

// Epoch is what one statement of an identity says.
type Epoch struct {
	Statement [32]byte // its hash
	Sign      ed25519.PublicKey
}

// Newest returns the number of the newest epoch and what its statement says.
func (p *Public) Newest() (uint32, Epoch) {
	n := len(p.Epochs) - 1
	return uint32(n), p.Epochs[n]
}

// A Member is an account that can act in a group.
type Member struct{ private secret.Value[Private] }

// NewMember wraps p.
func NewMember(p Private) Member { return Member{secret.Hide(p)} }

// PrivateOf returns what was wrapped.
func PrivateOf(m Member) Private { return secret.Open(m.private) }

// Private is what package share needs of an account. All methods are safe for
// concurrent use.
type Private interface {
	Public() *Public

	// Sign signs message, which begins with a label, with the newest key.
	Sign(message []byte) []byte

	// Open opens what was sealed to the KEM key of an epoch. The error is
	// keys.ErrOpen.
	Open(epoch uint32, l label.Label, context, sealed []byte) ([]byte, error)

	// BookmarkKey returns the key under which the account keeps what it has
	// seen of its groups, or keys.ErrBehind if there is no such epoch here.
	BookmarkKey(epoch uint32) (*box.Key, error)
}
