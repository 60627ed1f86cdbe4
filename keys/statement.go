package keys

import (
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/sha256"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/wire"
)

// Sizes of an identity's parts (spec, Section 5.1), in bytes.
const (
	statementVersion = 1
	statementSize    = 1 + 4 + box.PublicKeySize + ed25519.PublicKeySize + sha256.Size
	epochLimit       = 64
	identityLimit    = wire.HeadingSize + epochLimit*(statementSize+2*ed25519.SignatureSize)
)

// A statement says which keys an account has in one epoch.
type statement struct {
	version  uint8
	epoch    uint32
	kem      [box.PublicKeySize]byte
	sign     [ed25519.PublicKeySize]byte
	previous [sha256.Size]byte // the hash of the statement before; zero in epoch 0
}

// newStatement states the public halves of the keys of an epoch.
func newStatement(epoch uint32, sign ed25519.PrivateKey, kem hpke.PrivateKey) *statement {
	s := &statement{version: statementVersion, epoch: epoch}
	copy(s.kem[:], kem.PublicKey().Bytes())
	copy(s.sign[:], sign.Public().(ed25519.PublicKey))
	return s
}

func (s *statement) append(dst []byte) []byte {
	dst = append(dst, s.version)
	dst = wire.AppendUint32(dst, s.epoch)
	dst = append(dst, s.kem[:]...)
	dst = append(dst, s.sign[:]...)
	return append(dst, s.previous[:]...)
}

func readStatement(r *wire.Reader) *statement {
	s := new(statement)
	s.version = r.Uint8()
	s.epoch = r.Uint32()
	r.Fill(s.kem[:])
	r.Fill(s.sign[:])
	r.Fill(s.previous[:])
	return s
}

// hash names the statement.
func (s *statement) hash() [sha256.Size]byte {
	return sha256.Sum256(s.append(wire.Join([]byte(label.StatementHash))))
}

// accountID is the id of the account whose first statement this is.
func (s *statement) accountID() AccountID {
	sum := sha256.Sum256(s.append(wire.Join([]byte(label.AccountID))))
	return AccountID(sum[:idSize])
}

// signed is what a signature of the statement is over.
func (s *statement) signed(l label.Label, id AccountID) []byte {
	return s.append(append(wire.Join([]byte(l)), id[:]...))
}
