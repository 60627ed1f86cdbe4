package keys

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"

	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/wire"
)

// fixedSeeds are the same in each process of a fuzzer, which hand inputs to each
// other.
func fixedSeeds(n byte) (seeds []secret.Key) {
	for i := range n {
		seeds = append(seeds, secret.New(bytes.Repeat([]byte{i + n}, seedSize)))
	}
	return seeds
}

// FuzzParseParams: accepted means re-encodes identically, and within the limits.
func FuzzParseParams(f *testing.F) {
	f.Add(newParams(defaultCost, [32]byte{1}, false).record)
	f.Add(newParams(Cost{Iterations: 600_000}, [32]byte{2}, true).record)
	f.Fuzz(func(t *testing.T, in []byte) {
		p, err := ParseParams(in, nil)
		if err != nil {
			named(t, p == nil, err, ErrMalformed, ErrNewer, ErrCost)
			return
		}
		if p.cost.check() != nil || !bytes.Equal(newParams(p.cost, p.salt, p.second).record, in) {
			t.Fatalf("%x: %v", in, p)
		}
	})
}

// named fails unless nothing came with err, and err is one of kinds.
func named(t *testing.T, nothing bool, err error, kinds ...error) {
	t.Helper()
	for _, kind := range kinds {
		if errors.Is(err, kind) && nothing {
			return
		}
	}
	t.Fatalf("%v, or something came with it", err)
}

func rewriteIdentity(record []byte) []byte {
	r := wire.Bare(record[wire.HeadingSize:])
	out := wire.AppendHeading(nil, wire.Identity)
	for first := true; !r.Empty(); first = false {
		out = readStatement(r).append(out)
		out = append(out, r.Bytes(ed25519.SignatureSize)...)
		if !first {
			out = append(out, r.Bytes(ed25519.SignatureSize)...)
		}
	}
	return out
}

// FuzzParseIdentity gives records as they are, and with the signatures made
// good, so that what stands behind them is reached.
func FuzzParseIdentity(f *testing.F) {
	seeds := fixedSeeds(2)
	for n := range 2 {
		record, _ := chain(seeds[:n+1], unchanged)
		f.Add(record, []byte{})
	}
	record, _ := chain(seeds[:1], unchanged)
	f.Add(record[:100], record[4:1000])
	f.Fuzz(func(t *testing.T, in, statement0 []byte) {
		parsedIdentity(t, in)
		forged, _ := chain(seeds, func(e int, s *statement) {
			if e == 0 && len(statement0) == statementSize {
				*s = *readStatement(wire.Bare(statement0))
				copy(s.sign[:], signingKey(seeds, 0).Public().(ed25519.PublicKey))
			}
		})
		parsedIdentity(t, forged)
	})
}

func parsedIdentity(t *testing.T, in []byte) {
	t.Helper()
	i, err := TrustFirst(in)
	if err != nil {
		named(t, i == nil, err, ErrMalformed, ErrNewer)
		return
	}
	if !bytes.Equal(rewriteIdentity(in), in) || !bytes.Equal(i.Bytes(), in) {
		t.Fatalf("%x", in)
	}
}

// FuzzParseLockedAccount gives records as they are, and as bodies that the
// account signs.
func FuzzParseLockedAccount(f *testing.F) {
	c, friend := device(1), newHolder(fixedSeeds(1), nil)
	h := newHolder(fixedSeeds(2), nil)
	a := must(h.lock(nil, []*slot{newSlot(h.pub, "phone", c), newTrusteeSlot(h.pub, "friend", &Identity{friend.pub})}))(f)
	a = must(a.Add("passphrase", quick("x", floor, nil)))(f)
	f.Add(a.Locked().Bytes())
	f.Add(a.locked.body())
	f.Add(forge(a, func(l *LockedAccount) { l.slots = l.slots[:1] }))
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, record := range [][]byte{in, signedBody(a, in)} {
			l, err := ParseLockedAccount(record, nil)
			if err != nil {
				named(t, l == nil, err, ErrMalformed, ErrNewer, ErrCost)
				continue
			}
			if again := append(l.body(), record[len(record)-ed25519.SignatureSize:]...); !bytes.Equal(again, record) || !bytes.Equal(l.Bytes(), record) {
				t.Fatalf("%x", record)
			}
			opened, err := l.Unlock(c)
			if err != nil {
				named(t, opened == nil, err, ErrOpen, ErrMismatch)
			} else if opened.ID() != l.id || !secret.Open(opened.accountSecret).holds() {
				t.Fatal("opened with other keys")
			}
		}
	})
}

// FuzzParseCode: what is accepted is what Show writes, but for the liberties of
// Section 2.6.
func FuzzParseCode(f *testing.F) {
	code := &Code{secret.New(bytes.Repeat([]byte{0xa5}, codeSize))}
	f.Add(code.Show())
	f.Add(strings.ToUpper(code.Show()))
	f.Add(strings.ReplaceAll(code.Show(), "-", " "))
	f.Add("0")
	f.Fuzz(func(t *testing.T, in string) {
		c, err := ParseCode(in)
		if err != nil {
			named(t, c == nil, err, ErrMalformed)
			return
		}
		if bare(c.Show()) != bare(in) {
			t.Fatalf("%q: %q", in, c.Show())
		}
	})
}

// bare undoes the liberties.
func bare(typed string) string {
	return strings.NewReplacer(" ", "", "-", "", "\t", "", "\r", "", "\n", "", "o", "0", "i", "1", "l", "1").Replace(strings.ToLower(typed))
}

// FuzzParseAccountID does the same, with and without check letters.
func FuzzParseAccountID(f *testing.F) {
	id := AccountID(bytes.Repeat([]byte{0x5a}, idSize))
	f.Add(id.Show())
	f.Add(id.String())
	f.Add(id.Fingerprint())
	f.Fuzz(func(t *testing.T, in string) {
		id, err := ParseAccountID(in)
		if err != nil {
			named(t, id == AccountID{}, err, ErrMalformed)
			return
		}
		if b := bare(in); b != bare(id.Show()) && b != id.String() {
			t.Fatalf("%q: %q", in, id)
		}
	})
}

// FuzzUnmarshalText: stored ids have one spelling.
func FuzzUnmarshalText(f *testing.F) {
	f.Add([]byte(AccountID{1, 2, 3}.String()))
	f.Add([]byte(strings.Repeat("o", 40)))
	f.Fuzz(func(t *testing.T, in []byte) {
		var id AccountID
		var group GroupID
		err, same := id.UnmarshalText(in), group.UnmarshalText(in)
		if (err == nil) != (same == nil) {
			t.Fatalf("%v, %v", err, same)
		}
		if err != nil {
			named(t, id == AccountID{} && group == GroupID{}, err, ErrMalformed)
			return
		}
		if id.String() != string(in) || group.String() != string(in) {
			t.Fatalf("%q", in)
		}
	})
}
