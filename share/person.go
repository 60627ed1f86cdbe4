package share

import (
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
	id     keys.AccountID
	record []byte
	epochs []ring.Epoch
	kem    []byte // of the newest epoch

	once   sync.Once // for key, since most people are never sealed to
	key    hpke.PublicKey
	keyErr error
}

// personOf returns the person of keys that were verified.
func personOf(pub *ring.Public) *person {
	p := &person{id: pub.ID, record: pub.Record, epochs: pub.Epochs, kem: pub.KEM.Bytes()}
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

// epoch returns the number of the newest epoch.
func (p *person) epoch() uint32 { return uint32(len(p.epochs) - 1) }

// signKey returns the key that p signs with.
func (p *person) signKey() ed25519.PublicKey { return p.epochs[p.epoch()].Sign }

// statement returns the hash of the newest statement.
func (p *person) statement() [32]byte { return p.epochs[p.epoch()].Statement }

// sealKey returns the key that links are sealed to.
func (p *person) sealKey() (hpke.PublicKey, error) {
	p.once.Do(func() { p.key, p.keyErr = box.KEM().NewPublicKey(p.kem) })
	return p.key, p.keyErr
}

// continues reports whether p is known, with nothing or more behind it.
func (p *person) continues(known *person) bool {
	if known == nil {
		return true
	}
	if p.id != known.id || len(p.epochs) < len(known.epochs) {
		return false
	}
	for n, e := range known.epochs {
		if p.epochs[n].Statement != e.Statement {
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

// recallPerson reads an identity record that was verified before, and that a
// hash or a box vouches for: it reads the layout, and proves nothing again.
func recallPerson(record []byte) (*person, error) {
	r, err := wire.Read(record, wire.Identity, identityLimit)
	if err != nil {
		return nil, err
	}
	p := &person{record: record}
	for r.OK() && (len(p.epochs) == 0 || !r.Empty()) {
		s := r.Bytes(statementSize)
		r.Bytes(signatures(len(p.epochs)))
		if !r.OK() {
			break
		}
		if len(p.epochs) == 0 {
			sum := hashOf(label.AccountID, s)
			copy(p.id[:], sum[:])
		}
		p.kem = s[kemAt:signAt]
		p.epochs = append(p.epochs, ring.Epoch{Statement: hashOf(label.StatementHash, s), Sign: s[signAt : signAt+ed25519.PublicKeySize]})
	}
	return p, r.End()
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
	h.Write(wire.Join([]byte(l)))
	h.Write(b)
	return [sha256.Size]byte(h.Sum(nil))
}
