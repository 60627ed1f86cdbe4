package share

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/wire"
	"github.com/sealkin/sealkin/keys"
)

// What is here is done with the old keys of a member who has new ones, by an
// admin gone bad, and by a server, each from inside of the formats.

func someone() *keys.Account {
	var d [32]byte
	rand.Read(d[:])
	return keys.NewAccount(keys.Device(d))
}

func private(a *keys.Account) ring.Private { return ring.PrivateOf(a.Member()) }

func made(t *testing.T) func(*Change, error) *Change {
	return func(c *Change, err error) *Change {
		t.Helper()
		require.NoError(t, err)
		return c
	}
}

// unsigned signs with zeros.
type unsigned struct{ ring.Private }

func (unsigned) Sign([]byte) []byte { return make([]byte, 64) }

// unverified returns l with an entry that nobody signed behind it.
func unverified(t *testing.T, l *Log, f Forgery) (*Log, []byte) {
	record := f.Entry(l)
	e, err := parseEntry(record)
	require.NoError(t, err)
	require.NoError(t, e.resolve(verifyPerson))
	next, _, err := l.fold([]*entry{e}, l.n+1)
	require.NoError(t, err)
	return next, record
}

// TestBookmarkOfOldKeys makes a bookmark and a snapshot with the keys that a
// member had before, around a history in which nobody signed that the thief is an
// owner now.
func TestBookmarkOfOldKeys(t *testing.T) {
	jane, bob, mallory := someone(), someone(), someone()
	g := Create(jane).After()
	add := made(t)(g.Add(Writer, bob.Identity()))
	bobs, err := Join(bob, add.Group, jane.ID(), add.After().log.Entries(0), add.Links[bob.ID()])
	require.NoError(t, err)
	renewed, err := bob.Rotate()
	require.NoError(t, err)
	bobs = &Group{renewed, bobs.log, bobs.keys}
	g, err = add.After().Apply(made(t)(bobs.Rekey()).Entries, nil)
	require.NoError(t, err)
	genuine := made(t)(g.Rotate()).After().log.Entries(0)

	evil := make([]byte, 32)
	rand.Read(evil)
	log, err := ReadLog(genuine)
	require.NoError(t, err)
	log, record := unverified(t, log, Forgery{
		Signer: unsigned{private(jane)}, Kind: KindAdd, Role: Owner, People: [][]byte{mallory.Identity().Bytes()},
		Rotation: &ForgedRotation{Generation: 3, Key: evil},
	})
	head := log.Head()
	plain := append(wire.AppendUint64(nil, log.n-1), head[:]...)
	plain = append(wire.AppendUint32(plain, 3), evil...)
	forged := sealOwn(private(bob), wire.Bookmark, label.GroupBookmark, log.ID(), plain)
	_, err = Resume(renewed, forged, append(genuine, record), nil)
	assert.ErrorIs(t, err, keys.ErrMalformed, "the signature of the last entry")

	plain = wire.AppendUint32(read(log, func(s state) []byte { return s.appendEntries(nil) }), 0)
	forged = sealOwn(private(bob), wire.Snapshot, label.GroupSnapshot, log.ID(), plain)
	_, err = Restore(renewed, forged)
	assert.ErrorIs(t, err, keys.ErrMalformed)

	// What Bob himself kept from before still serves.
	_, err = Resume(renewed, (&Group{bob, bobs.log, bobs.keys}).Bookmark(), genuine, nil)
	assert.NoError(t, err)
	_, err = Restore(renewed, (&Group{bob, bobs.log, bobs.keys}).Marshal())
	assert.NoError(t, err)
}

// TestCommitmentWrittenAgain has an admin announce a new generation with the
// commitment of an old one, whose key a removed member has.
func TestCommitmentWrittenAgain(t *testing.T) {
	jane, eve, bob, ex := someone(), someone(), someone(), someone()
	g := made(t)(Create(jane).After().Add(Admin, eve.Identity())).After()
	add := made(t)(g.Add(Writer, bob.Identity(), ex.Identity()))
	bobs, err := Join(bob, add.Group, jane.ID(), add.After().log.Entries(0), add.Links[bob.ID()])
	require.NoError(t, err)
	remove := made(t)(add.After().Remove(ex.ID()))
	bobs, err = bobs.Apply(remove.Entries, remove.Links[bob.ID()])
	require.NoError(t, err)

	log := remove.After().log
	first, _ := log.start(1)
	e := &entry{group: log.ID(), seq: log.n, previous: log.Head(), author: eve.ID(), change: &change{kind: rotate},
		rotation: &rotation{generation: 3, commitment: first.commitment}}
	e.seal()
	e.sign(private(eve).Sign, nil)
	bobs, err = bobs.Apply([][]byte{e.record}, nil)
	require.NoError(t, err)
	require.EqualValues(t, 3, bobs.log.Generation())
	_, _, err = envelope.Seal(bobs, envelope.Ref{Type: "note", ID: "1"}, []byte("after the removal"))
	assert.ErrorIs(t, err, keys.ErrBehind, "the old key is not the new one")
}

