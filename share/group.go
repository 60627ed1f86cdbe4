package share

import (
	"fmt"

	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/keys"
)

// A Group is a group as one of its members sees it: a verified log, and keys. It
// holds the account it was entered with, so nothing is signed by another.
//
// It is immutable and safe for concurrent use. [Group.Apply], and
// [Change.After] for changes of one's own, give the next one.
type Group struct {
	me   *keys.Account
	log  *Log
	keys *keyring
}

// Join enters a group for the first time. What id the group has, and who takes
// one in, does not come from the server: from, whose ID was compared, must be
// who added or invited this account, or who created the group (A11). link may be
// nil, and then the group has no key: nothing opens, but an admin can rotate.
//
// It verifies everything: about 0.3 ms for each person taken in, and 0.1 ms for
// each other entry. [Group.Marshal], or the bookmark, save that the next time.
//
// The errors are those of [ReadLog], ErrMismatch for another group, another
// inviter or other keys of this account, ErrBehind if it is not (or no longer) a
// member here, if the group knows newer keys of it, or if the link is newer than
// the entries, ErrRollback for an older link, and ErrOpen for one that does not
// open or has another key than the chain commits to. On an error with the link
// alone, an owner goes on with nil.
func Join(me *keys.Account, id keys.GroupID, from keys.AccountID, entries [][]byte, link []byte) (*Group, error) {
	log, err := readLogOf(id, entries)
	if err != nil {
		return nil, err
	}
	m := read(log, func(s state) span { return s.member(me.ID()) })
	if m.role == 0 || m.invited {
		return nil, fmt.Errorf("share: join: not a member: %w", keys.ErrBehind)
	}
	if m.by != from && read(log, func(s state) keys.AccountID { return s.c.facts[0].author }) != from {
		return nil, fmt.Errorf("share: join: taken in by somebody else: %w", keys.ErrMismatch)
	}
	return enter(me, log, newKeyring(), link)
}

// Resume enters again, on any device, where a bookmark left off. entries are the
// whole log; of those that the bookmark covers the hash is compared and the rules
// are run, but signatures and identities are not verified again. link may be nil:
// the bookmark holds the newest key that its maker had.
//
// A bookmark that this account's older keys have made vouches for nothing: all is
// verified as in [Join]. Who stole these keys can make one of a group of theirs,
// so it does not even say that the group is one that was chosen: then compare
// [Log.ID] with an id that is known from elsewhere.
//
// Somebody who was removed gets a group that opens what they could open, and
// seals nothing.
//
// The errors are those of [ReadLog] and, for the link and this account's keys, of
// [Join]; ErrRollback for fewer entries than the bookmark has seen, [ForkError] for
// others; ErrOpen, ErrMalformed or ErrBehind (an epoch that this account does not
// have) for a bookmark of somebody else.
func Resume(me *keys.Account, bookmark []byte, entries [][]byte, link []byte) (*Group, error) {
	m, err := openBookmark(ring.PrivateOf(me.Member()), bookmark)
	if err != nil {
		return nil, err
	}
	if err := m.check(entries); err != nil {
		return nil, err
	}
	log, err := (&Log{state{newChain(), 0}}).extend(entries, m.verified())
	if err != nil {
		return nil, err
	}
	if log.ID() != m.group {
		return nil, fmt.Errorf("share: resume: another group: %w", keys.ErrMismatch)
	}
	ring := newKeyring()
	if at, ok := log.start(m.generation); ok {
		if k := checkedKey(m.group, m.generation, secret.Reveal(m.material), at.commitment); k != nil {
			ring.hold(at.commitment, k)
		}
	}
	return enter(me, log, ring, link)
}

// check compares the entry that the bookmark names. All before it follows from
// its hash.
func (m *mark) check(entries [][]byte) error {
	if uint64(len(entries)) <= m.seq {
		return fmt.Errorf("share: resume: %w", keys.ErrRollback)
	}
	e, err := parseEntry(entries[m.seq])
	if err != nil {
		return err
	}
	if e.hash != m.hash {
		return &ForkError{Other: e.record}
	}
	return nil
}

// enter makes the group of a verified log.
func enter(me *keys.Account, log *Log, held *keyring, link []byte) (*Group, error) {
	g := &Group{me, log, held}
	if err := g.checkMe(); err != nil {
		return nil, err
	}
	if link == nil {
		return g, nil
	}
	k, commitment, err := openLink(log, g.private(), link)
	if err != nil {
		return nil, err
	}
	held.hold(commitment, k)
	return g, nil
}

// checkMe checks that the group knows the keys of the account, or older ones.
func (g *Group) checkMe() error {
	known := read(g.log, func(s state) *person { return s.known(g.me.ID()) })
	if known == nil {
		return fmt.Errorf("share: not a member: %w", keys.ErrBehind)
	}
	own := g.me.Identity().Public().Epochs
	for e := range min(known.epoch()+1, uint32(len(own))) {
		if known.statement(e) != own[e].Statement {
			return fmt.Errorf("share: the group knows other keys of this account: %w", keys.ErrMismatch)
		}
	}
	if int(known.epoch()) >= len(own) {
		return fmt.Errorf("share: the group knows newer keys of this account: %w", keys.ErrBehind)
	}
	return nil
}

// Apply returns the group after new entries, one's own included; those that are
// known already are skipped at the front. link is this account's newest, or nil
// if no new key was made, or none is there. It costs the same however long the
// log is.
//
// The errors are those of [Resume]. Nothing changes then, and nothing is lost:
// fetch again, or show the people what a [ForkError] says.
func (g *Group) Apply(entries [][]byte, link []byte) (*Group, error) {
	log, err := g.log.extend(entries, 0)
	if err != nil {
		return nil, err
	}
	return enter(g.me, log, g.keys, link)
}

// Log returns the public side.
func (g *Group) Log() *Log { return g.log }

// Role returns what this account is in the group, 0 if it was removed.
func (g *Group) Role() Role { return g.log.Role(g.me.ID()) }

// RotationDue reports whether the next change must be, and therefore will be, a
// rotation. Until then documents open, and none is sealed.
func (g *Group) RotationDue() bool { return g.log.RotationDue() }

// RekeyDue reports whether the group does not know this account's newest keys.
// Then nothing is sealed, and [Group.Rekey] is the one change to make.
func (g *Group) RekeyDue() bool {
	m := read(g.log, func(s state) span { return s.member(g.me.ID()) })
	return m.role != 0 && m.person.epoch() != g.me.Identity().Epoch()
}

// private returns what signs and opens.
func (g *Group) private() ring.Private { return ring.PrivateOf(g.me.Member()) }

// head returns the newest entry.
func (g *Group) head() ring.Head { return ring.Head{Sequence: g.log.n - 1, Hash: g.log.Head()} }
