package box

import (
	"crypto/hmac"
	"crypto/sha256"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/vectors"
)

// TestWycheproofGCM opens with the cipher of a box what has its sizes.
func TestWycheproofGCM(t *testing.T) {
	type group struct {
		IVSize  int `json:"ivSize"`
		KeySize int `json:"keySize"`
		TagSize int `json:"tagSize"`
		Tests   []struct {
			TcID                       int
			Key, IV, AAD, Msg, Ct, Tag vectors.Hex
			Result                     string
		}
	}
	tried := 0
	for _, g := range vectors.Wycheproof[group](t, "aes_gcm_test.json") {
		if g.IVSize != 96 || g.KeySize != 256 || g.TagSize != 128 {
			continue
		}
		for _, c := range g.Tests {
			tried++
			got, err := newAEAD(c.Key).Open(nil, nil, slices.Concat(c.IV, c.Ct, c.Tag), c.AAD)
			assert.Equal(t, c.Result == "valid", err == nil, "test %d", c.TcID)
			if err == nil {
				assert.Equal(t, string(c.Msg), string(got), "test %d", c.TcID)
			}
		}
	}
	assert.Greater(t, tried, 50)
}

// TestWycheproofHKDF compares Extract, and the expansion of a box's key, whose 64
// bytes begin with any shorter output.
func TestWycheproofHKDF(t *testing.T) {
	type group struct {
		Tests []struct {
			TcID                 int
			IKM, Salt, Info, OKM vectors.Hex
			Size                 int
			Result               string
		}
	}
	tried := 0
	for _, g := range vectors.Wycheproof[group](t, "hkdf_sha256_test.json") {
		for _, c := range g.Tests {
			if c.Result != "valid" || c.Size > 64 {
				continue
			}
			tried++
			prk := Extract(c.Salt, secret.New(c.IKM))
			s := &scratch{mac: hmac.New(sha256.New, secret.Open(prk)), info: slices.Clone(c.Info)}
			s.expand()
			assert.Equal(t, []byte(c.OKM), s.okm[:c.Size], "test %d", c.TcID)
		}
	}
	assert.Greater(t, tried, 30)
}
