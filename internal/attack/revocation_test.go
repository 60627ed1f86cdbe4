package attack_test

import (
	"encoding/base32"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/hostile"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/wire"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// a15: a record of one kind is nested in another, or shown for it.
func a15(t *testing.T) {
	owner, bob, evil := person(), person(), person()
	w, g := foundWith(t, owner, share.Writer, bob)
	stored := map[byte][]byte{
		'E': w.s.Log(w.id)[1], 'L': w.s.Link(w.id, owner.ID()), 'B': g.Bookmark(), 'S': g.Marshal(),
		'D': w.store(g, "d", "text"), 'I': owner.Identity().Bytes(), 'A': owner.Locked().Bytes(),
	}
	nested := map[byte][]byte{}
	for kind, record := range stored {
		nested[kind] = w.store(g, "nested", string(record))
	}
	read := map[byte]func(b []byte) error{
		'E': func(b []byte) error { _, err := g.Apply([][]byte{b}, nil); return err },
		'L': func(b []byte) error { _, err := g.Apply(nil, b); return err },
		'B': func(b []byte) error { _, err := share.Resume(owner, b, w.s.Log(w.id), nil); return err },
		'S': func(b []byte) error { _, err := share.Restore(owner, b); return err },
		'D': func(b []byte) error { _, err := envelope.Open(g, note("d"), b); return err },
		'I': func(b []byte) error { _, err := keys.ParseIdentity(b, owner.ID(), nil); return err },
		'A': func(b []byte) error { _, err := keys.ParseLockedAccount(b, nil); return err },
	}
	for as, read := range read {
		require.NoError(t, read(stored[as]), "the reader itself")
		for kind, record := range stored {
			require.Error(t, read(nested[kind]), "%c in a document, as %c", kind, as)
			if kind != as {
				require.Error(t, read(record), "%c as %c", kind, as)
				require.Error(t, read(append(wire.AppendHeading(nil, wire.Kind(as)), record[4:]...)), "%c renamed to %c", kind, as)
			}
		}
	}
	// A recovery key offered to a new device: nothing is sealed to it.
	quiet(t, w.s, func() {
		_, err := owner.Update(must(evil.AddTrustee("Recovery", owner.Identity())).Locked().Bytes())
		require.ErrorIs(t, err, keys.ErrMismatch)
	})
}

// a16: a member speaks as another one, with the server's help.
func a16(t *testing.T) {
	alice, mallory := person(), person()
	w, g := foundWith(t, alice, share.Writer, mallory)
	m := w.join(mallory, alice)
	forged, _, err := envelope.Seal(lie(m, func(s *ring.Sealing) { s.Author = alice.ID() }), note("n"), []byte("I, Alice"))
	require.NoError(t, err)
	refuses(t, envelope.ErrAuthor, g, note("n"), forged)
	genuine := w.store(g, "n", "really Alice")
	d, err := envelope.Open(m, note("n"), genuine)
	require.NoError(t, err)
	require.Equal(t, alice.ID(), d.Author)
	for at := range genuine { // swap in parts of hers, on other content
		if at%16 == 0 && at+16 <= len(forged) {
			mixed := append(append(append([]byte(nil), forged[:at]...), genuine[at:at+16]...), forged[at+16:]...)
			_, err := envelope.Open(g, note("n"), mixed)
			require.Error(t, err, at)
		}
	}
	refuses(t, keys.ErrOpen, m, note("other"), genuine, "replayed in another place")
	aliceID, malloryID := alice.ID(), mallory.ID()
	promote := append(wire.AppendUint32([]byte{byte(share.Owner)}, 1), malloryID[:]...)
	_, err = g.Apply([][]byte{forgery{signer: mallory, as: &aliceID, kind: kindSetRole, change: promote}.after(g.Log())}, nil)
	require.ErrorIs(t, err, keys.ErrMalformed)
}

// a18: a removed member, with all old keys and the whole server.
func a18(t *testing.T) {
	owner, bob := person(), person()
	w, g := foundWith(t, owner, share.Admin, bob)
	bobs := w.join(bob, owner)
	read := w.store(g, "old", "what Bob has read")
	g = w.remove(g, owner, bob.ID())
	require.EqualValues(t, 2, g.Log().Generation(), "there is no removal without a new key")
	w.store(g, "new", "what Bob must not read")
	resealed, _, err := envelope.Reseal(g, note("old"), read)
	require.NoError(t, err)
	w.s.Put(hostile.Documents, "old", resealed)

	opens(t, bobs, note("old"), read, "what Bob has read")
	bobs = must(bobs.Apply(w.s.Log(w.id), nil))
	for _, sent := range w.s.Sent() {
		if len(sent) > 0 {
			_, err := bobs.Apply(nil, sent)
			require.Error(t, err)
		}
	}
	for _, id := range []string{"old", "new"} {
		refuses(t, keys.ErrBehind, bobs, note(id), w.s.Get(hostile.Documents, id))
	}
	w.noGrant(2, bob)
	ownerID := owner.ID()
	for _, c := range []forgery{
		{kind: kindAdd, change: adding(share.Reader, bob)}, {kind: kindRotate, rotation: rotating(3, random(32))},
		{kind: kindRemove, change: append(wire.AppendUint32(nil, 1), ownerID[:]...)},
	} {
		c.signer = bob
		_, err := g.Apply([][]byte{c.after(g.Log())}, nil)
		require.ErrorIs(t, err, share.ErrForbidden)
	}
}

// a19: a passphrase leaked and was changed; the server kept the old record.
func a19(t *testing.T) {
	old := janes()
	me := keys.NewAccount(old)
	w, g := found(t, me)
	oldDoc := w.store(me, "diary", "before")
	fresh := must(keys.NewPassphrase(jane, "another passphrase, after all", cheap, nil))

	changed := must(me.SetPassphrase(fresh)) // the first operation: the keys stay, as its name says
	require.Equal(t, me.Identity().Bytes(), changed.Identity().Bytes())
	_, err := changed.Locked().Unlock(old)
	require.ErrorIs(t, err, keys.ErrParams)

	rotated := must(me.SetPassphraseAndRotate(fresh)) // the second
	thief := must(unlock(me.Locked().Bytes(), nil, old))
	c, err := must(share.Resume(rotated, g.Bookmark(), w.s.Log(w.id), nil)).Rekey()
	w.commit(c, err, rotated)
	diary := w.store(rotated, "diary", "after")
	news := w.store(must(share.Resume(rotated, g.Bookmark(), w.s.Log(w.id), w.s.Link(w.id, me.ID()))), "new", "of the group")

	opens(t, thief, note("diary"), oldDoc, "before")
	refuses(t, keys.ErrBehind, thief, note("diary"), diary)
	stolen := must(share.Resume(thief, g.Bookmark(), w.s.Log(w.id)[:1], nil))
	refuses(t, keys.ErrBehind, stolen, note("new"), news)
	w.noLink(2, thief)
	_, err = rotated.Locked().Unlock(old)
	require.ErrorIs(t, err, keys.ErrParams)
	_, err = thief.Update(rotated.Locked().Bytes())
	require.ErrorIs(t, err, keys.ErrBehind)
	_, err = keys.ParseLockedAccount(me.Locked().Bytes(), rotated.Locked())
	require.ErrorIs(t, err, keys.ErrRollback)
}

// a20: codes and passphrases, whatever is done with them and however they are
// printed, never reach the server.
func a20(t *testing.T) {
	owner, bob := keys.NewAccount(janes()), person()
	w, g := found(t, owner)
	c, code, err := g.Invite(share.Writer)
	g = w.commit(c, err, owner)
	recovery := keys.NewCode()
	owner = must(owner.Add("paper", recovery.Credential()))
	w.s.Put(hostile.Accounts, "jane", owner.Locked().Bytes())
	_, err = share.Redeem(bob, w.id, keys.NewCode(), w.s.Log(w.id), w.s.Links(w.id))
	require.ErrorIs(t, err, keys.ErrMismatch, "a wrong code")
	_, wrong := owner.Locked().Unlock(keys.NewCode().Credential())
	require.ErrorIs(t, wrong, keys.ErrOpen)
	for _, v := range []any{err, wrong, c, g, g.Log(), code, recovery, janes(), owner, owner.Locked(), recovery.Credential()} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q"} {
			w.s.Observe(fmt.Appendf(nil, verb, v))
		}
	}
	c, err = share.Redeem(bob, w.id, code, w.s.Log(w.id), w.s.Links(w.id))
	w.commit(c, err, bob)
	w.s.NoLeak(t, "the passphrase", []byte(passphrase))
	for _, code := range []*keys.Code{code, recovery} {
		w.s.NoLeak(t, "a code", []byte(code.Show()))
		w.s.NoLeak(t, "a code", []byte(strings.ReplaceAll(code.Show(), "-", "")))
		w.s.NoLeak(t, "the bytes of a code", bytesOf(t, code))
		w.s.NoLeak(t, "what a code logs in with", reveal(ring.HalfOf(code.Credential().Login()).X))
	}
}

// bytesOf reads the text of a code (spec, Section 4.5).
func bytesOf(t *testing.T, code *keys.Code) []byte {
	letters := base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)
	text := ""
	for group := range strings.SplitSeq(strings.ToLower(code.Show()), "-") {
		text += group[:4]
	}
	b, err := letters.DecodeString(text)
	require.NoError(t, err)
	require.Len(t, b, 20)
	return b
}
