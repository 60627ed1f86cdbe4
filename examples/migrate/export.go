package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/sealkin/sealkin/insomnia"
)

// shipped is an export that Insomnia's own code made: the first account of
// testdata/insomnia/vectors.json with its groups. Its keys guard nothing.
//
//go:embed export.json
var shipped []byte

const shippedPassphrase = "correct horse battery staple 42!"

// An export is what Insomnia's server stores for one account.
type export struct {
	Account account `json:"account"`
	Groups  []group `json:"groups"`
}

// An account is a record whose public key may also be the JWK itself, in place
// of a string that holds it.
type account struct{ insomnia.Record }

func (a *account) UnmarshalJSON(b []byte) error {
	var jwk struct {
		PublicKey json.RawMessage `json:"publicKey"`
	}
	type plain insomnia.Record
	r := struct {
		*plain
		PublicKey any `json:"publicKey"` // shadows that of plain
	}{plain: (*plain)(&a.Record)}
	if err := errors.Join(json.Unmarshal(b, &jwk), json.Unmarshal(b, &r)); err != nil {
		return err
	}
	if err := json.Unmarshal(jwk.PublicKey, &a.PublicKey); err != nil {
		a.PublicKey = string(jwk.PublicKey)
	}
	return nil
}

type group struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Links     []link     `json:"links"`
	Documents []document `json:"documents"`
}

// A link is the group's key for one account.
type link struct {
	AccountID       string        `json:"accountId"`
	EncSymmetricKey insomnia.Link `json:"encSymmetricKey"`
}

// A document is a resource, which has EncContent, or a blob, which has Content.
type document struct {
	Kind       string           `json:"kind"`
	ID         string           `json:"id"`
	Name       string           `json:"name,omitempty"`
	EncContent insomnia.Message `json:"encContent,omitempty"`
	Content    string           `json:"content,omitempty"`
}

// readExport reads a file, or the shipped one.
func readExport(path string) (*export, error) {
	raw := shipped
	if path != "" {
		var err error
		if raw, err = os.ReadFile(path); err != nil {
			return nil, err // it names the path
		}
	}
	var e export
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(&e); err != nil {
		return nil, fmt.Errorf("%s is not an export: %w", path, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("%s is not an export: something follows it", path)
	}
	if e.Account.ID == "" {
		return nil, fmt.Errorf("%s is not an export: it has no account with an id", path)
	}
	return &e, nil
}

func (e *export) documents() (n int) {
	for _, g := range e.Groups {
		n += len(g.Documents)
	}
	return n
}
