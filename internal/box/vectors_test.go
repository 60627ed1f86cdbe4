package box_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/vectors"
)

//go:generate go test -run ^TestMakeVectors$ -update .

const source = "sealkin internal/box, go generate; docs/spec.md, Section 3"

// boxVector is one box of one segment.
type boxVector struct {
	Name       string      `json:"name"`
	Key        vectors.Hex `json:"key"`
	Label      string      `json:"label"`
	Context    vectors.Hex `json:"context"`
	Salt       vectors.Hex `json:"salt"`
	Subkey     vectors.Hex `json:"subkey"`
	Commitment vectors.Hex `json:"commitment"`
	Plaintext  vectors.Hex `json:"plaintext"`
	Box        vectors.Hex `json:"box"`
	Want       string      `json:"want"`
}

// publicVector is one box sealed to a public key.
type publicVector struct {
	Name      string      `json:"name"`
	Seed      vectors.Hex `json:"seed"`
	PublicKey vectors.Hex `json:"publicKey"`
	Label     string      `json:"label"`
	Context   vectors.Hex `json:"context"`
	Key       vectors.Hex `json:"key"`
	Plaintext vectors.Hex `json:"plaintext"`
	Sealed    vectors.Hex `json:"sealed"`
	Want      string      `json:"want"`
}

func okm(t *testing.T, v boxVector) []byte {
	info := append([]byte{0, 0, 0, byte(len(v.Label))}, v.Label...)
	info = append(info, v.Salt...)
	info = append(info, 0, 0, byte(len(v.Context)>>8), byte(len(v.Context)))
	info = append(info, v.Context...)
	out, err := hkdf.Expand(sha256.New, v.Key, string(info), 64)
	require.NoError(t, err)
	return out
}

func TestBoxVectors(t *testing.T) {
	for _, v := range vectors.Load[boxVector](t, "box/box.json") {
		t.Run(v.Name, func(t *testing.T) {
			got, err := box.Open(box.NewKey(secret.New(v.Key)), label.Label(v.Label), v.Context, v.Box)
			if v.Want == "open" {
				require.ErrorIs(t, err, box.ErrOpen)
				require.Nil(t, got)
				return
			}
			require.Empty(t, v.Want)
			require.NoError(t, err)
			require.Equal(t, string(v.Plaintext), string(got))
			require.Equal(t, okm(t, v), bytes.Join([][]byte{v.Subkey, v.Commitment}, nil))
			require.Equal(t, []byte(v.Box[:64]), bytes.Join([][]byte{v.Salt, v.Commitment}, nil))
		})
	}
}

func TestPublicVectors(t *testing.T) {
	for _, v := range vectors.Load[publicVector](t, "box/public.json") {
		t.Run(v.Name, func(t *testing.T) {
			priv, err := box.KEM().NewPrivateKey(v.Seed)
			require.NoError(t, err)
			assert.Equal(t, []byte(v.PublicKey), priv.PublicKey().Bytes())
			got, err := box.OpenFrom(priv, label.Label(v.Label), v.Context, v.Sealed)
			if v.Want == "open" {
				require.ErrorIs(t, err, box.ErrOpen)
				require.Nil(t, got)
				return
			}
			require.Empty(t, v.Want)
			require.NoError(t, err)
			require.Equal(t, string(v.Plaintext), string(got))
			inner, err := box.Open(box.NewKey(secret.New(v.Key)), label.Label(v.Label), v.Context, v.Sealed[box.EncSize:])
			require.NoError(t, err)
			require.Equal(t, got, inner)
		})
	}
}
