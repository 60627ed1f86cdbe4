package share

import (
	"fmt"

	"github.com/sealkin/sealkin/keys"
)

// A rule says who may make a change, and what comes of it.
type rule struct {
	least  Role // that the author needs
	guest  bool // the author is an open invitation, and nobody else
	takes  bool // it takes a right away: the key must change
	rekeys bool // its author may change the key in the same entry, if an admin
	apply  func(s state, e *entry, author span, v *verdict) error
}

// rules is the table of who may do what (spec, Section 9.3). Entry 0 alone
// creates, and nothing else does.
var rules = [kinds]rule{
	add:      {least: Admin, rekeys: true, apply: state.add},
	invite:   {least: Admin, rekeys: true, apply: state.add},
	remove:   {least: Admin, rekeys: true, takes: true, apply: state.remove},
	setRole:  {least: Admin, rekeys: true, apply: state.setRole}, // takes, if one goes down
	rekey:    {least: Reader, rekeys: true, takes: true, apply: state.rekey},
	redeem:   {least: Reader, guest: true, takes: true, apply: state.redeem},
	leave:    {least: Reader, takes: true, apply: state.leave},
	rotate:   {least: Admin, rekeys: true, takes: true, apply: state.nothing},
	repair:   {least: Writer, apply: state.repair},
	dissolve: {least: Owner, apply: state.nothing},
}

// A verdict is what an allowed entry does.
type verdict struct {
	effects []effect
	takes   bool // a right away
	after   fact
}

// An effect is what somebody is from now on.
type effect struct {
	id keys.AccountID
	span
}

func (v *verdict) put(id keys.AccountID, s span) { v.effects = append(v.effects, effect{id, s}) }

// judge says what e does, or why it may not (spec, Section 9.4). It depends on
// the state and the entry alone. Place, hashes and signatures are not its
// business, and neither is the rotation: see settle.
func (s state) judge(e *entry) (*verdict, error) {
	v := &verdict{after: *s.fact()}
	if s.n == 0 {
		return v, s.create(e, v)
	}
	author, r := s.member(e.author), rules[e.change.kind]
	switch {
	case v.after.dissolved:
		return nil, forbidden("the group is dissolved")
	case r.apply == nil, author.role < r.least, author.invited != r.guest:
		return nil, forbidden("a %s may not do this", author.role)
	case s.n >= entryLimit, s.n >= entryLimit-ownersReserve && author.role != Owner:
		return nil, forbidden("the log is full")
	case e.change.kind != rekey && e.epoch != author.person.epoch():
		return nil, fmt.Errorf("the group knows other keys of the author: %w", keys.ErrBehind)
	}
	v.takes = r.takes
	if err := r.apply(s, e, author, v); err != nil {
		return nil, err
	}
	s.void(e, v)
	v.after.dissolved = e.change.kind == dissolve
	return v, s.count(v)
}

func forbidden(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, ErrForbidden)...)
}

// settle checks that e changes the key exactly if it must and may, and
// completes the verdict (spec, Section 9.5).
func (s state) settle(e *entry, v *verdict) error {
	must := s.mustRotate(e, v)
	r := e.rotation
	switch {
	case r == nil && s.n == 0:
		return fmt.Errorf("a group begins with a key: %w", keys.ErrMalformed)
	case r == nil && s.fact().due, must && r == nil:
		return forbidden("a new key is due")
	case r == nil:
		v.after.due = v.takes
		return nil
	case !s.mayRotate(e):
		return forbidden("only an admin makes a new key")
	case r.generation != v.after.generation+1, r.older.generation >= r.generation:
		return fmt.Errorf("generation out of turn: %w", keys.ErrMalformed)
	}
	v.after.generation, v.after.due = r.generation, false
	return nil
}

// mayRotate reports whether the author of e may change the key in it.
func (s state) mayRotate(e *entry) bool {
	return s.n == 0 || rules[e.change.kind].rekeys && s.member(e.author).role >= Admin
}

// mustRotate reports whether the author of e has to change the key in it.
func (s state) mustRotate(e *entry, v *verdict) bool {
	return s.n == 0 || s.mayRotate(e) && (v.takes || s.fact().due)
}

// mayGive reports whether author may give role, or take it away.
func (author span) mayGive(role Role) bool { return author.role == Owner || role < author.role }

func (s state) create(e *entry, v *verdict) error {
	if e.change.kind != create || e.rotation != nil && e.rotation.older.generation != 0 {
		return fmt.Errorf("not the first entry of a group: %w", keys.ErrMalformed)
	}
	p := e.change.people[0]
	if e.author != p.id || e.epoch != p.epoch() {
		return fmt.Errorf("not the creator's keys: %w", keys.ErrMalformed)
	}
	v.put(p.id, span{role: Owner, person: p, by: p.id})
	return s.count(v)
}

// add takes in people, or invitations, whose role must be below the author's.
func (s state) add(e *entry, author span, v *verdict) error {
	invited := e.change.kind == invite
	if !author.mayGive(e.change.role) || invited && e.change.role >= author.role {
		return forbidden("a %s may not make a %s", author.role, e.change.role)
	}
	once := make(map[keys.AccountID]bool, len(e.change.people))
	v.effects = make([]effect, 0, len(e.change.people))
	for _, p := range e.change.people {
		m := s.member(p.id)
		if m.role != 0 || once[p.id] {
			return forbidden("already a member")
		}
		if !p.continues(s.known(p.id)) {
			return fmt.Errorf("other keys than the group has seen: %w", keys.ErrMismatch)
		}
		once[p.id] = true
		v.put(p.id, span{from: s.n, role: e.change.role, person: p, invited: invited, by: e.author, joined: s.n})
	}
	return nil
}

