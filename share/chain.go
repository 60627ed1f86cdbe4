package share

import (
	"cmp"
	"slices"
	"sort"
	"sync"

	"github.com/sealkin/sealkin/keys"
)

// A chain holds the verified entries of a group and what they add up to. It
// only grows: what was true after n entries can be asked for ever, so that any
// number of Logs share one chain, each seeing a prefix of its own. That makes
// taking over one entry cost the same however long the log is, and lets a
// reader ask what an author might do at the head that a document names.
type chain struct {
	mu          sync.RWMutex
	id          keys.GroupID
	facts       []*fact
	members     map[keys.AccountID]*member
	order       []*member // by first appearance
	guests      []*member // those of order that are or were invitations
	generations []start   // that of generation g is at g−1
	edges       []edge
}

// A fact is an entry and what is true behind it.
type fact struct {
	record      []byte
	hash        [32]byte
	author      keys.AccountID
	people      []keys.AccountID // that are in it by their identities
	generation  uint32
	due         bool // a rotation is
	dissolved   bool
	size        int // members and open invitations
	owners      int
	invitations int
}

// A start is where a generation begins.
type start struct {
	seq        uint64
	commitment [32]byte
}

// An edge leads from the key of a generation to that of an older one.
type edge struct {
	seq    uint64
	author keys.AccountID
	repair bool // not in the rotation itself
	newer  uint32
	older  oldKey
}

// A member is an account that is or was in the group.
type member struct {
	id    keys.AccountID
	guest bool    // is or was an invitation, by any of the spans
	spans []span  // ascending
	one   [1]span // where most spans are kept
}

// A span is what a member is, from one entry on.
type span struct {
	from    uint64 // the entry
	role    Role   // 0: gone
	person  *person
	invited bool           // an open invitation
	by      keys.AccountID // who took them in; for a redeemed invitation: who invited
	joined  uint64         // the entry that did
}

// at returns what m is after n entries.
func (m *member) at(n uint64) span {
	if m == nil {
		return span{}
	}
	i := len(m.spans)
	for i > 0 && m.spans[i-1].from >= n {
		i--
		if len(m.spans)-i > 8 { // far from the newest
			i = sort.Search(i, func(i int) bool { return m.spans[i].from >= n })
			break
		}
	}
	if i == 0 {
		return span{}
	}
	return m.spans[i-1]
}

func newChain() *chain { return &chain{members: map[keys.AccountID]*member{}} }

// clone returns a chain of the first n entries of c, to continue otherwise.
func (c *chain) clone(n uint64) *chain {
	next := newChain()
	next.id = c.id
	next.facts = slices.Clone(c.facts[:n])
	for _, m := range c.order {
		spans := m.spans[:sort.Search(len(m.spans), func(i int) bool { return m.spans[i].from >= n })]
		for _, s := range spans {
			next.put(m.id, s)
		}
	}
	next.generations = slices.Clone(c.generations[:sort.Search(len(c.generations), func(i int) bool { return c.generations[i].seq >= n })])
	next.edges = slices.Clone(c.edges[:sort.Search(len(c.edges), func(i int) bool { return c.edges[i].seq >= n })])
	return next
}

// put says what a member is from s.from on.
func (c *chain) put(id keys.AccountID, s span) {
	m := c.members[id]
	if m == nil {
		m = &member{id: id}
		m.spans = m.one[:0]
		c.members[id] = m
		c.order = append(c.order, m)
	}
	if s.invited && !m.guest {
		m.guest = true
		c.guests = append(c.guests, m)
	}
	m.spans = append(m.spans, s)
}

// grow adds an entry that was judged.
func (c *chain) grow(e *entry, v *verdict) {
	if e.seq == 0 {
		c.id = e.groupID()
	}
	for _, f := range v.effects {
		c.put(f.id, f.span)
	}
	if r := e.rotation; r != nil {
		c.generations = append(c.generations, start{e.seq, r.commitment})
		if r.older.generation != 0 {
			c.edges = append(c.edges, edge{e.seq, e.author, false, r.generation, r.older})
		}
	}
	for _, b := range e.change.boxes {
		c.edges = append(c.edges, edge{e.seq, e.author, true, v.after.generation, b})
	}
	v.after.record, v.after.hash, v.after.author, v.after.people = e.record, e.hash, e.author, nil
	for _, p := range e.change.people {
		v.after.people = append(v.after.people, p.id)
	}
	c.facts = append(c.facts, &v.after)
}

// A state is a group after n entries. It is asked with the lock of the chain
// held; [Log] is the same for everybody else.
type state struct {
	c *chain
	n uint64
}

var before = new(fact) // entry 0

// fact returns what is true behind the newest entry.
func (s state) fact() *fact {
	if s.n == 0 {
		return before
	}
	return s.c.facts[s.n-1]
}

// member returns what id is, a span of role 0 for who was never here.
func (s state) member(id keys.AccountID) span { return s.c.members[id].at(s.n) }

// edges returns the edges of the entries from seq on.
func (s state) edges(seq uint64) []edge {
	at := func(n uint64) int {
		return sort.Search(len(s.c.edges), func(i int) bool { return s.c.edges[i].seq >= n })
	}
	return s.c.edges[at(seq):at(s.n)]
}

// start returns where a generation begins, if it has begun.
func (s state) start(generation uint32) (start, bool) {
	if generation == 0 || generation > s.fact().generation {
		return start{}, false
	}
	return s.c.generations[generation-1], true
}

// current returns the members and open invitations, in the order of joining.
func (s state) current() []span {
	all := make([]span, 0, s.fact().size)
	for _, m := range s.c.order {
		if now := m.at(s.n); now.role != 0 {
			all = append(all, now)
		}
	}
	slices.SortStableFunc(all, func(a, b span) int { return cmp.Compare(a.joined, b.joined) })
	return all
}
