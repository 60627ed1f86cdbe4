package share_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/hostile"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

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
