package hostile

import (
	"bytes"
	"fmt"
	"math/rand/v2"
)

// kindsOfLies are what Mischief draws from.
var kindsOfLies = []func(*Server, *rand.Rand, Kind, []string) string{
	(*Server).lieFlip, (*Server).lieCut, (*Server).lieOmit, (*Server).lieOld, (*Server).lieExchange, (*Server).lieCopy,
}

// Mischief tells one lie about something that is stored, drawn from seed: a bit
// turned, a record cut, left out, exchanged for an older version, for another of
// its table, or for one of another table. It returns what it did, for the message
// of a test that fails; the same seed does the same on a server that holds the
// same names. Run an app's flow after each of many seeds, on a [Server.Fork]: what
// it shows the person must be right, or an error.
func (s *Server) Mischief(seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 0))
	kinds := []Kind{Accounts, Entries, Links, Bookmarks, Documents}
	for range 64 {
		kind := kinds[r.IntN(len(kinds))]
		if names := s.Names(kind, ""); len(names) > 0 {
			if lie := kindsOfLies[r.IntN(len(kindsOfLies))](s, r, kind, names); lie != "" {
				return lie
			}
		}
	}
	return "nothing is stored"
}

func pick(r *rand.Rand, names []string) string { return names[r.IntN(len(names))] }

func (s *Server) lieFlip(r *rand.Rand, kind Kind, names []string) string {
	name := pick(r, names)
	value := bytes.Clone(s.Get(kind, name))
	if len(value) == 0 {
		return ""
	}
	at, bit := r.IntN(len(value)), r.IntN(8)
	value[at] ^= 1 << bit
	s.Replace(kind, name, value)
	return fmt.Sprintf("%s %s: bit %d of byte %d turned", kind, name, bit, at)
}

func (s *Server) lieCut(r *rand.Rand, kind Kind, names []string) string {
	name := pick(r, names)
	value := s.Get(kind, name)
	if len(value) == 0 {
		return ""
	}
	n := r.IntN(len(value))
	s.Replace(kind, name, bytes.Clone(value[:n]))
	return fmt.Sprintf("%s %s: cut to %d bytes", kind, name, n)
}

func (s *Server) lieOmit(r *rand.Rand, kind Kind, names []string) string {
	name := pick(r, names)
	s.Omit(kind, name)
	return fmt.Sprintf("%s %s: left out", kind, name)
}

func (s *Server) lieOld(r *rand.Rand, kind Kind, names []string) string {
	name := pick(r, names)
	if n := len(s.Versions(kind, name)); n > 1 {
		old := r.IntN(n - 1)
		s.Rewind(kind, name, old)
		return fmt.Sprintf("%s %s: version %d again", kind, name, old)
	}
	return ""
}

func (s *Server) lieExchange(r *rand.Rand, kind Kind, names []string) string {
	a, b := pick(r, names), pick(r, names)
	if a == b {
		return ""
	}
	s.Exchange(kind, a, b)
	return fmt.Sprintf("%s %s and %s: exchanged", kind, a, b)
}

func (s *Server) lieCopy(r *rand.Rand, kind Kind, names []string) string {
	kinds := []Kind{Accounts, Entries, Links, Bookmarks, Documents}
	from := kinds[r.IntN(len(kinds))]
	others := s.Names(from, "")
	if from == kind || len(others) == 0 {
		return ""
	}
	name, other := pick(r, names), pick(r, others)
	s.Replace(kind, name, s.Get(from, other))
	return fmt.Sprintf("%s %s: %s %s in its place", kind, name, from, other)
}
