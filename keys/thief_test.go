package keys

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/secret"
)

// What is here is done by somebody who was in the account once, with all that
// this package offers and a server that helps.

// TestExchangedWayIn exchanges a recovery code for one of the thief's, under its
// label, and shows what tells, and what gets rid of it.
func TestExchangedWayIn(t *testing.T) {
	mine, code, thiefs := device(1), NewCode().Credential(), NewCode().Credential()
	a := must(NewAccount(mine).Add("Recovery code", code))(t)
	thief := must(must(a.Remove("Recovery code"))(t).Add("Recovery code", thiefs))(t)

	a = must(a.Update(thief.Locked().Bytes()))(t)
	before, after := a.Locked().Slots()[1], thief.Locked().Slots()[1]
	assert.Equal(t, before.Label, after.Label)
	assert.NotEqual(t, code.slot, after.ID, "the id tells")
	kept := must(a.Rotate())(t)
	_, err := kept.Locked().Unlock(thiefs)
	require.NoError(t, err, "Rotate keeps all ways in, the thief's too")

	fresh := must(a.Recover(map[string]*Credential{"device": mine, "Recovery code": NewCode().Credential()}))(t)
	_, err = fresh.Locked().Unlock(thiefs)
	assert.ErrorIs(t, err, ErrOpen)
	_, err = fresh.Locked().Unlock(mine)
	assert.NoError(t, err)
	_, err = a.Locked().Next(fresh.Locked().Bytes())
	assert.NoError(t, err)
	_, err = a.Recover(nil)
	assert.ErrorIs(t, err, ErrMismatch)
	_, err = thief.Update(fresh.Locked().Bytes())
	assert.ErrorIs(t, err, ErrBehind)
}

// TestNewWayInOnOldKeys copies a way in that was made after the keys were
// rotated, with its anchor, to a history that the thief makes of the old keys:
// a new device, without any pin, would unlock it by the genuine new secret.
func TestNewWayInOnOldKeys(t *testing.T) {
	old, fresh := quick("old", floor, nil), quick("new", floor, nil)
	a := NewAccount(old)
	genuine := must(a.SetPassphraseAndRotate(fresh))(t)
	thief := must(a.Rotate())(t) // an epoch 1 of the thief's own
	forged := forge(thief, func(l *LockedAccount) {
		s := *genuine.locked.slots[0]
		l.slots[0] = &s
		reseal(t, l, secret.Open(thief.accountSecret).seeds...)
	})
	_, err := ParseLockedAccount(forged, nil)
	assert.ErrorIs(t, err, ErrMalformed, "it was made under other keys")

	forged = forge(thief, func(l *LockedAccount) {
		s := *genuine.locked.slots[0]
		s.make(thief.Identity().pub) // and says otherwise
		l.slots[0] = &s
		reseal(t, l, secret.Open(thief.accountSecret).seeds...)
	})
	l := must(ParseLockedAccount(forged, nil))(t)
	_, err = l.Unlock(fresh)
	assert.ErrorIs(t, err, ErrOpen, "the anchor says when it was made")
}

// TestKeyNobodyCanSealTo refuses a way in that would stop every later change.
func TestKeyNobodyCanSealTo(t *testing.T) {
	a := NewAccount(device(1))
	for name, change := range map[string]func(*slot){
		"X25519 share of order 1": func(s *slot) { clear(s.kem[len(s.kem)-32:]) },
		"no ML-KEM key": func(s *slot) {
			for i := range s.kem[:1184] {
				s.kem[i] = 0xff
			}
		},
	} {
		_, err := ParseLockedAccount(forge(a, func(l *LockedAccount) { change(l.slots[0]) }), nil)
		assert.ErrorIs(t, err, ErrMalformed, name)
	}
}

// TestRemoveAndRotate takes a stolen phone out: no record that holds the new
// keys ever had a place for it.
func TestRemoveAndRotate(t *testing.T) {
	phone := device(7)
	a := must(NewAccount(device(1)).Add("phone", phone))(t)
	b := must(a.RemoveAndRotate("phone"))(t)
	assert.Equal(t, a.Locked().Revision()+1, b.Locked().Revision())
	assert.EqualValues(t, 1, b.Identity().Epoch())
	_, err := b.Locked().Unlock(phone)
	assert.ErrorIs(t, err, ErrOpen)
	_, err = a.RemoveAndRotate("nobody")
	assert.ErrorIs(t, err, ErrMismatch)
	_, err = b.RemoveAndRotate("device")
	assert.ErrorIs(t, err, ErrMismatch, "the last one")
}

