package hostile_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/hostile"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// TestMischief runs the app of the example against lies of many seeds, on forks
// of one world: what it shows is right, or an error.
func TestMischief(t *testing.T) {
	jane, bob := keys.NewAccount(keys.Device([32]byte{1})), keys.NewAccount(keys.Device([32]byte{2}))
	world := hostile.New()
	created := share.Create(jane)
	require.NoError(t, world.Commit(jane.ID(), created))
	add, err := created.After().Add(share.Writer, bob.Identity())
	require.NoError(t, err)
	require.NoError(t, world.Commit(jane.ID(), add))
	bobs, err := share.Join(bob, add.Group, jane.ID(), world.Log(add.Group), world.Link(add.Group, bob.ID()))
	require.NoError(t, err)
	world.Put(hostile.Bookmarks, hostile.MemberName(add.Group, bob.ID()), bobs.Bookmark())
	a := &app{server: world, me: jane, group: add.Group, seen: map[string]envelope.Ref{}}
	for _, save := range [][2]string{{"one", "first"}, {"two", "other"}, {"one", "second"}} {
		require.NoError(t, a.save(save[0], save[1]))
	}

	lies, refused := map[string]int{}, 0
	for seed := range uint64(500) {
		liar := world.Fork()
		lie := liar.Mischief(seed)
		assert.Equal(t, lie, world.Fork().Mischief(seed), "the same seed does the same")
		lies[kindOf(lie)]++
		victim := &app{server: liar, me: jane, group: add.Group, seen: a.seen}
		for id, want := range map[string]string{"one": "second", "two": "other"} {
			got, err := victim.show(id)
			if err != nil {
				refused++
			} else {
				assert.Equal(t, want, got, "seed %d, %s", seed, lie)
			}
		}
	}
	assert.Greater(t, refused, 100)
	for _, k := range kindsOfLies {
		assert.Greater(t, lies[k.name], 5, "%s: %v", k.name, lies)
	}
	assert.Len(t, lies, len(kindsOfLies), "no other: %v", lies)
}

// kindsOfLies are how Mischief names them.
var kindsOfLies = []struct{ name, pattern string }{
	{"bit turned", `: bit \d of byte \d+ turned$`}, {"cut", `: cut to \d+ bytes$`}, {"left out", `: left out$`},
	{"older version", `: version \d+ again$`}, {"exchanged", ` and \S+: exchanged$`}, {"of another table", ` in its place$`},
	{"gap in a log", `^entry \S+: number \d+ missing, and not the later ones$`}, {"entry twice", `^entry \S+: number \d+ twice$`},
}

// kindOf returns the kind of a lie, or the lie if it is none of them.
func kindOf(lie string) string {
	for _, k := range kindsOfLies {
		if regexp.MustCompile(k.pattern).MatchString(lie) {
			return k.name
		}
	}
	return lie
}

// everything is what a server shows.
func everything(s *hostile.Server, groups ...keys.GroupID) (all []string) {
	for _, kind := range []hostile.Kind{hostile.Accounts, hostile.Logins, hostile.Entries, hostile.Links, hostile.Bookmarks, hostile.Documents} {
		for _, name := range s.Names(kind, "") {
			all = append(all, fmt.Sprintf("%s %s %x", kind, name, s.Get(kind, name)))
		}
	}
	for _, group := range groups {
		all = append(all, fmt.Sprintf("%x", s.Log(group)))
	}
	return all
}

// TestMischiefLies stores some things twice, as clients that try again do, and
// the same thing in two places: each lie changes what is shown, and nothing in
// the table of logins.
func TestMischiefLies(t *testing.T) {
	group := keys.GroupID{1}
	world := hostile.New()
	for _, value := range []string{"a", "b", "b"} {
		world.Put(hostile.Documents, "tried again", []byte(value))
		world.Put(hostile.Accounts, "jane", []byte("same"))
		world.Put(hostile.Accounts, "bob", []byte("same"))
		world.Put(hostile.Links, "jane", []byte("same"))
		world.Put(hostile.Logins, "jane", []byte(value))
	}
	for n := range uint64(4) {
		world.Put(hostile.Entries, hostile.EntryName(group, n), []byte{byte(n)})
	}
	world.Put(hostile.Bookmarks, "jane", []byte("older"))
	world.Put(hostile.Bookmarks, "jane", []byte("newest"))
	world.Replace(hostile.Bookmarks, "jane", []byte("told by the test"))
	lies := map[string]int{}
	for seed := range uint64(300) {
		liar := world.Fork()
		lie := liar.Mischief(seed)
		lies[kindOf(lie)]++
		assert.NotEqual(t, "bookmark jane: version 1 again", lie, "the newest is not an older one")
		kind, _, _ := strings.Cut(lie, " ")
		assert.NotContains(t, lie, ": "+kind+" ", "of another table")
		assert.NotEqual(t, everything(world, group), everything(liar, group), "seed %d, %s", seed, lie)
		assert.Equal(t, world.Get(hostile.Logins, "jane"), liar.Get(hostile.Logins, "jane"), lie)
	}
	assert.Len(t, lies, len(kindsOfLies), "all kinds: %v", lies)
}

