package keys

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
)

// inhabited returns an account with a slot of each kind, in revision 4, and the
// credentials of the first three.
func inhabited(t testing.TB) (a *Account, ways []*Credential, trustee *Account) {
	t.Helper()
	trustee = NewAccount(device(99))
	ways = []*Credential{quick("passphrase", floor, nil), NewCode().Credential(), device(1)}
	a = NewAccount(ways[0])
	a = must(a.Add("paper", ways[1]))(t)
	a = must(a.Add("phone", ways[2]))(t)
	a = must(a.AddTrustee("friend", trustee.Identity()))(t)
	return a, ways, trustee
}

// TestUnlock opens by every way in, and gets the same account.
func TestUnlock(t *testing.T) {
	a, ways, trustee := inhabited(t)
	l := must(ParseLockedAccount(a.Locked().Bytes(), nil))(t)
	for _, c := range ways {
		got, err := l.Unlock(c)
		require.NoError(t, err)
		assert.Equal(t, a.ID(), got.ID())
		assert.True(t, secret.Equal(secret.Open(a.accountSecret).seeds[0], secret.Open(got.accountSecret).seeds[0]))
	}
	got, err := l.UnlockAsTrustee(trustee, a.ID())
	require.NoError(t, err)
	assert.Equal(t, a.ID(), got.ID())
}

// TestUnlockRefusesForgeries changes records behind the signature. What a
// secret decides is one error (A02, A21, A22, A25), and the message is one too.
func TestUnlockRefusesForgeries(t *testing.T) {
	a, ways, trustee := inhabited(t)
	older := a
	a = must(a.Rotate())(t)
	h := secret.Open(a.accountSecret)
	occupied := func(first *Account, labels ...string) *Account {
		for n, l := range labels {
			first = must(first.Add(l, ways[n+1]))(t)
		}
		return first
	}
	other := occupied(NewAccount(ways[0]), "paper", "phone")
	renamed := func(n int) [anchorSize]byte {
		s := *a.locked.slots[n]
		s.label = "another"
		return [anchorSize]byte(ways[n].anchor(a.ID(), s.statement()))
	}
	message := func() string { _, err := a.Locked().Unlock(device(200)); return err.Error() }()

	all := func(n int, change func(s *slot, n int)) func(*LockedAccount) {
		return func(l *LockedAccount) {
			for n, s := range l.slots[:n] {
				change(s, n)
			}
		}
	}
	own := func(change func(s *slot, n int)) []byte { return forgeAndReseal(t, a, all(3, change)) }
	reseeded := func(seeds ...secret.Key) []byte {
		return forge(a, func(l *LockedAccount) { reseal(t, l, seeds...) })
	}
	for name, c := range map[string]struct {
		record  []byte
		trustee bool // the trustee's slot is as it should be
	}{
		"slots of an older record":    {forge(a, func(l *LockedAccount) { copy(l.slots, older.locked.slots) }), false},
		"keys of the slots exchanged": {forge(a, all(4, func(s *slot, n int) { s.sealed = a.locked.slots[(n+1)%4].sealed })), false},
		"a sealed key changed":        {forge(a, all(4, func(s *slot, n int) { s.sealed = flip(s.sealed, -1) })), false},
		"seeds changed":               {forge(a, func(l *LockedAccount) { l.seeds[70] ^= 1 }), false},
		"seeds random":                {forge(a, func(l *LockedAccount) { l.seeds = random(len(l.seeds)) }), false},
		"seeds of somebody else":      {reseeded(newSeed(), newSeed()), false},
		"seeds exchanged":             {reseeded(h.seeds[1], h.seeds[0]), false},
		"the old seed wrong":          {reseeded(newSeed(), h.seeds[1]), false},
		"the new seed wrong":          {reseeded(h.seeds[0], newSeed()), false},
		"another revision":            {forge(a, func(l *LockedAccount) { l.revision++; l.history = append(l.history, [32]byte{}) }), false},
		"another record before":       {forge(a, func(l *LockedAccount) { l.history[0][0] ^= 1 }), false},
		"label changed":               {own(func(s *slot, n int) { s.label += "!" }), true},
		"verifier changed":            {own(func(s *slot, n int) { s.verifier = a.locked.slots[(n+1)%3].verifier }), true},
		"id changed":                  {own(func(s *slot, n int) { s.id[0] ^= 1 }), true},
		"anchor changed":              {own(func(s *slot, n int) { s.anchor[0] ^= 1 }), true},
		"anchor of another account":   {own(func(s *slot, n int) { s.anchor = other.locked.slots[n].anchor }), true},
		"anchor of another label":     {own(func(s *slot, n int) { s.anchor = renamed(n) }), true},
		"public key of somebody else": {own(func(s *slot, n int) { copy(s.kem[:], device(77).slotKEM().PublicKey().Bytes()) }), true},
	} {
		l, err := ParseLockedAccount(c.record, nil)
		require.NoError(t, err, name)
		for _, way := range ways {
			got, err := l.Unlock(way)
			require.ErrorIs(t, err, ErrOpen, name)
			assert.Equal(t, message, err.Error(), name)
			assert.Nil(t, got, name)
		}
		got, err := l.UnlockAsTrustee(trustee, a.ID())
		if c.trustee {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, ErrOpen, name)
		assert.Nil(t, got, name)
	}
}

