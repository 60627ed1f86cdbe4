package box_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/secret"
)

func key(fill byte) *box.Key { return box.NewKey(secret.New(bytes.Repeat([]byte{fill}, box.KeySize))) }

// TestEveryBitCounts flips each bit of a box, cuts it at each length and puts
// bytes behind it: always ErrOpen, and nothing with it.
func TestEveryBitCounts(t *testing.T) {
	k, context := key(1), []byte("place")
	sealed := box.Seal(k, label.Document, context, []byte("plaintext"))
	require.Len(t, sealed, box.Overhead+len("plaintext"))
	got, err := box.Open(k, label.Document, context, sealed)
	require.NoError(t, err)
	require.Equal(t, "plaintext", string(got))

	refused := func(sealed []byte) {
		got, err := box.Open(k, label.Document, context, sealed)
		require.ErrorIs(t, err, box.ErrOpen)
		require.Nil(t, got)
	}
	for i := range sealed {
		for bit := range 8 {
			flipped := bytes.Clone(sealed)
			flipped[i] ^= 1 << bit
			refused(flipped)
		}
		refused(sealed[:i])
	}
	refused(append(bytes.Clone(sealed), 0))
}

// TestBoundToAll opens a box with one thing changed at a time.
func TestBoundToAll(t *testing.T) {
	sealed := box.Seal(key(1), label.Document, []byte("place"), nil)
	for name, open := range map[string]func() ([]byte, error){
		"key":     func() ([]byte, error) { return box.Open(key(2), label.Document, []byte("place"), sealed) },
		"label":   func() ([]byte, error) { return box.Open(key(1), label.GroupLink, []byte("place"), sealed) },
		"context": func() ([]byte, error) { return box.Open(key(1), label.Document, []byte("place "), sealed) },
	} {
		got, err := open()
		assert.ErrorIs(t, err, box.ErrOpen, name)
		assert.Nil(t, got, name)
	}
}

// TestSegments moves segments about.
func TestSegments(t *testing.T) {
	k := key(1)
	b := box.New(k, label.Document, nil)
	first := b.AppendSegment(nil, 0, false, []byte("first"))
	last := b.AppendSegment(nil, 1, true, []byte("last"))
	r, err := box.Resume(k, label.Document, nil, (*[box.PrefixSize]byte)(b.Prefix()))
	require.NoError(t, err)
	for _, c := range []struct {
		index   uint64
		last    bool
		segment []byte
		want    string
	}{
		{0, false, first, "first"},
		{1, true, last, "last"},
		{0, true, first, ""},
		{1, false, first, ""},
		{0, true, last, ""},
		{1, false, last, ""},
		{1 << 32, true, last, ""},
	} {
		got, err := r.AppendChunk(nil, c.index, c.last, c.segment)
		assert.Equal(t, c.want, string(got))
		assert.Equal(t, c.want == "", err != nil)
	}
	other := box.New(k, label.Document, nil)
	_, err = other.AppendChunk(nil, 0, false, first)
	assert.ErrorIs(t, err, box.ErrOpen, "a segment of another box under the same key")
}

// TestDerivation recomputes okm with the library's HKDF: the subkey can't be
// seen, but the commitment can.
func TestDerivation(t *testing.T) {
	material := bytes.Repeat([]byte{7}, box.KeySize)
	for _, context := range [][]byte{nil, []byte("x"), bytes.Repeat([]byte("long"), 100)} {
		b := box.New(box.NewKey(secret.New(material)), label.GroupLink, context)
		info := append([]byte{0, 0, 0, byte(len(label.GroupLink))}, label.GroupLink...)
		info = append(info, b.Prefix()[:box.SaltSize]...)
		info = append(info, 0, 0, byte(len(context)>>8), byte(len(context)))
		info = append(info, context...)
		okm, err := hkdf.Expand(sha256.New, material, string(info), 64)
		require.NoError(t, err)
		assert.Equal(t, okm[32:], b.Prefix()[box.SaltSize:])
		commitment := b.Commitment()
		assert.True(t, hmac.Equal(okm[32:], commitment[:]))
	}
}

// TestFresh shows that two boxes of the same content have nothing in common
// (A42, A47).
func TestFresh(t *testing.T) {
	k := key(3)
	a, b := box.Seal(k, label.Document, nil, make([]byte, 256)), box.Seal(k, label.Document, nil, make([]byte, 256))
	seen := map[string]bool{}
	for _, sealed := range [][]byte{a, b} {
		for i := 0; i+16 <= len(sealed); i += 16 {
			block := string(sealed[i : i+16])
			assert.False(t, seen[block])
			seen[block] = true
		}
	}
}

func TestPublic(t *testing.T) {
	priv, err := box.KEM().GenerateKey()
	require.NoError(t, err)
	other, err := box.KEM().GenerateKey()
	require.NoError(t, err)
	sealed, err := box.SealTo(priv.PublicKey(), label.GroupLink, []byte("place"), []byte("key"))
	require.NoError(t, err)
	require.Len(t, sealed, box.PublicOverhead+3)

	got, err := box.OpenFrom(priv, label.GroupLink, []byte("place"), sealed)
	require.NoError(t, err)
	assert.Equal(t, "key", string(got))

	for i := 0; i < len(sealed); i += 7 {
		flipped := bytes.Clone(sealed)
		flipped[i] ^= 1
		_, err := box.OpenFrom(priv, label.GroupLink, []byte("place"), flipped)
		require.ErrorIs(t, err, box.ErrOpen)
		_, err = box.OpenFrom(priv, label.GroupLink, []byte("place"), sealed[:i])
		require.ErrorIs(t, err, box.ErrOpen)
	}
	_, err = box.OpenFrom(other, label.GroupLink, []byte("place"), sealed)
	assert.ErrorIs(t, err, box.ErrOpen)
	_, err = box.OpenFrom(priv, label.AccountKeySlot, []byte("place"), sealed)
	assert.ErrorIs(t, err, box.ErrOpen)
	_, err = box.OpenFrom(priv, label.GroupLink, nil, sealed)
	assert.ErrorIs(t, err, box.ErrOpen)
}
