package share

import (
	"bytes"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/wire"
	"github.com/sealkin/sealkin/keys"
)

// kind says what an entry changes (spec, Section 9.3).
type kind uint8

const (
	create   kind = iota + 1
	add           // people
	invite        // whoever has a code
	remove        // people and invitations
	setRole       // of people
	rekey         // the author has new keys
	redeem        // an invitation becomes a person
	leave         // the author goes
	rotate        // nothing but a new key
	repair        // older keys that can't be reached
	dissolve      // nothing follows
	kinds         // how many there are, and one
)

// subjects says whom or what the change of a kind lists.
type subjects uint8

const (
	nobody  subjects = iota
	people           // identity records
	ids              // account ids, ascending
	oldKeys          // keys of older generations
)

// shapes is the format of each kind of change: whether a role stands in front,
// and what is listed, at most how many.
var shapes = [kinds]struct {
	role     bool
	subjects subjects
	most     int
}{
	create:  {false, people, 1},
	add:     {true, people, peopleLimit},
	invite:  {true, people, peopleLimit},
	remove:  {false, ids, idLimit},
	setRole: {true, ids, idLimit},
	rekey:   {false, people, 1},
	redeem:  {false, people, 1},
	repair:  {false, oldKeys, repairLimit},
}

// A change is what an entry changes.
type change struct {
	kind   kind
	role   Role      // that add, invite and setRole give
	people []*person // of create, add, invite, rekey, redeem
	ids    []keys.AccountID
	boxes  []oldKey
}

// An oldKey is the key of an older generation, in a box that the key of a newer
// one opens (spec, Section 9.5).
type oldKey struct {
	generation uint32
	box        []byte
}

const oldKeySize = box.Overhead + box.KeySize

func (c *change) append(dst []byte) []byte {
	shape := shapes[c.kind]
	if shape.role {
		dst = append(dst, byte(c.role))
	}
	switch shape.subjects {
	case people:
		dst = wire.AppendUint32(dst, uint32(len(c.people)))
		for _, p := range c.people {
			dst = wire.AppendPrefixed(dst, p.record)
		}
	case ids:
		dst = wire.AppendUint32(dst, uint32(len(c.ids)))
		for _, id := range c.ids {
			dst = append(dst, id[:]...)
		}
	case oldKeys:
		dst = wire.AppendUint32(dst, uint32(len(c.boxes)))
		for _, b := range c.boxes {
			dst = append(wire.AppendUint32(dst, b.generation), b.box...)
		}
	}
	return dst
}

// parseChange reads the change of a kind. The people in it have a record and
// nothing else yet: see [entry.resolve].
func parseChange(k kind, b []byte) (*change, error) {
	if k < create || k >= kinds {
		return nil, keys.ErrMalformed
	}
	r, c, shape := wire.Bare(b), &change{kind: k}, shapes[k]
	if shape.role {
		c.role = Role(r.Uint8())
		r.Require(c.role.valid())
	}
	if shape.subjects != nobody {
		n := r.Uint32()
		r.Require(n >= 1 && n <= uint32(shape.most))
		for ; r.OK() && n > 0; n-- {
			c.readSubject(r, shape.subjects)
		}
	}
	return c, r.End()
}

func (c *change) readSubject(r *wire.Reader, s subjects) {
	switch s {
	case people:
		c.people = append(c.people, &person{record: r.Prefixed(1, identityLimit)})
	case ids:
		var id keys.AccountID
		r.Fill(id[:])
		n := len(c.ids)
		r.Require(n == 0 || bytes.Compare(c.ids[n-1][:], id[:]) < 0)
		c.ids = append(c.ids, id)
	case oldKeys:
		b := oldKey{r.Uint32(), r.Bytes(oldKeySize)}
		n := len(c.boxes)
		r.Require(n == 0 || c.boxes[n-1].generation < b.generation)
		c.boxes = append(c.boxes, b)
	}
}
