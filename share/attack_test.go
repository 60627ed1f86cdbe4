package share_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/hostile"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// Attacks on sharing, membership and revocation. The numbers are those of the
// list of published attacks in docs/threat-model.md.

// A01: the server answers with keys of its own when somebody is added.
func TestA01_WrongKeyAtShareTime(t *testing.T) {
	jane, bob, evil := newAccount(), newAccount(), newAccount()
	w, g := found(t, jane)
	sent := len(w.s.Sent())
	answer := evil.Identity().Bytes()
	_, err := keys.ParseIdentity(answer, bob.ID(), nil)
	require.ErrorIs(t, err, keys.ErrMismatch)
	require.Len(t, w.s.Sent(), sent, "nothing was made to send")

	// There is no other way in: what is sealed to is an *Identity.
	var _ func(share.Role, ...*keys.Identity) (*share.Change, error) = g.Add
	right, err := keys.ParseIdentity(bob.Identity().Bytes(), bob.ID(), nil)
	require.NoError(t, err)
	c, err := g.Add(share.Writer, right)
	require.NoError(t, err)
	require.Contains(t, c.Links, bob.ID())
	require.Len(t, c.Links, 1)
}

// A02: the server gives somebody keys that it made, or another one's, or old
// ones, in the place of their own.
func TestA02_ServerReplacesOwnKeys(t *testing.T) {
	jane, bob, evil := newAccount(), newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Writer, bob.Identity())), nil, jane)
	b := w.join(bob, jane)

	made := share.ForgeLink(g.Log(), 1, random(32), bob.Identity())
	_, err := share.Join(bob, w.id, jane.ID(), w.s.Log(w.id), made)
	require.ErrorIs(t, err, keys.ErrOpen, "a link that anybody can seal to the genuine key")
	_, err = share.Join(bob, w.id, jane.ID(), w.s.Log(w.id), w.s.Link(w.id, jane.ID()))
	require.ErrorIs(t, err, keys.ErrOpen, "the link of another account")

	_, err = share.Resume(bob, g.Bookmark(), w.s.Log(w.id), nil)
	require.ErrorIs(t, err, keys.ErrOpen, "the bookmark of another account")
	_, err = share.Restore(bob, g.Marshal())
	require.ErrorIs(t, err, keys.ErrOpen, "the snapshot of another account")
	other, _ := found(t, evil)
	transplanted := append(b.Bookmark()[:4], append(other.id[:], b.Bookmark()[29:]...)...)
	_, err = share.Resume(bob, transplanted, w.s.Log(w.id), nil)
	require.ErrorIs(t, err, keys.ErrOpen, "a bookmark under another group's name")

	rotated, err := bob.Rotate()
	require.NoError(t, err)
	_, err = keys.ParseLockedAccount(bob.Locked().Bytes(), rotated.Locked())
	require.ErrorIs(t, err, keys.ErrRollback, "an older record")
}

// A04: a signature for one purpose is shown for another.
func TestA04_SignaturesForAnotherPurpose(t *testing.T) {
	jane, bob := newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Admin, bob.Identity())), nil, jane)
	people := [][]byte{newAccount().Identity().Bytes()}
	for _, l := range label.All() {
		f := share.Forgery{Signer: private(bob), Kind: share.KindAdd, Role: share.Reader, People: people, Label: l}
		_, err := g.Apply([][]byte{f.Entry(g.Log())}, nil)
		if l == label.EntrySignature {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, keys.ErrMalformed, l)
		}
	}
	// The two signatures of a redeem, exchanged.
	invited, code, err := g.Invite(share.Writer)
	g = w.commit(invited, err, jane)
	newcomer := newAccount()
	c, err := share.Redeem(newcomer, w.id, code, w.s.Log(w.id), w.s.Links(w.id))
	require.NoError(t, err)
	e := c.Entries[0]
	n := len(e) - 128
	swapped := append(bytes.Clone(e[:n]), append(bytes.Clone(e[n+64:]), e[n:n+64]...)...)
	_, err = g.Apply([][]byte{swapped}, nil)
	require.ErrorIs(t, err, keys.ErrMalformed)
	_, err = g.Apply(c.Entries, nil)
	require.NoError(t, err)
}

