package secret_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/secret/secrettest"
)

var material = []byte("\x01material that shows nowhere\xfe\xff\x00\x80")

func TestSilent(t *testing.T) {
	k := secret.New(material)
	secrettest.Silent(t, k, material)
	secrettest.Silent(t, &k, material)
	type pair struct{ A, b secret.Key }
	secrettest.Silent(t, pair{k, k}, material)
	secrettest.Silent(t, secret.Hide(&struct{ Bytes []byte }{material}), material)
	secrettest.Silent(t, secret.Hide(string(material)), material)
}

// TestLoud shows that the test of silence can fail: these types show what they
// hold.
func TestLoud(t *testing.T) {
	type open struct{ Bytes []byte }
	type closed struct{ bytes []byte }
	type pointer struct{ array *[32]byte }
	for _, v := range []any{material, string(material), open{material}, closed{material}, pointer{(*[32]byte)(append(bytes.Clone(material), 0)[:32])}} {
		assert.True(t, secrettest.Shows(v, material), "%T", v)
	}
}

// TestEncodersFail shows that an encoder does not write nothing in the place of
// a key, silently.
func TestEncodersFail(t *testing.T) {
	type holder struct{ Key secret.Key }
	for _, v := range []any{secret.New(material), holder{secret.New(material)}, map[string]secret.Key{"k": secret.New(material)}} {
		_, err := json.Marshal(v)
		assert.ErrorContains(t, err, "can't be encoded")
		assert.Error(t, gob.NewEncoder(new(bytes.Buffer)).Encode(v))
	}
	_, err := xml.Marshal(holder{secret.New(material)})
	assert.Error(t, err)
}

func TestPlaceholder(t *testing.T) {
	k := secret.New(material)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		assert.Equal(t, "[secret]", fmt.Sprintf(verb, k))
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "key", k)
	assert.Contains(t, log.String(), `"key":"[secret]"`)
}

func TestCopies(t *testing.T) {
	in := bytes.Clone(material)
	k := secret.New(in)
	in[0] ^= 1
	assert.Equal(t, material, secret.Reveal(k))
	secret.Reveal(k)[0] ^= 1
	assert.Equal(t, material, secret.Reveal(k))
	assert.Equal(t, material, secret.Open(k))
}

func TestEqual(t *testing.T) {
	k := secret.New(material)
	assert.True(t, secret.Equal(k, secret.New(material)))
	assert.False(t, secret.Equal(k, secret.New(material[1:])))
	assert.False(t, secret.Equal(k, secret.New(append([]byte{2}, material[1:]...))))
	assert.True(t, secret.IsZero(secret.Key{}))
	assert.False(t, secret.IsZero(k))
	require.Panics(t, func() { secret.Open(secret.Key{}) })
}
