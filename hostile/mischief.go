package hostile

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/sealkin/sealkin/keys"
)

// kindsOfLies are what Mischief draws from.
var kindsOfLies = []func(*Server, *rand.Rand, table) string{
	(*Server).lieFlip, (*Server).lieCut, (*Server).lieOmit, (*Server).lieOld, (*Server).lieExchange, (*Server).lieCopy,
	(*Server).lieGap, (*Server).lieTwice,
}

// A table is what is shown of a kind.
type table struct {
	kind  Kind
	names []string
}

// Mischief tells one lie, drawn from seed, and returns what it did, for the
// message of a test that fails. Either a record has a bit turned, is cut, left
// out (a log ends in front of it), replaced by an older version of it or by a
// record of another table, or changes places with one of its own table; or a log,
// as [Server.Log] shows it, lacks an entry that is not its last, or has one twice.
// Whatever it is, the server shows something else than before.
//
// It lies about Accounts, Entries, Links, Bookmarks and Documents, never about
// Logins. It makes up no record and forks nothing: for these there are
// [Server.Replace], [With] and [Server.Fork]. A [Twist] of the test stays; a gap
// or a repetition is made in what it shows.
//
// The same seed does the same on a server that holds the same names, lengths and
// versions. Run an app's flow after each of many seeds, on a [Server.Fork]: what
// it shows the person must be right, or an error.
func (s *Server) Mischief(seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 0))
	tables := s.tables()
	if len(tables) == 0 {
		return "nothing to lie about is stored"
	}
	for { // until one is possible, and to leave something out always is
		if lie := pick(r, kindsOfLies)(s, r, pick(r, tables)); lie != "" {
			return lie
		}
	}
}

// tables returns those that Mischief lies about and that are not empty.
func (s *Server) tables() (tables []table) {
	for _, kind := range []Kind{Accounts, Entries, Links, Bookmarks, Documents} {
		if names := s.Names(kind, ""); len(names) > 0 {
			tables = append(tables, table{kind, names})
		}
	}
	return tables
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func (s *Server) lieFlip(r *rand.Rand, of table) string {
	name := pick(r, of.names)
	value := s.Get(of.kind, name)
	if len(value) == 0 {
		return ""
	}
	at, bit := r.IntN(len(value)), r.IntN(8)
	value[at] ^= 1 << bit
	s.Replace(of.kind, name, value)
	return fmt.Sprintf("%s %s: bit %d of byte %d turned", of.kind, name, bit, at)
}

func (s *Server) lieCut(r *rand.Rand, of table) string {
	name := pick(r, of.names)
	value := s.Get(of.kind, name)
	if len(value) == 0 {
		return ""
	}
	n := r.IntN(len(value))
	s.Replace(of.kind, name, value[:n])
	return fmt.Sprintf("%s %s: cut to %d bytes", of.kind, name, n)
}

func (s *Server) lieOmit(r *rand.Rand, of table) string {
	name := pick(r, of.names)
	s.Omit(of.kind, name)
	return fmt.Sprintf("%s %s: left out", of.kind, name)
}

// lieOld shows an older version that is not what is shown: a client that tried
// again has stored one twice.
func (s *Server) lieOld(r *rand.Rand, of table) string {
	name := pick(r, of.names)
	shown, versions := s.Get(of.kind, name), s.Versions(of.kind, name)
	var old []int
	for n := range len(versions) - 1 {
		if !bytes.Equal(versions[n], shown) {
			old = append(old, n)
		}
	}
	if len(old) == 0 {
		return ""
	}
	n := pick(r, old)
	s.Rewind(of.kind, name, n)
	return fmt.Sprintf("%s %s: version %d again", of.kind, name, n)
}

func (s *Server) lieExchange(r *rand.Rand, of table) string {
	a, b := pick(r, of.names), pick(r, of.names)
	if bytes.Equal(s.Get(of.kind, a), s.Get(of.kind, b)) {
		return ""
	}
	s.Exchange(of.kind, a, b)
	return fmt.Sprintf("%s %s and %s: exchanged", of.kind, a, b)
}

func (s *Server) lieCopy(r *rand.Rand, of table) string {
	from := pick(r, append(s.tables(), of)) // never of none, whatever others delete meanwhile
	name, other := pick(r, of.names), pick(r, from.names)
	value := s.Get(from.kind, other)
	if from.kind == of.kind || bytes.Equal(value, s.Get(of.kind, name)) {
		return ""
	}
	s.Replace(of.kind, name, value)
	return fmt.Sprintf("%s %s: %s %s in its place", of.kind, name, from.kind, other)
}

func (s *Server) lieGap(r *rand.Rand, of table) string {
	return s.lieInLog(r, of, 1, Without, "missing, and not the later ones")
}

func (s *Server) lieTwice(r *rand.Rand, of table) string {
	return s.lieInLog(r, of, 0, Twice, "twice")
}

// lieInLog twists a log at one of its entries, but not at the last few.
func (s *Server) lieInLog(r *rand.Rand, of table, spared int, twist func(int) Twist, what string) string {
	var group keys.GroupID
	id, _, _ := strings.Cut(pick(r, of.names), "/")
	_ = group.UnmarshalText([]byte(id)) // if it is none: a group without a log
	n := len(s.Log(group)) - spared
	if of.kind != Entries || n <= 0 {
		return ""
	}
	at := r.IntN(n)
	s.twistAgain(group, at, twist(at))
	return fmt.Sprintf("%s %s: number %d %s", of.kind, group, at, what)
}

// twistAgain twists at entry n, if there is one by then, what the server shows
// now.
func (s *Server) twistAgain(group keys.GroupID, n int, twist Twist) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.twists[group.String()]
	s.twists[group.String()] = func(entries [][]byte) [][]byte {
		if before != nil {
			entries = before(entries)
		}
		if n < len(entries) {
			entries = twist(entries)
		}
		return entries
	}
}
