package share_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// guestID returns the id of the invitation of a code.
func guestID(c *keys.Code) keys.AccountID {
	return keys.AccountID(ring.PrivateOf(c.Guest()).Public().ID)
}

// TestWhoMayDoWhat tries everything with every role, by the honest calls and by
// entries that nobody asked the rules about.
func TestWhoMayDoWhat(t *testing.T) {
	owner, newcomer := newAccount(), newAccount()
	actors, targets := map[share.Role]*keys.Account{}, map[share.Role]*keys.Account{}
	w, g := found(t, owner)
	for r := share.Reader; r <= share.Owner; r++ {
		actors[r], targets[r] = newAccount(), newAccount()
		g = w.commit(must(g.Add(r, actors[r].Identity(), targets[r].Identity())), nil, owner)
	}
	for actor := share.Reader; actor <= share.Owner; actor++ {
		me := w.join(actors[actor], owner)
		check := func(c *share.Change, err error, allowed bool, f share.Forgery, what string) {
			t.Helper()
			what = fmt.Sprintf("%s: %s", actor, what)
			f.Signer = private(actors[actor])
			if allowed {
				require.NoError(t, err, what)
				_, err = g.Log().Accept(c)
				require.NoError(t, err, what)
				return
			}
			require.ErrorIs(t, err, share.ErrForbidden, what)
			require.Nil(t, c, what)
			f.Rotation = &share.ForgedRotation{Generation: 2, Key: random(32)}
			for range 2 { // with a rotation, and without
				_, err = g.Apply([][]byte{f.Entry(g.Log())}, nil)
				require.ErrorIs(t, err, share.ErrForbidden, what)
				f.Rotation = nil
			}
		}
		for r := share.Reader; r <= share.Owner; r++ {
			over := actor == share.Owner || actor == share.Admin && r < share.Admin // the rule
			c, err := me.Add(r, newcomer.Identity())
			check(c, err, over, share.Forgery{Kind: share.KindAdd, Role: r, People: [][]byte{newcomer.Identity().Bytes()}}, fmt.Sprint("add a ", r))
			c, _, err = me.Invite(r)
			check(c, err, actor >= share.Admin && r < actor, share.Forgery{Kind: share.KindInvite, Role: r, People: [][]byte{newcomer.Identity().Bytes()}}, fmt.Sprint("invite a ", r))
			c, err = me.Remove(targets[r].ID())
			check(c, err, over, share.Forgery{Kind: share.KindRemove, IDs: []keys.AccountID{targets[r].ID()}}, fmt.Sprint("remove a ", r))
			for to := share.Reader; to <= share.Owner; to++ {
				c, err = me.SetRole(to, targets[r].ID())
				allowed := to != r && over && (actor == share.Owner || to < share.Admin)
				check(c, err, allowed, share.Forgery{Kind: share.KindSetRole, Role: to, IDs: []keys.AccountID{targets[r].ID()}}, fmt.Sprint(r, " to ", to))
			}
		}
		c, err := me.Rotate()
		check(c, err, actor >= share.Admin, share.Forgery{Kind: share.KindRotate}, "rotate")
		c, err = me.Leave()
		check(c, err, true, share.Forgery{}, "leave")
		c, err = me.Dissolve()
		check(c, err, actor == share.Owner, share.Forgery{Kind: share.KindDissolve}, "dissolve")
		c, err = me.Add(0, newcomer.Identity())
		require.ErrorIs(t, err, share.ErrForbidden)
		require.Nil(t, c)
		c, err = me.Remove()
		require.ErrorIs(t, err, share.ErrForbidden)
		require.Nil(t, c)
	}
}

