package share

import (
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/wire"
	"github.com/sealkin/sealkin/keys"
)

// The kinds of changes, for tests outside of the package.
const (
	KindCreate   = uint8(create)
	KindAdd      = uint8(add)
	KindInvite   = uint8(invite)
	KindRemove   = uint8(remove)
	KindSetRole  = uint8(setRole)
	KindRekey    = uint8(rekey)
	KindRedeem   = uint8(redeem)
	KindLeave    = uint8(leave)
	KindRotate   = uint8(rotate)
	KindRepair   = uint8(repair)
	KindDissolve = uint8(dissolve)
)

// A Forgery is an entry that nobody asked the rules about. Zero fields are what
// an honest author of the newest state would write.
type Forgery struct {
	Signer   ring.Private // whose key signs
	Newcomer ring.Private // for a redeem
	As       *keys.AccountID
	Epoch    *uint32
	Group    *keys.GroupID
	Seq      *uint64
	Previous *[32]byte
	Kind     uint8
	Role     Role
	People   [][]byte
	IDs      []keys.AccountID
	Older    []uint32 // of a repair; the boxes hold nothing
	Rotation *ForgedRotation
	Label    label.Label // of the signature
}

// A ForgedRotation is a rotation with any content.
type ForgedRotation struct {
	Generation uint32
	Key        []byte // what is committed to
	Older      uint32
	Box        []byte // nil: an honest one around OlderKey
	OlderKey   []byte
}

// Entry returns the record.
func (f Forgery) Entry(l *Log) []byte {
	epoch, _ := f.Signer.Public().Newest()
	e := &entry{author: f.Signer.Public().ID, epoch: epoch, change: &change{kind: kind(f.Kind), role: f.Role, ids: f.IDs}}
	if l != nil {
		e.group, e.seq, e.previous = l.ID(), l.Len(), l.Head()
	}
	set(&e.author, f.As)
	set(&e.epoch, f.Epoch)
	set(&e.group, f.Group)
	set(&e.seq, f.Seq)
	set(&e.previous, f.Previous)
	for _, record := range f.People {
		e.change.people = append(e.change.people, &person{record: record})
	}
	for _, g := range f.Older {
		e.change.boxes = append(e.change.boxes, oldKey{g, make([]byte, oldKeySize)})
	}
	if r := f.Rotation; r != nil {
		material := secret.New(r.Key)
		e.rotation = &rotation{generation: r.Generation, commitment: commit(material, r.Generation), older: oldKey{r.Older, r.Box}}
		if r.OlderKey != nil {
			older := newGroupKey(e.group, r.Older, secret.New(r.OlderKey))
			e.rotation.older = newGroupKey(e.group, r.Generation, material).sealOlder(older)
		}
	}
	e.seal()
	signer := f.Signer.Sign
	if f.Label != "" {
		signer = func([]byte) []byte { return f.Signer.Sign(signed(f.Label, e.body)) }
	}
	var newcomer func([]byte) []byte
	if f.Newcomer != nil {
		newcomer = f.Newcomer.Sign
	}
	e.sign(signer, newcomer)
	return e.record
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// ForgeLink seals any key to anybody, as the link of a generation of l.
func ForgeLink(l *Log, generation uint32, key []byte, to *keys.Identity) []byte {
	p := personOf(to.Public())
	place := read(l, func(s state) []byte { return linkPlace(s, generation, p.id, p.statement(p.epoch())) })
	link, err := sealLink(newGroupKey(l.ID(), generation, secret.New(key)), place, p)
	if err != nil {
		panic(err)
	}
	return link
}

// KeyOf returns a key that g has, to look for; nil if it has not.
func KeyOf(g *Group, generation uint32) []byte {
	k := g.keys.key(g.log, generation)
	if k == nil {
		return nil
	}
	return secret.Reveal(k.material)
}

// HashOf returns the hash of an entry.
func HashOf(record []byte) [32]byte {
	e, err := parseEntry(record)
	if err != nil {
		panic(err)
	}
	return e.hash
}

// ParseAndAppend parses an entry and encodes it again.
func ParseAndAppend(record []byte) ([]byte, error) {
	e, err := parseEntry(record)
	if err != nil {
		return nil, err
	}
	body := len(e.body)
	e.seal()
	return append(e.body, e.record[body:]...), nil
}

// GenerationOf returns the generation that a link is of.
func GenerationOf(link []byte) (uint32, bool) {
	_, generation, _, err := readLink(link)
	return generation, err == nil
}

// Opens reports whether a link opens with the keys of anybody, as if it had been
// made for them.
func Opens(l *Log, who ring.Private, link []byte) bool {
	_, generation, sealed, err := readLink(link)
	if err != nil {
		return false
	}
	for e, epoch := range who.Public().Epochs {
		place := read(l, func(s state) []byte { return linkPlace(s, generation, who.Public().ID, epoch.Statement) })
		if _, err := who.Open(uint32(e), label.GroupLink, place, sealed); err == nil {
			return true
		}
	}
	return false
}

// ForgeBookmark seals a bookmark of g with any key.
func ForgeBookmark(g *Group, generation uint32, key []byte) []byte {
	head := g.log.Head()
	plain := append(wire.AppendUint64(nil, g.log.n-1), head[:]...)
	plain = append(wire.AppendUint32(plain, generation), key...)
	return sealOwn(g.private(), wire.Bookmark, label.GroupBookmark, g.log.ID(), plain)
}

// ForgeSnapshot seals a snapshot of g with any key.
func ForgeSnapshot(g *Group, generation uint32, key []byte) []byte {
	plain := wire.AppendUint32(read(g.log, func(s state) []byte { return s.appendEntries(nil) }), 1)
	plain = append(wire.AppendUint32(plain, generation), key...)
	return sealOwn(g.private(), wire.Snapshot, label.GroupSnapshot, g.log.ID(), plain)
}
