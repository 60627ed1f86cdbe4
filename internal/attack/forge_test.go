package attack_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/wire"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// What is here makes records by the specification, for whoever has no right to.

// The kinds of changes (spec, Section 9.3).
const (
	kindAdd     = 2
	kindInvite  = 3
	kindRemove  = 4
	kindSetRole = 5
	kindRekey   = 6
	kindRotate  = 9
)

// An entry of a group that nobody asked the rules about.
type forgery struct {
	signer   *keys.Account
	as       *keys.AccountID // nil: the signer's
	kind     byte
	change   []byte
	rotation []byte
	label    label.Label // of the signature; empty: the right one
}

// after returns the record behind the newest entry of l (spec, Section 9.2).
func (f forgery) after(l *share.Log) []byte {
	id, head := l.ID(), l.Head()
	author := f.signer.ID()
	if f.as != nil {
		author = *f.as
	}
	body := append(wire.AppendHeading(nil, wire.Entry), id[:]...)
	body = append(wire.AppendUint64(body, l.Len()), head[:]...)
	body = wire.AppendUint32(append(body, author[:]...), f.signer.Identity().Epoch())
	body = wire.AppendPrefixed(append(body, f.kind), f.change)
	if f.rotation == nil {
		body = append(body, 0)
	}
	body = append(body, f.rotation...)
	l2 := f.label
	if l2 == "" {
		l2 = label.EntrySignature
	}
	return append(bytes.Clone(body), private(f.signer).Sign(append(wire.Join([]byte(l2)), body...))...)
}

// adding is the change that adds people.
func adding(role share.Role, people ...*keys.Account) []byte {
	out := wire.AppendUint32([]byte{byte(role)}, uint32(len(people)))
	for _, p := range people {
		out = wire.AppendPrefixed(out, p.Identity().Bytes())
	}
	return out
}

// rotating is a rotation to key, without an older one (spec, Section 9.5).
func rotating(generation uint32, key []byte) []byte {
	commitment := box.Expand(secretKey(key), label.GroupCommit, 32, wire.AppendUint32(nil, generation))
	out := wire.AppendUint32([]byte{1}, generation)
	out = append(out, reveal(commitment)...)
	return wire.AppendPrefixed(wire.AppendUint32(out, 0), []byte(nil))
}

// headAfter is the hash of the n-th of entries.
func headAfter(entries [][]byte, n int) [32]byte { return must(share.ReadLog(entries[:n+1])).Head() }

// linkPlace is what a link is bound to (spec, Section 9.6).
func linkPlace(head [32]byte, generation uint32, pub *ring.Public) []byte {
	_, newest := pub.Newest()
	place := wire.AppendUint32(head[:], generation)
	return append(append(place, pub.ID[:]...), newest.Statement[:]...)
}

// forgeLink seals any key to anybody, as the link of a generation that entry
// start began.
func forgeLink(entries [][]byte, start int, generation uint32, key []byte, to *keys.Identity) []byte {
	id := must(share.ReadLog(entries)).ID()
	place := linkPlace(headAfter(entries, start), generation, to.Public())
	sealed := must(box.SealTo(to.Public().KEM, label.GroupLink, place, key))
	out := wire.AppendUint32(append(wire.AppendHeading(nil, wire.Link), id[:]...), generation)
	return append(out, sealed...)
}

const linkHead = wire.HeadingSize + 25 + 4 // in front of what is sealed

// keyIn returns the group key in a link, for whom it was made, or nil.
func keyIn(link []byte, entries [][]byte, who *keys.Account) []byte {
	if len(link) < linkHead || !bytes.HasPrefix(link, wire.AppendHeading(nil, wire.Link)) {
		return nil
	}
	generation := must(wire.Read(link, wire.Link, 1<<20))
	generation.Bytes(25)
	n := generation.Uint32()
	for seq := range entries {
		place := linkPlace(headAfter(entries, seq), n, who.Identity().Public())
		if key, err := private(who).Open(who.Identity().Epoch(), label.GroupLink, place, link[linkHead:]); err == nil {
			return key
		}
	}
	return nil
}

