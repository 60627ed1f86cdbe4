package envelope_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
)

var benchSizes = []int{256, 1 << 10, 4 << 10, 16 << 10, 1 << 20, 16 << 20, 64 << 20}

func eachSize(b *testing.B, sizes []int, f func(b *testing.B, n int)) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("size=%d", n), func(b *testing.B) {
			b.SetBytes(int64(n))
			b.ReportAllocs()
			f(b, n)
		})
	}
}

var benchRef = envelope.Ref{Type: "note", ID: "42"}

func BenchmarkSeal(b *testing.B) {
	me := newAccount(b)
	eachSize(b, benchSizes, func(b *testing.B, n int) {
		plaintext := randomBytes(n)
		buf, _, err := envelope.AppendSeal(nil, me, benchRef, plaintext)
		require.NoError(b, err)
		for b.Loop() {
			buf, _, _ = envelope.AppendSeal(buf[:0], me, benchRef, plaintext)
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	me := newAccount(b)
	eachSize(b, benchSizes, func(b *testing.B, n int) {
		sealed, _, err := envelope.Seal(me, benchRef, randomBytes(n))
		require.NoError(b, err)
		buf := make([]byte, 0, len(sealed))
		for b.Loop() {
			opened, err := envelope.AppendOpen(buf[:0], me, benchRef, sealed)
			if err != nil || len(opened.Plaintext) != n {
				b.Fatal(err)
			}
		}
	})
}

// The parts are the bare operations that one document of a size needs, into a
// buffer used again: nothing but AES-256-GCM, SHA-256 and Ed25519.
func BenchmarkParts(b *testing.B) {
	pub, priv, _ := ed25519.GenerateKey(rand.Reader)
	block, _ := aes.NewCipher(make([]byte, 32))
	aead, _ := cipher.NewGCM(block)
	nonce, message := make([]byte, 12), randomBytes(32)
	signed := randomBytes(32)
	signature := ed25519.Sign(priv, signed)
	for _, op := range []struct {
		name string
		do   func(dst, chunk, sealed []byte)
	}{
		{"seal", func(dst, chunk, sealed []byte) {
			sum := sha256.Sum256(chunk)
			copy(message, sum[:])
			ed25519.Sign(priv, message)
			aead.Seal(dst, nonce, chunk, nil)
		}},
		{"open", func(dst, _, sealed []byte) {
			chunk, err := aead.Open(dst, nonce, sealed, nil)
			sum := sha256.Sum256(chunk)
			copy(message, sum[:])
			if !ed25519.Verify(pub, signed, signature) || err != nil {
				b.Fatal(err)
			}
		}},
	} {
		b.Run(op.name, func(b *testing.B) {
			eachSize(b, benchSizes, func(b *testing.B, n int) {
				plaintext, buf, sealed := randomBytes(n), make([]byte, n+16), make([]byte, 0, n+n/64+16)
				for at := 0; at < n; at += segment {
					sealed = aead.Seal(sealed, nonce, plaintext[at:min(n, at+segment)], nil)
				}
				for b.Loop() {
					for at := 0; at < n; at += segment {
						op.do(buf[at:at], plaintext[at:min(n, at+segment)], sealed[at+at/segment*16:min(len(sealed), at+at/segment*16+segment+16)])
					}
				}
			})
		})
	}
}
