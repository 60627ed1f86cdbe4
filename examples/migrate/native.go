package main

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// native is the new account, as a server will store it.
type native struct {
	who    keys.Login
	id     keys.AccountID
	record []byte // of the account
	groups []nativeGroup
	index  []byte // which document is where, sealed by the account for itself
}

// A nativeGroup is one group, with all that a server stores of it.
type nativeGroup struct {
	old    *oldGroup
	change *share.Change
	docs   []nativeDocument
}

// A nativeDocument is a sealed document, or why there is none.
type nativeDocument struct {
	old    *oldDocument
	ref    envelope.Ref // with the version that was sealed
	sealed []byte
	err    error
}

// seal makes the account and its groups, and seals what was opened.
func (m *migration) seal(old []oldGroup) (*native, error) {
	n := &native{who: keys.Login{Service: m.service, Name: m.export.Account.Email}}
	m.bar.step("stretching the passphrase")
	cred, err := keys.NewPassphrase(n.who, m.passphrase, m.cost, nil)
	if err != nil {
		return nil, fmt.Errorf("a new account can't have this name and passphrase: %w", err)
	}
	me := keys.NewAccount(cred)
	n.id, n.record = me.ID(), me.Locked().Bytes()
	for i := range old {
		g, err := sealGroup(me, &old[i], m.bar)
		if err != nil {
			return nil, err
		}
		n.groups = append(n.groups, *g)
	}
	return n, nil
}

// sealGroup starts a group of one: nobody in an export has shown whose keys are
// theirs, so the others are added when they have compared fingerprints.
func sealGroup(me *keys.Account, old *oldGroup, bar *bar) (*nativeGroup, error) {
	g := &nativeGroup{old: old}
	if old.err != nil {
		for i := range old.docs {
			g.docs = append(g.docs, nativeDocument{old: &old.docs[i], err: old.docs[i].err})
			bar.step("sealing")
		}
		return g, nil
	}
	g.change = share.Create(me)
	seen := map[envelope.Ref]envelope.Mark{}
	for i := range old.docs {
		g.docs = append(g.docs, sealDocument(g.change.After(), &old.docs[i], seen))
		bar.step("sealing")
	}
	return g, nil
}

// sealDocument seals a document as the next version of its type and id:
// Insomnia keeps several under one id, a resource and blobs.
func sealDocument(g *share.Group, old *oldDocument, seen map[envelope.Ref]envelope.Mark) nativeDocument {
	d := nativeDocument{old: old, err: old.err}
	if d.err != nil {
		return d
	}
	place := envelope.Ref{Type: old.typ, ID: old.ref}
	ref := place
	ref.Seen = seen[place]
	d.sealed, d.ref, d.err = envelope.Seal(g, ref, old.text)
	if d.err == nil {
		seen[place] = d.ref.Seen
	}
	return d
}

// verify does what another machine would, from the records alone: unlock the
// account, join the groups, open each document, and compare. Then it seals the
// index of what opened.
func (n *native) verify(passphrase string, bar *bar) error {
	bar.step("unlocking the new account")
	locked, err := keys.ParseLockedAccount(n.record, nil)
	if err != nil {
		return fmt.Errorf("the new account: %w", err)
	}
	cred, err := locked.Params().Stretch(n.who, passphrase, nil)
	if err != nil {
		return fmt.Errorf("the new account: %w", err)
	}
	me, err := locked.Unlock(cred)
	if err != nil {
		return fmt.Errorf("the new account: %w", err)
	}
	for i := range n.groups {
		if err := n.groups[i].verify(me, bar); err != nil {
			return fmt.Errorf("the new group for %s: %w", show(n.groups[i].old.id), err)
		}
	}
	if err := n.makeIndex(me); err != nil {
		return fmt.Errorf("the index: %w", err)
	}
	return nil
}

func (g *nativeGroup) verify(me *keys.Account, bar *bar) error {
	if g.change == nil {
		return nil
	}
	joined, err := share.Join(me, g.change.Group, me.ID(), g.change.Entries, g.change.Links[me.ID()])
	if err != nil {
		return err
	}
	for i := range g.docs {
		g.docs[i].verify(joined, me.ID())
		bar.step("opening again")
	}
	return nil
}

var errDiffers = errors.New("not what was sealed")

func (d *nativeDocument) verify(g *share.Group, author keys.AccountID) {
	if d.err != nil {
		return
	}
	opened, err := envelope.Open(g, d.ref, d.sealed)
	if err == nil && (opened.Author != author || !bytes.Equal(opened.Plaintext, d.old.text)) {
		err = errDiffers
	}
	d.err = err
}

// failed says what was not moved, if anything.
func (n *native) failed() error {
	var failed, all int
	for _, g := range n.groups {
		for _, d := range g.docs {
			all++
			if d.err != nil {
				failed++
			}
		}
		if g.old.err != nil && len(g.docs) == 0 {
			failed++
			all++
		}
	}
	if failed == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d were not moved", failed, all)
}
