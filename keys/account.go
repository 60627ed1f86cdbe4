package keys

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/wire"
)

type accountSecret = secret.Value[*holder]

// An Account is an unlocked account, and the record it was unlocked from. Its
// changes return the account as it will be: commit the new [Account.Locked]
// (compare-and-set on its revision), and use the new value from then on. Until
// then the old record stays valid. It is immutable and safe for concurrent use.
type Account struct {
	accountSecret
	locked *LockedAccount
}

// NewAccount makes the keys of a new account, with c as its only way in, named
// after its kind. Store [Account.Locked].
func NewAccount(c *Credential) *Account {
	h := newHolder([]secret.Key{newSeed()}, nil)
	s := newSlot(h.pub, kindName(c.kind), c)
	a, err := h.lock(nil, []*slot{s})
	if err != nil {
		panic("keys: internal error: " + err.Error()) // the slot's key was made here
	}
	return a
}

// ID returns the account's name and fingerprint.
func (a *Account) ID() AccountID { return a.locked.id }

// Identity returns the public half.
func (a *Account) Identity() *Identity { return a.locked.identity }

// Locked returns the record for the server: all that is stored of an account.
func (a *Account) Locked() *LockedAccount { return a.locked }

// Ring lets an account seal and open documents of its own, without a group.
// After [Account.Rotate], documents of the old keys open by envelope.Reseal
// only.
func (a *Account) Ring() ring.Ring { return ring.New(secret.Open(a.accountSecret)) }

// Member lets an account act in groups, for package share.
func (a *Account) Member() ring.Member { return ring.NewMember(secret.Open(a.accountSecret)) }

// lock makes the record after previous (nil: the first) with a fresh account
// key: all slots are sealed anew to their public keys, which takes none of
// their secrets. The error is ErrMalformed, for a record outside the limits.
func (h *holder) lock(previous *LockedAccount, slots []*slot) (*Account, error) {
	l := &LockedAccount{id: h.pub.ID, revision: 1, identity: &Identity{h.pub}}
	if previous != nil {
		l.revision = previous.revision + 1
		history := append([][sha256.Size]byte{previous.hash}, previous.history...)
		l.history = history[:historyLen(l.revision)]
	}
	key, place := newSeed(), l.place()
	for _, s := range slots {
		if err := l.refuses(s); err != nil {
			return nil, err
		}
		next, err := s.resealed(place, key)
		if err != nil {
			return nil, err
		}
		l.slots = append(l.slots, next)
	}
	l.seeds = h.sealSeeds(key, place)
	body := l.body()
	signed := signedRecord(body)
	parsed, err := parseLocked(append(body, ed25519.Sign(h.sign, signed)...))
	if err != nil {
		return nil, err
	}
	return &Account{secret.Hide(h), parsed}, nil
}

// refuses says why s can't stand behind the slots of l.
func (l *LockedAccount) refuses(s *slot) error {
	switch {
	case !validLabel(s.label):
		return wire.Malformed("keys: the label of a way in has 1 to %d bytes of printable text", labelLimit)
	case len(l.slots) == slotLimit:
		return wire.Malformed("keys: an account has at most %d ways in", slotLimit)
	case l.clashes(s):
		return wire.Malformed("keys: this label, this secret, this person or a passphrase is a way in already")
	}
	return nil
}

func (h *holder) sealSeeds(key secret.Key, place []byte) []byte {
	var plain []byte
	for _, seed := range h.seeds {
		plain = append(plain, secret.Open(seed)...)
	}
	return box.Seal(box.NewKey(key), label.AccountSeeds, place, plain)
}

// Unlock opens the account with a credential.
//
// The error is ErrOpen for a wrong credential and for whatever was changed in
// the record: it never says which. What public bytes tell has names of its own:
// ErrMismatch if the account has no slot of this kind at all, ErrParams if its
// passphrase is stretched with other parameters than the credential was: it was
// changed on another device, so stretch again with [LockedAccount.Params].
//
// A code or a device secret that opens two accounts opens whichever record the
// server chose to send: use one for each account, or compare [Account.ID].
func (l *LockedAccount) Unlock(c *Credential) (*Account, error) {
	s, err := l.slotOf(c)
	if err != nil {
		return nil, fmt.Errorf("keys: unlock: %w", err)
	}
	kem := c.slotKEM()
	if !bytes.Equal(kem.PublicKey().Bytes(), s.kem[:]) || !hmac.Equal(c.anchor(l.id, s.statement()), s.anchor[:]) {
		return nil, fmt.Errorf("keys: unlock: %w", ErrOpen)
	}
	key, err := s.open(l.place(), kem)
	if err != nil {
		return nil, fmt.Errorf("keys: unlock: %w", err)
	}
	a, err := l.open(key)
	if err != nil {
		return nil, fmt.Errorf("keys: unlock: %w", err)
	}
	return a, nil
}

// slotOf returns the slot that c opens.
func (l *LockedAccount) slotOf(c *Credential) (*slot, error) {
	kind := l.slot(func(s *slot) bool { return s.kind == c.kind })
	if kind == nil {
		return nil, fmt.Errorf("no %s opens this account: %w", kindName(c.kind), ErrMismatch)
	}
	if c.params != nil && !bytes.Equal(c.params.record, kind.subject) {
		return nil, ErrParams
	}
	s := l.slot(func(s *slot) bool { return s.kind == c.kind && s.id == c.slot })
	if s == nil {
		return nil, ErrOpen
	}
	return s, nil
}

// open opens the seeds and compares the public keys that they give with those
// of the record.
func (l *LockedAccount) open(key secret.Key) (*Account, error) {
	plain, err := box.Open(box.NewKey(key), label.AccountSeeds, l.place(), l.seeds)
	if err != nil {
		return nil, err
	}
	var seeds []secret.Key
	for ; len(plain) > 0; plain = plain[seedSize:] {
		seeds = append(seeds, secret.New(plain[:seedSize]))
	}
	h := newHolder(seeds, l.identity.pub)
	if !h.holds() {
		return nil, ErrOpen
	}
	return &Account{secret.Hide(h), l}, nil
}
