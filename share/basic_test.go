package share_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

func TestTeam(t *testing.T) {
	jane, bob, carol := newAccount(), newAccount(), newAccount()
	var log *share.Log
	store := func(c *share.Change, err error) *share.Change {
		t.Helper()
		require.NoError(t, err)
		log, err = log.Accept(c)
		require.NoError(t, err)
		return c
	}
	created := store(share.Create(jane), nil)
	janes := created.After()
	require.Equal(t, created.Group, log.ID())
	require.EqualValues(t, 1, log.Generation())
	_, err := ring.Of(janes.Ring()).DocumentKey(1)
	require.NoError(t, err)

	added := store(janes.Add(share.Writer, bob.Identity(), carol.Identity()))
	janes = added.After()
	require.Len(t, added.Links, 2)
	bobs, err := share.Join(bob, created.Group, jane.ID(), log.Entries(0), added.Links[bob.ID()])
	require.NoError(t, err)
	assert.Equal(t, ring.Current, standing(t, janes, claim(t, bobs)))
	old := claim(t, bobs)

	removed := store(janes.Remove(bob.ID()))
	janes = removed.After()
	require.Len(t, removed.Links, 2)
	assert.Equal(t, ring.Former, standing(t, janes, old))
	bobs, err = bobs.Apply(log.Entries(0), nil)
	require.NoError(t, err)
	_, err = ring.Of(bobs.Ring()).Sealing()
	assert.ErrorIs(t, err, share.ErrForbidden)
	_, err = ring.Of(bobs.Ring()).DocumentKey(2)
	assert.ErrorIs(t, err, keys.ErrBehind)
	_, err = ring.Of(bobs.Ring()).DocumentKey(1)
	assert.NoError(t, err)

	carols, err := share.Join(carol, created.Group, jane.ID(), log.Entries(0), removed.Links[carol.ID()])
	require.NoError(t, err)
	_, err = ring.Of(carols.Ring()).DocumentKey(1)
	assert.NoError(t, err, "the box of the older key")
	store(carols.Leave())

	again, err := share.Resume(jane, removed.Bookmark, log.Entries(0), nil)
	require.NoError(t, err)
	require.True(t, again.RotationDue())
	_, err = ring.Of(again.Ring()).Sealing()
	assert.ErrorIs(t, err, keys.ErrBehind)
	invited, code, err := again.Invite(share.Admin)
	store(invited, err)
	assert.False(t, log.RotationDue())
	assert.EqualValues(t, 3, log.Generation())

	dave := newAccount()
	redeemed := store(share.Redeem(dave, created.Group, code, log.Entries(0), invited.Links))
	assert.Equal(t, share.Admin, log.Role(dave.ID()))
	assert.True(t, log.RotationDue())
	store(redeemed.After().Rotate())
	daves, err := share.Join(dave, created.Group, jane.ID(), log.Entries(0), nil)
	require.NoError(t, err)
	_, err = ring.Of(daves.Ring()).Sealing()
	assert.ErrorIs(t, err, keys.ErrBehind)
}
