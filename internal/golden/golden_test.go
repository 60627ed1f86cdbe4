package golden_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
	"github.com/sealkin/sealkin/srp"
)

// TestWorlds opens every world that there is, in every way.
func TestWorlds(t *testing.T) {
	worlds, err := os.ReadDir(filepath.Join("..", "..", "testdata", "golden"))
	require.NoError(t, err)
	require.NotEmpty(t, worlds)
	for _, v := range worlds {
		t.Run(v.Name(), func(t *testing.T) {
			w := load(t, v.Name())
			t.Run("ways in", w.waysIn)
			t.Run("history", w.history)
			t.Run("login", w.logins)
			t.Run("group", w.group)
			t.Run("documents", w.documents)
		})
	}
}

// unlock opens the newest record of somebody with their passphrase.
func (w *world) unlock(t *testing.T, name string) *keys.Account {
	p := w.People[name]
	locked, err := keys.ParseLockedAccount(p.newest(), nil)
	require.NoError(t, err)
	a, err := locked.Unlock(p.credential(t, name, locked.Params(), p.Passphrase))
	require.NoError(t, err)
	require.Equal(t, p.ID, a.ID())
	return a
}

func (p *person) credential(t *testing.T, name string, params *keys.Params, passphrase string) *keys.Credential {
	var second *keys.Code
	if p.Second != "" {
		var err error
		second, err = keys.ParseCode(p.Second)
		require.NoError(t, err)
	}
	c, err := params.Stretch(keys.Login{Service: service, Name: name}, passphrase, second)
	require.NoError(t, err)
	return c
}

func (w *world) waysIn(t *testing.T) {
	jane := w.People["jane"]
	locked, err := keys.ParseLockedAccount(jane.newest(), nil)
	require.NoError(t, err)
	require.Len(t, locked.Slots(), 4)
	code, err := keys.ParseCode(jane.Recovery)
	require.NoError(t, err)
	for _, c := range []*keys.Credential{code.Credential(), keys.Device([32]byte(jane.Device)), jane.credential(t, "jane", locked.Params(), jane.Passphrase)} {
		a, err := locked.Unlock(c)
		require.NoError(t, err)
		assert.Equal(t, jane.ID, a.ID())
	}
	a, err := locked.UnlockAsTrustee(w.unlock(t, "bob"), jane.ID)
	require.NoError(t, err)
	assert.Equal(t, jane.ID, a.ID())
	_, err = locked.Unlock(jane.credential(t, "jane", locked.Params(), jane.Old))
	assert.ErrorIs(t, err, keys.ErrOpen)
}

// history follows the revisions of each account, as a server does, and opens the
// first record with the first passphrase.
func (w *world) history(t *testing.T) {
	for name, p := range w.People {
		l, err := keys.ParseLockedAccount(p.Records[0], nil)
		require.NoError(t, err)
		first := l
		for _, record := range p.Records[1:] {
			l, err = l.Next(record)
			require.NoError(t, err, name)
		}
		_, err = keys.ParseLockedAccount(p.Records[0], l)
		if len(p.Records) > 1 {
			assert.ErrorIs(t, err, keys.ErrRollback)
		}
		if p.Old != "" {
			_, err = first.Unlock(p.credential(t, name, first.Params(), p.Old))
			require.NoError(t, err)
		}
	}
	l, err := keys.ParseLockedAccount(w.People["jane"].newest(), nil)
	require.NoError(t, err)
	assert.EqualValues(t, 1, l.Identity().Epoch())
}

func (w *world) logins(t *testing.T) {
	server, err := srp.NewServer(service, [32]byte{1})
	require.NoError(t, err)
	for name, p := range w.People {
		locked, err := keys.ParseLockedAccount(p.newest(), nil)
		require.NoError(t, err)
		client, hello, err := srp.NewClient(keys.Login{Service: service, Name: name}, nil)
		require.NoError(t, err)
		challenge, state, err := server.Challenge(hello, func(string) (*keys.LockedAccount, error) { return locked, nil })
		require.NoError(t, err)
		params, err := client.Params(challenge, nil)
		require.NoError(t, err)
		pending, proof, err := client.Respond(challenge, p.credential(t, name, params, p.Passphrase))
		require.NoError(t, err)
		session, reply, err := server.Verify(state, proof)
		require.NoError(t, err)
		assert.Equal(t, p.ID, session.Account())
		_, err = pending.Finish(reply)
		require.NoError(t, err)
	}
}

func (w *world) group(t *testing.T) {
	log, err := share.ReadLog(raw(w.Entries))
	require.NoError(t, err)
	assert.Equal(t, w.Group, log.ID())
	roles := map[keys.AccountID]share.Role{}
	for id, role := range log.Members() {
		roles[id] = role
	}
	assert.Equal(t, map[keys.AccountID]share.Role{
		w.People["jane"].ID: share.Owner, w.People["bob"].ID: share.Admin, w.People["carol"].ID: share.Writer,
	}, roles)
	jane := w.unlock(t, "jane")
	_, err = share.Restore(jane, w.People["jane"].Snapshot)
	require.NoError(t, err)
	_, err = share.Resume(jane, w.People["jane"].Bookmark, raw(w.Entries), nil)
	require.NoError(t, err)
	_, err = keys.ParseCode(w.Code)
	require.NoError(t, err)
}

// join enters the group with the newest link.
func (w *world) join(t *testing.T, name string) *share.Group {
	me := w.unlock(t, name)
	links := w.Links[me.ID()]
	g, err := share.Join(me, w.Group, w.People["jane"].ID, raw(w.Entries), links[len(links)-1])
	require.NoError(t, err)
	return g
}

func (w *world) documents(t *testing.T) {
	kinds := map[string]error{"former": envelope.ErrFormer}
	bobs, jane := w.join(t, "bob"), w.unlock(t, "jane")
	for _, d := range w.Documents {
		var r keys.Ring = bobs
		if d.Own {
			r = jane
		}
		ref := envelope.Ref{Type: d.Type, ID: d.ID, Seen: d.Seen}
		opened, err := envelope.Open(r, ref, d.Sealed)
		if d.Want != "" {
			want, known := kinds[d.Want]
			require.True(t, known, d.Want)
			require.ErrorIs(t, err, want, d.ID)
			head, err := envelope.Inspect(d.Sealed)
			require.NoError(t, err)
			ref.Seen = head.Mark // whatever the content was
			_, _, err = envelope.Reseal(r, ref, d.Sealed)
			require.ErrorIs(t, err, want, d.ID)
			ref.Seen = envelope.Mark{} // never seen by anybody
			again, next, err := envelope.Reseal(r, ref, d.Sealed)
			require.NoError(t, err, d.ID)
			opened, err = envelope.Open(r, next, again)
			require.NoError(t, err)
		} else {
			require.NoError(t, err, d.ID)
			assert.Equal(t, w.People[d.Author].ID, opened.Author)
			assert.Equal(t, d.Generation, opened.Generation)
		}
		assert.Equal(t, d.Plaintext, string(opened.Plaintext))
	}
}
