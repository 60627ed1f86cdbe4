package keys

import (
	"bytes"
	"crypto/ed25519"
	"slices"
	"testing"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/vectors"
)

func makeIdentities(t *testing.T) (out []identityVector) {
	seeds := someSeeds(3)
	full, id := chain(seeds, unchanged)
	for n := range 3 {
		record, _ := chain(seeds[:n+1], unchanged)
		v := identityVector{Name: "epochs: " + string(rune('1'+n)), Epochs: epochsOf(seeds[:n+1]), WantID: id[:], Record: record}
		if n > 0 {
			v.Seen = out[n-1].Record
		}
		out = append(out, v)
	}
	bad := func(name string, record, seen []byte, want string) {
		out = append(out, identityVector{Name: name, WantID: id[:], Seen: seen, Record: record, Want: want})
	}
	changed := func(n, epoch int, change func(s *statement)) []byte {
		record, id := chain(seeds[:n], func(e int, s *statement) {
			if e == epoch {
				change(s)
			}
		})
		if epoch == 0 { // it is another account then, and has to be asked for as such
			out = append(out, identityVector{WantID: id[:]})
		}
		return record
	}
	badFirst := func(name string, change func(s *statement), want string) {
		record := changed(1, 0, change)
		v := &out[len(out)-1]
		v.Name, v.Record, v.Want = name, record, want
	}
	fork, _ := chain([]secret.Key{seeds[0], newSeed()}, unchanged)
	stranger, _ := chain(someSeeds(1), unchanged)
	one := out[0].Record
	const signature = 4 + statementSize
	bad("somebody else", stranger, nil, "mismatch")
	bad("fewer epochs than seen", one, full, "rollback")
	bad("another epoch than seen", fork, full, "fork")
	bad("version 2", slices.Concat([]byte("skI\x02"), one[4:]), nil, "newer")
	bad("another kind", slices.Concat([]byte("skA\x01"), one[4:]), nil, "malformed")
	bad("cut", one[:len(one)-1], nil, "malformed")
	bad("a byte behind", append(bytes.Clone(one), 0), nil, "malformed")
	bad("no statement", one[:4], nil, "malformed")
	bad("R changed", flip(one, signature), nil, "malformed")
	bad("S plus L", slices.Concat(one[:signature], plusL(one[signature:])), nil, "malformed")
	bad("succession changed", flip(full, -1), nil, "malformed")
	bad("statement of version 2", changed(2, 1, func(s *statement) { s.version = 2 }), nil, "newer")
	bad("a gap in the epochs", changed(2, 1, func(s *statement) { s.epoch = 2 }), nil, "malformed")
	bad("another one before", changed(2, 1, func(s *statement) { s.previous[0] ^= 1 }), nil, "malformed")
	badFirst("something before the first", func(s *statement) { s.previous[0] = 1 }, "malformed")
	badFirst("ML-KEM key not reduced", func(s *statement) { copy(s.kem[:], []byte{0xff, 0xff, 0xff}) }, "malformed")
	badFirst("X25519 key of low order", func(s *statement) { copy(s.kem[box.PublicKeySize-32:], make([]byte, 32)) }, "malformed")
	for _, y := range smallOrder {
		badFirst("signing key of small order", func(s *statement) { s.sign = y }, "malformed")
		record := out[len(out)-1].Record // under a key of order 1, this signature fits
		copy(record[signature:], slices.Concat([]byte{1}, make([]byte, 63)))
	}
	badFirst("signing key not canonical", func(s *statement) {
		s.sign = [32]byte(slices.Concat([]byte{0xee}, bytes.Repeat([]byte{0xff}, 30), []byte{0x7f}))
	}, "malformed")
	copy(out[len(out)-1].Record[signature:], slices.Concat([]byte{1}, make([]byte, 63)))
	badFirst("signing key no point", func(s *statement) { s.sign = [32]byte{2} }, "malformed")
	return out
}

// story is an account's life: the record after each change, and the ways in.
type chapter struct {
	name string
	a    *Account
	ways []wayValues
}

