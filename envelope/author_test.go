package envelope_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/keys"
)

var note = envelope.Ref{Type: "note", ID: "42"}

// TestReference shows that the reference builds what the package opens, so that
// what follows is refused for its one difference only.
func TestReference(t *testing.T) {
	g := newTestGroup(1)
	alice := g.join(2)
	for _, n := range []int{0, 1, 100, segment, 2*segment + 5} {
		data := randomBytes(n)
		sealed := refOf(g, alice, "note", "42").build(data)
		accepted(t, g.as(alice), note, sealed, data)
		d := refOf(g, alice, "note", "42")
		d.size = uint64(n)
		accepted(t, g.as(alice), note, d.build(data), data)
	}
}

// TestImpersonation is a member who has the group's key and no right, or
// another's name: A16, A40, A35.
func TestImpersonation(t *testing.T) {
	g := newTestGroup(1)
	alice := g.join(2)
	mallory := g.join(3)
	mallory.until = mallory.from // may read
	me := g.as(alice)
	data := []byte("plaintext")
	nobody := ring.ID(bytes.Repeat([]byte{9}, 25))

	refuse := func(what string, sealed []byte) { refused(t, envelope.ErrAuthor, me, note, sealed, nil, what) }
	refuse("a reader as itself", must(envelope.Seal(g.as(mallory), note, data)))
	refuse("a reader as Alice", must(envelope.Seal(g.as(mallory).lying(func(s *ring.Sealing) { s.Author = alice.id }), note, data)))
	refuse("a reader as nobody", must(envelope.Seal(g.as(mallory).lying(func(s *ring.Sealing) { s.Author = nobody }), note, data)))
	refuse("Alice of another epoch", must(envelope.Seal(g.as(alice).lying(func(s *ring.Sealing) { s.Epoch = 1 }), note, data)))
	refuse("Alice with another key", must(envelope.Seal(g.as(alice).lying(func(s *ring.Sealing) { s.Sign = secret.Hide(mallory.sign) }), note, data)))

	genuine := refOf(g, alice, "note", "42")
	genuine.build(data)
	for what, after := range map[string]func(int, *refSegment){
		"signature stripped":        func(_ int, s *refSegment) { clear(s.stamp[len(s.stamp)-64:]) },
		"Alice's of other content":  func(_ int, s *refSegment) { copy(s.stamp[len(s.stamp)-64:], genuine.segments[0].signature) },
		"other content, her stamp":  func(_ int, s *refSegment) { s.chunk = append([]byte("other"), s.chunk[5:]...) },
		"other author, her stamp":   func(_ int, s *refSegment) { copy(s.stamp, mallory.id[:]) },
		"other epoch, her stamp":    func(_ int, s *refSegment) { s.stamp[28] = 1 },
		"other before, her stamp":   func(_ int, s *refSegment) { s.stamp[69] ^= 1 },
		"other size, her stamp":     func(_ int, s *refSegment) { s.stamp[108] ^= 1 },
		"other length, her stamp":   func(_ int, s *refSegment) { s.stamp[109+8] ^= 1 },
		"other hash, her stamp":     func(_ int, s *refSegment) { s.stamp[109+9] ^= 1 },
		"not the last, her stamp":   func(_ int, s *refSegment) { s.stamp[109] = 0 },
		"S of the signature plus L": func(_ int, s *refSegment) { addOrder(s.stamp[len(s.stamp)-32:]) },
	} {
		d := refOf(g, alice, "note", "42")
		d.after = after
		refuse(what, d.build(data))
	}
}

// addOrder adds the order of the group to a scalar, which gives a second
// signature where that is accepted.
func addOrder(scalar []byte) {
	order := []byte{
		0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
	}
	carry := 0
	for i := range scalar {
		carry += int(scalar[i]) + int(order[i])
		scalar[i] = byte(carry)
		carry >>= 8
	}
}

