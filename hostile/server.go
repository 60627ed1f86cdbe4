package hostile

import (
	"bytes"
	"slices"
	"strings"
	"sync"
)

// A Kind is a table of the server.
type Kind string

// The tables. Names in Entries, Links and Bookmarks are those of [EntryName] and
// [MemberName]; in the others the test chooses.
const (
	Accounts  Kind = "account"
	Logins    Kind = "login" // states, and verifiers if they are kept apart
	Entries   Kind = "entry"
	Links     Kind = "link"
	Bookmarks Kind = "bookmark"
	Documents Kind = "document"
)

type place struct {
	kind Kind
	name string
}

// A Server holds what a server holds.
type Server struct {
	mu     sync.Mutex
	shown  map[place][]byte   // what it answers
	kept   map[place][][]byte // everything that was ever stored there
	twists map[string]Twist   // by group
	sent   *record
}

// A record is what clients sent. The worlds of one server share it.
type record struct {
	mu   sync.Mutex
	sent [][]byte
}

// New returns an empty server.
func New() *Server {
	return &Server{
		shown:  map[place][]byte{},
		kept:   map[place][][]byte{},
		twists: map[string]Twist{},
		sent:   &record{},
	}
}

// Put stores what a client sent.
func (s *Server) Put(kind Kind, name string, value []byte) {
	s.Observe([]byte(name), value)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(place{kind, name}, value)
}

func (s *Server) put(at place, value []byte) {
	value = bytes.Clone(value)
	s.shown[at] = value
	s.kept[at] = append(s.kept[at], value)
}

// Get returns what the server shows, nil if nothing.
func (s *Server) Get(kind Kind, name string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.shown[place{kind, name}])
}

// Take returns what the server shows and deletes it, as for the state of a login.
func (s *Server) Take(kind Kind, name string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	value := s.shown[place{kind, name}]
	delete(s.shown, place{kind, name})
	return bytes.Clone(value) // the versions keep this one
}

// Names returns the names in a table that begin with prefix, in order.
func (s *Server) Names(kind Kind, prefix string) (names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for at := range s.shown {
		if at.kind == kind && strings.HasPrefix(at.name, prefix) {
			names = append(names, at.name)
		}
	}
	slices.Sort(names)
	return names
}

// Versions returns everything that was stored in a place, the oldest first.
func (s *Server) Versions(kind Kind, name string) [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return cloned(s.kept[place{kind, name}])
}

// cloned returns a copy of each, so that nobody outside writes into what is kept.
func cloned(all [][]byte) [][]byte {
	out := slices.Clone(all)
	for i, b := range out {
		out[i] = bytes.Clone(b)
	}
	return out
}

// Replace makes the server show value, which no client sent.
func (s *Server) Replace(kind Kind, name string, value []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown[place{kind, name}] = bytes.Clone(value)
}

// Omit makes the server show nothing.
func (s *Server) Omit(kind Kind, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.shown, place{kind, name})
}

// Rewind makes the server show the n-th version, from 0, of what was stored.
func (s *Server) Rewind(kind Kind, name string, n int) {
	s.Replace(kind, name, s.Versions(kind, name)[n])
}

// Exchange makes the server show a for b and b for a.
func (s *Server) Exchange(kind Kind, a, b string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, y := place{kind, a}, place{kind, b}
	s.shown[x], s.shown[y] = s.shown[y], s.shown[x]
}

// Fork returns a second world that begins as this one. What clients send to
// either is recorded in both.
func (s *Server) Fork() *Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	world := New()
	world.sent = s.sent
	for at, value := range s.shown {
		world.shown[at] = value
	}
	for at, values := range s.kept {
		world.kept[at] = slices.Clone(values) // nobody writes into them
	}
	for group, twist := range s.twists {
		world.twists[group] = twist
	}
	return world
}
