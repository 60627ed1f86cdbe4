package keys_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/keys"
)

// TestAddAndRemove walks through ways in that come and go without the secrets
// of the others (G9).
func TestAddAndRemove(t *testing.T) {
	pass, paper, phone := passphrase(t, "correct horse"), keys.NewCode().Credential(), device(1)
	a := keys.NewAccount(pass)
	a = try(t)(a.Add("paper", paper))
	a = try(t)(a.Add("phone", phone))
	for _, c := range []*keys.Credential{pass, paper, phone} {
		assert.True(t, opens(t, a.Locked().Bytes(), c))
	}
	assert.Equal(t, []string{"passphrase", "paper", "phone"}, labels(a))
	assert.Equal(t, uint64(3), a.Locked().Revision())

	// The phone is stolen: with the code alone, it is removed.
	l, err := keys.ParseLockedAccount(a.Locked().Bytes(), nil)
	require.NoError(t, err)
	byCode := try(t)(l.Unlock(paper))
	b := try(t)(byCode.Remove("phone"))
	assert.True(t, opens(t, b.Locked().Bytes(), pass))
	assert.True(t, opens(t, b.Locked().Bytes(), paper))
	assert.False(t, opens(t, b.Locked().Bytes(), phone))
	assert.True(t, opens(t, a.Locked().Bytes(), phone), "the old record is as it was")
	assert.Equal(t, []string{"passphrase", "paper", "phone"}, labels(byCode), "immutable")

	next, err := a.Locked().Next(b.Locked().Bytes())
	require.NoError(t, err)
	assert.Equal(t, a.ID(), next.ID())
}

func labels(a *keys.Account) (out []string) {
	for _, s := range a.Locked().Slots() {
		out = append(out, s.Label)
	}
	return out
}

func TestAddRefuses(t *testing.T) {
	phone := device(1)
	pass := passphrase(t, "correct horse")
	a := try(t)(keys.NewAccount(pass).Add("phone", phone))
	for label, c := range map[string]*keys.Credential{
		"phone":                 device(2),
		"the same again":        phone,
		"":                      device(2),
		strings.Repeat("x", 65): device(2),
		"tab\there":             device(2),
		"\xff":                  device(2),
		"\u202egnihsihp":        device(2),
		"second passphrase":     pass,
	} {
		got, err := a.Add(label, c)
		assert.ErrorIs(t, err, keys.ErrMalformed, label)
		assert.Regexp(t, "printable text|is a way in already", err.Error(), "it says what to do")
		assert.Nil(t, got)
	}
	for _, label := range []string{"家のパソコン", "👩‍👩‍👧", "Jane's \"phone\" 2", strings.Repeat("x", 64)} {
		got, err := a.Add(label, device(2))
		require.NoError(t, err)
		assert.Contains(t, labels(got), label)
	}
	got, err := a.AddTrustee("phone", keys.NewAccount(phone).Identity())
	assert.ErrorIs(t, err, keys.ErrMalformed)
	assert.Nil(t, got)
	got, err = a.AddTrustee("myself", a.Identity())
	assert.ErrorIs(t, err, keys.ErrMismatch)
	assert.Nil(t, got)
}

// TestLastWayIn shows that the last way in stays, a trustee or not.
func TestLastWayIn(t *testing.T) {
	a := keys.NewAccount(device(1))
	for _, a := range []*keys.Account{a, try(t)(a.AddTrustee("friend", keys.NewAccount(device(2)).Identity()))} {
		got, err := a.Remove("device")
		assert.ErrorIs(t, err, keys.ErrMismatch)
		assert.Nil(t, got)
		got, err = a.Remove("nothing")
		assert.ErrorIs(t, err, keys.ErrMismatch)
		assert.Nil(t, got)
	}
	both := try(t)(a.Add("paper", keys.NewCode().Credential()))
	assert.Equal(t, []string{"paper"}, labels(try(t)(both.Remove("device"))))
}

func TestSetPassphrase(t *testing.T) {
	old, next := passphrase(t, "correct horse"), passphrase(t, "battery staple")
	a := try(t)(keys.NewAccount(old).Add("phone", device(1)))
	b := try(t)(a.SetPassphrase(next))
	assert.Equal(t, []string{"passphrase", "phone"}, labels(b))
	assert.True(t, opens(t, b.Locked().Bytes(), next))
	assert.True(t, opens(t, b.Locked().Bytes(), device(1)))
	_, err := b.Locked().Unlock(old)
	assert.ErrorIs(t, err, keys.ErrParams, "stretch again, with what the record says")

	got, err := a.SetPassphrase(device(2))
	assert.ErrorIs(t, err, keys.ErrMismatch)
	assert.Nil(t, got)

	// The old record comes back: a device that has seen the new one refuses.
	_, err = keys.ParseLockedAccount(a.Locked().Bytes(), b.Locked())
	assert.ErrorIs(t, err, keys.ErrRollback)

	added := try(t)(keys.NewAccount(device(1)).SetPassphrase(next))
	assert.Equal(t, []string{"device", "passphrase"}, labels(added))
}

