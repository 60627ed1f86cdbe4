package share

import (
	"bytes"
	"fmt"
	"iter"
	"slices"

	"github.com/sealkin/sealkin/keys"
)

// A Log is the verified public history of a group: all that a server sees, and
// what it adds up to. It is immutable and safe for concurrent use; the Logs of
// one group share their memory.
type Log struct{ state }

// ReadLog verifies a whole history, from entry 0 on: place, signatures, and that
// each entry was allowed by those before it (spec, Section 9.4). It needs no
// key. What it can't know is whether more entries exist.
//
// The error is ErrMalformed (or ErrNewer) for what no honest client wrote,
// ErrForbidden for a change that its author might not make, ErrBehind for a gap or
// an author's older keys, ErrRollback for an entry that is there twice, ErrMismatch
// for one of another group, or a change of who is not there or has other keys, and
// a [ForkError] for one that continues another entry.
func ReadLog(entries [][]byte) (*Log, error) {
	return new(Log{state{newChain(), 0}}).extend(entries, 0)
}

// readLogOf is ReadLog for the group of an id, which is compared first.
func readLogOf(id keys.GroupID, entries [][]byte) (*Log, error) {
	if len(entries) > 0 {
		if e, err := parseEntry(entries[0]); err == nil && e.seq == 0 && e.groupID() != id {
			return nil, e.wrap(keys.ErrMismatch)
		}
	}
	return ReadLog(entries)
}

// batch is how many entries are judged before their signatures are verified: a
// server makes nobody judge a long log that nobody signed.
const batch = 256

// extend returns l with entries behind it. Those that l has are skipped if they
// are equal. Entries below trusted have been verified before, and whoever calls
// has their hash.
func (l *Log) extend(records [][]byte, trusted uint64) (*Log, error) {
	if len(records) == 0 && l.n == 0 {
		return nil, fmt.Errorf("share: no entries: %w", keys.ErrMalformed)
	}
	if len(records) > entryLimit {
		return nil, fmt.Errorf("share: too many entries: %w", keys.ErrMalformed)
	}
	entries, err := parseAll(records, trusted)
	if err != nil {
		return nil, err
	}
	if entries, err = l.fresh(entries); err != nil {
		return nil, err
	}
	for some := range slices.Chunk(entries, batch) {
		next, claims, err := l.fold(some, trusted)
		if err != nil {
			return nil, err
		}
		if err := verifyAll(claims); err != nil {
			return nil, err
		}
		l = next
	}
	return l, nil
}

// fold takes over entries one by one, and returns the signatures that are still
// to be verified before anybody may see the result.
func (l *Log) fold(entries []*entry, trusted uint64) (*Log, []claim, error) {
	l.c.mu.Lock()
	defer l.c.mu.Unlock()
	s, claims := l.tip(), []claim(nil)
	for _, e := range entries {
		author, err := s.take(e)
		if err != nil {
			return nil, nil, err
		}
		if e.seq >= trusted {
			claims = append(claims, claim{e, author})
		}
		s.n++
	}
	return &Log{s}, claims, nil
}

// tip returns a state like l's that can grow: l's own if nothing came behind it.
func (l *Log) tip() state {
	if uint64(len(l.c.facts)) == l.n {
		return l.state
	}
	return state{l.c.clone(l.n), l.n}
}

// fresh returns entries without those at the front that l has.
func (l *Log) fresh(entries []*entry) ([]*entry, error) {
	l.c.mu.RLock()
	defer l.c.mu.RUnlock()
	for i, e := range entries {
		switch {
		case e.seq >= l.n:
			return entries[i:], nil
		case e.seq > 0 && e.group != l.c.id, e.seq == 0 && e.groupID() != l.c.id:
			return nil, e.wrap(keys.ErrMismatch)
		case e.hash != l.c.facts[e.seq].hash:
			return nil, l.forkAt(e.seq, e)
		case i > 0 && e.seq != entries[i-1].seq+1:
			return nil, e.wrap(keys.ErrRollback)
		}
	}
	return nil, nil
}

