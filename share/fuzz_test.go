package share_test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGroupModel plays random programs.
func TestGroupModel(t *testing.T) {
	programs := 30
	if testing.Short() {
		programs = 5
	}
	seen := map[string]int{}
	for i := range programs {
		program := make([]byte, 0, 640)
		for n := uint64(0); len(program) < 640; n++ {
			sum := sha256.Sum256(binary.BigEndian.AppendUint64(fmt.Appendf(nil, "program %d", i), n))
			program = append(program, sum[:]...)
		}
		t.Run(fmt.Sprint(i), func(t *testing.T) { play(t, program, seen) })
	}
	t.Log(seen)
	if testing.Short() {
		return
	}
	for _, what := range []string{
		"honest 2 true", "honest 2 false", "honest 3 true", "honest 4 true", "honest 4 false", "honest 5 true", "honest 5 false", "honest 8 true",
		"honest 9 true", "honest 9 false", "honest 10 true", "honest 11 true", "forged true", "forged false", "lie refused true", "lie refused false", "redeem true", "redeem false",
		"rekey true", "seal true", "seal false", "standing 0", "standing 1", "standing 2", "key of an entered generation false", "fork noticed by a document",
	} {
		require.NotZero(t, seen[what], what)
	}
}

// FuzzGroup plays programs that the fuzzer makes.
func FuzzGroup(f *testing.F) {
	for i := range 8 {
		f.Add(fmt.Appendf(nil, "a program to begin with, number %d, long enough for a dozen steps or more", i))
	}
	f.Fuzz(func(t *testing.T, program []byte) { play(t, program, map[string]int{}) })
}