// TestOneOwnerStays tries to be left without.
func TestOneOwnerStays(t *testing.T) {
	jane, bob := newAccount(), newAccount()
	w, g := found(t, jane)
	for name, try := range map[string]func() (*share.Change, error){
		"leave":  g.Leave,
		"demote": func() (*share.Change, error) { return g.SetRole(share.Admin, jane.ID()) },
		"remove": func() (*share.Change, error) { return g.Remove(jane.ID()) },
	} {
		_, err := try()
		require.ErrorIs(t, err, share.ErrForbidden, name)
	}
	g = w.commit(must(g.Add(share.Owner, bob.Identity())), nil, jane)
	_, err := g.SetRole(share.Writer, jane.ID(), bob.ID())
	require.ErrorIs(t, err, share.ErrForbidden, "both at once")
	g = w.commit(must(g.SetRole(share.Reader, jane.ID())), nil, jane)
	assert.Equal(t, share.Reader, g.Role())
	bobs := w.join(bob, jane)
	bobs = w.commit(must(bobs.SetRole(share.Owner, jane.ID())), nil, bob)
	bobs = w.commit(must(bobs.Leave()), nil, bob)
	assert.Zero(t, bobs.Role())
	assert.Equal(t, share.Owner, w.follow(g, jane).Role())
}

// TestRotationDue follows who leaves, redeems, or re-keys: nothing but a new key
// is accepted, and nothing is sealed.
func TestRotationDue(t *testing.T) {
	jane, bob, carol := newAccount(), newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Writer, bob.Identity(), carol.Identity())), nil, jane)
	bobs, carols := w.join(bob, jane), w.join(carol, jane)
	invited, code, err := g.Invite(share.Reader)
	g = w.commit(invited, err, jane)
	bobs = w.commit(must(w.follow(bobs, bob).Leave()), nil, bob)
	carols, g = w.follow(carols, carol), w.follow(g, jane)
	require.True(t, carols.RotationDue())
	require.True(t, g.RotationDue())
	_, err = ring.Of(g.Ring()).Sealing()
	require.ErrorIs(t, err, keys.ErrBehind)

	_, err = carols.Leave()
	require.ErrorIs(t, err, keys.ErrBehind)
	_, err = share.Redeem(newAccount(), w.id, code, w.s.Log(w.id), w.s.Links(w.id))
	require.ErrorIs(t, err, keys.ErrBehind)
	_, err = g.Dissolve()
	require.ErrorIs(t, err, keys.ErrBehind)
	for kind := range map[uint8]bool{share.KindLeave: true, share.KindRepair: true} {
		f := share.Forgery{Signer: private(carol), Kind: kind}
		if kind == share.KindRepair {
			f.Older = []uint32{1}
		}
		_, err = g.Apply([][]byte{f.Entry(g.Log())}, nil)
		require.Error(t, err)
	}
	f := share.Forgery{Signer: private(jane), Kind: share.KindAdd, Role: share.Reader, People: [][]byte{newAccount().Identity().Bytes()}}
	_, err = g.Apply([][]byte{f.Entry(g.Log())}, nil)
	require.ErrorIs(t, err, share.ErrForbidden, "an admin's entry without a new key")

	// A document whose head is a state in which a rotation was due was written
	// by nobody who might.
	c := ring.Claim{Author: jane.ID(), Generation: 1, Head: ring.Head{Sequence: 3, Hash: g.Log().Head()}}
	require.Equal(t, ring.Never, standing(t, g, c))

	// Any change by an admin makes the new key.
	g = w.commit(must(g.Add(share.Reader, newAccount().Identity())), nil, jane)
	require.False(t, g.RotationDue())
	require.EqualValues(t, 2, g.Log().Generation())
	require.False(t, g.Log().Exposure(bob.ID()).Open)
	require.Nil(t, w.s.Link(w.id, bob.ID()))
	w.seal(g, "d", "again")
	require.Nil(t, share.KeyOf(bobs, 2))
}