// TestSignedOverAll takes a stamp that Alice signed for another place, under
// the same key: the box of Mallory, who may only read, holds it.
func TestSignedOverAll(t *testing.T) {
	g := newTestGroup(1)
	alice := g.join(2)
	data := []byte("plaintext")
	genuine := refOf(g, alice, "note", "42")
	genuine.build(data)
	accepted(t, g.as(alice), note, genuine.seal(), data)
	for what, change := range map[string]func(d *refDocument){
		"type":        func(d *refDocument) { d.typ = "task" },
		"id":          func(d *refDocument) { d.id = "43" },
		"type and id": func(d *refDocument) { d.typ, d.id = "note4", "2" },
		"generation":  func(d *refDocument) { d.generation--; d.key = g.material(0) },
		"revision":    func(d *refDocument) { d.revision = 2; d.predecessor[0] = 1 },
		"salt":        func(d *refDocument) { d.salt[0] ^= 1 },
	} {
		d := *genuine
		d.salt, d.predecessor = bytes.Clone(d.salt), bytes.Clone(d.predecessor)
		change(&d)
		d.derive()
		d.segments = []refSegment{genuine.segments[0]} // her signature, her hash
		d.segments[0].stamp = join(d.facts, genuine.segments[0].stamp[109:])
		refused(t, envelope.ErrAuthor, g.as(alice), envelope.Ref{Type: d.typ, ID: d.id}, d.seal(), nil, what)
	}
}

// TestNonsenseOfAuthor is an author who may write, and signs what does not fit
// together: each check behind the signature is reached.
func TestNonsenseOfAuthor(t *testing.T) {
	g := newTestGroup(1)
	alice := g.join(2)
	small, big := []byte("plaintext"), randomBytes(2*segment+5)
	at := func(i int, do func(s *refSegment)) func(int, *refSegment) {
		return func(j int, s *refSegment) {
			if i == j {
				do(s)
			}
		}
	}
	refuse := func(what string, want error, data []byte, change func(d *refDocument)) {
		d := refOf(g, alice, "note", "42")
		change(d)
		refused(t, want, g.as(alice), note, d.build(data), data, what)
	}
	bad := keys.ErrMalformed
	before := func(i int, do func(s *refSegment)) func(*refDocument) {
		return func(d *refDocument) { d.beforeSign = at(i, do) }
	}
	refuse("flag", bad, small, before(0, func(s *refSegment) { s.flag = 2 }))
	refuse("padding", bad, small, before(0, func(s *refSegment) { s.chunk[63] = 1; s.hash = hash(s.chunk) }))
	refuse("first byte of padding", bad, small, before(0, func(s *refSegment) { s.chunk[9] = 1; s.hash = hash(s.chunk) }))
	refuse("all of padding", bad, small, before(0, func(s *refSegment) { fill(s.chunk[9:], 1); s.hash = hash(s.chunk) }))
	refuse("longer than padded", envelope.ErrTruncated, small, before(0, func(s *refSegment) { s.length = 65 }))
	refuse("huge", bad, small, before(0, func(s *refSegment) { s.length = math.MaxUint64 }))
	refuse("over the limit", bad, small, before(0, func(s *refSegment) { s.length = 1<<49 + 1 }))
	refuse("size", bad, small, func(d *refDocument) { d.size = 8 })
	refuse("size of a stream", bad, big, func(d *refDocument) { d.size = 8 })
	refuse("predecessor of the first", bad, small, func(d *refDocument) { d.predecessor = fill(make([]byte, 32), 1) })
	refuse("no predecessor", bad, small, func(d *refDocument) { d.revision = 2 })
	refuse("revision 0", bad, small, func(d *refDocument) { d.revision = 0 })
	refuse("length in the middle", bad, big, before(1, func(s *refSegment) { s.length-- }))
	refuse("more than full", bad, big, before(1, func(s *refSegment) { s.length++ }))
	refuse("less than before", bad, big, before(1, func(s *refSegment) { s.length = segment - 1 }))
	zeros := make([]byte, len(big))
	refuse("short, then more", bad, zeros, before(0, func(s *refSegment) { s.length = 100 }))
	refuse("short in the middle, then more", bad, zeros, before(1, func(s *refSegment) { s.length = segment + 100 }))
	refuse("last in the middle", keys.ErrOpen, big, before(1, func(s *refSegment) { s.flag = 1; s.last = true }))
	early := func(s *refSegment) { s.flag, s.last, s.length = 1, true, 5 }
	refuse("last in the middle, wrong length", bad, big, before(1, early))
	refuse("last in the middle, another length than size", bad, big, func(d *refDocument) {
		d.size, d.beforeSign = uint64(len(big)), at(0, early)
	})
	refuse("never last", envelope.ErrTruncated, big, func(d *refDocument) {
		d.beforeSign = func(_ int, s *refSegment) { s.last = false }
	})
	refuse("not padded", envelope.ErrTruncated, small, func(d *refDocument) {
		d.beforeSign = at(0, func(s *refSegment) { s.chunk = s.chunk[:9]; s.hash = hash(s.chunk) })
	})
	refuse("padded more", keys.ErrOpen, small, before(0, func(s *refSegment) { s.chunk = make([]byte, 128); s.hash = hash(s.chunk) }))
}

