package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sealkin/sealkin/insomnia"
)

// An oldGroup is a group of the export, opened as far as it can be.
type oldGroup struct {
	id, name string
	docs     []oldDocument
	err      error // why none of it was opened
}

// An oldDocument is a document in the clear, or why it is not.
type oldDocument struct {
	kind, id string // as in the export
	typ, ref string // "type" and "_id" of the document
	text     []byte
	err      error
}

var errPassphrase = errors.New("wrong passphrase, or the account was changed since")

// open opens everything that opens. It fails only if nothing can be opened.
func (e *export) open(passphrase string, bar *bar) ([]oldGroup, error) {
	me, err := e.Account.Unlock(passphrase)
	switch {
	case errors.Is(err, insomnia.ErrMalformed):
		return nil, fmt.Errorf("account %s is damaged, or the passphrase is not text: %w", show(e.Account.ID), err)
	case err != nil:
		return nil, errPassphrase
	}
	bar.step("opening")
	var groups []oldGroup
	for _, g := range e.Groups {
		old := oldGroup{id: g.ID, name: g.Name}
		key, err := g.key(me, e.Account.ID)
		if err != nil {
			old.err = err
		}
		for _, d := range g.Documents {
			old.docs = append(old.docs, d.open(key))
			bar.step("opening")
		}
		groups = append(groups, old)
	}
	return groups, nil
}

// key opens the group's key by the account's own link.
func (g *group) key(me *insomnia.Account, id string) (*insomnia.GroupKey, error) {
	for _, l := range g.Links {
		if l.AccountID != id {
			continue
		}
		key, err := me.OpenLink(l.EncSymmetricKey)
		if err != nil {
			return nil, fmt.Errorf("its link for this account does not open: %w", err)
		}
		return key, nil
	}
	return nil, errors.New("it has no link for this account: ask a member to invite it in Insomnia")
}

func (d *document) open(key *insomnia.GroupKey) oldDocument {
	old := oldDocument{kind: d.Kind, id: d.ID}
	if key == nil {
		old.err = errors.New("its group's key is not here")
		return old
	}
	switch d.Kind {
	case "resource":
		old.text, old.err = key.OpenResource(d.EncContent)
	case "blob":
		old.text, old.err = key.OpenBlob(d.ID, []byte(d.Content))
	default:
		old.err = errors.New("neither a resource nor a blob")
	}
	if old.err == nil {
		old.err = old.place(d)
	}
	return old
}

// place reads what the document says it is. The id of a resource stands beside
// it too, where nothing protects it.
func (old *oldDocument) place(d *document) error {
	var head struct {
		ID   string `json:"_id"`
		Type string `json:"type"`
	}
	if err := json.Unmarshal(old.text, &head); err != nil || head.ID == "" || head.Type == "" {
		return errors.New("it does not say its type and id")
	}
	if d.Kind == "resource" && head.ID != d.ID {
		return errors.New("another document was put in its place")
	}
	old.typ, old.ref = head.Type, head.ID
	return nil
}
