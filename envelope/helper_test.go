package envelope_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/keys"
)

// newAccount makes an account that opens by a device, which costs nothing.
func newAccount(t testing.TB) *keys.Account {
	t.Helper()
	var secret [32]byte
	rand.Read(secret[:])
	return keys.NewAccount(keys.Device(secret))
}

// A testGroup stands for a group of package share: keys by generation, a chain
// of heads, and who could write from which head to which.
type testGroup struct {
	id      ring.ID
	keys    []*box.Key
	heads   [][32]byte
	members map[ring.ID]*testMember
}

type testMember struct {
	id          ring.ID
	sign        ed25519.PrivateKey
	from, until uint64 // heads at which it may write: from ≤ head < until
}

const forever = 1 << 62

func newTestGroup(fill byte) *testGroup {
	g := &testGroup{id: ring.ID(bytes.Repeat([]byte{fill}, 25)), members: map[ring.ID]*testMember{}}
	g.rotate()
	g.rotate()
	return g
}

// rotate makes a new generation, and a new head for it.
func (g *testGroup) rotate() {
	material := sha256.Sum256(append(g.id[:], byte(len(g.keys))))
	g.keys = append(g.keys, box.NewKey(secret.New(material[:])))
	g.advance()
}

func (g *testGroup) advance() {
	g.heads = append(g.heads, sha256.Sum256(binary.BigEndian.AppendUint64(g.id[:], uint64(len(g.heads)))))
}

// join makes a writer, from the newest head on.
func (g *testGroup) join(fill byte) *testMember {
	m := &testMember{
		id:    ring.ID(bytes.Repeat([]byte{fill}, 25)),
		sign:  ed25519.NewKeyFromSeed(bytes.Repeat([]byte{fill}, 32)),
		from:  g.newest(),
		until: forever,
	}
	g.members[m.id] = m
	return m
}

// remove takes the right to write away, in a new generation.
func (g *testGroup) remove(m *testMember) {
	g.rotate()
	m.until = g.newest()
}

func (g *testGroup) newest() uint64 { return uint64(len(g.heads) - 1) }

// as returns the group as m sees it now; it does not change when g does.
func (g *testGroup) as(m *testMember) testRing {
	seen := &testGroup{id: g.id, keys: g.keys[:len(g.keys):len(g.keys)], heads: g.heads[:len(g.heads):len(g.heads)], members: map[ring.ID]*testMember{}}
	for id, member := range g.members {
		copied := *member
		seen.members[id] = &copied
	}
	return testRing{&testView{seen, m, nil}}
}

type testRing struct{ view *testView }

func (r testRing) Ring() ring.Ring { return ring.New(r.view) }

// A testView is a group as one member sees it, who may lie about all of it.
type testView struct {
	*testGroup
	me  *testMember
	lie func(*ring.Sealing)
}

func (v *testView) ID() ring.ID { return v.id }

func (v *testView) Sealing() (*ring.Sealing, error) {
	s := &ring.Sealing{
		Generation: uint32(len(v.keys) - 1), Key: v.keys[len(v.keys)-1],
		Author: v.me.id, Sign: secret.Hide(v.me.sign),
		Head: ring.Head{Sequence: v.newest(), Hash: v.heads[v.newest()]},
	}
	if v.lie != nil {
		v.lie(s)
	}
	return s, nil
}

func (v *testView) DocumentKey(generation uint32) (*box.Key, error) {
	if int(generation) >= len(v.keys) {
		return nil, keys.ErrBehind
	}
	return v.keys[generation], nil
}

func (v *testView) Author(c ring.Claim) (ed25519.PublicKey, ring.Standing, error) {
	if c.Head.Sequence > v.newest() {
		return nil, ring.Never, keys.ErrBehind
	}
	if c.Head.Hash != v.heads[c.Head.Sequence] {
		return nil, ring.Never, keys.ErrFork
	}
	m := v.members[c.Author]
	if m == nil || c.Epoch != 0 || c.Head.Sequence < m.from || c.Head.Sequence >= m.until {
		return nil, ring.Never, nil
	}
	if m.until <= v.newest() {
		return m.sign.Public().(ed25519.PublicKey), ring.Former, nil
	}
	return m.sign.Public().(ed25519.PublicKey), ring.Current, nil
}

// lying returns the view with another Sealing.
func (r testRing) lying(lie func(*ring.Sealing)) testRing {
	v := *r.view
	v.lie = lie
	return testRing{&v}
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}
