package share

import (
	"bytes"
	"fmt"

	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/keys"
)

// A maker makes an entry, and the change that it comes in.
type maker struct {
	me     *keys.Account // whose the group is afterwards
	author ring.Private  // who signs: me, or the guest that me redeems
	log    *Log
	keys   *keyring

	entry    *entry
	material secret.Key // of the new generation, if there is one
}

// make makes a change by the account itself.
func (g *Group) make(c *change) (*Change, error) {
	return (&maker{me: g.me, author: g.private(), log: g.log, keys: g.keys}).make(c)
}

// Create starts a group of one, its owner. Commit the change; its Group is the
// group's id.
func Create(me *keys.Account) *Change {
	c := &change{kind: create, people: []*person{personOf(me.Identity().Public())}}
	author := ring.PrivateOf(me.Member())
	made, err := (&maker{me: me, author: author, log: &Log{state{newChain(), 0}}, keys: newKeyring()}).make(c)
	if err != nil {
		panic("share: internal error: " + err.Error()) // nothing here comes from outside
	}
	return made
}

// make makes the entry, asks the rules, and then seals what comes with it.
func (m *maker) make(c *change) (*Change, error) {
	if err := m.draft(c); err != nil {
		return nil, err
	}
	m.entry.seal()
	m.entry.sign(m.author.Sign, ring.PrivateOf(m.me.Member()).Sign)
	if len(m.entry.record) > entrySizeLimit {
		return nil, fmt.Errorf("share: an entry has at most %d bytes: fewer people at once: %w", entrySizeLimit, ErrForbidden)
	}
	next, _, err := m.log.fold([]*entry{m.entry}, 0)
	if err != nil {
		return nil, err
	}
	return m.finish(next)
}

// draft makes the unsigned entry.
func (m *maker) draft(c *change) error {
	if n := len(c.people) + len(c.ids) + len(c.boxes); shapes[c.kind].subjects != nobody && (n == 0 || n > shapes[c.kind].most) {
		return fmt.Errorf("share: 1 to %d in one change: %w", shapes[c.kind].most, ErrForbidden)
	}
	epoch, _ := m.author.Public().Newest()
	m.entry = &entry{seq: m.log.n, author: m.author.Public().ID, epoch: epoch, change: c}
	m.log.c.mu.RLock()
	m.entry.group, m.entry.previous = m.log.c.id, m.log.fact().hash // zeros in the first
	v, err := m.log.judge(m.entry)
	rotates := err == nil && m.log.mustRotate(m.entry, v)
	waits := err == nil && !rotates && m.log.fact().due
	m.log.c.mu.RUnlock()
	switch {
	case err != nil:
		return fmt.Errorf("share: %w", err)
	case waits:
		return fmt.Errorf("share: an admin has to make a new key first: %w", keys.ErrBehind)
	case rotates:
		m.rotate()
	}
	return nil
}

// rotate draws a key, and puts the newest one that is here into its box.
func (m *maker) rotate() {
	m.material = newMaterial()
	generation := read(m.log, func(s state) uint32 { return s.fact().generation }) + 1
	m.entry.rotation = &rotation{generation: generation, commitment: commit(m.material, generation)}
	if older := m.keys.newest(m.log); older != nil {
		m.entry.rotation.older = newGroupKey(m.entry.group, generation, m.material).sealOlder(older)
	}
}

// finish seals the links, and puts everything into a change.
func (m *maker) finish(next *Log) (*Change, error) {
	if r := m.entry.rotation; r != nil {
		m.keys.hold(r.commitment, newGroupKey(next.ID(), r.generation, m.material))
	}
	need := read(next, func(s state) []span { return s.needing(m.log.n) })
	var links map[keys.AccountID][]byte
	if len(need) > 0 {
		k := m.keys.key(next, next.Generation())
		if k == nil {
			return nil, fmt.Errorf("share: the newest key is not here: %w", keys.ErrBehind)
		}
		var err error
		if links, err = sealLinks(next, k, need); err != nil {
			return nil, err
		}
	}
	after := &Group{m.me, next, m.keys}
	return &Change{
		Group:    next.ID(),
		Seq:      m.log.n,
		Entries:  [][]byte{bytes.Clone(m.entry.record)},
		Links:    links,
		Bookmark: after.Bookmark(),
		after:    after,
	}, nil
}
