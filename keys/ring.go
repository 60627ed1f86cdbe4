package keys

import (
	"crypto/ed25519"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
)

// A Ring is what documents are sealed for: an [*Account] for oneself, a
// *share.Group for its members. The type inside can't be made outside this
// module, so nothing can be sealed for anybody else.
type Ring interface{ Ring() ring.Ring }

// For documents of its own, an account's id stands where a group's id stands,
// its epochs where the generations stand, and its chain of statements where the
// group's chain stands (spec, Section 6.6).

// ID implements [ring.View].
func (h *holder) ID() ring.ID { return h.pub.ID }

// Sealing implements [ring.View].
func (h *holder) Sealing() (*ring.Sealing, error) {
	epoch, newest := h.pub.Newest()
	return &ring.Sealing{
		Generation: epoch,
		Key:        h.documents[epoch],
		Author:     h.pub.ID,
		Epoch:      epoch,
		Sign:       secret.Hide(h.sign),
		Head:       ring.Head{Sequence: uint64(epoch), Hash: newest.Statement},
	}, nil
}

// DocumentKey implements [ring.View].
func (h *holder) DocumentKey(generation uint32) (*box.Key, error) {
	return nth(h.documents, generation)
}

// Author implements [ring.View]. Documents of an epoch before the newest are
// those of a former author: whoever stole the old keys could write them.
func (h *holder) Author(c ring.Claim) (ed25519.PublicKey, ring.Standing, error) {
	newest, _ := h.pub.Newest()
	switch {
	case c.Head.Sequence > uint64(newest):
		return nil, ring.Never, ErrBehind
	case c.Head.Hash != h.pub.Epochs[c.Head.Sequence].Statement:
		return nil, ring.Never, ErrFork
	case c.Author != h.pub.ID, uint64(c.Epoch) != c.Head.Sequence, c.Generation != c.Epoch:
		return nil, ring.Never, nil
	case c.Epoch != newest:
		return h.pub.Epochs[c.Epoch].Sign, ring.Former, nil
	}
	return h.pub.Epochs[c.Epoch].Sign, ring.Current, nil
}
