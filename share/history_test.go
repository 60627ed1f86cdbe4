package share

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/keys"
)

// TestUnprovenIdentity has entries that are correct and signed, around an
// identity that is not: keys of a second epoch that the first did not sign, such
// as a server or an admin would put in to read in another's place.
func TestUnprovenIdentity(t *testing.T) {
	jane, bob := someone(), someone()
	renewed, err := jane.Rotate()
	require.NoError(t, err)
	swapped := func(a *keys.Account) []byte {
		record := bytes.Clone(a.Identity().Bytes())
		record[len(record)-1] ^= 1
		_, err := keys.TrustFirst(record)
		require.ErrorIs(t, err, keys.ErrMalformed)
		return record
	}
	bob, err = bob.Rotate()
	require.NoError(t, err)
	g := Create(jane).After()
	all := g.log.Entries(0)
	for what, f := range map[string]Forgery{
		"add":    {Signer: private(jane), Kind: KindAdd, Role: Writer, People: [][]byte{swapped(bob)}},
		"invite": {Signer: private(jane), Kind: KindInvite, Role: Writer, People: [][]byte{swapped(bob)}},
		"rekey": {Signer: private(renewed), Kind: KindRekey, People: [][]byte{swapped(renewed)},
			Rotation: &ForgedRotation{Generation: 2, Key: make([]byte, 32), Older: 1, OlderKey: make([]byte, 32)}},
	} {
		evil := f.Entry(g.log)
		_, err := g.Apply([][]byte{evil}, nil)
		assert.ErrorIs(t, err, keys.ErrMalformed, what)
		_, err = ReadLog(append(all[:1:1], evil))
		assert.ErrorIs(t, err, keys.ErrMalformed, what)
		_, err = Resume(jane, g.Bookmark(), append(all[:1:1], evil), nil)
		assert.ErrorIs(t, err, keys.ErrMalformed, what)

		f.People[0][len(f.People[0])-1] ^= 1
		_, err = ReadLog(append(all[:1:1], f.Entry(g.log)))
		assert.NoError(t, err, "%s, proven", what)
	}
	create := Forgery{Signer: private(jane), Kind: KindCreate, Role: Owner, People: [][]byte{swapped(jane)}, Rotation: &ForgedRotation{Generation: 1, Key: make([]byte, 32)}}
	_, err = ReadLog([][]byte{create.Entry(nil)})
	assert.ErrorIs(t, err, keys.ErrMalformed, "create")
}

// TestPrefixes compares what each prefix of a log says of older keys with what
// its entries hold, and a clone of each with a log that was read up to there.
func TestPrefixes(t *testing.T) {
	g := Create(someone()).After()
	for i := range 6 {
		c, err := g.Rotate()
		if i%2 == 1 {
			c, err = g.Add(Writer, someone().Identity())
		}
		require.NoError(t, err)
		g = c.After()
	}
	all := g.log.Entries(0)
	for n := 1; n <= len(all); n++ {
		want, err := ReadLog(all[:n])
		require.NoError(t, err)
		clone := g.log.c.clone(uint64(n))
		require.Equal(t, append([]edge(nil), want.c.edges...), append([]edge(nil), clone.edges...), n)
		require.Equal(t, want.c.generations, clone.generations, n)
		require.Len(t, clone.facts, n)
		part := state{g.log.c, uint64(n)}
		for from := range uint64(n) {
			var edges []edge
			for _, e := range want.c.edges {
				if e.seq >= from {
					edges = append(edges, e)
				}
			}
			require.Equal(t, edges, append([]edge(nil), part.edges(from)...))
		}
	}
}

// TestOwnTooShort reads records of one's own that end before their box does.
func TestOwnTooShort(t *testing.T) {
	jane := someone()
	g := Create(jane).After()
	for _, record := range [][]byte{g.Bookmark(), g.Marshal()} {
		for n := range record {
			if n > 200 && n < len(record)-40 {
				continue
			}
			_, err := Restore(jane, record[:n])
			require.Error(t, err)
			_, err = Resume(jane, record[:n], g.log.Entries(0), nil)
			require.Error(t, err)
		}
	}
}

// TestTooManyEntries refuses a log for its length before it reads any.
func TestTooManyEntries(t *testing.T) {
	jane := someone()
	for _, err := range []error{
		errorOf(Join(jane, keys.GroupID{}, jane.ID(), nil, nil)), errorOf(Redeem(jane, keys.GroupID{}, keys.NewCode(), nil, nil)),
		errorOf(Resume(jane, Create(jane).Bookmark, nil, nil)), errorOf(ReadLog(nil)),
	} {
		require.Error(t, err, "none")
	}
	_, err := ReadLog(make([][]byte, entryLimit+1))
	require.ErrorContains(t, err, "too many entries")
	_, err = ReadLog(make([][]byte, entryLimit))
	require.ErrorIs(t, err, keys.ErrMalformed)
	require.NotContains(t, err.Error(), "too many entries")
}

// TestLeaveWithoutKey leaves a group whose newest key never came.
func TestLeaveWithoutKey(t *testing.T) {
	jane, bob := someone(), someone()
	add, err := Create(jane).After().Add(Writer, bob.Identity())
	require.NoError(t, err)
	bobs, err := Join(bob, add.Group, jane.ID(), add.After().log.Entries(0), add.Links[bob.ID()])
	require.NoError(t, err)
	rotate, err := add.After().Rotate()
	require.NoError(t, err)
	bobs, err = bobs.Apply(rotate.Entries, nil)
	require.NoError(t, err)
	leave, err := bobs.Leave()
	require.NoError(t, err)
	require.Empty(t, leave.Links)
	_, err = rotate.After().Apply(leave.Entries, nil)
	require.NoError(t, err)
}

func TestRoleNames(t *testing.T) {
	require.Equal(t, "owner", Owner.String())
	require.Equal(t, "none", Role(0).String())
	require.Equal(t, "role 5", Role(5).String())
}

func errorOf[T any](_ T, err error) error { return err }

// TestAccessOfThen asks who has the newest key, before and after the log goes on
// in the same memory: what comes later is none of it.
func TestAccessOfThen(t *testing.T) {
	jane, bob, carol := someone(), someone(), someone()
	add := made(t)(Create(jane).After().Add(Writer, bob.Identity(), carol.Identity()))
	bobs, err := Join(bob, add.Group, jane.ID(), add.After().log.Entries(0), add.Links[bob.ID()])
	require.NoError(t, err)
	g, err := add.After().Apply(made(t)(bobs.Leave()).Entries, nil)
	require.NoError(t, err)
	then := g.Access(nil)
	require.Len(t, then, 3, "Jane, Carol, and Bob until the rotation")
	made(t)(g.Remove(carol.ID()))
	require.Equal(t, then, g.Access(nil))
}
