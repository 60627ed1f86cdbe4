package share

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/wire"
	"github.com/sealkin/sealkin/keys"
)

// TestRecallIsVerify compares the two ways to read an identity.
func TestRecallIsVerify(t *testing.T) {
	a := keys.NewAccount(keys.Device([32]byte{1}))
	for range 4 {
		record := a.Identity().Bytes()
		verified, err := verifyPerson(record)
		require.NoError(t, err)
		recalled, err := recallPerson(record)
		require.NoError(t, err)
		assert.Equal(t, verified.id, recalled.id)
		for e := range recalled.epoch() + 1 {
			assert.Equal(t, verified.statement(e), recalled.statement(e))
			assert.Equal(t, a.Identity().Public().Epochs[e].Sign, recalled.signKey(e))
		}
		assert.Equal(t, verified.epoch(), recalled.epoch())
		key, err := recalled.sealKey()
		require.NoError(t, err)
		want, err := verified.sealKey()
		require.NoError(t, err)
		assert.Equal(t, want.Bytes(), key.Bytes())
		_, err = recallPerson(record[:len(record)-1])
		require.ErrorIs(t, err, keys.ErrMalformed)
		a, err = a.Rotate()
		require.NoError(t, err)
	}
}

// TestClone continues a chain in two ways from the middle.
func TestClone(t *testing.T) {
	me := keys.NewAccount(keys.Device([32]byte{1}))
	g := Create(me).After()
	var all []*Group
	for range 6 {
		c, err := g.Rotate()
		require.NoError(t, err)
		g = c.After()
		all = append(all, g)
	}
	require.Same(t, all[0].log.c, all[5].log.c, "one chain serves them all")
	c, err := all[2].Rotate()
	require.NoError(t, err)
	other := c.After()
	require.NotSame(t, all[2].log.c, other.log.c)
	require.EqualValues(t, 5, other.log.Len())
	require.Equal(t, all[2].log.Entries(0), other.log.Entries(0)[:4])
	require.NotEqual(t, all[3].log.Head(), other.log.Head())
	for n := uint32(1); n <= 5; n++ {
		require.NotNil(t, other.keys.key(other.log, n))
	}
	require.Nil(t, other.keys.key(other.log, 6))
	require.Equal(t, secret.Reveal(all[1].keys.key(all[1].log, 3).material), secret.Reveal(other.keys.key(other.log, 3).material))
	require.NotEqual(t, secret.Reveal(all[3].keys.key(all[3].log, 5).material), secret.Reveal(other.keys.key(other.log, 5).material))
}

// TestSpans asks a member with a long history at every point.
func TestSpans(t *testing.T) {
	m := new(member)
	for n := range uint64(40) {
		m.spans = append(m.spans, span{from: 3 * n, role: Role(n%4 + 1)})
	}
	for n := range uint64(130) {
		want := Role(0)
		for _, s := range m.spans {
			if s.from < n {
				want = s.role
			}
		}
		require.Equal(t, want, m.at(n).role, n)
	}
	require.Zero(t, (*member)(nil).at(5).role)
}

// TestLongLog reaches the end of a log, without its entries.
func TestLongLog(t *testing.T) {
	owner, admin := keys.AccountID{1}, keys.AccountID{2}
	for _, c := range []struct {
		n      uint64
		author keys.AccountID
		ok     bool
	}{
		{entryLimit - ownersReserve - 1, admin, true},
		{entryLimit - ownersReserve, admin, false},
		{entryLimit - ownersReserve, owner, true},
		{entryLimit - 1, owner, true},
		{entryLimit, owner, false},
	} {
		chain := newChain()
		p := &person{statements: make([][]byte, 1)}
		chain.put(owner, span{role: Owner, person: p})
		chain.put(admin, span{role: Admin, person: p})
		chain.facts = make([]*fact, c.n)
		chain.facts[c.n-1] = &fact{owners: 1, size: 2, generation: 1}
		_, err := state{chain, c.n}.judge(&entry{author: c.author, change: &change{kind: rotate}})
		if c.ok {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, ErrForbidden)
		}
	}
}

