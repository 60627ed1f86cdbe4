package keys

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/wire"
)

const (
	lockedLimit   = 1 << 20
	revisionLimit = 1<<32 - 1
	seedsLimit    = box.Overhead + epochLimit*seedSize
)

// A LockedAccount is what the server stores of an account: identity, slots with
// their login verifiers, and the private keys sealed under the slots. It is one
// record, signed by the account, and each is chained to the one before. It is
// immutable and safe for concurrent use.
type LockedAccount struct {
	record   []byte
	id       AccountID
	revision uint64
	history  [][sha256.Size]byte // the hashes of the records before, newest first
	identity *Identity
	seeds    []byte // the box of the seeds
	slots    []*slot
	hash     [sha256.Size]byte
}

// ParseLockedAccount reads what a server sent. It must continue seen, this
// device's last copy; nil means that this device has none, and then an old
// record can't be told from the newest.
//
// The error is ErrMalformed (or ErrNewer, or ErrCost) for what no honest client
// wrote, ErrMismatch for another account than seen's, ErrRollback for an older
// record than seen, ErrFork for another history, and ErrBehind if more than 64
// changes were missed, which is as many as a record names: fetch one in between,
// or unlock anew without seen, knowingly.
func ParseLockedAccount(record []byte, seen *LockedAccount) (*LockedAccount, error) {
	l, err := parseLocked(record)
	if err != nil {
		return nil, fmt.Errorf("keys: account record: %w", err)
	}
	if err := l.continues(seen); err != nil {
		return nil, fmt.Errorf("keys: account record: %w", err)
	}
	return l, nil
}

// Bytes returns the record.
func (l *LockedAccount) Bytes() []byte { return bytes.Clone(l.record) }

// ID returns whose account it is.
func (l *LockedAccount) ID() AccountID { return l.id }

// Revision counts the changes, from 1: compare-and-set on it.
func (l *LockedAccount) Revision() uint64 { return l.revision }

// Identity returns the public half, for the server to hand out.
func (l *LockedAccount) Identity() *Identity { return l.identity }

// Params returns what the passphrase is stretched with; nil if there is none.
func (l *LockedAccount) Params() *Params {
	if s := l.passphrase(); s != nil {
		return s.params
	}
	return nil
}

// A Slot is one way in, as a settings page shows it.
//
// Whoever opens an account can exchange a way in for another of the same label.
// ID tells: it is of the secret, or of the person.
type Slot struct {
	Label        string
	Kind         string // "passphrase", "code", "device" or "trustee"
	ID           [16]byte
	Epoch        uint32    // of the account, when the way in was made
	Params       *Params   // of a passphrase
	Trustee      AccountID // of a trustee
	TrusteeEpoch uint32    // of the keys that open it; behind theirs: AddTrustee again
}

// Slots lists the ways in, in the order in which they were added; a passphrase
// stays where the one before it was, and [Account.Recover] sorts by label. It
// needs no key. What it says was signed by the account.
func (l *LockedAccount) Slots() []Slot {
	out := make([]Slot, len(l.slots))
	for n, s := range l.slots {
		out[n] = Slot{Label: s.label, Kind: kindName(s.kind), ID: s.id, Epoch: s.epoch, Params: s.params}
		if s.kind == ring.Trustee {
			out[n].Trustee, out[n].TrusteeEpoch = s.trustee()
		}
	}
	return out
}

func kindName(k ring.SlotKind) string {
	return [...]string{ring.Passphrase: "passphrase", ring.Code: "code", ring.Device: "device", ring.Trustee: "trustee"}[k]
}

// Verifier returns what the server needs to let a slot log in, for package
// srp. The zero id stands for the passphrase.
func (l *LockedAccount) Verifier(id ring.SlotID) (ring.Verifier, bool) {
	s := l.passphrase()
	if id != (ring.SlotID{}) {
		s = l.slot(func(s *slot) bool { return s.id == id && s.kind != ring.Passphrase })
	}
	if s == nil || s.kind == ring.Trustee {
		return ring.Verifier{}, false
	}
	return ring.Verifier{Kind: s.kind, Params: bytes.Clone(s.subject), V: bytes.Clone(s.verifier)}, true
}

