package attack_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/hostile"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// a35: the server plants a document made of public keys alone, one of another
// group, and one by a member of another group.
func a35(t *testing.T) {
	owner, evil := person(), person()
	w, g := found(t, owner)
	other, others := foundAt(t, w.s, owner)
	copied := other.store(others, "copied", "of another group")
	refuses(t, keys.ErrMismatch, g, note("copied"), copied)
	renamed := bytes.Clone(copied)
	copy(renamed[4:29], w.id[:])
	refuses(t, keys.ErrOpen, g, note("copied"), renamed, "under this group's name")
	planted, _, err := envelope.Seal(evil, note("planted"), []byte("planted"))
	require.NoError(t, err)
	copy(planted[4:29], w.id[:])
	planted[32] = 1 // the generation
	refuses(t, keys.ErrOpen, g, note("planted"), planted, "made from public keys")
	planted, _, err = envelope.Seal(signedBy(t, g, evil.ID(), evil), note("planted"), []byte("planted"))
	require.NoError(t, err)
	refuses(t, envelope.ErrAuthor, g, note("planted"), planted, "by nobody of the group")
}

// parts of a document that must be fresh, in one of less than 64 bytes.
func fresh(sealed []byte) [][]byte {
	at := documentHead + sealedStamp
	return [][]byte{sealed[41:73], sealed[73:105], sealed[105:117], sealed[117:133], sealed[at : at+12], sealed[at+12 : at+28], sealed[len(sealed)-16:]}
}

// unseen fails if one of parts was there before.
func unseen(t *testing.T, seen map[string]bool, parts ...[]byte) {
	t.Helper()
	for _, p := range parts {
		require.False(t, seen[string(p)], "%x twice", p)
		seen[string(p)] = true
	}
}

// a36: the server has filled the places of new objects beforehand, also with
// what the client stored itself.
func a36(t *testing.T) {
	way := device()
	owner := keys.NewAccount(way)
	w, g := found(t, owner)
	seen := map[string]bool{}
	first := w.store(g, "n", "text")
	unseen(t, seen, fresh(first)...)
	for range 50 {
		w.s.Put(hostile.Documents, "n", first) // an echo
		opens(t, g, note("n"), w.s.Get(hostile.Documents, "n"), "text")
		unseen(t, seen, fresh(w.store(g, "n", "text"))...)
		again := keys.NewAccount(way)
		id, group := again.ID(), share.Create(owner).Group
		unseen(t, seen, id[:], group[:], []byte(keys.NewCode().Show()))
	}
	// A group whose id exists is a conflict, not an input.
	c := share.Create(owner)
	require.NoError(t, w.s.Commit(owner.ID(), c))
	log := must(share.ReadLog(w.s.Log(c.Group)))
	_, err := log.Accept(share.Create(owner))
	require.Error(t, err)
}

// a38: two devices go on from one restored snapshot, at the same revision.
func a38(t *testing.T) {
	owner := person()
	w, g := found(t, owner)
	snapshot := g.Marshal()
	clones := []*share.Group{must(share.Restore(owner, snapshot)), must(share.Restore(owner, snapshot))}
	_, ref, err := envelope.Seal(g, note("n"), []byte("1"))
	require.NoError(t, err)
	seen, n := map[string]bool{}, 5000
	if testing.Short() {
		n = 500
	}
	for i := range n {
		sealed, _, err := envelope.Seal(clones[i%2], ref, []byte("the same"))
		require.NoError(t, err)
		unseen(t, seen, fresh(sealed)...)
	}
	for range 50 { // records that are not documents
		b, s := clones[0].Bookmark(), clones[1].Marshal()
		unseen(t, seen, b[33:65], b[97:109], s[33:65])
		link := must(g.Link(owner.ID()))
		unseen(t, seen, link[linkHead:][:32], link[linkHead+1120:][:32])
	}
	w.rotate(g, owner)
}

