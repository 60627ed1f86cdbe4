package share

import (
	"fmt"

	"github.com/sealkin/sealkin/keys"
)

// A Change is all that has to be stored, in one transaction, if the log still
// has Seq entries. It is plain data: JSON works, so it can be stored before it is
// sent, and sent again. A second one for the same Seq is not stored: whoever
// made it fetches, applies, and makes it anew.
//
// It is made for the log as the [Group] knew it, and changes nothing by itself.
// The errors of whatever makes one: ErrForbidden if the role or the state of the
// group do not allow it, ErrMismatch for who is not (or no more) whom the group
// knows, ErrBehind if a key, a rotation by an admin, or a [Group.Rekey] is missing
// first.
type Change struct {
	Group    keys.GroupID              `json:"group"`
	Seq      uint64                    `json:"seq"`
	Entries  [][]byte                  `json:"entries"`
	Links    map[keys.AccountID][]byte `json:"links,omitempty"` // replace the links of these; if a key was made, there are no others
	Bookmark []byte                    `json:"bookmark"`        // of who made the change

	after *Group
}

// After returns the group as it is once the change is stored; nil if the change
// was read back from storage, and then [Resume] or [Group.Apply] go on.
func (c *Change) After() *Group { return c.after }

// Accept is the server's check of a change, and needs no key: in its place,
// allowed, signed, with a link for each member that needs one and for nobody
// else, and a bookmark of this group. On a nil Log it checks the change of
// [Create]. What a link and a bookmark hold, only their owner can check.
//
// The error is ErrRollback if others were faster, ErrBehind if entries are
// missing before it, ErrMismatch for another group or other links than are
// needed, and those of [ReadLog].
func (l *Log) Accept(c *Change) (*Log, error) {
	if l == nil {
		l = &Log{state{newChain(), 0}}
	}
	switch {
	case c.Seq < l.n:
		return nil, fmt.Errorf("share: change: %w", keys.ErrRollback)
	case c.Seq > l.n:
		return nil, fmt.Errorf("share: change: %w", keys.ErrBehind)
	case len(c.Entries) == 0:
		return nil, fmt.Errorf("share: change: no entries: %w", keys.ErrMalformed)
	}
	next, err := l.extend(c.Entries, 0)
	if err != nil {
		return nil, err
	}
	if next.n != l.n+uint64(len(c.Entries)) {
		return nil, fmt.Errorf("share: change: %w", keys.ErrRollback)
	}
	if c.Group != next.ID() {
		return nil, fmt.Errorf("share: change: another group: %w", keys.ErrMismatch)
	}
	if err := next.checkLinks(l.n, c.Links); err != nil {
		return nil, err
	}
	if err := checkBookmark(c.Bookmark, c.Group); err != nil {
		return nil, fmt.Errorf("share: change: bookmark: %w", err)
	}
	return next, nil
}

// AcceptLink is the server's check of a link that [Group.Link] made anew. The
// errors are those of [Join] that need no key, and ErrMismatch if to is not in
// the group.
func (l *Log) AcceptLink(to keys.AccountID, link []byte) error {
	return read(l, func(s state) error {
		if s.member(to).role == 0 {
			return fmt.Errorf("share: link: not a member: %w", keys.ErrMismatch)
		}
		_, err := s.checkLink(link)
		return err
	})
}

// checkLinks checks the links that come with the entries from seq on.
func (l *Log) checkLinks(seq uint64, links map[keys.AccountID][]byte) error {
	return read(l, func(s state) error {
		need := s.needing(seq)
		if len(links) != len(need) {
			return fmt.Errorf("share: change: other links than are needed: %w", keys.ErrMismatch)
		}
		for _, m := range need {
			link, ok := links[m.person.id]
			if !ok {
				return fmt.Errorf("share: change: other links than are needed: %w", keys.ErrMismatch)
			}
			if _, err := s.checkLink(link); err != nil {
				return err
			}
		}
		return nil
	})
}

// needing returns who needs a link because of the entries from seq on: all, if
// one of them made a key, else those they took in.
func (s state) needing(seq uint64) []span {
	all := s.current()
	if at, _ := s.start(s.fact().generation); at.seq >= seq {
		return all
	}
	need := all[:0]
	for _, m := range all {
		if m.joined >= seq {
			need = append(need, m)
		}
	}
	return need
}
