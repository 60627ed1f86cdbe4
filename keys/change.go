package keys

import (
	"fmt"
	"maps"
	"slices"

	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
)

// Add returns the account with one more way in, shown to the person as label
// (1 to 64 bytes, printable, not used yet). A second passphrase is refused: see
// [Account.SetPassphrase]. The error is ErrMalformed.
func (a *Account) Add(label string, c *Credential) (*Account, error) {
	h := a.holder()
	return h.lock(a.locked, append(a.slots(), newSlot(h.pub, label, c)))
}

// AddTrustee returns the account with a way in for another person, by the keys
// of who: emergency access. Who opens it by [LockedAccount.UnlockAsTrustee],
// when the server hands out the record. A trustee who rotates stays one by the
// keys of before, also for whoever stole these ([Slot].TrusteeEpoch): add them
// again, which replaces their way in. The error is ErrMalformed, as of
// [Account.Add]; ErrMismatch for oneself; or, where they are a trustee already,
// ErrRollback for older keys than those and ErrFork for others of the same epoch;
// of newer ones [ParseIdentity] tells, if it is given the identity that was seen.
func (a *Account) AddTrustee(label string, who *Identity) (*Account, error) {
	if who.ID() == a.ID() {
		return nil, fmt.Errorf("keys: an account can't be its own trustee: %w", ErrMismatch)
	}
	for _, s := range a.slots() {
		if err := s.keepsTrustee(who); err != nil {
			return nil, err
		}
	}
	h := a.holder()
	slots := slices.DeleteFunc(a.slots(), func(s *slot) bool { return s.isTrustee(who.ID()) })
	return h.lock(a.locked, append(slots, newTrusteeSlot(h.pub, label, who)))
}

// Remove takes a way in away; the others keep working. It takes no key away:
// after a theft, or when somebody is a trustee no longer, use
// [Account.RemoveAndRotate], and after a stranger was in the account
// [Account.Recover]. The error is ErrMismatch for a label that does not occur,
// and for the last way in other than a trustee's, which stays.
func (a *Account) Remove(label string) (*Account, error) {
	slots, err := a.slotsWithout(label)
	if err != nil {
		return nil, err
	}
	return a.holder().lock(a.locked, slots)
}

// RemoveAndRotate takes a way in away and gives the account new keys, in one
// change, so that the way in never opens the new ones. Then Rekey each group, and
// carry the new record to the other devices (see [Account.Recover]). The errors
// are those of [Account.Remove] and [Account.Rotate].
func (a *Account) RemoveAndRotate(label string) (*Account, error) {
	slots, err := a.slotsWithout(label)
	if err != nil {
		return nil, err
	}
	return a.rotated(func(*holder) []*slot { return slots })
}

// Recover gives the account new keys and these ways in, by their labels, and no
// others, in one change: for when somebody else was in the account, who could
// have exchanged any way in for one of their own, under its label. All have to
// be presented; trustees are added again. Then Rekey each group.
//
// New keys protect where they have been seen. Who has the old keys, and the
// server's help, can continue the old record in another way, and show that to a
// device or a person who has not seen the new one: there, a secret that stayed the
// same opens it, and [AccountID.Fingerprint] is the same too. So present new
// secrets, carry the new record to the other devices, and have people compare
// [Identity.Fingerprint].
//
// A passphrase may be cheaper than the one before, which is no measure: whoever was
// in the account may have set it. The errors are those of [Account.Add] and
// [Account.Rotate], and ErrMismatch for none at all.
func (a *Account) Recover(ways map[string]*Credential) (*Account, error) {
	if len(ways) == 0 {
		return nil, fmt.Errorf("keys: an account needs a way in: %w", ErrMismatch)
	}
	return a.rotated(func(h *holder) (slots []*slot) {
		for _, label := range slices.Sorted(maps.Keys(ways)) {
			slots = append(slots, newSlot(h.pub, label, ways[label]))
		}
		return slots
	})
}

// SetPassphrase replaces the passphrase, or its cost, or the name it is for, or
// adds one to an account without. What costs less per guess than the one it
// replaces, or drops the second secret, is ErrParams: see
// [Account.SetCheaperPassphrase].
//
// The old passphrase still opens the records that somebody kept. If it leaked,
// use [Account.SetPassphraseAndRotate]. The error can also be ErrMismatch, for what
// is not a passphrase, or ErrMalformed, as of [Account.Add], for the first one.
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
	if c.kind != ring.Passphrase {
		return nil, errNoPassphrase
	}
	h := a.holder()
	return h.lock(a.locked, a.slotsWithPassphrase(h, c))
}

