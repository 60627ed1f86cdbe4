package attack_test

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/hostile"
	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/wire"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// sharing are the attacks on public keys, membership and revocation.
func sharing() []row {
	return []row{
		{"A01_wrong_recipient_key", a01}, {"A02_own_keys_replaced", a02}, {"A04_signature_for_another_purpose", a04},
		{"A05_ghost_member", a05}, {"A06_split_views", a06}, {"A08_server_started_escrow", a08},
		{"A09_malicious_rotation", a09}, {"A10_server_started_hand_over", a10}, {"A11_injected_group", a11},
		{"A12_key_insertion", a12}, {"A13_old_key_for_new_writes", a13}, {"A15_protocol_confusion", a15},
		{"A16_member_as_member", a16}, {"A18_removal_without_new_key", a18}, {"A19_old_passphrase_after_change", a19},
		{"A20_secret_of_a_link_sent", a20},
	}
}

// a01: asked for Bob's keys, the server answers with its own.
func a01(t *testing.T) {
	owner, bob, evil := person(), person(), person()
	w, g := found(t, owner)
	w.s.Put(hostile.Accounts, "bob", bob.Identity().Bytes())
	w.s.Replace(hostile.Accounts, "bob", evil.Identity().Bytes())
	quiet(t, w.s, func() {
		got, err := keys.ParseIdentity(w.s.Get(hostile.Accounts, "bob"), bob.ID(), nil)
		require.ErrorIs(t, err, keys.ErrMismatch)
		require.Nil(t, got)
	})
	w.s.Rewind(hostile.Accounts, "bob", 0)
	right := must(keys.ParseIdentity(w.s.Get(hostile.Accounts, "bob"), bob.ID(), nil))
	c, err := g.Add(share.Writer, right)
	w.commit(c, err, owner)
	w.noGrant(1, evil)

	// What seals to somebody takes an *Identity: whatever takes bytes only reads,
	// or makes a secret of one's own.
	reads := strings.Fields("Accept AcceptLink Access Apply Join ReadLog Redeem Restore Resume Next ParseIdentity " +
		"ParseLockedAccount ParseParams TrustFirst Update UnmarshalText Device DecoyParams")
	calls := regexp.MustCompile(`(?m)^(?:share|keys): func (?:\([^)]*\) )?(\w+)\(([^)]*)\)`).FindAllStringSubmatch(string(must(os.ReadFile("../../docs/api.txt"))), -1)
	require.Greater(t, len(calls), 80)
	for _, call := range calls {
		if strings.Contains(call[2], "]byte") {
			assert.Contains(t, reads, call[1])
		}
	}
	var _ func(share.Role, ...*keys.Identity) (*share.Change, error) = g.Add
	var _ func(string, *keys.Identity) (*keys.Account, error) = owner.AddTrustee
}

// a02: at login the server gives keys that it made, another account's, or old
// ones.
func a02(t *testing.T) {
	way := device()
	me, evil, s := keys.NewAccount(way), person(), hostile.New()
	seen := me.Locked()
	s.Put(hostile.Accounts, "me", seen.Bytes())
	newer := must(me.Add("phone", device()))

	its, forged := evil.Locked().Bytes(), slotStolen(t, evil, seen)
	for name, c := range map[string]struct {
		record []byte
		seen   *keys.LockedAccount
		want   error
	}{
		"sealed to my slot":                 {forged, nil, keys.ErrOpen},
		"sealed to my slot, seen":           {forged, seen, keys.ErrMismatch},
		"of another account":                {its, nil, keys.ErrOpen},
		"of another, with the same way in":  {keys.NewAccount(way).Locked().Bytes(), seen, keys.ErrMismatch},
		"as a trustee's, sealed to my keys": {must(evil.AddTrustee("x", me.Identity())).Locked().Bytes(), nil, keys.ErrOpen},
		"older":                             {seen.Bytes(), newer.Locked(), keys.ErrRollback},
	} {
		quiet(t, s, func() {
			s.Replace(hostile.Accounts, "me", c.record)
			got, err := unlock(s.Get(hostile.Accounts, "me"), c.seen, way)
			require.ErrorIs(t, err, c.want, name)
			require.Nil(t, got, name)
		})
	}
	trap := must(evil.AddTrustee("x", me.Identity())).Locked()
	_, err := trap.UnlockAsTrustee(me, me.ID())
	require.ErrorIs(t, err, keys.ErrMismatch, "a trustee names whose account it is")
}

