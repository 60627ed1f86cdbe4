// Package ring is what the packages of this module tell each other and nobody
// else: envelope asks an account or a group for keys and authors, share asks an
// account to sign and to open, srp asks a credential for its exponent.
//
// Its opaque types pass through the exported surface. Other modules can't name
// them, can't make them, and can't look inside: the functions that do are here,
// in an internal package.
package ring

import (
	"crypto/ed25519"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/secret"
)

// ID is an account's or a group's id.
type ID = [25]byte

// A Ring is something documents are sealed for.
type Ring struct{ view secret.Value[View] }

// New wraps a view.
func New(v View) Ring { return Ring{secret.Hide(v)} }

// Of returns the view that was wrapped.
func Of(r Ring) View { return secret.Open(r.view) }

// A View is what package envelope needs to know of an account or a group. All
// methods are safe for concurrent use. Errors are those that the caller of
// package envelope is to see.
type View interface {
	// ID stands in the header of each document.
	ID() ID

	// Sealing returns what the next document is sealed with. The error says
	// why nothing may be sealed now.
	Sealing() (*Sealing, error)

	// DocumentKey returns the key of a generation, or keys.ErrBehind.
	DocumentKey(generation uint32) (*box.Key, error)

	// Author judges whoever a document says wrote it. The public key is that
	// of the author's epoch, and nil if Standing is Never. The error is
	// keys.ErrBehind if the head is not known here yet, keys.ErrFork if it is
	// another one.
	Author(c Claim) (ed25519.PublicKey, Standing, error)
}

// Sealing is what a document is sealed with.
type Sealing struct {
	Generation uint32
	Key        *box.Key
	Author     ID
	Epoch      uint32
	Sign       secret.Value[ed25519.PrivateKey]
	Head       Head
}

// Head is the newest link of a chain that somebody has seen.
type Head struct {
	Sequence uint64
	Hash     [32]byte
}

// A Claim is what a document says of its author.
type Claim struct {
	Author     ID
	Epoch      uint32
	Generation uint32 // of the document
	Head       Head   // the newest that the author had seen
}

// Standing is what an author may do.
type Standing uint8

// The standings.
const (
	Never   Standing = iota // could not write at the head that the document names
	Former                  // could then, and may no longer
	Current                 // could then, and may still
)