// SetPassphraseAndRotate replaces a passphrase that leaked and gives the
// account new keys, in one change: who has the old passphrase and old records,
// and was not in the account itself, opens nothing that devices who have seen the
// change seal from now on. (Who was, and for the other devices: [Account.Recover].)
// Then Rekey each group. The errors are those of [Account.SetPassphrase] and
// [Account.Rotate].
func (a *Account) SetPassphraseAndRotate(c *Credential) (*Account, error) {
	if err := a.notCheaper(c); err != nil {
		return nil, err
	}
	if c.kind != ring.Passphrase {
		return nil, errNoPassphrase
	}
	return a.rotated(func(h *holder) []*slot { return a.slotsWithPassphrase(h, c) })
}

// Rotate gives the account new keys, in a new epoch; all ways in keep working,
// and the old keys stay to open old links. Then Rekey each group, and Reseal
// one's own documents. The error is ErrMalformed after 64 epochs: a new account
// is needed then.
func (a *Account) Rotate() (*Account, error) {
	return a.rotated(func(*holder) []*slot { return a.slots() })
}

// Update takes over a record that another device has committed. The errors are
// those of [ParseLockedAccount] with this account's record as seen, and
// ErrBehind if the account has new keys, which only a way in opens: Unlock.
func (a *Account) Update(record []byte) (*Account, error) {
	l, err := ParseLockedAccount(record, a.locked)
	if err != nil {
		return nil, err
	}
	if len(l.identity.pub.Epochs) != len(a.holder().seeds) {
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
	s := l.slot(func(s *slot) bool { return s.isTrustee(me.ID()) })
	if l.id != owner || s == nil {
		return nil, fmt.Errorf("keys: unlock as trustee: %w", ErrMismatch)
	}
	h := me.holder()
	_, epoch := s.trustee()
	if uint64(epoch) >= uint64(len(h.seeds)) {
		return nil, fmt.Errorf("keys: unlock as trustee: %w", ErrBehind)
	}
	key, err := h.Open(epoch, label.AccountKeySlot, s.context(l.place()), s.sealed)
	if err != nil {
		return nil, fmt.Errorf("keys: unlock as trustee: %w", err)
	}
	a, err := l.open(secret.New(key))
	if err != nil {
		return nil, fmt.Errorf("keys: unlock as trustee: %w", err)
	}
	return a, nil
}

// slots returns the account's slots in a slice of one's own.
func (a *Account) slots() []*slot { return slices.Clone(a.locked.slots) }

func (a *Account) holder() *holder { return secret.Open(a.accountSecret) }

// slotsWithout returns the slots but the one of a label.
func (a *Account) slotsWithout(label string) ([]*slot, error) {
	slots := slices.DeleteFunc(a.slots(), func(s *slot) bool { return s.label == label })
	if len(slots) == len(a.locked.slots) {
		return nil, fmt.Errorf("keys: no way in with this label: %w", ErrMismatch)
	}
	if !slices.ContainsFunc(slots, func(s *slot) bool { return s.kind != ring.Trustee }) {
		return nil, fmt.Errorf("keys: the last way in can't be removed: %w", ErrMismatch)
	}
	return slots, nil
}

var errNoPassphrase = fmt.Errorf("keys: not the credential of a passphrase: %w", ErrMismatch)

// slotsWithPassphrase returns the slots with c, for the keys of h, in the place
// of the passphrase.
func (a *Account) slotsWithPassphrase(h *holder, c *Credential) []*slot {
	slots := a.slots()
	n := slices.IndexFunc(slots, func(s *slot) bool { return s.kind == ring.Passphrase })
	if n < 0 {
		return append(slots, newSlot(h.pub, kindName(c.kind), c))
	}
	slots[n] = newSlot(h.pub, slots[n].label, c)
	return slots
}

// rotated returns the account with new keys, and the slots for them.
func (a *Account) rotated(slots func(*holder) []*slot) (*Account, error) {
	if len(a.holder().seeds) == epochLimit {
		return nil, fmt.Errorf("keys: an account has at most %d epochs: %w", epochLimit, ErrMalformed)
	}
	next := a.holder().next()
	return next.lock(a.locked, slots(next))
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
