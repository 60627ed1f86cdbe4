package share

import (
	"fmt"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/wire"
	"github.com/sealkin/sealkin/keys"
)

// Marshal seals the group for this account: the whole verified log, and all keys
// that are here. [Restore] opens it without the network, and without verifying
// anything again unless the account has newer keys. It is for this device: keep
// the newest, because one that is given back later goes back to what was known
// then (spec, Section 9.8).
func (g *Group) Marshal() []byte {
	plain := read(g.log, func(s state) []byte { return s.appendEntries(nil) })
	held := g.keys.all(g.log)
	plain = wire.AppendUint32(plain, uint32(len(held)))
	for _, k := range held {
		plain = append(wire.AppendUint32(plain, k.generation), secret.Open(k.material)...)
	}
	return sealOwn(g.private(), wire.Snapshot, label.GroupSnapshot, g.log.ID(), plain)
}

// Restore opens what [Group.Marshal] sealed. Then [Group.Apply] goes on with what
// is new. What this account's older keys have sealed vouches for nothing, not even
// for the group being one that was chosen: then compare [Log.ID] with an id that
// is known from elsewhere.
//
// The error is ErrMalformed, ErrNewer, ErrBehind for an epoch that the
// account does not have or if the group knows newer keys of this account,
// ErrMismatch for other keys of this account than the group's, or ErrOpen; after
// new keys also those of [ReadLog].
func Restore(me *keys.Account, snapshot []byte) (*Group, error) {
	id, plain, genuine, err := openOwn(ring.PrivateOf(me.Member()), wire.Snapshot, label.GroupSnapshot, snapshot, snapshotLimit)
	if err != nil {
		return nil, fmt.Errorf("share: snapshot: %w", err)
	}
	r := wire.Bare(plain)
	entries, err := recallEntries(r)
	if err != nil {
		return nil, fmt.Errorf("share: snapshot: %w", err)
	}
	log, err := restored(entries, genuine)
	if err != nil {
		return nil, err
	}
	held, err := log.readKeys(r)
	if err != nil || log.ID() != id {
		return nil, fmt.Errorf("share: snapshot: %w", keys.ErrMalformed)
	}
	return enter(me, log, held, nil)
}

// restored returns the log of a snapshot. What older keys of the account sealed
// is verified like anybody's.
func restored(entries []*entry, genuine bool) (*Log, error) {
	if genuine {
		log, _, err := (&Log{state{newChain(), 0}}).fold(entries, uint64(len(entries)))
		return log, err
	}
	records := make([][]byte, len(entries))
	for i, e := range entries {
		records[i] = e.record
	}
	return ReadLog(records)
}

// appendEntries appends all entries, each with what a reader would have to hash
// again: its hash, and the ids of the people in it.
func (s state) appendEntries(dst []byte) []byte {
	dst = wire.AppendUint32(dst, uint32(s.n))
	for _, f := range s.c.facts[:s.n] {
		dst = append(wire.AppendPrefixed(dst, f.record), f.hash[:]...)
		for _, id := range f.people {
			dst = append(dst, id[:]...)
		}
	}
	return dst
}

// recallEntries is the reverse. What it reads was verified before it was sealed;
// the entries keep its bytes.
func recallEntries(r *wire.Reader) (entries []*entry, err error) {
	for n := r.Uint32(); r.OK() && n > 0; n-- {
		record := r.Prefixed(1, entrySizeLimit)
		if !r.OK() {
			break
		}
		e, err := readEntry(record)
		if err != nil {
			return nil, err
		}
		r.Fill(e.hash[:])
		err = e.resolve(func(record []byte) (*person, error) {
			p, err := readPerson(record)
			if err == nil {
				r.Fill(p.id[:])
			}
			return p, err
		})
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	if !r.OK() || len(entries) == 0 {
		return nil, keys.ErrMalformed
	}
	return entries, nil
}

// readKeys reads the keys at the end of a snapshot, which are those of the
// commitments.
func (l *Log) readKeys(r *wire.Reader) (*keyring, error) {
	held := newKeyring()
	for n := r.Uint32(); r.OK() && n > 0; n-- {
		generation, material := r.Uint32(), r.Bytes(box.KeySize)
		at, ok := l.start(generation)
		if !r.OK() || !ok {
			return nil, keys.ErrMalformed
		}
		k := checkedKey(l.c.id, generation, material, at.commitment)
		if k == nil {
			return nil, keys.ErrMalformed
		}
		held.hold(at.commitment, k)
	}
	return held, r.End()
}