// TestFullGroup reaches the limits on members and invitations.
func TestFullGroup(t *testing.T) {
	for _, c := range []struct {
		kind                kind
		people, invitations int
		ok                  bool
	}{
		{add, memberLimit - 1, 0, true},
		{add, memberLimit, 0, false},
		{invite, 1, invitationLimit - 1, true},
		{invite, 1, invitationLimit, false},
		{remove, memberLimit, 0, true},
	} {
		chain := newChain()
		p := &person{statements: make([][]byte, 1)}
		chain.put(keys.AccountID{1}, span{role: Owner, person: p})
		chain.put(keys.AccountID{2}, span{role: Reader, person: p})
		chain.facts = []*fact{{owners: 1, size: c.people, invitations: c.invitations, generation: 1}}
		e := &entry{author: keys.AccountID{1}, change: &change{kind: c.kind, role: Reader}}
		if c.kind == remove {
			e.change.ids = []keys.AccountID{{2}}
		} else {
			e.change.people = []*person{{id: keys.AccountID{3}, statements: make([][]byte, 1)}}
		}
		_, err := state{chain, 1}.judge(e)
		require.Equal(t, c.ok, err == nil, "%v %v", c, err)
	}
}

// TestEach fails with the first of the errors, and calls nothing twice.
func TestEach(t *testing.T) {
	for range 50 {
		calls := make([]int, 100)
		err := each(100, func(i int) error {
			calls[i]++
			if i == 40 || i == 41 || i == 90 {
				return assert.AnError
			}
			return nil
		})
		require.ErrorIs(t, err, assert.AnError)
		for i, n := range calls {
			require.LessOrEqual(t, n, 1)
			if i <= 40 {
				require.Equal(t, 1, n)
			}
		}
	}
	require.NoError(t, each(0, nil))
}

// TestOwnContent puts into bookmark and snapshot what only their owner could.
func TestOwnContent(t *testing.T) {
	me := keys.NewAccount(keys.Device([32]byte{1}))
	g, other := Create(me).After(), Create(me).After()
	content := func(g *Group) []byte { return append(g.log.appendEntries(nil), 0, 0, 0, 0) }
	for name, c := range map[string]struct {
		plain []byte
		ok    bool
	}{
		"right":           {content(g), true},
		"another group":   {content(other), false},
		"empty":           {nil, false},
		"no entry":        {make([]byte, 8), false},
		"cut":             {content(g)[:100], false},
		"more":            {append(content(g), 0), false},
		"a key too many":  {append(g.log.appendEntries(nil), append([]byte{0, 0, 0, 1, 0, 0, 0, 2}, make([]byte, 32)...)...), false},
		"half a key":      {append(g.log.appendEntries(nil), 0, 0, 0, 1, 0, 0, 0, 1, 9), false},
		"many entries":    {append([]byte{255, 255, 255, 255}, content(g)[4:]...), false},
		"a broken entry":  {append([]byte{0, 0, 0, 1, 0, 0, 0, 4}, []byte("skE\x01")...), false},
		"a broken person": {func() []byte { b := content(g); b[8+4+25+8+32+25+4+1+4+4+4]++; return b }(), false},
	} {
		_, err := Restore(me, sealOwn(g.private(), wire.Snapshot, label.GroupSnapshot, g.log.ID(), c.plain))
		require.Equal(t, c.ok, err == nil, name)
		if err != nil {
			require.ErrorIs(t, err, keys.ErrMalformed, name)
		}
	}
	for _, n := range []int{0, markSize - 1, markSize + 1} {
		_, err := Resume(me, sealOwn(g.private(), wire.Bookmark, label.GroupBookmark, g.log.ID(), make([]byte, n)), g.log.Entries(0), nil)
		require.ErrorIs(t, err, keys.ErrMalformed)
	}

	// A key that is not the group's is not taken from a bookmark.
	head := g.head()
	plain := append(wire.AppendUint64(nil, 0), head.Hash[:]...)
	plain = append(wire.AppendUint32(plain, 1), make([]byte, 32)...)
	again, err := Resume(me, sealOwn(g.private(), wire.Bookmark, label.GroupBookmark, g.log.ID(), plain), g.log.Entries(0), nil)
	require.NoError(t, err)
	require.Nil(t, again.keys.key(again.log, 1))
	_, err = Resume(me, sealOwn(g.private(), wire.Bookmark, label.GroupBookmark, other.log.ID(), plain), g.log.Entries(0), nil)
	require.ErrorIs(t, err, keys.ErrMismatch)
}
