package keys

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/wire"
)

// What is here makes records that are signed as they should be and wrong all
// the same, so that the checks behind a signature are reached.

var floor = Cost{Memory: memoryFloor, Passes: passesFloor, Lanes: 1}

// quick makes the credential of a passphrase without the slow hash. The salt is
// fixed, so that the same arguments give the same credential.
func quick(passphrase string, c Cost, second *Code) *Credential {
	p := newParams(c, sha256.Sum256([]byte("salt")), second != nil)
	ikm := sha256.Sum256([]byte(passphrase))
	var salt []byte
	if second != nil {
		salt = secret.Reveal(second.codeSecret)
	}
	return newCredential(ring.Passphrase, box.Extract(salt, secret.New(ikm[:])), p)
}

func device(fill byte) *Credential { return Device([32]byte{0: fill, 31: 1}) }

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		require.NoError(t, err)
		return v
	}
}

// draft returns a copy of a's record in which everything may be changed.
func draft(a *Account) *LockedAccount {
	l := *a.locked
	l.history = slices.Clone(l.history)
	l.seeds = slices.Clone(l.seeds)
	l.slots = nil
	for _, s := range a.locked.slots {
		c := *s
		l.slots = append(l.slots, &c)
	}
	return &l
}

// signed encodes l with a signature of a's newest key.
func signed(a *Account, l *LockedAccount) []byte { return signedBody(a, l.body()) }

func signedBody(a *Account, body []byte) []byte {
	return append(slices.Clone(body), ed25519.Sign(secret.Open(a.accountSecret).sign, signedRecord(body))...)
}

// forge signs a's record with something changed.
func forge(a *Account, change func(l *LockedAccount)) []byte {
	l := draft(a)
	change(l)
	return signed(a, l)
}

// reseal seals seeds, and to every slot of l as it is now.
func reseal(t testing.TB, l *LockedAccount, seeds ...secret.Key) {
	t.Helper()
	key := newSeed()
	for n, s := range l.slots {
		next, err := s.resealed(l.place(), key)
		require.NoError(t, err)
		l.slots[n] = next
	}
	l.seeds = (&holder{seeds: seeds}).sealSeeds(key, l.place())
}

// forgeAndReseal signs a's record with something changed, when everything in it
// was sealed anew, as somebody with the keys of the account can.
func forgeAndReseal(t testing.TB, a *Account, change func(l *LockedAccount)) []byte {
	t.Helper()
	return forge(a, func(l *LockedAccount) {
		change(l)
		reseal(t, l, secret.Open(a.accountSecret).seeds...)
	})
}

// chain makes the identity of seeds, with each statement changed before it is
// signed.
func chain(seeds []secret.Key, change func(epoch int, s *statement)) (record []byte, id AccountID) {
	record = wire.AppendHeading(nil, wire.Identity)
	var before *statement
	for e := range seeds {
		s := newStatement(uint32(e), signingKey(seeds, e), kemOf(seeds, e))
		if before != nil {
			s.previous = before.hash()
		}
		change(e, s)
		if before == nil {
			id = s.accountID()
		}
		record = append(s.append(record), ed25519.Sign(signingKey(seeds, e), s.signed(label.StatementSelf, id))...)
		if before != nil {
			record = append(record, ed25519.Sign(signingKey(seeds, e-1), s.signed(label.StatementSuccession, id))...)
		}
		before = s
	}
	return record, id
}

func unchanged(int, *statement) {}

func someSeeds(n int) (seeds []secret.Key) {
	for range n {
		seeds = append(seeds, newSeed())
	}
	return seeds
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// flip returns b with a bit of its byte at i changed; a negative i counts from
// the end.
func flip(b []byte, i int) []byte {
	b = slices.Clone(b)
	b[(i+len(b))%len(b)] ^= 1
	return b
}
