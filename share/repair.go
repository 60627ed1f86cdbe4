package share

import (
	"fmt"

	"github.com/sealkin/sealkin/keys"
)

// Link makes the newest key's link for a member or invitation anew: one that
// was lost, or that whoever made the key did badly. Any member can. Store it in
// the place of theirs, after [Log.AcceptLink]. The error is ErrMismatch for who
// is not in the group, ErrForbidden if this account isn't any more, ErrBehind if
// it does not have the newest key.
func (g *Group) Link(to keys.AccountID) ([]byte, error) {
	m := read(g.log, func(s state) span { return s.member(to) })
	k := g.keys.key(g.log, g.log.Generation())
	switch {
	case g.Role() == 0:
		return nil, fmt.Errorf("share: link: no longer a member: %w", ErrForbidden)
	case m.role == 0:
		return nil, fmt.Errorf("share: link: not a member: %w", keys.ErrMismatch)
	case k == nil:
		return nil, fmt.Errorf("share: link: the newest key is not here: %w", keys.ErrBehind)
	}
	links, err := sealLinks(g.log, k, []span{m})
	if err != nil {
		return nil, err
	}
	return links[to], nil
}

// Missing returns the generations whose keys are not here, although the group
// has them: somebody made a new key without a good box for an older one. Whoever
// has them uses [Group.Repair].
func (g *Group) Missing() (generations []uint32) {
	for n := g.log.Generation(); n > 0; n-- {
		if g.keys.key(g.log, n) == nil {
			generations = append(generations, n)
		}
	}
	return generations
}

// Repair gives the group the older keys that this account has and that nobody
// can reach from the newest one. The change is nil if there are none. Writers
// can. The errors are those of the other changes.
func (g *Group) Repair() (*Change, error) {
	newest := g.keys.key(g.log, g.log.Generation())
	if newest == nil {
		return nil, fmt.Errorf("share: repair: the newest key is not here: %w", keys.ErrBehind)
	}
	c := &change{kind: repair}
	reach := newKeyring()
	at := read(g.log, func(s state) start { at, _ := s.start(newest.generation); return at })
	reach.hold(at.commitment, newest)
	for _, k := range g.keys.all(g.log) {
		if reach.key(g.log, k.generation) == nil && len(c.boxes) < repairLimit {
			c.boxes = append(c.boxes, newest.sealOlder(k))
		}
	}
	if len(c.boxes) == 0 {
		return nil, nil
	}
	return g.make(c)
}
