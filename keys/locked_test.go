package keys

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/modexp"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/wire"
)

// TestRecordRules signs records that break one rule each: all are refused, and
// by every reader of records.
func TestRecordRules(t *testing.T) {
	a, _, _ := inhabited(t)
	one := make([]byte, verifierSize)
	one[verifierSize-1] = 1
	n := modexp.Group3072().N()
	nMinus1 := flip(n, -1) // N is odd
	at := func(i int, change func(s *slot)) []byte {
		return forge(a, func(l *LockedAccount) { change(l.slots[i]) })
	}
	params := func(change func(p []byte)) []byte {
		return at(0, func(s *slot) { s.subject = bytes.Clone(s.subject); change(s.subject) })
	}
	body := a.locked.body()
	for name, c := range map[string]struct {
		record []byte
		want   error
	}{
		"revision 0":               {forge(a, func(l *LockedAccount) { l.revision = 0 }), ErrMalformed},
		"a record before too few":  {forge(a, func(l *LockedAccount) { l.history = l.history[1:] }), ErrMalformed},
		"a record before too many": {forge(a, func(l *LockedAccount) { l.history = append(l.history, [32]byte{}) }), ErrMalformed},
		"another id":               {forge(a, func(l *LockedAccount) { l.id[0] ^= 1 }), ErrMalformed},
		"no slots":                 {forge(a, func(l *LockedAccount) { l.slots = nil }), ErrMalformed},
		"33 slots":                 {forge(a, func(l *LockedAccount) { l.slots = crowd(l.slots[2], slotLimit+1) }), ErrMalformed},
		"two passphrases": {forge(a, func(l *LockedAccount) {
			l.slots = append(l.slots, newSlot(l.identity.pub, "second", quick("x", floor, nil)).ready())
		}), ErrMalformed},
		"a label twice":               {at(1, func(s *slot) { s.label = "phone" }), ErrMalformed},
		"an id twice":                 {at(1, func(s *slot) { s.id = a.locked.slots[2].id }), ErrMalformed},
		"id zero":                     {at(1, func(s *slot) { s.id = ring.SlotID{} }), ErrMalformed},
		"kind 0":                      {at(1, func(s *slot) { s.kind = 0 }), ErrMalformed},
		"kind 5":                      {at(1, func(s *slot) { s.kind = 5 }), ErrMalformed},
		"a code with parameters":      {at(1, func(s *slot) { s.subject = a.locked.slots[0].subject }), ErrMalformed},
		"a device with a subject":     {at(2, func(s *slot) { s.subject = []byte{0} }), ErrMalformed},
		"a passphrase without":        {at(0, func(s *slot) { s.subject = nil }), ErrMalformed},
		"no label":                    {at(1, func(s *slot) { s.label = "" }), ErrMalformed},
		"a label of 65 bytes":         {at(1, func(s *slot) { s.label = strings.Repeat("x", 65) }), ErrMalformed},
		"a label with a line break":   {at(1, func(s *slot) { s.label = "a\nb" }), ErrMalformed},
		"a label that turns":          {at(1, func(s *slot) { s.label = "a\u202eb" }), ErrMalformed},
		"a label not UTF-8":           {at(1, func(s *slot) { s.label = "\xff" }), ErrMalformed},
		"verifier 0":                  {at(1, func(s *slot) { s.verifier = make([]byte, verifierSize) }), ErrMalformed},
		"verifier 1":                  {at(1, func(s *slot) { s.verifier = one }), ErrMalformed},
		"verifier N-1":                {at(1, func(s *slot) { s.verifier = nMinus1 }), ErrMalformed},
		"verifier N":                  {at(1, func(s *slot) { s.verifier = n }), ErrMalformed},
		"verifier short":              {at(1, func(s *slot) { s.verifier = s.verifier[1:] }), ErrMalformed},
		"no verifier":                 {at(1, func(s *slot) { s.verifier = nil }), ErrMalformed},
		"a trustee's verifier":        {at(3, func(s *slot) { s.verifier = a.locked.slots[0].verifier }), ErrMalformed},
		"a trustee's anchor":          {at(3, func(s *slot) { s.anchor[31] = 1 }), ErrMalformed},
		"a trustee's id":              {at(3, func(s *slot) { s.id[0] ^= 1 }), ErrMalformed},
		"a trustee of another person": {at(3, func(s *slot) { s.subject = flip(s.subject, 0) }), ErrMalformed},
		"a trustee without epoch":     {at(3, func(s *slot) { s.subject = s.subject[:idSize] }), ErrMalformed},
		"parameters of another kind":  {params(func(p []byte) { p[2] = 'I' }), ErrMalformed},
		"parameters of version 2":     {params(func(p []byte) { p[3] = 2 }), ErrNewer},
		"form 2":                      {params(func(p []byte) { p[4] = 2 }), ErrNewer},
		"form 0":                      {params(func(p []byte) { p[4] = 0 }), ErrMalformed},
		"kdf 3":                       {params(func(p []byte) { p[5] = 3 }), ErrMalformed},
		"second 2":                    {params(func(p []byte) { p[51] = 2 }), ErrMalformed},
		"1 KiB of memory":             {params(func(p []byte) { copy(p[6:10], []byte{0, 0, 0, 1}) }), ErrCost},
		"17 passes":                   {params(func(p []byte) { p[13] = 17 }), ErrCost},
		"a byte behind the slots":     {signedBody(a, append(bytes.Clone(body), 0)), ErrMalformed},
		"cut before the signature":    {signedBody(a, body[:len(body)-1]), ErrMalformed},
		"seeds empty":                 {forge(a, func(l *LockedAccount) { l.seeds = nil }), ErrMalformed},
		"seeds too long":              {forge(a, func(l *LockedAccount) { l.seeds = random(seedsLimit + 1) }), ErrMalformed},
		"no identity":                 {forge(a, func(l *LockedAccount) { l.identity = withRecord(l, nil) }), ErrMalformed},
		"identity of somebody else":   {forge(a, func(l *LockedAccount) { l.identity = NewAccount(device(5)).Identity() }), ErrMalformed},
		"identity cut":                {forge(a, func(l *LockedAccount) { l.identity = withRecord(l, l.identity.Bytes()[:1000]) }), ErrMalformed},
		"identity of version 2":       {forge(a, func(l *LockedAccount) { r := l.identity.Bytes(); r[3] = 2; l.identity = withRecord(l, r) }), ErrNewer},
	} {
		got, err := ParseLockedAccount(c.record, nil)
		assert.ErrorIs(t, err, c.want, name)
		assert.Nil(t, got, name)
		got, err = a.Locked().Next(c.record)
		assert.Error(t, err, name)
		assert.Nil(t, got, name)
		updated, err := a.Update(c.record)
		assert.Error(t, err, name)
		assert.Nil(t, updated, name)
	}
}

