package share

import (
	"bytes"
	"crypto/ed25519"
	"fmt"

	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/wire"
	"github.com/sealkin/sealkin/keys"
)

const idSize = len(keys.AccountID{})

// An entry is one signed change of a group (spec, Section 9.2). It is not
// changed once it is signed or read.
type entry struct {
	group    keys.GroupID // zero in entry 0
	seq      uint64
	previous [32]byte // the hash of the entry before; zero in entry 0
	author   keys.AccountID
	epoch    uint32 // of the author's key
	change   *change
	rotation *rotation // nil: the key stays

	record  []byte // all of it
	body    []byte // record without signatures
	hash    [32]byte
	consent bool // a second signature stands behind the first
}

// A rotation starts a generation.
type rotation struct {
	generation uint32
	commitment [32]byte // to the new key
	older      oldKey   // generation 0 and no box: none
}

func (r *rotation) append(dst []byte) []byte {
	if r == nil {
		return append(dst, 0)
	}
	dst = wire.AppendUint32(append(dst, 1), r.generation)
	dst = append(dst, r.commitment[:]...)
	return wire.AppendPrefixed(wire.AppendUint32(dst, r.older.generation), r.older.box)
}

func readRotation(r *wire.Reader) *rotation {
	switch r.Uint8() {
	case 0:
		return nil
	case 1:
	default:
		r.Require(false)
	}
	rot := &rotation{generation: r.Uint32()}
	r.Fill(rot.commitment[:])
	rot.older.generation = r.Uint32()
	rot.older.box = r.Prefixed(0, oldKeySize)
	r.Require((rot.older.generation == 0) == (len(rot.older.box) == 0))
	r.Require(len(rot.older.box) == 0 || len(rot.older.box) == oldKeySize)
	return rot
}

// seal fills what is computed, once the rest is there: the body and its hash.
func (e *entry) seal() {
	b := append(wire.AppendHeading(nil, wire.Entry), e.group[:]...)
	b = append(wire.AppendUint64(b, e.seq), e.previous[:]...)
	b = wire.AppendUint32(append(b, e.author[:]...), e.epoch)
	b = wire.AppendPrefixed(append(b, byte(e.change.kind)), e.change.append(nil))
	e.setBody(e.rotation.append(b))
	e.hash = hashOf(label.EntryHash, e.body)
}

func (e *entry) setBody(body []byte) {
	e.body, e.consent = body, e.change.kind == redeem
}

// sign adds the signatures: the author's, and in a redeem the newcomer's.
func (e *entry) sign(author, newcomer func(message []byte) []byte) {
	e.record = append(bytes.Clone(e.body), author(signed(label.EntrySignature, e.body))...)
	if e.consent {
		e.record = append(e.record, newcomer(signed(label.RedeemConsent, e.body))...)
	}
}

// signed is what a signature is over.
func signed(l label.Label, body []byte) []byte { return append(wire.Join([]byte(l)), body...) }

// groupID returns the id of the group whose entry 0 this is.
func (e *entry) groupID() keys.GroupID {
	sum := hashOf(label.GroupID, e.body)
	return keys.GroupID(sum[:idSize])
}

// parseEntry reads an entry. It checks the form and nothing else.
func parseEntry(record []byte) (*entry, error) {
	e, err := readEntry(bytes.Clone(record))
	if err != nil {
		return nil, err
	}
	e.hash = hashOf(label.EntryHash, e.body)
	return e, nil
}

// readEntry is parseEntry without the hash. The entry keeps record.
func readEntry(record []byte) (*entry, error) {
	r, err := wire.Read(record, wire.Entry, entrySizeLimit)
	if err != nil {
		return nil, err
	}
	e := &entry{record: record}
	r.Fill(e.group[:])
	e.seq = r.Uint64()
	r.Fill(e.previous[:])
	r.Fill(e.author[:])
	e.epoch = r.Uint32()
	k, c := kind(r.Uint8()), r.Prefixed(0, entrySizeLimit)
	e.rotation = readRotation(r)
	if !r.OK() {
		return nil, keys.ErrMalformed
	}
	if e.change, err = parseChange(k, c); err != nil {
		return nil, err
	}
	e.setBody(e.record[:len(e.record)-r.Len()])
	if r.Len() != len(e.record)-len(e.body) || r.Len() != e.signatureSize() {
		return nil, keys.ErrMalformed
	}
	return e, nil
}

func (e *entry) signatureSize() int {
	if e.consent {
		return 2 * ed25519.SignatureSize
	}
	return ed25519.SignatureSize
}

// resolve reads the people in the change.
func (e *entry) resolve(read func(record []byte) (*person, error)) error {
	for n, p := range e.change.people {
		p, err := read(p.record)
		if err != nil {
			return e.wrap(err)
		}
		e.change.people[n] = p
	}
	return nil
}

// verify checks the signatures. author is the key that e names.
func (e *entry) verify(author ed25519.PublicKey) error {
	signature := e.record[len(e.body):]
	ok := ed25519.Verify(author, signed(label.EntrySignature, e.body), signature[:ed25519.SignatureSize])
	if ok && e.consent {
		newcomer := e.change.people[0].newestKey()
		ok = ed25519.Verify(newcomer, signed(label.RedeemConsent, e.body), signature[ed25519.SignatureSize:])
	}
	if !ok {
		return e.wrap(keys.ErrMalformed)
	}
	return nil
}

// wrap says which entry an error is about.
func (e *entry) wrap(err error) error { return fmt.Errorf("share: entry %d: %w", e.seq, err) }