// TestSeedsLength shows that the box of the seeds is as long as the epochs say.
func TestSeedsLength(t *testing.T) {
	a := must(NewAccount(device(1)).Rotate())(t)
	seeds := secret.Open(a.accountSecret).seeds
	for _, wrong := range [][]secret.Key{nil, seeds[:1], {seeds[0], seeds[1], newSeed()}, {seeds[0], secret.New(append(secret.Reveal(seeds[1]), 0))}} {
		_, err := ParseLockedAccount(forge(a, func(l *LockedAccount) { reseal(t, l, wrong...) }), nil)
		assert.ErrorIs(t, err, ErrMalformed)
	}
	_, err := ParseLockedAccount(forge(a, func(l *LockedAccount) { reseal(t, l, seeds...) }), nil)
	assert.NoError(t, err)
}

// TestUnlockNamesWhatIsPublic shows the errors that public bytes decide.
func TestUnlockNamesWhatIsPublic(t *testing.T) {
	a := NewAccount(quick("passphrase", floor, nil))
	dearer := Cost{Memory: memoryFloor, Passes: 3, Lanes: 1}
	for name, c := range map[string]struct {
		credential *Credential
		want       error
	}{
		"no device":                    {device(1), ErrMismatch},
		"no code":                      {NewCode().Credential(), ErrMismatch},
		"wrong passphrase":             {quick("passphrasf", floor, nil), ErrOpen},
		"other cost":                   {quick("passphrase", dearer, nil), ErrParams},
		"second secret, though unused": {quick("passphrase", floor, NewCode()), ErrParams},
	} {
		got, err := a.Locked().Unlock(c.credential)
		assert.ErrorIs(t, err, c.want, name)
		assert.Nil(t, got, name)
	}
}

// TestSecondSecret shows that with a second secret nothing stored is of use for
// guesses: the right passphrase without it matches nothing (A56).
func TestSecondSecret(t *testing.T) {
	right, wrong := NewCode(), NewCode()
	a := NewAccount(quick("passphrase", floor, right))
	_, err := a.Locked().Unlock(quick("passphrase", floor, right))
	require.NoError(t, err)
	guess := quick("passphrase", floor, wrong)
	_, err = a.Locked().Unlock(guess)
	require.ErrorIs(t, err, ErrOpen)

	s := a.locked.slots[0]
	assert.NotEqual(t, s.id, guess.slot)
	assert.NotEqual(t, s.verifier, guess.verifier())
	assert.NotEqual(t, s.kem[:], guess.slotKEM().PublicKey().Bytes())
	assert.NotEqual(t, s.anchor[:], guess.anchor(a.ID(), s.statement()))
}