func (l *LockedAccount) passphrase() *slot {
	return l.slot(func(s *slot) bool { return s.kind == ring.Passphrase })
}

// slot returns the first slot that is meant, or nil.
func (l *LockedAccount) slot(meant func(*slot) bool) *slot {
	for _, s := range l.slots {
		if meant(s) {
			return s
		}
	}
	return nil
}

// place is what the boxes of a record are bound to besides their own purpose.
func (l *LockedAccount) place() []byte {
	_, newest := l.identity.pub.Newest()
	b := wire.AppendUint64(l.id[:], l.revision)
	previous := l.previous()
	b = append(b, previous[:]...)
	return append(b, newest.Statement[:]...)
}

// body encodes all but the signature (spec, Section 6.1).
func (l *LockedAccount) body() []byte {
	b := wire.AppendHeading(nil, wire.Account)
	b = append(b, l.id[:]...)
	b = wire.AppendUint64(b, l.revision)
	for _, hash := range l.history { // as many as the revision says
		b = append(b, hash[:]...)
	}
	b = wire.AppendPrefixed(b, l.identity.pub.Record)
	b = wire.AppendPrefixed(b, l.seeds)
	b = append(b, byte(len(l.slots)))
	for _, s := range l.slots {
		b = s.append(b)
	}
	return b
}

// signedRecord is what the signature of a record is over; its hash names the
// record.
func signedRecord(body []byte) []byte { return append(wire.Join([]byte(label.AccountRecord)), body...) }

func parseLocked(record []byte) (*LockedAccount, error) {
	r, err := wire.Read(record, wire.Account, lockedLimit)
	if err != nil {
		return nil, err
	}
	l := &LockedAccount{record: bytes.Clone(record)}
	r.Fill(l.id[:])
	l.revision = r.Uint64()
	if !r.OK() || l.revision == 0 || l.revision > revisionLimit {
		return nil, ErrMalformed
	}
	l.history = make([][sha256.Size]byte, historyLen(l.revision))
	for n := range l.history {
		r.Fill(l.history[n][:])
	}
	identity := r.Prefixed(1, identityLimit)
	l.seeds = bytes.Clone(r.Prefixed(1, seedsLimit))
	if err := l.readSlots(r); err != nil {
		return nil, err
	}
	signature := r.Bytes(ed25519.SignatureSize)
	if err := r.End(); err != nil {
		return nil, err
	}
	return l, l.verify(identity, signature)
}

// verify checks the identity and the signature.
func (l *LockedAccount) verify(identity, signature []byte) (err error) {
	if l.identity, err = parseIdentity(identity); err != nil {
		return err
	}
	if l.identity.ID() != l.id {
		return ErrMalformed
	}
	signed := signedRecord(l.record[:len(l.record)-ed25519.SignatureSize])
	_, newest := l.identity.pub.Newest()
	if !ed25519.Verify(newest.Sign, signed, signature) {
		return ErrMalformed
	}
	l.hash = sha256.Sum256(signed)
	return l.verifyParts()
}

// verifyParts checks what slots and seeds say against the identity.
func (l *LockedAccount) verifyParts() error {
	if len(l.seeds) != box.Overhead+seedSize*len(l.identity.pub.Epochs) {
		return ErrMalformed
	}
	for _, s := range l.slots {
		if !s.madeUnder(l.identity.pub) {
			return ErrMalformed
		}
	}
	return nil
}

func (l *LockedAccount) readSlots(r *wire.Reader) error {
	n := int(r.Uint8())
	r.Require(n >= 1 && n <= slotLimit)
	for range n {
		if !r.OK() {
			return ErrMalformed
		}
		s, err := readSlot(r)
		if err != nil {
			return err
		}
		if l.clashes(s) {
			return ErrMalformed
		}
		l.slots = append(l.slots, s)
	}
	return nil
}

// clashes reports whether s can't stand beside the slots of l.
func (l *LockedAccount) clashes(s *slot) bool {
	return l.slot(func(o *slot) bool {
		return o.label == s.label || o.id == s.id || o.kind == ring.Passphrase && s.kind == ring.Passphrase
	}) != nil
}
