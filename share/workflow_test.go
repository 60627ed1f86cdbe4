package share_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/hostile"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// TestTwoAdminsAtOnce lets two admins change the group at the same time: one
// wins, the other plans again, and what was sealed meanwhile stays readable.
func TestTwoAdminsAtOnce(t *testing.T) {
	jane, bob, carol, dave := newAccount(), newAccount(), newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Admin, bob.Identity())), nil, jane)
	g = w.commit(must(g.Add(share.Writer, carol.Identity())), nil, jane)
	bobs, carols := w.join(bob, jane), w.join(carol, jane)

	byJane := must(g.Remove(carol.ID()))
	byBob := must(bobs.Add(share.Reader, dave.Identity()))
	w.seal(carols, "c", "sealed before either")
	require.NoError(t, w.s.Commit(bob.ID(), byBob))
	w.seal(byBob.After(), "b", "sealed in between")
	err := w.s.Commit(jane.ID(), byJane)
	require.ErrorIs(t, err, keys.ErrRollback)

	g = w.follow(g, jane)
	w.opens(g, "b", "sealed in between")
	g = w.commit(must(g.Remove(carol.ID())), nil, jane)
	daves := w.join(dave, bob)
	w.opens(daves, "b", "sealed in between")
	_, err = w.open(daves, "c")
	require.ErrorIs(t, err, envelope.ErrFormer)
	resealed, _, err := envelope.Reseal(g, note("c"), w.s.Get(hostile.Documents, "c"))
	require.NoError(t, err)
	w.s.Put(hostile.Documents, "c", resealed)
	w.opens(daves, "c", "sealed before either")

	// The losing plan is nowhere: what it was made from is as it was, and the
	// key that it drew is in no generation.
	require.EqualValues(t, 2, g.Log().Generation())
	require.NotEqual(t, share.KeyOf(byJane.After(), 2), share.KeyOf(g, 2))
}

// TestCrash stops after each write of a change, on a server without
// transactions, and goes on from what is stored.
func TestCrash(t *testing.T) {
	jane, bob := newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Admin, bob.Identity())), nil, jane)
	w.seal(g, "d", "before")
	bobs := w.join(bob, jane)
	c := must(g.Rotate())
	stored, err := json.Marshal(c)
	require.NoError(t, err)
	writes := len(hostile.Writes(c, jane.ID()))
	require.Equal(t, 4, writes)
	for n := range writes + 1 {
		at := &world{t, w.s.Fork(), w.id}
		at.s.Crash(jane.ID(), c, n)

		// The change was kept, and is sent again.
		var again share.Change
		require.NoError(t, json.Unmarshal(stored, &again))
		require.Nil(t, again.After())
		resent := &world{t, at.s.Fork(), w.id}
		require.NoError(t, resent.s.Commit(jane.ID(), &again))
		resumed, err := share.Resume(jane, resent.s.Bookmark(w.id, jane.ID()), resent.s.Log(w.id), nil)
		require.NoError(t, err)
		resent.opens(resumed, "d", "before")
		require.EqualValues(t, 2, resumed.Log().Generation())

		// The change was lost, and with it the new key. Links may be newer than
		// the log: then they are not used. Anybody who may makes a new key.
		for _, me := range []*share.Group{g, bobs} {
			lost := &world{t, at.s.Fork(), w.id}
			next, err := me.Apply(lost.s.Log(w.id), nil)
			require.NoError(t, err)
			acc := map[bool]*keys.Account{true: jane, false: bob}[me == g]
			next = lost.commit(must(next.Rotate()), nil, acc)
			lost.opens(next, "d", "before")
			for _, who := range []*keys.Account{jane, bob} {
				fresh := lost.join(who, jane)
				lost.opens(fresh, "d", "before")
			}
		}
	}
}

