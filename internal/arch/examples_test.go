package arch_test

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A worked example of the specification is a vector, cut into its fields.
type worked struct {
	title  string
	file   string // of testdata
	name   string // of the vector
	member string
	fields []any // a name and a length, by turns; -1 for <x>, 0 for the rest
}

var workedExamples = []worked{
	{"Parameters of a passphrase (4.3)", "keys/params.json", "within the limits", "params",
		[]any{"heading", 4, "form", 1, "kdf", 1, "memory", 4, "passes", 4, "lanes", 1, "iterations", 4, "salt", 32, "second", 1}},
	{"A box (3.1)", "box/box.json", "a key", "box",
		[]any{"salt", 32, "commitment", 32, "nonce", 12, "ciphertext", 32, "tag", 16}},
	{"Something sealed to a public key (3.2)", "box/public.json", "a key", "sealed",
		[]any{"enc", 1120, "salt", 32, "commitment", 32, "nonce", 12, "ciphertext", 32, "tag", 16}},
	{"An identity of one epoch (5.1)", "keys/identities.json", "epochs: 1", "record",
		[]any{"heading", 4, "version", 1, "epoch", 4, "KEM public key", 1216, "signing key", 32, "previous", 32, "self", 64}},
	{"An account record (6.1)", "keys/records.json", "new account", "record",
		[]any{"heading", 4, "AccountID", 25, "revision", 8, "<identity>", -1, "<seeds>", -1, "number of slots", 1,
			"kind", 1, "<label>", -1, "<subject>", -1, "id", 16, "epoch", 4, "since", 32, "KEM public key", 1216, "<verifier>", -1, "anchor", 32, "sealed", 1244, "signature", 64}},
	{"A hello (7.1)", "srp/exchange.json", "passphrase", "hello", []any{"heading", 4, "<name>", -1, "slot", 16, "PAD(A)", 384}},
	{"A challenge", "srp/exchange.json", "passphrase", "challenge", []any{"heading", 4, "<params>", -1, "PAD(B)", 384}},
	{"A proof", "srp/exchange.json", "passphrase", "proof", []any{"heading", 4, "M1", 32}},
	{"A reply", "srp/exchange.json", "passphrase", "reply", []any{"heading", 4, "M2", 32}},
	{"A document of no bytes, padded to 64 (8.2 to 8.4)", "envelope/documents.json", "empty", "document",
		[]any{"heading", 4, "group id", 25, "generation", 4, "revision", 8, "salt", 32, "commitment", 32,
			"sealed stamp 0", 242, "sealed chunk 0", 92}},
	{"Its facts", "envelope/documents.json", "empty", "facts",
		[]any{"author", 25, "epoch", 4, "head: sequence", 8, "head: hash", 32, "predecessor", 32, "size", 8}},
	{"Entry 0 of a group (9.2)", "share/chain.json", "create", "entry",
		[]any{"heading", 4, "group", 25, "sequence", 8, "previous", 32, "author", 25, "epoch", 4, "kind", 1, "<change>", -1,
			"rotation", 1, "generation", 4, "commitment", 32, "older", 4, "<box>", -1, "signature", 64}},
	{"A link (9.6)", "share/doors.json", "join", "link", []any{"heading", 4, "group", 25, "generation", 4, "sealed", 1244}},
	{"A bookmark (9.8)", "share/doors.json", "resume", "bookmark",
		[]any{"heading", 4, "group", 25, "epoch", 4, "salt", 32, "commitment", 32, "nonce", 12, "ciphertext", 76, "tag", 16}},
}

// TestWorkedExamples keeps Section 12 of the specification equal to the
// vectors: go test ./internal/arch -update writes it anew.
func TestWorkedExamples(t *testing.T) {
	var b strings.Builder
	b.WriteString("Each is the vector of the name, cut into its fields. Long fields are cut in the middle; the vectors have all of it. `<x>` is shown with its length in front.\n")
	for _, w := range workedExamples {
		b.WriteString(w.text(t))
	}
	path := filepath.Join(root, "docs", "spec.md")
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	head, section, found := strings.Cut(string(page), "## 12. Worked examples\n\n")
	require.True(t, found)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(head+"## 12. Worked examples\n\n"+b.String()), 0o644))
		return
	}
	assert.Equal(t, b.String(), section)
}

func (w worked) text(t *testing.T) string {
	raw := w.vector(t)
	var b strings.Builder
	fmt.Fprintf(&b, "\n**%s.** `testdata/%s`, “%s”, %d bytes\n\n```\n", w.title, w.file, w.name, len(raw))
	for i := 0; i < len(w.fields); i += 2 {
		n := w.fields[i+1].(int)
		if n < 0 {
			n = 4 + int(binary.BigEndian.Uint32(raw))
		}
		require.LessOrEqual(t, n, len(raw), w.title)
		fmt.Fprintf(&b, "%-16s %s\n", w.fields[i], short(raw[:n]))
		raw = raw[n:]
	}
	require.Empty(t, raw, "%s: bytes behind the last field", w.title)
	b.WriteString("```\n")
	return b.String()
}

func (w worked) vector(t *testing.T) []byte {
	raw, err := os.ReadFile(filepath.Join(root, "testdata", filepath.FromSlash(w.file)))
	require.NoError(t, err)
	var file struct {
		Vectors []map[string]any `json:"vectors"`
	}
	require.NoError(t, json.Unmarshal(raw, &file))
	for _, v := range file.Vectors {
		if v["name"] == w.name {
			b, err := hex.DecodeString(v[w.member].(string))
			require.NoError(t, err)
			return b
		}
	}
	t.Fatalf("%s has no vector %q", w.file, w.name)
	return nil
}

// short is b in hex, without its middle if it is long.
func short(b []byte) string {
	if len(b) <= 36 {
		return hex.EncodeToString(b)
	}
	return fmt.Sprintf("%x … %x  (%d bytes)", b[:20], b[len(b)-8:], len(b))
}
