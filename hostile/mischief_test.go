package hostile_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/hostile"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// TestMischief runs the app of the example against lies of many seeds, on forks
// of one world: what it shows is right, or an error.
func TestMischief(t *testing.T) {
	jane, bob := keys.NewAccount(keys.Device([32]byte{1})), keys.NewAccount(keys.Device([32]byte{2}))
	world := hostile.New()
	created := share.Create(jane)
	require.NoError(t, world.Commit(jane.ID(), created))
	add, err := created.After().Add(share.Writer, bob.Identity())
	require.NoError(t, err)
	require.NoError(t, world.Commit(jane.ID(), add))
	bobs, err := share.Join(bob, add.Group, jane.ID(), world.Log(add.Group), world.Link(add.Group, bob.ID()))
	require.NoError(t, err)
	world.Put(hostile.Bookmarks, hostile.MemberName(add.Group, bob.ID()), bobs.Bookmark())
	a := &app{server: world, me: jane, group: add.Group, seen: map[string]envelope.Ref{}}
	for _, save := range [][2]string{{"one", "first"}, {"two", "other"}, {"one", "second"}} {
		require.NoError(t, a.save(save[0], save[1]))
	}

	lies, refused := map[string]int{}, 0
	for seed := range uint64(500) {
		liar := world.Fork()
		lie := liar.Mischief(seed)
		assert.Equal(t, lie, world.Fork().Mischief(seed), "the same seed does the same")
		lies[lie[strings.LastIndex(lie, ":")+1:][:4]]++
		victim := &app{server: liar, me: jane, group: add.Group, seen: a.seen}
		for id, want := range map[string]string{"one": "second", "two": "other"} {
			got, err := victim.show(id)
			if err != nil {
				refused++
			} else {
				assert.Equal(t, want, got, "seed %d, %s", seed, lie)
			}
		}
	}
	assert.Greater(t, refused, 100)
	assert.GreaterOrEqual(t, len(lies), 6, "all kinds of lies: %v", lies)
	assert.Equal(t, "nothing is stored", hostile.New().Mischief(1))
}