// crowd returns n slots that differ from s in label and id.
func crowd(s *slot, n int) (out []*slot) {
	for i := range n {
		c := *s
		c.label, c.id[0] = strings.Repeat("x", i+1), byte(i)
		out = append(out, &c)
	}
	return out
}

// ready gives a slot something in the place of the sealed key.
func (s *slot) ready() *slot { s.sealed = make([]byte, sealedKeySize); return s }

func withRecord(l *LockedAccount, record []byte) *Identity {
	pub := *l.identity.pub
	pub.Record = record
	return &Identity{&pub}
}

// TestCrowdedRecord shows that the limits themselves are within the limits.
func TestCrowdedRecord(t *testing.T) {
	a := NewAccount(device(0))
	l := must(ParseLockedAccount(forge(a, func(l *LockedAccount) { l.slots = crowd(l.slots[0], slotLimit) }), nil))(t)
	assert.Len(t, l.Slots(), slotLimit)
	full := &Account{a.accountSecret, l}
	got, err := full.Add("one more", device(1))
	assert.ErrorIs(t, err, ErrMalformed)
	assert.ErrorContains(t, err, "at most 32")
	assert.Nil(t, got)
}

// TestSignature shows that only the newest key signs, and only over a record
// (A04).
func TestSignature(t *testing.T) {
	a := must(NewAccount(device(1)).Rotate())(t)
	seeds := secret.Open(a.accountSecret).seeds
	body := a.locked.body()
	newest, old, evil := signingKey(seeds, 1), signingKey(seeds, 0), signingKey([]secret.Key{newSeed()}, 0)
	for name, signature := range map[string][]byte{
		"":              ed25519.Sign(newest, signedRecord(body)),
		"the old key":   ed25519.Sign(old, signedRecord(body)),
		"somebody else": ed25519.Sign(evil, signedRecord(body)),
		"no label":      ed25519.Sign(newest, body),
		"another label": ed25519.Sign(newest, append(wire.Join([]byte("sealkin/v1/group/entry-signature")), body...)),
		"zeros":         make([]byte, 64),
		"S + L":         plusL(ed25519.Sign(newest, signedRecord(body))),
		"none":          nil,
	} {
		_, err := ParseLockedAccount(append(bytes.Clone(body), signature...), nil)
		if name == "" {
			require.NoError(t, err)
			continue
		}
		assert.ErrorIs(t, err, ErrMalformed, name)
	}
}

