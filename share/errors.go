package share

import (
	"errors"

	"github.com/sealkin/sealkin/keys"
)

// ErrForbidden means that a role does not allow what was asked, or that the
// state of the group does not: the last owner can't go, the group is at a limit
// or dissolved. Package keys has the other errors.
var ErrForbidden = errors.New("share: role does not allow this")

// A ForkError is [keys.ErrFork] with what shows it: two entries that can't stand
// in one history. Keep it: people can compare it, and see who signed what.
type ForkError struct {
	// Known is the record that this account has verified, nil if it has kept
	// the hash alone.
	Known []byte

	// Other is the record that the server gave instead, or one that continues
	// another history.
	Other []byte

	// Signed reports whether Other has the signature of somebody in the history
	// of Known. If it has not, the server may have made it up by itself. It is
	// always false from [Resume], which compares before it reads a history.
	Signed bool
}

// Error says what [keys.ErrFork] says.
func (*ForkError) Error() string { return "share: " + keys.ErrFork.Error() }

// Unwrap returns [keys.ErrFork].
func (*ForkError) Unwrap() error { return keys.ErrFork }
