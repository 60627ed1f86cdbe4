package share

import "github.com/sealkin/sealkin/keys"

// An Exposure says what an account could open, for an honest answer when it is
// removed.
type Exposure struct {
	Account keys.AccountID `json:"account"`

	// Generation is the newest whose key the account was given. The boxes of
	// older keys lead down from there, so whatever was sealed under it or an
	// older one counts as read: envelope.Inspect shows a document's generation.
	// 0: nothing.
	Generation uint32 `json:"generation"`

	// Until is the number of the entry that ended it; 0 while the account is a
	// member or invitation.
	Until uint64 `json:"until,omitempty"`

	// Open reports that the account has the newest key: as a member, or because
	// it left and the new key is still due.
	Open bool `json:"open"`
}

// Exposure returns what id could open, by what the chain says: keys that members
// passed on are not in it.
func (l *Log) Exposure(id keys.AccountID) Exposure {
	return read(l, func(s state) Exposure { return s.exposure(id) })
}

func (s state) exposure(id keys.AccountID) Exposure {
	x, now := Exposure{Account: id}, s.member(id)
	switch {
	case now.person == nil:
		return x
	case now.role != 0:
		x.Generation = s.fact().generation
	default: // the state before the entry that ended it
		x.Until = now.from
		x.Generation = s.c.facts[now.from-1].generation
	}
	x.Open = x.Generation == s.fact().generation
	return x
}