// A05: the server adds somebody to the group.
func TestA05_GhostMember(t *testing.T) {
	jane, bob, reader, evil := newAccount(), newAccount(), newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Admin, bob.Identity())), nil, jane)
	g = w.commit(must(g.Add(share.Reader, reader.Identity())), nil, jane)
	g = w.commit(must(g.Remove(bob.ID())), nil, jane)
	ghost := share.Forgery{Signer: private(evil), Kind: share.KindAdd, Role: share.Reader, People: [][]byte{evil.Identity().Bytes()}}
	for name, c := range map[string]struct {
		change func(*share.Forgery)
		want   error
	}{
		"signed by itself":           {func(f *share.Forgery) {}, share.ErrForbidden},
		"in the owner's name":        {func(f *share.Forgery) { f.As = ptr(jane.ID()) }, keys.ErrMalformed},
		"signed by a removed admin":  {func(f *share.Forgery) { f.Signer = private(bob) }, share.ErrForbidden},
		"removed admin as the owner": {func(f *share.Forgery) { f.Signer, f.As = private(bob), ptr(jane.ID()) }, keys.ErrMalformed},
		"signed by a reader":         {func(f *share.Forgery) { f.Signer = private(reader) }, share.ErrForbidden},
		"as an invitation":           {func(f *share.Forgery) { f.Signer, f.Kind = private(reader), share.KindInvite }, share.ErrForbidden},
		"redeeming nothing":          {func(f *share.Forgery) { f.Kind, f.Role, f.Newcomer = share.KindRedeem, 0, private(evil) }, share.ErrForbidden},
	} {
		f := ghost
		c.change(&f)
		w.show(f.Entry(g.Log()))
		got, err := w.apply(g, jane)
		require.ErrorIs(t, err, c.want, name)
		require.Nil(t, got, name)
		_, err = share.Resume(jane, w.s.Bookmark(w.id, jane.ID()), w.s.Log(w.id), nil)
		require.ErrorIs(t, err, c.want, name)
	}
	w.honest()
	g = w.commit(must(g.Rotate()), nil, jane)
	w.seal(g, "canary", "the canary of the group")
	noGrant(t, w, 1, evil)
	noGrant(t, w, 2, bob)
}

// noGrant tries every link that was sent with the keys of people, who may have
// none of generation least or newer.
func noGrant(t *testing.T, w *world, least uint32, people ...*keys.Account) {
	t.Helper()
	log, err := share.ReadLog(w.s.Log(w.id))
	require.NoError(t, err)
	links := 0
	for _, sent := range w.s.Sent() {
		generation, ok := share.GenerationOf(sent)
		if !ok || generation < least {
			continue
		}
		links++
		for _, who := range people {
			assert.False(t, share.Opens(log, private(who), sent))
		}
	}
	require.NotZero(t, links)
	for _, who := range people {
		assert.Zero(t, log.Role(who.ID()))
	}
}

// A06: two people are shown two histories of one account, or of one group.
func TestA06_SplitViews(t *testing.T) {
	jane, bob := newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Writer, bob.Identity())), nil, jane)
	bobs := w.join(bob, jane)

	// Whoever has Bob's old keys can continue them in another way, or hide that
	// they were continued.
	one, err := bob.Rotate()
	require.NoError(t, err)
	two, err := bob.Rotate()
	require.NoError(t, err)
	_, err = keys.ParseIdentity(two.Identity().Bytes(), bob.ID(), one.Identity())
	require.ErrorIs(t, err, keys.ErrFork)
	_, err = keys.ParseIdentity(bob.Identity().Bytes(), bob.ID(), one.Identity())
	require.ErrorIs(t, err, keys.ErrRollback)

	// In the group, one of them wins, and the other is refused for good.
	other := &world{t, w.s.Fork(), w.id}
	ones := must(share.Resume(one, bobs.Bookmark(), w.s.Log(w.id), nil))
	twos := must(share.Resume(two, bobs.Bookmark(), w.s.Log(w.id), nil))
	w.commit(must(ones.Rekey()), nil, one)
	other.commit(must(twos.Rekey()), nil, two)
	g = w.follow(g, jane)
	_, err = other.apply(g, jane)
	require.ErrorIs(t, err, keys.ErrFork)
	_, err = w.apply(twos, two)
	require.ErrorIs(t, err, keys.ErrMismatch)
	_, err = share.Resume(two, bobs.Bookmark(), w.s.Log(w.id), nil)
	require.ErrorIs(t, err, keys.ErrMismatch)
	g = w.commit(must(g.Rotate()), nil, jane)
	f := share.Forgery{Signer: private(two), Kind: share.KindRekey, People: [][]byte{two.Identity().Bytes()}}
	_, err = g.Apply([][]byte{f.Entry(g.Log())}, nil)
	require.ErrorIs(t, err, keys.ErrMismatch)
	f = share.Forgery{Signer: private(bob), Kind: share.KindRekey, People: [][]byte{bob.Identity().Bytes()}}
	_, err = g.Apply([][]byte{f.Entry(g.Log())}, nil)
	require.ErrorIs(t, err, keys.ErrMismatch, "a shortened chain")
}