func fill(b []byte, v byte) []byte {
	for i := range b {
		b[i] = v
	}
	return b
}

// TestTransplant serves a document in another place: A29.
func TestTransplant(t *testing.T) {
	g, h := newTestGroup(1), newTestGroup(5)
	alice, inOther := g.join(2), h.join(2)
	me, account := g.as(alice), newAccount(t)
	data := []byte("plaintext")
	sealed := must(envelope.Seal(me, note, data))
	accepted(t, me, note, sealed, data)

	for _, ref := range []envelope.Ref{
		{Type: "note", ID: "43"}, {Type: "task", ID: "42"}, {Type: "note4", ID: "2"}, {Type: "42", ID: "note"}, {Type: "note\x00", ID: "42"},
	} {
		refused(t, keys.ErrOpen, me, ref, sealed, nil, ref)
	}
	refused(t, keys.ErrMismatch, h.as(inOther), note, sealed, nil, "another group")
	refused(t, keys.ErrMismatch, account, note, sealed, nil, "an account")
	refused(t, keys.ErrMismatch, me, note, must(envelope.Seal(account, note, data)), nil, "an account's in a group")
	refused(t, keys.ErrMismatch, newAccount(t), note, must(envelope.Seal(account, note, data)), nil, "another account")

	rewrite := func(what string, want error, r keys.Ring, change func(header []byte)) {
		changed := bytes.Clone(sealed)
		change(changed[:41])
		refused(t, want, r, note, changed, nil, what)
	}
	rewrite("group rewritten", keys.ErrOpen, h.as(inOther), func(header []byte) { copy(header[4:], h.id[:]) })
	rewrite("generation before", keys.ErrOpen, me, func(header []byte) { header[32]-- })
	rewrite("generation to come", keys.ErrBehind, me, func(header []byte) { header[32]++ })
	rewrite("revision", keys.ErrOpen, me, func(header []byte) { header[40]++ })
	rewrite("revision 0", keys.ErrMalformed, me, func(header []byte) { header[40]-- })
	rewrite("newer version", keys.ErrNewer, me, func(header []byte) { header[3]++ })
	rewrite("version 0", keys.ErrMalformed, me, func(header []byte) { header[3] = 0 })
	rewrite("another record", keys.ErrMalformed, me, func(header []byte) { header[2] = 'L' })
}

// TestNotARecord serves other records and documents as documents and the other
// way round: A41, A15.
func TestNotARecord(t *testing.T) {
	account := newAccount(t)
	for what, record := range map[string][]byte{
		"locked account": account.Locked().Bytes(), "identity": account.Identity().Bytes(), "zeros": make([]byte, 500), "text": []byte("{}"),
	} {
		refused(t, keys.ErrMalformed, account, note, record, nil, what)
		_, err := envelope.Inspect(record)
		require.ErrorIs(t, err, keys.ErrMalformed)
		// As the content of a document, it is content.
		sealed := must(envelope.Seal(account, note, record))
		accepted(t, account, note, sealed, record)
		_, err = keys.ParseLockedAccount(sealed, nil)
		require.ErrorIs(t, err, keys.ErrMalformed)
		_, err = keys.ParseIdentity(sealed, account.ID(), nil)
		require.ErrorIs(t, err, keys.ErrMalformed)
	}
	inner := must(envelope.Seal(account, note, []byte("inner")))
	accepted(t, account, note, must(envelope.Seal(account, note, inner)), inner)
}

