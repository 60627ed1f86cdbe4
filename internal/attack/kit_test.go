package attack_test

import (
	"bytes"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/hostile"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

const (
	service    = "notes.example"
	passphrase = "correct horse battery staple"
)

// cheap is the least cost that the library computes.
var cheap = keys.Cost{Memory: 19 << 10, Passes: 2, Lanes: 1}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// flip returns b with one bit of byte i changed.
func flip(b []byte, i int) []byte {
	b = bytes.Clone(b)
	b[i] ^= 1 << (i % 8)
	return b
}

// must is for what can't fail.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// person makes an account, quickly.
func person() *keys.Account { return keys.NewAccount(device()) }

func device() *keys.Credential { return keys.Device([32]byte(random(32))) }

// jane is the one with a passphrase, which takes a slow hash, once.
var jane = keys.Login{Service: service, Name: "jane"}

var janes = sync.OnceValue(func() *keys.Credential { return must(keys.NewPassphrase(jane, passphrase, cheap, nil)) })

// private returns what signs and opens for an account.
func private(a *keys.Account) ring.Private { return ring.PrivateOf(a.Member()) }

// A world is a group on a hostile server.
type world struct {
	t  *testing.T
	s  *hostile.Server
	id keys.GroupID
}

// found creates a group of owner.
func found(t *testing.T, owner *keys.Account) (*world, *share.Group) {
	t.Helper()
	return foundAt(t, hostile.New(), owner)
}

func foundAt(t *testing.T, s *hostile.Server, owner *keys.Account) (*world, *share.Group) {
	t.Helper()
	c := share.Create(owner)
	w := &world{t, s, c.Group}
	return w, w.commit(c, nil, owner)
}

// foundWith creates a group of owner, with people of a role.
func foundWith(t *testing.T, owner *keys.Account, role share.Role, people ...*keys.Account) (*world, *share.Group) {
	t.Helper()
	w, g := found(t, owner)
	for _, p := range people {
		c, err := g.Add(role, p.Identity())
		g = w.commit(c, err, owner)
	}
	return w, g
}

// commit stores a change honestly, and returns the group as it is then.
func (w *world) commit(c *share.Change, err error, me *keys.Account) *share.Group {
	w.t.Helper()
	require.NoError(w.t, err)
	require.NoError(w.t, w.s.Commit(me.ID(), c))
	return c.After()
}

func (w *world) rotate(g *share.Group, me *keys.Account) *share.Group {
	w.t.Helper()
	c, err := g.Rotate()
	return w.commit(c, err, me)
}

func (w *world) remove(g *share.Group, me *keys.Account, who keys.AccountID) *share.Group {
	w.t.Helper()
	c, err := g.Remove(who)
	return w.commit(c, err, me)
}

// join enters for the first time.
func (w *world) join(me, from *keys.Account) *share.Group {
	w.t.Helper()
	g, err := share.Join(me, w.id, from.ID(), w.s.Log(w.id), w.s.Link(w.id, me.ID()))
	require.NoError(w.t, err)
	return g
}

// apply takes over what the server shows.
func (w *world) apply(g *share.Group, me *keys.Account) (*share.Group, error) {
	return g.Apply(w.s.Log(w.id), w.s.Link(w.id, me.ID()))
}

// show makes the server show entries behind the stored ones; none ends it.
func (w *world) show(entries ...[]byte) {
	w.s.Twist(w.id, func(e [][]byte) [][]byte { return append(e, entries...) })
}

func note(id string) envelope.Ref { return envelope.Ref{Type: "note", ID: id} }

// store seals a document and stores it.
func (w *world) store(r keys.Ring, id, text string) []byte {
	w.t.Helper()
	sealed, _, err := envelope.Seal(r, note(id), []byte(text))
	require.NoError(w.t, err)
	w.s.Put(hostile.Documents, id, sealed)
	return sealed
}

// opens requires that a document opens.
func opens(t *testing.T, r keys.Ring, ref envelope.Ref, sealed []byte, text string) {
	t.Helper()
	d, err := envelope.Open(r, ref, sealed)
	require.NoError(t, err)
	require.Equal(t, text, string(d.Plaintext))
}

// refuses requires that a document does not open, and gives nothing.
func refuses(t *testing.T, want error, r keys.Ring, ref envelope.Ref, sealed []byte, what ...any) {
	t.Helper()
	d, err := envelope.Open(r, ref, sealed)
	require.ErrorIs(t, err, want, what...)
	require.Nil(t, d, what...)
}

// quiet requires that f makes the client send nothing.
func quiet(t *testing.T, s *hostile.Server, f func()) {
	t.Helper()
	sent := len(s.Sent())
	f()
	require.Len(t, s.Sent(), sent, "something was sent")
}

// same collects the texts of errors, and requires one.
type same map[string]bool

func (s same) add(t *testing.T, err error) {
	t.Helper()
	require.Error(t, err)
	s[err.Error()] = true
}

// A lying ring seals with something else than it should.
type lying struct {
	ring.View
	lie func(*ring.Sealing)
}

func lie(r keys.Ring, lie func(*ring.Sealing)) lying { return lying{ring.Of(r.Ring()), lie} }

func (l lying) Ring() ring.Ring { return ring.New(l) }

func (l lying) Sealing() (*ring.Sealing, error) {
	s, err := l.View.Sealing()
	if err != nil {
		return nil, err
	}
	told := *s
	l.lie(&told)
	return &told, nil
}

func secretKey(b []byte) secret.Key { return secret.New(b) }
func reveal(k secret.Key) []byte    { return secret.Reveal(k) }

// sealing is what a member seals with now.
func sealing(t *testing.T, r keys.Ring) *ring.Sealing {
	t.Helper()
	return must(ring.Of(r.Ring()).Sealing())
}

// source calls f with each file of the code of the library. Package insomnia
// keeps to another's formats, and hostile and testdata are for tests.
func source(t *testing.T, f func(path, text string)) {
	t.Helper()
	files := 0
	for _, pattern := range []string{"keys", "srp", "envelope", "share", "internal/box", "internal/label", "internal/modexp", "internal/ring", "internal/secret", "internal/wire"} {
		for _, path := range must(filepath.Glob("../../" + pattern + "/*.go")) {
			if !strings.HasSuffix(path, "_test.go") {
				f(path, string(must(os.ReadFile(path))))
				files++
			}
		}
	}
	require.Greater(t, files, 80)
}