// TestLostKey loses the links of a rotation altogether: the entry is stored, and
// nobody has the key. An admin goes on, and nothing that was sealed is lost.
func TestLostKey(t *testing.T) {
	jane, bob := newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Writer, bob.Identity())), nil, jane)
	w.seal(g, "d", "text")
	w.show(must(g.Rotate()).Entries[0])
	bobs, err := share.Join(bob, w.id, jane.ID(), w.s.Log(w.id), nil)
	require.NoError(t, err)
	again, err := share.Resume(jane, g.Bookmark(), w.s.Log(w.id), nil)
	require.NoError(t, err)
	_, err = ring.Of(again.Ring()).Sealing()
	require.ErrorIs(t, err, keys.ErrBehind)
	_, err = again.Add(share.Reader, newAccount().Identity())
	require.ErrorIs(t, err, keys.ErrBehind)
	_, err = again.Repair()
	require.ErrorIs(t, err, keys.ErrBehind)
	c := must(again.Rotate())
	bobs, err = bobs.Apply(c.Entries, c.Links[bob.ID()])
	require.NoError(t, err)
	w.opens(bobs, "d", "text")
	require.Equal(t, []uint32{2}, bobs.Missing(), "sealed under it: nothing")
}

// TestEvilAdmin has an admin go bad: against the owner's link, the older keys,
// the invitations, and the log's length.
func TestEvilAdmin(t *testing.T) {
	jane, evil, bob := newAccount(), newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Admin, evil.Identity())), nil, jane)
	g = w.commit(must(g.Add(share.Writer, bob.Identity())), nil, jane)
	bobs := w.join(bob, jane)
	w.seal(bobs, "old", "of generation 1")

	// A new key without the older one, an honest link for Bob, none for Jane.
	key := random(32)
	f := share.Forgery{Signer: private(evil), Kind: share.KindRotate, Rotation: &share.ForgedRotation{Generation: 2, Key: key}}
	entry := f.Entry(g.Log())
	log := must(share.ReadLog(append(w.s.Log(w.id), entry)))
	c := &share.Change{Group: w.id, Seq: 3, Entries: [][]byte{entry}, Bookmark: g.Bookmark(), Links: map[keys.AccountID][]byte{
		jane.ID(): share.ForgeLink(log, 2, random(32), jane.Identity()),
		evil.ID(): share.ForgeLink(log, 2, key, evil.Identity()),
		bob.ID():  share.ForgeLink(log, 2, key, bob.Identity()),
	}}
	require.NoError(t, w.s.Commit(evil.ID(), c), "the server can't tell")
	_, err := w.apply(g, jane)
	require.ErrorIs(t, err, keys.ErrOpen)
	bobs = w.follow(bobs, bob)
	w.seal(bobs, "new", "of generation 2")
	w.opens(bobs, "old", "of generation 1")

	// Jane acts without the key: she removes the admin.
	g, err = g.Apply(w.s.Log(w.id), nil)
	require.NoError(t, err)
	require.Equal(t, []uint32{2}, g.Missing())
	g = w.commit(must(g.Remove(evil.ID())), nil, jane)
	w.opens(g, "old", "of generation 1")
	_, err = w.open(g, "new")
	require.ErrorIs(t, err, keys.ErrBehind)

	// Bob has the key that she lacks, and gives it to the group.
	bobs = w.follow(bobs, bob)
	w.opens(bobs, "new", "of generation 2")
	require.Empty(t, bobs.Missing())
	bobs = w.commit(must(bobs.Repair()), nil, bob)
	again, err := bobs.Repair()
	require.NoError(t, err)
	require.Nil(t, again)
	g = w.follow(g, jane)
	w.opens(g, "new", "of generation 2")
	fresh := w.join(jane, jane)
	w.opens(fresh, "new", "of generation 2")
	w.opens(fresh, "old", "of generation 1")

	// The same repair, twice, is refused.
	f = share.Forgery{Signer: private(bob), Kind: share.KindRepair, Older: []uint32{2}}
	_, err = g.Apply([][]byte{f.Entry(g.Log())}, nil)
	require.ErrorIs(t, err, share.ErrForbidden)
	f.Older = []uint32{1}
	_, err = g.Apply([][]byte{f.Entry(g.Log())}, nil)
	require.NoError(t, err)
	noGrant(t, w, 3, evil)
}

