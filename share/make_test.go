package share_test

import (
	"bytes"
	"encoding/json"
	"runtime"
	"testing"
	"testing/cryptotest"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/hostile"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/vectors"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// TestMakeVectors makes the vectors of this package anew.
func TestMakeVectors(t *testing.T) {
	vectors.Updating(t)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	cryptotest.SetGlobalRandom(t, 9)
	m := &vectorMaker{t: t, accounts: map[string]*keys.Account{}}
	m.makeChain()
	vectors.Write(t, "share/accounts.json", source, m.listed)
	vectors.Write(t, "share/chain.json", source, m.chain)
	vectors.Write(t, "share/refused.json", source, m.makeRefused())
	vectors.Write(t, "share/doors.json", source, m.makeDoors())
	vectors.Write(t, "share/changes.json", source, m.changes)
	vectors.Write(t, "share/authors.json", source, m.makeAuthors())
}

type vectorMaker struct {
	t        *testing.T
	accounts map[string]*keys.Account
	listed   []accountVector
	w        *world
	chain    []chainVector
	changes  []changeVector
	janes    []*share.Group // behind each entry
	guests   []*keys.Code   // redeemed, withdrawn, voided
	marks    map[string][]byte
}

func (m *vectorMaker) account(name string) *keys.Account {
	device := random(32)
	a := keys.NewAccount(keys.Device([32]byte(device)))
	m.list(name, device, a)
	return a
}

func (m *vectorMaker) list(name string, device []byte, a *keys.Account) {
	m.accounts[name] = a
	m.listed = append(m.listed, accountVector{name, a.ID(), device, a.Locked().Bytes()})
}

// commit adds a change to the chain and to the changes.
func (m *vectorMaker) commit(name string, c *share.Change, err error, me *keys.Account) *share.Group {
	g := m.w.commit(c, err, me)
	raw, err := json.Marshal(c)
	require.NoError(m.t, err)
	m.changes = append(m.changes, changeVector{Name: name, Front: int(c.Seq), Change: raw})
	log := g.Log()
	head := log.Head()
	v := chainVector{
		Name: name, Entry: c.Entries[0], Group: c.Group, Hash: head[:], Generation: log.Generation(),
		Key: share.KeyOf(g, log.Generation()), Due: log.RotationDue(), Dissolved: log.Dissolved(), Members: []memberVector{},
	}
	for id, role := range log.Members() {
		v.Members = append(v.Members, memberVector{id, role, log.Invited(id), c.Links[id]})
	}
	m.chain = append(m.chain, v)
	if len(m.janes) > 0 {
		last := m.janes[len(m.janes)-1]
		m.janes = append(m.janes, must(last.Apply(c.Entries, c.Links[m.accounts["jane"].ID()])))
	} else {
		m.janes = append(m.janes, g)
	}
	return g
}

func (m *vectorMaker) jane() *share.Group { return m.janes[len(m.janes)-1] }

// makeChain makes a group in which every kind of change occurs.
func (m *vectorMaker) makeChain() {
	jane, bob, carol := m.account("jane"), m.account("bob"), m.account("carol")
	dave, stranger := m.account("dave"), m.account("stranger")
	_ = stranger
	c := share.Create(jane)
	m.w = &world{m.t, hostile.New(), c.Group}
	m.marks = map[string][]byte{}
	m.commit("create", c, nil, jane)
	c, err := m.jane().Add(share.Admin, bob.Identity())
	m.commit("add", c, err, jane)
	c, err = m.jane().Add(share.Writer, carol.Identity(), dave.Identity())
	m.commit("add two", c, err, jane)
	bobs := m.w.join(bob, jane)
	carols := m.w.join(carol, jane)
	for range 3 {
		var code *keys.Code
		if len(m.guests) < 2 {
			c, code, err = m.jane().Invite(share.Writer)
			m.commit("invite", c, err, jane)
		} else {
			bobs = m.w.follow(bobs, bob)
			c, code, err = bobs.Invite(share.Reader)
			m.commit("invite, by an admin", c, err, bob)
		}
		m.guests = append(m.guests, code)
	}
	m.marks["bookmark"] = m.jane().Bookmark()
	m.marks["snapshot"] = m.jane().Marshal()
	eve := m.account("eve")
	c, err = share.Redeem(eve, m.w.id, m.guests[0], m.w.s.Log(m.w.id), m.w.s.Links(m.w.id))
	m.commit("redeem", c, err, eve)
	c, err = m.jane().Rotate()
	m.commit("rotate", c, err, jane)
	c, err = m.jane().Remove(guestID(m.guests[1]))
	m.commit("remove an invitation", c, err, jane)
	c, err = m.jane().SetRole(share.Admin, eve.ID())
	m.commit("set role, up", c, err, jane)
	c, err = m.jane().SetRole(share.Reader, bob.ID())
	m.commit("set role, down: an invitation ends", c, err, jane)
	c, err = m.w.follow(carols, carol).Leave()
	m.commit("leave", c, err, carol)
	c, err = m.jane().Remove(bob.ID())
	m.commit("remove", c, err, jane)
	daves := m.w.join(dave, jane)
	device := m.listed[3].Device
	renewed := must(dave.Rotate())
	m.list("dave, epoch 1", device, renewed)
	c, err = must(share.Restore(renewed, daves.Marshal())).Rekey()
	m.commit("re-key, by a writer", c, err, renewed)
	m.lostBox()
	daves = m.w.join(renewed, jane)
	c, err = m.jane().Repair()
	m.commit("repair", c, err, jane)
	m.marks["last bookmark"] = m.jane().Bookmark()
	c, err = m.jane().Dissolve()
	m.commit("dissolve", c, err, jane)
	_ = daves
	m.spoilChanges()
}

// lostBox adds a rotation whose box of the older key does not open.
func (m *vectorMaker) lostBox() {
	g := m.jane()
	key := random(32)
	jane := m.accounts["jane"]
	generation := g.Log().Generation()
	f := share.Forgery{Signer: private(jane), Kind: share.KindRotate, Rotation: &share.ForgedRotation{Generation: generation + 1, Key: key, Older: generation, Box: random(124)}}
	entry := f.Entry(g.Log())
	log := must(share.ReadLog(append(m.w.s.Log(m.w.id), entry)))
	c := &share.Change{Group: m.w.id, Seq: g.Log().Len(), Entries: [][]byte{entry}, Links: map[keys.AccountID][]byte{}, Bookmark: g.Bookmark()}
	for id := range log.Members() {
		c.Links[id] = share.ForgeLink(log, generation+1, key, must(keys.TrustFirst(log.Identity(id))))
	}
	next := must(g.Apply(c.Entries, c.Links[jane.ID()]))
	c.Bookmark = next.Bookmark()
	require.NoError(m.t, m.w.s.Commit(jane.ID(), c))
	raw := must(json.Marshal(c))
	name := "rotate, with a box of an older key that does not open"
	m.changes = append(m.changes, changeVector{Name: name, Front: int(c.Seq), Change: raw})
	head := next.Log().Head()
	v := chainVector{Name: name, Entry: entry, Group: m.w.id, Hash: head[:], Generation: generation + 1, Key: key, Members: []memberVector{}}
	for id, role := range log.Members() {
		v.Members = append(v.Members, memberVector{id, role, log.Invited(id), c.Links[id]})
	}
	m.chain = append(m.chain, v)
	m.janes = append(m.janes, next)
}

// spoilChanges adds changes that a server refuses.
func (m *vectorMaker) spoilChanges() {
	good := m.changes[2] // add two
	bob, carol := m.accounts["bob"].ID(), m.accounts["carol"].ID()
	for _, c := range []struct {
		name  string
		spoil func(*share.Change)
		want  string
	}{
		{"a link is missing", func(c *share.Change) { delete(c.Links, carol) }, "mismatch"},
		{"one link more", func(c *share.Change) { c.Links[bob] = c.Links[carol] }, "mismatch"},
		{"a link cut", func(c *share.Change) { c.Links[carol] = c.Links[carol][:1276] }, "malformed"},
		{"late", func(c *share.Change) { c.Seq-- }, "rollback"},
		{"early", func(c *share.Change) { c.Seq++ }, "behind"},
		{"no entry", func(c *share.Change) { c.Entries = nil }, "malformed"},
		{"another group", func(c *share.Change) { c.Group[3] ^= 1 }, "mismatch"},
		{"no bookmark", func(c *share.Change) { c.Bookmark = nil }, "malformed"},
		{"signature", func(c *share.Change) { c.Entries[0][len(c.Entries[0])-1] ^= 1 }, "malformed"},
	} {
		var change share.Change
		require.NoError(m.t, json.Unmarshal(good.Change, &change))
		c.spoil(&change)
		m.changes = append(m.changes, changeVector{c.name, good.Front, must(json.Marshal(change)), c.want})
	}
}

// makeRefused makes logs that are refused, by the kind of failure.
func (m *vectorMaker) makeRefused() (out []refusalVector) {
	add := func(name string, front int, want string, entries ...[]byte) {
		out = append(out, refusalVector{name, front, toHexes(entries), want})
	}
	at := func(n int) *share.Log { return m.janes[n-1].Log() }
	jane, bob, carol, stranger := m.accounts["jane"], m.accounts["bob"], m.accounts["carol"], m.accounts["stranger"]
	newcomer := [][]byte{stranger.Identity().Bytes()}
	entry := func(n int) []byte { return bytes.Clone(m.chain[n].Entry) }
	spoiled := func(n, i int, b byte) []byte {
		e := entry(n)
		e[(i+len(e))%len(e)] ^= b
		return e
	}
	rot := func(n int) *share.ForgedRotation {
		return &share.ForgedRotation{Generation: at(n).Generation() + 1, Key: random(32)}
	}
	forge := func(n int, f share.Forgery) []byte { return f.Entry(at(n)) }

	add("no entry", 0, "malformed")
	add("another kind of record", 1, "malformed", append([]byte("skL\x01"), entry(1)[4:]...))
	add("version 2", 1, "newer", spoiled(1, 3, 3))
	add("cut", 1, "malformed", entry(1)[:len(entry(1))-1])
	add("a byte behind", 1, "malformed", append(entry(1), 0))
	add("signature changed", 1, "malformed", spoiled(1, -1, 1))
	add("body changed", 1, "malformed", spoiled(1, 4+25+8+32+25+4+1+4, 1)) // the role
	add("identity changed", 1, "malformed", spoiled(1, 700, 1))
	add("unknown kind", 1, "malformed", spoiled(1, 4+25+8+32+25+4, 0x40))
	add("no key in the first entry", 0, "malformed", share.Forgery{Signer: private(jane), Kind: share.KindCreate, People: [][]byte{jane.Identity().Bytes()}}.Entry(nil))
	add("first entry missing", 0, "behind", entry(1))
	add("gap", 1, "behind", entry(2))
	add("twice", 2, "rollback", entry(1))
	add("previous is another entry", 1, "fork", forge(1, share.Forgery{Signer: private(jane), Kind: share.KindRotate, Rotation: rot(1), Previous: &[32]byte{1}}))
	add("two histories", 2, "fork", entry(2), forge(2, share.Forgery{Signer: private(jane), Kind: share.KindRotate, Rotation: rot(2), Seq: ptr(uint64(3))}))
	other := share.Create(bob)
	add("entry of another group", 1, "mismatch", must(other.After().Rotate()).Entries[0])
	add("created twice", 1, "forbidden", forge(1, share.Forgery{Signer: private(jane), Kind: share.KindCreate, People: [][]byte{jane.Identity().Bytes()}, Rotation: rot(1)}))
	add("by a stranger", 2, "forbidden", forge(2, share.Forgery{Signer: private(stranger), Kind: share.KindAdd, Role: share.Reader, People: newcomer}))
	add("in another's name", 2, "malformed", forge(2, share.Forgery{Signer: private(stranger), As: ptr(jane.ID()), Kind: share.KindAdd, Role: share.Reader, People: newcomer}))
	add("by a writer", 3, "forbidden", forge(3, share.Forgery{Signer: private(carol), Kind: share.KindAdd, Role: share.Reader, People: newcomer}))
	add("an admin makes an admin", 3, "forbidden", forge(3, share.Forgery{Signer: private(bob), Kind: share.KindAdd, Role: share.Admin, People: newcomer}))
	add("an admin removes an owner", 3, "forbidden", forge(3, share.Forgery{Signer: private(bob), Kind: share.KindRemove, IDs: []keys.AccountID{jane.ID()}, Rotation: rot(3)}))
	add("an owner invites an owner", 3, "forbidden", forge(3, share.Forgery{Signer: private(jane), Kind: share.KindInvite, Role: share.Owner, People: newcomer}))
	add("the last owner leaves", 3, "forbidden", forge(3, share.Forgery{Signer: private(jane), Kind: share.KindLeave}))
	add("a member again", 3, "forbidden", forge(3, share.Forgery{Signer: private(jane), Kind: share.KindAdd, Role: share.Reader, People: [][]byte{carol.Identity().Bytes()}}))
	add("twice in one entry", 3, "forbidden", forge(3, share.Forgery{Signer: private(jane), Kind: share.KindAdd, Role: share.Reader, People: [][]byte{newcomer[0], newcomer[0]}}))
	add("removal without a new key", 3, "forbidden", forge(3, share.Forgery{Signer: private(jane), Kind: share.KindRemove, IDs: []keys.AccountID{carol.ID()}}))
	add("removal of a stranger", 3, "mismatch", forge(3, share.Forgery{Signer: private(jane), Kind: share.KindRemove, IDs: []keys.AccountID{stranger.ID()}, Rotation: rot(3)}))
	add("removal of nobody", 3, "malformed", forge(3, share.Forgery{Signer: private(jane), Kind: share.KindRemove, Rotation: rot(3)}))
	add("generation out of turn", 3, "malformed", forge(3, share.Forgery{Signer: private(jane), Kind: share.KindRotate, Rotation: &share.ForgedRotation{Generation: 3, Key: random(32)}}))
	add("who leaves makes the key", 3, "forbidden", forge(3, share.Forgery{Signer: private(carol), Kind: share.KindLeave, Rotation: rot(3)}))
	add("an invitation adds", 4, "forbidden", forge(4, share.Forgery{Signer: ring.PrivateOf(m.guests[0].Guest()), Kind: share.KindAdd, Role: share.Reader, People: newcomer}))
	add("a member redeems", 4, "forbidden", forge(4, share.Forgery{Signer: private(carol), Newcomer: private(stranger), Kind: share.KindRedeem, People: newcomer}))
	add("redeemed without consent", 4, "malformed", forge(4, share.Forgery{Signer: ring.PrivateOf(m.guests[0].Guest()), Newcomer: private(carol), Kind: share.KindRedeem, People: newcomer}))
	add("while a rotation is due", 7, "forbidden", forge(7, share.Forgery{Signer: private(jane), Kind: share.KindAdd, Role: share.Reader, People: newcomer}))
	gone := forge(15, share.Forgery{Signer: private(jane), Kind: share.KindRemove, IDs: []keys.AccountID{m.accounts["dave"].ID()}, Rotation: rot(15)})
	without := must(m.janes[14].Apply([][]byte{gone}, nil)).Log()
	add("taken in again with older keys", 15, "mismatch", gone, share.Forgery{Signer: private(jane), Kind: share.KindAdd, Role: share.Reader, People: [][]byte{m.accounts["dave"].Identity().Bytes()}}.Entry(without))
	add("re-key with the same keys", 3, "mismatch", forge(3, share.Forgery{Signer: private(carol), Kind: share.KindRekey, People: [][]byte{carol.Identity().Bytes()}}))
	dave, renewed := m.accounts["dave"], m.accounts["dave, epoch 1"]
	add("re-key in the name of the older epoch", 3, "mismatch", forge(3, share.Forgery{Signer: private(dave), Kind: share.KindRekey, People: [][]byte{renewed.Identity().Bytes()}}))
	unproven := bytes.Clone(renewed.Identity().Bytes())
	unproven[len(unproven)-1] ^= 1
	add("re-key to keys that the old ones did not sign", 3, "malformed", forge(3, share.Forgery{Signer: private(renewed), Kind: share.KindRekey, People: [][]byte{unproven}}))
	add("invited again, after who invited is gone", 3, "forbidden", m.puppet()...)
	add("signed by an older epoch", 15, "behind", forge(15, share.Forgery{Signer: private(m.accounts["dave"]), Kind: share.KindLeave}))
	n := len(m.chain)
	add("repair of the newest key", n-2, "malformed", forge(n-2, share.Forgery{Signer: private(jane), Kind: share.KindRepair, Older: []uint32{at(n - 2).Generation()}}))
	add("repaired twice", n-1, "forbidden", forge(n-1, share.Forgery{Signer: private(jane), Kind: share.KindRepair, Older: []uint32{at(n-1).Generation() - 1}}))
	add("after the end", n, "forbidden", forge(n, share.Forgery{Signer: private(jane), Kind: share.KindRotate, Rotation: rot(n)}))
	return out
}

// puppet makes entries of an admin who takes somebody out and invites the same
// account, and is removed: the invitation ends, and can't be redeemed.
func (m *vectorMaker) puppet() (entries [][]byte) {
	log := m.janes[2].Log()
	jane, bob, carol, stranger := m.accounts["jane"], m.accounts["bob"], m.accounts["carol"], m.accounts["stranger"]
	rot := func(n uint32) *share.ForgedRotation { return &share.ForgedRotation{Generation: n, Key: random(32)} }
	for _, f := range []share.Forgery{
		{Signer: private(bob), Kind: share.KindRemove, IDs: []keys.AccountID{carol.ID()}, Rotation: rot(2)},
		{Signer: private(bob), Kind: share.KindInvite, Role: share.Writer, People: [][]byte{carol.Identity().Bytes()}},
		{Signer: private(jane), Kind: share.KindRemove, IDs: []keys.AccountID{bob.ID()}, Rotation: rot(3)},
		{Signer: private(carol), Newcomer: private(stranger), Kind: share.KindRedeem, People: [][]byte{stranger.Identity().Bytes()}},
	} {
		entries = append(entries, f.Entry(log))
		if f.Kind != share.KindRedeem {
			log = must(share.ReadLog(append(m.janes[2].Log().Entries(0), entries...)))
		}
	}
	return entries
}

// makeDoors makes attempts to get in.
func (m *vectorMaker) makeDoors() (out []doorVector) {
	id, n := m.w.id, len(m.chain)
	jane, bob, carol := m.accounts["jane"].ID(), m.accounts["bob"].ID(), m.accounts["carol"].ID()
	link := func(n int, id keys.AccountID) vectors.Hex {
		for _, v := range m.chain[n].Members {
			if v.ID == id {
				return v.Link
			}
		}
		m.t.Fatal("no link")
		return nil
	}
	known := func(g *share.Group, generations uint32) (out hexes) {
		for n := uint32(1); n <= generations; n++ {
			key := share.KeyOf(g, n)
			if key == nil {
				key = []byte{}
			}
			out = append(out, key)
		}
		return out
	}
	join := doorVector{Name: "join", Door: "join", Account: "carol", Group: id, From: jane, Front: 3, Link: link(2, carol)}
	vary := func(name, want string, change func(*doorVector)) {
		v := join
		v.Name, v.Want = name, want
		change(&v)
		out = append(out, v)
	}
	vary("join", "", func(v *doorVector) { v.Keys = known(m.janes[2], 1) })
	vary("join without a link", "", func(v *doorVector) { v.Link, v.Keys = nil, hexes{{}} })
	vary("join, invited by another", "mismatch", func(v *doorVector) { v.From = bob })
	vary("join another group", "mismatch", func(v *doorVector) { v.Group[0] ^= 1 })
	vary("join as a stranger", "behind", func(v *doorVector) { v.Account = "stranger" })
	vary("join before one was added", "behind", func(v *doorVector) { v.Front = 2 })
	vary("join with another's link", "open", func(v *doorVector) { v.Link = link(2, m.accounts["dave"].ID()) })
	vary("join with a link of another key", "open", func(v *doorVector) {
		v.Link = share.ForgeLink(m.janes[2].Log(), 1, random(32), m.accounts["carol"].Identity())
	})
	vary("join with a link for another place", "open", func(v *doorVector) {
		v.Link = bytes.Clone(v.Link)
		v.Link[len(v.Link)-1] ^= 1
	})
	vary("join with a link of another group", "mismatch", func(v *doorVector) {
		v.Link = bytes.Clone(v.Link)
		v.Link[4] ^= 1
	})
	vary("join with an older link", "rollback", func(v *doorVector) { v.Front = 8 })
	vary("join with a newer link", "behind", func(v *doorVector) { v.Link = link(7, carol) })
	vary("join with a link that is an entry", "malformed", func(v *doorVector) { v.Link = m.chain[0].Entry })
	vary("join with older keys than the group knows", "behind", func(v *doorVector) { v.Account, v.Front, v.Link = "dave", n, nil })
	vary("join late: boxes lead to the older keys, but for a lost one, which a repair brings back", "", func(v *doorVector) {
		v.Account, v.Front, v.Link = "dave, epoch 1", n, link(n-3, m.accounts["dave"].ID())
		v.Keys = known(m.janes[n-1], m.janes[n-1].Log().Generation())
	})
	vary("join before the repair", "", func(v *doorVector) {
		v.Account, v.Front, v.Link = "dave, epoch 1", n-2, link(n-3, m.accounts["dave"].ID())
		v.Keys = append(make(hexes, m.janes[n-1].Log().Generation()-1), m.chain[n-3].Key)
		for i := range v.Keys[:len(v.Keys)-1] {
			v.Keys[i] = vectors.Hex{}
		}
	})

	resume := doorVector{Door: "resume", Account: "jane", Group: id, Front: 6, Bookmark: m.marks["bookmark"]}
	join = resume
	vary("resume", "", func(v *doorVector) { v.Keys = known(m.janes[5], 1) })
	vary("resume with more entries, and a link", "", func(v *doorVector) {
		v.Front, v.Link = 8, link(7, jane)
		v.Keys = known(m.janes[7], 2)
	})
	vary("resume with fewer entries", "rollback", func(v *doorVector) { v.Front = 5 })
	vary("resume in another history", "fork", func(v *doorVector) {
		v.Front = 5
		v.Entries = toHexes(must(m.janes[4].Rotate()).Entries)
	})
	vary("resume with a bookmark of another account", "open", func(v *doorVector) { v.Account = "bob" })
	vary("resume with a bookmark changed", "open", func(v *doorVector) {
		v.Bookmark = bytes.Clone(v.Bookmark)
		v.Bookmark[200] ^= 1
	})
	vary("resume with a bookmark of an epoch to come", "behind", func(v *doorVector) {
		v.Bookmark = bytes.Clone(v.Bookmark)
		v.Bookmark[32] = 1
	})
	vary("resume with a key that is not the group's", "", func(v *doorVector) {
		v.Bookmark, v.Link = share.ForgeBookmark(m.janes[5], 1, random(32)), nil
		v.Keys = hexes{{}}
	})
	vary("resume with a snapshot", "malformed", func(v *doorVector) { v.Bookmark = m.marks["snapshot"] })
	join = doorVector{Door: "restore", Account: "jane", Group: id, Bookmark: m.marks["snapshot"]}
	vary("restore", "", func(v *doorVector) { v.Keys = known(m.janes[5], 1) })
	vary("restore by another account", "open", func(v *doorVector) { v.Account = "bob" })
	vary("restore a key that is not the group's", "malformed", func(v *doorVector) { v.Bookmark = share.ForgeSnapshot(m.janes[5], 1, random(32)) })
	vary("restore a bookmark", "malformed", func(v *doorVector) { v.Bookmark = m.marks["bookmark"] })

	guest := guestID(m.guests[0])
	join = doorVector{Door: "redeem", Account: "stranger", Group: id, Code: m.guests[0].Show(), Guest: guest, Front: 6, Link: link(3, guest)}
	vary("redeem", "", func(v *doorVector) { v.Keys = known(m.janes[5], 1) })
	vary("redeem in another group", "mismatch", func(v *doorVector) { v.Group[0] ^= 1 })
	vary("redeem twice", "mismatch", func(v *doorVector) { v.Front = 7 })
	vary("redeem as a member", "forbidden", func(v *doorVector) { v.Account = "carol" })
	vary("redeem with another's link", "open", func(v *doorVector) { v.Link = link(2, carol) })
	vary("redeem without a link", "behind", func(v *doorVector) { v.Link = nil })
	vary("redeem while a rotation is due", "behind", func(v *doorVector) {
		v.Code, v.Guest, v.Front, v.Link = m.guests[1].Show(), guestID(m.guests[1]), 7, link(4, guestID(m.guests[1]))
	})
	vary("redeem what was withdrawn", "mismatch", func(v *doorVector) {
		v.Code, v.Guest, v.Front, v.Link = m.guests[1].Show(), guestID(m.guests[1]), 9, link(7, guestID(m.guests[1]))
	})
	vary("redeem what ended with who invited", "mismatch", func(v *doorVector) {
		v.Code, v.Guest, v.Front, v.Link = m.guests[2].Show(), guestID(m.guests[2]), 11, link(8, guestID(m.guests[2]))
	})
	return out
}

// makeAuthors makes claims, judged by states of the chain.
func (m *vectorMaker) makeAuthors() (out []authorVector) {
	add := func(name string, front int, who string, epoch, generation uint32, seq int, standing, want string) {
		out = append(out, authorVector{name, front, m.accounts[who].ID(), epoch, generation, uint64(seq), m.chain[seq].Hash, standing, want})
	}
	n := len(m.chain)
	add("a writer", 3, "carol", 0, 1, 2, "current", "")
	add("a writer, later", 11, "carol", 0, 1, 2, "current", "")
	add("a writer who left", 12, "carol", 0, 1, 2, "former", "")
	add("before she was added", 3, "carol", 0, 1, 1, "never", "")
	add("another epoch", 3, "carol", 1, 1, 2, "never", "")
	add("another generation", 8, "carol", 0, 2, 2, "never", "")
	add("an old generation at a new head", 8, "carol", 0, 1, 7, "never", "")
	add("while a rotation is due", 8, "carol", 0, 1, 6, "never", "")
	add("demoted to reader", 11, "bob", 0, 3, 8, "former", "")
	add("as a reader", 11, "bob", 0, m.chain[10].Generation, 10, "never", "")
	add("keys that were replaced", n, "dave", 0, 1, 2, "former", "")
	add("the new keys", n, "dave, epoch 1", 1, m.chain[n-2].Generation, n-2, "current", "")
	add("dissolved since", n, "jane", 0, m.chain[n-2].Generation, n-2, "current", "")
	add("dissolved then", n, "jane", 0, m.chain[n-1].Generation, n-1, "never", "")
	add("a stranger", n, "stranger", 0, 1, 2, "never", "")
	add("a head beyond the log", 2, "jane", 0, 1, 2, "never", "behind")
	add("another head", 3, "jane", 0, 1, 2, "never", "fork")
	out[len(out)-1].Head = random(32)
	guest := guestID(m.guests[0])
	add("an invitation", 4, "jane", 0, 1, 3, "never", "")
	out[len(out)-1].Author = guest
	return out
}
