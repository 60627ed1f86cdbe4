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
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/secret"
)

// beside runs ours and the bare primitives it is made of by turns, and reports
// the medians and their ratio: machines wander, one run is one run.
func beside(b *testing.B, ours, bare func()) {
	b.Helper()
	var times [2][]float64
	for b.Loop() {
		for i, run := range []func(){ours, bare} {
			start := time.Now()
			run()
			times[i] = append(times[i], float64(time.Since(start).Nanoseconds()))
		}
	}
	slices.Sort(times[0])
	slices.Sort(times[1])
	half := len(times[0]) / 2
	b.ReportMetric(times[0][half], "ours-ns")
	b.ReportMetric(times[1][half], "bare-ns")
	b.ReportMetric(times[0][half]/times[1][half], "ratio")
}

func BenchmarkDerive(b *testing.B) {
	salt := strings.Repeat("0", 64)
	beside(b, func() { deriveKey("correct horse battery staple", "jane@example.com", salt) }, func() {
		_, err := pbkdf2.Key(sha256.New, "correct horse battery staple", make([]byte, 32), rounds, keySize)
		require.NoError(b, err)
	})
}

func BenchmarkOpenLink(b *testing.B) {
	a, link := benchmarkLink(b)
	private, sealed := secret.Open(a.accountSecrets).private, unhex(b, string(link))
	beside(b, func() {
		_, err := a.OpenLink(link)
		require.NoError(b, err)
	}, func() {
		_, err := rsa.DecryptOAEP(sha256.New(), nil, private, sealed, nil)
		require.NoError(b, err)
	})
}

func benchmarkLink(b *testing.B) (*Account, Link) {
	alice := loadVectors(b).account(b, "alice")
	a := alice.open(b)
	link, err := NewGroupKey().Link(alice.PublicKeyJSON)
	require.NoError(b, err)
	return a, link
}

// benchmarkDocument is an environment of n bytes: names and values of all
// lengths, and some JSON and some text in them.
func benchmarkDocument(n int) []byte {
	var data strings.Builder
	for i := 0; data.Len() < n; i++ {
		fmt.Fprintf(&data, `,"service_%d":{"base_url":"https://%x.example.com/v%d","token":"%x","retries":%d,"note":"line\n{\"a\": %d}"}`,
			i, i*7919, i%3, sha256.Sum256([]byte{byte(i)}), i%7, i)
	}
	return []byte(`{"_id":"env_581e633b409c39b40c4b987319a0365d","type":"Environment","parentId":"wrk_1","modified":1794988547331,` +
		`"created":1795060263119,"name":"Base Environment","data":{"x":1` + data.String() + `},"isPrivate":false}`)
}

func benchmarkSizes(b *testing.B, run func(*testing.B, []byte)) {
	for _, n := range []int{1 << 10, 64 << 10, 1 << 20} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { run(b, benchmarkDocument(n)) })
	}
}

func BenchmarkSealBlob(b *testing.B) {
	key, gcm := NewGroupKey(), benchmarkGCM(b)
	benchmarkSizes(b, func(b *testing.B, doc []byte) {
		z := gzip.NewWriter(nil)
		text, ok := canonical(doc) // what is compressed: another order takes another time
		require.True(b, ok)
		beside(b, func() {
			_, _, err := key.SealBlob(doc)
			require.NoError(b, err)
		}, func() {
			var packed bytes.Buffer
			z.Reset(&packed)
			z.Write(text)
			z.Close()
			hex.AppendEncode(nil, gcm.Seal(nil, nil, packed.Bytes(), nil))
		})
	})
}

func BenchmarkOpenBlob(b *testing.B) {
	key, gcm := NewGroupKey(), benchmarkGCM(b)
	benchmarkSizes(b, func(b *testing.B, doc []byte) {
		id, content, err := key.SealBlob(doc)
		require.NoError(b, err)
		text, ok := canonical(doc)
		require.True(b, ok)
		sealed := hex.AppendEncode(nil, gcm.Seal(nil, nil, compress(text), nil))
		beside(b, func() {
			_, err := key.OpenBlob(id, content)
			require.NoError(b, err)
		}, func() {
			box, err := hex.AppendDecode(nil, sealed)
			require.NoError(b, err)
			packed, err := gcm.Open(box[:0], nil, box, nil)
			require.NoError(b, err)
			z, err := gzip.NewReader(bytes.NewReader(packed))
			require.NoError(b, err)
			text := bytes.NewBuffer(make([]byte, 0, len(doc)+bytes.MinRead))
			_, err = text.ReadFrom(z)
			require.NoError(b, err)
		})
	})
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
