package envelope_test

import (
	"fmt"
	"iter"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/keys"
)

// many seals n notes, of which each seventh is served under another's name.
func many(me keys.Ring, n int) iter.Seq2[envelope.Ref, []byte] {
	return func(yield func(envelope.Ref, []byte) bool) {
		for i := range n {
			ref := envelope.Ref{Type: "note", ID: fmt.Sprint(i)}
			sealed := must(envelope.Seal(me, ref, []byte(ref.ID)))
			if i%7 == 3 {
				ref.ID += "?"
			}
			if !yield(ref, sealed) {
				return
			}
		}
	}
}

func TestOpenAll(t *testing.T) {
	me := newAccount(t)
	for _, cores := range []int{1, 4} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		for _, n := range []int{0, 1, 255, 256, 257, 600} {
			i := 0
			for opened, err := range envelope.OpenAll(me, many(me, n)) {
				if i%7 == 3 {
					require.ErrorIs(t, err, keys.ErrOpen)
					require.Equal(t, envelope.Opened{Ref: envelope.Ref{Type: "note", ID: fmt.Sprint(i) + "?"}}, *opened)
				} else {
					require.NoError(t, err)
					require.Equal(t, fmt.Sprint(i), string(opened.Plaintext))
					require.Equal(t, fmt.Sprint(i), opened.Ref.ID)
				}
				i++
			}
			require.Equal(t, n, i)
		}
	}
	taken := 0
	for range envelope.OpenAll(me, func(yield func(envelope.Ref, []byte) bool) {
		for ref, sealed := range many(me, 600) {
			taken++
			if !yield(ref, sealed) {
				return
			}
		}
	}) {
		break
	}
	require.Equal(t, 256, taken, "stops when the caller does")
}

// TestOpenAllBytes takes 4 MiB at a time and no more.
func TestOpenAllBytes(t *testing.T) {
	for size, want := range map[int]int{4 << 20: 1, 4<<20 - 1: 2, 1 << 20: 4} {
		taken := 0
		for range envelope.OpenAll(newAccount(t), func(yield func(envelope.Ref, []byte) bool) {
			for {
				taken++
				if !yield(note, make([]byte, size)) {
					return
				}
			}
		}) {
			break
		}
		require.Equal(t, want, taken, size)
	}
}

func BenchmarkOpenAll(b *testing.B) {
	me := newAccount(b)
	type item struct {
		ref    envelope.Ref
		sealed []byte
	}
	var items []item
	for i := range 1000 {
		ref := envelope.Ref{Type: "note", ID: fmt.Sprint(i)}
		items = append(items, item{ref, must(envelope.Seal(me, ref, randomBytes(1000)))})
	}
	for b.Loop() {
		for _, err := range envelope.OpenAll(me, func(yield func(envelope.Ref, []byte) bool) {
			for _, i := range items {
				if !yield(i.ref, i.sealed) {
					return
				}
			}
		}) {
			require.NoError(b, err)
		}
	}
}
