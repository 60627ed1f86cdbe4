package hostile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// EntryName is the name of an entry.
func EntryName(group keys.GroupID, seq uint64) string { return fmt.Sprintf("%s/%09d", group, seq) }

// MemberName is the name of a member's link, or bookmark.
func MemberName(group keys.GroupID, id keys.AccountID) string {
	return group.String() + "/" + id.String()
}

// A Write is one thing to store of a change.
type Write struct {
	Kind  Kind
	Name  string
	Value []byte
}

// Writes returns what a change stores, in an order in which a server without
// transactions could: links and bookmark first, entries last.
func Writes(c *share.Change, me keys.AccountID) (writes []Write) {
	for id, link := range c.Links {
		writes = append(writes, Write{Links, MemberName(c.Group, id), bytes.Clone(link)})
	}
	slices.SortFunc(writes, func(a, b Write) int { return strings.Compare(a.Name, b.Name) })
	writes = append(writes, Write{Bookmarks, MemberName(c.Group, me), bytes.Clone(c.Bookmark)})
	for i, e := range c.Entries {
		writes = append(writes, Write{Entries, EntryName(c.Group, c.Seq+uint64(i)), bytes.Clone(e)})
	}
	return writes
}

// Commit is the honest handler: it records the change, checks it against what is
// stored, and stores all of it or nothing. me is who sends it. What was stored
// already is accepted again.
func (s *Server) Commit(me keys.AccountID, c *share.Change) error {
	s.observeChange(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	stored := s.entries(c.Group)
	if isStored(stored, c) {
		return nil
	}
	var log *share.Log
	if len(stored) > 0 {
		var err error
		if log, err = share.ReadLog(stored); err != nil {
			return err
		}
	}
	next, err := log.Accept(c)
	if err != nil {
		return err
	}
	if log == nil || next.Generation() != log.Generation() {
		s.dropLinks(c.Group)
	}
	for _, w := range Writes(c, me) {
		s.put(place{w.Kind, w.Name}, w.Value)
	}
	return nil
}

// isStored reports whether the change was stored before.
func isStored(stored [][]byte, c *share.Change) bool {
	n := uint64(len(c.Entries))
	return n > 0 && c.Seq < uint64(len(stored)) && n <= uint64(len(stored))-c.Seq &&
		slices.EqualFunc(stored[c.Seq:c.Seq+n], c.Entries, bytes.Equal)
}

// dropLinks shows no link of a group: all that there will be come with the
// change that made a new key.
func (s *Server) dropLinks(group keys.GroupID) {
	for at := range s.shown {
		if at.kind == Links && strings.HasPrefix(at.name, group.String()+"/") {
			delete(s.shown, at)
		}
	}
}

// Crash is Commit without a transaction that ends after the n-th write.
func (s *Server) Crash(me keys.AccountID, c *share.Change, n int) {
	s.observeChange(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range Writes(c, me)[:n] {
		s.put(place{w.Kind, w.Name}, w.Value)
	}
}

func (s *Server) observeChange(c *share.Change) {
	raw, err := json.Marshal(c)
	if err != nil {
		panic("hostile: " + err.Error()) // a Change is plain data
	}
	s.Observe(raw, c.Bookmark)
	s.Observe(c.Entries...)
	for _, link := range c.Links {
		s.Observe(link)
	}
}

// Log returns the entries that the server shows for a group.
func (s *Server) Log(group keys.GroupID) [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries := s.entries(group)
	if twist := s.twists[group.String()]; twist != nil {
		return cloned(twist(entries)) // which may show one twice, or its own
	}
	return entries
}

// entries returns the stored entries, up to the first gap.
func (s *Server) entries(group keys.GroupID) (entries [][]byte) {
	for seq := uint64(0); ; seq++ {
		e := s.shown[place{Entries, EntryName(group, seq)}]
		if e == nil {
			return entries
		}
		entries = append(entries, bytes.Clone(e))
	}
}

// Link returns the link that the server shows to a member, nil if none.
func (s *Server) Link(group keys.GroupID, id keys.AccountID) []byte {
	return s.Get(Links, MemberName(group, id))
}

// Links returns all links of a group.
func (s *Server) Links(group keys.GroupID) map[keys.AccountID][]byte {
	links := map[keys.AccountID][]byte{}
	for _, name := range s.Names(Links, group.String()+"/") {
		var id keys.AccountID
		if id.UnmarshalText([]byte(name[len(group.String())+1:])) == nil {
			links[id] = s.Get(Links, name)
		}
	}
	return links
}

// Bookmark returns the bookmark that the server shows to a member, nil if none.
func (s *Server) Bookmark(group keys.GroupID, id keys.AccountID) []byte {
	return s.Get(Bookmarks, MemberName(group, id))
}

// A Twist changes the list of entries that a server shows.
type Twist func(entries [][]byte) [][]byte

// Twist makes the server show another list of entries for a group; nil ends it.
func (s *Server) Twist(group keys.GroupID, twist Twist) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.twists[group.String()] = twist
}

// Without omits entry n.
func Without(n int) Twist { return func(e [][]byte) [][]byte { return slices.Delete(e, n, n+1) } }

// Swapped exchanges entries a and b.
func Swapped(a, b int) Twist {
	return func(e [][]byte) [][]byte { e[a], e[b] = e[b], e[a]; return e }
}

// Twice shows entry n twice.
func Twice(n int) Twist { return func(e [][]byte) [][]byte { return slices.Insert(e, n, e[n]) } }

// First shows the first n entries only.
func First(n int) Twist { return func(e [][]byte) [][]byte { return e[:n] } }

// With shows another entry n.
func With(n int, entry []byte) Twist {
	entry = bytes.Clone(entry)
	return func(e [][]byte) [][]byte { e[n] = entry; return e }
}
