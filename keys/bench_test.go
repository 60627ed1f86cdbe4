package keys

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/hpke"
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/secret"
)

// What is measured stands beside the bare operations that it can't do without.
// BenchmarkRatio takes turns between the two, since the speed of a machine
// wanders: the metric "ratio" is that of the medians.

var jane = Login{"notes.example", "jane"}

func ok(b *testing.B, err error) {
	if err != nil {
		b.Fatal(err)
	}
}

func stretching(b *testing.B) func() {
	p := newParams(defaultCost, [32]byte{1}, false)
	return func() {
		_, err := p.Stretch(jane, "correct horse battery staple", nil)
		ok(b, err)
	}
}

func stretchingParts(*testing.B) func() {
	c, salt := defaultCost, make([]byte, 32)
	return func() {
		argon2.IDKey([]byte("correct horse battery staple"), salt, c.Passes, c.Memory, c.Lanes, 32)
	}
}

func unlocking(b *testing.B) func() {
	c := device(1)
	l := NewAccount(c).Locked()
	return func() {
		_, err := l.Unlock(c)
		ok(b, err)
	}
}

// unlockingParts derives two X-Wing key pairs and a signing key, decapsulates,
// and opens two boxes. Unlock has no signatures to check: parsing did.
func unlockingParts(b *testing.B) func() {
	seed, long := newSeed(), make([]byte, 1800)
	enc, _, err := hpke.NewSender(newKEM(seed).PublicKey(), hpke.HKDFSHA256(), hpke.ExportOnly(), nil)
	ok(b, err)
	sealed := box.Seal(box.NewKey(seed), label.AccountKeySlot, long, long[:32])
	return func() {
		k := newKEM(box.Expand(seed, label.SlotKEM, seedSize))
		newKEM(box.Expand(seed, label.AccountKEM, seedSize))
		ed25519.NewKeyFromSeed(secret.Open(box.Expand(seed, label.AccountSign, seedSize)))
		r, err := hpke.NewRecipient(enc, k, hpke.HKDFSHA256(), hpke.ExportOnly(), nil)
		ok(b, err)
		_, err = r.Export("", 32)
		ok(b, err)
		for range 2 {
			_, err := box.Open(box.NewKey(seed), label.AccountKeySlot, long, sealed)
			ok(b, err)
		}
		mac := hmac.New(sha256.New, long[:32])
		mac.Write(long)
		mac.Sum(nil)
		for range 3 {
			box.Expand(seed, label.AccountDocuments, 32)
		}
	}
}

func parsing(b *testing.B) func() {
	i := NewAccount(device(1)).Identity()
	record := i.Bytes()
	return func() {
		_, err := ParseIdentity(record, i.ID(), nil)
		ok(b, err)
	}
}

// parsingParts verifies one signature and encapsulates once.
func parsingParts(b *testing.B) func() {
	i := NewAccount(device(1)).Identity()
	kem, message := i.pub.KEM.Bytes(), i.Bytes()[:statementSize]
	key := signingKey(someSeeds(1), 0)
	sig, pub := ed25519.Sign(key, message), key.Public().(ed25519.PublicKey)
	return func() {
		if !ed25519.Verify(pub, message, sig) {
			b.Fatal("not verified")
		}
		k, err := box.KEM().NewPublicKey(kem)
		ok(b, err)
		_, _, err = hpke.NewSender(k, hpke.HKDFSHA256(), hpke.ExportOnly(), nil)
		ok(b, err)
	}
}

func run(b *testing.B, f func()) {
	b.ReportAllocs()
	for b.Loop() {
		f()
	}
}

func BenchmarkStretch(b *testing.B)            { run(b, stretching(b)) }
func BenchmarkStretchParts(b *testing.B)       { run(b, stretchingParts(b)) }
func BenchmarkUnlock(b *testing.B)             { run(b, unlocking(b)) }
func BenchmarkUnlockParts(b *testing.B)        { run(b, unlockingParts(b)) }
func BenchmarkParseIdentity(b *testing.B)      { run(b, parsing(b)) }
func BenchmarkParseIdentityParts(b *testing.B) { run(b, parsingParts(b)) }

func BenchmarkRatio(b *testing.B) {
	for _, c := range []struct {
		name        string
		what, parts func(*testing.B) func()
	}{
		{"Stretch", stretching, stretchingParts},
		{"Unlock", unlocking, unlockingParts},
		{"ParseIdentity", parsing, parsingParts},
	} {
		b.Run(c.name, func(b *testing.B) {
			both := [2]func(){c.what(b), c.parts(b)}
			var took [2][]time.Duration
			for n := 0; b.Loop(); n++ {
				for i := range both {
					i ^= n & 1
					start := time.Now()
					both[i]()
					took[i] = append(took[i], time.Since(start))
				}
			}
			b.ReportMetric(float64(median(took[0]))/float64(median(took[1])), "ratio")
		})
	}
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// BenchmarkParseLockedAccount reads what BenchmarkUnlock unlocks.
func BenchmarkParseLockedAccount(b *testing.B) {
	record := NewAccount(device(1)).Locked().Bytes()
	run(b, func() {
		_, err := ParseLockedAccount(record, nil)
		ok(b, err)
	})
}

func BenchmarkNewAccount(b *testing.B) {
	c := device(1)
	run(b, func() { NewAccount(c) })
}

// BenchmarkAdd makes a change of an account of four ways in.
func BenchmarkAdd(b *testing.B) {
	a, _, _ := inhabited(b)
	c := device(50)
	run(b, func() {
		_, err := a.Add("one more", c)
		ok(b, err)
	})
}