// TestEveryByteCounts flips a bit of every third byte of a record, and cuts it:
// refused before any key is asked, with nothing returned.
func TestEveryByteCounts(t *testing.T) {
	a, _, _ := inhabited(t)
	record := a.Locked().Bytes()
	step := 3
	if testing.Short() {
		step = 13
	}
	for i := int(record[100]) % step; i < len(record); i += step { // the record is random, so that all are met in the end
		record[i] ^= 1 << (i % 8)
		got, err := ParseLockedAccount(record, nil)
		record[i] ^= 1 << (i % 8)
		require.Nil(t, got, i)
		require.True(t, errors.Is(err, ErrMalformed) || errors.Is(err, ErrNewer) || errors.Is(err, ErrCost), i)
	}
	for i := 0; i < len(record); i += 7 {
		_, err := ParseLockedAccount(record[:i], nil)
		require.ErrorIs(t, err, ErrMalformed)
	}
	_, err := ParseLockedAccount(append(record, 0), nil)
	require.ErrorIs(t, err, ErrMalformed)
}

// TestHeading names the future and other kinds of records.
func TestHeading(t *testing.T) {
	a := NewAccount(device(1))
	for _, c := range []struct {
		index int
		value byte
		want  error
	}{
		{0, 'S', ErrMalformed}, {1, 'K', ErrMalformed}, {2, 'I', ErrMalformed}, {2, 'P', ErrMalformed},
		{3, 0, ErrMalformed}, {3, 2, ErrNewer}, {3, 255, ErrNewer},
	} {
		record := a.Locked().Bytes()
		record[c.index] = c.value
		_, err := ParseLockedAccount(record, nil)
		assert.ErrorIs(t, err, c.want)
	}
	_, err := ParseLockedAccount(a.Identity().Bytes(), nil)
	assert.ErrorIs(t, err, ErrMalformed)
	_, err = ParseLockedAccount(make([]byte, lockedLimit+1), nil)
	assert.ErrorIs(t, err, ErrMalformed)
}

// TestSeen shows a device with a copy of each revision every other record: of
// the past, of the future, of another branch and of another account (A50).
func TestSeen(t *testing.T) {
	line := func(first *Account, n int) []*Account {
		accounts := []*Account{first}
		for i := range n {
			label := strings.Repeat("x", 1+i/2%5)
			if i%2 == 0 {
				first = must(first.Add(label, NewCode().Credential()))(t)
			} else {
				first = must(first.Remove(label))(t)
			}
			accounts = append(accounts, first)
		}
		return accounts
	}
	trunk := line(NewAccount(device(1)), 70)
	branch := append(slices.Clone(trunk[:3]), line(trunk[2], 68)[1:]...)
	stranger := NewAccount(device(1))
	for seen := 0; seen < len(trunk); seen += 6 {
		pin := trunk[seen].Locked()
		for r := range trunk {
			_, err := ParseLockedAccount(trunk[r].Locked().Bytes(), pin)
			switch {
			case r < seen:
				require.ErrorIs(t, err, ErrRollback)
			case r-seen > historyLimit:
				require.ErrorIs(t, err, ErrBehind)
			default:
				require.NoError(t, err)
			}
			_, err = ParseLockedAccount(branch[r].Locked().Bytes(), pin)
			switch {
			case r < seen:
				require.ErrorIs(t, err, ErrRollback)
			case r-seen > historyLimit:
				require.ErrorIs(t, err, ErrBehind)
			case seen > 2:
				require.ErrorIs(t, err, ErrFork, "%d %d", seen, r)
			default: // no fork yet
				require.NoError(t, err)
			}
		}
	}
	_, err := ParseLockedAccount(stranger.Locked().Bytes(), trunk[0].Locked())
	assert.ErrorIs(t, err, ErrMismatch)
}

