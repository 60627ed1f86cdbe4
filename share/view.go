package share

import (
	"crypto/ed25519"
	"fmt"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/keys"
)

// A view is a group as package envelope needs it (spec, Section 9.10).
type view struct{ g *Group }

// Ring lets a group seal and open, for package envelope.
func (g *Group) Ring() ring.Ring { return ring.New(view{g}) }

// ID implements [ring.View].
func (v view) ID() ring.ID { return v.g.log.ID() }

// Sealing implements [ring.View]. While a rotation is due nobody seals: who has
// left would still have the key.
func (v view) Sealing() (*ring.Sealing, error) {
	g := v.g
	switch {
	case g.log.Invited(g.me.ID()):
		return nil, fmt.Errorf("share: an invitation does not write: %w", ErrForbidden)
	case g.Role() < Writer:
		return nil, fmt.Errorf("share: a %s does not write: %w", g.Role(), ErrForbidden)
	case g.log.Dissolved():
		return nil, fmt.Errorf("share: the group is dissolved: %w", ErrForbidden)
	case g.RotationDue():
		return nil, fmt.Errorf("share: a new key is due: %w", keys.ErrBehind)
	case g.RekeyDue():
		return nil, fmt.Errorf("share: the group has to learn this account's new keys: %w", keys.ErrBehind)
	}
	generation := g.log.Generation()
	k := g.keys.key(g.log, generation)
	if k == nil {
		return nil, fmt.Errorf("share: the newest key is not here: %w", keys.ErrBehind)
	}
	own, err := ring.Of(g.me.Ring()).Sealing()
	if err != nil {
		return nil, err
	}
	return &ring.Sealing{
		Generation: generation,
		Key:        k.documents,
		Author:     own.Author,
		Epoch:      own.Epoch,
		Sign:       own.Sign,
		Head:       g.head(),
	}, nil
}

// DocumentKey implements [ring.View].
func (v view) DocumentKey(generation uint32) (*box.Key, error) {
	if k := v.g.keys.key(v.g.log, generation); k != nil {
		return k.documents, nil
	}
	return nil, fmt.Errorf("share: the key of the document is not here: %w", keys.ErrBehind)
}

// Author implements [ring.View].
func (v view) Author(c ring.Claim) (ed25519.PublicKey, ring.Standing, error) {
	l := v.g.log
	l.c.mu.RLock()
	defer l.c.mu.RUnlock()
	return l.author(c)
}

// author judges whoever a document says wrote it: as the group was at the head
// that the document names, and as it is now.
func (s state) author(c ring.Claim) (ed25519.PublicKey, ring.Standing, error) {
	if c.Head.Sequence >= s.n {
		return nil, ring.Never, keys.ErrBehind
	}
	then := state{s.c, c.Head.Sequence + 1}
	if then.fact().hash != c.Head.Hash {
		return nil, ring.Never, keys.ErrFork
	}
	m := then.member(c.Author)
	if !m.writes(c.Epoch) || then.fact().due || then.fact().dissolved || then.fact().generation != c.Generation {
		return nil, ring.Never, nil
	}
	if !s.member(c.Author).writes(c.Epoch) {
		return m.person.newestKey(), ring.Former, nil
	}
	return m.person.newestKey(), ring.Current, nil
}

// writes reports whether m seals documents with the keys of an epoch.
func (m span) writes(epoch uint32) bool {
	return m.role >= Writer && !m.invited && m.person.epoch() == epoch
}