func story(t *testing.T) (chapters []chapter, friend *Account) {
	stretch := func(passphrase string) *Credential {
		return must(NewPassphrase(Login{"notes.example", "jane"}, passphrase, floor, nil))(t)
	}
	friend = must(NewAccount(Device([32]byte(random(32)))).Rotate())(t)
	first, second, third := wayOf("passphrase", stretch("first")), wayOf("passphrase", stretch("second")), wayOf("passphrase", stretch("third"))
	paper, phone := wayOf("paper", NewCode().Credential()), wayOf("phone", Device([32]byte(random(32))))
	a := NewAccount(first.credential(t))
	then := func(name string, next *Account, ways ...wayValues) {
		a = next
		chapters = append(chapters, chapter{name, a, ways})
	}
	then("new account", a, first)
	then("code added", must(a.Add("paper", paper.credential(t)))(t), first, paper)
	then("device added", must(a.Add("phone", phone.credential(t)))(t), first, paper, phone)
	then("trustee added", must(a.AddTrustee("friend", friend.Identity()))(t), first, paper, phone)
	then("device removed", must(a.Remove("phone"))(t), first, paper)
	then("passphrase set", must(a.SetPassphrase(second.credential(t)))(t), second, paper)
	then("rotated", must(a.Rotate())(t), second, paper)
	then("passphrase set and rotated", must(a.SetPassphraseAndRotate(third.credential(t)))(t), third, paper)
	then("trustee removed", must(a.Remove("friend"))(t), third, paper)
	then("passphrase removed", must(a.Remove("passphrase"))(t), paper)
	return chapters, friend
}

func makeRecords(t *testing.T) (out []recordVector) {
	chapters, _ := story(t)
	var before []byte
	for _, c := range chapters {
		out = append(out, recordOf(t, c, before))
		before = c.a.Locked().Bytes()
	}
	last := chapters[len(chapters)-1]
	for range 60 {
		last.a = must(last.a.Add("more", Device([32]byte(random(32)))))(t)
		last.a = must(last.a.Remove("more"))(t)
	}
	last.name = "64 records named"
	out = append(out, recordOf(t, last, nil))
	out = append(out, recordVector{Name: "more than 64 changes missed", Seen: before, Record: last.a.Locked().Bytes(), Want: "behind"})
	return append(out, badRecords(t)...)
}

func recordOf(t *testing.T, c chapter, seen []byte) recordVector {
	l := c.a.Locked()
	way := c.ways[0].credential(t)
	s := must(l.slotOf(way))(t)
	v := recordVector{
		Name: c.name, Seen: seen, Record: l.Bytes(), Revision: l.Revision(), Hash: l.hash[:], Place: l.place(),
		AccountKey: secret.Reveal(must(s.open(l.place(), way.slotKEM()))(t)), Labels: labelsOf(l), Ways: c.ways,
	}
	for _, seed := range secret.Open(c.a.accountSecret).seeds {
		v.Seeds = append(v.Seeds, secret.Reveal(seed))
	}
	return v
}