// A08: the server claims a policy, an escrow, a mode. Nothing reads any of it.
func TestA08_ServerStartedEscrow(t *testing.T) {
	jane, evil := newAccount(), newAccount()
	w, g := found(t, jane)
	sent := len(w.s.Sent())
	for range 100 {
		for _, answer := range [][]byte{random(1 + pick(300)), evil.Identity().Bytes(), evil.Locked().Bytes(), []byte(`{"escrow":true}`)} {
			for name, err := range doors(jane, w, g, answer) {
				require.Error(t, err, name)
			}
		}
	}
	require.Len(t, w.s.Sent(), sent)
	w.s.NoLeak(t, "the group key", share.KeyOf(g, 1))
}

// doors shows answer to everything that reads what a server sends.
func doors(me *keys.Account, w *world, g *share.Group, answer []byte) map[string]error {
	log := w.s.Log(w.id)
	errs := map[string]error{}
	_, errs["read log"] = share.ReadLog([][]byte{answer})
	_, errs["join, log"] = share.Join(me, w.id, me.ID(), [][]byte{answer}, nil)
	_, errs["join, link"] = share.Join(me, w.id, me.ID(), log, answer)
	_, errs["resume, bookmark"] = share.Resume(me, answer, log, nil)
	_, errs["resume, log"] = share.Resume(me, g.Bookmark(), append(log, answer), nil)
	_, errs["resume, link"] = share.Resume(me, g.Bookmark(), log, answer)
	_, errs["restore"] = share.Restore(me, answer)
	_, errs["apply, log"] = g.Apply([][]byte{answer}, nil)
	_, errs["apply, link"] = g.Apply(nil, answer)
	_, errs["redeem"] = share.Redeem(me, w.id, keys.NewCode(), log, map[keys.AccountID][]byte{me.ID(): answer})
	_, errs["redeem, log"] = share.Redeem(me, w.id, keys.NewCode(), [][]byte{answer}, nil)
	return errs
}

// A09: before a new key is made, the server adds a recipient and swaps the keys
// of another.
func TestA09_MaliciousRotation(t *testing.T) {
	jane, bob, evil := newAccount(), newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Writer, bob.Identity())), nil, jane)
	log := w.s.Log(w.id)
	sent := len(w.s.Sent())

	ghost := share.Forgery{Signer: private(evil), As: ptr(jane.ID()), Kind: share.KindAdd, Role: share.Writer, People: [][]byte{evil.Identity().Bytes()}}
	w.show(ghost.Entry(g.Log()))
	_, err := w.apply(g, jane)
	require.ErrorIs(t, err, keys.ErrMalformed)
	swapped := bytes.Replace(log[1], bob.Identity().Bytes(), evil.Identity().Bytes(), 1)
	require.NotEqual(t, log[1], swapped)
	w.s.Twist(w.id, hostile.With(1, swapped))
	_, err = w.apply(g, jane)
	require.ErrorIs(t, err, keys.ErrFork)
	require.Len(t, w.s.Sent(), sent, "nothing uploaded")

	w.honest()
	w.seal(g, "d", "the old state is usable")
	c := must(g.Rotate())
	require.Len(t, c.Links, 2)
	require.Contains(t, c.Links, jane.ID())
	require.Contains(t, c.Links, bob.ID())
	w.commit(c, nil, jane)
	noGrant(t, w, 1, evil)
}

// A10: fabricated modes and invitations. No client answers any by itself.
func TestA10_ServerStartedHandOver(t *testing.T) {
	jane, evil := newAccount(), newAccount()
	w, g := found(t, jane)
	sent := len(w.s.Sent())
	for kind := range 256 {
		f := share.Forgery{Signer: private(evil), Kind: share.KindInvite, Role: share.Reader, People: [][]byte{evil.Identity().Bytes()}}
		e := f.Entry(g.Log())
		e[4+25+8+32+25+4] = byte(kind)
		_, err := g.Apply([][]byte{e}, nil)
		require.Error(t, err)
	}
	require.Len(t, w.s.Sent(), sent)
	require.Equal(t, 1, members(g))
	w.s.NoLeak(t, "the group key", share.KeyOf(g, 1))
}

