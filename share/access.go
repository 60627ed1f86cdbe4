package share

import (
	"github.com/sealkin/sealkin/keys"
)

// A Way is one way to a group's newest key.
type Way struct {
	ID   keys.AccountID `json:"id"`
	Role Role           `json:"role"` // 0: no longer in the group, and has the key until the rotation that is due

	// Invited: whoever has the code. By is who made it, or took the member in.
	Invited bool           `json:"invited,omitempty"`
	By      keys.AccountID `json:"by"`

	// Since is the number of the entry that opened this way, and Generation the
	// newest key that it leads to.
	Since      uint64 `json:"since"`
	Generation uint32 `json:"generation"`

	// Epoch is the number of the keys that the group knows. Behind: whoever asks
	// knows newer ones, so that a Rekey by the member is due.
	Epoch  uint32 `json:"epoch"`
	Behind bool   `json:"behind,omitempty"`

	// Link is about the stored link, as far as anybody but its owner can tell.
	Link LinkState `json:"link"`
}

// A LinkState says what is stored for a member.
type LinkState string

// The states of a link. What is not current, [Group.Link] makes anew.
const (
	LinkCurrent LinkState = "current" // of the newest key; only its owner can open it
	LinkStale   LinkState = "stale"   // of an older key, or none of this group
	LinkMissing LinkState = "missing"
	LinkNone    LinkState = "none" // not in the group: needs none
)

// Access returns every way to the newest key, in the order of joining: members,
// open invitations, and, while a rotation is due, who has left and whose keys were
// replaced. It depends on
// the verified log and the arguments alone: links are the stored ones; people
// are the newest identities that the caller has verified, as many as there are.
// Keys that a member passed on show in no report.
func (g *Group) Access(links map[keys.AccountID][]byte, people ...*keys.Identity) []Way {
	newest := make(map[keys.AccountID]uint32, len(people))
	for _, p := range people {
		newest[p.ID()] = p.Epoch()
	}
	return read(g.log, func(s state) (ways []Way) {
		for _, m := range append(s.current(), s.gone()...) {
			w := s.way(m, links[m.person.id])
			w.Behind = m.role != 0 && newest[w.ID] > w.Epoch
			ways = append(ways, w)
		}
		return ways
	})
}

// gone returns who has the newest key and should not: who left, and the old keys
// of members, until the rotation that is due.
func (s state) gone() (all []span) {
	if !s.fact().due {
		return nil
	}
	begun, _ := s.start(s.fact().generation)
	for _, m := range s.c.order {
		last := span{}
		for _, now := range m.spans {
			if now.from >= s.n {
				break
			}
			ended := last.role != 0 && (now.role == 0 || now.person != last.person)
			if ended && now.from > begun.seq {
				last.role = 0
				all = append(all, last)
			}
			last = now
		}
	}
	return all
}

func (s state) way(m span, link []byte) Way {
	w := Way{
		ID:         m.person.id,
		Role:       m.role,
		Invited:    m.invited,
		By:         m.by,
		Since:      m.joined,
		Generation: s.fact().generation,
		Epoch:      m.person.epoch(),
		Link:       LinkMissing,
	}
	if m.role == 0 {
		w.Link = LinkNone
	} else if link != nil {
		w.Link = LinkStale
		if _, err := s.checkLink(link); err == nil {
			w.Link = LinkCurrent
		}
	}
	return w
}