func badRecords(t *testing.T) (out []recordVector) {
	friend := NewAccount(Device([32]byte(random(32))))
	first := must(NewAccount(Device([32]byte(random(32)))).AddTrustee("friend", friend.Identity()))(t)
	a := must(first.SetPassphrase(quick("x", floor, nil)))(t) // device, friend, passphrase
	fork := must(must(first.Add("paper", NewCode().Credential()))(t).Remove("paper"))(t)
	bad := func(name string, record []byte, seen *Account, want string) {
		v := recordVector{Name: name, Record: record, Want: want}
		if seen != nil {
			v.Seen = seen.Locked().Bytes()
		}
		out = append(out, v)
	}
	at := func(n int, change func(s *slot)) []byte {
		return forge(a, func(l *LockedAccount) { change(l.slots[n]) })
	}
	params := func(i int, value byte) []byte {
		return at(2, func(s *slot) { s.subject = bytes.Clone(s.subject); s.subject[i] = value })
	}
	record, body := a.Locked().Bytes(), a.locked.body()
	bad("way in of an epoch that is not there", at(0, func(s *slot) { s.epoch = 1 }), nil, "malformed")
	bad("way in made under another statement", at(0, func(s *slot) { s.since[0] ^= 1 }), nil, "malformed")
	bad("key to which nothing can be sealed", at(0, func(s *slot) { clear(s.kem[len(s.kem)-32:]) }), nil, "malformed")
	bad("seeds too long", forge(a, func(l *LockedAccount) { l.seeds = append(l.seeds, 0) }), nil, "malformed")
	bad("older than seen", first.Locked().Bytes(), a, "rollback")
	bad("of the same revision", must(first.Rotate())(t).Locked().Bytes(), a, "fork")
	bad("of a fork, later", fork.Locked().Bytes(), a, "fork")
	bad("another account", friend.Locked().Bytes(), a, "mismatch")
	bad("version 2", slices.Concat([]byte("skA\x02"), record[4:]), nil, "newer")
	bad("signature changed", flip(record, -64), nil, "malformed")
	bad("signed by somebody else", append(bytes.Clone(body), ed25519.Sign(secret.Open(friend.accountSecret).sign, signedRecord(body))...), nil, "malformed")
	bad("signed without the label", append(bytes.Clone(body), ed25519.Sign(secret.Open(a.accountSecret).sign, body)...), nil, "malformed")
	bad("slots exchanged, not signed", exchanged(t, a), nil, "malformed")
	bad("cut", record[:len(record)-1], nil, "malformed")
	bad("a byte behind", append(bytes.Clone(record), 0), nil, "malformed")
	bad("a byte behind the slots", signedBody(a, append(bytes.Clone(body), 0)), nil, "malformed")
	bad("revision 0", forge(a, func(l *LockedAccount) { l.revision, l.history = 0, nil }), nil, "malformed")
	bad("a record too few before", forge(a, func(l *LockedAccount) { l.history = l.history[1:] }), nil, "malformed")
	bad("identity of somebody else", forge(a, func(l *LockedAccount) { l.identity = friend.Identity() }), nil, "malformed")
	bad("no slots", forge(a, func(l *LockedAccount) { l.slots = nil }), nil, "malformed")
	bad("33 slots", forge(a, func(l *LockedAccount) { l.slots = crowd(l.slots[0], 33) }), nil, "malformed")
	bad("two passphrases", forge(a, func(l *LockedAccount) {
		l.slots = append(l.slots, newSlot(l.identity.pub, "second", quick("y", floor, nil)).ready())
	}), nil, "malformed")
	bad("a label twice", at(0, func(s *slot) { s.label = "friend" }), nil, "malformed")
	bad("a label with a line break", at(0, func(s *slot) { s.label = "a\nb" }), nil, "malformed")
	bad("a label that turns", at(0, func(s *slot) { s.label = "a\u202eb" }), nil, "malformed")
	bad("id zero", at(0, func(s *slot) { s.id = [16]byte{} }), nil, "malformed")
	bad("kind 5", at(0, func(s *slot) { s.kind = 5 }), nil, "malformed")
	bad("a device with parameters", at(0, func(s *slot) { s.subject = a.locked.slots[2].subject }), nil, "malformed")
	bad("verifier 1", at(0, func(s *slot) { s.verifier = append(make([]byte, 383), 1) }), nil, "malformed")
	bad("a trustee with an anchor", at(1, func(s *slot) { s.anchor[0] = 1 }), nil, "malformed")
	bad("a trustee's id wrong", at(1, func(s *slot) { s.id[0] ^= 1 }), nil, "malformed")
	bad("parameters of form 2", params(4, 2), nil, "newer")
	bad("longer parameters of version 2", at(2, func(s *slot) {
		s.subject = append(bytes.Clone(s.subject), make([]byte, 76)...)
		s.subject[3] = 2
	}), nil, "newer")
	bad("17 passes", params(13, 17), nil, "cost")
	return out
}

func exchanged(t *testing.T, a *Account) []byte {
	record := forge(a, func(l *LockedAccount) { l.slots[0], l.slots[1] = l.slots[1], l.slots[0] })
	must(ParseLockedAccount(record, nil))(t) // the account itself may sign any order
	return slices.Concat(record[:len(record)-64], a.locked.record[len(a.locked.record)-64:])
}

