package hostile_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/hostile"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// TestDoc runs the lines of the package's comment, and keeps the two equal.
func TestDoc(t *testing.T) {
	jane, seed := keys.NewAccount(keys.Device([32]byte{1})), uint64(1)
	created := share.Create(jane)
	id, name := created.Group, hostile.MemberName(created.Group, jane.ID())
	key, forged := []byte("the key of a group"), []byte("forged")

	s := hostile.New()
	err := s.Commit(jane.ID(), created)
	s.Twist(id, hostile.Without(0))
	s.Replace(hostile.Links, name, forged)
	s.Rewind(hostile.Bookmarks, name, 0)
	lie := s.Mischief(seed)
	other := s.Fork()
	s.NoLeak(t, "group key", key)

	require.NoError(t, err)
	assert.NotEmpty(t, lie)
	assert.Equal(t, s.Log(id), other.Log(id))
	comment, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	source, err := os.ReadFile("doc_test.go")
	require.NoError(t, err)
	listed := ""
	for _, line := range regexp.MustCompile(`(?m)^//(\t.*?)(?: +//.*)?$`).FindAllSubmatch(comment, -1) {
		listed += string(line[1]) + "\n"
	}
	ran := regexp.MustCompile(`(?s)\n\n(\ts := .*?)\n\n`).FindSubmatch(source)
	assert.Equal(t, string(ran[1])+"\n", listed)
}
