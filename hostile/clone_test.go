package hostile_test

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/hostile"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// wipe overwrites each slice.
func wipe(all ...[]byte) {
	for _, b := range all {
		clear(b)
	}
}

// copied is the slices as they are now.
func copied(all [][]byte) (out [][]byte) {
	for _, b := range all {
		out = append(out, bytes.Clone(b))
	}
	return out
}

// TestResultsAreCopies overwrites all that a server hands out: it goes on showing
// what it had, and so does another world.
func TestResultsAreCopies(t *testing.T) {
	jane := keys.NewAccount(keys.Device([32]byte{1}))
	s, c := hostile.New(), share.Create(jane)
	require.NoError(t, s.Commit(jane.ID(), c))
	rotated, err := c.After().Rotate()
	require.NoError(t, err)
	require.NoError(t, s.Commit(jane.ID(), rotated))
	s.Put(hostile.Documents, "d", []byte("older"))
	s.Put(hostile.Documents, "d", []byte("newer"))
	id, entry := c.Group, []byte("another entry")
	twisted := func(twist hostile.Twist) func(*hostile.Server) [][]byte {
		return func(s *hostile.Server) [][]byte { s.Twist(id, twist); return s.Log(id) }
	}
	for name, get := range map[string]func(*hostile.Server) [][]byte{
		"Get":      func(s *hostile.Server) [][]byte { return [][]byte{s.Get(hostile.Documents, "d")} },
		"Versions": func(s *hostile.Server) [][]byte { return s.Versions(hostile.Documents, "d") },
		"Sent":     (*hostile.Server).Sent,
		"Log":      twisted(nil),
		"With":     twisted(hostile.With(1, entry)),
		"Link":     func(s *hostile.Server) [][]byte { return [][]byte{s.Link(id, jane.ID())} },
		"Links":    func(s *hostile.Server) [][]byte { return slices.Collect(maps.Values(s.Links(id))) },
		"Bookmark": func(s *hostile.Server) [][]byte { return [][]byte{s.Bookmark(id, jane.ID())} },
	} {
		other := s.Fork()
		got := get(s)
		want := copied(got)
		wipe(got...)
		assert.Equal(t, want, get(s), name)
		assert.Equal(t, want, get(other), "%s, another world", name)
	}
	assert.Equal(t, "another entry", string(entry))

	other := s.Fork()
	wipe(s.Take(hostile.Documents, "d"))
	assert.Equal(t, "newer", string(other.Take(hostile.Documents, "d")))
	assert.Equal(t, "newer", string(s.Versions(hostile.Documents, "d")[1]))
	twice := twisted(hostile.Twice(0))(s)
	wipe(twice[0])
	assert.NotEqual(t, twice[0], twice[1], "the second is one of its own")
	wipe(s.Sent()...)
	assert.NotEmpty(t, s.Leaked(rotated.Bookmark), "what was sent is still found")
}

// TestInputIsCopied overwrites all that was given to a server.
func TestInputIsCopied(t *testing.T) {
	jane := keys.NewAccount(keys.Device([32]byte{1}))
	created := share.Create(jane)
	get := func(s *hostile.Server) []byte { return s.Get(hostile.Documents, "d") }
	for name, c := range map[string]struct {
		give  func(s *hostile.Server, value []byte)
		shown func(s *hostile.Server) []byte
	}{
		"Put":     {func(s *hostile.Server, b []byte) { s.Put(hostile.Documents, "d", b) }, get},
		"Replace": {func(s *hostile.Server, b []byte) { s.Replace(hostile.Documents, "d", b) }, get},
		"Observe": {func(s *hostile.Server, b []byte) { s.Observe(b) }, func(s *hostile.Server) []byte { return s.Sent()[0] }},
		"With": {func(s *hostile.Server, b []byte) {
			require.NoError(t, s.Commit(jane.ID(), created))
			s.Twist(created.Group, hostile.With(0, b))
		}, func(s *hostile.Server) []byte { return s.Log(created.Group)[0] }},
	} {
		s, value := hostile.New(), []byte("a value")
		c.give(s, value)
		wipe(value)
		assert.Equal(t, "a value", string(c.shown(s)), name)
	}
}

// TestChangesAreCopied overwrites changes that were stored, and what Writes makes
// of one.
func TestChangesAreCopied(t *testing.T) {
	jane := keys.NewAccount(keys.Device([32]byte{1}))
	parts := func(c *share.Change) [][]byte { return [][]byte{c.Links[jane.ID()], c.Bookmark, c.Entries[0]} }
	for name, store := range map[string]func(*hostile.Server, *share.Change){
		"Commit": func(s *hostile.Server, c *share.Change) { require.NoError(t, s.Commit(jane.ID(), c)) },
		"Crash":  func(s *hostile.Server, c *share.Change) { s.Crash(jane.ID(), c, 3) },
	} {
		s, c := hostile.New(), share.Create(jane)
		store(s, c)
		want, sent := copied(parts(c)), s.Sent()
		wipe(parts(c)...)
		assert.Equal(t, want, [][]byte{s.Link(c.Group, jane.ID()), s.Bookmark(c.Group, jane.ID()), s.Log(c.Group)[0]}, name)
		assert.Equal(t, sent, s.Sent(), name)
	}
	c := share.Create(jane)
	want := copied(parts(c))
	for _, w := range hostile.Writes(c, jane.ID()) {
		wipe(w.Value)
	}
	assert.Equal(t, want, parts(c))
}