// TestInvitationEndsWithOldKeys shows that an invitation that a thief made with
// an admin's old keys ends when the admin has new ones.
func TestInvitationEndsWithOldKeys(t *testing.T) {
	jane := someone()
	g := Create(jane).After()
	invite, code, err := g.Invite(Admin)
	require.NoError(t, err)
	guest := keys.AccountID(ring.PrivateOf(code.Guest()).Public().ID)
	require.True(t, invite.After().Log().Invited(guest))
	renewed, err := jane.Rotate()
	require.NoError(t, err)
	rekey := made(t)((&Group{renewed, invite.After().log, invite.After().keys}).Rekey())
	assert.False(t, rekey.After().Log().Invited(guest))
	assert.NotContains(t, rekey.Links, guest)
	_, err = Redeem(someone(), g.log.ID(), code, rekey.After().log.Entries(0), rekey.Links)
	assert.ErrorIs(t, err, keys.ErrMismatch)
}

// TestUnsignedLogIsCheap sends long logs that nobody signed: twice the length
// must not take four times as long, and the first batch must end it.
func TestUnsignedLogIsCheap(t *testing.T) {
	jane := someone()
	g := Create(jane).After()
	log, err := ReadLog(g.log.Entries(0))
	require.NoError(t, err)
	var records [][]byte
	forge := func(f Forgery) { // without judging
		e, err := parseEntry(f.Entry(log))
		require.NoError(t, err)
		v := &verdict{after: *log.fact()}
		if e.rotation != nil {
			v.after.generation = e.rotation.generation
		}
		log.c.grow(e, v)
		log = &Log{state{log.c, log.n + 1}}
		records = append(records, e.record)
	}
	older := make([]uint32, 400)
	for i := range older {
		older[i] = uint32(i + 1)
	}
	for generation := range uint32(500) {
		forge(Forgery{Signer: unsigned{private(jane)}, Kind: KindRotate, Rotation: &ForgedRotation{Generation: generation + 2, Key: make([]byte, 32)}})
		if generation > 400 {
			forge(Forgery{Signer: unsigned{private(jane)}, Kind: KindRepair, Older: older})
		}
	}
	start := time.Now()
	_, err = g.log.extend(records, 0)
	assert.ErrorIs(t, err, keys.ErrMalformed)
	assert.Less(t, time.Since(start), 5*time.Second)
	_, err = Join(jane, keys.GroupID{1}, jane.ID(), append(g.log.Entries(0), records...), nil)
	assert.ErrorIs(t, err, keys.ErrMismatch, "another group is told before anything is judged")
}

// TestSnapshotPlantsNoKey has a thief of old keys make a snapshot of the genuine
// log with a key of their own for the newest generation.
func TestSnapshotPlantsNoKey(t *testing.T) {
	jane, bob := someone(), someone()
	g := Create(jane).After()
	add := made(t)(g.Add(Writer, bob.Identity()))
	bobs, err := Join(bob, add.Group, jane.ID(), add.After().log.Entries(0), add.Links[bob.ID()])
	require.NoError(t, err)
	renewed, err := bob.Rotate()
	require.NoError(t, err)
	rekey := made(t)((&Group{renewed, bobs.log, bobs.keys}).Rekey())
	g, err = add.After().Apply(rekey.Entries, nil)
	require.NoError(t, err)
	genuine := made(t)(g.Rotate()).After().log
	for _, me := range []*keys.Account{bob, renewed} {
		_, err = Restore(renewed, ForgeSnapshot(&Group{me, genuine, g.keys}, genuine.Generation(), make([]byte, 32)))
		assert.ErrorIs(t, err, keys.ErrMalformed)
	}
}

// TestManyGuests judges an entry in a group that had very many invitations: it
// costs as little as in any other.
func TestManyGuests(t *testing.T) {
	g := Create(someone()).After()
	c := g.log.c
	for range 200_000 {
		c.guests = append(c.guests, &member{spans: []span{{from: 1}}})
	}
	rotate := made(t)(g.Rotate())
	e, err := parseEntry(rotate.Entries[0])
	require.NoError(t, err)
	start := time.Now()
	for range 1000 {
		_, err := g.log.judge(e)
		require.NoError(t, err)
	}
	assert.Less(t, time.Since(start), time.Second)
}

// TestTwiceAnywhere repeats entries where batches of signatures end.
func TestTwiceAnywhere(t *testing.T) {
	g := Create(someone()).After()
	for range batch + 1 {
		g = made(t)(g.Rotate()).After()
	}
	all := g.log.Entries(0)
	for _, at := range []int{1, batch - 1, batch, batch + 1} {
		for _, list := range [][][]byte{append(all[:at:at], all[at-1:]...), append(all[:at:at], all[:at]...)} {
			_, err := ReadLog(list)
			assert.ErrorIs(t, err, keys.ErrRollback, at)
		}
	}
	half, err := ReadLog(all[:batch])
	require.NoError(t, err)
	whole, err := half.extend(all, 0)
	require.NoError(t, err)
	assert.Equal(t, g.log.Head(), whole.Head())
}

// TestChangeIsOnesOwn writes into a change, which the group behind it must not
// notice.
func TestChangeIsOnesOwn(t *testing.T) {
	jane := someone()
	c := Create(jane)
	g := c.After()
	clear(c.Entries[0])
	clear(c.Bookmark)
	_, err := Restore(jane, g.Marshal())
	assert.NoError(t, err)
}
