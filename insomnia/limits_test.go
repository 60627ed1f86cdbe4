package insomnia

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// allocated returns how many bytes run allocates.
func allocated(run func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	run()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// manyMembers returns n of them, each with a comma before it.
func manyMembers(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, `,"%d":1`, i)
	}
	return out.String()
}

// A message has four members, of which a map is made.
func TestManyMembers(t *testing.T) {
	key := NewGroupKey()
	m, err := key.SealResource([]byte(`{"a":1}`))
	require.NoError(t, err)
	with := func(n int) Message {
		return Message(strings.TrimSuffix(string(m), "}") + manyMembers(n-4) + "}")
	}
	got, err := key.OpenResource(with(maxMembers))
	require.NoError(t, err)
	assert.Equal(t, `{"a":1}`, string(got))
	_, err = key.OpenResource(with(maxMembers + 1))
	assert.Equal(t, ErrMalformed, err)

	huge := []byte("{" + manyMembers(700_000)[1:] + "}")
	require.Greater(t, len(huge), 6<<20)
	assert.Less(t, allocated(func() {
		_, _, err := parseMessage(huge)
		assert.Equal(t, ErrMalformed, err)
	}), uint64(64<<10))
}

// pad makes a JWK or a message longer without another meaning.
func pad(in string, size int) string { return in + strings.Repeat(" ", max(0, size-len(in))) }

func TestLongKeys(t *testing.T) {
	alice := loadVectors(t).account(t, "alice")
	key := NewGroupKey()
	_, err := key.Link(pad(alice.PublicKeyJSON, maxJWK))
	require.NoError(t, err)
	for _, size := range []int{maxJWK + 1, 8 << 20} {
		long := pad(alice.PublicKeyJSON, size)
		assert.Less(t, allocated(func() {
			_, err := key.Link(long)
			assert.Equal(t, ErrMalformed, err)
		}), uint64(64<<10))
	}
	for _, parse := range []func([]byte) error{
		func(in []byte) error { _, err := parseSymmetric(in); return err },
		func(in []byte) error { _, err := parsePrivate(in); return err },
	} {
		for _, in := range []string{alice.SymmetricKeyJSON, alice.PrivateKeyJSON} {
			if parse([]byte(in)) == nil {
				assert.NoError(t, parse([]byte(pad(in, maxJWK))))
				assert.Equal(t, ErrMalformed, parse([]byte(pad(in, maxJWK+1))))
			}
		}
	}
}

// The messages of a record hold a JWK each.
func TestLongRecord(t *testing.T) {
	alice := loadVectors(t).account(t, "alice")
	for name, member := range map[string]func(*Record) *Message{
		"symmetric": func(r *Record) *Message { return &r.EncSymmetricKey },
		"private":   func(r *Record) *Message { return &r.EncPrivateKey },
	} {
		r := alice.record()
		m := member(r)
		short := string(*m)
		*m = Message(pad(short, maxKeyMessage))
		_, err := r.check()
		require.NoError(t, err, name)
		for _, size := range []int{maxKeyMessage + 1, 8 << 20} {
			*m = Message(pad(short, size))
			assert.Less(t, allocated(func() {
				_, err := r.check()
				assert.Equal(t, ErrMalformed, err, name)
			}), uint64(64<<10), name)
		}
	}
}

func TestLongDocument(t *testing.T) {
	key, doc := NewGroupKey(), bytes.Repeat([]byte{' '}, maxDocument+1)
	copy(doc, "{}")
	id, _, err := key.SealBlob(doc[:maxDocument])
	require.NoError(t, err)
	assert.Equal(t, blobID([]byte("{}")), id)
	assert.Less(t, allocated(func() {
		_, _, err = key.SealBlob(doc)
		assert.Equal(t, ErrMalformed, err)
		_, err = key.SealResource(doc)
		assert.Equal(t, ErrMalformed, err)
	}), uint64(64<<10))
}

// A login key has 44 characters, and is looked at if it has.
func TestLongLoginKey(t *testing.T) {
	long := strings.Repeat("A", 8<<20)
	assert.Less(t, allocated(func() {
		_, ok := parseLoginKey(long)
		assert.False(t, ok)
	}), uint64(64<<10))
}
