package envelope_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/keys"
)

// The published attacks that concern documents, by their ids. Those that have a
// test elsewhere in this package are named there: A13 and A16 (authors), A15,
// A29, A35, A41 (places), A26, A27, A34, A39, A40, A49, A50.

// TestFreshRandomness seals the same content from two clones of one state: no
// salt, nonce or block comes twice, whatever a server stored before: A36, A38, A42.
func TestFreshRandomness(t *testing.T) {
	me := newAccount(t)
	n := 2000
	if testing.Short() {
		n = 200
	}
	seen := map[string]bool{}
	unseen := func(b []byte) {
		require.False(t, seen[string(b)])
		seen[string(b)] = true
	}
	for range n {
		sealed := must(envelope.Seal(me, note, []byte("the same")))
		unseen(sealed[41:73])                      // salt
		unseen(sealed[73:105])                     // commitment
		unseen(sealed[headSize:][:12])             // nonce of the stamp
		unseen(sealed[firstChunk:][:12])           // nonce of the chunk
		unseen(sealed[headSize+12 : headSize+28])  // author
		unseen(sealed[firstChunk+12:][:16])        // content
		unseen(sealed[len(sealed)-16:])            // tag
		unseen(sealed[firstChunk-16 : firstChunk]) // tag of the stamp
	}
}

// TestNoRepeatedBlock seals zeros, and two documents with a common beginning:
// A42.
func TestNoRepeatedBlock(t *testing.T) {
	me := newAccount(t)
	common := make([]byte, 64<<10)
	seen := map[[16]byte]bool{}
	for _, plaintext := range [][]byte{make([]byte, 1<<20), append(common, "one"...), append(common, "two"...)} {
		sealed := must(envelope.Seal(me, note, plaintext))
		for at := firstChunk + 12; at+16 <= len(sealed); at += 16 {
			block := [16]byte(sealed[at:])
			require.False(t, seen[block])
			seen[block] = true
		}
	}
}

// TestTwoKeys serves one document to two groups of members that hold different
// keys as the same generation: no ciphertext opens under both, since the
// document commits to its key: A44.
func TestTwoKeys(t *testing.T) {
	g := newTestGroup(1)
	alice := g.join(2)
	sealed := must(envelope.Seal(g.as(alice), note, []byte("plaintext")))
	for seed := range 50 {
		material := sha256.Sum256([]byte{byte(seed)})
		other := g.as(alice)
		other.view.keys = slices.Clone(other.view.keys)
		other.view.keys[len(other.view.keys)-1] = box.NewKey(secret.New(material[:]))
		refused(t, keys.ErrOpen, other, note, sealed, nil, "another key")
	}
	// A document that an evil author made for the second key, with the
	// commitment of the first: the commitment is derived, not believed.
	d := refOf(g, alice, "note", "42")
	d.derive()
	first := d.commitment
	other := refOf(g, alice, "note", "42")
	other.key, other.salt = bytes.Repeat([]byte{9}, 32), d.salt
	other.build([]byte("other"))
	other.commitment = first
	refused(t, keys.ErrOpen, g.as(alice), note, other.seal(), nil, "of another key")
}

// TestNoCompression guesses the next byte of a secret beside it: A45. No source
// of this package imports a compressor.
func TestNoCompression(t *testing.T) {
	me := newAccount(t)
	sizes := map[int]bool{}
	for guess := range 256 {
		plaintext := fmt.Appendf(nil, "secret=%s secret=%c%s", "k3k3k3k3k3k3k3k3", guess, strings.Repeat("k", 100))
		sizes[len(must(envelope.Seal(me, note, plaintext[:100])))] = true
	}
	require.Len(t, sizes, 1)
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, i := range file.Imports {
			require.False(t, strings.HasPrefix(i.Path.Value, `"compress/`), name)
		}
	}
}

