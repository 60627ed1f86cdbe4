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
// that are here. [Restore] opens it without verifying anything again, and
// without the network. It is for this device: keep the newest, because one that
// is given back later goes back to what was known then (spec, Section 9.8).
func (g *Group) Marshal() []byte {
	facts := read(g.log, func(s state) []*fact { return s.c.facts[:s.n] })
	size := 8
	for _, f := range facts {
		size += 4 + len(f.record)
	}
	held := g.keys.all(g.log)
	plain := wire.AppendUint32(make([]byte, 0, size+len(held)*(4+box.KeySize)), uint32(len(facts)))
	for _, f := range facts {
		plain = wire.AppendPrefixed(plain, f.record)
	}
	plain = wire.AppendUint32(plain, uint32(len(held)))
	for _, k := range held {
		plain = append(wire.AppendUint32(plain, k.generation), secret.Open(k.material)...)
	}
	return sealOwn(g.private(), wire.Snapshot, label.GroupSnapshot, g.log.ID(), plain)
}

// Restore opens what [Group.Marshal] sealed. Then [Group.Apply] goes on with what
// is new. The error is ErrMalformed, ErrNewer, ErrBehind for an epoch that the
// account does not have, or ErrOpen for whatever else is wrong.
func Restore(me *keys.Account, snapshot []byte) (*Group, error) {
	id, plain, err := openOwn(ring.PrivateOf(me.Member()), wire.Snapshot, label.GroupSnapshot, snapshot, snapshotLimit)
	if err != nil {
		return nil, fmt.Errorf("share: snapshot: %w", err)
	}
	r := wire.Bare(plain)
	var records [][]byte
	for n := r.Uint32(); r.OK() && n > 0; n-- {
		records = append(records, r.Prefixed(1, entrySizeLimit))
	}
	if !r.OK() {
		return nil, fmt.Errorf("share: snapshot: %w", keys.ErrMalformed)
	}
	log, err := (&Log{state{newChain(), 0}}).extend(records, uint64(len(records)))
	if err != nil {
		return nil, err
	}
	held, err := log.readKeys(r)
	if err != nil || log.ID() != id {
		return nil, fmt.Errorf("share: snapshot: %w", keys.ErrMalformed)
	}
	return enter(me, log, held, nil)
}

// readKeys reads the keys at the end of a snapshot.
func (l *Log) readKeys(r *wire.Reader) (*keyring, error) {
	held := newKeyring()
	for n := r.Uint32(); r.OK() && n > 0; n-- {
		generation, material := r.Uint32(), r.Bytes(box.KeySize)
		at, ok := l.start(generation)
		if !r.OK() || !ok {
			return nil, keys.ErrMalformed
		}
		held.hold(at.commitment, newGroupKey(l.c.id, generation, secret.New(material)))
	}
	return held, r.End()
}
