package keys

import "time"

// Calibrate measures this machine and returns the cost of a passphrase that
// takes about target here (at most a minute), in at most maxMemory KiB (0: 64
// MiB). It takes about as long itself. The result is always within the limits
// of [Cost]: it takes longer than target where the floor does, and less where
// the ceiling does.
//
// Every device of the person computes the cost at each login and must have the
// memory: take the weakest one's. Where Argon2id is not to be had, under
// GODEBUG=fips140=only or below 19 MiB of memory, the result is PBKDF2.
func Calibrate(target time.Duration, maxMemory uint32) Cost {
	if defaultCost.available() != nil || maxMemory != 0 && maxMemory < memoryFloor {
		return fitIterations(target, duration)
	}
	if maxMemory == 0 {
		maxMemory = defaultCost.Memory
	}
	return fitMemory(target, min(maxMemory, memoryCeiling), duration)
}

// duration measures one stretch.
func duration(c Cost) time.Duration {
	start := time.Now()
	if _, err := newParams(c, [saltSize]byte{}, false).slow([]byte("a passphrase"), Login{}); err != nil {
		panic("keys: internal error: " + err.Error()) // c is available
	}
	return time.Since(start)
}

// fitMemory measures the floor first, and then what that led to: memory that
// was never touched before costs more than the rest, and not in proportion.
func fitMemory(target time.Duration, maxMemory uint32, measure func(Cost) time.Duration) Cost {
	c := Cost{Memory: memoryFloor, Passes: passesFloor, Lanes: defaultCost.Lanes}
	for range 2 {
		c = argonCost(scale(uint64(c.Memory)*uint64(c.Passes), target, measure(c)), maxMemory)
	}
	return c
}

// argonCost spends work (KiB × passes) on three passes, and on more of them
// only if there is no more memory (RFC 9106, Section 4).
func argonCost(work uint64, maxMemory uint32) Cost {
	memory := clamp(work/uint64(defaultCost.Passes), memoryFloor, uint64(maxMemory))
	if whole := memory &^ 1023; whole >= memoryFloor {
		memory = whole
	}
	passes := clamp(work/memory, passesFloor, min(passesCeiling, workCeiling/memory))
	return Cost{Memory: uint32(memory), Passes: uint32(passes), Lanes: defaultCost.Lanes}
}

func fitIterations(target time.Duration, measure func(Cost) time.Duration) Cost {
	const sample = iterationsFloor / 10
	n := scale(sample, target, measure(Cost{Iterations: sample})) / 1000 * 1000
	return Cost{Iterations: uint32(clamp(n, iterationsFloor, iterationsCeiling))}
}

// scale returns the work that takes target, if work takes measured.
func scale(work uint64, target, measured time.Duration) uint64 {
	target = clamp(target, 0, time.Minute)
	return uint64(float64(work) * float64(target) / float64(max(measured, time.Microsecond)))
}

func clamp[T uint64 | time.Duration](v, floor, ceiling T) T { return max(floor, min(v, ceiling)) }