// noGrant tries all that was ever sent with the keys of people, who are no
// members and may have got no group key of generation least or newer.
func (w *world) noGrant(least uint32, people ...*keys.Account) {
	w.t.Helper()
	log := must(share.ReadLog(w.s.Log(w.id)))
	for _, p := range people {
		w.noLink(least, p)
		assert.Zero(w.t, log.Role(p.ID()))
	}
}

// noLink is noGrant for somebody who has old keys of a member.
func (w *world) noLink(least uint32, thief *keys.Account) {
	w.t.Helper()
	links := 0
	for _, sent := range w.s.Sent() {
		if len(sent) > linkHead && bytes.HasPrefix(sent, wire.AppendHeading(nil, wire.Link)) && generationOf(sent) >= least {
			links++
			assert.Nil(w.t, keyIn(sent, w.s.Log(w.id), thief))
		}
	}
	require.NotZero(w.t, links)
}

func generationOf(link []byte) uint32 {
	r := wire.Bare(link[linkHead-4 : linkHead])
	return r.Uint32()
}

// groupKey returns the key of the newest generation.
func (w *world) groupKey(member *keys.Account) []byte {
	w.t.Helper()
	key := keyIn(w.s.Link(w.id, member.ID()), w.s.Log(w.id), member)
	require.Len(w.t, key, 32)
	return key
}

// The parts of an account record (spec, Sections 6.1 and 6.2), by their offsets.
type parts struct{ identity, seeds, slots, signature int }

func partsOf(record []byte) (p parts) {
	length := func(at int) int { r := wire.Bare(record[at:]); return int(r.Uint32()) }
	revision := wire.Bare(record[wire.HeadingSize+25:])
	p.identity = wire.HeadingSize + 25 + 8 + 32*int(revision.Uint64()-1) + 4
	p.seeds = p.identity + length(p.identity-4) + 4
	p.slots = p.seeds + length(p.seeds-4) + 1
	p.signature = len(record) - 64
	return p
}

// accountPlace is what the boxes of a record of revision 1 are bound to.
func accountPlace(a *keys.Account) []byte {
	_, newest := a.Identity().Public().Newest()
	id := a.ID()
	return append(append(wire.AppendUint64(id[:], 1), make([]byte, 32)...), newest.Statement[:]...)
}

// resigned signs a changed account record with the account's own key, as only
// the account can: what is behind the signature is reached.
func resigned(a *keys.Account, record []byte) []byte {
	body := record[:len(record)-64]
	return slices.Concat(body, private(a).Sign(append(wire.Join([]byte(label.AccountRecord)), body...)))
}

// unlock reads and unlocks a record.
func unlock(record []byte, seen *keys.LockedAccount, c *keys.Credential) (*keys.Account, error) {
	l, err := keys.ParseLockedAccount(record, seen)
	if err != nil {
		return nil, err
	}
	return l.Unlock(c)
}

// sealedKey is the size of a key sealed to a public key: in a slot, in a link.
const sealedKey = box.PublicOverhead + box.KeySize

// TestForge shows that what is made here is refused for its one difference only.
func TestForge(t *testing.T) {
	owner, bob, carol := person(), person(), person()
	w, g := foundWith(t, owner, share.Writer, bob)
	entry := forgery{signer: owner, kind: kindAdd, change: adding(share.Reader, carol)}.after(g.Log())
	_, err := g.Apply([][]byte{entry}, nil)
	require.NoError(t, err)
	link := forgeLink(w.s.Log(w.id), 0, 1, w.groupKey(owner), bob.Identity())
	_, err = share.Join(bob, w.id, owner.ID(), w.s.Log(w.id), link)
	require.NoError(t, err)
	key := random(32)
	w.show(forgery{signer: owner, kind: kindRotate, rotation: rotating(2, key)}.after(g.Log()))
	_, err = share.Join(bob, w.id, owner.ID(), w.s.Log(w.id), forgeLink(w.s.Log(w.id), 2, 2, key, bob.Identity()))
	require.NoError(t, err)

	c := device()
	a := keys.NewAccount(c)
	_, err = unlock(resigned(a, a.Locked().Bytes()), nil, c)
	require.NoError(t, err)
}