func makeUnlock(t *testing.T) (out []unlockVector) {
	chapters, friend := story(t)
	c := chapters[3] // three ways in, and a trustee
	a := must(c.a.Rotate())(t)
	h, id := secret.Open(a.accountSecret), a.ID()
	seedsOf := func(a *Account) (out []vectors.Hex) {
		for _, seed := range secret.Open(a.accountSecret).seeds {
			out = append(out, secret.Reveal(seed))
		}
		return out
	}
	by := func(name string, record []byte, way *wayValues, want string) {
		v := unlockVector{Name: name, Record: record, Way: way, Owner: id[:], Want: want}
		if way == nil {
			v.Trustee = seedsOf(friend)
		}
		if want == "" {
			v.Seeds = seedsOf(a)
		}
		out = append(out, v)
	}
	record := a.Locked().Bytes()
	for n := range c.ways {
		by("by "+c.ways[n].Label, record, &c.ways[n], "")
	}
	by("by the trustee", record, nil, "")
	wrong := c.ways[0]
	wrong.Login, wrong.Unlock = random(32), random(32)
	by("wrong passphrase", record, &wrong, "open")
	other := wayOf("", quick("first", Cost{memoryFloor, 3, 1, 0}, nil))
	by("other parameters", record, &other, "params")
	half := c.ways[1]
	half.Unlock = half.Login
	by("the login half does not unlock", record, &half, "open")
	by("no code any more", must(a.Remove("paper"))(t).Locked().Bytes(), &c.ways[1], "mismatch")
	out = append(out,
		unlockVector{Name: "another owner than meant", Record: record, Trustee: seedsOf(friend), Owner: make([]byte, idSize), Want: "mismatch"},
		unlockVector{Name: "not a trustee", Record: record, Trustee: seedsOf(NewAccount(device(1))), Owner: id[:], Want: "mismatch"},
		unlockVector{Name: "the trustee's newest keys are missing", Record: record, Trustee: seedsOf(friend)[:1], Owner: id[:], Want: "behind"})

	paper := &c.ways[1]
	all := func(change func(n int, s *slot)) func(*LockedAccount) {
		return func(l *LockedAccount) {
			for n, s := range l.slots[:3] {
				change(n, s)
			}
		}
	}
	by("slots of an older record", forge(a, func(l *LockedAccount) { copy(l.slots, c.a.locked.slots) }), paper, "open")
	by("keys of the slots exchanged", forge(a, all(func(n int, s *slot) { s.sealed = a.locked.slots[(n+1)%3].sealed })), paper, "open")
	by("label changed, sealed anew", forgeAndReseal(t, a, all(func(n int, s *slot) { s.label += "!" })), paper, "open")
	by("verifier changed, sealed anew", forgeAndReseal(t, a, all(func(n int, s *slot) { s.verifier = a.locked.slots[(n+1)%3].verifier })), paper, "open")
	by("anchor changed, sealed anew", forgeAndReseal(t, a, all(func(n int, s *slot) { s.anchor[0] ^= 1 })), paper, "open")
	by("public key of somebody else", forgeAndReseal(t, a, all(func(n int, s *slot) { s.kem = friend.locked.slots[0].kem })), paper, "open")
	by("seeds of somebody else", forge(a, func(l *LockedAccount) { reseal(t, l, someSeeds(2)...) }), paper, "open")
	by("seeds exchanged", forge(a, func(l *LockedAccount) { reseal(t, l, h.seeds[1], h.seeds[0]) }), paper, "open")
	by("seeds exchanged, for the trustee", forge(a, func(l *LockedAccount) { reseal(t, l, h.seeds[1], h.seeds[0]) }), nil, "open")
	return out
}

func makeSuccessors(t *testing.T) (out []successorVector) {
	first := NewAccount(Device([32]byte(random(32))))
	a := must(first.Add("paper", NewCode().Credential()))(t)
	b := must(a.Rotate())(t)
	c := must(b.Remove("paper"))(t)
	add := func(name string, stored *Account, record []byte, want string) {
		out = append(out, successorVector{name, stored.Locked().Bytes(), record, want})
	}
	add("next", first, a.Locked().Bytes(), "")
	add("next, with new keys", a, b.Locked().Bytes(), "")
	add("next, after new keys", b, c.Locked().Bytes(), "")
	add("the same", b, b.Locked().Bytes(), "rollback")
	add("another record of the same revision", a, must(first.Add("other", NewCode().Credential()))(t).Locked().Bytes(), "fork")
	add("the one before", b, a.Locked().Bytes(), "rollback")
	add("one is missing", a, c.Locked().Bytes(), "behind")
	add("another account", a, NewAccount(device(1)).Locked().Bytes(), "mismatch")
	add("after another one", b, must(must(a.Remove("paper"))(t).Rotate())(t).Locked().Bytes(), "fork")
	add("signed by the old keys", b, must(must(a.Remove("paper"))(t).SetPassphrase(quick("x", floor, nil)))(t).Locked().Bytes(), "fork")
	add("old keys, right record before", b, forge(a, func(l *LockedAccount) {
		l.revision, l.history = b.locked.revision+1, append([][32]byte{b.locked.hash}, b.locked.history...)
	}), "rollback")
	add("another record before the one before", b, forge(c, func(l *LockedAccount) { l.history[1][0] ^= 1 }), "fork")
	add("signature changed", b, flip(c.Locked().Bytes(), -1), "malformed")
	return out
}