// TestFormerAuthor removes a writer: A13.
func TestFormerAuthor(t *testing.T) {
	g := newTestGroup(1)
	alice, bob := g.join(2), g.join(3)
	data := []byte("plaintext")
	bobThen := g.as(bob)
	before, mark, err := envelope.Seal(bobThen, note, data)
	require.NoError(t, err)
	accepted(t, g.as(alice), note, before, data)
	g.remove(bob)

	me := g.as(alice)
	for _, sealed := range [][]byte{before, must(envelope.Seal(bobThen, note, []byte("written after the removal")))} {
		for _, w := range ways[:5] {
			released, opened, err := w.open(me, note, sealed)
			require.ErrorIs(t, err, envelope.ErrFormer)
			require.Nil(t, opened)
			require.Empty(t, released)
		}
	}
	// At the new head, under an old generation: never.
	late := bobThen.lying(func(s *ring.Sealing) { s.Head = ring.Head{Sequence: g.newest(), Hash: g.heads[g.newest()]} })
	refused(t, envelope.ErrAuthor, me, note, must(envelope.Seal(late, note, data)), nil, "late")

	resealed, next, err := envelope.Reseal(me, mark, before)
	require.NoError(t, err)
	require.Equal(t, mark.Seen.Revision+1, next.Seen.Revision)
	opened, err := envelope.Open(me, mark, resealed)
	require.NoError(t, err)
	require.Equal(t, data, opened.Plaintext)
	require.Equal(t, keys.AccountID(alice.id), opened.Author)
	require.EqualValues(t, 2, opened.Generation)
	refused(t, keys.ErrRollback, me, next, before, nil, "the old one is older now")
	refusedBy(t, keys.ErrBehind, bobThen, note, resealed)

	// Reseal is no door for what was never genuine.
	forged := refOf(g, bob, "note", "42")
	forged.key, forged.generation = g.material(1), 1 // that of the time
	forged.headSequence, forged.headHash = bob.from, g.heads[bob.from][:]
	forged.seed = bytes.Repeat([]byte{7}, 32)
	refused(t, envelope.ErrAuthor, me, note, forged.build(data), nil, "forged in the name of a former author")
}

// TestOwnDocumentsAfterRotate is the same for an account.
func TestOwnDocumentsAfterRotate(t *testing.T) {
	me := newAccount(t)
	sealed, mark, err := envelope.Seal(me, note, []byte("plaintext"))
	require.NoError(t, err)
	rotated, err := me.Rotate()
	require.NoError(t, err)
	refusedBy(t, envelope.ErrFormer, rotated, note, sealed)
	resealed, _, err := envelope.Reseal(rotated, mark, sealed)
	require.NoError(t, err)
	opened, err := envelope.Open(rotated, mark, resealed)
	require.NoError(t, err)
	require.EqualValues(t, 1, opened.Generation)
	refusedBy(t, keys.ErrBehind, me, note, resealed)
}

// TestHeads is a document by somebody who knows more of the group, or another
// history of it: G3.
func TestHeads(t *testing.T) {
	g := newTestGroup(1)
	alice, bob := g.join(2), g.join(3)
	old := g.as(alice)
	g.advance()
	ahead := must(envelope.Seal(g.as(bob), note, []byte("plaintext")))
	refused(t, keys.ErrBehind, old, note, ahead, nil, "ahead")
	accepted(t, g.as(alice), note, ahead, []byte("plaintext"))
	forked := g.as(bob).lying(func(s *ring.Sealing) { s.Head.Hash[0] ^= 1 })
	refused(t, keys.ErrFork, g.as(alice), note, must(envelope.Seal(forked, note, nil)), nil, "forked")
}