// TestWrongRotations puts each thing wrong that a rotation can have.
func TestWrongRotations(t *testing.T) {
	jane, writer := newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Writer, writer.Identity())), nil, jane)
	old := share.KeyOf(g, 1)
	rot := func(generation, older uint32) *share.ForgedRotation {
		r := &share.ForgedRotation{Generation: generation, Key: random(32), Older: older}
		if older > 0 {
			r.OlderKey = old
		}
		return r
	}
	for name, c := range map[string]struct {
		rotation *share.ForgedRotation
		want     error
	}{
		"none":         {nil, share.ErrForbidden},
		"the same":     {rot(1, 0), keys.ErrMalformed},
		"too far":      {rot(3, 1), keys.ErrMalformed},
		"zero":         {rot(0, 0), keys.ErrMalformed},
		"older: newer": {rot(2, 2), keys.ErrMalformed},
		"right":        {rot(2, 1), nil},
		"no box":       {rot(2, 0), nil},
		"box of none":  {&share.ForgedRotation{Generation: 2, Key: random(32), Box: random(124)}, keys.ErrMalformed},
		"older, boxed": {&share.ForgedRotation{Generation: 2, Key: random(32), Older: 1}, keys.ErrMalformed},
		"short box":    {&share.ForgedRotation{Generation: 2, Key: random(32), Older: 1, Box: random(123)}, keys.ErrMalformed},
		"bad box":      {&share.ForgedRotation{Generation: 2, Key: random(32), Older: 1, Box: random(124)}, nil},
	} {
		f := share.Forgery{Signer: private(jane), Kind: share.KindRotate, Rotation: c.rotation}
		_, err := g.Apply([][]byte{f.Entry(g.Log())}, nil)
		if c.want == nil {
			require.NoError(t, err, name)
		} else {
			require.ErrorIs(t, err, c.want, name)
		}
	}
	f := share.Forgery{Signer: private(writer), Kind: share.KindLeave, Rotation: rot(2, 1)}
	_, err := g.Apply([][]byte{f.Entry(g.Log())}, nil)
	require.ErrorIs(t, err, share.ErrForbidden, "who leaves does not make the key")
	f = share.Forgery{Signer: private(jane), Kind: share.KindRemove, IDs: []keys.AccountID{writer.ID()}}
	_, err = g.Apply([][]byte{f.Entry(g.Log())}, nil)
	require.ErrorIs(t, err, share.ErrForbidden, "a removal makes one")
	f = share.Forgery{Signer: private(jane), Kind: share.KindCreate, People: [][]byte{jane.Identity().Bytes()}, Rotation: rot(2, 1)}
	_, err = g.Apply([][]byte{f.Entry(g.Log())}, nil)
	require.ErrorIs(t, err, share.ErrForbidden, "created once")
}