// TestLinkAgain makes a link anew, by any member.
func TestLinkAgain(t *testing.T) {
	jane, bob, reader := newAccount(), newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Writer, bob.Identity())), nil, jane)
	g = w.commit(must(g.Add(share.Reader, reader.Identity())), nil, jane)
	readers := w.join(reader, jane)
	w.s.Omit(hostile.Links, hostile.MemberName(w.id, bob.ID()))
	ways := g.Access(w.s.Links(w.id))
	require.True(t, ways[1].NoLink)
	require.False(t, ways[0].NoLink)
	link, err := readers.Link(bob.ID())
	require.NoError(t, err)
	require.NoError(t, g.Log().AcceptLink(bob.ID(), link))
	require.ErrorIs(t, g.Log().AcceptLink(keys.AccountID{}, link), keys.ErrMismatch)
	require.Error(t, g.Log().AcceptLink(bob.ID(), nil))
	w.s.Put(hostile.Links, hostile.MemberName(w.id, bob.ID()), link)
	bobs := w.join(bob, jane)
	require.Equal(t, share.KeyOf(g, 1), share.KeyOf(bobs, 1))
	_, err = readers.Link(newAccount().ID())
	require.ErrorIs(t, err, keys.ErrMismatch)
	g = w.commit(must(g.Remove(reader.ID())), nil, jane)
	readers, err = readers.Apply(w.s.Log(w.id), nil)
	require.NoError(t, err)
	_, err = readers.Link(bob.ID())
	require.ErrorIs(t, err, share.ErrForbidden)
	require.ErrorIs(t, g.Log().AcceptLink(bob.ID(), link), keys.ErrRollback)
}

// TestAccess compares the report with what happened.
func TestAccess(t *testing.T) {
	jane, bob, carol := newAccount(), newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Writer, bob.Identity(), carol.Identity())), nil, jane)
	rotated := must(bob.Rotate())
	links := w.s.Links(w.id)
	delete(links, carol.ID())
	want := []share.Way{
		{ID: jane.ID(), Role: share.Owner, By: jane.ID(), Generation: 1},
		{ID: bob.ID(), Role: share.Writer, By: jane.ID(), Since: 1, Generation: 1, Behind: true},
		{ID: carol.ID(), Role: share.Writer, By: jane.ID(), Since: 1, Generation: 1, NoLink: true},
	}
	require.Equal(t, want, g.Access(links, rotated.Identity(), carol.Identity()))

	bobs := must(share.Resume(rotated, w.join(bob, jane).Bookmark(), w.s.Log(w.id), nil))
	w.commit(must(bobs.Rekey()), nil, rotated)
	g = w.follow(g, jane)
	ways := g.Access(w.s.Links(w.id), rotated.Identity())
	require.Len(t, ways, 4)
	require.EqualValues(t, 1, ways[1].Epoch)
	require.Equal(t, share.Way{ID: bob.ID(), By: jane.ID(), Since: 1, Generation: 1}, ways[3], "the old keys, until the rotation")
	old := w.s.Links(w.id)
	g = w.commit(must(g.Rotate()), nil, jane)
	ways = g.Access(old, rotated.Identity())
	require.Len(t, ways, 3)
	for _, way := range ways {
		require.True(t, way.StaleLink)
		require.False(t, way.Behind)
	}
	raw, err := json.Marshal(ways[0])
	require.NoError(t, err)
	require.JSONEq(t, fmt.Sprintf(`{"id":%q,"role":4,"by":%q,"since":0,"generation":2,"epoch":0,"stale_link":true}`, jane.ID(), jane.ID()), string(raw))
	raw, err = json.Marshal(g.Log().Exposure(jane.ID()))
	require.NoError(t, err)
	require.JSONEq(t, fmt.Sprintf(`{"account":%q,"generation":2,"open":true}`, jane.ID()), string(raw))
	require.Equal(t, share.Exposure{}, g.Log().Exposure(keys.AccountID{}))
}

