package arch_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/wire"
	"github.com/sealkin/sealkin/keys"
)

// A vector is one of a file in testdata.
type vector map[string]json.RawMessage

func find(t *testing.T, file, name string) vector {
	raw, err := os.ReadFile(filepath.Join(root, "testdata", filepath.FromSlash(file)))
	require.NoError(t, err)
	var all struct {
		Vectors []vector `json:"vectors"`
	}
	require.NoError(t, json.Unmarshal(raw, &all))
	for _, v := range all.Vectors {
		if v.text(t, "name") == name {
			return v
		}
	}
	t.Fatalf("%s has no vector %q", file, name)
	return nil
}

func (v vector) text(t *testing.T, member string) (s string) {
	require.NoError(t, json.Unmarshal(v[member], &s))
	return s
}

func (v vector) bytes(t *testing.T, member string) []byte {
	b, err := hex.DecodeString(v.text(t, member))
	require.NoError(t, err)
	return b
}

// documentsInfo returns the info, and checks that it gives the key.
func documentsInfo(t *testing.T, v vector, id []byte) []byte {
	var epochs []vector
	require.NoError(t, json.Unmarshal(v["epochs"], &epochs))
	info := wire.Join([]byte(label.AccountDocuments), id, wire.AppendUint32(nil, 0))
	key, err := hkdf.Expand(sha256.New, epochs[0].bytes(t, "seed"), string(info), 32)
	require.NoError(t, err)
	require.Equal(t, epochs[0].bytes(t, "documentsKey"), key)
	return info
}

func openState(t *testing.T, v vector, state []byte) []byte {
	key := box.NewKey(secret.New(v.bytes(t, "serverKey")))
	content, err := box.Open(key, label.SRPState, wire.Join([]byte(v.text(t, "service"))), state[4:])
	require.NoError(t, err)
	return content
}

// openOlder opens the box of the entry that begins generation 2, and checks that
// it holds the key of generation 1.
func openOlder(t *testing.T, v vector, entry []byte) []byte {
	group, generation, older := entry[4:29], wire.AppendUint32(nil, 2), wire.AppendUint32(nil, 1)
	key := box.Expand(secret.New(v.bytes(t, "key")), label.GroupPrevious, 32, group, generation)
	content, err := box.Open(box.NewKey(key), label.GroupOldKey, slices.Concat(group, generation, older), entry[len(entry)-64-124:len(entry)-64])
	require.NoError(t, err)
	require.Equal(t, find(t, "share/chain.json", "create").bytes(t, "key"), content)
	return content
}

// openOwn opens a bookmark or a snapshot.
func openOwn(l label.Label) func(*testing.T, vector, []byte) []byte {
	return func(t *testing.T, v vector, record []byte) []byte {
		owner := find(t, "share/accounts.json", v.text(t, "account"))
		locked, err := keys.ParseLockedAccount(owner.bytes(t, "record"), nil)
		require.NoError(t, err)
		account, err := locked.Unlock(keys.Device([32]byte(owner.bytes(t, "device"))))
		require.NoError(t, err)
		key, err := ring.PrivateOf(account.Member()).BookmarkKey(0)
		require.NoError(t, err)
		content, err := box.Open(key, l, record[:33], record[33:])
		require.NoError(t, err)
		return content
	}
}

// changeText is the example of a change in transit.
func changeText(t *testing.T) string {
	var b bytes.Buffer
	require.NoError(t, json.Indent(&b, find(t, "share/changes.json", "add")["change"], "", "  "))
	text := regexp.MustCompile(`"[^"]{60,}"`).ReplaceAllStringFunc(b.String(), func(s string) string {
		return fmt.Sprintf("%s … %s  (%d letters)", s[:30], s[len(s)-9:], len(s)-2)
	})
	return fmt.Sprintf("\n**A change in transit (9.9).** `testdata/share/changes.json`, “add”\n\n```\n%s\n```\n", text)
}