func members(g *share.Group) (n int) {
	for range g.Log().Members() {
		n++
	}
	return n
}

// A11: somebody seals a group of theirs to a person, and the client writes its
// secrets into it.
func TestA11_InjectedGroup(t *testing.T) {
	jane, bob, evil := newAccount(), newAccount(), newAccount()
	w, g := found(t, jane)
	bait, evils := found(t, evil)
	evils = bait.commit(must(evils.Add(share.Owner, jane.Identity(), bob.Identity())), nil, evil)
	link := bait.s.Link(bait.id, jane.ID())

	// As a new group: the person never named who takes them in.
	_, err := share.Join(jane, bait.id, bob.ID(), bait.s.Log(bait.id), link)
	require.ErrorIs(t, err, keys.ErrMismatch)
	// Under the id of a group that exists, in every way in.
	log := bait.s.Log(bait.id)
	_, err = share.Join(jane, w.id, jane.ID(), log, link)
	require.ErrorIs(t, err, keys.ErrMismatch)
	_, err = share.Resume(jane, g.Bookmark(), log, link)
	require.ErrorIs(t, err, keys.ErrFork)
	_, err = g.Apply(log, link)
	require.ErrorIs(t, err, keys.ErrMismatch)
	_, err = g.Apply(log[1:], link)
	require.ErrorIs(t, err, keys.ErrMismatch)
	_, err = g.Apply(nil, link)
	require.ErrorIs(t, err, keys.ErrMismatch)

	canary := "canary-" + fmt.Sprint(random(8))
	sealed := w.seal(g, "canary", canary)
	_, err = envelope.Open(evils, note("canary"), sealed)
	require.ErrorIs(t, err, keys.ErrMismatch)
	w.s.NoLeak(t, "the canary", []byte(canary))
}

// A12: the server replaces links by links with its own key, or sends none.
func TestA12_KeyInsertion(t *testing.T) {
	jane, bob := newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Writer, bob.Identity())), nil, jane)
	good := w.s.Link(w.id, bob.ID())
	mine := share.ForgeLink(g.Log(), 1, random(32), bob.Identity())
	for name, link := range map[string][]byte{
		"evil key":  mine,
		"empty":     {},
		"zeros":     make([]byte, len(good)),
		"short key": mine[:len(mine)-1],
		"long":      append(bytes.Clone(good), 0),
		"heading":   good[:4],
		"no key":    append(bytes.Clone(good[:33]), make([]byte, len(good)-33)...),
	} {
		got, err := share.Join(bob, w.id, jane.ID(), w.s.Log(w.id), link)
		require.Error(t, err, name)
		require.Nil(t, got, name)
	}
	got, err := share.Join(bob, w.id, jane.ID(), w.s.Log(w.id), nil)
	require.NoError(t, err, "no link is no key")
	_, _, err = envelope.Seal(got, note("x"), []byte("canary"))
	require.ErrorIs(t, err, keys.ErrBehind)
	_, err = envelope.Open(got, note("x"), w.seal(g, "x", "text"))
	require.ErrorIs(t, err, keys.ErrBehind)
	_, err = got.Link(jane.ID())
	require.ErrorIs(t, err, keys.ErrBehind)
	for i := range good {
		flipped := bytes.Clone(good)
		flipped[i] ^= 1 << (i % 8)
		_, err := got.Apply(nil, flipped)
		require.Error(t, err, i)
	}
}

// A13: somebody who once had a key keeps writing current documents with it.
func TestA13_OldKeyForNewWrites(t *testing.T) {
	jane, bob := newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Writer, bob.Identity())), nil, jane)
	bobs := w.join(bob, jane)
	old, _, err := envelope.Seal(bobs, note("n"), []byte("before"))
	require.NoError(t, err)
	_, err = envelope.Open(g, note("n"), old)
	require.NoError(t, err)

	g = w.commit(must(g.Remove(bob.ID())), nil, jane)
	_, err = envelope.Open(g, note("n"), old)
	require.ErrorIs(t, err, envelope.ErrFormer)
	late, _, err := envelope.Seal(bobs, note("n"), []byte("after, with the old key"))
	require.NoError(t, err)
	_, err = envelope.Open(g, note("n"), late)
	require.ErrorIs(t, err, envelope.ErrFormer)

	// With the newest head, he can't have written at all; nor can a member with
	// the old key.
	for _, who := range []*share.Group{bobs, g} {
		c := claim(t, who)
		c.Head, c.Generation = claim(t, g).Head, 1
		require.Equal(t, ring.Never, standing(t, g, c))
	}
}