// TestDoors opens a group by each door, later and on other devices.
func TestDoors(t *testing.T) {
	jane, bob, stranger := newAccount(), newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Admin, bob.Identity())), nil, jane)
	carol := newAccount()
	bobs := w.commit(must(w.join(bob, jane).Add(share.Reader, carol.Identity())), nil, bob)
	g = w.follow(g, jane)
	log := w.s.Log(w.id)
	link := w.s.Link(w.id, carol.ID())

	for name, c := range map[string]struct {
		me   *keys.Account
		id   keys.GroupID
		from keys.AccountID
		want error
	}{
		"who added":     {carol, w.id, bob.ID(), nil},
		"the creator":   {carol, w.id, jane.ID(), nil},
		"oneself":       {carol, w.id, carol.ID(), keys.ErrMismatch},
		"a stranger":    {carol, w.id, stranger.ID(), keys.ErrMismatch},
		"another group": {carol, keys.GroupID{1}, bob.ID(), keys.ErrMismatch},
		"not a member":  {stranger, w.id, bob.ID(), keys.ErrBehind},
	} {
		_, err := share.Join(c.me, c.id, c.from, log, link)
		require.ErrorIs(t, err, c.want, name)
	}
	_, err := share.Join(carol, w.id, bob.ID(), log[:2], link)
	require.ErrorIs(t, err, keys.ErrBehind, "the log before")

	// Bookmark and snapshot, after a rotation in between.
	mark, snapshot := bobs.Bookmark(), bobs.Marshal()
	require.Len(t, mark, 201)
	w.seal(bobs, "d", "text")
	g = w.commit(must(g.Rotate()), nil, jane)
	for name, open := range map[string]func() (*share.Group, error){
		"resume": func() (*share.Group, error) {
			return share.Resume(bob, mark, w.s.Log(w.id), w.s.Link(w.id, bob.ID()))
		},
		"restore": func() (*share.Group, error) {
			g, err := share.Restore(bob, snapshot)
			if err != nil {
				return nil, err
			}
			require.Equal(t, bobs.Log().Head(), g.Log().Head())
			require.Equal(t, share.KeyOf(bobs, 1), share.KeyOf(g, 1))
			return w.apply(g, bob)
		},
		"resume without the link": func() (*share.Group, error) { return share.Resume(bob, mark, w.s.Log(w.id), nil) },
	} {
		again, err := open()
		require.NoError(t, err, name)
		require.Equal(t, g.Log().Head(), again.Log().Head(), name)
		require.Equal(t, g.Log().Entries(0), again.Log().Entries(0), name)
		w.opens(again, "d", "text")
		_, err = ring.Of(again.Ring()).Sealing()
		require.Equal(t, name == "resume without the link", err != nil, name)
	}
	for i := range mark {
		for _, record := range [][]byte{mark, snapshot} {
			flipped := append([]byte{}, record...)
			flipped[i] ^= 1
			_, err := share.Resume(bob, flipped, w.s.Log(w.id), nil)
			require.Error(t, err)
			_, err = share.Restore(bob, flipped)
			require.Error(t, err)
		}
	}
	_, err = share.Restore(bob, snapshot[:len(snapshot)-1])
	require.ErrorIs(t, err, keys.ErrOpen)

	// Bob's new keys open what his old ones kept; the old ones don't open what
	// the new ones keep.
	rotated := must(bob.Rotate())
	again := must(share.Restore(rotated, snapshot))
	require.True(t, again.RekeyDue())
	_, err = share.Restore(bob, again.Marshal())
	require.ErrorIs(t, err, keys.ErrBehind)
	_, err = share.Resume(bob, again.Bookmark(), w.s.Log(w.id), nil)
	require.ErrorIs(t, err, keys.ErrBehind)
}

