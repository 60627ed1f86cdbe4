package keys

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hpke"
	"fmt"
	"slices"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/wire"
)

// An Identity is somebody's public keys, checked against their [AccountID]: one
// statement for each epoch, each signed by its own key and by the one before.
// It has no Unmarshal on purpose. It is immutable and safe for concurrent use.
type Identity struct {
	pub *ring.Public
}

// ParseIdentity reads a record that came from anybody and must be want's, and
// must continue seen, the identity of want this device saw last (nil: none).
//
// The error is ErrMalformed (or ErrNewer) for a record whose keys or signatures
// are not sound, ErrMismatch for other keys than want's, ErrRollback for fewer
// epochs than seen, ErrFork for others.
func ParseIdentity(record []byte, want AccountID, seen *Identity) (*Identity, error) {
	i, err := parseIdentity(record)
	if err != nil {
		return nil, fmt.Errorf("keys: identity: %w", err)
	}
	if i.ID() != want || seen != nil && seen.ID() != want {
		return nil, fmt.Errorf("keys: identity: %w", ErrMismatch)
	}
	if err := i.continues(seen); err != nil {
		return nil, fmt.Errorf("keys: identity: %w", err)
	}
	return i, nil
}

// TrustFirst believes whoever sent record about whose keys these are. Its name
// is a warning: a server can answer with keys of its own (A01). Keep the ID,
// compare its Fingerprint by another way as soon as you can, and use
// [ParseIdentity] from then on.
func TrustFirst(record []byte) (*Identity, error) {
	i, err := parseIdentity(record)
	if err != nil {
		return nil, fmt.Errorf("keys: identity: %w", err)
	}
	return i, nil
}

// ID returns whose keys they are.
func (i *Identity) ID() AccountID { return i.pub.ID }

// Epoch returns the number of the newest keys, from 0.
func (i *Identity) Epoch() uint32 { n, _ := i.pub.Newest(); return n }

// Fingerprint returns eight groups of five letters to read aloud: 200 bits of the
// hash of the newest statement, which covers all before it (spec, Section 5.2).
// Where two people or devices see the same, they see the same keys, which the
// [AccountID] does not say of any but the first.
func (i *Identity) Fingerprint() string {
	return show(digits(i.pub.Epochs[i.Epoch()].Statement[:idSize]), 5, false, " ")
}

// Bytes returns the record. It is public.
func (i *Identity) Bytes() []byte { return bytes.Clone(i.pub.Record) }

// Public returns a copy of the keys, for package share.
func (i *Identity) Public() *ring.Public {
	pub := *i.pub
	pub.Record, pub.Epochs = bytes.Clone(pub.Record), slices.Clone(pub.Epochs)
	for n := range pub.Epochs {
		pub.Epochs[n].Sign = bytes.Clone(pub.Epochs[n].Sign)
	}
	return &pub
}

// continues reports whether i is seen with nothing or more behind it.
func (i *Identity) continues(seen *Identity) error {
	if seen == nil {
		return nil
	}
	for n, e := range seen.pub.Epochs {
		if n == len(i.pub.Epochs) {
			return ErrRollback
		}
		if e.Statement != i.pub.Epochs[n].Statement {
			return ErrFork
		}
	}
	return nil
}

// parseIdentity checks all that does not depend on whom the caller means
// (spec, Section 5.3).
func parseIdentity(record []byte) (*Identity, error) {
	r, err := wire.Read(record, wire.Identity, identityLimit)
	if err != nil {
		return nil, err
	}
	pub := &ring.Public{Record: bytes.Clone(record)}
	var newest *statement
	for r.OK() && (newest == nil || !r.Empty()) {
		if newest, err = nextStatement(r, pub, newest); err != nil {
			return nil, err
		}
	}
	if err := r.End(); err != nil {
		return nil, err
	}
	if pub.KEM, err = soundKEM(newest.kem[:]); err != nil {
		return nil, err
	}
	return &Identity{pub}, nil
}

// nextStatement reads and verifies the statement after before, and adds it to
// pub.
func nextStatement(r *wire.Reader, pub *ring.Public, before *statement) (*statement, error) {
	s := readStatement(r)
	self, succession := r.Bytes(ed25519.SignatureSize), []byte(nil)
	if before != nil {
		succession = r.Bytes(ed25519.SignatureSize)
	}
	if r.OK() && s.version > statementVersion {
		return nil, ErrNewer
	}
	if !r.OK() || s.version != statementVersion || s.epoch != uint32(len(pub.Epochs)) || !soundSigningKey(s.sign) {
		return nil, ErrMalformed
	}
	if before == nil {
		pub.ID = s.accountID()
	}
	if !ed25519.Verify(s.sign[:], s.signed(label.StatementSelf, pub.ID), self) {
		return nil, ErrMalformed
	}
	if err := follows(s, before, pub, succession); err != nil {
		return nil, err
	}
	pub.Epochs = append(pub.Epochs, ring.Epoch{Statement: s.hash(), Sign: bytes.Clone(s.sign[:])})
	return s, nil
}

// follows checks that s is the next statement after before, by the signature of
// before's key, or the first one.
func follows(s, before *statement, pub *ring.Public, succession []byte) error {
	if before == nil {
		if s.previous != [32]byte{} {
			return ErrMalformed
		}
		return nil
	}
	_, last := pub.Newest()
	if s.previous != last.Statement ||
		!ed25519.Verify(last.Sign, s.signed(label.StatementSuccession, pub.ID), succession) {
		return ErrMalformed
	}
	return nil
}

// soundKEM parses an X-Wing public key and seals to it once: a key of which the
// X25519 part is of low order parses, but every seal to it fails, and one such
// member would block each rotation of a group.
func soundKEM(b []byte) (hpke.PublicKey, error) {
	pub, err := box.KEM().NewPublicKey(b)
	if err != nil {
		return nil, ErrMalformed
	}
	if _, _, err := hpke.NewSender(pub, hpke.HKDFSHA256(), hpke.ExportOnly(), nil); err != nil {
		return nil, ErrMalformed
	}
	return pub, nil
}