// a39: each bit in front of the ciphertext, and other encodings of the same.
func a39(t *testing.T) {
	owner := person()
	w, g := found(t, owner)
	w.store(g, "n", "text")
	read := readers(owner, w, g, "n")
	for kind, head := range map[string]int{"document": documentHead, "bookmark": 33 + 64, "snapshot": 33 + 64, "link": linkHead + 64} {
		record := stored(owner, w, g, "n")[kind]
		for at := range head {
			for bit := range 8 {
				changed := bytes.Clone(record)
				changed[at] ^= 1 << bit
				require.Error(t, read[kind](changed), "%s: byte %d, bit %d", kind, at, bit)
			}
		}
	}
	for kind, record := range stored(owner, w, g, "n") {
		require.Error(t, read[kind](append(bytes.Clone(record), 0)), "%s: more behind", kind)
		require.Error(t, read[kind](append(make([]byte, 1), record...)), "%s: more in front", kind)
	}
}

// a40: the author's signature is taken off and another put on, and the content
// edited meanwhile.
func a40(t *testing.T) {
	alice, mallory := person(), person()
	w, g := foundWith(t, alice, share.Reader, mallory)
	good := w.store(g, "n", "text") // Mallory may read it, and so has the key
	for name, r := range map[string]keys.Ring{"as herself": signedBy(t, g, mallory.ID(), mallory), "as Alice": signedBy(t, g, alice.ID(), mallory)} {
		refuses(t, envelope.ErrAuthor, g, note("n"), crafted(t, r, note("n"), "text", func(*craft) {}), name)
	}
	for name, after := range map[string]func(d *craft, stamp []byte){
		"stripped":      func(_ *craft, stamp []byte) { clear(stamp[len(stamp)-64:]) },
		"other content": func(d *craft, _ []byte) { d.chunk = append([]byte("evil"), make([]byte, 60)...) },
	} {
		refuses(t, envelope.ErrAuthor, g, note("n"), crafted(t, g, note("n"), "text", func(d *craft) {
			d.afterSign = func(stamp []byte) { after(d, stamp) }
		}), name)
	}
	texts := same{}
	for at := documentHead; at < len(good); at++ {
		_, err := envelope.Open(g, note("n"), flip(good, at))
		texts.add(t, err)
	}
	assert.Len(t, texts, 1, texts)
}

// a41: files whose content is a valid manifest, link or record are served as
// those, in whole and by their sealed parts.
func a41(t *testing.T) {
	owner := person()
	w, g := foundWith(t, owner, share.Writer, person())
	w.store(g, "n", "text")
	w.store(g, "d", "d")
	read := readers(owner, w, g, "n")
	for kind, content := range stored(owner, w, g, "n") {
		sealed := w.store(g, "file", string(content))
		for as, read := range read {
			heading := stored(owner, w, g, "n")[as][:4]
			for _, from := range []int{0, 41, documentHead, documentHead + sealedStamp} {
				require.Error(t, read(sealed[from:]), "%s as %s", kind, as)
				require.Error(t, read(append(bytes.Clone(heading), sealed[from:]...)), "%s as %s", kind, as)
			}
		}
		opens(t, g, note("file"), sealed, string(content))
	}
}

// a42: equal content, equal beginnings: no block comes twice.
func a42(t *testing.T) {
	owner := person()
	_, g := found(t, owner)
	common := make([]byte, 64<<10)
	seen := map[[16]byte]bool{}
	for _, plaintext := range [][]byte{make([]byte, 1<<20), append(bytes.Clone(common), "one"...), append(bytes.Clone(common), "two"...)} {
		sealed, _, err := envelope.Seal(g, note("n"), plaintext)
		require.NoError(t, err)
		for at := documentHead; at+16 <= len(sealed); at++ {
			if (at-documentHead-sealedStamp-12)%16 == 0 || at < 1000 {
				block := [16]byte(sealed[at:])
				require.False(t, seen[block], at)
				seen[block] = true
			}
		}
	}
}

