package share_test

import (
	"errors"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/hostile"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// lie shows p a history that is not the one: p ends where everybody is, or gets
// an error.
func (g *game) lie(p *player) {
	if p.group == nil {
		return
	}
	honest := g.s.Log(g.id)
	n := len(honest)
	flipped := slices.Clone(honest[g.next(n)])
	flipped[g.next(256)*7%len(flipped)] ^= 1 << g.next(8)
	twists := []hostile.Twist{hostile.Without(g.next(n)), hostile.Swapped(g.next(n), g.next(n)), hostile.Twice(g.next(n)), hostile.First(g.next(n) + 1), hostile.With(g.next(n), flipped)}
	g.s.Twist(g.id, twists[g.next(len(twists))])
	shown := g.s.Log(g.id)
	g.s.Twist(g.id, nil)
	for name, try := range map[string]func() (*share.Group, error){
		"apply":  func() (*share.Group, error) { return p.group.Apply(shown, nil) },
		"resume": func() (*share.Group, error) { return share.Resume(p.me(), p.group.Bookmark(), shown, nil) },
	} {
		got, err := try()
		g.happened("lie refused %v", err != nil)
		if err != nil {
			continue
		}
		length := got.Log().Len()
		if length > uint64(n) || got.Log().Head() != share.HashOf(honest[length-1]) || length < p.group.Log().Len() {
			g.t.Fatalf("%s followed a lie", name)
		}
	}
}

// fork has p make two changes of one state, and the server show one to each of
// two people: they notice as soon as they exchange anything.
func (g *game) fork(p *player) {
	if p.group == nil || p.away {
		return
	}
	one, err := p.group.Rotate()
	if err != nil {
		return
	}
	two, err := p.group.Rotate()
	if add, wrong := p.group.Add(share.Reader, newAccount().Identity()); wrong == nil {
		two = add // the key stays, so that documents can be exchanged
	}
	require.NoError(g.t, err)
	see := func(c *share.Change) *share.Group {
		q := g.players[g.next(len(g.players))]
		for i := range g.players { // somebody who follows
			if other := g.players[(g.next(len(g.players))+i)%len(g.players)]; other.group != nil && !other.away {
				q = other
			}
		}
		if q.group == nil || q.away {
			q = p
		}
		return must(q.group.Apply(c.Entries, nil))
	}
	here, there := see(one), see(two)
	_, err = here.Apply(two.Entries, nil)
	require.ErrorIs(g.t, err, keys.ErrFork)
	_, err = there.Apply(one.Entries, nil)
	require.ErrorIs(g.t, err, keys.ErrFork)
	_, err = share.Resume(p.me(), one.Bookmark, append(g.s.Log(g.id), two.Entries...), nil)
	require.ErrorIs(g.t, err, keys.ErrFork)
	if s, err := ring.Of(two.After().Ring()).Sealing(); err == nil {
		_, _, err = ring.Of(here.Ring()).Author(ring.Claim{Author: s.Author, Epoch: s.Epoch, Generation: s.Generation, Head: s.Head})
		require.ErrorIs(g.t, err, keys.ErrFork)
		g.happened("fork noticed by a document")
	}
}

// redeem has p use a code.
func (g *game) redeem(p *player) {
	if len(g.guests) == 0 || p.away {
		return
	}
	code := g.guests[g.next(len(g.guests))]
	guest := guestID(code)
	op := modelOp{kind: share.KindRedeem, author: guest, ids: []keys.AccountID{p.id()}, epochs: []uint32{p.epoch}}
	next, ok := g.m.now().next(op)
	generation := g.m.now().generation
	log := must(share.ReadLog(g.s.Log(g.id)))
	link := g.s.Link(g.id, guest)
	opens := link != nil && share.Opens(log, ring.PrivateOf(code.Guest()), link) && g.m.held[guest][generation]
	c, err := share.Redeem(p.me(), g.id, code, g.s.Log(g.id), g.s.Links(g.id))
	if errors.Is(err, keys.ErrOpen) {
		return // an admin gone bad made the link
	}
	if (err == nil) != (ok && opens) {
		g.t.Fatalf("redeem: %v, the model says %v", err, ok && opens)
	}
	g.happened("redeem %v", err == nil)
	if err != nil {
		return
	}
	require.NoError(g.t, g.s.Commit(p.id(), c))
	g.m.states = append(g.m.states, next)
	g.m.held[p.id()] = map[uint32]bool{generation: true} // on a new device: what it had before is not here
	p.group = c.After()
	g.all()
}

// rekey gives p new keys, and tells the group.
func (g *game) rekey(p *player) {
	if p.group == nil || p.away || int(p.epoch)+1 >= len(p.accounts) {
		return
	}
	op := modelOp{kind: share.KindRekey, author: p.id(), epoch: p.epoch + 1, rotate: g.m.now().members[p.id()].role >= share.Admin}
	next, ok := g.m.now().next(op)
	if !ok && g.next(2) == 0 {
		return
	}
	opens := g.m.opens(p.id())
	renewed := must(share.Restore(p.accounts[p.epoch+1], p.group.Marshal()))
	c, err := renewed.Rekey()
	if (err == nil) != ok {
		g.t.Fatalf("rekey: %v, the model says %v", err, ok)
	}
	g.happened("rekey %v", err == nil)
	if err != nil {
		return
	}
	p.epoch++
	require.NoError(g.t, g.s.Commit(p.id(), c))
	g.m.states = append(g.m.states, next)
	if op.rotate {
		g.m.give(p.id(), next.generation)
		if older := newestOf(opens); older > 0 {
			g.m.box(next.generation, older)
		}
	}
	p.group = c.After()
	g.all()
}

// seal has p say what a document would: it may exactly if the model says so.
func (g *game) seal(p *player) {
	if p.group == nil || p.away {
		return
	}
	now := g.m.now()
	m := now.members[p.id()]
	ok := m.role >= share.Writer && m.epoch == p.epoch && !now.due && !now.dissolved && g.m.opens(p.id())[now.generation]
	s, err := ring.Of(p.group.Ring()).Sealing()
	if (err == nil) != ok {
		g.t.Fatalf("sealing: %v, the model says %v", err, ok)
	}
	g.happened("seal %v", err == nil)
	if err == nil {
		c := ring.Claim{Author: s.Author, Epoch: s.Epoch, Generation: s.Generation, Head: s.Head}
		g.claims = append(g.claims, c)
		// What somebody might make up around it.
		c.Author = g.someone().id()
		if g.next(2) == 0 {
			c.Epoch = uint32(g.next(3))
		}
		if g.next(2) == 0 {
			c.Generation = uint32(g.next(int(now.generation) + 2))
		}
		if entries := g.s.Log(g.id); g.next(2) == 0 {
			c.Head.Sequence = uint64(g.next(len(entries)))
			c.Head.Hash = share.HashOf(entries[c.Head.Sequence])
		}
		g.claims = append(g.claims, c)
	}
}