// A15: a record of one kind is nested in, or shown for, another.
func TestA15_ProtocolConfusion(t *testing.T) {
	jane, bob := newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Writer, bob.Identity())), nil, jane)
	records := map[string][]byte{
		"entry":    w.s.Log(w.id)[1],
		"link":     w.s.Link(w.id, bob.ID()),
		"bookmark": g.Bookmark(),
		"snapshot": g.Marshal(),
		"document": w.seal(g, "d", "text"),
		"identity": bob.Identity().Bytes(),
		"account":  bob.Locked().Bytes(),
	}
	headings := map[string]byte{"entry": 'E', "link": 'L', "bookmark": 'B', "snapshot": 'S', "document": 'D'}
	for name, record := range records {
		for kind, heading := range headings {
			if kind == name {
				continue
			}
			renamed := append([]byte{'s', 'k', heading, 1}, record[4:]...)
			for _, record := range [][]byte{record, renamed} {
				errs := map[string]error{}
				_, errs["entry"] = g.Apply([][]byte{record}, nil)
				_, errs["link"] = g.Apply(nil, record)
				_, errs["bookmark"] = share.Resume(jane, record, w.s.Log(w.id), nil)
				_, errs["snapshot"] = share.Restore(jane, record)
				_, errs["document"] = envelope.Open(g, note("d"), record)
				require.Error(t, errs[kind], "%s as %s", name, kind)
			}
		}
	}
}

// A16: a member speaks in the name of another, with the server's help.
func TestA16_MemberAsMember(t *testing.T) {
	alice, mallory := newAccount(), newAccount()
	w, g := found(t, alice)
	g = w.commit(must(g.Add(share.Writer, mallory.Identity())), nil, alice)
	m := w.join(mallory, alice)
	posing := posed{ring.Of(m.Ring()), alice.ID()}
	forged, _, err := envelope.Seal(posing, note("n"), []byte("I, Alice"))
	require.NoError(t, err)
	_, err = envelope.Open(g, note("n"), forged)
	require.ErrorIs(t, err, envelope.ErrAuthor)

	sealed := w.seal(g, "n", "really Alice")
	_, err = envelope.Open(m, note("other"), sealed)
	require.ErrorIs(t, err, keys.ErrOpen, "replayed in another place")

	// In the chain: an entry of Mallory's in Alice's name.
	f := share.Forgery{Signer: private(mallory), As: ptr(alice.ID()), Kind: share.KindSetRole, Role: share.Owner, IDs: []keys.AccountID{mallory.ID()}}
	_, err = g.Apply([][]byte{f.Entry(g.Log())}, nil)
	require.ErrorIs(t, err, keys.ErrMalformed)
}

// posed is a ring whose documents say that somebody else wrote them.
type posed struct {
	ring.View
	as keys.AccountID
}

func (p posed) Ring() ring.Ring { return ring.New(p) }

func (p posed) Sealing() (*ring.Sealing, error) {
	s, err := p.View.Sealing()
	s.Author = p.as
	return s, err
}

// A18: a removed member, with all old keys and the whole server, opens nothing
// that is sealed later, and gets nothing accepted.
func TestA18_Removal(t *testing.T) {
	jane, carol, bob := newAccount(), newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Admin, carol.Identity())), nil, jane)
	g = w.commit(must(g.Add(share.Admin, bob.Identity())), nil, jane)
	bobs := w.join(bob, jane)
	w.seal(g, "old", "what Bob has read")
	w.opens(bobs, "old", "what Bob has read")

	g = w.commit(must(g.Remove(bob.ID())), nil, jane)
	exposed := g.Log().Exposure(bob.ID())
	require.Equal(t, share.Exposure{Account: bob.ID(), Generation: 1, Until: 3}, exposed)
	w.seal(g, "new", "what Bob must not read")
	old := w.s.Get(hostile.Documents, "old")
	resealed, _, err := envelope.Reseal(g, note("old"), old)
	require.NoError(t, err)
	w.s.Put(hostile.Documents, "old", resealed)

	bobs = must(bobs.Apply(w.s.Log(w.id), nil))
	require.Zero(t, bobs.Role())
	for _, sent := range w.s.Sent() {
		if _, err := bobs.Apply(nil, sent); sent != nil {
			require.Error(t, err, "a link of the new key")
		}
	}
	for _, id := range []string{"old", "new"} {
		_, err := w.open(bobs, id)
		require.ErrorIs(t, err, keys.ErrBehind)
	}
	_, _, err = envelope.Seal(bobs, note("x"), nil)
	require.ErrorIs(t, err, share.ErrForbidden)
	for kind := share.KindAdd; kind <= share.KindDissolve; kind++ {
		f := share.Forgery{Signer: private(bob), Kind: kind, Role: share.Reader, Older: []uint32{1}, Newcomer: private(bob)}
		switch kind {
		case share.KindAdd, share.KindInvite, share.KindRekey, share.KindRedeem:
			f.People = [][]byte{newAccount().Identity().Bytes()}
		case share.KindRemove, share.KindSetRole:
			f.IDs = []keys.AccountID{carol.ID()}
		}
		if kind != share.KindRepair {
			f.Older = nil
		}
		_, err := g.Apply([][]byte{f.Entry(g.Log())}, nil)
		require.ErrorIs(t, err, share.ErrForbidden, kind)
	}
	noGrant(t, w, 2, bob)
}

