package arch_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/label"
)

// A worked example of the specification is a vector, or what is inside of one,
// cut into its fields.
type worked struct {
	title  string
	file   string // of testdata
	name   string // of the vector
	member string
	open   func(*testing.T, vector, []byte) []byte // what is shown instead of the member; nil: the member
	fields []any                                   // a name and a length, by turns; -1 for <x>, 0 for what the fields behind it leave
}

var workedExamples = []worked{
	{"The info of an Expand (2.3): under the seed of epoch 0 it gives the key of the account's own documents (5.4)",
		"keys/identities.json", "epochs: 1", "wantID", documentsInfo, []any{"<label>", -1, "<AccountID>", -1, "<epoch>", -1}},
	{"Parameters of a passphrase (4.3)", "keys/params.json", "within the limits", "params", nil,
		[]any{"heading", 4, "form", 1, "kdf", 1, "memory", 4, "passes", 4, "lanes", 1, "iterations", 4, "salt", 32, "second", 1}},
	{"A box (3.1)", "box/box.json", "a key", "box", nil,
		[]any{"salt", 32, "commitment", 32, "nonce", 12, "ciphertext", 32, "tag", 16}},
	{"Something sealed to a public key (3.2)", "box/public.json", "a key", "sealed", nil,
		[]any{"enc", 1120, "salt", 32, "commitment", 32, "nonce", 12, "ciphertext", 32, "tag", 16}},
	{"An identity of one epoch (5.1)", "keys/identities.json", "epochs: 1", "record", nil,
		[]any{"heading", 4, "version", 1, "epoch", 4, "KEM public key", 1216, "signing key", 32, "previous", 32, "self", 64}},
	{"An account record (6.1)", "keys/records.json", "new account", "record", nil,
		[]any{"heading", 4, "AccountID", 25, "revision", 8, "<identity>", -1, "<seeds>", -1, "number of slots", 1,
			"kind", 1, "<label>", -1, "<subject>", -1, "id", 16, "epoch", 4, "since", 32, "KEM public key", 1216, "<verifier>", -1, "anchor", 32, "sealed", 1244, "signature", 64}},
	{"A hello (7.1)", "srp/exchange.json", "passphrase", "hello", nil, []any{"heading", 4, "<name>", -1, "slot", 16, "PAD(A)", 384}},
	{"A challenge", "srp/exchange.json", "passphrase", "challenge", nil, []any{"heading", 4, "<params>", -1, "PAD(B)", 384}},
	{"A proof", "srp/exchange.json", "passphrase", "proof", nil, []any{"heading", 4, "M1", 32}},
	{"A reply", "srp/exchange.json", "passphrase", "reply", nil, []any{"heading", 4, "M2", 32}},
	{"The state of a login (7.4)", "srp/exchange.json", "passphrase", "state", nil,
		[]any{"heading", 4, "salt", 32, "commitment", 32, "nonce", 12, "ciphertext", 0, "tag", 16}},
	{"What its box holds", "srp/exchange.json", "passphrase", "state", openState,
		[]any{"known", 1, "account id", 25, "<name>", -1, "kind", 1, "slot", 16, "<params>", -1, "PAD(A)", 384, "PAD(B)", 384, "PAD(v)", 384, "b", 32}},
	{"A document of no bytes, padded to 64 (8.2 to 8.4)", "envelope/documents.json", "empty", "document", nil,
		[]any{"heading", 4, "group id", 25, "generation", 4, "revision", 8, "salt", 32, "commitment", 32,
			"sealed stamp 0", 242, "sealed chunk 0", 92}},
	{"Its facts", "envelope/documents.json", "empty", "facts", nil,
		[]any{"author", 25, "epoch", 4, "head: sequence", 8, "head: hash", 32, "predecessor", 32, "size", 8}},
	{"Entry 0 of a group (9.2)", "share/chain.json", "create", "entry", nil, entryFields},
	{"An entry that rotates, with the key before in its box (9.2, 9.5)", "share/chain.json", "rotate", "entry", nil, entryFields},
	{"What its box holds", "share/chain.json", "rotate", "entry", openOlder, []any{"key", 32}},
	{"A link (9.6)", "share/doors.json", "join", "link", nil, []any{"heading", 4, "group", 25, "generation", 4, "sealed", 1244}},
	{"A bookmark (9.8)", "share/doors.json", "resume", "bookmark", nil, ownFields},
	{"What its box holds", "share/doors.json", "resume", "bookmark", openOwn(label.GroupBookmark),
		[]any{"sequence", 8, "head", 32, "generation", 4, "key", 32}},
	{"A snapshot (9.8)", "share/doors.json", "restore", "bookmark", nil, ownFields},
	{"What its box holds: six entries and one key", "share/doors.json", "restore", "bookmark", openOwn(label.GroupSnapshot),
		[]any{"count", 4,
			"0: <entry>", -1, "0: hash", 32, "0: id", 25, "1: <entry>", -1, "1: hash", 32, "1: id", 25,
			"2: <entry>", -1, "2: hash", 32, "2: id", 25, "2: id", 25, "3: <entry>", -1, "3: hash", 32, "3: id", 25,
			"4: <entry>", -1, "4: hash", 32, "4: id", 25, "5: <entry>", -1, "5: hash", 32, "5: id", 25,
			"count", 4, "generation", 4, "key", 32}},
}

var (
	entryFields = []any{"heading", 4, "group", 25, "sequence", 8, "previous", 32, "author", 25, "epoch", 4, "kind", 1, "<change>", -1,
		"rotation", 1, "generation", 4, "commitment", 32, "older", 4, "<box>", -1, "signature", 64}
	ownFields = []any{"heading", 4, "group", 25, "epoch", 4, "salt", 32, "commitment", 32, "nonce", 12, "ciphertext", 0, "tag", 16}
)

// TestWorkedExamples keeps Section 12 of the specification equal to the
// vectors: go test ./internal/arch -update writes it anew.
func TestWorkedExamples(t *testing.T) {
	var b strings.Builder
	b.WriteString("Each is the vector of the name, cut into its fields. Long fields are cut in the middle; the vectors have all of it. `<x>` is shown with its length in front.\n")
	for _, w := range workedExamples {
		b.WriteString(w.text(t))
	}
	b.WriteString(changeText(t))
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
	v := find(t, w.file, w.name)
	raw := v.bytes(t, w.member)
	if w.open != nil {
		raw = w.open(t, v, raw)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n**%s.** `testdata/%s`, “%s”, %d bytes\n\n```\n", w.title, w.file, w.name, len(raw))
	for i := 0; i < len(w.fields); i += 2 {
		n := w.fields[i+1].(int)
		switch {
		case n < 0:
			n = 4 + int(binary.BigEndian.Uint32(raw))
		case n == 0:
			n = len(raw)
			for behind := i + 3; behind < len(w.fields); behind += 2 {
				n -= w.fields[behind].(int)
			}
		}
		require.LessOrEqual(t, n, len(raw), w.title)
		fmt.Fprintf(&b, "%-16s %s\n", w.fields[i], short(raw[:n]))
		raw = raw[n:]
	}
	require.Empty(t, raw, "%s: bytes behind the last field", w.title)
	b.WriteString("```\n")
	return b.String()
}

// short is b in hex, without its middle if it is long.
func short(b []byte) string {
	if len(b) <= 36 {
		return hex.EncodeToString(b)
	}
	return fmt.Sprintf("%x … %x  (%d bytes)", b[:20], b[len(b)-8:], len(b))
}
