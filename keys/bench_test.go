package keys

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/hpke"
	"crypto/sha256"
	"testing"

	"golang.org/x/crypto/argon2"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/secret"
)

// Each benchmark stands beside the bare operations that it can't do without, so
// that a ratio can be read off one run.

func BenchmarkStretch(b *testing.B) {
	p := newParams(defaultCost, [32]byte{1}, false)
	jane := Login{"notes.example", "jane"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Stretch(jane, "correct horse battery staple", nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStretchParts(b *testing.B) {
	c := defaultCost
	salt := make([]byte, 32)
	b.ReportAllocs()
	for b.Loop() {
		argon2.IDKey([]byte("correct horse battery staple"), salt, c.Passes, c.Memory, c.Lanes, 32)
	}
}

func BenchmarkUnlock(b *testing.B) {
	c := device(1)
	l := NewAccount(c).Locked()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := l.Unlock(c); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUnlockParts derives two X-Wing key pairs and a signing key,
// decapsulates, and opens two boxes.
func BenchmarkUnlockParts(b *testing.B) {
	seed, long := newSeed(), make([]byte, 1800)
	pub := newKEM(seed).PublicKey()
	enc, _, err := hpke.NewSender(pub, hpke.HKDFSHA256(), hpke.ExportOnly(), nil)
	if err != nil {
		b.Fatal(err)
	}
	sealed := box.Seal(box.NewKey(seed), label.AccountKeySlot, long, long[:32])
	b.ReportAllocs()
	for b.Loop() {
		k := newKEM(box.Expand(seed, label.SlotKEM, seedSize))
		newKEM(box.Expand(seed, label.AccountKEM, seedSize))
		ed25519.NewKeyFromSeed(secret.Open(box.Expand(seed, label.AccountSign, seedSize)))
		r, err := hpke.NewRecipient(enc, k, hpke.HKDFSHA256(), hpke.ExportOnly(), nil)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := r.Export("", 32); err != nil {
			b.Fatal(err)
		}
		for range 2 {
			if _, err := box.Open(box.NewKey(seed), label.AccountKeySlot, long, sealed); err != nil {
				b.Fatal(err)
			}
		}
		hmac.New(sha256.New, long[:32]).Sum(long[:0:0])
		for range 3 {
			box.Expand(seed, label.AccountDocuments, 32)
		}
	}
}

// BenchmarkParseLockedAccount reads what BenchmarkUnlock unlocks.
func BenchmarkParseLockedAccount(b *testing.B) {
	record := NewAccount(device(1)).Locked().Bytes()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseLockedAccount(record, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseIdentity(b *testing.B) {
	i := NewAccount(device(1)).Identity()
	record := i.Bytes()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseIdentity(record, i.ID(), nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkParseIdentityParts verifies one signature and encapsulates once.
func BenchmarkParseIdentityParts(b *testing.B) {
	i := NewAccount(device(1)).Identity()
	record, kem := i.Bytes(), i.pub.KEM.Bytes()
	key := signingKey(someSeeds(1), 0)
	message := record[:statementSize]
	sig := ed25519.Sign(key, message)
	pub := key.Public().(ed25519.PublicKey)
	b.ReportAllocs()
	for b.Loop() {
		if !ed25519.Verify(pub, message, sig) {
			b.Fatal("not verified")
		}
		k, err := box.KEM().NewPublicKey(kem)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := hpke.NewSender(k, hpke.HKDFSHA256(), hpke.ExportOnly(), nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewAccount(b *testing.B) {
	c := device(1)
	b.ReportAllocs()
	for b.Loop() {
		NewAccount(c)
	}
}

// BenchmarkAdd makes a change of an account of four ways in.
func BenchmarkAdd(b *testing.B) {
	a, _, _ := inhabited(b)
	c := device(50)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.Add("one more", c); err != nil {
			b.Fatal(err)
		}
	}
}
