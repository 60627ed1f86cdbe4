package insomnia

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/vectors"
)

// TestWycheproofOAEP opens as links what is valid, and refuses the rest. A link
// has no label, and its text is percent-encoded: what is not is ErrOpen too.
func TestWycheproofOAEP(t *testing.T) {
	type group struct {
		PrivateKeyPkcs8 vectors.Hex
		Tests           []struct {
			TcID           int
			Msg, Ct, Label vectors.Hex
			Result         string
		}
	}
	tried, opened := 0, 0
	for _, g := range vectors.Wycheproof[group](t, "rsa_oaep_2048_sha256_mgf1sha256_test.json") {
		key, err := x509.ParsePKCS8PrivateKey(g.PrivateKeyPkcs8)
		require.NoError(t, err)
		for _, c := range g.Tests {
			tried++
			want, textErr := url.PathUnescape(string(c.Msg))
			got, err := decryptRSA(key.(*rsa.PrivateKey), Link(hex.EncodeToString(c.Ct)))
			if c.Result == "valid" && len(c.Label) == 0 && textErr == nil && isASCII(c.Msg) {
				opened++
				assert.NoError(t, err, "test %d", c.TcID)
				assert.Equal(t, want, string(got), "test %d", c.TcID)
			} else {
				assert.Error(t, err, "test %d", c.TcID)
				assert.Nil(t, got)
			}
		}
	}
	assert.Greater(t, tried, 30)
	assert.Greater(t, opened, 3)
}