// take adds e if it is in its place and allowed, and returns the key that must
// have signed it.
func (s state) take(e *entry) (author []byte, err error) {
	if err := s.place(e); err != nil {
		return nil, err
	}
	v, err := s.judge(e)
	if err != nil {
		return nil, e.wrap(err)
	}
	if err := s.settle(e, v); err != nil {
		return nil, e.wrap(err)
	}
	author = s.authorKey(e)
	s.c.grow(e, v)
	return author, nil
}

// authorKey returns the key that must have signed e, which was judged.
func (s state) authorKey(e *entry) []byte {
	if k := e.change.kind; k == create || k == rekey {
		return e.change.people[0].newestKey()
	}
	return s.member(e.author).person.newestKey()
}

// place checks that e is the next entry.
func (s state) place(e *entry) error {
	switch {
	case e.seq > s.n:
		return e.wrap(keys.ErrBehind)
	case e.seq < s.n:
		return e.wrap(keys.ErrRollback)
	case s.n == 0 && (e.group != keys.GroupID{} || e.previous != [32]byte{}):
		return e.wrap(keys.ErrMalformed)
	case e.group != s.c.id: // zeros in front of entry 0, as its previous
		return e.wrap(keys.ErrMismatch)
	case e.previous != s.fact().hash:
		return s.forkAt(s.n-1, e)
	}
	return nil
}

// forkAt returns the error for e, which can't stand in a history with our entry
// at seq.
func (s state) forkAt(seq uint64, e *entry) error {
	known := s.c.facts[seq]
	f := &ForkError{Known: bytes.Clone(known.record), Other: bytes.Clone(e.record)}
	if m := s.member(e.author).person; m != nil && e.epoch <= m.epoch() {
		f.Signed = e.verify(m.signKey(e.epoch)) == nil
	}
	return f
}

// read asks the state with the lock of the chain held.
func read[T any](l *Log, ask func(s state) T) T {
	l.c.mu.RLock()
	defer l.c.mu.RUnlock()
	return ask(l.state)
}

// ID returns the group's name.
func (l *Log) ID() keys.GroupID { return read(l, func(s state) keys.GroupID { return s.c.id }) }

// Len returns the number of entries: compare-and-set on it.
func (l *Log) Len() uint64 { return l.n }

// Head returns the hash of the newest entry, for people to compare.
func (l *Log) Head() [32]byte { return read(l, func(s state) [32]byte { return s.fact().hash }) }

// Entries returns copies of the records from a position on: to store, or to give
// back to a server that lost them. Below a bookmark that the group was resumed
// from, their signatures are as the server sent them.
func (l *Log) Entries(from uint64) [][]byte {
	facts := read(l, func(s state) []*fact { return s.c.facts[min(from, s.n):s.n] })
	records := make([][]byte, len(facts))
	for i, f := range facts {
		records[i] = bytes.Clone(f.record)
	}
	return records
}

// Generation returns the number of the current key, from 1.
func (l *Log) Generation() uint32 {
	return read(l, func(s state) uint32 { return s.fact().generation })
}

// RotationDue reports whether the next change must be, and therefore will be, a
// rotation, by an admin. Until then nobody seals documents.
func (l *Log) RotationDue() bool { return read(l, func(s state) bool { return s.fact().due }) }

// Dissolved reports whether the group has ended.
func (l *Log) Dissolved() bool { return read(l, func(s state) bool { return s.fact().dissolved }) }

// Members iterates in the order of joining, invitations included.
func (l *Log) Members() iter.Seq2[keys.AccountID, Role] {
	members := read(l, state.current)
	return func(yield func(keys.AccountID, Role) bool) {
		for _, m := range members {
			if !yield(m.person.id, m.role) {
				return
			}
		}
	}
}

// Role returns 0 for who is not a member.
func (l *Log) Role(id keys.AccountID) Role {
	return read(l, func(s state) Role { return s.member(id).role })
}

// Invited reports whether id is an open invitation.
func (l *Log) Invited(id keys.AccountID) bool {
	return read(l, func(s state) bool { return s.member(id).invited })
}

// Identity returns the record of the newest keys of id that the group knows,
// also of somebody who left; nil if it knows none.
func (l *Log) Identity(id keys.AccountID) []byte {
	p := read(l, func(s state) *person { return s.known(id) })
	if p == nil {
		return nil
	}
	return slices.Clone(p.record)
}