// TestFirstEntry puts each thing wrong that entry 0 can have.
func TestFirstEntry(t *testing.T) {
	jane, bob := newAccount(), newAccount()
	good := share.Forgery{
		Signer: private(jane), Kind: share.KindCreate, People: [][]byte{jane.Identity().Bytes()},
		Rotation: &share.ForgedRotation{Generation: 1, Key: random(32)},
	}
	_, err := share.ReadLog([][]byte{good.Entry(nil)})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		spoil func(*share.Forgery)
		want  error
	}{
		"no rotation":  {func(f *share.Forgery) { f.Rotation = nil }, keys.ErrMalformed},
		"generation 2": {func(f *share.Forgery) { f.Rotation = &share.ForgedRotation{Generation: 2, Key: random(32)} }, keys.ErrMalformed},
		"an older key": {func(f *share.Forgery) {
			f.Rotation = &share.ForgedRotation{Generation: 1, Key: random(32), Older: 1, OlderKey: random(32)}
		}, keys.ErrMalformed},
		"a group":           {func(f *share.Forgery) { f.Group = &keys.GroupID{1} }, keys.ErrMalformed},
		"a previous entry":  {func(f *share.Forgery) { f.Previous = &[32]byte{1} }, keys.ErrMalformed},
		"sequence":          {func(f *share.Forgery) { f.Seq = ptr(uint64(1)) }, keys.ErrBehind},
		"another author":    {func(f *share.Forgery) { f.Signer = private(bob) }, keys.ErrMalformed},
		"in another's name": {func(f *share.Forgery) { f.As = ptr(bob.ID()) }, keys.ErrMalformed},
		"another signer":    {func(f *share.Forgery) { f.Signer, f.As = private(bob), ptr(jane.ID()) }, keys.ErrMalformed},
		"another epoch":     {func(f *share.Forgery) { f.Epoch = ptr(uint32(1)) }, keys.ErrMalformed},
		"not a creation":    {func(f *share.Forgery) { f.Kind, f.Role = share.KindAdd, share.Owner }, keys.ErrMalformed},
		"two people":        {func(f *share.Forgery) { f.People = append(f.People, bob.Identity().Bytes()) }, keys.ErrMalformed},
	} {
		f := good
		c.spoil(&f)
		_, err := share.ReadLog([][]byte{f.Entry(nil)})
		require.ErrorIs(t, err, c.want, name)
	}
	// Nobody gets into a group whose creator only says that it is somebody else.
	f := good
	f.As, f.People, f.Signer = ptr(bob.ID()), [][]byte{jane.Identity().Bytes()}, private(jane)
	_, err = share.ReadLog([][]byte{f.Entry(nil)})
	require.ErrorIs(t, err, keys.ErrMalformed)
	_, err = share.ReadLog(nil)
	require.ErrorIs(t, err, keys.ErrMalformed)
}

// TestLists tries what a list of subjects may not hold.
func TestLists(t *testing.T) {
	jane, bob, carol := newAccount(), newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Writer, bob.Identity(), carol.Identity())), nil, jane)
	dave := newAccount().Identity().Bytes()
	a, b := bob.ID(), carol.ID()
	if string(a[:]) > string(b[:]) {
		a, b = b, a
	}
	rotation := &share.ForgedRotation{Generation: 2, Key: random(32)}
	for name, c := range map[string]struct {
		f    share.Forgery
		want error
	}{
		"nobody":         {share.Forgery{Kind: share.KindAdd, Role: share.Reader}, keys.ErrMalformed},
		"a member":       {share.Forgery{Kind: share.KindAdd, Role: share.Reader, People: [][]byte{bob.Identity().Bytes()}}, share.ErrForbidden},
		"twice":          {share.Forgery{Kind: share.KindAdd, Role: share.Reader, People: [][]byte{dave, dave}}, share.ErrForbidden},
		"no role":        {share.Forgery{Kind: share.KindAdd, Role: 0, People: [][]byte{dave}}, keys.ErrMalformed},
		"role 5":         {share.Forgery{Kind: share.KindAdd, Role: 5, People: [][]byte{dave}}, keys.ErrMalformed},
		"no identity":    {share.Forgery{Kind: share.KindAdd, Role: share.Reader, People: [][]byte{dave[1:]}}, keys.ErrMalformed},
		"descending":     {share.Forgery{Kind: share.KindRemove, IDs: []keys.AccountID{b, a}, Rotation: rotation}, keys.ErrMalformed},
		"ids twice":      {share.Forgery{Kind: share.KindRemove, IDs: []keys.AccountID{a, a}, Rotation: rotation}, keys.ErrMalformed},
		"a stranger":     {share.Forgery{Kind: share.KindRemove, IDs: []keys.AccountID{{1}}, Rotation: rotation}, keys.ErrMismatch},
		"stranger role":  {share.Forgery{Kind: share.KindSetRole, Role: share.Reader, IDs: []keys.AccountID{{1}}, Rotation: rotation}, keys.ErrMismatch},
		"oneself":        {share.Forgery{Kind: share.KindRemove, IDs: []keys.AccountID{jane.ID()}, Rotation: rotation}, share.ErrForbidden},
		"newest repair":  {share.Forgery{Kind: share.KindRepair, Older: []uint32{1}}, keys.ErrMalformed},
		"repair of none": {share.Forgery{Kind: share.KindRepair}, keys.ErrMalformed},
		"kind 0":         {share.Forgery{Kind: 0}, keys.ErrMalformed},
		"kind 12":        {share.Forgery{Kind: 12}, keys.ErrMalformed},
		"both":           {share.Forgery{Kind: share.KindRemove, IDs: []keys.AccountID{a, b}, Rotation: rotation}, nil},
	} {
		c.f.Signer = private(jane)
		var err error
		if c.f.Kind == 0 || c.f.Kind == 12 {
			c.f.Kind = share.KindRotate
			e := c.f.Entry(g.Log())
			e[4+25+8+32+25+4] = map[string]byte{"kind 0": 0, "kind 12": 12}[name]
			_, err = g.Apply([][]byte{e}, nil)
		} else {
			_, err = g.Apply([][]byte{c.f.Entry(g.Log())}, nil)
		}
		if c.want == nil {
			require.NoError(t, err, name)
		} else {
			require.ErrorIs(t, err, c.want, name)
		}
	}
}

