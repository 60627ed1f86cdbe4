package share

import (
	"crypto/rand"
	"sync"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/wire"
	"github.com/sealkin/sealkin/keys"
)

// A groupKey is the key of one generation (spec, Section 9.5).
type groupKey struct {
	id         keys.GroupID
	generation uint32
	material   secret.Key
	documents  *box.Key // documents are sealed under it
	previous   *box.Key // the key of an older generation is
}

// newMaterial draws the key of a generation.
func newMaterial() secret.Key {
	b := make([]byte, box.KeySize)
	rand.Read(b)
	return secret.New(b)
}

// commit returns what the chain says of a key. The group's id is not in it,
// because the id is the hash of entry 0, which holds the first commitment.
func commit(material secret.Key, generation uint32) [32]byte {
	c := box.Expand(material, label.GroupCommit, 32, wire.AppendUint32(nil, generation))
	return [32]byte(secret.Open(c))
}

func newGroupKey(id keys.GroupID, generation uint32, material secret.Key) *groupKey {
	derive := func(l label.Label) *box.Key {
		return box.NewKey(box.Expand(material, l, box.KeySize, id[:], wire.AppendUint32(nil, generation)))
	}
	return &groupKey{id, generation, material, derive(label.GroupDocuments), derive(label.GroupPrevious)}
}

// place is what the box of an older key is bound to.
func (k *groupKey) place(older uint32) []byte {
	return wire.AppendUint32(wire.AppendUint32(k.id[:], k.generation), older)
}

// sealOlder puts the key of an older generation into a box that k opens.
func (k *groupKey) sealOlder(older *groupKey) oldKey {
	sealed := box.Seal(k.previous, label.GroupOldKey, k.place(older.generation), secret.Open(older.material))
	return oldKey{older.generation, sealed}
}

// openOlder opens such a box. The key must be the one that commitment says.
func (k *groupKey) openOlder(o oldKey, commitment [32]byte) *groupKey {
	material, err := box.Open(k.previous, label.GroupOldKey, k.place(o.generation), o.box)
	if err != nil {
		return nil
	}
	return checkedKey(k.id, o.generation, material, commitment)
}

// checkedKey returns the key that material is, or nil if it is not the one that
// the chain commits to.
func checkedKey(id keys.GroupID, generation uint32, material []byte, commitment [32]byte) *groupKey {
	if len(material) != box.KeySize {
		return nil
	}
	m := secret.New(material)
	if commit(m, generation) != commitment {
		return nil
	}
	return newGroupKey(id, generation, m)
}

// A keyring holds the keys of a group that one account has come to know, by
// what the chain says of them. So it serves each [Group] that came out of
// another, whichever of two rotations its chain took.
type keyring struct {
	mu      sync.Mutex
	held    map[keyName]*groupKey
	reached state // the newest state of which all boxes were tried
}

// A keyName is a key as a chain has it. An admin can write the commitment of one
// generation again for another: the key of the one is not that of the other.
type keyName struct {
	generation uint32
	commitment [32]byte
}

func newKeyring() *keyring { return &keyring{held: map[keyName]*groupKey{}} }

// hold adds a key that commitment was compared with.
func (r *keyring) hold(commitment [32]byte, k *groupKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held[keyName{k.generation, commitment}] = k
	r.reached = state{}
}

// of returns the key of a generation that s has begun, if it is held.
func (r *keyring) of(s state, generation uint32) (*groupKey, keyName) {
	at, _ := s.start(generation)
	name := keyName{generation, at.commitment}
	return r.held[name], name
}

// key returns the key of a generation, opening the boxes that lead to it, or nil.
func (r *keyring) key(l *Log, generation uint32) *groupKey {
	l.c.mu.RLock()
	defer l.c.mu.RUnlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := l.start(generation); !ok {
		return nil
	}
	if k, _ := r.of(l.state, generation); k != nil {
		return k
	}
	r.reach(l.state)
	k, _ := r.of(l.state, generation)
	return k
}

// reach opens boxes from the newest entry on, once for each state. An edge leads
// down, and edges of newer generations stand in newer entries, so that going once
// is enough.
func (r *keyring) reach(s state) {
	if r.reached == s {
		return
	}
	all := s.edges(0)
	for i := len(all) - 1; i >= 0; i-- {
		newer, _ := r.of(s, all[i].newer)
		older, name := r.of(s, all[i].older.generation)
		if newer == nil || older != nil {
			continue
		}
		if o := newer.openOlder(all[i].older, name.commitment); o != nil {
			r.held[name] = o
		}
	}
	r.reached = s
}

// newest returns the newest key that is held, or nil.
func (r *keyring) newest(l *Log) *groupKey {
	l.c.mu.RLock()
	defer l.c.mu.RUnlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	for g := l.fact().generation; g > 0; g-- {
		if k, _ := r.of(l.state, g); k != nil {
			return k
		}
	}
	return nil
}

// all returns the keys of l that are held, from generation 1 on.
func (r *keyring) all(l *Log) (held []*groupKey) {
	l.c.mu.RLock()
	defer l.c.mu.RUnlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	for g := uint32(1); g <= l.fact().generation; g++ {
		if k, _ := r.of(l.state, g); k != nil {
			held = append(held, k)
		}
	}
	return held
}
