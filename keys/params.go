package keys

import (
	"bytes"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"fmt"

	"golang.org/x/crypto/argon2"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/wire"
)

const (
	passphraseVersion = 1   // of the form of P
	paramsSize        = 52  // of the record
	paramsLimit       = 128 // of one of any version
	saltSize          = 32
	argon2id          = 1
	pbkdf2SHA256      = 2
)

// Params are the public half of a stretched passphrase: its cost, its salt, and
// whether a second secret is needed. The server stores them inside the account
// record and sends them before a login.
type Params struct {
	cost   Cost
	salt   [saltSize]byte
	second bool
	record []byte
}

// newParams encodes (spec, Section 4.3). cost was checked.
func newParams(cost Cost, salt [saltSize]byte, second bool) *Params {
	kdf := byte(argon2id)
	if cost.Iterations != 0 {
		kdf = pbkdf2SHA256
	}
	b := wire.AppendHeading(make([]byte, 0, paramsSize), wire.Params)
	b = append(b, passphraseVersion, kdf)
	b = wire.AppendUint32(b, cost.Memory)
	b = wire.AppendUint32(b, cost.Passes)
	b = append(b, cost.Lanes)
	b = wire.AppendUint32(b, cost.Iterations)
	b = append(b, salt[:]...)
	b = append(b, boolByte(second))
	return &Params{cost, salt, second, b}
}

func boolByte(v bool) byte {
	if v {
		return 1
	}
	return 0
}

// ParseParams reads a record of parameters, which may come from anybody, and
// does so before any work: ErrCost for a cost outside the limits, and, if seen
// is what this device used the last time (nil: nothing), ErrParams for less
// than that or for another need of the second secret.
func ParseParams(record []byte, seen *Params) (*Params, error) {
	p, err := parseParams(record)
	if err != nil {
		return nil, fmt.Errorf("keys: parameters: %w", err)
	}
	if seen != nil && (p.cost.cheaper(seen.cost) || p.second != seen.second) {
		return nil, fmt.Errorf("%w: cheaper than before, or another need for the second secret", ErrParams)
	}
	return p, nil
}

func parseParams(record []byte) (*Params, error) {
	r, err := wire.Read(record, wire.Params, paramsLimit)
	if err != nil {
		return nil, err
	}
	form, kdf := r.Uint8(), r.Uint8()
	cost := Cost{Memory: r.Uint32(), Passes: r.Uint32(), Lanes: r.Uint8(), Iterations: r.Uint32()}
	var salt [saltSize]byte
	r.Fill(salt[:])
	second := r.Uint8()
	if r.OK() && form > passphraseVersion {
		return nil, ErrNewer
	}
	r.Require(form == passphraseVersion && second <= 1)
	r.Require(kdf == argon2id || kdf == pbkdf2SHA256)
	if err := r.End(); err != nil {
		return nil, err
	}
	if (kdf == pbkdf2SHA256) != (cost.Iterations != 0) {
		return nil, fmt.Errorf("%w: not the numbers of this kdf", ErrCost)
	}
	if err := cost.check(); err != nil {
		return nil, err
	}
	return newParams(cost, salt, second == 1), nil
}

// DecoyParams makes the parameters that a server shows for a name it does not
// know. Package srp calls it; salt must look random.
func DecoyParams(c Cost, second bool, salt [32]byte) (*Params, error) {
	c = c.orDefault()
	if err := c.check(); err != nil {
		return nil, err
	}
	return newParams(c, salt, second), nil
}

// Cost lets an app refuse, before the work, what its device has no memory for.
func (p *Params) Cost() Cost { return p.cost }

// NeedsSecond reports whether the second secret is needed.
func (p *Params) NeedsSecond() bool { return p.second }

// Outdated reports whether today's default costs more: offer a new credential
// by [NewPassphrase] and [Account.SetPassphrase]. PBKDF2, which is chosen where
// Argon2id is not to be had, is measured against its own floor.
func (p *Params) Outdated() bool {
	return p.cost.Iterations == 0 && p.cost.cheaper(defaultCost)
}

// Bytes returns the record, to be kept as what was seen.
func (p *Params) Bytes() []byte { return bytes.Clone(p.record) }

// NewPassphrase makes the credential of a new passphrase, with a new salt.
// second, if not nil, is a secret that is needed as well, kept on the person's
// devices: with it, nothing that is stored can be used to test guesses.
//
// It takes as long as a login (with the default cost a tenth of a second or some
// more, by the machine), can't be cancelled, and needs the memory of c. The error
// is ErrCost, or says what is wrong with the passphrase or the name, for the
// person.
func NewPassphrase(who Login, passphrase string, c Cost, second *Code) (*Credential, error) {
	c = c.orDefault()
	if err := c.check(); err != nil {
		return nil, err
	}
	var salt [saltSize]byte
	rand.Read(salt[:])
	return newParams(c, salt, second != nil).Stretch(who, passphrase, second)
}

// Stretch makes the credential of a passphrase that was set before, for the
// login it was set for. It takes a tenth of a second or more, can't be cancelled,
// and needs the memory of the cost. A wrong passphrase is no error here: it shows
// when the credential is used. The error is ErrCost where the cost can't be
// computed, ErrParams if second is missing or not needed, or says what is wrong
// with the passphrase or the name, for the person.
func (p *Params) Stretch(who Login, passphrase string, second *Code) (*Credential, error) {
	if err := p.cost.check(); err != nil {
		return nil, err // the zero Params
	}
	if err := p.cost.available(); err != nil {
		return nil, err
	}
	if p.second != (second != nil) {
		return nil, fmt.Errorf("%w: the second secret is missing, or not needed", ErrParams)
	}
	who, err := who.Canonical()
	if err != nil {
		return nil, err
	}
	form, err := passphraseForm(passphrase)
	if err != nil {
		return nil, err
	}
	ikm, err := p.slow(form, who)
	if err != nil {
		return nil, err
	}
	var salt []byte
	if second != nil {
		salt = secret.Reveal(second.codeSecret)
	}
	return newCredential(ring.Passphrase, box.Extract(salt, ikm), p), nil
}

// salted is salt', of which no two people and no two services have the same.
func (p *Params) salted(who Login) [sha256.Size]byte {
	context := wire.Join([]byte(label.PassphraseSalt), []byte(who.Service), []byte(who.Name))
	return sha256.Sum256(append(context, p.salt[:]...))
}

// slow is the slow hash (spec, Section 4.3).
func (p *Params) slow(form []byte, who Login) (secret.Key, error) {
	salted := p.salted(who)
	if p.cost.Iterations == 0 {
		return secret.Hide(argon2.IDKey(form, salted[:], p.cost.Passes, p.cost.Memory, p.cost.Lanes, box.KeySize)), nil
	}
	ikm, err := pbkdf2.Key(sha256.New, string(form), salted[:], int(p.cost.Iterations), box.KeySize)
	if err != nil {
		return secret.Key{}, fmt.Errorf("%w: %w", ErrCost, err)
	}
	return secret.Hide(ikm), nil
}