// slotStolen is an account of evil whose way in is the genuine one of victim,
// anchor included: evil's keys, and evil's account key sealed to the public key
// of the slot, which anybody can. All but the anchor is right.
func slotStolen(t *testing.T, evil *keys.Account, victim *keys.LockedAccount) []byte {
	accomplice := person() // a trustee, by whose keys evil gets at its account key
	a := must(evil.AddTrustee("x", accomplice.Identity()))
	record, mine := a.Locked().Bytes(), victim.Bytes()
	_, newest := evil.Identity().Public().Newest()
	id, previous := a.ID(), record[4+25+8:][:32]
	place := append(wire.AppendUint64(id[:], 2), previous...)
	place = append(place, newest.Statement[:]...)
	trustee := record[len(record)-64-(1+4+1+4+29+16+4+32+box.PublicKeySize+4)-32-sealedKey : len(record)-64]
	cut := func(slot []byte) (statement, anchor, sealed []byte) {
		n := len(slot) - sealedKey
		return slot[:n-32], slot[n-32 : n], slot[n:]
	}
	statement, anchor, sealed := cut(trustee)
	key, err := private(accomplice).Open(0, label.AccountKeySlot, wire.Join(place, statement, anchor), sealed)
	require.NoError(t, err, "the attack itself")

	slot := bytes.Clone(mine[partsOf(mine).slots : len(mine)-64])
	since := 1 + 4 + len("device") + 4 + 16 + 4
	copy(slot[since:], newest.Statement[:])
	statement, anchor, sealed = cut(slot)
	kem := must(box.KEM().NewPublicKey(slot[since+32:][:box.PublicKeySize]))
	copy(sealed, must(box.SealTo(kem, label.AccountKeySlot, wire.Join(place, statement, anchor), key)))
	out := append(bytes.Clone(record[:partsOf(record).slots-1]), 1)
	return resigned(evil, append(append(out, slot...), make([]byte, 64)...))
}

// a04: a signature over one kind of statement is shown as another, and a device
// is named like somebody's keys.
func a04(t *testing.T) {
	owner, evil := person(), person()
	_, g := found(t, owner)
	record := owner.Locked().Bytes()
	body := record[:len(record)-64]
	signedAs := func(l label.Label, b []byte) []byte { return private(owner).Sign(append(wire.Join([]byte(l)), b...)) }
	for _, l := range label.All() {
		entry := forgery{signer: owner, kind: kindAdd, change: adding(share.Reader, person()), label: l}.after(g.Log())
		_, err := g.Apply([][]byte{entry}, nil)
		_, err2 := keys.ParseLockedAccount(append(bytes.Clone(body), signedAs(l, body)...), nil)
		identity := owner.Identity().Bytes()
		id := owner.ID()
		self := append(bytes.Clone(id[:]), identity[4:len(identity)-64]...)
		_, err3 := keys.ParseIdentity(append(bytes.Clone(identity[:len(identity)-64]), signedAs(l, self)...), owner.ID(), nil)
		for right, err := range map[label.Label]error{label.EntrySignature: err, label.AccountRecord: err2, label.StatementSelf: err3} {
			if l == right {
				require.NoError(t, err, l)
			} else {
				require.ErrorIs(t, err, keys.ErrMalformed, "%s as %s", l, right)
			}
		}
	}
	named := must(owner.Add(evil.ID().String(), device()))
	require.Equal(t, owner.Identity().Bytes(), named.Identity().Bytes(), "no statement about anybody's keys")
	_, newest := evil.Identity().Public().Newest()
	require.NotContains(t, string(named.Locked().Bytes()), string(newest.Sign))
	_, err := keys.ParseIdentity(evil.Identity().Bytes(), named.ID(), named.Identity())
	require.ErrorIs(t, err, keys.ErrMismatch)
}

