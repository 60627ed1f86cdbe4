package insomnia

import (
	"bytes"
	"compress/gzip"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/secret"
)

// Each benchmark stands beside the bare primitives it is made of; compare the
// two of one run.

func BenchmarkDerive(b *testing.B) {
	for b.Loop() {
		deriveKey("correct horse battery staple", "jane@example.com", strings.Repeat("0", 64))
	}
}

func BenchmarkDeriveBare(b *testing.B) {
	for b.Loop() {
		if _, err := pbkdf2.Key(sha256.New, "correct horse battery staple", make([]byte, 32), rounds, keySize); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkLink(b *testing.B) (*Account, Link) {
	alice := loadVectors(b).account(b, "alice")
	a, err := alice.record().open(unhex(b, alice.EncSecret))
	require.NoError(b, err)
	link, err := NewGroupKey().Link(alice.PublicKeyJSON)
	require.NoError(b, err)
	return a, link
}

func BenchmarkOpenLink(b *testing.B) {
	a, link := benchmarkLink(b)
	for b.Loop() {
		if _, err := a.OpenLink(link); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenLinkBare(b *testing.B) {
	a, link := benchmarkLink(b)
	private, sealed := secret.Open(a.accountSecrets).private, unhex(b, string(link))
	for b.Loop() {
		if _, err := rsa.DecryptOAEP(sha256.New(), nil, private, sealed, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// benchmarkDocument is a request as Insomnia has them, with a body of n bytes.
func benchmarkDocument(n int) []byte {
	var body strings.Builder
	for i := 0; body.Len() < n; i++ {
		fmt.Fprintf(&body, `{\"id\":%d,\"name\":\"item %x\",\"tags\":[\"a\",\"b%d\"]},\n`, i, i*7919, i%13)
	}
	return []byte(`{"_id":"req_581e633b409c39b40c4b987319a0365d","type":"Request","parentId":"wrk_1","modified":1794988547331,` +
		`"created":1795060263119,"url":"{{ _.base_url }}/v1/items?q=a%20b","name":"List","method":"POST",` +
		`"headers":[{"name":"Accept","value":"*/*"}],"body":{"mimeType":"application/json","text":"` + body.String() + `"}}`)
}

var sizes = []int{1 << 10, 64 << 10, 1 << 20}

func BenchmarkSealBlob(b *testing.B) {
	key := NewGroupKey()
	for _, n := range sizes {
		doc := benchmarkDocument(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			for b.Loop() {
				if _, _, err := key.SealBlob(doc); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSealBlobBare(b *testing.B) {
	gcm := benchmarkGCM(b)
	for _, n := range sizes {
		doc := benchmarkDocument(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			var z *gzip.Writer
			for b.Loop() {
				var packed bytes.Buffer
				if z == nil {
					z = gzip.NewWriter(&packed)
				}
				z.Reset(&packed)
				z.Write(doc)
				z.Close()
				hex.AppendEncode(nil, gcm.Seal(nil, nil, packed.Bytes(), nil))
			}
		})
	}
}

func BenchmarkOpenBlob(b *testing.B) {
	key := NewGroupKey()
	for _, n := range sizes {
		doc := benchmarkDocument(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			id, content, err := key.SealBlob(doc)
			require.NoError(b, err)
			for b.Loop() {
				if _, err := key.OpenBlob(id, content); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOpenBlobBare(b *testing.B) {
	gcm := benchmarkGCM(b)
	for _, n := range sizes {
		doc := benchmarkDocument(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			sealed := hex.AppendEncode(nil, gcm.Seal(nil, nil, compress(doc), nil))
			for b.Loop() {
				box, err := hex.AppendDecode(nil, sealed)
				if err != nil {
					b.Fatal(err)
				}
				packed, err := gcm.Open(box[:0], nil, box, nil)
				if err != nil {
					b.Fatal(err)
				}
				z, err := gzip.NewReader(bytes.NewReader(packed))
				if err != nil {
					b.Fatal(err)
				}
				text := bytes.NewBuffer(make([]byte, 0, len(doc)+bytes.MinRead))
				if _, err := io.Copy(text, z); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func benchmarkGCM(b *testing.B) cipher.AEAD {
	block, err := aes.NewCipher(make([]byte, keySize))
	require.NoError(b, err)
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	require.NoError(b, err)
	return gcm
}

func BenchmarkLogin(b *testing.B) {
	alice := loadVectors(b).account(b, "alice")
	x := srpX(unhex(b, alice.SaltAuth), alice.Email, unhex(b, alice.AuthSecret))
	for b.Loop() {
		s, challenge, err := alice.record().Challenge()
		require.NoError(b, err)
		c := newClient(x, randomScalar())
		_, m1, err := c.Respond(challenge)
		require.NoError(b, err)
		_, _, err = s.Verify(hex.EncodeToString(c.public), m1)
		require.NoError(b, err)
	}
}
