package envelope_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/keys"
)

// Sizes of the format, as docs/spec.md, Section 8 says them.
const (
	headSize   = 41 + 64
	firstStamp = 109 + 105 + 28
	nextStamp  = 105 + 28
	chunkExtra = 28
	firstChunk = headSize + firstStamp
	second     = firstChunk + segment + chunkExtra
	third      = second + nextStamp + segment + chunkExtra
)

func is(err, target error) bool { return errors.Is(err, target) }

// TestEveryBit flips each bit of a small document: A26, A39.
func TestEveryBit(t *testing.T) {
	me := newAccount(t)
	ref := envelope.Ref{Type: "note", ID: "42"}
	sealed := must(envelope.Seal(me, ref, []byte("plaintext")))
	require.Len(t, sealed, 375+64)
	for i := range sealed {
		for bit := range 8 {
			changed := bytes.Clone(sealed)
			changed[i] ^= 1 << bit
			for _, w := range ways {
				released, opened, err := w.open(me, ref, changed)
				require.True(t, isDocumentError(err), "%s: byte %d bit %d: %v", w.name, i, bit, err)
				require.Empty(t, released, "byte %d bit %d", i, bit)
				if i < firstChunk {
					require.Nil(t, opened)
				}
			}
			if i < 41 {
				continue
			}
			refusedBy(t, keys.ErrOpen, me, ref, changed)
		}
	}
}

func refusedBy(t testing.TB, want error, r keys.Ring, ref envelope.Ref, sealed []byte) {
	t.Helper()
	opened, err := envelope.Open(r, ref, sealed)
	require.ErrorIs(t, err, want)
	require.Nil(t, opened)
}

// TestEveryByte cuts a small document at each length, and takes out, repeats
// and puts in each byte: A26, A27.
func TestEveryByte(t *testing.T) {
	me := newAccount(t)
	ref := envelope.Ref{Type: "note", ID: "42"}
	plaintext := []byte("plaintext")
	sealed := must(envelope.Seal(me, ref, plaintext))
	for i := range sealed {
		refused(t, envelope.ErrTruncated, me, ref, sealed[:i], nil, "cut", i)
		refused(t, io.ErrUnexpectedEOF, me, ref, sealed[:i], nil, "cut", i)
		for _, changed := range [][]byte{
			slices.Delete(bytes.Clone(sealed), i, i+1),
			slices.Insert(bytes.Clone(sealed), i, sealed[i]),
			slices.Insert(bytes.Clone(sealed), i, 0),
		} {
			_, err := envelope.Open(me, ref, changed)
			require.True(t, isDocumentError(err), "byte %d", i)
		}
	}
	for n := 1; n < 300; n += 13 {
		refused(t, keys.ErrOpen, me, ref, append(bytes.Clone(sealed), make([]byte, n)...), nil, "extended", n)
	}
}

// TestTagEnforced takes away, zeroes and shortens the tags: A27.
func TestTagEnforced(t *testing.T) {
	me := newAccount(t)
	ref := envelope.Ref{Type: "note", ID: "42"}
	sealed := must(envelope.Seal(me, ref, []byte("plaintext")))
	for _, end := range []int{firstChunk, len(sealed)} { // of the stamp, of the chunk
		zeroed := bytes.Clone(sealed)
		clear(zeroed[end-16 : end])
		refusedBy(t, keys.ErrOpen, me, ref, zeroed)
		for n := 1; n <= 16; n++ {
			_, err := envelope.Open(me, ref, slices.Delete(bytes.Clone(sealed), end-n, end))
			require.True(t, isDocumentError(err))
			_, err = envelope.Open(me, ref, slices.Insert(bytes.Clone(sealed), end, make([]byte, n)...))
			require.True(t, isDocumentError(err))
		}
	}
}

// large is a document of three segments and a padded fourth.
func large(t testing.TB, me keys.Ring, ref envelope.Ref) (plaintext, sealed []byte) {
	plaintext = randomBytes(3*segment + 1000)
	return plaintext, must(envelope.Seal(me, ref, plaintext))
}

