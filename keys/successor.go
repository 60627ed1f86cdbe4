package keys

import (
	"crypto/sha256"
	"fmt"
	"slices"
)

// historyLimit is how many of the records before it a record names (spec,
// Section 6.1).
const historyLimit = 64

// Next is the server's check of a change, and needs no key: record must be the
// next revision after l, chained to it and signed by the account. It serves
// every change alike. The errors are those of [ParseLockedAccount], and
// ErrBehind if revisions are missing in between. What is equal to l is
// ErrRollback.
func (l *LockedAccount) Next(record []byte) (*LockedAccount, error) {
	next, err := ParseLockedAccount(record, l)
	switch {
	case err != nil:
		return nil, err
	case next.revision == l.revision:
		return nil, fmt.Errorf("keys: account record: %w", ErrRollback)
	case next.revision != l.revision+1:
		return nil, fmt.Errorf("keys: account record: %w", ErrBehind)
	}
	return next, nil
}

// continues checks l against what was seen.
func (l *LockedAccount) continues(seen *LockedAccount) error {
	if seen == nil {
		return nil
	}
	switch {
	case l.id != seen.id:
		return ErrMismatch
	case l.revision < seen.revision:
		return ErrRollback
	}
	missed := l.revision - seen.revision
	if missed <= historyLimit && !l.descends(seen) {
		return ErrFork
	}
	if err := l.identity.continues(seen.identity); err != nil {
		return err
	}
	if missed > historyLimit {
		return ErrBehind
	}
	return nil
}

// descends reports whether l is seen, or names it among the records before.
// l.revision is not below seen.revision, and at most historyLimit above.
func (l *LockedAccount) descends(seen *LockedAccount) bool {
	missed := l.revision - seen.revision
	switch {
	case missed == 0:
		return l.hash == seen.hash
	case l.history[missed-1] != seen.hash:
		return false
	}
	older := l.history[missed:]
	return slices.Equal(older, seen.history[:len(older)])
}

// previous returns the hash of the record before; zero in revision 1.
func (l *LockedAccount) previous() (hash [sha256.Size]byte) {
	if len(l.history) > 0 {
		hash = l.history[0]
	}
	return hash
}

// historyLen returns how many records one of this revision names.
func historyLen(revision uint64) uint64 { return min(revision-1, historyLimit) }