// TestNoConfirmation looks in two documents of one content for anything equal,
// and for hashes of the content: A47, A46.
func TestNoConfirmation(t *testing.T) {
	me := newAccount(t)
	plaintext := bytes.Repeat([]byte("a file that everybody has "), 100)
	a, b := must(envelope.Seal(me, note, plaintext)), must(envelope.Seal(me, note, plaintext))
	padded := make([]byte, len(a)-375)
	copy(padded, plaintext)
	id := me.ID()
	for _, known := range [][]byte{hash(plaintext), hash(padded), hash(nil), plaintext[:16]} {
		require.NotContains(t, string(a), string(known))
		require.NotContains(t, string(a), hex.EncodeToString(known))
	}
	require.NotContains(t, string(a[41:]), string(id[:]), "the author is inside")
	require.Equal(t, a[:41], b[:41], "public: group, generation, revision")
	for at := 41; at+8 <= len(a); at++ {
		require.NotEqual(t, a[at:at+8], b[at:at+8], at)
	}
}

// TestLengths counts the sizes that contents of 0 to 1,000 bytes give: A48. They
// are those of Padmé from 64 on, and each is one content's only way.
func TestLengths(t *testing.T) {
	me := newAccount(t)
	sizes := map[int]bool{}
	for n := range 1001 {
		sealed := must(envelope.Seal(me, note, make([]byte, n)))
		size := len(sealed) - 375
		require.GreaterOrEqual(t, size, max(n, 64))
		require.LessOrEqual(t, size, max(64, n+n*12/100))
		sizes[size] = true
	}
	want := []int{64}
	for _, step := range []struct{ to, by int }{{128, 8}, {256, 16}, {512, 16}, {1024, 32}} {
		for n := want[len(want)-1] + step.by; n <= step.to; n += step.by {
			want = append(want, n)
		}
	}
	require.Equal(t, want, slices.Sorted(maps.Keys(sizes)))
	require.Len(t, sizes, 49)

	// A stream is padded like a document of known length.
	sealed, _ := sealStream(t, me, note, func(io.Writer) {})
	require.Len(t, sealed, 375+64)
}

// TestOneError shows that all that a changed document tells is one
// error, whatever is changed behind the commitment: A24, A40.
func TestOneError(t *testing.T) {
	me := newAccount(t)
	sealed := must(envelope.Seal(me, note, []byte("plaintext")))
	texts := map[string]bool{}
	for _, at := range []int{41, 73, headSize, headSize + 12, firstChunk - 1, firstChunk, firstChunk + 12, len(sealed) - 1} {
		changed := bytes.Clone(sealed)
		changed[at] ^= 1
		_, err := envelope.Open(me, note, changed)
		texts[err.Error()] = true
	}
	_, err := envelope.Open(me, envelope.Ref{Type: "note", ID: "43"}, sealed)
	texts[err.Error()] = true
	require.Len(t, texts, 1, texts)
}

// TestFIPS runs tests of this package where only approved algorithms work.
func TestFIPS(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a process")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^(TestFIPSChild)$", "-test.v")
	cmd.Env = append(os.Environ(), "GODEBUG=fips140=only")
	out, err := cmd.CombinedOutput()
	if strings.Contains(string(out), "fips140") && strings.Contains(string(out), "not supported") {
		t.Skip("no FIPS 140-3 module on this platform")
	}
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "--- PASS: TestFIPSChild")
}

// TestFIPSChild is what TestFIPS runs.
func TestFIPSChild(t *testing.T) {
	g := newTestGroup(1)
	me := g.as(g.join(2))
	for _, n := range []int{0, 100, 2*segment + 1} {
		plaintext := randomBytes(n)
		accepted(t, me, note, must(envelope.Seal(me, note, plaintext)), plaintext)
		sealed, _ := sealStream(t, me, note, func(w io.Writer) { _, _ = w.Write(plaintext) })
		accepted(t, me, note, sealed, plaintext)
	}
}