// a44: the inviter gives Bob and Carol different keys as one generation, and a
// document for each of them under one name.
func a44(t *testing.T) {
	evil, bob, carol := person(), person(), person()
	w, g := foundWith(t, evil, share.Writer, bob, carol)
	one, two := random(32), random(32)
	w.show(forgery{signer: evil, kind: kindRotate, rotation: rotating(2, one)}.after(g.Log()))
	log := w.s.Log(w.id)
	bobs := must(share.Join(bob, w.id, evil.ID(), log, forgeLink(log, 3, 2, one, bob.Identity())))
	got, err := share.Join(carol, w.id, evil.ID(), log, forgeLink(log, 3, 2, two, carol.Identity()))
	require.ErrorIs(t, err, keys.ErrOpen)
	require.Nil(t, got)

	// One ciphertext under two keys: with the right key, Bob's commitment tells.
	other := must(share.Create(evil).After().Rotate()).After()
	first, _, err := envelope.Seal(bobs, note("n"), []byte("to Bob"))
	require.NoError(t, err)
	key := sealing(t, other).Key
	under := lie(bobs, func(s *ring.Sealing) { s.Key = key })
	second, _, err := envelope.Seal(under, note("n"), []byte("to Carol"))
	require.NoError(t, err)
	mixed := append(bytes.Clone(first[:documentHead]), second[documentHead:]...)
	for _, sealed := range [][]byte{second, mixed, append(bytes.Clone(second[:73]), first[73:]...)} {
		refuses(t, keys.ErrOpen, bobs, note("n"), sealed)
	}
	opens(t, bobs, note("n"), first, "to Bob")
}

// a45: 256 guesses of the next byte beside a secret.
func a45(t *testing.T) {
	_, g := found(t, person())
	sizes := map[int]bool{}
	for guess := range 256 {
		sealed, _, err := envelope.Seal(g, note("n"), fmt.Appendf(nil, "secret=k3k3k3k3 secret=k%s", strings.Repeat(string([]byte{byte(guess)}), 100)))
		require.NoError(t, err)
		sizes[len(sealed)] = true
	}
	assert.Len(t, sizes, 1)
	source(t, func(path, text string) { assert.NotContains(t, text, `"compress/`, path) })
}

// a46: somebody injects what is, or is not, the secret: what is sent is alike.
func a46(t *testing.T) {
	owner := person()
	send := func(injected string) (sizes []int) {
		w, g := found(t, owner)
		w.store(g, "secret", "the secret of Jane")
		w.store(g, "injected", injected)
		for _, sent := range w.s.Sent() {
			sizes = append(sizes, len(sent))
		}
		return sizes
	}
	same, other := send("the secret of Jane"), send("what an attacker s")
	same[0], other[0] = 0, 0 // JSON of a change, which orders nothing by content
	assert.Equal(t, same, other)
	assert.Len(t, same, len(other))
}

// a47: whoever has a file looks for it in what is stored.
func a47(t *testing.T) {
	owner := person()
	file := bytes.Repeat([]byte("a file that everybody has "), 100)
	w, g := found(t, owner)
	_, mine, err := envelope.Seal(owner, note("n"), file)
	require.NoError(t, err)
	require.NotEqual(t, must(envelope.Inspect(w.store(g, "n", string(file)))).Mark, mine.Seen)
	seen := map[[8]byte]bool{}
	for _, r := range []keys.Ring{g, g, owner, person()} {
		sealed, _, err := envelope.Seal(r, note("n"), file)
		require.NoError(t, err)
		w.s.Put(hostile.Documents, "n", sealed)
		for at := 41; at+8 <= len(sealed); at++ {
			require.False(t, seen[[8]byte(sealed[at:])], "an equal field")
			seen[[8]byte(sealed[at:])] = true
		}
	}
	w.s.NoLeak(t, "the file, or its hash", file)
	sum := sha256.Sum256(append(w.groupKey(owner), file...))
	w.s.NoLeak(t, "a keyed hash", sum[:])
}