// A19: new keys of a person close what the old ones opened.
func TestA19_NewKeysCloseTheOld(t *testing.T) {
	jane, bob := newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Writer, bob.Identity())), nil, jane)
	stolen := w.join(bob, jane) // whoever has Bob's old record has this
	rotated, err := bob.Rotate()
	require.NoError(t, err)
	again := must(share.Resume(rotated, stolen.Bookmark(), w.s.Log(w.id), nil))
	require.True(t, again.RekeyDue())
	_, err = again.Leave()
	require.ErrorIs(t, err, keys.ErrBehind)
	_, _, err = envelope.Seal(again, note("n"), nil)
	require.ErrorIs(t, err, keys.ErrBehind, "nobody would accept the author")
	w.commit(must(again.Rekey()), nil, rotated)
	g = w.follow(g, jane)
	require.True(t, g.RotationDue())
	g = w.commit(must(g.Rotate()), nil, jane)
	require.False(t, g.RotationDue())
	w.seal(g, "new", "after")

	again = must(share.Resume(rotated, again.Bookmark(), w.s.Log(w.id), w.s.Link(w.id, bob.ID())))
	w.opens(again, "new", "after")
	require.False(t, again.RekeyDue())
	w.opens(g, "new", "after")

	_, err = stolen.Apply(w.s.Log(w.id), w.s.Link(w.id, bob.ID()))
	require.ErrorIs(t, err, keys.ErrBehind, "the old account does not know the keys that the group knows")
	for _, sent := range w.s.Sent() {
		_, err := share.Join(bob, w.id, jane.ID(), w.s.Log(w.id)[:2], sent)
		if len(sent) == 1277 && err == nil {
			continue // his link of generation 1, which he had
		}
		require.Error(t, err)
	}
	_, err = w.open(stolen, "new")
	require.ErrorIs(t, err, keys.ErrBehind)
	forged, _, err := envelope.Seal(stolen, note("n"), []byte("with stolen keys"))
	require.NoError(t, err)
	_, err = envelope.Open(g, note("n"), forged)
	require.ErrorIs(t, err, envelope.ErrFormer)
	_, err = keys.ParseLockedAccount(bob.Locked().Bytes(), rotated.Locked())
	require.ErrorIs(t, err, keys.ErrRollback)
}

// A20: the secret of an invitation never reaches the server, in any form.
func TestA20_CodesStayAway(t *testing.T) {
	jane, bob := newAccount(), newAccount()
	w, g := found(t, jane)
	var codes []*keys.Code
	for range 3 {
		c, code, err := g.Invite(share.Writer)
		g = w.commit(c, err, jane)
		codes = append(codes, code)
		for _, v := range []any{c, g, g.Log(), code, c.After()} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
				w.s.Observe(fmt.Appendf(nil, verb, v))
			}
		}
		var logged bytes.Buffer
		slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "change", c, "group", g, "code", code)
		w.s.Observe(logged.Bytes())
	}
	_, err := share.Redeem(bob, w.id, keys.NewCode(), w.s.Log(w.id), w.s.Links(w.id))
	require.ErrorIs(t, err, keys.ErrMismatch)
	w.s.Observe([]byte(err.Error()))
	w.commit(must(share.Redeem(bob, w.id, codes[0], w.s.Log(w.id), w.s.Links(w.id))), nil, bob)
	g = w.follow(g, jane)
	g = w.commit(must(g.Rotate()), nil, jane)
	g = w.commit(must(g.Remove(keys.AccountID(ring.PrivateOf(codes[1].Guest()).Public().ID))), nil, jane)
	_, err = share.Redeem(bob, w.id, codes[1], w.s.Log(w.id), w.s.Links(w.id))
	require.ErrorIs(t, err, keys.ErrMismatch, "withdrawn")
	for _, code := range codes {
		w.s.NoLeak(t, "a code", []byte(code.Show()))
		w.s.NoLeak(t, "a code", []byte(strings.ReplaceAll(code.Show(), "-", "")))
	}
	for n := uint32(1); n <= g.Log().Generation(); n++ {
		w.s.NoLeak(t, "a group key", share.KeyOf(g, n))
	}
}