// a05: the server adds its user to the group.
func a05(t *testing.T) {
	owner, admin, reader, evil := person(), person(), person(), person()
	w, g := foundWith(t, owner, share.Reader, reader)
	c, err := g.Add(share.Admin, admin.Identity())
	g = w.commit(c, err, owner)
	g = w.remove(g, owner, admin.ID())
	ownerID := owner.ID()
	ghost := adding(share.Reader, evil)
	for name, c := range map[string]struct {
		forged forgery
		want   error
	}{
		"signed by itself":           {forgery{signer: evil, kind: kindAdd, change: ghost}, share.ErrForbidden},
		"in the owner's name":        {forgery{signer: evil, as: &ownerID, kind: kindAdd, change: ghost}, keys.ErrMalformed},
		"signed by a removed admin":  {forgery{signer: admin, kind: kindAdd, change: ghost}, share.ErrForbidden},
		"removed admin as the owner": {forgery{signer: admin, as: &ownerID, kind: kindAdd, change: ghost}, keys.ErrMalformed},
		"signed by a reader":         {forgery{signer: reader, kind: kindAdd, change: ghost}, share.ErrForbidden},
		"as an invitation":           {forgery{signer: reader, kind: kindInvite, change: ghost}, share.ErrForbidden},
	} {
		w.show(c.forged.after(g.Log()))
		quiet(t, w.s, func() {
			got, err := w.apply(g, owner)
			require.ErrorIs(t, err, c.want, name)
			require.Nil(t, got, name)
		})
	}
	unsigned := forgery{signer: evil, as: &ownerID, kind: kindAdd, change: ghost}.after(g.Log())
	clear(unsigned[len(unsigned)-64:])
	w.show(unsigned)
	_, err = w.apply(g, owner)
	require.ErrorIs(t, err, keys.ErrMalformed, "no signature")
	w.s.Twist(w.id, nil)
	g = w.rotate(g, owner)
	w.store(g, "canary", "the canary of the group")
	w.noGrant(1, evil)
	w.noGrant(2, admin)
}

// a06: two people are shown two histories of one account's keys.
func a06(t *testing.T) {
	owner, bob := person(), person()
	w, g := foundWith(t, owner, share.Writer, bob)
	seen := must(bob.Rotate()) // what Alice saw
	hidden := must(bob.Rotate())
	unsigned := bytes.Clone(seen.Identity().Bytes())
	clear(unsigned[len(unsigned)-64:])
	for want, record := range map[error][]byte{
		keys.ErrFork: hidden.Identity().Bytes(), keys.ErrRollback: bob.Identity().Bytes(), keys.ErrMalformed: unsigned,
	} {
		_, err := keys.ParseIdentity(record, bob.ID(), seen.Identity())
		require.ErrorIs(t, err, want)
	}
	// In the group, the one that the group knows wins.
	c, err := must(share.Resume(seen, w.join(bob, owner).Bookmark(), w.s.Log(w.id), nil)).Rekey()
	w.commit(c, err, seen)
	g = must(w.apply(g, owner))
	g = w.rotate(g, owner)
	change := wire.AppendPrefixed(wire.AppendUint32(nil, 1), hidden.Identity().Bytes())
	_, err = g.Apply([][]byte{forgery{signer: hidden, kind: kindRekey, change: change}.after(g.Log())}, nil)
	require.ErrorIs(t, err, keys.ErrMismatch)
	w.noLink(2, bob)
}

// answers are what a server can make up about policies, modes and invitations.
func answers(evil *keys.Account, g *share.Group) (all [][]byte) {
	for kind := range 256 {
		e := forgery{signer: evil, kind: byte(kind), change: adding(share.Reader, evil)}.after(g.Log())
		r := append([]byte{'s', 'k', byte(kind), 1}, random(100)...)
		all = append(all, e, r)
	}
	return append(all, evil.Identity().Bytes(), evil.Locked().Bytes(), []byte(`{"policy":{"escrow":true,"autoEnroll":true}}`))
}