// a48: contents of 0 to 1,000 bytes have 49 sizes.
func a48(t *testing.T) {
	_, g := found(t, person())
	sizes := map[int]bool{}
	for n := range 1001 {
		sealed, _, err := envelope.Seal(g, note(strings.Repeat("i", 1+n)), make([]byte, n))
		require.NoError(t, err)
		sizes[len(sealed)] = true
	}
	assert.Len(t, sizes, 49)
	for _, change := range []func(*craft){func(d *craft) { d.chunk[63] = 1 }, func(d *craft) { d.chunk = make([]byte, 128) }, func(d *craft) { d.chunk = d.chunk[:32] }} {
		_, err := envelope.Open(g, note("n"), crafted(t, g, note("n"), "text", change))
		require.Error(t, err, "other padding than the one")
	}
}

// a49: entries are dropped, exchanged, repeated.
func a49(t *testing.T) {
	owner := person()
	w, g := found(t, owner)
	first := g
	for range 5 {
		g = w.rotate(g, owner)
	}
	for name, c := range map[string]struct {
		twist hostile.Twist
		want  error
	}{
		"dropped": {hostile.Without(3), keys.ErrBehind}, "the first dropped": {hostile.Without(0), keys.ErrBehind},
		"exchanged": {hostile.Swapped(3, 4), keys.ErrBehind}, "repeated": {hostile.Twice(3), keys.ErrRollback},
	} {
		w.s.Twist(w.id, c.twist)
		_, err := share.Join(owner, w.id, owner.ID(), w.s.Log(w.id), nil)
		require.ErrorIs(t, err, c.want, name)
		_, err = first.Apply(w.s.Log(w.id)[1:], nil)
		require.Error(t, err, name)
	}
	w.s.Twist(w.id, hostile.First(4))
	_, err := share.Resume(owner, g.Bookmark(), w.s.Log(w.id), nil)
	require.ErrorIs(t, err, keys.ErrRollback, "the end withheld")
	// Versions of one document: one is left out, one repeated.
	one, ref1, err := envelope.Seal(g, note("n"), []byte("1"))
	require.NoError(t, err)
	other1, _, err := envelope.Seal(g, note("n"), []byte("another first"))
	require.NoError(t, err)
	two, ref2, err := envelope.Seal(g, ref1, []byte("2"))
	require.NoError(t, err)
	opens(t, g, ref1, two, "2")
	refuses(t, keys.ErrRollback, g, ref2, one)
	refuses(t, keys.ErrFork, g, ref1, other1)
}

// a50: after version 2 was seen, version 1 is served: of each record.
func a50(t *testing.T) {
	owner, bob := person(), person()
	w, g := foundWith(t, owner, share.Writer, bob)
	bobs := w.join(bob, owner)
	w.rotate(g, owner)
	bobs = must(w.apply(bobs, bob))
	name := hostile.MemberName(w.id, bob.ID())
	w.s.Rewind(hostile.Links, name, 0)
	_, err := w.apply(bobs, bob)
	require.ErrorIs(t, err, keys.ErrRollback, "a link")
	w.s.Twist(w.id, hostile.First(2))
	_, err = share.Resume(bob, bobs.Bookmark(), w.s.Log(w.id), nil)
	require.ErrorIs(t, err, keys.ErrRollback, "the log")

	one, ref, err := envelope.Seal(bobs, note("n"), []byte("1"))
	require.NoError(t, err)
	_, ref, err = envelope.Seal(bobs, ref, []byte("2"))
	require.NoError(t, err)
	refuses(t, keys.ErrRollback, bobs, ref, one, "a document")

	newer := must(owner.Add("phone", device()))
	_, err = keys.ParseLockedAccount(owner.Locked().Bytes(), newer.Locked())
	require.ErrorIs(t, err, keys.ErrRollback, "an account record, its parameters included")
	_, err = newer.Locked().Next(owner.Locked().Bytes())
	require.ErrorIs(t, err, keys.ErrRollback)
	_, err = keys.ParseIdentity(owner.Identity().Bytes(), owner.ID(), must(owner.Rotate()).Identity())
	require.ErrorIs(t, err, keys.ErrRollback, "an identity")
}