// TestCheaperPassphrase shows that guesses don't get cheaper unasked.
func TestCheaperPassphrase(t *testing.T) {
	second := keys.NewCode()
	make := func(c keys.Cost, second *keys.Code) *keys.Credential {
		t.Helper()
		made, err := keys.NewPassphrase(jane, "correct horse", c, second)
		require.NoError(t, err)
		return made
	}
	dearer := keys.Cost{Memory: 20 << 10, Passes: 3, Lanes: 1}
	first := make(dearer, second)
	a := keys.NewAccount(first)
	for name, c := range map[string]*keys.Credential{
		"less memory":   make(keys.Cost{Memory: 19 << 10, Passes: 3, Lanes: 1}, second),
		"fewer passes":  make(keys.Cost{Memory: 20 << 10, Passes: 2, Lanes: 1}, second),
		"another kind":  make(keys.Cost{Iterations: 600_000}, second),
		"second secret": make(dearer, nil),
	} {
		for _, set := range []func(*keys.Credential) (*keys.Account, error){a.SetPassphrase, a.SetPassphraseAndRotate} {
			got, err := set(c)
			assert.ErrorIs(t, err, keys.ErrParams, name)
			assert.Nil(t, got, name)
		}
		b := try(t)(a.SetCheaperPassphrase(c))
		assert.True(t, opens(t, b.Locked().Bytes(), c), name)
		try(t)(b.SetPassphrase(first)) // and dearer again
	}
	try(t)(a.SetPassphrase(make(keys.Cost{Memory: 21 << 10, Passes: 3, Lanes: 2}, keys.NewCode())))
}

// TestRotate shows that new keys can't be had from old ones, and old ones from
// new ones can.
func TestRotate(t *testing.T) {
	phone := device(1)
	a := keys.NewAccount(phone)
	b := try(t)(a.Rotate())
	assert.Equal(t, a.ID(), b.ID())
	assert.Equal(t, uint32(1), b.Identity().Epoch())
	assert.True(t, opens(t, b.Locked().Bytes(), phone))

	next, err := keys.ParseIdentity(b.Identity().Bytes(), a.ID(), a.Identity())
	require.NoError(t, err)
	assert.NotEqual(t, a.Identity().Public().KEM.Bytes(), next.Public().KEM.Bytes())
	assert.NotEqual(t, a.Identity().Public().Epochs[0].Sign, next.Public().Epochs[1].Sign)

	_, err = ring.Of(a.Ring()).DocumentKey(1)
	assert.ErrorIs(t, err, keys.ErrBehind)
	for epoch := range uint32(2) {
		_, err = ring.Of(b.Ring()).DocumentKey(epoch)
		assert.NoError(t, err)
	}
}

// TestLeakedPassphrase plays the thief who has the old passphrase and every old
// record: nothing new opens (A19).
func TestLeakedPassphrase(t *testing.T) {
	leaked, next := passphrase(t, "leaked"), passphrase(t, "new")
	a := try(t)(keys.NewAccount(leaked).Add("paper", device(1)))
	b := try(t)(a.SetPassphraseAndRotate(next))
	assert.Equal(t, uint64(3), b.Locked().Revision(), "one change")
	assert.Equal(t, uint32(1), b.Identity().Epoch())
	assert.True(t, opens(t, b.Locked().Bytes(), next))
	assert.True(t, opens(t, b.Locked().Bytes(), device(1)))
	assert.False(t, opens(t, b.Locked().Bytes(), leaked))

	thief := try(t)(a.Locked().Unlock(leaked)) // what is old stays lost
	_, err := thief.Update(b.Locked().Bytes())
	assert.ErrorIs(t, err, keys.ErrBehind)
	_, err = ring.Of(thief.Ring()).DocumentKey(1)
	assert.ErrorIs(t, err, keys.ErrBehind)
	forged := try(t)(thief.SetPassphrase(leaked)).Locked().Bytes()
	_, err = b.Locked().Next(forged)
	assert.ErrorIs(t, err, keys.ErrFork)
	_, err = b.Locked().Next(try(t)(try(t)(thief.Rotate()).Rotate()).Locked().Bytes())
	assert.ErrorIs(t, err, keys.ErrFork, "the old keys start no other history")

	got, err := a.SetPassphraseAndRotate(device(3))
	assert.ErrorIs(t, err, keys.ErrMismatch)
	assert.Nil(t, got)
}

