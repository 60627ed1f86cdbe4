package envelope_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/keys"
)

// underMark builds another content under the mark of a document of the newest
// generation, by m: salt and place are those of the document.
func underMark(g *testGroup, m *testMember, sealed []byte, text string) []byte {
	d := refOf(g, m, note.Type, note.ID)
	d.salt = sealed[41:73]
	return d.build([]byte(text))
}

// TestAnotherContent is another content under the mark that was seen, which
// whoever has the key can make.
func TestAnotherContent(t *testing.T) {
	g := newTestGroup(1)
	alice, bob, mallory := g.join(2), g.join(3), g.join(4)
	sealed, written, err := envelope.Seal(g.as(bob), note, []byte("pay alice"))
	require.NoError(t, err)
	opened, err := envelope.Open(g.as(alice), note, sealed)
	require.NoError(t, err)
	require.Equal(t, written, opened.Ref)
	forged := underMark(g, mallory, sealed, "pay mallory")

	seen, short := opened.Ref, opened.Ref
	short.Seen.Content = [32]byte{}
	require.Equal(t, short.Seen, inspect(t, sealed))
	require.Equal(t, short.Seen, inspect(t, forged), "the same mark")
	accepted(t, g.as(alice), seen, sealed, []byte("pay alice"))
	accepted(t, g.as(alice), short, forged, []byte("pay mallory"))
	for _, w := range ways {
		released, _, err := w.open(g.as(alice), seen, forged)
		require.ErrorIs(t, err, keys.ErrFork, w.name)
		require.Empty(t, released)
	}

	// Mallory is removed, and has it served for Bob's, to be taken over.
	g.remove(mallory)
	_, _, err = envelope.Reseal(g.as(alice), seen, forged)
	require.ErrorIs(t, err, keys.ErrFork)
	_, _, err = envelope.Reseal(g.as(alice), short, forged)
	require.ErrorIs(t, err, envelope.ErrFormer)
	g.remove(bob)
	_, _, err = envelope.Reseal(g.as(alice), seen, sealed)
	require.NoError(t, err)
	_, _, err = envelope.Reseal(g.as(alice), short, sealed)
	require.ErrorIs(t, err, envelope.ErrFormer, "its content was not seen")
}

// TestContentOfOwnThief has somebody who stole the keys of an account change what
// the account takes over after it has rotated.
func TestContentOfOwnThief(t *testing.T) {
	me := newAccount(t)
	sealed, seen, err := envelope.Seal(me, note, []byte("pay alice"))
	require.NoError(t, err)
	renewed, err := me.Rotate()
	require.NoError(t, err)
	other, _, err := envelope.Seal(me, note, []byte("pay mallory"))
	require.NoError(t, err)
	_, _, err = envelope.Reseal(renewed, seen, other)
	require.ErrorIs(t, err, keys.ErrFork)
	_, _, err = envelope.Reseal(renewed, seen, sealed)
	require.NoError(t, err)
}

func inspect(t *testing.T, sealed []byte) envelope.Mark {
	u, err := envelope.Inspect(sealed)
	require.NoError(t, err)
	return u.Mark
}

// TestWhereContentIsKnown looks at the mark that each way gives.
func TestWhereContentIsKnown(t *testing.T) {
	me := newAccount(t)
	data := randomBytes(2*segment + 7)
	sealed, seen, err := envelope.Seal(me, note, data)
	require.NoError(t, err)
	require.NotZero(t, seen.Seen.Content)
	short := seen
	short.Seen.Content = [32]byte{}

	for _, c := range []struct{ given, first, last envelope.Ref }{{note, short, seen}, {short, short, seen}, {seen, seen, seen}} {
		r, opened, err := envelope.NewReader(me, c.given, bytes.NewReader(sealed))
		require.NoError(t, err)
		require.Equal(t, c.first, opened.Ref)
		_, err = io.ReadAll(r)
		require.NoError(t, err)
		require.Equal(t, c.last, opened.Ref)
		_, opened, err = envelope.NewReaderAt(me, c.given, bytes.NewReader(sealed), int64(len(sealed)))
		require.NoError(t, err)
		require.Equal(t, c.first, opened.Ref, "what was seen before is kept")
	}
	next, after, err := envelope.Seal(me, seen, data[1:])
	require.NoError(t, err)
	_, opened, err := envelope.NewReaderAt(me, seen, bytes.NewReader(next), int64(len(next)))
	require.NoError(t, err)
	require.Zero(t, opened.Ref.Seen.Content, "that of the version before is none of this one")
	require.Equal(t, after.Seen.Revision, opened.Ref.Seen.Revision)

	plain, file := filepath.Join(t.TempDir(), "plain"), filepath.Join(t.TempDir(), "sealed")
	require.NoError(t, os.WriteFile(plain, data, 0o600))
	ref, err := envelope.SealFile(me, note, file, plain)
	require.NoError(t, err)
	require.NotZero(t, ref.Seen.Content)
	opened, err = envelope.OpenFile(me, note, plain, file)
	require.NoError(t, err)
	require.Equal(t, ref, opened.Ref)
}

// TestContentOfParts opens documents at any place: of one and of two segments the
// content is known at once.
func TestContentOfParts(t *testing.T) {
	me := newAccount(t)
	for segments := 1; segments <= 3; segments++ {
		sealed, seen, err := envelope.Seal(me, note, randomBytes(segments*segment))
		require.NoError(t, err)
		_, opened, err := envelope.NewReaderAt(me, note, bytes.NewReader(sealed), int64(len(sealed)))
		require.NoError(t, err)
		require.Equal(t, segments <= 2, opened.Ref == seen, segments)
	}
}
