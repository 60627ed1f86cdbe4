package keys

import (
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/wire"
)

const seedSize = 32

// newSeed draws the seed of one epoch.
func newSeed() secret.Key {
	b := make([]byte, seedSize)
	rand.Read(b)
	return secret.New(b)
}

// A holder holds the secret keys of an account: one seed for each epoch, and
// what is derived from it (spec, Section 5.4). It implements [ring.Private] for
// package share and [ring.View] for package envelope. It is immutable.
type holder struct {
	pub       *ring.Public
	seeds     []secret.Key
	kem       []hpke.PrivateKey
	sign      ed25519.PrivateKey // of the newest epoch
	documents []*box.Key
	bookmarks []*box.Key
}

// newHolder derives the keys of seeds, and makes the identity of them unless
// pub, which must be theirs, is given.
func newHolder(seeds []secret.Key, pub *ring.Public) *holder {
	h := &holder{pub: pub, seeds: seeds}
	for e := range seeds {
		h.kem = append(h.kem, kemOf(seeds, e))
	}
	h.sign = signingKey(seeds, len(seeds)-1)
	if pub == nil {
		h.pub = makePublic(seeds, h.kem)
	}
	for e, seed := range seeds {
		h.documents = append(h.documents, h.epochKey(seed, label.AccountDocuments, e))
		h.bookmarks = append(h.bookmarks, h.epochKey(seed, label.AccountBookmarks, e))
	}
	return h
}

func kemOf(seeds []secret.Key, epoch int) hpke.PrivateKey {
	return newKEM(box.Expand(seeds[epoch], label.AccountKEM, seedSize, uint32Bytes(uint32(epoch))))
}

func signingKey(seeds []secret.Key, epoch int) ed25519.PrivateKey {
	seed := box.Expand(seeds[epoch], label.AccountSign, seedSize, uint32Bytes(uint32(epoch)))
	return ed25519.NewKeyFromSeed(secret.Open(seed))
}

func (h *holder) epochKey(seed secret.Key, l label.Label, epoch int) *box.Key {
	return box.NewKey(box.Expand(seed, l, box.KeySize, h.pub.ID[:], uint32Bytes(uint32(epoch))))
}

// makePublic makes the identity record of seeds.
func makePublic(seeds []secret.Key, kem []hpke.PrivateKey) *ring.Public {
	pub := &ring.Public{Record: wire.AppendHeading(nil, wire.Identity)}
	for e := range seeds {
		extendPublic(pub, seeds, kem, e)
	}
	return pub
}

// extendPublic adds the statement of an epoch to pub.
func extendPublic(pub *ring.Public, seeds []secret.Key, kem []hpke.PrivateKey, epoch int) {
	key := signingKey(seeds, epoch)
	s := newStatement(uint32(epoch), key, kem[epoch])
	if epoch == 0 {
		pub.ID = s.accountID()
	} else {
		s.previous = pub.Epochs[epoch-1].Statement
	}
	pub.Record = s.append(pub.Record)
	pub.Record = append(pub.Record, ed25519.Sign(key, s.signed(label.StatementSelf, pub.ID))...)
	if epoch > 0 {
		pub.Record = append(pub.Record, ed25519.Sign(signingKey(seeds, epoch-1), s.signed(label.StatementSuccession, pub.ID))...)
	}
	pub.Epochs = append(pub.Epochs, ring.Epoch{Statement: s.hash(), Sign: s.sign[:]})
	pub.KEM = kem[epoch].PublicKey()
}

// holds reports whether the keys of h are those that its public half states,
// which was parsed and has as many epochs. The hashes tell: each covers the
// statement before as well.
func (h *holder) holds() bool {
	var previous [sha256.Size]byte
	for e, epoch := range h.pub.Epochs {
		key := h.sign
		if e != len(h.seeds)-1 {
			key = signingKey(h.seeds, e)
		}
		s := newStatement(uint32(e), key, h.kem[e])
		s.previous = previous
		if previous = s.hash(); previous != epoch.Statement {
			return false
		}
	}
	return true
}

// Public implements [ring.Private].
func (h *holder) Public() *ring.Public { return h.pub }

// Sign implements [ring.Private].
func (h *holder) Sign(message []byte) []byte { return ed25519.Sign(h.sign, message) }

// Open implements [ring.Private].
func (h *holder) Open(epoch uint32, l label.Label, context, sealed []byte) ([]byte, error) {
	if uint64(epoch) >= uint64(len(h.kem)) {
		return nil, ErrOpen
	}
	return box.OpenFrom(h.kem[epoch], l, context, sealed)
}

// BookmarkKey implements [ring.Private].
func (h *holder) BookmarkKey(epoch uint32) (*box.Key, error) { return nth(h.bookmarks, epoch) }

func nth(keys []*box.Key, n uint32) (*box.Key, error) {
	if uint64(n) >= uint64(len(keys)) {
		return nil, ErrBehind
	}
	return keys[n], nil
}