func TestUpdate(t *testing.T) {
	a := keys.NewAccount(device(1))
	elsewhere := try(t)(a.Add("paper", device(2)))
	b := try(t)(a.Update(elsewhere.Locked().Bytes()))
	assert.Equal(t, elsewhere.Locked().Bytes(), b.Locked().Bytes())
	c := try(t)(b.Remove("device")) // on top of the other device's change
	assert.Equal(t, []string{"paper"}, labels(c))
	assert.True(t, opens(t, c.Locked().Bytes(), device(2)))

	for name, v := range map[string]struct {
		record []byte
		want   error
	}{
		"older":         {a.Locked().Bytes(), keys.ErrRollback},
		"other branch":  {try(t)(a.Rotate()).Locked().Bytes(), keys.ErrFork},
		"new keys":      {try(t)(b.Rotate()).Locked().Bytes(), keys.ErrBehind},
		"other account": {keys.NewAccount(device(1)).Locked().Bytes(), keys.ErrMismatch},
		"nonsense":      {nil, keys.ErrMalformed},
	} {
		got, err := b.Update(v.record)
		assert.ErrorIs(t, err, v.want, name)
		assert.Nil(t, got, name)
	}
}

func TestTrustee(t *testing.T) {
	owner := keys.NewAccount(device(1))
	friend, stranger := keys.NewAccount(device(2)), keys.NewAccount(device(3))
	a := try(t)(owner.AddTrustee("my friend", friend.Identity()))
	slot := a.Locked().Slots()[1]
	assert.NotZero(t, slot.ID)
	slot.ID = [16]byte{}
	assert.Equal(t, keys.Slot{Label: "my friend", Kind: "trustee", Trustee: friend.ID()}, slot)

	got := try(t)(a.Locked().UnlockAsTrustee(friend, owner.ID()))
	assert.Equal(t, owner.ID(), got.ID())
	recovered := try(t)(got.Add("new phone", device(9)))
	recovered = try(t)(recovered.Rotate())
	assert.True(t, opens(t, recovered.Locked().Bytes(), device(9)))

	for name, v := range map[string]struct {
		me    *keys.Account
		owner keys.AccountID
		want  error
	}{
		"not a trustee":          {stranger, owner.ID(), keys.ErrMismatch},
		"the owner":              {owner, owner.ID(), keys.ErrMismatch},
		"record of someone else": {friend, stranger.ID(), keys.ErrMismatch},
		"rotated since":          {try(t)(friend.Rotate()), owner.ID(), nil},
	} {
		got, err := a.Locked().UnlockAsTrustee(v.me, v.owner)
		if v.want == nil {
			assert.NoError(t, err, name)
			continue
		}
		assert.ErrorIs(t, err, v.want, name)
		assert.Nil(t, got, name)
	}
	rotated := try(t)(friend.Rotate())
	b := try(t)(owner.AddTrustee("my friend", rotated.Identity()))
	_, err := b.Locked().UnlockAsTrustee(friend, owner.ID())
	assert.ErrorIs(t, err, keys.ErrBehind, "the trustee's own news are missing")
	try(t)(b.Locked().UnlockAsTrustee(rotated, owner.ID()))

	gone := try(t)(a.Remove("my friend"))
	_, err = gone.Locked().UnlockAsTrustee(friend, owner.ID())
	assert.ErrorIs(t, err, keys.ErrMismatch)
}

// TestVerifier is what package srp asks a record for.
func TestVerifier(t *testing.T) {
	pass := passphrase(t, "correct horse")
	friend := keys.NewAccount(device(8))
	a := try(t)(keys.NewAccount(pass).Add("phone", device(1)))
	a = try(t)(a.AddTrustee("friend", friend.Identity()))
	v, ok := a.Locked().Verifier(ring.SlotID{})
	require.True(t, ok)
	assert.Equal(t, ring.Passphrase, v.Kind)
	assert.Equal(t, pass.Params().Bytes(), v.Params)
	v, ok = a.Locked().Verifier(ring.HalfOf(device(1).Login()).Slot)
	require.True(t, ok)
	assert.Equal(t, ring.Device, v.Kind)
	_, ok = a.Locked().Verifier(ring.HalfOf(device(2).Login()).Slot)
	assert.False(t, ok)
	_, ok = keys.NewAccount(device(1)).Locked().Verifier(ring.SlotID{})
	assert.False(t, ok, "no passphrase")
}

// TestServerOffers shows that nothing a server sends becomes a recipient: the
// record it changed is refused before a rotation would seal to it (A08, A09).
func TestServerOffers(t *testing.T) {
	a := try(t)(keys.NewAccount(device(1)).Add("paper", device(2)))
	evil := try(t)(keys.NewAccount(device(66)).Add("paper", device(67)))
	mine, theirs := a.Locked().Bytes(), evil.Locked().Bytes()
	const tail = 64
	spliced := append(append([]byte{}, mine[:len(mine)-tail-3000]...), theirs[len(theirs)-tail-3000:]...)
	_, err := a.Update(spliced)
	assert.ErrorIs(t, err, keys.ErrMalformed)
	b := try(t)(a.Rotate()) // the account goes on with what it has
	assert.True(t, opens(t, b.Locked().Bytes(), device(1)))
	assert.False(t, opens(t, b.Locked().Bytes(), device(67)))
}
