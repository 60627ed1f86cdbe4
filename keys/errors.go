package keys

import (
	"errors"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/wire"
)

// The errors that all packages share: what an app must tell apart, because the
// person must do different things (docs/errors.md). They are matched by
// errors.Is, and never quote their input.
var (
	// ErrMalformed: not a record of this kind, or outside its limits. The
	// decision depends on public bytes only. Report it.
	ErrMalformed = wire.ErrMalformed

	// ErrNewer: made by a newer version. Update the app.
	ErrNewer = wire.ErrNewer

	// ErrOpen: wrong passphrase, code or key, or changed since. It never says
	// which.
	ErrOpen = box.ErrOpen

	// ErrMismatch: valid, but not the one asked for: another account, other
	// keys than those that were compared, no slot of this kind.
	ErrMismatch = errors.New("sealkin: not the one asked for")

	// ErrRollback: older than what this device has seen. Fetch the newest.
	ErrRollback = errors.New("sealkin: older than what was seen")

	// ErrFork: another history than this device has seen. Stop, and compare.
	ErrFork = errors.New("sealkin: another history than what was seen")

	// ErrBehind: needs a key or news that are not here. Fetch them, or ask.
	ErrBehind = errors.New("sealkin: needs a key or news that are not here")
)

// The errors of this package alone.
var (
	// ErrCost: a cost below the floor, above the ceiling, or not available
	// here. It is told before any work.
	ErrCost = errors.New("keys: cost refused")

	// ErrParams: cheaper parameters than those seen before, a changed need for
	// the second secret, or other parameters than the account's.
	ErrParams = errors.New("keys: parameters refused")
)