// known returns the newest keys of id that the group has seen.
func (s state) known(id keys.AccountID) *person { return s.member(id).person }

func (s state) remove(e *entry, author span, v *verdict) error {
	for _, id := range e.change.ids {
		m := s.member(id)
		switch {
		case m.role == 0:
			return fmt.Errorf("not a member: %w", keys.ErrMismatch)
		case id == e.author:
			return forbidden("who goes leaves")
		case !author.mayGive(m.role):
			return forbidden("a %s may not remove a %s", author.role, m.role)
		}
		v.put(id, m.gone(s.n))
	}
	return nil
}

// gone returns m without a role. Its keys stay known.
func (m span) gone(from uint64) span {
	m.from, m.role, m.invited = from, 0, false
	return m
}

func (s state) setRole(e *entry, author span, v *verdict) error {
	for _, id := range e.change.ids {
		m := s.member(id)
		switch {
		case m.role == 0:
			return fmt.Errorf("not a member: %w", keys.ErrMismatch)
		case m.invited, m.role == e.change.role:
			return forbidden("nothing to change")
		case !author.mayGive(m.role), !author.mayGive(e.change.role):
			return forbidden("a %s may not make a %s a %s", author.role, m.role, e.change.role)
		}
		v.takes = v.takes || e.change.role < m.role
		m.from, m.role = s.n, e.change.role
		v.put(id, m)
	}
	return nil
}

// rekey takes over new keys of the author, whose own chain of statements says
// that the old ones agreed.
func (s state) rekey(e *entry, author span, v *verdict) error {
	p := e.change.people[0]
	if p.id != e.author || e.epoch != p.epoch() || !p.continues(author.person) || p.epoch() == author.person.epoch() {
		return fmt.Errorf("not the next keys of the author: %w", keys.ErrMismatch)
	}
	author.from, author.person = s.n, p
	v.put(p.id, author)
	return nil
}

// redeem puts a person in the place of the invitation that is the author.
func (s state) redeem(e *entry, author span, v *verdict) error {
	p := e.change.people[0]
	if s.member(p.id).role != 0 {
		return forbidden("already a member")
	}
	if !p.continues(s.known(p.id)) {
		return fmt.Errorf("other keys than the group has seen: %w", keys.ErrMismatch)
	}
	v.put(e.author, author.gone(s.n))
	v.put(p.id, span{from: s.n, role: author.role, person: p, by: author.by, joined: s.n})
	return nil
}

func (s state) leave(e *entry, author span, v *verdict) error {
	v.put(e.author, author.gone(s.n))
	return nil
}

func (s state) nothing(*entry, span, *verdict) error { return nil }

// repair adds boxes of older keys; each author once for each key and
// generation, so that nobody can fill the log with them.
func (s state) repair(e *entry, _ span, v *verdict) error {
	newest, _ := s.start(v.after.generation)
	here := map[uint32]bool{}
	for _, known := range s.edges(newest.seq) {
		if known.repair && known.author == e.author && known.newer == v.after.generation {
			here[known.older.generation] = true
		}
	}
	for _, b := range e.change.boxes {
		if b.generation == 0 || b.generation >= v.after.generation {
			return fmt.Errorf("not an older key: %w", keys.ErrMalformed)
		}
		if here[b.generation] {
			return forbidden("already here")
		}
	}
	return nil
}

// void adds to v the end of the invitations whose inviter is no longer above
// them: removed, demoted, or gone; or has new keys, since whoever had the old
// ones can have made them.
func (s state) void(e *entry, v *verdict) {
	done := make(map[keys.AccountID]bool, len(v.effects))
	left := map[keys.AccountID]Role{} // what inviters that fall still are
	for _, f := range v.effects {
		done[f.id] = true
		if was := s.member(f.id); was.role >= Admin && f.role < was.role {
			left[f.id] = f.role
		}
	}
	if e.change.kind == rekey {
		left[e.author] = 0
	}
	if len(left) == 0 {
		return
	}
	for _, guest := range s.c.guests {
		m := guest.at(s.n)
		role, falls := left[m.by]
		if m.invited && falls && (role < Admin || m.role >= role) && !done[guest.id] {
			v.put(guest.id, m.gone(s.n))
		}
	}
}

// count completes the numbers behind an entry and holds them to the limits.
func (s state) count(v *verdict) error {
	for _, f := range v.effects {
		v.after.add(s.member(f.id), -1)
		v.after.add(f.span, 1)
	}
	switch {
	case v.after.owners == 0:
		return forbidden("the last owner stays")
	case v.after.size > memberLimit, v.after.invitations > invitationLimit:
		return forbidden("too many members or invitations")
	}
	return nil
}

// add counts m n times.
func (f *fact) add(m span, n int) {
	if m.role != 0 {
		f.size += n
	}
	if m.role == Owner && !m.invited {
		f.owners += n
	}
	if m.invited {
		f.invitations += n
	}
}