// TestInvitations follows invitations to each of their ends.
func TestInvitations(t *testing.T) {
	jane, admin := newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Admin, admin.Identity())), nil, jane)
	admins := w.join(admin, jane)
	byJane, janeCode, err := g.Invite(share.Writer)
	g = w.commit(byJane, err, jane)
	admins = w.follow(admins, admin)
	byAdmin, adminCode, err := admins.Invite(share.Writer)
	w.commit(byAdmin, err, admin)
	g = w.follow(g, jane)
	require.True(t, g.Log().Invited(guestID(adminCode)))
	_, err = g.SetRole(share.Reader, guestID(adminCode))
	require.ErrorIs(t, err, share.ErrForbidden)

	// A guest does nothing but redeem, and seals nothing.
	f := share.Forgery{Signer: ring.PrivateOf(janeCode.Guest()), Kind: share.KindLeave}
	_, err = g.Apply([][]byte{f.Entry(g.Log())}, nil)
	require.ErrorIs(t, err, share.ErrForbidden)
	c := claim(t, g)
	c.Author = guestID(janeCode)
	require.Equal(t, ring.Never, standing(t, g, c))

	// A rotation reaches the invitations.
	g = w.commit(must(g.Rotate()), nil, jane)
	require.Len(t, w.s.Links(w.id), 4)

	// Demoting who invited ends theirs, and only theirs.
	g = w.commit(must(g.SetRole(share.Writer, admin.ID())), nil, jane)
	require.False(t, g.Log().Invited(guestID(adminCode)))
	require.True(t, g.Log().Invited(guestID(janeCode)))
	require.Len(t, w.s.Links(w.id), 3)
	_, err = share.Redeem(newAccount(), w.id, adminCode, w.s.Log(w.id), w.s.Links(w.id))
	require.ErrorIs(t, err, keys.ErrMismatch)

	// An owner who becomes an admin keeps the invitations below, and no others.
	other := newAccount()
	apart := &world{t, w.s.Fork(), w.id}
	og := apart.commit(must(g.Add(share.Owner, other.Identity())), nil, jane)
	others := apart.join(other, jane)
	c1, toAdmin, err := others.Invite(share.Admin)
	others = apart.commit(c1, err, other)
	c2, toWriter, err := others.Invite(share.Writer)
	apart.commit(c2, err, other)
	og = apart.commit(must(apart.follow(og, jane).SetRole(share.Admin, other.ID())), nil, jane)
	require.False(t, og.Log().Invited(guestID(toAdmin)))
	require.True(t, og.Log().Invited(guestID(toWriter)))

	// Redeemed once: by who has the code and the group's id, with the inviter's
	// name for the next device.
	bob := newAccount()
	_, err = share.Redeem(bob, keys.GroupID{1}, janeCode, w.s.Log(w.id), w.s.Links(w.id))
	require.ErrorIs(t, err, keys.ErrMismatch)
	_, err = share.Redeem(bob, w.id, janeCode, w.s.Log(w.id), nil)
	require.ErrorIs(t, err, keys.ErrBehind)
	_, err = share.Redeem(admin, w.id, janeCode, w.s.Log(w.id), w.s.Links(w.id))
	require.ErrorIs(t, err, share.ErrForbidden, "a member already")
	bobs := w.commit(must(share.Redeem(bob, w.id, janeCode, w.s.Log(w.id), w.s.Links(w.id))), nil, bob)
	require.Equal(t, share.Writer, bobs.Role())
	require.NotNil(t, share.KeyOf(bobs, 1))
	_, err = share.Redeem(newAccount(), w.id, janeCode, w.s.Log(w.id), w.s.Links(w.id))
	require.ErrorIs(t, err, keys.ErrMismatch, "a second time")
	w.join(bob, jane)

	// Who has the code still has the key, until the rotation that is due.
	g = w.follow(g, jane)
	ways := g.Access(w.s.Links(w.id))
	require.Len(t, ways, 4)
	require.Equal(t, guestID(janeCode), ways[3].ID)
	require.Zero(t, ways[3].Role)
	g = w.commit(must(g.Rotate()), nil, jane)
	require.Len(t, g.Access(w.s.Links(w.id)), 3)
}

