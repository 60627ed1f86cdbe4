package share_test

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/hostile"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// people are the accounts of the programs, in each of their epochs.
var people = sync.OnceValue(func() (all [6][]*keys.Account) {
	for i := range all {
		all[i] = []*keys.Account{newAccount()}
		for len(all[i]) < 3 {
			all[i] = append(all[i], must(all[i][len(all[i])-1].Rotate()))
		}
	}
	return all
})

// A player is an account that takes part in a program.
type player struct {
	accounts []*keys.Account
	epoch    uint32
	group    *share.Group // nil: has never been in
	away     bool         // follows nothing for now
}

func (p *player) me() *keys.Account  { return p.accounts[p.epoch] }
func (p *player) id() keys.AccountID { return p.accounts[0].ID() }

// A game runs a program against the model.
type game struct {
	*world
	m       *model
	players []*player
	guests  []*keys.Code
	claims  []ring.Claim
	program []byte
	seen    map[string]int // what happened, so that a test can tell that it did
}

func (g *game) happened(format string, args ...any) { g.seen[fmt.Sprintf(format, args...)]++ }

// next returns a number below n from the program, 0 when it is at its end.
func (g *game) next(n int) int {
	if len(g.program) == 0 {
		return 0
	}
	b := g.program[0]
	g.program = g.program[1:]
	return int(b) % n
}

func (g *game) role() share.Role { return share.Role(1 + g.next(4)) }

func play(t testing.TB, program []byte, seen map[string]int) {
	g := &game{program: program, seen: seen, m: &model{held: map[keys.AccountID]map[uint32]bool{}, boxes: map[uint32]map[uint32]bool{}}}
	for _, accounts := range people() {
		g.players = append(g.players, &player{accounts: accounts})
	}
	first := g.players[0]
	w, created := found(t, first.me())
	g.world, first.group = w, created
	g.m.states = []modelState{{
		members:    map[keys.AccountID]modelMember{first.id(): {role: share.Owner, by: first.id()}},
		known:      map[keys.AccountID]uint32{first.id(): 0},
		generation: 1,
	}}
	g.m.give(first.id(), 1)
	for steps := 0; len(g.program) > 0 && steps < 60; steps++ {
		g.step()
		g.check()
	}
	for _, p := range g.players {
		p.away = false
		g.sync(p)
	}
	g.check()
	g.ownersAct()
}

// someone returns a player: most often one who is in the group.
func (g *game) someone() *player {
	n := g.next(len(g.players))
	if g.next(4) > 0 {
		for i := range g.players {
			p := g.players[(n+i)%len(g.players)]
			if _, in := g.m.now().members[p.id()]; in {
				return p
			}
		}
	}
	return g.players[n]
}

func (g *game) step() {
	p := g.someone()
	switch move := g.next(20); move {
	case 0, 1, 2, 3, 4, 5, 6, 7, 8:
		g.honest(p)
	case 9, 10, 11:
		g.forge(p)
	case 12, 13:
		g.lie(p)
	case 14:
		p.away = !p.away
		g.sync(p)
	case 15, 16:
		g.redeem(g.players[g.next(len(g.players))])
	case 17:
		g.rekey(p)
	case 18:
		g.fork(p)
	default:
		g.seal(p)
	}
}

// others returns one or two people.
func (g *game) others() (ids []*player) {
	ids = append(ids, g.someone())
	if second := g.someone(); g.next(3) == 0 && second != ids[0] {
		ids = append(ids, second)
	}
	return ids
}

