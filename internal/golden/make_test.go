package golden_test

import (
	"crypto/rand"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/internal/vectors"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

var makeVersion = flag.String("make", "", "make the world of a new version of the formats, such as v2")

// TestMake makes a world, and never one that exists.
func TestMake(t *testing.T) {
	if *makeVersion == "" {
		t.Skip("makes a world with -make only")
	}
	_, err := os.Stat(path(*makeVersion))
	require.ErrorIs(t, err, os.ErrNotExist, "a world is made once")
	b := &builder{t: t, world: world{
		Source: "sealkin internal/golden, -make " + *makeVersion + "; made once",
		People: map[string]*person{}, Links: map[keys.AccountID][]vectors.Hex{},
	}, accounts: map[string]*keys.Account{}}
	b.build()
	out, err := json.MarshalIndent(b.world, "", " ")
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(path(*makeVersion)), 0o755))
	require.NoError(t, os.WriteFile(path(*makeVersion), append(out, '\n'), 0o644))
}

type builder struct {
	world
	t        *testing.T
	accounts map[string]*keys.Account
	log      *share.Log
}

func must[V any](t *testing.T) func(V, error) V {
	return func(v V, err error) V {
		t.Helper()
		require.NoError(t, err)
		return v
	}
}

// signUp makes a person with a passphrase.
func (b *builder) signUp(name, passphrase string, cost keys.Cost, second *keys.Code) {
	c, err := keys.NewPassphrase(keys.Login{Service: service, Name: name}, passphrase, cost, second)
	require.NoError(b.t, err)
	p := &person{Passphrase: passphrase}
	if second != nil {
		p.Second = second.Show()
	}
	b.People[name] = p
	b.save(name, keys.NewAccount(c))
	p.ID = b.accounts[name].ID()
}

// save commits a revision of an account.
func (b *builder) save(name string, a *keys.Account) {
	b.accounts[name] = a
	b.People[name].Records = append(b.People[name].Records, a.Locked().Bytes())
}

// commit stores a change, and returns the group as whoever made it sees it.
func (b *builder) commit(c *share.Change, err error) *share.Group {
	require.NoError(b.t, err)
	if b.log == nil {
		b.log, err = share.ReadLog(c.Entries)
	} else {
		b.log, err = b.log.Accept(c)
	}
	require.NoError(b.t, err)
	for id, link := range c.Links {
		b.Links[id] = append(b.Links[id], link)
	}
	b.Group = c.Group
	return c.After()
}

func (b *builder) newestLink(id keys.AccountID) []byte { l := b.Links[id]; return l[len(l)-1] }

// seal adds a document.
func (b *builder) seal(r keys.Ring, author, id, text, want string, ref envelope.Ref) envelope.Ref {
	if ref.ID == "" {
		ref = envelope.Ref{Type: "note", ID: id}
	}
	sealed, next, err := envelope.Seal(r, ref, []byte(text))
	require.NoError(b.t, err)
	head, err := envelope.Inspect(sealed)
	require.NoError(b.t, err)
	_, own := r.(*keys.Account)
	b.Documents = append(b.Documents, document{
		Type: ref.Type, ID: ref.ID, Own: own, Author: author, Generation: head.Generation, Seen: ref.Seen, Plaintext: text, Sealed: sealed, Want: want,
	})
	return next
}

// build is the history of the world.
func (b *builder) build() {
	cheap, fips := keys.Cost{Memory: 19 << 10, Passes: 2, Lanes: 1}, keys.Cost{Iterations: 600_000}
	b.signUp("jane", "correct horse battery staple", cheap, nil)
	b.signUp("bob", "Pässwort für Böb", fips, keys.NewCode())
	b.signUp("carol", "carol's passphrase", cheap, nil)
	b.signUp("dave", "dave's passphrase", cheap, nil)
	b.waysIn()

	team := b.commit(share.Create(b.accounts["jane"]), nil)
	team = b.commit(team.Add(share.Writer, b.accounts["bob"].Identity(), b.accounts["dave"].Identity()))
	first := b.seal(team, "jane", "plan", "first plan", "", envelope.Ref{})
	daves := b.join("dave")
	b.seal(daves, "dave", "by somebody who left", "dave's words", "former", envelope.Ref{})
	b.seal(daves, "dave", "empty", "", "former", envelope.Ref{})
	team = b.commit(team.Remove(b.accounts["dave"].ID()))
	b.seal(team, "jane", "plan", "second plan", "former", first) // before she rotates
	b.seal(b.accounts["jane"], "jane", "diary", "of the old keys", "former", envelope.Ref{})

	rotated, err := b.accounts["jane"].Rotate()
	require.NoError(b.t, err)
	b.save("jane", rotated)
	team, err = share.Resume(rotated, team.Bookmark(), b.log.Entries(0), b.newestLink(rotated.ID()))
	require.NoError(b.t, err)
	team = b.commit(team.Rekey())
	b.seal(rotated, "jane", "diary of the new keys", "dear diary", "", envelope.Ref{})

	change, code, err := team.Invite(share.Writer)
	team = b.commit(change, err)
	b.Code = code.Show()
	links := map[keys.AccountID][]byte{}
	for id, l := range b.Links {
		links[id] = l[len(l)-1]
	}
	b.commit(share.Redeem(b.accounts["carol"], b.Group, code, b.log.Entries(0), links))
	team, err = team.Apply(b.log.Entries(team.Log().Len()), nil)
	require.NoError(b.t, err)
	team = b.commit(team.Rotate())
	team = b.commit(team.SetRole(share.Admin, b.accounts["bob"].ID()))
	b.seal(b.join("carol"), "carol", "from a newcomer", strings.Repeat("long ", 2000), "", envelope.Ref{})
	b.seal(team, "jane", "last", "the newest generation", "", envelope.Ref{})

	jane := b.People["jane"]
	jane.Bookmark, jane.Snapshot = team.Bookmark(), team.Marshal()
	b.Entries = hexes(b.log.Entries(0))
	// The first plan is by a key that Jane no longer has.
	b.Documents[0].Want = "former"
}

// waysIn gives Jane every kind of slot.
func (b *builder) waysIn() {
	t, jane := b.t, b.People["jane"]
	step := func(a *keys.Account, err error) { b.save("jane", must[*keys.Account](t)(a, err)) }
	code := keys.NewCode()
	jane.Recovery = code.Show()
	jane.Device = make([]byte, 32)
	rand.Read(jane.Device)
	step(b.accounts["jane"].Add("paper", code.Credential()))
	step(b.accounts["jane"].Add("phone", keys.Device([32]byte(jane.Device))))
	step(b.accounts["jane"].AddTrustee("Bob", b.accounts["bob"].Identity()))
	jane.Old, jane.Passphrase = jane.Passphrase, "another passphrase, after all"
	c, err := keys.NewPassphrase(keys.Login{Service: service, Name: "jane"}, jane.Passphrase, keys.Cost{Memory: 19 << 10, Passes: 3, Lanes: 2}, nil)
	require.NoError(t, err)
	step(b.accounts["jane"].SetPassphrase(c))
}

func (b *builder) join(name string) *share.Group {
	a := b.accounts[name]
	g, err := share.Join(a, b.Group, b.accounts["jane"].ID(), b.log.Entries(0), b.newestLink(a.ID()))
	require.NoError(b.t, err)
	return g
}
