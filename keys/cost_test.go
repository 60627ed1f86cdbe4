package keys

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sweep lists costs at and around every limit.
func sweep() (good, bad []Cost) {
	good = []Cost{
		defaultCost,
		{19456, 2, 1, 0}, {19456, 16, 16, 0}, {1 << 20, 2, 1, 0}, {1 << 20, 4, 16, 0}, {1 << 18, 16, 4, 0}, {19457, 3, 8, 0},
		{0, 0, 0, 600_000}, {0, 0, 0, 600_001}, {0, 0, 0, 10_000_000},
	}
	for _, memory := range []uint32{0, 1, 7, 8, 128, 19455, 1<<20 + 1, 1 << 24, 1<<32 - 1} {
		bad = append(bad, Cost{memory, 3, 4, 0})
	}
	for _, passes := range []uint32{0, 1, 17, 1 << 16, 1<<32 - 1} {
		bad = append(bad, Cost{65536, passes, 4, 0})
	}
	for _, lanes := range []uint8{0, 17, 255} {
		bad = append(bad, Cost{65536, 3, lanes, 0})
	}
	for _, iterations := range []uint32{1, 2, 1000, 599_999, 10_000_001, 1<<31 - 1, 1 << 31, 1<<32 - 1} {
		bad = append(bad, Cost{0, 0, 0, iterations})
	}
	return good, append(bad,
		Cost{1 << 20, 5, 4, 0}, Cost{1<<18 + 1, 16, 4, 0}, // over all passes
		Cost{65536, 3, 4, 600_000}, Cost{1, 0, 0, 600_000}, Cost{0, 1, 0, 600_000}, Cost{0, 0, 1, 600_000}) // both
}

// TestCostLimits sweeps the limits through every door (A52). What is refused is
// refused before any work: what is asked for here would take hours.
func TestCostLimits(t *testing.T) {
	good, bad := sweep()
	login := Login{"notes.example", "jane"}
	for _, c := range good {
		p := newParams(c, [32]byte{1}, false)
		require.Len(t, p.Bytes(), paramsSize)
		got, err := ParseParams(p.Bytes(), nil)
		require.NoError(t, err, c)
		assert.Equal(t, c, got.Cost())
		_, err = DecoyParams(c, false, [32]byte{1})
		assert.NoError(t, err)
	}
	start := time.Now()
	for _, c := range bad {
		got, err := ParseParams(newParams(c, [32]byte{1}, false).record, nil)
		assert.ErrorIs(t, err, ErrCost, "%v", c)
		assert.Nil(t, got)
		credential, err := newParams(c, [32]byte{1}, false).Stretch(login, "correct horse", nil)
		assert.ErrorIs(t, err, ErrCost, "%v", c)
		assert.Nil(t, credential)
		if c != (Cost{}) {
			credential, err = NewPassphrase(login, "correct horse", c, nil)
			assert.ErrorIs(t, err, ErrCost, "%v", c)
			assert.Nil(t, credential)
			_, err = DecoyParams(c, false, [32]byte{1})
			assert.ErrorIs(t, err, ErrCost, "%v", c)
		}
	}
	_, err := new(Params).Stretch(login, "correct horse", nil)
	assert.ErrorIs(t, err, ErrCost)
	assert.Less(t, time.Since(start), 2*time.Second)
}

func TestDefaultCost(t *testing.T) {
	p := must(DecoyParams(Cost{}, true, [32]byte{1}))(t)
	assert.Equal(t, Cost{Memory: 64 << 10, Passes: 3, Lanes: 4}, p.Cost())
	assert.True(t, p.NeedsSecond())
	assert.False(t, p.Outdated())
}

// TestParamsEncoding spoils each field of the record.
func TestParamsEncoding(t *testing.T) {
	for _, c := range []Cost{defaultCost, {Iterations: 600_000}} {
		good := newParams(c, [32]byte{1}, false).Bytes()
		for name, v := range map[string]struct {
			at    int
			value byte
			want  error
		}{
			"kind": {2, 'A', ErrMalformed}, "version 2": {3, 2, ErrNewer}, "version 0": {3, 0, ErrMalformed},
			"form 0": {4, 0, ErrMalformed}, "form 2": {4, 2, ErrNewer},
			"kdf 0": {5, 0, ErrMalformed}, "kdf 3": {5, 3, ErrMalformed},
			"second 2": {51, 2, ErrMalformed}, "second 255": {51, 255, ErrMalformed},
		} {
			record := bytes.Clone(good)
			record[v.at] = v.value
			got, err := ParseParams(record, nil)
			assert.ErrorIs(t, err, v.want, name)
			assert.Nil(t, got, name)
		}
		other := bytes.Clone(good)
		other[5] = 3 - other[5]
		_, err := ParseParams(other, nil)
		assert.Error(t, err, "the numbers of the other kdf")
		for n := range good {
			_, err := ParseParams(good[:n], nil)
			assert.ErrorIs(t, err, ErrMalformed)
		}
		_, err = ParseParams(append(bytes.Clone(good), 0), nil)
		assert.ErrorIs(t, err, ErrMalformed)
	}
	none := newParams(Cost{Iterations: 600_000}, [32]byte{1}, false).Bytes()
	binary.BigEndian.PutUint32(none[15:], 0)
	_, err := ParseParams(none, nil)
	assert.ErrorIs(t, err, ErrCost, "PBKDF2 with no iterations")
}