// doors shows an answer to everything that reads what a server sends.
func doors(me *keys.Account, w *world, g *share.Group, answer []byte) map[string]error {
	log := w.s.Log(w.id)
	errs := map[string]error{}
	_, errs["account"] = keys.ParseLockedAccount(answer, me.Locked())
	_, errs["update"] = me.Update(answer)
	_, errs["identity"] = keys.ParseIdentity(answer, me.ID(), me.Identity())
	_, errs["params"] = keys.ParseParams(answer, nil)
	_, errs["read log"] = share.ReadLog([][]byte{answer})
	_, errs["join"] = share.Join(me, w.id, me.ID(), log, answer)
	_, errs["resume, bookmark"] = share.Resume(me, answer, log, nil)
	_, errs["resume, log"] = share.Resume(me, g.Bookmark(), append(log, answer), nil)
	_, errs["resume, link"] = share.Resume(me, g.Bookmark(), log, answer)
	_, errs["restore"] = share.Restore(me, answer)
	_, errs["apply, log"] = g.Apply([][]byte{answer}, nil)
	_, errs["apply, link"] = g.Apply(nil, answer)
	_, errs["redeem"] = share.Redeem(me, w.id, keys.NewCode(), log, map[keys.AccountID][]byte{me.ID(): answer})
	_, errs["open"] = envelope.Open(g, note("x"), answer)
	return errs
}

// a08: policies and keys of an organisation, at each step: no field starts an
// export, because none is read.
func a08(t *testing.T) {
	owner, evil := person(), person()
	w, g := found(t, owner)
	w.s.Put(hostile.Accounts, "me", owner.Locked().Bytes())
	quiet(t, w.s, func() {
		for _, answer := range answers(evil, g) {
			for name, err := range doors(owner, w, g, answer) {
				require.Error(t, err, name)
			}
		}
	})
	w.rotate(g, owner)
	w.s.NoLeak(t, "the group key", w.groupKey(owner))
	w.noGrant(1, evil)
}

// a09: before a rotation the server adds a recipient and exchanges another's
// keys, in the group and in the account.
func a09(t *testing.T) {
	owner, bob, evil := person(), person(), person()
	w, g := foundWith(t, owner, share.Writer, bob)
	ownerID := owner.ID()
	ghost := forgery{signer: evil, as: &ownerID, kind: kindAdd, change: adding(share.Writer, evil)}.after(g.Log())
	swapped := bytes.Replace(w.s.Log(w.id)[1], bob.Identity().Bytes(), evil.Identity().Bytes(), 1)
	for want, twist := range map[error]hostile.Twist{
		keys.ErrMalformed: func(e [][]byte) [][]byte { return append(e, ghost) },
		keys.ErrFork:      hostile.With(1, swapped),
	} {
		w.s.Twist(w.id, twist)
		quiet(t, w.s, func() {
			_, err := w.apply(g, owner)
			require.ErrorIs(t, err, want)
		})
	}
	w.s.Twist(w.id, nil)
	opens(t, g, note("d"), w.store(g, "d", "the old state is usable"), "the old state is usable")
	c, err := g.Rotate()
	require.NoError(t, err)
	require.Len(t, c.Links, 2)
	w.commit(c, nil, owner)
	w.noGrant(1, evil)

	// A way in of the server's own, in the record that a rotation seals to.
	record := owner.Locked().Bytes()
	p, its := partsOf(record), evil.Locked().Bytes()
	more := append(bytes.Clone(record[:p.signature]), its[partsOf(its).slots:]...)
	more[p.slots-1] = 2
	_, err = owner.Update(more)
	require.ErrorIs(t, err, keys.ErrMalformed)
	other := must(owner.Rotate()).Locked().Bytes()
	require.NotContains(t, string(other), string(its[partsOf(its).slots+50:][:100]))
}

// a10: modes and a thousand invitations: nothing is answered by itself.
func a10(t *testing.T) {
	owner, evil := person(), person()
	w, g := found(t, owner)
	invite := forgery{signer: evil, kind: kindInvite, change: adding(share.Reader, evil)}.after(g.Log())
	quiet(t, w.s, func() {
		for range 1000 {
			e := bytes.Clone(invite)
			copy(e[len(e)-64:], random(64))
			e[4+25+8+32+25+4] = random(1)[0]
			_, err := g.Apply([][]byte{e}, nil)
			require.Error(t, err)
		}
	})
	w.s.NoLeak(t, "the group key", w.groupKey(owner))
	w.noGrant(1, evil)
}

