package share_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

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