// A44: whoever makes a key gives different ones to different members.
func TestA44_TwoKeysInOneGeneration(t *testing.T) {
	evil, bob, carol := newAccount(), newAccount(), newAccount()
	w, g := found(t, evil)
	g = w.commit(must(g.Add(share.Writer, bob.Identity(), carol.Identity())), nil, evil)
	one, two := random(32), random(32)
	f := share.Forgery{Signer: private(evil), Kind: share.KindRotate, Rotation: &share.ForgedRotation{Generation: 2, Key: one, Older: 1, OlderKey: share.KeyOf(g, 1)}}
	w.show(f.Entry(g.Log()))
	log := must(share.ReadLog(w.s.Log(w.id)))
	toBob := share.ForgeLink(log, 2, one, bob.Identity())
	toCarol := share.ForgeLink(log, 2, two, carol.Identity())
	_, err := share.Join(bob, w.id, evil.ID(), w.s.Log(w.id), toBob)
	require.NoError(t, err)
	_, err = share.Join(carol, w.id, evil.ID(), w.s.Log(w.id), toCarol)
	require.ErrorIs(t, err, keys.ErrOpen)

	// The same for the key of an older generation in its box.
	f.Rotation.OlderKey = two
	w.honest()
	w.show(f.Entry(g.Log()))
	log = must(share.ReadLog(w.s.Log(w.id)))
	fresh, err := share.Join(bob, w.id, evil.ID(), w.s.Log(w.id), share.ForgeLink(log, 2, one, bob.Identity()))
	require.NoError(t, err)
	require.Nil(t, share.KeyOf(fresh, 1))
	require.Equal(t, []uint32{1}, fresh.Missing())
}

// A49: entries are dropped, exchanged, repeated.
func TestA49_DropReorderReplay(t *testing.T) {
	jane := newAccount()
	w, g := found(t, jane)
	first := g
	for range 5 {
		g = w.commit(must(g.Rotate()), nil, jane)
	}
	for name, c := range map[string]struct {
		twist hostile.Twist
		want  error
	}{
		"dropped":        {hostile.Without(3), keys.ErrBehind},
		"the first gone": {hostile.Without(0), keys.ErrBehind},
		"exchanged":      {hostile.Swapped(3, 4), keys.ErrBehind},
		"repeated":       {hostile.Twice(3), keys.ErrRollback},
	} {
		w.s.Twist(w.id, c.twist)
		_, err := share.ReadLog(w.s.Log(w.id))
		require.ErrorIs(t, err, c.want, name)
		_, err = first.Apply(w.s.Log(w.id)[1:], nil)
		require.Error(t, err, name)
		_, err = share.Join(jane, w.id, jane.ID(), w.s.Log(w.id), nil)
		require.ErrorIs(t, err, c.want, name)
	}
	known := g.Log().Entries(0)
	_, err := g.Apply([][]byte{known[1], known[0]}, nil)
	require.ErrorIs(t, err, keys.ErrRollback, "known ones, exchanged")
	w.s.Twist(w.id, hostile.First(4))
	got, err := g.Apply(w.s.Log(w.id), nil)
	require.NoError(t, err, "withholding shows to whoever has seen more, and changes nothing")
	require.Equal(t, g.Log().Head(), got.Log().Head())
	_, err = share.Resume(jane, g.Bookmark(), w.s.Log(w.id), nil)
	require.ErrorIs(t, err, keys.ErrRollback)
}

