package share_test

import (
	"crypto/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/hostile"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// newAccount makes an account, quickly.
func newAccount() *keys.Account {
	var device [32]byte
	rand.Read(device[:])
	return keys.NewAccount(keys.Device(device))
}

// private returns what signs and opens for an account.
func private(a *keys.Account) ring.Private { return ring.PrivateOf(a.Member()) }

// random returns n bytes.
func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// pick returns a random number below n.
func pick(n int) int {
	b := random(4)
	return int(uint32(b[0])<<16|uint32(b[1])<<8|uint32(b[2])) % n
}

// A world is a group on a hostile server.
type world struct {
	t  testing.TB
	s  *hostile.Server
	id keys.GroupID
}

// found creates a group of owner.
func found(t testing.TB, owner *keys.Account) (*world, *share.Group) {
	t.Helper()
	c := share.Create(owner)
	w := &world{t, hostile.New(), c.Group}
	return w, w.commit(c, nil, owner)
}

// commit stores a change honestly, and returns the group as it is then.
func (w *world) commit(c *share.Change, err error, me *keys.Account) *share.Group {
	w.t.Helper()
	require.NoError(w.t, err)
	require.NoError(w.t, w.s.Commit(me.ID(), c))
	return c.After()
}

// join enters for the first time.
func (w *world) join(me *keys.Account, from *keys.Account) *share.Group {
	w.t.Helper()
	g, err := share.Join(me, w.id, from.ID(), w.s.Log(w.id), w.s.Link(w.id, me.ID()))
	require.NoError(w.t, err)
	return g
}

// apply takes over what the server shows.
func (w *world) apply(g *share.Group, me *keys.Account) (*share.Group, error) {
	return g.Apply(w.s.Log(w.id), w.s.Link(w.id, me.ID()))
}

// follow takes over what an honest server shows.
func (w *world) follow(g *share.Group, me *keys.Account) *share.Group {
	w.t.Helper()
	g, err := w.apply(g, me)
	require.NoError(w.t, err)
	return g
}

// show makes the server show entries behind the stored ones.
func (w *world) show(entries ...[]byte) {
	w.s.Twist(w.id, func(e [][]byte) [][]byte { return append(e, entries...) })
}

// honest ends that.
func (w *world) honest() { w.s.Twist(w.id, nil) }

func note(id string) envelope.Ref { return envelope.Ref{Type: "note", ID: id} }

// seal stores a document.
func (w *world) seal(g *share.Group, id, text string) []byte {
	w.t.Helper()
	sealed, _, err := envelope.Seal(g, note(id), []byte(text))
	require.NoError(w.t, err)
	w.s.Put(hostile.Documents, id, sealed)
	return sealed
}

// open opens a document that the server shows.
func (w *world) open(g *share.Group, id string) (string, error) {
	d, err := envelope.Open(g, note(id), w.s.Get(hostile.Documents, id))
	if err != nil {
		return "", err
	}
	return string(d.Plaintext), nil
}

// opens requires that a document opens.
func (w *world) opens(g *share.Group, id, text string) {
	w.t.Helper()
	got, err := w.open(g, id)
	require.NoError(w.t, err)
	require.Equal(w.t, text, got)
}

// claim is what a document says that g sealed now.
func claim(t testing.TB, g *share.Group) ring.Claim {
	t.Helper()
	s, err := ring.Of(g.Ring()).Sealing()
	require.NoError(t, err)
	return ring.Claim{Author: s.Author, Epoch: s.Epoch, Generation: s.Generation, Head: s.Head}
}

// standing judges a claim.
func standing(t testing.TB, g *share.Group, c ring.Claim) ring.Standing {
	t.Helper()
	pub, s, err := ring.Of(g.Ring()).Author(c)
	require.NoError(t, err)
	require.Equal(t, s == ring.Never, pub == nil)
	return s
}

// ptr returns a pointer to a copy of v.
func ptr[T any](v T) *T { return &v }