// TestServerCheck shows the server what it must refuse.
func TestServerCheck(t *testing.T) {
	jane, bob, carol := newAccount(), newAccount(), newAccount()
	created := share.Create(jane)
	var none *share.Log
	log := must(none.Accept(created))
	good := must(created.After().Add(share.Writer, bob.Identity()))
	copied := func() *share.Change {
		c := *good
		c.Links = map[keys.AccountID][]byte{bob.ID(): good.Links[bob.ID()]}
		return &c
	}
	for name, c := range map[string]struct {
		spoil func(*share.Change)
		want  error
	}{
		"good":           {func(*share.Change) {}, nil},
		"no link":        {func(c *share.Change) { c.Links = nil }, keys.ErrMismatch},
		"one more link":  {func(c *share.Change) { c.Links[jane.ID()] = c.Links[bob.ID()] }, keys.ErrMismatch},
		"another's link": {func(c *share.Change) { c.Links = map[keys.AccountID][]byte{carol.ID(): c.Links[bob.ID()]} }, keys.ErrMismatch},
		"damaged link":   {func(c *share.Change) { c.Links[bob.ID()] = c.Links[bob.ID()][:100] }, keys.ErrMalformed},
		"other group":    {func(c *share.Change) { c.Group[0] ^= 1 }, keys.ErrMismatch},
		"moved":          {func(c *share.Change) { o := share.Create(bob); c.Group, c.Bookmark = o.Group, o.Bookmark }, keys.ErrMismatch},
		"late":           {func(c *share.Change) { c.Seq-- }, keys.ErrRollback},
		"early":          {func(c *share.Change) { c.Seq++ }, keys.ErrBehind},
		"no entries":     {func(c *share.Change) { c.Entries = nil }, keys.ErrMalformed},
		"old entries":    {func(c *share.Change) { c.Entries = created.Entries }, keys.ErrRollback},
		"old and new":    {func(c *share.Change) { c.Entries = append(created.Entries[:1:1], c.Entries...) }, keys.ErrRollback},
		"no bookmark":    {func(c *share.Change) { c.Bookmark = nil }, keys.ErrMalformed},
		"long bookmark":  {func(c *share.Change) { c.Bookmark = append(c.Bookmark[:201:201], 0) }, keys.ErrMalformed},
		"other bookmark": {func(c *share.Change) { c.Bookmark = share.Create(bob).Bookmark }, keys.ErrMismatch},
		"unsigned":       {func(c *share.Change) { c.Entries = [][]byte{append(c.Entries[0][:len(c.Entries[0])-1:1<<20], 0)} }, keys.ErrMalformed},
	} {
		ch := copied()
		if name == "unsigned" {
			e := append([]byte{}, ch.Entries[0]...)
			e[len(e)-1] ^= 1
			ch.Entries = [][]byte{e}
		} else {
			c.spoil(ch)
		}
		next, err := log.Accept(ch)
		if c.want == nil {
			require.NoError(t, err, name)
			require.EqualValues(t, 2, next.Len())
			continue
		}
		require.ErrorIs(t, err, c.want, name)
		require.Nil(t, next, name)
	}
	require.EqualValues(t, 1, log.Len())
	_, err := none.Accept(good)
	require.ErrorIs(t, err, keys.ErrBehind)
}

// TestManyAtOnce uses one group from many goroutines.
func TestManyAtOnce(t *testing.T) {
	jane := newAccount()
	w, g := found(t, jane)
	people := make([]*keys.Account, 4)
	for i := range people {
		people[i] = newAccount()
	}
	g = w.commit(must(g.Add(share.Writer, people[0].Identity())), nil, jane)
	next := must(g.Rotate())
	var wait sync.WaitGroup
	for i := range people {
		wait.Go(func() {
			for range 5 {
				c, err := g.Add(share.Reader, newAccount().Identity())
				if assert.NoError(t, err) {
					_, err = g.Log().Accept(c)
					assert.NoError(t, err)
				}
				after, err := g.Apply(next.Entries, next.Links[jane.ID()])
				if assert.NoError(t, err) {
					assert.Equal(t, next.After().Log().Head(), after.Log().Head())
				}
				s, err := ring.Of(g.Ring()).Sealing()
				if assert.NoError(t, err) {
					assert.EqualValues(t, 1, s.Generation)
				}
				_, err = ring.Of(after.Ring()).DocumentKey(1)
				assert.NoError(t, err)
				assert.Len(t, g.Access(nil), 2)
				_ = g.Marshal()
				_ = people[i]
			}
		})
	}
	wait.Wait()
	require.EqualValues(t, 2, g.Log().Len())
}