// TestHalves shows that the login half does not open anything: what package srp
// gets is not what the slot is sealed to (A55).
func TestHalves(t *testing.T) {
	for _, c := range []*Credential{quick("passphrase", floor, nil), NewCode().Credential(), device(1)} {
		h := secret.Open(c.credentialSecret)
		assert.False(t, secret.Equal(h.login, h.unlock))
		half := ring.HalfOf(c.Login())
		assert.False(t, secret.Equal(half.X, h.login))
		for _, wrong := range []halves{{h.login, h.login}, {h.unlock, half.X}} {
			a := NewAccount(c)
			mimic := *c
			mimic.credentialSecret = secret.Hide(wrong)
			_, err := a.Locked().Unlock(&mimic)
			assert.ErrorIs(t, err, ErrOpen)
		}
		if c.params != nil {
			assert.Zero(t, half.Slot)
			assert.Equal(t, c.Params().Bytes(), half.Params)
		} else {
			assert.Equal(t, c.slot, half.Slot)
		}
	}
}

// TestUnlockComparesPublicKeys has a slot that states another public key than
// the credential's, under the credential's own anchor, and is sealed to the
// right one all the same: it opens now, and the next change would seal it to
// somebody else.
func TestUnlockComparesPublicKeys(t *testing.T) {
	c := device(1)
	a := NewAccount(c)
	record := forge(a, func(l *LockedAccount) {
		s, key := l.slots[0], newSeed()
		copy(s.kem[:], device(66).slotKEM().PublicKey().Bytes())
		copy(s.anchor[:], c.anchor(l.id, s.statement()))
		sealed, err := box.SealTo(c.slotKEM().PublicKey(), label.AccountKeySlot, s.context(l.place()), secret.Open(key))
		require.NoError(t, err)
		s.sealed = sealed
		l.seeds = secret.Open(a.accountSecret).sealSeeds(key, l.place())
	})
	got, err := must(ParseLockedAccount(record, nil))(t).Unlock(c)
	assert.ErrorIs(t, err, ErrOpen)
	assert.Nil(t, got)
}

// TestFreshAccountKey shows that each record has an account key of its own: who
// knew one before a change opens nothing after it.
func TestFreshAccountKey(t *testing.T) {
	c := device(1)
	var seen []secret.Key
	a := NewAccount(c)
	for range 3 {
		s := a.locked.slots[0]
		seen = append(seen, must(s.open(a.locked.place(), c.slotKEM()))(t))
		for n, key := range append(seen, secret.New(make([]byte, 32))) {
			_, err := a.locked.open(key)
			assert.Equal(t, n == len(seen)-1, err == nil)
		}
		a = must(a.Rotate())(t)
	}
}

// TestSealedKeyIsBound moves sealed account keys to where nothing but their
// context is wrong: the key is right, and the seeds are sealed under it anew.
func TestSealedKeyIsBound(t *testing.T) {
	a, ways, trustee := inhabited(t)
	c, h := ways[1], secret.Open(a.accountSecret)
	key := must(a.locked.slots[1].open(a.locked.place(), c.slotKEM()))(t)
	next := must(a.Remove("phone"))(t)
	older := must(ParseLockedAccount(forge(next, func(l *LockedAccount) {
		for n, s := range l.slots {
			s.sealed = a.locked.slot(func(o *slot) bool { return o.label == s.label }).sealed
			l.slots[n] = s
		}
		l.seeds = h.sealSeeds(key, l.place())
	}), nil))(t)
	_, err := older.Unlock(c)
	assert.ErrorIs(t, err, ErrOpen, "of an older record")
	_, err = older.UnlockAsTrustee(trustee, a.ID())
	assert.ErrorIs(t, err, ErrOpen, "of an older record")

	renamed := must(ParseLockedAccount(forge(a, func(l *LockedAccount) {
		s := l.slots[1]
		s.label = "another"
		copy(s.anchor[:], c.anchor(l.id, s.statement()))
		l.slots[3].label = "other"
	}), nil))(t)
	_, err = renamed.Unlock(c)
	assert.ErrorIs(t, err, ErrOpen, "of another label")
	_, err = renamed.UnlockAsTrustee(trustee, a.ID())
	assert.ErrorIs(t, err, ErrOpen, "of another label")
}
