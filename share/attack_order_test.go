package share_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/hostile"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// A44: whoever makes a key gives different ones to different members.
func TestA44_TwoKeysInOneGeneration(t *testing.T) {
	evil, bob, carol := newAccount(), newAccount(), newAccount()
	w, g := found(t, evil)
	g = w.commit(must(g.Add(share.Writer, bob.Identity(), carol.Identity())), nil, evil)
	one, two := random(32), random(32)
	f := share.Forgery{Signer: private(evil), Kind: share.KindRotate, Rotation: &share.ForgedRotation{Generation: 2, Key: one, Older: 1, OlderKey: share.KeyOf(g, 1)}}
	w.show(f.Entry(g.Log()))
	log := must(share.ReadLog(w.s.Log(w.id)))
	toBob := share.ForgeLink(log, 2, one, bob.Identity())
	toCarol := share.ForgeLink(log, 2, two, carol.Identity())
	_, err := share.Join(bob, w.id, evil.ID(), w.s.Log(w.id), toBob)
	require.NoError(t, err)
	_, err = share.Join(carol, w.id, evil.ID(), w.s.Log(w.id), toCarol)
	require.ErrorIs(t, err, keys.ErrOpen)

	// The same for the key of an older generation in its box.
	f.Rotation.OlderKey = two
	w.honest()
	w.show(f.Entry(g.Log()))
	log = must(share.ReadLog(w.s.Log(w.id)))
	fresh, err := share.Join(bob, w.id, evil.ID(), w.s.Log(w.id), share.ForgeLink(log, 2, one, bob.Identity()))
	require.NoError(t, err)
	require.Nil(t, share.KeyOf(fresh, 1))
	require.Equal(t, []uint32{1}, fresh.Missing())
}

// A49: entries are dropped, exchanged, repeated.
func TestA49_DropReorderReplay(t *testing.T) {
	jane := newAccount()
	w, g := found(t, jane)
	first := g
	for range 5 {
		g = w.commit(must(g.Rotate()), nil, jane)
	}
	for name, c := range map[string]struct {
		twist hostile.Twist
		want  error
	}{
		"dropped":        {hostile.Without(3), keys.ErrBehind},
		"the first gone": {hostile.Without(0), keys.ErrBehind},
		"exchanged":      {hostile.Swapped(3, 4), keys.ErrBehind},
		"repeated":       {hostile.Twice(3), keys.ErrRollback},
	} {
		w.s.Twist(w.id, c.twist)
		_, err := share.ReadLog(w.s.Log(w.id))
		require.ErrorIs(t, err, c.want, name)
		_, err = first.Apply(w.s.Log(w.id)[1:], nil)
		require.Error(t, err, name)
		_, err = share.Join(jane, w.id, jane.ID(), w.s.Log(w.id), nil)
		require.ErrorIs(t, err, c.want, name)
	}
	known := g.Log().Entries(0)
	_, err := g.Apply([][]byte{known[1], known[0]}, nil)
	require.ErrorIs(t, err, keys.ErrRollback, "known ones, exchanged")
	w.s.Twist(w.id, hostile.First(4))
	got, err := g.Apply(w.s.Log(w.id), nil)
	require.NoError(t, err, "withholding shows to whoever has seen more, and changes nothing")
	require.Equal(t, g.Log().Head(), got.Log().Head())
	_, err = share.Resume(jane, g.Bookmark(), w.s.Log(w.id), nil)
	require.ErrorIs(t, err, keys.ErrRollback)
}

