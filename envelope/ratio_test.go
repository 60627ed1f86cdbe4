//go:build unix

package envelope_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"os"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/keys"
)

// parts does the bare operations of one document, on one core.
type parts struct {
	priv                      ed25519.PrivateKey
	pub                       ed25519.PublicKey
	aead                      cipher.AEAD
	nonce, message, signature []byte
	plaintext, sealed, buf    []byte
}

func newParts(n int) *parts {
	p := &parts{nonce: make([]byte, 12), message: make([]byte, 32), plaintext: randomBytes(n), buf: make([]byte, n+16)}
	p.pub, p.priv, _ = ed25519.GenerateKey(rand.Reader)
	p.signature = ed25519.Sign(p.priv, p.message)
	block, _ := aes.NewCipher(make([]byte, 32))
	p.aead, _ = cipher.NewGCM(block)
	for at := 0; at < n; at += segment {
		p.sealed = p.aead.Seal(p.sealed, p.nonce, p.plaintext[at:min(n, at+segment)], nil)
	}
	return p
}

func (p *parts) seal() {
	for at := 0; at < len(p.plaintext); at += segment {
		chunk := p.plaintext[at:min(len(p.plaintext), at+segment)]
		sum := sha256.Sum256(chunk)
		ed25519.Sign(p.priv, sum[:])
		p.aead.Seal(p.buf[at:at], p.nonce, chunk, nil)
	}
}

func (p *parts) open() {
	for at, from := 0, 0; at < len(p.plaintext); at, from = at+segment, from+segment+16 {
		chunk, err := p.aead.Open(p.buf[at:at], p.nonce, p.sealed[from:min(len(p.sealed), from+segment+16)], nil)
		sum := sha256.Sum256(chunk)
		if !ed25519.Verify(p.pub, p.message, p.signature) || err != nil || sum == [32]byte{} {
			panic("parts")
		}
	}
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

var started = time.Now()

func wallTime() time.Duration { return time.Since(started) }

// ratio runs both alternately and returns the median of the ratios of their
// times, and the shortest times.
func ratio(rounds, times int, clock func() time.Duration, what, parts func()) (median float64, best, bestParts time.Duration) {
	measure := func(f func()) time.Duration {
		begin := clock()
		for range times {
			f()
		}
		return (clock() - begin) / time.Duration(times)
	}
	var ratios []float64
	best, bestParts = 1<<62, 1<<62
	for range rounds {
		p, w := measure(parts), measure(what)
		best, bestParts = min(best, w), min(bestParts, p)
		ratios = append(ratios, float64(w)/float64(p))
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2], best, bestParts
}

// TestSpeed prints the table of docs/decisions/envelope-speed.md, interleaved
// with the parts, which makes sense on a quiet machine: SEALKIN_SPEED=1.
func TestSpeed(t *testing.T) {
	if os.Getenv("SEALKIN_SPEED") == "" {
		t.Skip("SEALKIN_SPEED is not set")
	}
	me := newAccount(t)
	for _, c := range []struct {
		size, rounds, times int
		buffers, streams    float64 // highest ratios
		cores               int
	}{
		{256, 25, 400, 1.15, 0, 1},
		{1 << 10, 25, 400, 1.15, 0, 1},
		{4 << 10, 25, 400, 1.15, 0, 1},
		{1 << 20, 25, 20, 1.08, 0, 1},
		{16 << 20, 15, 2, 1.08, 0, 1},
		{64 << 20, 9, 1, 1.08, 1.10, 1},
		{64 << 20, 15, 1, 0.58, 0.58, 2},
	} {
		clock := cpuTime
		if c.cores > 1 {
			clock = wallTime
		}
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(c.cores))
		p := newParts(c.size)
		buf := must(envelope.Seal(me, benchRef, p.plaintext))
		sealed, plain := bytes.Clone(buf), make([]byte, 0, len(buf))
		show := func(name string, highest float64, what, parts func()) {
			if highest == 0 {
				return
			}
			what()
			parts()
			median, best, bestParts := ratio(c.rounds, c.times, clock, what, parts)
			t.Logf("%-10s %9d bytes, %d core(s): %10v, parts %10v, best/best %.3f, median %.3f, at most %.2f",
				name, c.size, c.cores, best, bestParts, float64(best)/float64(bestParts), median, highest)
			assert.LessOrEqual(t, min(median, float64(best)/float64(bestParts)), highest, name)
		}
		show("AppendSeal", c.buffers, func() { buf, _, _ = envelope.AppendSeal(buf[:0], me, benchRef, p.plaintext) }, p.seal)
		show("AppendOpen", c.buffers, func() {
			_, err := envelope.AppendOpen(plain[:0], me, benchRef, sealed)
			require.NoError(t, err)
		}, p.open)
		show("Writer", c.streams, func() { sealAsStream(t, me, p.plaintext) }, p.seal)
		show("Reader", c.streams, func() { openAsStream(t, me, sealed) }, p.open)
	}
}

func sealAsStream(t testing.TB, me keys.Ring, plaintext []byte) {
	w, _, err := envelope.NewWriter(me, benchRef, new(discard))
	require.NoError(t, err)
	_, err = io.Copy(w, onlyReader{bytes.NewReader(plaintext)})
	require.NoError(t, err)
	require.NoError(t, w.Close())
}

func openAsStream(t testing.TB, me keys.Ring, sealed []byte) {
	r, _, err := envelope.NewReader(me, benchRef, bytes.NewReader(sealed))
	require.NoError(t, err)
	_, err = io.Copy(new(discard), r)
	require.NoError(t, err)
}