// TestPins shows parameters to a device that remembers the last ones (A52,
// A65).
func TestPins(t *testing.T) {
	argon := func(memory, passes uint32) Cost { return Cost{memory, passes, 4, 0} }
	hash := func(n uint32) Cost { return Cost{Iterations: n} }
	for _, c := range []struct {
		seen, now               Cost
		seenSecond, second, bad bool
	}{
		{argon(65536, 3), argon(65536, 3), false, false, false},
		{argon(65536, 3), argon(65536, 4), false, false, false},
		{argon(65536, 3), argon(131072, 2), false, false, false},
		{argon(65536, 3), argon(65535, 3), false, false, true},
		{argon(65536, 3), argon(65536, 2), false, false, true},
		{argon(65536, 3), argon(32768, 16), false, false, true},
		{argon(65536, 6), argon(131072, 2), false, false, true},
		{argon(19456, 2), hash(10_000_000), false, false, true},
		{hash(600_000), argon(19456, 2), false, false, false},
		{hash(700_000), hash(699_999), false, false, true},
		{hash(700_000), hash(700_000), false, false, false},
		{argon(65536, 3), argon(65536, 3), true, true, false},
		{argon(65536, 3), argon(65536, 3), true, false, true},
		{argon(65536, 3), argon(65536, 3), false, true, true},
	} {
		seen := newParams(c.seen, [32]byte{1}, c.seenSecond)
		got, err := ParseParams(newParams(c.now, [32]byte{2}, c.second).Bytes(), seen)
		if c.bad {
			assert.ErrorIs(t, err, ErrParams, fmt.Sprint(c))
			assert.Nil(t, got)
			continue
		}
		assert.NoError(t, err, fmt.Sprint(c))
	}
}

func TestOutdated(t *testing.T) {
	for c, want := range map[Cost]bool{
		{65536, 3, 4, 0}: false, {65536, 4, 1, 0}: false, {131072, 3, 4, 0}: false, {Iterations: 600_000}: false,
		{19456, 2, 1, 0}: true, {65536, 2, 4, 0}: true, {65535, 4, 4, 0}: true,
	} {
		assert.Equal(t, want, newParams(c, [32]byte{1}, false).Outdated(), "%v", c)
	}
}

// TestFit calibrates imaginary machines.
func TestFit(t *testing.T) {
	linear := func(perMiB time.Duration) func(Cost) time.Duration {
		return func(c Cost) time.Duration {
			return time.Duration(uint64(c.Memory) * uint64(c.Passes) * uint64(perMiB) / 1024)
		}
	}
	for perMiB := time.Microsecond; perMiB < time.Second; perMiB *= 3 {
		for _, target := range []time.Duration{-1, 0, 1, time.Millisecond, 100 * time.Millisecond, time.Second, time.Hour, 1<<63 - 1} {
			for _, memory := range []uint32{memoryFloor, 65536, 100_000, memoryCeiling} {
				c := fitMemory(target, memory, linear(perMiB))
				require.NoError(t, c.check(), "%v %v %v", perMiB, target, memory)
				require.LessOrEqual(t, c.Memory, memory)
				took := linear(perMiB)(c)
				if within := c.Memory > memoryFloor && c.Memory < memory&^1023; within {
					require.InEpsilon(t, min(target, time.Minute), took, 0.1)
				}
			}
			n := fitIterations(target, func(c Cost) time.Duration { return time.Duration(c.Iterations) * perMiB / 1000 })
			require.NoError(t, n.check())
		}
	}
	c := fitMemory(time.Second, 65536, linear(time.Millisecond))
	assert.Equal(t, Cost{65536, 15, 4, 0}, c, "more passes where memory is short")
	c = fitMemory(time.Second, memoryCeiling, linear(time.Millisecond))
	assert.Equal(t, Cost{333 << 10, 3, 4, 0}, c, "memory first")
	c = fitIterations(time.Second, func(c Cost) time.Duration { return time.Duration(c.Iterations) * time.Microsecond })
	assert.Equal(t, Cost{Iterations: 1_000_000}, c)
}

// TestWholeMiB rounds memory down, also to the floor itself.
func TestWholeMiB(t *testing.T) {
	for memory, want := range map[uint64]uint32{memoryFloor: memoryFloor, memoryFloor + 1023: memoryFloor, memoryFloor + 1024: memoryFloor + 1024, 65535: 64512} {
		assert.Equal(t, want, argonCost(memory*uint64(defaultCost.Passes), 1<<20).Memory, memory)
	}
}

func TestCalibrate(t *testing.T) {
	start := time.Now()
	c := Calibrate(0, 0)
	assert.Equal(t, Cost{memoryFloor, passesFloor, 4, 0}, c)
	assert.Equal(t, Cost{Iterations: iterationsFloor}, Calibrate(0, memoryFloor-1), "no memory for Argon2id")
	c = Calibrate(50*time.Millisecond, 32<<10)
	assert.NoError(t, c.check())
	assert.LessOrEqual(t, c.Memory, uint32(32<<10))
	assert.Equal(t, uint32(memoryFloor), Calibrate(0, memoryFloor).Memory, "just enough for Argon2id")
	assert.LessOrEqual(t, Calibrate(300*time.Millisecond, 24<<10).Memory, uint32(24<<10))
	assert.NoError(t, Calibrate(time.Millisecond, 1<<32-1).check())
	assert.Less(t, time.Since(start), 20*time.Second)
}
