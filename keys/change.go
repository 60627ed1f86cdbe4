package keys

import (
	"fmt"
	"slices"

	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
)

// Add returns the account with one more way in, shown to the person as label
// (1 to 64 bytes, printable, not used yet). A second passphrase is refused: see
// [Account.SetPassphrase]. The error is ErrMalformed.
func (a *Account) Add(label string, c *Credential) (*Account, error) {
	return a.withSlots(append(a.slots(), newSlot(a.ID(), label, c)))
}

// AddTrustee returns the account with a way in for another person, by the keys
// of who: emergency access. Who opens it by [LockedAccount.UnlockAsTrustee],
// when the server hands out the record. A trustee who rotates stays one by the
// keys of before; to seal to the new ones, Remove and add again. The error is
// ErrMalformed, as of [Account.Add], or ErrMismatch for oneself.
func (a *Account) AddTrustee(label string, who *Identity) (*Account, error) {
	if who.ID() == a.ID() {
		return nil, fmt.Errorf("keys: an account can't be its own trustee: %w", ErrMismatch)
	}
	return a.withSlots(append(a.slots(), newTrusteeSlot(label, who)))
}

// Remove takes a way in away; the others keep working. After a theft, or when
// a recovery code was used, or a trustee is one no longer, [Account.Rotate] too:
// whoever opened the account has its keys, and so has whoever gets an old record
// from the server. The error is ErrMismatch for a label that does not
// occur, and for the last way in other than a trustee's, which stays.
func (a *Account) Remove(label string) (*Account, error) {
	slots := a.slots()
	n := slices.IndexFunc(slots, func(s *slot) bool { return s.label == label })
	if n < 0 {
		return nil, fmt.Errorf("keys: no way in with this label: %w", ErrMismatch)
	}
	slots = slices.Delete(slots, n, n+1)
	if !slices.ContainsFunc(slots, func(s *slot) bool { return s.kind != ring.Trustee }) {
		return nil, fmt.Errorf("keys: the last way in can't be removed: %w", ErrMismatch)
	}
	return a.withSlots(slots)
}

// SetPassphrase replaces the passphrase, or its cost, or the name it is for, or
// adds one to an account without. What costs less per guess than the one it
// replaces, or drops the second secret, is ErrParams: see
// [Account.SetCheaperPassphrase].
//
// The old passphrase still opens the records that somebody kept. If it leaked,
// use [Account.SetPassphraseAndRotate].
func (a *Account) SetPassphrase(c *Credential) (*Account, error) {
	if err := a.notCheaper(c); err != nil {
		return nil, err
	}
	return a.SetCheaperPassphrase(c)
}

// notCheaper returns ErrParams if guesses at c cost less than those at the
// passphrase that it would replace.
func (a *Account) notCheaper(c *Credential) error {
	if old := a.locked.Params(); old != nil && c.params != nil &&
		(c.params.cost.cheaper(old.cost) || old.second && !c.params.second) {
		return fmt.Errorf("%w: cheaper than the passphrase it replaces", ErrParams)
	}
	return nil
}

// SetCheaperPassphrase is [Account.SetPassphrase] without its refusal, for the
// person who asked for it. The error is ErrMismatch if c is not of a passphrase.
func (a *Account) SetCheaperPassphrase(c *Credential) (*Account, error) {
	slots, err := a.slotsWithPassphrase(c)
	if err != nil {
		return nil, err
	}
	return a.withSlots(slots)
}

// SetPassphraseAndRotate replaces a passphrase that leaked and gives the
// account new keys, in one change: whoever has the old passphrase and old
// records opens nothing that is sealed from now on. Then Rekey each group. The
// errors are those of [Account.SetPassphrase] and [Account.Rotate].
func (a *Account) SetPassphraseAndRotate(c *Credential) (*Account, error) {
	if err := a.notCheaper(c); err != nil {
		return nil, err
	}
	slots, err := a.slotsWithPassphrase(c)
	if err != nil {
		return nil, err
	}
	return a.rotated(slots)
}