// TestLimits reaches the limits that a test can.
func TestLimits(t *testing.T) {
	jane := newAccount()
	w, g := found(t, jane)
	many := make([]keys.AccountID, 10_001)
	for i := range many {
		many[i] = keys.AccountID{byte(i), byte(i >> 8), 1}
	}
	_, err := g.Remove(many...)
	require.ErrorIs(t, err, share.ErrForbidden)
	_, err = g.Add(share.Reader, make([]*keys.Identity, 0)...)
	require.ErrorIs(t, err, share.ErrForbidden)
	_, err = share.ReadLog([][]byte{append([]byte{'s', 'k', 'E', 1}, make([]byte, 4<<20)...)})
	require.ErrorIs(t, err, keys.ErrMalformed)
	_, err = share.ReadLog([][]byte{{'s', 'k', 'E', 2, 0}})
	require.ErrorIs(t, err, keys.ErrNewer)
	_, err = g.Apply(make([][]byte, 100_001), nil)
	require.ErrorIs(t, err, keys.ErrMalformed)
	require.NotNil(t, w)
}

// TestDissolve ends a group: documents stay, and nothing follows.
func TestDissolve(t *testing.T) {
	jane, bob := newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Owner, bob.Identity())), nil, jane)
	w.seal(g, "d", "archive")
	before := claim(t, g)
	g = w.commit(must(g.Dissolve()), nil, jane)
	require.True(t, g.Log().Dissolved())
	w.opens(g, "d", "archive")
	require.Equal(t, ring.Current, standing(t, g, before))
	_, err := ring.Of(g.Ring()).Sealing()
	require.ErrorIs(t, err, share.ErrForbidden)
	_, err = g.Rotate()
	require.ErrorIs(t, err, share.ErrForbidden)
	f := share.Forgery{Signer: private(bob), Kind: share.KindLeave}
	_, err = g.Apply([][]byte{f.Entry(g.Log())}, nil)
	require.ErrorIs(t, err, share.ErrForbidden)
	before.Head = ring.Head{Sequence: 2, Hash: g.Log().Head()}
	require.Equal(t, ring.Never, standing(t, g, before))
}

