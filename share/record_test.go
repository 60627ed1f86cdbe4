package share_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// prefixed returns <x>.
func prefixed(x string) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(x))), x...)
}

// TestDerivations computes what Section 9 says with nothing of ours.
func TestDerivations(t *testing.T) {
	jane := newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Rotate()), nil, jane)
	body := func(n int) []byte { e := w.s.Log(w.id)[n]; return e[:len(e)-64] }

	id := sha256.Sum256(append(prefixed("sealkin/v1/group/id"), body(0)...))
	require.Equal(t, w.id[:], id[:25])
	hash0 := sha256.Sum256(append(prefixed("sealkin/v1/group/entry-hash"), body(0)...))
	require.Equal(t, hash0[:], body(1)[4+25+8:][:32], "previous")
	head := sha256.Sum256(append(prefixed("sealkin/v1/group/entry-hash"), body(1)...))
	require.Equal(t, head, g.Log().Head())
	_, newest := jane.Identity().Public().Newest()
	require.True(t, ed25519.Verify(newest.Sign, append(prefixed("sealkin/v1/group/entry-signature"), body(1)...), w.s.Log(w.id)[1][len(body(1)):]))

	for n := range uint32(2) {
		generation := binary.BigEndian.AppendUint32(nil, n+1)
		info := append(prefixed("sealkin/v1/group/key-commitment"), prefixed(string(generation))...)
		commitment, err := hkdf.Expand(sha256.New, share.KeyOf(g, n+1), string(info), 32)
		require.NoError(t, err)
		require.True(t, bytes.Contains(body(int(n)), append(generation, commitment...)))
	}
}

// TestEveryBit flips each bit of the newest entry, and cuts it everywhere.
func TestEveryBit(t *testing.T) {
	jane, bob := newAccount(), newAccount()
	w, g := found(t, jane)
	c := must(g.Add(share.Reader, bob.Identity()))
	for _, entry := range [][]byte{must(g.Rotate()).Entries[0], c.Entries[0]} {
		_, err := g.Apply([][]byte{entry}, nil)
		require.NoError(t, err)
		step := 1
		if len(entry) > 1000 {
			step = 13 // the identity is the business of package keys
		}
		for i := 0; i < len(entry)*8; i += step {
			flipped := bytes.Clone(entry)
			flipped[i/8] ^= 1 << (i % 8)
			got, err := g.Apply([][]byte{flipped}, nil)
			require.Error(t, err, "bit %d", i)
			require.Nil(t, got)
		}
		for i := range entry {
			_, err := g.Apply([][]byte{entry[:i]}, nil)
			require.ErrorIs(t, err, keys.ErrMalformed)
		}
		_, err = g.Apply([][]byte{append(bytes.Clone(entry), 0)}, nil)
		require.ErrorIs(t, err, keys.ErrMalformed)
	}
	_ = w
}

// TestOneSignatureIsNotAnother shows that a second signature by the author on
// the same body makes no second entry.
func TestOneSignatureIsNotAnother(t *testing.T) {
	jane := newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Rotate()), nil, jane)
	entries := w.s.Log(w.id)
	entries[1][len(entries[1])-1] ^= 1
	again, err := g.Apply(entries, nil)
	require.NoError(t, err, "the body is the one that was verified")
	require.Equal(t, g.Log().Entries(0), again.Log().Entries(0), "and the signature that was verified is kept")
}

// TestChangeIsData stores a change and reads it back.
func TestChangeIsData(t *testing.T) {
	jane, bob := newAccount(), newAccount()
	w, g := found(t, jane)
	c := must(g.Add(share.Reader, bob.Identity()))
	raw, err := json.Marshal(c)
	require.NoError(t, err)
	var again share.Change
	require.NoError(t, json.Unmarshal(raw, &again))
	require.Nil(t, again.After())
	require.NoError(t, w.s.Commit(jane.ID(), &again))
	require.Equal(t, c.Entries, again.Entries)
	require.Equal(t, c.Links, again.Links)
	require.Equal(t, "reader", share.Reader.String())
	require.Equal(t, "role 9", share.Role(9).String())
	require.Equal(t, "none", share.Role(0).String())
}

// TestCallersBytes shows that nothing of the caller is kept or changed.
func TestCallersBytes(t *testing.T) {
	jane, bob := newAccount(), newAccount()
	w, g := found(t, jane)
	g = w.commit(must(g.Add(share.Reader, bob.Identity())), nil, jane)
	entries, link, mark := w.s.Log(w.id), w.s.Link(w.id, bob.ID()), g.Bookmark()
	joined := must(share.Join(bob, w.id, jane.ID(), entries, link))
	resumed := must(share.Resume(jane, mark, entries, nil))
	head := joined.Log().Head()
	for _, b := range append(entries, link, mark) {
		clear(b)
	}
	out := joined.Log().Entries(0)
	clear(out[1])
	require.Equal(t, head, joined.Log().Head())
	require.Equal(t, w.s.Log(w.id), joined.Log().Entries(0))
	require.Equal(t, w.s.Log(w.id), resumed.Log().Entries(0))
	require.Equal(t, bob.Identity().Bytes(), joined.Log().Identity(bob.ID()))
	ids := []keys.AccountID{bob.ID(), {}}
	_, err := g.Remove(ids...)
	require.ErrorIs(t, err, keys.ErrMismatch)
	require.Equal(t, bob.ID(), ids[0])
}

// FuzzEntry checks that what parses encodes to the same bytes.
func FuzzEntry(f *testing.F) {
	for _, e := range chain(f) {
		f.Add(e)
		f.Add(e[:len(e)-1])
	}
	f.Fuzz(func(t *testing.T, record []byte) {
		again, err := share.ParseAndAppend(record)
		if err != nil {
			require.True(t, assertIs(err, keys.ErrMalformed) || assertIs(err, keys.ErrNewer), err)
			return
		}
		require.Equal(t, record, again)
		_, err = share.ReadLog([][]byte{record})
		_ = err
	})
}

// FuzzOwn shows arbitrary bytes as links, bookmarks and snapshots.
func FuzzOwn(f *testing.F) {
	jane := newAccount()
	w, g := found(f, jane)
	link := w.s.Link(w.id, jane.ID())
	genuine := [][]byte{link, g.Bookmark(), g.Marshal()}
	for _, b := range genuine {
		f.Add(b)
	}
	log := w.s.Log(w.id)
	f.Fuzz(func(t *testing.T, record []byte) {
		if again, err := g.Apply(nil, record); err == nil && record != nil {
			require.Equal(t, link, record)
			require.NotNil(t, again)
		}
		if _, err := share.Resume(jane, record, log, nil); err == nil {
			require.Equal(t, genuine[1], record)
		}
		if _, err := share.Restore(jane, record); err == nil {
			require.Equal(t, genuine[2], record)
		}
	})
}

// TestGuestsAreStrangers shows that a code gives an account of its own.
func TestGuestsAreStrangers(t *testing.T) {
	code := keys.NewCode()
	a, b := ring.PrivateOf(code.Guest()).Public(), ring.PrivateOf(code.Guest()).Public()
	require.Equal(t, a.Record, b.Record)
	require.NotEqual(t, a.ID, ring.PrivateOf(keys.NewCode().Guest()).Public().ID)
}