// Rotate gives the account new keys, in a new epoch; all ways in keep working,
// and the old keys stay to open old links. Then Rekey each group, and Reseal
// one's own documents. The error is ErrMalformed after 64 epochs.
func (a *Account) Rotate() (*Account, error) { return a.rotated(a.slots()) }

// Update takes over a record that another device has committed. The errors are
// those of [ParseLockedAccount] with this account's record as seen, and
// ErrBehind if the account has new keys, which only a way in opens: Unlock.
func (a *Account) Update(record []byte) (*Account, error) {
	l, err := ParseLockedAccount(record, a.locked)
	if err != nil {
		return nil, err
	}
	h := secret.Open(a.accountSecret)
	if len(l.identity.pub.Epochs) != len(h.seeds) {
		return nil, fmt.Errorf("keys: update: %w", ErrBehind)
	}
	return &Account{a.accountSecret, l}, nil
}

// UnlockAsTrustee opens the account of somebody who made me their trustee.
// owner is their id, which was compared. Then set a passphrase and Rotate.
// The error is ErrMismatch for another account than owner's, or one of which I
// am not a trustee, ErrBehind if it is sealed to keys that me, who rotated on
// another device, does not have yet, and ErrOpen for whatever was changed.
func (l *LockedAccount) UnlockAsTrustee(me *Account, owner AccountID) (*Account, error) {
	s := l.slot(func(s *slot) bool { return s.kind == ring.Trustee && s.trustee() == me.ID() })
	if l.id != owner || s == nil {
		return nil, fmt.Errorf("keys: unlock as trustee: %w", ErrMismatch)
	}
	h, epoch := secret.Open(me.accountSecret), uint32Of(s.subject[idSize:])
	if uint64(epoch) >= uint64(len(h.seeds)) {
		return nil, fmt.Errorf("keys: unlock as trustee: %w", ErrBehind)
	}
	key, err := h.Open(epoch, label.AccountKeySlot, s.context(l.place()), s.sealed)
	if err != nil {
		return nil, fmt.Errorf("keys: unlock as trustee: %w", err)
	}
	return l.open(secret.New(key))
}

// slots returns the account's slots in a slice of one's own.
func (a *Account) slots() []*slot { return slices.Clone(a.locked.slots) }

func (a *Account) withSlots(slots []*slot) (*Account, error) {
	return secret.Open(a.accountSecret).lock(a.locked, slots)
}

// slotsWithPassphrase returns the slots with c in the place of the passphrase.
func (a *Account) slotsWithPassphrase(c *Credential) ([]*slot, error) {
	if c.kind != ring.Passphrase {
		return nil, fmt.Errorf("keys: not the credential of a passphrase: %w", ErrMismatch)
	}
	slots := a.slots()
	n := slices.IndexFunc(slots, func(s *slot) bool { return s.kind == ring.Passphrase })
	if n < 0 {
		return append(slots, newSlot(a.ID(), kindName(c.kind), c)), nil
	}
	slots[n] = newSlot(a.ID(), slots[n].label, c)
	return slots, nil
}

func (a *Account) rotated(slots []*slot) (*Account, error) {
	old := secret.Open(a.accountSecret)
	if len(old.seeds) == epochLimit {
		return nil, fmt.Errorf("keys: an account has at most %d epochs: %w", epochLimit, ErrMalformed)
	}
	return old.next().lock(a.locked, slots)
}

// next returns h with the keys of one more epoch.
func (h *holder) next() *holder {
	seeds := append(slices.Clone(h.seeds), newSeed())
	n := len(seeds) - 1
	pub := *h.pub
	pub.Record, pub.Epochs = slices.Clone(pub.Record), slices.Clone(pub.Epochs)
	extendPublic(&pub, seeds, append(slices.Clone(h.kem), kemOf(seeds, n)), n)
	return newHolder(seeds, &pub)
}