// TestRepairs tries what a list of older keys may not hold, and who may give it.
func TestRepairs(t *testing.T) {
	jane, reader := newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Reader, reader.Identity())), nil, jane)
	g = w.commit(must(g.Rotate()), nil, jane)
	g = w.commit(must(g.Rotate()), nil, jane)
	for name, c := range map[string]struct {
		older  []uint32
		signer *keys.Account
		want   error
	}{
		"both":       {[]uint32{1, 2}, jane, nil},
		"descending": {[]uint32{2, 1}, jane, keys.ErrMalformed},
		"twice":      {[]uint32{1, 1}, jane, keys.ErrMalformed},
		"zero":       {[]uint32{0}, jane, keys.ErrMalformed},
		"the newest": {[]uint32{3}, jane, keys.ErrMalformed},
		"to come":    {[]uint32{4}, jane, keys.ErrMalformed},
		"none":       {nil, jane, keys.ErrMalformed},
		"a reader":   {[]uint32{1}, reader, share.ErrForbidden},
	} {
		f := share.Forgery{Signer: private(c.signer), Kind: share.KindRepair, Older: c.older}
		_, err := g.Apply([][]byte{f.Entry(g.Log())}, nil)
		if c.want == nil {
			require.NoError(t, err, name)
		} else {
			require.ErrorIs(t, err, c.want, name)
		}
	}
	c, err := g.Repair()
	require.NoError(t, err)
	require.Nil(t, c, "nothing to repair")
}

// TestInvitationOfFormerMember invites an account that was a member before, as an
// admin gone bad might: the invitation ends with its maker like any other.
func TestInvitationOfFormerMember(t *testing.T) {
	for _, end := range []string{"remove", "demote", "rekey"} {
		jane, evil, puppet := newAccount(), newAccount(), newAccount()
		w, g := found(t, jane)
		g = w.commit(must(g.Add(share.Admin, evil.Identity())), nil, jane)
		evils := w.join(evil, jane)
		evils = w.commit(must(evils.Add(share.Reader, puppet.Identity())), nil, evil)
		evils = w.commit(must(evils.Remove(puppet.ID())), nil, evil)
		f := share.Forgery{Signer: private(evil), Kind: share.KindInvite, Role: share.Writer, People: [][]byte{puppet.Identity().Bytes()}}
		entries := append(w.s.Log(w.id), f.Entry(evils.Log()))
		g, err := g.Apply(entries, w.s.Link(w.id, jane.ID()))
		require.NoError(t, err)
		require.True(t, g.Log().Invited(puppet.ID()))
		var c *share.Change
		switch end {
		case "remove":
			c = must(g.Remove(evil.ID()))
		case "demote":
			c = must(g.SetRole(share.Reader, evil.ID()))
		default:
			evils, err = share.Resume(must(evil.Rotate()), evils.Bookmark(), entries, nil)
			require.NoError(t, err)
			c = must(evils.Rekey())
		}
		require.False(t, c.After().Log().Invited(puppet.ID()), end)
		require.Nil(t, c.Links[puppet.ID()], end)
	}
}

// TestInvitedPerson invites a person's account itself: it neither joins nor
// writes before it has redeemed.
func TestInvitedPerson(t *testing.T) {
	jane, bob := newAccount(), newAccount()
	w, g := found(t, jane)
	f := share.Forgery{Signer: private(jane), Kind: share.KindInvite, Role: share.Writer, People: [][]byte{bob.Identity().Bytes()}}
	g, err := g.Apply([][]byte{f.Entry(g.Log())}, nil)
	require.NoError(t, err)
	link, err := g.Link(bob.ID())
	require.NoError(t, err)
	_, err = share.Join(bob, w.id, jane.ID(), g.Log().Entries(0), link)
	require.ErrorIs(t, err, keys.ErrBehind)

	w, g = found(t, jane)
	g = w.commit(must(g.Add(share.Writer, bob.Identity())), nil, jane)
	bobs := w.join(bob, jane)
	g = w.commit(must(g.Remove(bob.ID())), nil, jane)
	again := f.Entry(g.Log())
	bobs, err = bobs.Apply(append(w.s.Log(w.id), again), nil)
	require.NoError(t, err)
	require.Equal(t, share.Writer, bobs.Role())
	_, _, err = envelope.Seal(bobs, note("1"), []byte("x"))
	require.ErrorIs(t, err, share.ErrForbidden)
}