// TestMischiefInLogs makes gaps and repetitions: the log that is shown is the
// stored one without one entry that is not the last, or with one of them twice.
func TestMischiefInLogs(t *testing.T) {
	group := keys.GroupID{1}
	world := hostile.New()
	honest := ""
	for n := range uint64(4) {
		world.Put(hostile.Entries, hostile.EntryName(group, n), []byte{'0' + byte(n)})
		honest += fmt.Sprint(n)
	}
	shown := map[string]int{}
	for seed := range uint64(300) {
		liar := world.Fork()
		lie := liar.Mischief(seed)
		log := string(bytes.Join(liar.Log(group), nil))
		var n int
		switch kindOf(lie) {
		case "gap in a log":
			_, err := fmt.Sscanf(lie[strings.Index(lie, ": "):], ": number %d", &n)
			require.NoError(t, err)
			assert.Equal(t, honest[:n]+honest[n+1:], log, lie)
		case "entry twice":
			_, err := fmt.Sscanf(lie[strings.Index(lie, ": "):], ": number %d", &n)
			require.NoError(t, err)
			assert.Equal(t, honest[:n+1]+honest[n:], log, lie)
		default:
			continue
		}
		shown[log]++
	}
	assert.Len(t, shown, 3+4, "each gap and each repetition: %v", shown)
}

// TestMischiefAgain tells lies about lies, and about what a test has twisted: the
// log can be asked for at any time, and the twist of the test stays.
func TestMischiefAgain(t *testing.T) {
	group := keys.GroupID{1}
	for seed := range uint64(300) {
		s := hostile.New()
		for n := range uint64(4) {
			s.Put(hostile.Entries, hostile.EntryName(group, n), []byte("entry"))
		}
		s.Twist(group, func(entries [][]byte) [][]byte {
			for i := range entries {
				entries[i] = []byte("twisted")
			}
			return entries
		})
		var lies []string
		for n := range uint64(8) {
			lies = append(lies, s.Mischief(8*seed+n))
			require.NotPanics(t, func() {
				for _, e := range s.Log(group) {
					assert.Equal(t, "twisted", string(e), lies)
				}
			}, lies)
		}
	}
}

// TestMischiefOfLittle has little to lie about: one record, or nothing.
func TestMischiefOfLittle(t *testing.T) {
	for value, kind := range map[string]hostile.Kind{"": hostile.Documents, "value": hostile.Documents, "entry": hostile.Entries} {
		world := hostile.New()
		world.Put(kind, "one", []byte(value))
		for seed := range uint64(300) {
			liar := world.Fork()
			lie := liar.Mischief(seed)
			assert.NotEqual(t, everything(world), everything(liar), "seed %d, %s", seed, lie)
		}
	}
	logins := hostile.New()
	logins.Put(hostile.Logins, "jane", []byte("state"))
	assert.Equal(t, "nothing to lie about is stored", logins.Mischief(1))
	assert.Equal(t, "nothing to lie about is stored", hostile.New().Mischief(1))
	assert.Equal(t, "state", string(logins.Get(hostile.Logins, "jane")))
}

// TestMischiefIsOfTheSeed draws the same lies on another server that holds the
// same names, lengths and versions, of other bytes.
func TestMischiefIsOfTheSeed(t *testing.T) {
	build := func(first byte) *hostile.Server {
		s := hostile.New()
		for n := range byte(4) {
			s.Put(hostile.Entries, hostile.EntryName(keys.GroupID{1}, uint64(n)), []byte{first, n, 0})
			s.Put(hostile.Documents, string('a'+n), []byte{first, n})
			s.Put(hostile.Documents, string('a'+n), []byte{first, n, n})
		}
		return s
	}
	one, two := build(1), build(2)
	for seed := range uint64(300) {
		assert.Equal(t, one.Fork().Mischief(seed), two.Fork().Mischief(seed), seed)
	}
}
