package share

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/sha256"
	"sync"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/wire"
	"github.com/sealkin/sealkin/keys"
)

// A person is somebody's public keys, as an entry holds them. It is not changed.
type person struct {
	id         keys.AccountID
	record     []byte
	statements [][]byte   // by epoch, as they stand in record
	hashes     [][32]byte // of statements; nil: not computed
	one        [1][]byte  // where most statements are kept

	once   sync.Once // for key, since most people are never sealed to
	key    hpke.PublicKey
	keyErr error
}

// personOf returns the person of keys that were verified.
func personOf(pub *ring.Public) *person {
	p, err := readPerson(pub.Record)
	if err != nil {
		panic("share: internal error: " + err.Error()) // package keys has parsed it
	}
	p.id = pub.ID
	for _, e := range pub.Epochs {
		p.hashes = append(p.hashes, e.Statement)
	}
	p.once.Do(func() { p.key = pub.KEM })
	return p
}

// verifyPerson checks an identity record (spec, Section 5.3). Whose it is does
// not matter here: its id is the hash of its first keys, and whoever signed the
// entry answers for taking in that id.
func verifyPerson(record []byte) (*person, error) {
	i, err := keys.TrustFirst(record)
	if err != nil {
		return nil, err
	}
	return personOf(i.Public()), nil
}

// recallPerson reads an identity record that was verified before, and that a
// hash or a box vouches for: it proves nothing again.
func recallPerson(record []byte) (*person, error) {
	p, err := readPerson(record)
	if err != nil {
		return nil, err
	}
	sum := hashOf(label.AccountID, p.statements[0])
	copy(p.id[:], sum[:])
	return p, nil
}

// epoch returns the number of the newest epoch.
func (p *person) epoch() uint32 { return uint32(len(p.statements) - 1) }

// signKey returns the key that p signs with in an epoch that it has.
func (p *person) signKey(epoch uint32) ed25519.PublicKey {
	return p.statements[epoch][signAt : signAt+ed25519.PublicKeySize]
}

// newestKey returns the key that p signs with.
func (p *person) newestKey() ed25519.PublicKey { return p.signKey(p.epoch()) }

// statement returns the hash of the statement of an epoch that p has.
func (p *person) statement(epoch uint32) [32]byte {
	if p.hashes != nil {
		return p.hashes[epoch]
	}
	return hashOf(label.StatementHash, p.statements[epoch])
}

// sealKey returns the key that links are sealed to.
func (p *person) sealKey() (hpke.PublicKey, error) {
	p.once.Do(func() { p.key, p.keyErr = box.KEM().NewPublicKey(p.statements[p.epoch()][kemAt:signAt]) })
	return p.key, p.keyErr
}

// continues reports whether p is known, with nothing or more behind it.
func (p *person) continues(known *person) bool {
	if known == nil {
		return true
	}
	if p.id != known.id || p.epoch() < known.epoch() {
		return false
	}
	for e, statement := range known.statements {
		if !bytes.Equal(p.statements[e], statement) {
			return false
		}
	}
	return true
}

// The sizes of a statement and where its parts stand (spec, Section 5.1).
const (
	statementSize = 1 + 4 + box.PublicKeySize + ed25519.PublicKeySize + sha256.Size
	kemAt         = 1 + 4
	signAt        = kemAt + box.PublicKeySize
)

// readPerson reads the layout of an identity record, and not whose it is.
func readPerson(record []byte) (*person, error) {
	r, err := wire.Read(record, wire.Identity, identityLimit)
	if err != nil {
		return nil, err
	}
	p := &person{record: record}
	p.statements = p.one[:0]
	for r.OK() && (len(p.statements) == 0 || !r.Empty()) {
		s := r.Bytes(statementSize)
		r.Bytes(signatures(len(p.statements)))
		p.statements = append(p.statements, s)
	}
	if err := r.End(); err != nil {
		return nil, err
	}
	return p, nil
}

// signatures returns how many bytes of signatures stand behind a statement.
func signatures(epoch int) int {
	if epoch == 0 {
		return ed25519.SignatureSize
	}
	return 2 * ed25519.SignatureSize
}

// hashOf returns SHA-256(<l> ‖ b).
func hashOf(l label.Label, b []byte) [sha256.Size]byte {
	h := sha256.New()
	var prefix [64]byte
	h.Write(wire.AppendPrefixed(prefix[:0], l))
	h.Write(b)
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	return sum
}
