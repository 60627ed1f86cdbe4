package share_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/hostile"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// Attacks on sharing, membership and revocation. The numbers are those of the
// list of published attacks in docs/attacks.md.

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