// TestTrusteeRenewed replaces a trustee's way in by one of their newest keys.
func TestTrusteeRenewed(t *testing.T) {
	bob := NewAccount(device(2))
	a := must(NewAccount(device(1)).AddTrustee("Bob", bob.Identity()))(t)
	stolen := bob
	bob = must(bob.Rotate())(t)
	assert.Less(t, a.Locked().Slots()[1].TrusteeEpoch, bob.Identity().Epoch(), "behind: add him again")
	a = must(a.AddTrustee("Bob", bob.Identity()))(t)
	require.Len(t, a.Locked().Slots(), 2)
	assert.Equal(t, bob.Identity().Epoch(), a.Locked().Slots()[1].TrusteeEpoch)
	_, err := a.Locked().UnlockAsTrustee(stolen, a.ID())
	assert.ErrorIs(t, err, ErrBehind)
	_, err = a.Locked().UnlockAsTrustee(bob, a.ID())
	assert.NoError(t, err)
}

// TestTrusteeGoesBack serves older keys of a trustee, and others of the epoch that
// a thief made, to a device that has not seen the trustee's: the record has.
func TestTrusteeGoesBack(t *testing.T) {
	bob := NewAccount(device(2))
	renewed, fork := must(bob.Rotate())(t), must(bob.Rotate())(t)
	again := must(renewed.Rotate())(t)
	a := must(NewAccount(device(1)).AddTrustee("Bob", renewed.Identity()))(t)
	_, err := a.AddTrustee("Bob", bob.Identity())
	assert.ErrorIs(t, err, ErrRollback)
	_, err = a.AddTrustee("Bob", fork.Identity())
	assert.ErrorIs(t, err, ErrFork)
	for _, newer := range []*Account{renewed, again} {
		b := must(a.AddTrustee("Robert", newer.Identity()))(t)
		_, err = b.Locked().UnlockAsTrustee(newer, a.ID())
		assert.NoError(t, err)
	}
}

// TestRecoverFromDearer recovers an account whose intruder has set a passphrase
// that costs more, with a second secret: that is no measure for the owner's.
func TestRecoverFromDearer(t *testing.T) {
	mine := device(1)
	thief := must(NewAccount(mine).SetPassphrase(quick("thief's", Cost{Memory: 20 << 10, Passes: 3, Lanes: 1}, NewCode())))(t)
	found := must(must(ParseLockedAccount(thief.Locked().Bytes(), nil))(t).Unlock(mine))(t)
	_, err := found.SetPassphrase(quick("x", floor, nil))
	assert.ErrorIs(t, err, ErrParams)
	_, err = found.Recover(map[string]*Credential{"device": mine, "passphrase": quick("x", floor, nil)})
	assert.NoError(t, err)
}

// TestContinuedOldRecord is what nobody can stop: who has the old keys and the
// server's help continues the old record, for a device that has seen nothing. The
// id is the same; the fingerprint of the newest keys tells.
func TestContinuedOldRecord(t *testing.T) {
	leaked, code := device(1), NewCode().Credential()
	a := must(NewAccount(leaked).Add("paper", code))(t)
	genuine := must(a.RemoveAndRotate("device"))(t)
	thief := must(must(must(ParseLockedAccount(a.Locked().Bytes(), nil))(t).Unlock(leaked))(t).Rotate())(t)
	victim := must(must(ParseLockedAccount(thief.Locked().Bytes(), nil))(t).Unlock(code))(t)
	assert.Equal(t, genuine.ID(), victim.ID())
	assert.NotEqual(t, genuine.Identity().Fingerprint(), victim.Identity().Fingerprint())
	_, err := ParseLockedAccount(thief.Locked().Bytes(), genuine.Locked())
	assert.ErrorIs(t, err, ErrFork, "who has seen the new keys")

	recovered := must(a.Recover(map[string]*Credential{"new paper": NewCode().Credential()}))(t)
	fresh := must(ParseLockedAccount(recovered.Locked().Bytes(), nil))(t)
	_, err = fresh.Unlock(code)
	assert.ErrorIs(t, err, ErrOpen)
}

// TestFingerprint is of the newest keys, and the same for whoever sees the same.
func TestFingerprint(t *testing.T) {
	a := NewAccount(device(1))
	b := must(a.Rotate())(t)
	assert.NotEqual(t, a.Identity().Fingerprint(), b.Identity().Fingerprint())
	assert.Equal(t, b.Identity().Fingerprint(), must(ParseIdentity(b.Identity().Bytes(), a.ID(), nil))(t).Fingerprint())
	assert.Regexp(t, `^([0-9a-hjkmnp-tv-z]{5} ){7}[0-9a-hjkmnp-tv-z]{5}$`, a.Identity().Fingerprint())
	assert.Panics(t, func() { Device([32]byte{}) })
}