// draw returns a change that p wants to make, as the model sees it.
func (g *game) draw(p *player) modelOp {
	kinds := []uint8{share.KindAdd, share.KindAdd, share.KindAdd, share.KindRemove, share.KindSetRole, share.KindSetRole, share.KindInvite, share.KindLeave, share.KindRotate, share.KindRepair, share.KindDissolve}
	op := modelOp{kind: kinds[g.next(len(kinds))], author: p.id(), epoch: p.epoch}
	if op.kind == share.KindDissolve && g.next(30) > 0 {
		op.kind = share.KindRotate
	}
	if op.kind == share.KindAdd || op.kind == share.KindInvite || op.kind == share.KindSetRole {
		op.role = g.role()
	}
	if op.kind == share.KindAdd || op.kind == share.KindRemove || op.kind == share.KindSetRole {
		others := g.others()
		if n := g.next(len(g.players)); op.kind == share.KindAdd && g.next(5) > 0 {
			others = others[:0]
			for i := range g.players { // somebody who is not in
				o := g.players[(n+i)%len(g.players)]
				if _, in := g.m.now().members[o.id()]; !in && len(others) == 0 {
					others = append(others, o)
				}
			}
			if len(others) == 0 {
				others = g.others()
			}
		}
		for _, o := range others {
			op.ids, op.epochs = append(op.ids, o.id()), append(op.epochs, o.epoch)
		}
	}
	if op.kind == share.KindRemove && len(g.guests) > 0 && g.next(3) == 0 {
		op.ids = []keys.AccountID{guestID(g.guests[g.next(len(g.guests))])}
	}
	return op
}

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
	if p.away || p.group == nil && !in {
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
	op.rotate = g.next(3) > 0
	slices.SortFunc(op.ids, func(a, b keys.AccountID) int { return slices.Compare(a[:], b[:]) })
	f := share.Forgery{Signer: private(p.me()), Kind: op.kind, Role: op.role}
	if op.kind == share.KindAdd {
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
		if !op.rotate && !(op.kind == share.KindAdd && slices.Contains(op.ids, id)) {
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

// check compares everybody's view with the model.
func (g *game) check() {
	now := g.m.now()
	for i, p := range g.players {
		if p.group == nil || p.away {
			continue
		}
		log := p.group.Log()
		require.EqualValues(g.t, len(g.m.states), log.Len())
		require.Equal(g.t, now.generation, log.Generation())
		require.Equal(g.t, now.due, log.RotationDue())
		n := 0
		for id, role := range log.Members() {
			n++
			require.Equal(g.t, now.members[id].role, role)
			require.Equal(g.t, now.members[id].invited, log.Invited(id))
		}
		require.Len(g.t, now.members, n)
		opens := g.m.opens(p.id())
		for generation := uint32(1); generation <= now.generation+1; generation++ {
			_, err := ring.Of(p.group.Ring()).DocumentKey(generation)
			if (err == nil) != opens[generation] {
				g.t.Fatalf("player %d, generation %d: %v, the model says %v", i, generation, err, opens[generation])
			}
			g.happened("key of an entered generation %v", err == nil || generation > now.generation)
		}
		for _, c := range g.claims {
			_, standing, err := ring.Of(p.group.Ring()).Author(c)
			require.NoError(g.t, err)
			require.Equal(g.t, g.m.standing(c), standing)
			g.happened("standing %d", standing)
		}
	}
}

// ownersAct shows that whoever is an owner can still act, whatever was done
// about their links and keys.
func (g *game) ownersAct() {
	now := g.m.now()
	for _, p := range g.players {
		m := now.members[p.id()]
		if m.role != share.Owner || m.epoch != p.epoch || now.dissolved {
			continue
		}
		c, err := p.group.Rotate()
		require.NoError(g.t, err)
		_, err = p.group.Log().Accept(c)
		require.NoError(g.t, err)
		_, err = ring.Of(c.After().Ring()).Sealing()
		require.NoError(g.t, err)
	}
}

// TestGroupModel plays random programs.
func TestGroupModel(t *testing.T) {
	programs := 30
	if testing.Short() {
		programs = 5
	}
	seen := map[string]int{}
	for i := range programs {
		program := make([]byte, 0, 640)
		for n := uint64(0); len(program) < 640; n++ {
			sum := sha256.Sum256(binary.BigEndian.AppendUint64(fmt.Appendf(nil, "program %d", i), n))
			program = append(program, sum[:]...)
		}
		t.Run(fmt.Sprint(i), func(t *testing.T) { play(t, program, seen) })
	}
	t.Log(seen)
	if testing.Short() {
		return
	}
	for _, what := range []string{
		"honest 2 true", "honest 2 false", "honest 3 true", "honest 4 true", "honest 4 false", "honest 5 true", "honest 5 false", "honest 8 true",
		"honest 9 true", "honest 9 false", "honest 10 true", "honest 11 true", "forged true", "forged false", "lie refused true", "lie refused false", "redeem true", "redeem false",
		"rekey true", "seal true", "seal false", "standing 0", "standing 1", "standing 2", "key of an entered generation false", "fork noticed by a document",
	} {
		require.NotZero(t, seen[what], what)
	}
}

// FuzzGroup plays programs that the fuzzer makes.
func FuzzGroup(f *testing.F) {
	for i := range 8 {
		f.Add(fmt.Appendf(nil, "a program to begin with, number %d, long enough for a dozen steps or more", i))
	}
	f.Fuzz(func(t *testing.T, program []byte) { play(t, program, map[string]int{}) })
}
