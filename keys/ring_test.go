package keys

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
)

// TestOwnAuthor judges authors of an account's own documents.
func TestOwnAuthor(t *testing.T) {
	before := NewAccount(device(1))
	a := must(before.Rotate())(t)
	view := ring.Of(a.Ring())
	epochs := a.Identity().pub.Epochs
	claim := func(epoch uint32) ring.Claim {
		return ring.Claim{Author: a.ID(), Epoch: epoch, Generation: epoch, Head: ring.Head{Sequence: uint64(epoch), Hash: epochs[epoch].Statement}}
	}
	changed := func(epoch uint32, change func(c *ring.Claim)) ring.Claim {
		c := claim(epoch)
		change(&c)
		return c
	}
	for name, v := range map[string]struct {
		claim    ring.Claim
		standing ring.Standing
		err      error
	}{
		"newest":             {claim(1), ring.Current, nil},
		"epoch before":       {claim(0), ring.Former, nil},
		"not known here":     {changed(1, func(c *ring.Claim) { c.Head.Sequence = 2 }), ring.Never, ErrBehind},
		"far":                {changed(1, func(c *ring.Claim) { c.Head.Sequence = 1 << 63 }), ring.Never, ErrBehind},
		"another head":       {changed(1, func(c *ring.Claim) { c.Head.Hash[0] ^= 1 }), ring.Never, ErrFork},
		"head of another":    {changed(1, func(c *ring.Claim) { c.Head.Hash = epochs[0].Statement }), ring.Never, ErrFork},
		"somebody else":      {changed(1, func(c *ring.Claim) { c.Author[0] ^= 1 }), ring.Never, nil},
		"epoch not the head": {changed(1, func(c *ring.Claim) { c.Epoch, c.Generation = 0, 0 }), ring.Never, nil},
		"another generation": {changed(1, func(c *ring.Claim) { c.Generation = 0 }), ring.Never, nil},
	} {
		key, standing, err := view.Author(v.claim)
		assert.Equal(t, v.standing, standing, name)
		assert.Equal(t, v.standing == ring.Never, key == nil, name)
		if v.err == nil {
			assert.NoError(t, err, name)
			continue
		}
		assert.ErrorIs(t, err, v.err, name)
	}
	_, _, err := ring.Of(before.Ring()).Author(claim(1))
	assert.ErrorIs(t, err, ErrBehind)

	s, err := view.Sealing()
	require.NoError(t, err)
	assert.Equal(t, ring.Head{Sequence: 1, Hash: epochs[1].Statement}, s.Head)
	assert.Equal(t, uint32(1), s.Generation)
	assert.Equal(t, [25]byte(a.ID()), view.ID())
}

// TestMember is what package share gets of an account.
func TestMember(t *testing.T) {
	a := must(NewAccount(device(1)).Rotate())(t)
	m := ring.PrivateOf(a.Member())
	assert.Equal(t, a.Identity().pub.Epochs, m.Public().Epochs)
	_, err := m.Open(2, label.GroupLink, nil, nil)
	assert.ErrorIs(t, err, ErrOpen)
	_, err = m.Open(1, label.GroupLink, nil, nil)
	assert.ErrorIs(t, err, ErrOpen)
	for epoch := range uint32(2) {
		_, err = m.BookmarkKey(epoch)
		assert.NoError(t, err)
	}
	_, err = m.BookmarkKey(2)
	assert.ErrorIs(t, err, ErrBehind)
}
