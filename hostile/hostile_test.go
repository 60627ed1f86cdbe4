package hostile_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/hostile"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

type failures []string

func (f *failures) Helper() {}
func (f *failures) Errorf(format string, args ...any) {
	*f = append(*f, fmt.Sprintf(format, args...))
}

// TestFindsSecrets sends a secret in each form, and looks.
func TestFindsSecrets(t *testing.T) {
	secret := make([]byte, 32)
	rand.Read(secret)
	sum := sha256.Sum256(secret)
	wrap := func(b []byte) []byte { return slices.Concat([]byte("in front "), b, []byte(" behind")) }
	for name, sent := range map[string][]byte{
		"raw":       wrap(secret),
		"hex":       wrap([]byte(hex.EncodeToString(secret))),
		"HEX":       []byte(fmt.Sprintf("%X", secret)),
		"base64":    []byte(base64.StdEncoding.EncodeToString(secret)),
		"shifted 1": []byte(base64.StdEncoding.EncodeToString(append([]byte{1}, secret...))),
		"shifted 2": []byte(base64.URLEncoding.EncodeToString(wrap(append([]byte{1, 2}, secret...)))),
		"url":       []byte(base64.RawURLEncoding.EncodeToString(wrap(secret))),
		"hash":      wrap(sum[:]),
		"hash hex":  []byte(hex.EncodeToString(sum[:])),
		"hash 64":   []byte(base64.StdEncoding.EncodeToString(sum[:])),
	} {
		s := hostile.New()
		s.Observe([]byte("nothing"), wrap(nil))
		var none failures
		s.NoLeak(&none, "it", secret)
		assert.Empty(t, none, name)
		s.Fork().Put(hostile.Documents, "d", sent)
		var found failures
		s.NoLeak(&found, "it", secret)
		assert.Len(t, found, 1, name)
	}
	var short failures
	hostile.New().NoLeak(&short, "it", []byte("short"))
	assert.Len(t, short, 1)
}

// TestStore lies in each way.
func TestStore(t *testing.T) {
	s := hostile.New()
	s.Put(hostile.Documents, "a", []byte("a1"))
	s.Put(hostile.Documents, "a", []byte("a2"))
	s.Put(hostile.Documents, "b", []byte("b1"))
	other := s.Fork()
	assert.Equal(t, "a2", string(s.Get(hostile.Documents, "a")))
	s.Rewind(hostile.Documents, "a", 0)
	assert.Equal(t, "a1", string(s.Get(hostile.Documents, "a")))
	s.Exchange(hostile.Documents, "a", "b")
	assert.Equal(t, "b1", string(s.Get(hostile.Documents, "a")))
	s.Replace(hostile.Documents, "a", []byte("x"))
	assert.Equal(t, "x", string(s.Get(hostile.Documents, "a")))
	s.Omit(hostile.Documents, "a")
	assert.Nil(t, s.Get(hostile.Documents, "a"))
	assert.Equal(t, []string{"b"}, s.Names(hostile.Documents, ""))
	assert.Equal(t, "a2", string(other.Get(hostile.Documents, "a")), "the other world goes on")
	assert.Equal(t, "b1", string(other.Take(hostile.Documents, "b")))
	assert.Nil(t, other.Take(hostile.Documents, "b"))
	assert.Len(t, s.Versions(hostile.Documents, "a"), 2)
}

// TestCommit plays the honest server, and the twists.
func TestCommit(t *testing.T) {
	jane := keys.NewAccount(keys.Device([32]byte{1}))
	s := hostile.New()
	created := share.Create(jane)
	require.NoError(t, s.Commit(jane.ID(), created))
	require.NoError(t, s.Commit(jane.ID(), created), "the same again")
	rotated, err := created.After().Rotate()
	require.NoError(t, err)
	require.NoError(t, s.Commit(jane.ID(), rotated))
	late, err := created.After().Rotate()
	require.NoError(t, err)
	require.ErrorIs(t, s.Commit(jane.ID(), late), keys.ErrRollback)

	id := created.Group
	whole := s.Log(id)
	require.Len(t, whole, 2)
	assert.Equal(t, rotated.Links, s.Links(id))
	assert.Equal(t, rotated.Bookmark, s.Bookmark(id, jane.ID()))
	for want, twist := range map[string]hostile.Twist{
		"1": hostile.Without(0), "10": hostile.Swapped(0, 1), "001": hostile.Twice(0),
		"0": hostile.First(1), "00": hostile.With(1, whole[0]), "01": nil,
	} {
		s.Twist(id, twist)
		got := ""
		for _, e := range s.Log(id) {
			got += fmt.Sprint(slices.IndexFunc(whole, func(w []byte) bool { return string(w) == string(e) }))
		}
		assert.Equal(t, want, got)
	}
	crashed := hostile.New()
	crashed.Crash(jane.ID(), created, 1)
	assert.Empty(t, crashed.Log(id))
	assert.NotNil(t, crashed.Link(id, jane.ID()))
}