// TestMarks is a server that goes back or forks one document: A50 of documents.
func TestMarks(t *testing.T) {
	g := newTestGroup(1)
	alice, bob := g.join(2), g.join(3)
	me, other := g.as(alice), g.as(bob)
	var versions [][]byte
	refs := []envelope.Ref{note}
	for i := range 4 {
		sealed, next, err := envelope.Seal(me, refs[i], []byte{byte(i)})
		require.NoError(t, err)
		versions, refs = append(versions, sealed), append(refs, next)
	}
	for seen := range refs {
		for v, sealed := range versions {
			switch {
			case v+1 < seen:
				refused(t, keys.ErrRollback, me, refs[seen], sealed, nil, seen, v)
			default:
				accepted(t, me, refs[seen], sealed, []byte{byte(v)})
			}
		}
	}
	sameNumber := must(envelope.Seal(other, refs[1], []byte("fork")))
	refused(t, keys.ErrFork, me, refs[2], sameNumber, nil, "another version 2")
	_, onFork, err := envelope.Seal(other, refs[1], nil)
	require.NoError(t, err)
	refused(t, keys.ErrFork, me, refs[2], must(envelope.Seal(other, onFork, nil)), nil, "after another version 2")

	last := note
	last.Seen = envelope.Mark{Revision: math.MaxUint64, Commitment: [32]byte{1}}
	_, _, err = envelope.Seal(me, last, nil)
	require.ErrorIs(t, err, keys.ErrMalformed)
	_, _, err = envelope.NewWriter(me, last, nil)
	require.ErrorIs(t, err, keys.ErrMalformed)
	d := refOf(g, alice, "note", "42")
	d.revision, d.predecessor = math.MaxUint64, fill(make([]byte, 32), 1)
	sealed := d.build(nil)
	opened, err := envelope.Open(me, note, sealed)
	require.NoError(t, err)
	_, _, err = envelope.Reseal(me, opened.Ref, sealed)
	require.ErrorIs(t, err, keys.ErrMalformed)
	require.Equal(t, uint64(math.MaxUint64), binary.BigEndian.Uint64(sealed[33:]))
}

// TestResealOfForged has a former author make the version after the one that was
// seen, which must not be taken over as if it had been written in time.
func TestResealOfForged(t *testing.T) {
	g := newTestGroup(7)
	owner, ex := g.join(1), g.join(2)
	before := g.as(ex)
	ref := envelope.Ref{Type: "note", ID: "1"}
	first, seen, err := envelope.Seal(before, ref, []byte("in time"))
	require.NoError(t, err)
	forged, _, err := envelope.Seal(before, seen, []byte("too late"))
	require.NoError(t, err)
	g.remove(ex)
	now := g.as(owner)

	_, _, err = envelope.Reseal(now, seen, forged)
	require.ErrorIs(t, err, envelope.ErrFormer)
	sealed, _, err := envelope.Reseal(now, seen, first)
	require.NoError(t, err, "the version that was seen")
	require.NotEmpty(t, sealed)
	_, _, err = envelope.Reseal(now, ref, forged)
	require.NoError(t, err, "nobody here has seen any")
}

// TestClaimedSize shows what the author says of the size before the end is seen,
// as far as such a size can be.
func TestClaimedSize(t *testing.T) {
	g := newTestGroup(1)
	alice := g.join(2)
	for size, want := range map[uint64]int64{9: 9, 1 << 49: 1 << 49, 1<<49 + 1: -1, math.MaxUint64: -1} {
		d := refOf(g, alice, note.Type, note.ID)
		d.size = size
		r, opened, err := envelope.NewReader(g.as(alice), note, bytes.NewReader(d.build([]byte("plaintext"))))
		require.NoError(t, err)
		require.Equal(t, want, opened.Size)
		_, err = r.Read(make([]byte, 1))
		require.Equal(t, size == 9 || want < 0 && size == math.MaxUint64, err == nil, size)
	}
}