// A50: single records are rolled back.
func TestA50_Rollback(t *testing.T) {
	jane, bob := newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Writer, bob.Identity())), nil, jane)
	_, ref, err := envelope.Seal(g, note("d"), []byte("1"))
	require.NoError(t, err)
	one, ref, err := envelope.Seal(g, ref, []byte("2"))
	require.NoError(t, err)
	_, ref, err = envelope.Seal(g, ref, []byte("3"))
	require.NoError(t, err)
	_, err = envelope.Open(g, ref, one)
	require.ErrorIs(t, err, keys.ErrRollback, "a document")

	bobs := w.join(bob, jane)
	stale := w.s.Link(w.id, bob.ID())
	w.commit(must(g.Rotate()), nil, jane)
	bobs = w.follow(bobs, bob)
	w.s.Rewind(hostile.Links, hostile.MemberName(w.id, bob.ID()), 0)
	require.Equal(t, stale, w.s.Link(w.id, bob.ID()))
	_, err = w.apply(bobs, bob)
	require.ErrorIs(t, err, keys.ErrRollback, "a link")
	w.s.Twist(w.id, hostile.First(2))
	_, err = share.Resume(bob, bobs.Bookmark(), w.s.Log(w.id), nil)
	require.ErrorIs(t, err, keys.ErrRollback, "the log")
	_, err = share.Resume(bob, bobs.Bookmark(), nil, nil)
	require.ErrorIs(t, err, keys.ErrRollback, "no log at all")
}

// A51: two worlds.
func TestA51_Fork(t *testing.T) {
	jane, bob, carol := newAccount(), newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Admin, bob.Identity(), carol.Identity())), nil, jane)
	bobs, carols := w.join(bob, jane), w.join(carol, jane)
	other := &world{t, w.s.Fork(), w.id}

	// Bob takes somebody in, and in the world that Carol sees it is somebody else.
	bobs = w.commit(must(bobs.Add(share.Reader, newAccount().Identity())), nil, bob)
	carols = other.commit(must(carols.Add(share.Reader, newAccount().Identity())), nil, carol)
	janes := w.follow(g, jane) // Jane is in Bob's

	// People who exchange a document notice.
	require.NotEqual(t, janes.Log().Head(), carols.Log().Head())
	sealed := other.seal(carols, "d", "from the other world")
	_, err := envelope.Open(janes, note("d"), sealed)
	require.ErrorIs(t, err, keys.ErrFork)
	sealed = w.seal(bobs, "d", "from the same world")
	_, err = envelope.Open(janes, note("d"), sealed)
	require.NoError(t, err)
	_, err = envelope.Open(g, note("d"), sealed)
	require.ErrorIs(t, err, keys.ErrBehind)

	// The entries of the other world are evidence.
	_, err = janes.Apply(other.s.Log(w.id), nil)
	var fork *share.ForkError
	require.ErrorAs(t, err, &fork)
	require.ErrorIs(t, err, keys.ErrFork)
	require.Equal(t, w.s.Log(w.id)[2], fork.Known)
	require.Equal(t, other.s.Log(w.id)[2], fork.Other)
	require.True(t, fork.Signed)
	_, err = share.Resume(jane, janes.Bookmark(), other.s.Log(w.id), nil)
	require.ErrorAs(t, err, &fork)
	require.Nil(t, fork.Known)

	// With a new key in each world, not even that: neither has the other's key.
	bobs = w.commit(must(bobs.Rotate()), nil, bob)
	carols = other.commit(must(carols.Rotate()), nil, carol)
	_, err = envelope.Open(bobs, note("d"), other.seal(carols, "d", "x"))
	require.ErrorIs(t, err, keys.ErrOpen)

	// A device that has seen nothing can't tell which world it is in: the log is
	// whole and signed. It names the inviter, and compares the head.
	_, err = share.Join(jane, w.id, jane.ID(), other.s.Log(w.id), nil)
	require.NoError(t, err)
}

// must is for changes that can't fail.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestForgedFork shows what the server can make up, and that it is told apart.
func TestForgedFork(t *testing.T) {
	jane, evil := newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Rotate()), nil, jane)
	f := share.Forgery{Signer: private(evil), As: ptr(jane.ID()), Kind: share.KindRotate, Previous: new([32]byte), Rotation: &share.ForgedRotation{Generation: 3, Key: random(32)}}
	_, err := g.Apply([][]byte{f.Entry(g.Log())}, nil)
	var fork *share.ForkError
	require.ErrorAs(t, err, &fork)
	require.False(t, fork.Signed)
	require.Equal(t, w.s.Log(w.id)[1], fork.Known)
	f.Signer = private(jane)
	_, err = g.Apply([][]byte{f.Entry(g.Log())}, nil)
	require.ErrorAs(t, err, &fork)
	require.True(t, fork.Signed)
	raw, err := json.Marshal(fork)
	require.NoError(t, err)
	require.NotEmpty(t, raw)
}
