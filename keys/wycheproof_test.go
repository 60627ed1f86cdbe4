package keys

import (
	"bytes"
	"crypto/ed25519"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/vectors"
	"github.com/sealkin/sealkin/internal/wire"
)

// identityOf makes an identity record of one epoch around the keys that are
// given, signed by sign.
func identityOf(kem []byte, public ed25519.PublicKey, sign func(message []byte) []byte) ([]byte, AccountID) {
	s := statement{version: statementVersion, sign: [32]byte(public)}
	copy(s.kem[:], kem)
	id := s.accountID()
	record := s.append(wire.AppendHeading(nil, wire.Identity))
	return append(record, sign(s.signed(label.StatementSelf, id))...), id
}

// TestWycheproofEd25519 verifies with the function that identities, records and
// chains use, and puts each public key and each signature into an identity,
// where none of them may be taken for one of that identity.
func TestWycheproofEd25519(t *testing.T) {
	type group struct {
		PublicKey struct{ PK vectors.Hex }
		Tests     []struct {
			TcID     int
			Msg, Sig vectors.Hex
			Result   string
		}
	}
	kem := box.KEM()
	priv, err := kem.GenerateKey()
	require.NoError(t, err)
	tried := 0
	for _, g := range vectors.Wycheproof[group](t, "ed25519_test.json") {
		for _, c := range g.Tests {
			tried++
			ok := len(c.Sig) == ed25519.SignatureSize && ed25519.Verify(ed25519.PublicKey(g.PublicKey.PK), c.Msg, c.Sig)
			assert.Equal(t, c.Result == "valid", ok, "test %d", c.TcID)
			record, id := identityOf(priv.PublicKey().Bytes(), ed25519.PublicKey(g.PublicKey.PK), func([]byte) []byte { return c.Sig })
			_, err := ParseIdentity(record, id, nil)
			assert.ErrorIs(t, err, ErrMalformed, "test %d", c.TcID)
		}
	}
	assert.Greater(t, tried, 100)
}

// TestWycheproofX25519 makes each public value the X25519 part of an identity,
// genuinely signed: those that lead to a shared secret of zeros are refused, all
// others can be sealed to.
func TestWycheproofX25519(t *testing.T) {
	type group struct {
		Tests []struct {
			TcID           int
			Public, Shared vectors.Hex
			Result         string
		}
	}
	priv, err := box.KEM().GenerateKey()
	require.NoError(t, err)
	public, sign, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	low, tried := 0, 0
	for _, g := range vectors.Wycheproof[group](t, "x25519_test.json") {
		for _, c := range g.Tests {
			tried++
			kem := priv.PublicKey().Bytes()
			copy(kem[len(kem)-32:], c.Public)
			record, id := identityOf(kem, public, func(m []byte) []byte { return ed25519.Sign(sign, m) })
			_, err := ParseIdentity(record, id, nil)
			if zero := bytes.Equal(c.Shared, make([]byte, 32)); zero {
				low++
				assert.ErrorIs(t, err, ErrMalformed, "test %d", c.TcID)
			} else {
				assert.NoError(t, err, "test %d", c.TcID)
			}
		}
	}
	assert.Greater(t, tried, 400)
	assert.Greater(t, low, 5)
}
