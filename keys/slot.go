package keys

import (
	"bytes"
	"crypto/hpke"
	"crypto/sha256"
	"fmt"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/modexp"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/wire"
)

const (
	slotLimit      = 32 // slots of an account
	anchorSize     = sha256.Size
	verifierSize   = 384
	sealedKeySize  = box.PublicOverhead + box.KeySize
	trusteeSubject = idSize + 4
)

// A slot is one way to unlock (spec, Section 6.2). It is sealed to a public
// key, so that it can be sealed anew without its secret.
type slot struct {
	kind     ring.SlotKind
	label    string
	subject  []byte // a passphrase's parameters, a trustee's id and epoch, else empty
	id       ring.SlotID
	epoch    uint32            // the account's newest when the slot was made
	since    [sha256.Size]byte // the hash of its statement
	kem      [box.PublicKeySize]byte
	verifier []byte // g^x; empty for a trustee
	anchor   [anchorSize]byte
	sealed   []byte // the account key of this revision

	params *Params // of subject, for a passphrase
}

// statement is what the anchor proves.
func (s *slot) statement() []byte {
	b := []byte{byte(s.kind)}
	b = wire.AppendPrefixed(b, s.label)
	b = wire.AppendPrefixed(b, s.subject)
	b = append(b, s.id[:]...)
	b = wire.AppendUint32(b, s.epoch)
	b = append(b, s.since[:]...)
	b = append(b, s.kem[:]...)
	return wire.AppendPrefixed(b, s.verifier)
}

func (s *slot) append(dst []byte) []byte {
	dst = append(dst, s.statement()...)
	dst = append(dst, s.anchor[:]...)
	return append(dst, s.sealed...)
}

func readSlot(r *wire.Reader) (*slot, error) {
	s := &slot{kind: ring.SlotKind(r.Uint8())}
	s.label = string(r.Prefixed(1, labelLimit))
	s.subject = bytes.Clone(r.Prefixed(0, paramsLimit))
	r.Fill(s.id[:])
	s.epoch = r.Uint32()
	r.Fill(s.since[:])
	r.Fill(s.kem[:])
	s.verifier = bytes.Clone(r.Prefixed(0, verifierSize))
	r.Fill(s.anchor[:])
	s.sealed = bytes.Clone(r.Bytes(sealedKeySize))
	if !r.OK() || !validLabel(s.label) || s.id == (ring.SlotID{}) {
		return nil, ErrMalformed
	}
	// One key to which nothing can be sealed would stop every later change.
	if _, err := soundKEM(s.kem[:]); err != nil {
		return nil, err
	}
	return s, s.readSubject()
}

// madeUnder reports whether the account had the keys that the slot says it had
// when the slot was made. The anchor covers them, so that nobody who has old
// keys can take a slot that was made later to another history (spec, 6.2).
func (s *slot) madeUnder(pub *ring.Public) bool {
	return uint64(s.epoch) < uint64(len(pub.Epochs)) && pub.Epochs[s.epoch].Statement == s.since
}

// readSubject checks what differs from kind to kind.
func (s *slot) readSubject() (err error) {
	if s.kind != ring.Trustee {
		v, err := modexp.Group3072().Parse(s.verifier)
		if err != nil || v.Trivial() { // under a trivial one anybody logs in
			return ErrMalformed
		}
	}
	switch s.kind {
	case ring.Passphrase:
		s.params, err = parseParams(s.subject)
		return err
	case ring.Code, ring.Device:
		if len(s.subject) != 0 {
			return ErrMalformed
		}
	case ring.Trustee:
		if len(s.subject) != trusteeSubject || len(s.verifier) != 0 || s.anchor != [anchorSize]byte{} {
			return ErrMalformed
		}
		if who, _ := s.trustee(); !s.isTrustee(who) {
			return ErrMalformed
		}
	default:
		return ErrMalformed
	}
	return nil
}

// newSlot makes the slot of a credential in the account whose keys are pub.
func newSlot(pub *ring.Public, name string, c *Credential) *slot {
	s := &slot{kind: c.kind, label: name, id: c.slot, verifier: c.verifier(), params: c.params}
	s.make(pub)
	if c.params != nil {
		s.subject = c.params.record
	}
	copy(s.kem[:], c.slotKEM().PublicKey().Bytes())
	copy(s.anchor[:], c.anchor(pub.ID, s.statement()))
	return s
}

// make notes under which keys of the account the slot is made.
func (s *slot) make(pub *ring.Public) {
	epoch, newest := pub.Newest()
	s.epoch, s.since = epoch, newest.Statement
}

// newTrusteeSlot makes the slot that another account opens.
func newTrusteeSlot(pub *ring.Public, name string, who *Identity) *slot {
	s := &slot{kind: ring.Trustee, label: name, id: trusteeSlotID(who.ID())}
	s.make(pub)
	id := who.ID()
	s.subject = wire.AppendUint32(id[:], who.Epoch())
	copy(s.kem[:], who.pub.KEM.Bytes())
	return s
}

// trustee returns who opens the slot of a trustee, and by the keys of which of
// their epochs.
func (s *slot) trustee() (AccountID, uint32) {
	return AccountID(s.subject[:idSize]), uint32Of(s.subject[idSize:])
}

// keepsTrustee returns an error if s is of who, by newer keys, or others of the
// same epoch.
func (s *slot) keepsTrustee(who *Identity) error {
	if !s.isTrustee(who.ID()) {
		return nil
	}
	switch _, epoch := s.trustee(); {
	case who.Epoch() < epoch:
		return fmt.Errorf("keys: trustee: older keys than before: %w", ErrRollback)
	case who.Epoch() == epoch && !bytes.Equal(who.pub.KEM.Bytes(), s.kem[:]):
		return fmt.Errorf("keys: trustee: other keys than before: %w", ErrFork)
	}
	return nil
}

// isTrustee reports whether the slot is the one that who opens.
func (s *slot) isTrustee(who AccountID) bool {
	return s.kind == ring.Trustee && s.id == trusteeSlotID(who)
}

func trusteeSlotID(who AccountID) (id ring.SlotID) {
	sum := sha256.Sum256(append(wire.Join([]byte(label.AccountTrustee)), who[:]...))
	copy(id[:], sum[:])
	return id
}

// resealed returns s with the account key of another revision inside. The
// error is that of a public key to which nothing can be sealed.
func (s *slot) resealed(place []byte, accountKey secret.Key) (*slot, error) {
	pub, err := box.KEM().NewPublicKey(s.kem[:])
	if err != nil {
		return nil, ErrMalformed
	}
	next := *s
	if next.sealed, err = box.SealTo(pub, label.AccountKeySlot, s.context(place), secret.Open(accountKey)); err != nil {
		return nil, ErrMalformed
	}
	return &next, nil
}

// open returns the account key.
func (s *slot) open(place []byte, kem hpke.PrivateKey) (secret.Key, error) {
	key, err := box.OpenFrom(kem, label.AccountKeySlot, s.context(place), s.sealed)
	if err != nil {
		return secret.Key{}, err
	}
	return secret.New(key), nil
}

// context is all that a sealed account key is bound to.
func (s *slot) context(place []byte) []byte { return wire.Join(place, s.statement(), s.anchor[:]) }
