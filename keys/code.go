package keys

import (
	"crypto/rand"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/wire"
)

const codeSize = 20

type codeSecret = secret.Key

// A Code is a secret of 160 random bits for paper or a QR code: a recovery
// code, an invitation, or the second secret beside a passphrase. Use each code
// for one of these. It is safe for concurrent use.
type Code struct{ codeSecret }

// NewCode draws a code.
func NewCode() *Code {
	b := make([]byte, codeSize)
	rand.Read(b)
	return &Code{secret.New(b)}
}

// ParseCode reads what [Code.Show] wrote. Case, spaces and dashes do not
// matter, nor do O for 0 and I or L for 1. A typing error is found before
// anything is tried: the error is ErrMalformed, and says which group is wrong.
func ParseCode(text string) (*Code, error) {
	d, err := typed("code", text, 8, 4, false)
	if err != nil {
		return nil, err
	}
	return &Code{secret.New(undigits(d))}, nil
}

// Show returns the code for the person's eyes: eight groups of four letters and
// a check letter (spec, Section 4.5). It is the only call that gives it away.
func (c *Code) Show() string {
	return show(digits(secret.Open(c.codeSecret)), 4, true, "-")
}

// Credential makes the code a way in, for recovery. It takes microseconds: a
// code needs no slow hash.
func (c *Code) Credential() *Credential {
	return newCredential(ring.Code, c.root(), nil)
}

func (c *Code) root() secret.Key { return box.Extract([]byte(label.CodeSecret), c.codeSecret) }

// Guest returns the temporary account of an invitation, for package share.
func (c *Code) Guest() ring.Member {
	seed := box.Expand(c.root(), label.InvitationSeed, seedSize)
	return ring.NewMember(newHolder([]secret.Key{seed}, nil))
}

// uint32Bytes is the encoding of a number inside a derivation.
func uint32Bytes(v uint32) []byte { return wire.AppendUint32(nil, v) }

func uint32Of(b []byte) uint32 { return wire.Bare(b).Uint32() }
