package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/keys"
)

// indexRef is the place of the index among the account's own documents.
var indexRef = envelope.Ref{Type: "migration", ID: "index"}

// An index says which document lies in which file. It is sealed: the names of
// groups and the types and ids of documents are nobody else's business.
type index struct {
	Groups []indexGroup `json:"groups"`
}

type indexGroup struct {
	Folder    string          `json:"folder"`
	Group     keys.GroupID    `json:"group"`
	Insomnia  string          `json:"insomnia"` // the id there
	Name      string          `json:"name"`
	Documents []indexDocument `json:"documents"`
}

type indexDocument struct {
	File string        `json:"file"`
	Type string        `json:"type"`
	ID   string        `json:"id"`
	Seen envelope.Mark `json:"seen"`
}

func folder(i int) string { return fmt.Sprintf("group-%03d", i+1) }
func name(i int) string   { return fmt.Sprintf("document-%06d", i+1) }

// makeIndex seals the index, and opens it again.
func (n *native) makeIndex(me *keys.Account) error {
	plain, err := json.Marshal(n.list())
	if err != nil {
		return err
	}
	sealed, ref, err := envelope.Seal(me, indexRef, plain)
	if err != nil {
		return err
	}
	opened, err := envelope.Open(me, ref, sealed)
	if err == nil && !bytes.Equal(plain, opened.Plaintext) {
		err = errDiffers
	}
	n.index = sealed
	return err
}

func (n *native) list() index {
	list := index{Groups: []indexGroup{}}
	for i, g := range n.groups {
		if g.change == nil {
			continue
		}
		entry := indexGroup{Folder: folder(i), Group: g.change.Group, Insomnia: g.old.id, Name: g.old.name, Documents: []indexDocument{}}
		for k, d := range g.docs {
			if d.err == nil {
				entry.Documents = append(entry.Documents, indexDocument{name(k), d.ref.Type, d.ref.ID, d.ref.Seen})
			}
		}
		list.Groups = append(list.Groups, entry)
	}
	return list
}

// checkOut refuses a directory that has something in it.
func checkOut(dir string) error {
	if dir == "" {
		return nil
	}
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) > 0:
		return fmt.Errorf("-out %s: not empty", dir)
	}
	return nil
}

// write writes all that a server stores: the account, the index, and for each
// group its entries, this account's link and bookmark, and the documents.
func (n *native) write(dir string) error {
	files := map[string][]byte{"account": n.record, "index": n.index}
	for i, g := range n.groups {
		if g.change == nil {
			continue
		}
		for k, e := range g.change.Entries {
			files[filepath.Join(folder(i), fmt.Sprintf("entry-%06d", k))] = e
		}
		files[filepath.Join(folder(i), "link")] = g.change.Links[n.id]
		files[filepath.Join(folder(i), "bookmark")] = g.change.Bookmark
		for k, d := range g.docs {
			if d.err == nil {
				files[filepath.Join(folder(i), name(k))] = d.sealed
			}
		}
	}
	for path, content := range files {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return err
		}
	}
	return nil
}
