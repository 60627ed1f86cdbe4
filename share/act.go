package share

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/keys"
)

// Add takes people in, in one entry, with a role below one's own (owners: any).
// What the group has of them is what it will open: all older documents too. The
// errors are those of a [Change].
func (g *Group) Add(role Role, members ...*keys.Identity) (*Change, error) {
	if !role.valid() {
		return nil, fmt.Errorf("share: no such role: %w", ErrForbidden)
	}
	c := &change{kind: add, role: role}
	for _, m := range members {
		c.people = append(c.people, personOf(m.Public()))
	}
	return g.make(c)
}

// Invite takes in whoever will [Redeem] the code, with a role below one's own.
// Hand over the group's id and the code together, not by this server: whoever
// has both is in. [Group.Remove] of the id that [Log.Invited] reports withdraws
// it; so does removing or demoting who made it, or a [Group.Rekey] of theirs. The
// errors are those of a [Change].
func (g *Group) Invite(role Role) (*Change, *keys.Code, error) {
	if !role.valid() {
		return nil, nil, fmt.Errorf("share: no such role: %w", ErrForbidden)
	}
	code := keys.NewCode()
	guest := personOf(ring.PrivateOf(code.Guest()).Public())
	made, err := g.make(&change{kind: invite, role: role, people: []*person{guest}})
	if err != nil {
		return nil, nil, err
	}
	return made, code, nil
}

// SetRole changes roles, in one entry. Taking a right away makes a new key. The
// errors are those of a [Change].
func (g *Group) SetRole(role Role, members ...keys.AccountID) (*Change, error) {
	if !role.valid() {
		return nil, fmt.Errorf("share: no such role: %w", ErrForbidden)
	}
	return g.make(&change{kind: setRole, role: role, ids: sorted(members)})
}

// Remove takes people and invitations out, and makes one new key, however many
// they are. [Log.Exposure] of the log afterwards says which documents they could
// open: those stay theirs, and everything later is not. Documents that they
// wrote open for nobody until a remaining writer seals them anew. The errors are
// those of a [Change].
func (g *Group) Remove(members ...keys.AccountID) (*Change, error) {
	return g.make(&change{kind: remove, ids: sorted(members)})
}

// Rotate makes a new key. The errors are those of a [Change].
func (g *Group) Rotate() (*Change, error) { return g.make(&change{kind: rotate}) }

// Rekey tells the group this account's newest keys, after
// [keys.Account.Rotate]. An admin's makes a new key, anybody else's marks one
// due. The errors are those of a [Change].
func (g *Group) Rekey() (*Change, error) {
	return g.make(&change{kind: rekey, people: []*person{personOf(g.me.Identity().Public())}})
}

// Leave takes oneself out. The last owner can't. A new key is due then, and an
// admin makes it, since who leaves would know it. The errors are those of a
// [Change].
func (g *Group) Leave() (*Change, error) { return g.make(&change{kind: leave}) }

// Dissolve ends the group: nothing follows, and nothing is sealed any more.
// Documents stay readable to the members. The errors are those of a [Change].
func (g *Group) Dissolve() (*Change, error) { return g.make(&change{kind: dissolve}) }

// sorted returns ids ascending, each once.
func sorted(members []keys.AccountID) []keys.AccountID {
	s := slices.Clone(members)
	slices.SortFunc(s, func(a, b keys.AccountID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(s)
}

// Redeem enters with a code, whose maker need not be online. links are the
// stored links of the open invitations (or of all). Id and code come from the
// person who invited, together: the id authenticates the group. Commit the
// change; a new key is due then, because others may have seen the code.
//
// The errors are those of [ReadLog] and, for the link, of [Join]; ErrMismatch
// for another group, or a code that opens no invitation (any more); ErrForbidden
// for somebody who is a member already; ErrBehind if the invitation's link is not
// among links, and while a rotation is due, until an admin made it.
func Redeem(me *keys.Account, id keys.GroupID, code *keys.Code, entries [][]byte, links map[keys.AccountID][]byte) (*Change, error) {
	log, err := readLogOf(id, entries)
	if err != nil {
		return nil, err
	}
	guest := ring.PrivateOf(code.Guest())
	guestID := keys.AccountID(guest.Public().ID)
	if !log.Invited(guestID) {
		return nil, fmt.Errorf("share: redeem: no such invitation: %w", keys.ErrMismatch)
	}
	if links[guestID] == nil {
		return nil, fmt.Errorf("share: redeem: the link of the invitation is not here: %w", keys.ErrBehind)
	}
	k, commitment, err := openLink(log, guest, links[guestID])
	if err != nil {
		return nil, err
	}
	held := newKeyring()
	held.hold(commitment, k)
	m := &maker{me: me, author: guest, log: log, keys: held}
	return m.make(&change{kind: redeem, people: []*person{personOf(me.Identity().Public())}})
}
