package box_test

import (
	"bytes"
	"crypto/hpke"
	"crypto/rand"
	"testing"
	"testing/cryptotest"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/vectors"
)

// TestMakeVectors makes the vectors of this package anew.
func TestMakeVectors(t *testing.T) {
	vectors.Updating(t)
	cryptotest.SetGlobalRandom(t, 3)
	vectors.Write(t, "box/box.json", source, makeBoxes(t))
	vectors.Write(t, "box/public.json", source, makePublic(t))
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// spoil returns copies of a good vector, each with one thing wrong.
func spoil[V any](good V, spoilers map[string]func(*V), order []string) []V {
	var out []V
	for _, name := range order {
		bad := good
		spoilers[name](&bad)
		out = append(out, bad)
	}
	return out
}

func flip(b []byte, i int) []byte {
	b = bytes.Clone(b)
	b[(i+len(b))%len(b)] ^= 1
	return b
}

func makeBoxes(t *testing.T) (out []boxVector) {
	for _, c := range []struct {
		name               string
		context, plaintext []byte
	}{
		{"empty", nil, nil},
		{"a key", []byte("context"), random(32)},
		{"a long context", random(300), []byte("plaintext")},
	} {
		v := boxVector{Name: c.name, Key: random(32), Label: string(label.GroupOldKey), Context: c.context, Plaintext: c.plaintext}
		v.Box = box.Seal(box.NewKey(secret.New(v.Key)), label.GroupOldKey, v.Context, v.Plaintext)
		v.Salt = bytes.Clone(v.Box[:32])
		o := okm(t, v)
		v.Subkey, v.Commitment = o[:32], o[32:]
		out = append(out, v)
	}
	good := out[1]
	bad := map[string]func(*boxVector){
		"salt changed":       func(v *boxVector) { v.Box = flip(v.Box, 0) },
		"commitment changed": func(v *boxVector) { v.Box = flip(v.Box, 32) },
		"nonce changed":      func(v *boxVector) { v.Box = flip(v.Box, 64) },
		"ciphertext changed": func(v *boxVector) { v.Box = flip(v.Box, 76) },
		"tag changed":        func(v *boxVector) { v.Box = flip(v.Box, -1) },
		"cut":                func(v *boxVector) { v.Box = v.Box[:len(v.Box)-1] },
		"a byte behind":      func(v *boxVector) { v.Box = append(bytes.Clone(v.Box), 0) },
		"no segment":         func(v *boxVector) { v.Box = v.Box[:64] },
		"nothing":            func(v *boxVector) { v.Box = nil },
		"other key":          func(v *boxVector) { v.Key = flip(v.Key, 0) },
		"other label":        func(v *boxVector) { v.Label = string(label.GroupLink) },
		"other context":      func(v *boxVector) { v.Context = []byte("Context") },
	}
	order := []string{"salt changed", "commitment changed", "nonce changed", "ciphertext changed", "tag changed", "cut",
		"a byte behind", "no segment", "nothing", "other key", "other label", "other context"}
	for i, v := range spoil(good, bad, order) {
		v.Name, v.Want = order[i], "open"
		v.Subkey, v.Plaintext = nil, nil
		out = append(out, v)
	}
	return out
}

func makePublic(t *testing.T) (out []publicVector) {
	v := publicVector{Name: "a key", Seed: random(32), Label: string(label.GroupLink), Context: []byte("context"), Plaintext: random(32)}
	priv, err := box.KEM().NewPrivateKey(v.Seed)
	require.NoError(t, err)
	v.PublicKey = priv.PublicKey().Bytes()
	v.Sealed, err = box.SealTo(priv.PublicKey(), label.GroupLink, v.Context, v.Plaintext)
	require.NoError(t, err)
	r, err := hpke.NewRecipient(v.Sealed[:box.EncSize], priv, hpke.HKDFSHA256(), hpke.ExportOnly(), []byte(label.HPKE))
	require.NoError(t, err)
	v.Key, err = r.Export(v.Label, 32)
	require.NoError(t, err)
	bad := map[string]func(*publicVector){
		"ML-KEM ciphertext changed": func(v *publicVector) { v.Sealed = flip(v.Sealed, 0) },
		"X25519 share changed":      func(v *publicVector) { v.Sealed = flip(v.Sealed, 1100) },
		"box changed":               func(v *publicVector) { v.Sealed = flip(v.Sealed, -1) },
		"cut":                       func(v *publicVector) { v.Sealed = v.Sealed[:len(v.Sealed)-1] },
		"no box":                    func(v *publicVector) { v.Sealed = v.Sealed[:1120] },
		"other label":               func(v *publicVector) { v.Label = string(label.GroupOldKey) },
		"other context":             func(v *publicVector) { v.Context = []byte("Context") },
	}
	order := []string{"ML-KEM ciphertext changed", "X25519 share changed", "box changed", "cut", "no box", "other label", "other context"}
	out = append(out, v)
	for i, b := range spoil(v, bad, order) {
		b.Name, b.Want = order[i], "open"
		b.Key, b.Plaintext = nil, nil
		out = append(out, b)
	}
	return out
}