// TestCutAndExtended cuts a large document wherever a part of it ends.
func TestCutAndExtended(t *testing.T) {
	me := newAccount(t)
	ref := envelope.Ref{Type: "file", ID: "42"}
	plaintext, sealed := large(t, me, ref)
	for _, end := range []int{41, headSize, firstChunk, second, second + nextStamp, third, third + nextStamp, len(sealed)} {
		for _, at := range []int{end - 28, end - 1, end, end + 1, end + 28, end + 29} {
			if at < len(sealed) {
				refused(t, envelope.ErrTruncated, me, ref, sealed[:at], plaintext, "cut", at)
			}
		}
	}
	for _, tail := range [][]byte{{0}, sealed[third:], sealed[second:third], sealed, make([]byte, segment)} {
		refused(t, keys.ErrOpen, me, ref, append(bytes.Clone(sealed), tail...), plaintext, "extended", len(tail))
	}
}

// TestSegmentsMoved reorders, repeats and takes out segments, and their parts:
// A29, A49 within a document.
func TestSegmentsMoved(t *testing.T) {
	me := newAccount(t)
	ref := envelope.Ref{Type: "file", ID: "42"}
	plaintext, sealed := large(t, me, ref)
	other := must(envelope.Seal(me, ref, plaintext))
	head, first := sealed[:headSize], sealed[headSize:second]
	two, three := sealed[second:third], sealed[third:third+third-second]
	four := sealed[third+third-second:]
	refuse := func(what string, want error, parts ...[]byte) {
		refused(t, want, me, ref, slices.Concat(parts...), plaintext, what)
	}
	refuse("swapped", keys.ErrOpen, head, first, three, two, four)
	refuse("repeated", keys.ErrOpen, head, first, two, two, four)
	refuse("repeated and longer", keys.ErrOpen, head, first, two, two, three, four)
	refuse("without the second", keys.ErrOpen, head, first, three, four)
	refuse("without the first", keys.ErrOpen, head, two, three, four)
	refuse("without the last", envelope.ErrTruncated, head, first, two, three)
	refuse("the last only", keys.ErrOpen, head, four)
	refuse("first and last", keys.ErrOpen, head, first, four)
	refuse("a stamp of another segment", keys.ErrOpen, head, first, three[:nextStamp], two[nextStamp:], three, four)
	refuse("a chunk of another segment", keys.ErrOpen, head, first, two[:nextStamp], three[nextStamp:], three, four)
	otherTwo := other[second:third]
	refuse("a segment of another version", keys.ErrOpen, head, first, otherTwo, three, four)
	refuse("a stamp of another version", keys.ErrOpen, head, first, otherTwo[:nextStamp], two[nextStamp:], three, four)
	refuse("a chunk of another version", keys.ErrOpen, head, first, two[:nextStamp], otherTwo[nextStamp:], three, four)
	refuse("the first of another version", keys.ErrOpen, head, other[headSize:second], two, three, four)
	refuse("the head of another version", keys.ErrOpen, other[:headSize], first, two, three, four)
	refuse("the end of another version", keys.ErrOpen, head, first, two, three, other[third+third-second:])
	refuse("the salt of another version", keys.ErrOpen, head[:41], other[41:73], head[73:], first, two, three, four)
	refuse("the commitment of another version", keys.ErrOpen, head[:73], other[73:105], first, two, three, four)
}

// TestReleased flips a bit in each segment of a stream and looks at what came
// before: all whole segments, and nothing else: A34.
func TestReleased(t *testing.T) {
	me := newAccount(t)
	ref := envelope.Ref{Type: "file", ID: "42"}
	plaintext, sealed := large(t, me, ref)
	for whole, at := range map[int]int{0: firstChunk + 5, 1: second + nextStamp + segment, 2: third + 3, 3: len(sealed) - 1} {
		changed := bytes.Clone(sealed)
		changed[at] ^= 1
		refused(t, keys.ErrOpen, me, ref, changed, plaintext, at)
		for _, w := range ways[1:3] {
			released, _, err := w.open(me, ref, changed)
			require.ErrorIs(t, err, keys.ErrOpen)
			require.Len(t, released, whole*segment)
		}
		buf := make([]byte, 0, len(sealed))
		_, err := envelope.AppendOpen(buf, me, ref, changed)
		require.ErrorIs(t, err, keys.ErrOpen)
		require.Equal(t, make([]byte, len(plaintext)), buf[:len(plaintext)], "plaintext stayed in the buffer")
	}
}