// TestSeenHistory signs successors that name the right record before them and
// other ones before that.
func TestSeenHistory(t *testing.T) {
	a := NewAccount(device(1))
	for range 3 {
		a = must(a.SetCheaperPassphrase(quick("x", floor, nil)))(t)
	}
	next := must(a.SetCheaperPassphrase(quick("y", floor, nil)))(t)
	for n := range next.locked.history {
		_, err := a.Locked().Next(forge(next, func(l *LockedAccount) { l.history[n][31] ^= 1 }))
		assert.ErrorIs(t, err, ErrFork)
	}
	_, err := a.Locked().Next(next.Locked().Bytes())
	assert.NoError(t, err)
}

// TestForksOfKeys shows that new keys are pinned however many records were
// missed.
func TestForksOfKeys(t *testing.T) {
	a := NewAccount(device(1))
	mine, theirs := must(a.Rotate())(t), must(a.Rotate())(t)
	far := forge(theirs, func(l *LockedAccount) { l.revision = 1000; l.history = make([][32]byte, historyLimit) })
	_, err := ParseLockedAccount(far, mine.Locked())
	assert.ErrorIs(t, err, ErrFork)
	stolen := forge(a, func(l *LockedAccount) { l.revision = 1000; l.history = make([][32]byte, historyLimit) })
	_, err = ParseLockedAccount(stolen, mine.Locked())
	assert.ErrorIs(t, err, ErrRollback, "signed by the keys that were rotated away")
}

// TestNext is the server's check.
func TestNext(t *testing.T) {
	a := NewAccount(device(1))
	b := must(a.Add("paper", NewCode().Credential()))(t)
	c := must(b.Rotate())(t)
	for name, v := range map[string]struct {
		from, to *Account
		want     error
	}{
		"next":        {a, b, nil},
		"next, keys":  {b, c, nil},
		"same":        {b, b, ErrRollback},
		"before":      {b, a, ErrRollback},
		"after next":  {a, c, ErrBehind},
		"another one": {a, NewAccount(device(1)), ErrMismatch},
		"a fork":      {b, must(must(a.Add("other", NewCode().Credential()))(t).Rotate())(t), ErrFork},
	} {
		got, err := v.from.Locked().Next(v.to.Locked().Bytes())
		if v.want == nil {
			require.NoError(t, err, name)
			assert.Equal(t, v.to.Locked().Bytes(), got.Bytes(), name)
			continue
		}
		assert.ErrorIs(t, err, v.want, name)
		assert.Nil(t, got, name)
	}
}

// TestLastRevision shows that the counter does not wrap.
func TestLastRevision(t *testing.T) {
	a := NewAccount(device(1))
	l := must(ParseLockedAccount(forge(a, func(l *LockedAccount) {
		l.revision, l.history = 1<<32-1, make([][32]byte, historyLimit)
	}), nil))(t)
	_, err := (&Account{a.accountSecret, l}).Rotate()
	assert.ErrorIs(t, err, ErrMalformed)
	_, err = ParseLockedAccount(forge(a, func(l *LockedAccount) {
		l.revision, l.history = 1<<32, make([][32]byte, historyLimit)
	}), nil)
	assert.ErrorIs(t, err, ErrMalformed)
}

// TestNoLogin shows that neither a trustee nor a passphrase under its slot's id
// can be asked for a verifier.
func TestNoLogin(t *testing.T) {
	a, _, _ := inhabited(t)
	for n, s := range a.locked.slots {
		_, ok := a.Locked().Verifier(s.id)
		assert.Equal(t, n == 1 || n == 2, ok)
	}
}
