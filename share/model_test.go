package share_test

import (
	"maps"
	"slices"

	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// A model is what a group should be, written again in the simplest way, without
// looking at the package: to compare the two (FuzzGroup).
type model struct {
	states []modelState // behind each entry
	held   map[keys.AccountID]map[uint32]bool
	boxes  map[uint32]map[uint32]bool // from a generation to older ones
}

type modelState struct {
	members    map[keys.AccountID]modelMember
	known      map[keys.AccountID]uint32 // epochs, also of those who left
	due        bool
	dissolved  bool
	generation uint32
}

type modelMember struct {
	role    share.Role
	invited bool
	by      keys.AccountID
	epoch   uint32
}

// A modelOp is an entry as the model sees it.
type modelOp struct {
	kind   uint8
	author keys.AccountID
	epoch  uint32
	role   share.Role
	ids    []keys.AccountID // of whoever is listed, in any way
	epochs []uint32         // theirs, for people
	rotate bool
}

func (m *model) now() modelState { return m.states[len(m.states)-1] }

// next returns the state behind op, and whether op is allowed.
func (s modelState) next(op modelOp) (modelState, bool) {
	author, ok := s.members[op.author]
	if !ok || s.dissolved || author.invited != (op.kind == share.KindRedeem) {
		return s, false
	}
	if op.kind != share.KindRekey && op.epoch != author.epoch {
		return s, false
	}
	n := s
	n.members, n.known = maps.Clone(s.members), maps.Clone(s.known)
	takes, ok := n.change(s, op, author)
	if !ok {
		return s, false
	}
	for id, m := range n.members { // invitations stand and fall with their makers
		if by := n.members[m.by]; m.invited && (by.role < share.Admin || by.role <= m.role || op.kind == share.KindRekey && m.by == op.author) {
			delete(n.members, id)
		}
	}
	owners := 0
	for _, m := range n.members {
		if m.role == share.Owner {
			owners++
		}
	}
	mayRotate := author.role >= share.Admin && slices.Contains([]uint8{
		share.KindAdd, share.KindInvite, share.KindRemove, share.KindSetRole, share.KindRekey, share.KindRotate}, op.kind)
	switch {
	case owners == 0,
		op.rotate && !mayRotate,
		!op.rotate && s.due,
		!op.rotate && mayRotate && takes:
		return s, false
	}
	n.due = !op.rotate && takes
	if op.rotate {
		n.generation++
	}
	return n, true
}

// change changes n, which is a copy of s, and returns whether op takes a right
// away and whether it is allowed.
func (n *modelState) change(s modelState, op modelOp, author modelMember) (takes, ok bool) {
	above := func(r share.Role) bool {
		return author.role == share.Owner || author.role == share.Admin && r < share.Admin
	}
	switch op.kind {
	case share.KindAdd, share.KindInvite:
		invited := op.kind == share.KindInvite
		if !above(op.role) || invited && op.role >= author.role {
			return false, false
		}
		for i, id := range op.ids {
			if _, in := n.members[id]; in || op.epochs[i] < n.known[id] {
				return false, false
			}
			n.members[id] = modelMember{op.role, invited, op.author, op.epochs[i]}
			n.known[id] = op.epochs[i]
		}
		return false, true
	case share.KindRemove:
		for _, id := range op.ids {
			if m, in := s.members[id]; !in || !above(m.role) || id == op.author {
				return false, false
			}
			delete(n.members, id)
		}
		return true, true
	case share.KindSetRole:
		for _, id := range op.ids {
			m, in := s.members[id]
			if !in || !above(m.role) || !above(op.role) || m.invited || m.role == op.role {
				return false, false
			}
			takes = takes || op.role < m.role
			m.role = op.role
			n.members[id] = m
		}
		return takes, true
	case share.KindRekey:
		if op.epoch <= author.epoch {
			return false, false
		}
		author.epoch = op.epoch
		n.members[op.author], n.known[op.author] = author, op.epoch
		return true, true
	case share.KindRedeem:
		if _, in := n.members[op.ids[0]]; in || op.epochs[0] < n.known[op.ids[0]] {
			return false, false
		}
		delete(n.members, op.author)
		n.members[op.ids[0]] = modelMember{author.role, false, author.by, op.epochs[0]}
		n.known[op.ids[0]] = op.epochs[0]
		return true, true
	case share.KindLeave:
		delete(n.members, op.author)
		return true, true
	case share.KindRotate:
		return true, author.role >= share.Admin
	case share.KindDissolve:
		n.dissolved = true
		return false, author.role == share.Owner
	case share.KindRepair:
		return false, author.role >= share.Writer
	}
	return false, false
}

// opens returns the generations that id can open.
func (m *model) opens(id keys.AccountID) map[uint32]bool { return m.closure(m.held[id]) }

func (m *model) closure(from map[uint32]bool) map[uint32]bool {
	all := maps.Clone(from)
	if all == nil {
		all = map[uint32]bool{}
	}
	for g := m.now().generation; g > 0; g-- { // boxes lead down
		if all[g] {
			maps.Copy(all, m.boxes[g])
		}
	}
	return all
}

// give notes that id has a key.
func (m *model) give(id keys.AccountID, generation uint32) {
	if m.held[id] == nil {
		m.held[id] = map[uint32]bool{}
	}
	m.held[id][generation] = true
}

func (m *model) box(newer, older uint32) {
	if m.boxes[newer] == nil {
		m.boxes[newer] = map[uint32]bool{}
	}
	m.boxes[newer][older] = true
}

// standing returns what the author of a claim is, in the newest state.
func (m *model) standing(c ring.Claim) ring.Standing {
	then := m.states[c.Head.Sequence]
	could, now := then.members[c.Author], m.now().members[c.Author]
	writes := func(m modelMember) bool { return m.role >= share.Writer && !m.invited && m.epoch == c.Epoch }
	switch {
	case !writes(could), then.due, then.dissolved, then.generation != c.Generation:
		return ring.Never
	case !writes(now):
		return ring.Former
	}
	return ring.Current
}
