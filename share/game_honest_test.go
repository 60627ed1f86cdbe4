package share_test

import (
	"errors"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// honest has p make a change by the calls of the package: it works exactly if
// the model allows it.
func (g *game) honest(p *player) {
	if p.group == nil || p.away {
		return
	}
	op := g.draw(p)
	author := g.m.now().members[p.id()]
	opens := g.m.opens(p.id())
	newest := g.m.now().generation
	var repaired []uint32
	if op.kind == share.KindRepair {
		reach := g.m.closure(map[uint32]bool{newest: true})
		for n := range opens {
			if !reach[n] {
				repaired = append(repaired, n)
			}
		}
	}
	op.rotate = true // whoever may and must rotates
	next, ok := g.m.now().next(op)
	if plain := op; true {
		plain.rotate = false
		if n, allowed := g.m.now().next(plain); allowed {
			op, next, ok = plain, n, true
		}
	}
	if !op.rotate && (op.kind == share.KindAdd || op.kind == share.KindInvite || op.kind == share.KindRepair) && !opens[newest] {
		ok = false // nothing to seal in the links
	}
	if author.epoch != p.epoch {
		ok = false
	}
	c, code, err := g.call(p, op)
	if op.kind == share.KindRepair && len(repaired) == 0 {
		if c != nil {
			g.t.Fatalf("a repair of nothing")
		}
		return
	}
	if (err == nil) != ok {
		g.t.Fatalf("kind %d by a %s: %v, the model says %v", op.kind, author.role, err, ok)
	}
	g.happened("honest %d %v", op.kind, err == nil)
	if err != nil {
		if c != nil {
			g.t.Fatal("a change with an error")
		}
		return
	}
	if code != nil {
		g.guests = append(g.guests, code)
	}
	require.NoError(g.t, g.s.Commit(p.id(), c))
	g.m.states = append(g.m.states, next)
	for _, n := range repaired {
		g.m.box(newest, n)
	}
	if op.rotate {
		g.m.give(p.id(), next.generation)
		if older := newestOf(opens); older > 0 {
			g.m.box(next.generation, older)
		}
	}
	p.group = c.After()
	g.all()
}

func newestOf(generations map[uint32]bool) (newest uint32) {
	for n := range generations {
		newest = max(newest, n)
	}
	return newest
}

// call makes the change of op.
func (g *game) call(p *player, op modelOp) (c *share.Change, code *keys.Code, err error) {
	switch op.kind {
	case share.KindAdd:
		var ids []*keys.Identity
		for _, id := range op.ids {
			ids = append(ids, g.byID(id).me().Identity())
		}
		c, err = p.group.Add(op.role, ids...)
	case share.KindInvite:
		c, code, err = p.group.Invite(op.role)
	case share.KindRemove:
		c, err = p.group.Remove(op.ids...)
	case share.KindSetRole:
		c, err = p.group.SetRole(op.role, op.ids...)
	case share.KindLeave:
		c, err = p.group.Leave()
	case share.KindRotate:
		c, err = p.group.Rotate()
	case share.KindRepair:
		c, err = p.group.Repair()
	case share.KindDissolve:
		c, err = p.group.Dissolve()
	}
	if code != nil && c != nil {
		// The model did not know the id of the invitation.
		now := g.m.now()
		id := guestID(code)
		if now.known[id] != 0 {
			g.t.Fatal("an invitation of somebody known")
		}
	}
	return c, code, err
}

func (g *game) byID(id keys.AccountID) *player {
	for _, p := range g.players {
		if p.id() == id {
			return p
		}
	}
	return nil
}

// all lets everybody follow who is there.
func (g *game) all() {
	// An invitation that the newest entry made gets its name in the model here.
	log := must(share.ReadLog(g.s.Log(g.id)))
	now := g.m.now()
	for _, code := range g.guests {
		id := guestID(code)
		if _, in := now.members[id]; !in && log.Invited(id) {
			author, role := g.lastInvite(log, id)
			now.members[id], now.known[id] = modelMember{role, true, author, 0}, 0
			g.m.states[len(g.m.states)-1] = now
		}
	}
	for _, code := range g.guests {
		if link := g.s.Link(g.id, guestID(code)); link != nil && log.Invited(guestID(code)) && share.Opens(log, ring.PrivateOf(code.Guest()), link) {
			g.m.give(guestID(code), now.generation)
		}
	}
	for _, p := range g.players {
		g.sync(p)
	}
}

// lastInvite returns who made an invitation that the model has not seen yet.
func (g *game) lastInvite(log *share.Log, id keys.AccountID) (keys.AccountID, share.Role) {
	entries := g.s.Log(g.id)
	e := entries[len(entries)-1]
	if e[4+25+8+32+25+4] != share.KindInvite {
		g.t.Fatalf("an invitation that the model does not have")
	}
	return keys.AccountID(e[4+25+8+32:]), log.Role(id)
}

// sync lets p follow, or enter.
func (g *game) sync(p *player) {
	member, in := g.m.now().members[p.id()]
	if p.away || p.group == nil && (!in || member.invited) {
		return
	}
	link := g.s.Link(g.id, p.id())
	if !in {
		link = nil
	}
	if p.group == nil {
		if member.epoch > p.epoch {
			return
		}
		joined, err := share.Join(p.me(), g.id, member.by, g.s.Log(g.id), link)
		if errors.Is(err, keys.ErrOpen) {
			joined, err = share.Join(p.me(), g.id, member.by, g.s.Log(g.id), nil)
		} else if link != nil {
			g.m.give(p.id(), g.m.now().generation)
		}
		require.NoError(g.t, err)
		p.group = joined
		return
	}
	next, err := p.group.Apply(g.s.Log(g.id), link)
	if errors.Is(err, keys.ErrOpen) { // an admin gone bad made it
		next, err = p.group.Apply(g.s.Log(g.id), nil)
	} else if link != nil {
		g.m.give(p.id(), g.m.now().generation)
	}
	require.NoError(g.t, err)
	p.group = next
}

// forge shows an entry that p made without asking: everybody takes it exactly
// if the model allows it. If so, p may have made bad links and no box.
func (g *game) forge(p *player) {
	op := g.draw(p)
	if op.kind == share.KindInvite || op.kind == share.KindRepair || op.kind == share.KindLeave {
		op.kind, op.role, op.ids, op.epochs = share.KindRotate, 0, nil, nil
	}
	if op.kind == share.KindAdd && g.next(2) == 0 {
		op.kind = share.KindInvite // of a person, in place of a code
	}
	op.rotate = g.next(3) > 0
	slices.SortFunc(op.ids, func(a, b keys.AccountID) int { return slices.Compare(a[:], b[:]) })
	f := share.Forgery{Signer: private(p.me()), Kind: op.kind, Role: op.role}
	if op.kind == share.KindAdd || op.kind == share.KindInvite {
		for i, id := range op.ids {
			f.People = append(f.People, g.byID(id).me().Identity().Bytes())
			op.epochs[i] = g.byID(id).epoch
		}
	} else {
		f.IDs = op.ids
	}
	log := must(share.ReadLog(g.s.Log(g.id)))
	key, older := random(32), uint32(0)
	if op.rotate {
		f.Rotation = &share.ForgedRotation{Generation: log.Generation() + 1, Key: key}
		if p.group != nil && g.next(2) == 0 {
			if k := share.KeyOf(p.group, log.Generation()); k != nil {
				f.Rotation.Older, f.Rotation.OlderKey, older = log.Generation(), k, log.Generation()
			}
		}
	}
	next, ok := g.m.now().next(op)
	entry := f.Entry(log)
	after, err := share.ReadLog(append(g.s.Log(g.id), entry))
	if (err == nil) != ok {
		g.t.Fatalf("forged kind %d, role %d, rotation %v: %v, the model says %v", op.kind, op.role, op.rotate, err, ok)
	}
	g.happened("forged %v", err == nil)
	for _, o := range g.players {
		if o.group != nil && !o.away {
			_, err := o.group.Apply([][]byte{entry}, nil)
			if (err == nil) != ok {
				g.t.Fatalf("somebody takes an entry that others don't: %v", err)
			}
		}
	}
	if !ok {
		return
	}
	// It is stored, with links that are good for some.
	c := &share.Change{Group: g.id, Seq: log.Len(), Entries: [][]byte{entry}, Links: map[keys.AccountID][]byte{}, Bookmark: g.players[0].group.Bookmark()}
	sealed := key
	if !op.rotate {
		if p.group == nil || share.KeyOf(p.group, after.Generation()) == nil {
			sealed = random(32)
		} else {
			sealed = share.KeyOf(p.group, after.Generation())
		}
	}
	for id := range after.Members() {
		if !op.rotate && !((op.kind == share.KindAdd || op.kind == share.KindInvite) && slices.Contains(op.ids, id)) {
			continue
		}
		who := must(keys.TrustFirst(after.Identity(id)))
		if g.next(3) == 0 {
			c.Links[id] = share.ForgeLink(after, after.Generation(), random(32), who)
		} else {
			c.Links[id] = share.ForgeLink(after, after.Generation(), sealed, who)
		}
	}
	require.NoError(g.t, g.s.Commit(p.id(), c))
	g.m.states = append(g.m.states, next)
	if older > 0 {
		g.m.box(next.generation, older)
	}
	g.all()
}