// A50: single records are rolled back.
func TestA50_Rollback(t *testing.T) {
	jane, bob := newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Writer, bob.Identity())), nil, jane)
	_, ref, err := envelope.Seal(g, note("d"), []byte("1"))
	require.NoError(t, err)
	one, ref, err := envelope.Seal(g, ref, []byte("2"))
	require.NoError(t, err)
	_, ref, err = envelope.Seal(g, ref, []byte("3"))
	require.NoError(t, err)
	_, err = envelope.Open(g, ref, one)
	require.ErrorIs(t, err, keys.ErrRollback, "a document")

	bobs := w.join(bob, jane)
	stale := w.s.Link(w.id, bob.ID())
	w.commit(must(g.Rotate()), nil, jane)
	bobs = w.follow(bobs, bob)
	w.s.Rewind(hostile.Links, hostile.MemberName(w.id, bob.ID()), 0)
	require.Equal(t, stale, w.s.Link(w.id, bob.ID()))
	_, err = w.apply(bobs, bob)
	require.ErrorIs(t, err, keys.ErrRollback, "a link")
	w.s.Twist(w.id, hostile.First(2))
	_, err = share.Resume(bob, bobs.Bookmark(), w.s.Log(w.id), nil)
	require.ErrorIs(t, err, keys.ErrRollback, "the log")
	_, err = share.Resume(bob, bobs.Bookmark(), nil, nil)
	require.ErrorIs(t, err, keys.ErrRollback, "no log at all")
}

// A51: two worlds.
func TestA51_Fork(t *testing.T) {
	jane, bob, carol := newAccount(), newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Admin, bob.Identity(), carol.Identity())), nil, jane)
	bobs, carols := w.join(bob, jane), w.join(carol, jane)
	other := &world{t, w.s.Fork(), w.id}

	// Bob takes somebody in, and in the world that Carol sees it is somebody else.
	bobs = w.commit(must(bobs.Add(share.Reader, newAccount().Identity())), nil, bob)
	carols = other.commit(must(carols.Add(share.Reader, newAccount().Identity())), nil, carol)
	janes := w.follow(g, jane) // Jane is in Bob's

	// People who exchange a document notice.
	require.NotEqual(t, janes.Log().Head(), carols.Log().Head())
	sealed := other.seal(carols, "d", "from the other world")
	_, err := envelope.Open(janes, note("d"), sealed)
	require.ErrorIs(t, err, keys.ErrFork)
	sealed = w.seal(bobs, "d", "from the same world")
	_, err = envelope.Open(janes, note("d"), sealed)
	require.NoError(t, err)
	_, err = envelope.Open(g, note("d"), sealed)
	require.ErrorIs(t, err, keys.ErrBehind)

	// The entries of the other world are evidence.
	_, err = janes.Apply(other.s.Log(w.id), nil)
	var fork *share.ForkError
	require.ErrorAs(t, err, &fork)
	require.ErrorIs(t, err, keys.ErrFork)
	require.Equal(t, w.s.Log(w.id)[2], fork.Known)
	require.Equal(t, other.s.Log(w.id)[2], fork.Other)
	require.True(t, fork.Signed)
	_, err = share.Resume(jane, janes.Bookmark(), other.s.Log(w.id), nil)
	require.ErrorAs(t, err, &fork)
	require.Nil(t, fork.Known)

	// With a new key in each world, not even that: neither has the other's key.
	bobs = w.commit(must(bobs.Rotate()), nil, bob)
	carols = other.commit(must(carols.Rotate()), nil, carol)
	_, err = envelope.Open(bobs, note("d"), other.seal(carols, "d", "x"))
	require.ErrorIs(t, err, keys.ErrOpen)

	// A device that has seen nothing can't tell which world it is in: the log is
	// whole and signed. It names the inviter, and compares the head.
	_, err = share.Join(jane, w.id, jane.ID(), other.s.Log(w.id), nil)
	require.NoError(t, err)
}

// must is for changes that can't fail.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestForgedFork shows what the server can make up, and that it is told apart.
func TestForgedFork(t *testing.T) {
	jane, evil := newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Rotate()), nil, jane)
	f := share.Forgery{Signer: private(evil), As: ptr(jane.ID()), Kind: share.KindRotate, Previous: new([32]byte), Rotation: &share.ForgedRotation{Generation: 3, Key: random(32)}}
	_, err := g.Apply([][]byte{f.Entry(g.Log())}, nil)
	var fork *share.ForkError
	require.ErrorAs(t, err, &fork)
	require.False(t, fork.Signed)
	require.Equal(t, w.s.Log(w.id)[1], fork.Known)
	f.Signer = private(jane)
	_, err = g.Apply([][]byte{f.Entry(g.Log())}, nil)
	require.ErrorAs(t, err, &fork)
	require.True(t, fork.Signed)
	raw, err := json.Marshal(fork)
	require.NoError(t, err)
	require.NotEmpty(t, raw)
}
