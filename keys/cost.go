package keys

import (
	"cmp"
	"crypto/fips140"
	"fmt"
)

// A Cost is the work of one guess at a passphrase. The zero Cost means
// Argon2id (RFC 9106) with 64 MiB, 3 passes and 4 lanes. Set either the three
// fields of Argon2id or Iterations.
//
// What is below 19 MiB × 2 passes or 600,000 iterations, above 1 GiB, 16
// passes, 16 lanes, 4 GiB over all passes or 10,000,000 iterations, is refused
// with ErrCost.
type Cost struct {
	Memory     uint32 // KiB, for Argon2id
	Passes     uint32
	Lanes      uint8
	Iterations uint32 // if not zero: PBKDF2-HMAC-SHA-256 (RFC 8018) instead
}

// Floors and ceilings (spec, Section 4.3). They are the client's own, whatever
// a server says.
const (
	memoryFloor, memoryCeiling         = 19 << 10, 1 << 20 // KiB
	passesFloor, passesCeiling         = 2, 16
	lanesCeiling                       = 16
	workCeiling                        = 4 << 20 // KiB × passes
	iterationsFloor, iterationsCeiling = 600_000, 10_000_000
)

// defaultCost is RFC 9106's second recommendation (Section 4).
var defaultCost = Cost{Memory: 64 << 10, Passes: 3, Lanes: 4}

// orDefault returns c, or the default for the zero Cost.
func (c Cost) orDefault() Cost { return cmp.Or(c, defaultCost) }

// check returns ErrCost unless c is within the limits.
func (c Cost) check() error {
	if c.Iterations != 0 {
		if c.Memory != 0 || c.Passes != 0 || c.Lanes != 0 {
			return fmt.Errorf("%w: PBKDF2 and Argon2id at once", ErrCost)
		}
		return within("iterations", c.Iterations, iterationsFloor, iterationsCeiling)
	}
	if err := within("memory", c.Memory, memoryFloor, memoryCeiling); err != nil {
		return err
	}
	if err := within("passes", c.Passes, passesFloor, passesCeiling); err != nil {
		return err
	}
	if uint64(c.Memory)*uint64(c.Passes) > workCeiling {
		return fmt.Errorf("%w: memory over all passes above the ceiling", ErrCost)
	}
	return within("lanes", uint32(c.Lanes), 1, lanesCeiling)
}

func within(what string, v, floor, ceiling uint32) error {
	if v < floor || v > ceiling {
		return fmt.Errorf("%w: %s outside %d to %d", ErrCost, what, floor, ceiling)
	}
	return nil
}

// available returns ErrCost where c can't be computed.
func (c Cost) available() error {
	if c.Iterations == 0 && fips140.Enforced() {
		return fmt.Errorf("%w: Argon2id is not available under GODEBUG=fips140=only, PBKDF2 is (Cost.Iterations)", ErrCost)
	}
	return nil
}

// cheaper reports whether a guess at c costs less than one at than: less
// memory, less memory over all passes, fewer iterations, or PBKDF2 where
// Argon2id was. Lanes do not count: they share the memory.
func (c Cost) cheaper(than Cost) bool {
	switch {
	case c.Iterations != 0 && than.Iterations != 0:
		return c.Iterations < than.Iterations
	case c.Iterations != 0 || than.Iterations != 0:
		return c.Iterations != 0
	}
	return c.Memory < than.Memory || uint64(c.Memory)*uint64(c.Passes) < uint64(than.Memory)*uint64(than.Passes)
}