// a11: somebody takes the person into a group of theirs, as a new group and
// under the id of an existing one.
func a11(t *testing.T) {
	owner, bob, evil := person(), person(), person()
	w, g := found(t, owner)
	bait, evils := foundAt(t, w.s, evil)
	c, err := evils.Add(share.Owner, owner.Identity())
	evils = bait.commit(c, err, evil)
	log, link := bait.s.Log(bait.id), bait.s.Link(bait.id, owner.ID())
	errs := map[string]error{}
	_, errs["a new group, by another inviter"] = share.Join(owner, bait.id, bob.ID(), log, link)
	_, errs["under my group's id"] = share.Join(owner, w.id, owner.ID(), log, link)
	_, errs["its entries"] = g.Apply(log[1:], nil)
	_, errs["its link"] = g.Apply(nil, link)
	for name, err := range errs {
		require.ErrorIs(t, err, keys.ErrMismatch, name)
	}
	_, err = share.Resume(owner, g.Bookmark(), log, link)
	require.ErrorIs(t, err, keys.ErrFork)
	refuses(t, keys.ErrMismatch, evils, note("canary"), w.store(g, "canary", "a canary that sings"))
	w.s.NoLeak(t, "the canary", []byte("a canary that sings"))
}

// a12: the links of a group are replaced by ones with the server's key, and by
// none, null, zeros, and a short key.
func a12(t *testing.T) {
	owner, bob := person(), person()
	w, g := foundWith(t, owner, share.Writer, bob)
	log, good := w.s.Log(w.id), w.s.Link(w.id, bob.ID())
	for name, link := range map[string][]byte{
		"evil key": forgeLink(log, 0, 1, random(32), bob.Identity()), "all-zero key": forgeLink(log, 0, 1, make([]byte, 32), bob.Identity()),
		"31 bytes": forgeLink(log, 0, 1, random(31), bob.Identity()), "no key": forgeLink(log, 0, 1, nil, bob.Identity()),
		"empty": {}, "zeros": make([]byte, len(good)), "null": []byte("null"),
	} {
		got, err := share.Join(bob, w.id, owner.ID(), log, link)
		require.Error(t, err, name)
		require.Nil(t, got, name)
	}
	got := must(share.Join(bob, w.id, owner.ID(), log, nil))
	sealed, _, err := envelope.Seal(got, note("x"), []byte("canary"))
	require.ErrorIs(t, err, keys.ErrBehind, "no key is no default key")
	require.Nil(t, sealed)
	refuses(t, keys.ErrBehind, got, note("x"), w.store(g, "x", "text"))
}

// a13: a removed member goes on writing with the old key, with the server's
// help.
func a13(t *testing.T) {
	owner, bob := person(), person()
	w, g := foundWith(t, owner, share.Writer, bob)
	bobs := w.join(bob, owner)
	old := w.store(bobs, "n", "before")
	opens(t, g, note("n"), old, "before")
	g = w.remove(g, owner, bob.ID())
	refuses(t, envelope.ErrFormer, g, note("n"), old)
	refuses(t, envelope.ErrFormer, g, note("n"), w.store(bobs, "n", "after, with the old key"))

	// At the newest head nobody can have used the old key, members included.
	late := lie(bobs, func(s *ring.Sealing) { s.Head = sealing(t, g).Head })
	forged, _, err := envelope.Seal(late, note("n"), []byte("under the old key, at the new head"))
	require.NoError(t, err)
	refuses(t, envelope.ErrAuthor, g, note("n"), forged)
	stale := lie(g, func(s *ring.Sealing) { s.Generation, s.Key = 1, sealing(t, bobs).Key })
	forged, _, err = envelope.Seal(stale, note("n"), []byte("by a member, under the old key"))
	require.NoError(t, err)
	refuses(t, envelope.ErrAuthor, g, note("n"), forged)
	next, _, err := envelope.Seal(g, note("n"), []byte("new"))
	require.NoError(t, err)
	require.EqualValues(t, 2, must(envelope.Inspect(next)).Generation, "sealing uses the newest")
}
