package share_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/vectors"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

//go:generate go test -run ^TestMakeVectors$ -update .

const source = "made by this module (share/make_test.go) with random numbers that are not random"

// kinds are the kinds of failure that the vectors name (spec, Section 11).
var kinds = map[string]error{
	"":          nil,
	"malformed": keys.ErrMalformed,
	"newer":     keys.ErrNewer,
	"open":      keys.ErrOpen,
	"mismatch":  keys.ErrMismatch,
	"rollback":  keys.ErrRollback,
	"fork":      keys.ErrFork,
	"behind":    keys.ErrBehind,
	"forbidden": share.ErrForbidden,
}

// requireKind requires the kind of failure that a vector wants, and no other.
func requireKind(t *testing.T, want string, err error) {
	t.Helper()
	kind, known := kinds[want]
	require.True(t, known, want)
	if kind == nil {
		require.NoError(t, err)
		return
	}
	for _, other := range kinds {
		require.Equal(t, other == kind, other != nil && assertIs(err, other), "%v", err)
	}
}

func assertIs(err, target error) bool { return assert.ErrorIs(new(testing.T), err, target) }

type hexes []vectors.Hex

func (h hexes) bytes() (out [][]byte) {
	for _, b := range h {
		out = append(out, b)
	}
	return out
}

func toHexes(in [][]byte) (out hexes) {
	for _, b := range in {
		out = append(out, b)
	}
	return out
}

// An account of the vectors: its record (Section 6) opens with the device secret.
type accountVector struct {
	Name   string         `json:"name"`
	ID     keys.AccountID `json:"id"`
	Device vectors.Hex    `json:"device"`
	Record vectors.Hex    `json:"record"`
}

func (v accountVector) open(t testing.TB) *keys.Account {
	l, err := keys.ParseLockedAccount(v.Record, nil)
	require.NoError(t, err)
	a, err := l.Unlock(keys.Device([32]byte(v.Device)))
	require.NoError(t, err)
	require.Equal(t, v.ID, a.ID())
	return a
}

func loadAccounts(t testing.TB) map[string]*keys.Account {
	all := map[string]*keys.Account{}
	for _, v := range vectors.Load[accountVector](t, "share/accounts.json") {
		all[v.Name] = v.open(t)
	}
	return all
}

// A chainVector is one more entry, and the state behind it.
type chainVector struct {
	Name       string         `json:"name"`
	Entry      vectors.Hex    `json:"entry"`
	Group      keys.GroupID   `json:"group"`
	Hash       vectors.Hex    `json:"hash"`
	Generation uint32         `json:"generation"`
	Key        vectors.Hex    `json:"key"` // of the generation
	Due        bool           `json:"due"`
	Dissolved  bool           `json:"dissolved"`
	Members    []memberVector `json:"members"`
}

type memberVector struct {
	ID      keys.AccountID `json:"id"`
	Role    share.Role     `json:"role"`
	Invited bool           `json:"invited"`
	Link    vectors.Hex    `json:"link"` // of this generation, if it came with this entry
}

// chain returns the entries of the chain of the vectors.
func chain(t testing.TB) (entries [][]byte) {
	for _, v := range vectors.Load[chainVector](t, "share/chain.json") {
		entries = append(entries, v.Entry)
	}
	return entries
}

// TestVectorsChain follows the chain entry by entry, at once, and from every
// link that occurs.
func TestVectorsChain(t *testing.T) {
	accounts := loadAccounts(t)
	var entries [][]byte
	var log *share.Log
	for _, v := range vectors.Load[chainVector](t, "share/chain.json") {
		entries = append(entries, v.Entry)
		var err error
		log, err = share.ReadLog(entries)
		require.NoError(t, err, v.Name)
		head := log.Head()
		require.Equal(t, []byte(v.Hash), head[:], v.Name)
		require.Equal(t, v.Group, log.ID())
		require.Equal(t, v.Generation, log.Generation())
		require.Equal(t, v.Due, log.RotationDue())
		require.Equal(t, v.Dissolved, log.Dissolved())
		n := 0
		for id, role := range log.Members() {
			m := v.Members[n]
			require.Equal(t, memberVector{id, role, log.Invited(id), m.Link}, m)
			n++
			for _, a := range accounts {
				if a.ID() != id || len(m.Link) == 0 {
					continue
				}
				g, err := share.Join(a, v.Group, accounts["jane"].ID(), entries, m.Link)
				if err != nil && assertIs(err, keys.ErrBehind) {
					continue // an earlier epoch of the account
				}
				require.NoError(t, err, v.Name)
				require.Equal(t, []byte(v.Key), share.KeyOf(g, v.Generation))
			}
		}
		require.Len(t, v.Members, n, v.Name)
	}
	require.GreaterOrEqual(t, log.Len(), uint64(11), "every kind of change")
}

// A refusalVector is a log that nobody may accept: the first entries of the
// chain, and others behind them.
type refusalVector struct {
	Name    string `json:"name"`
	Front   int    `json:"front"`
	Entries hexes  `json:"entries"`
	Want    string `json:"want"`
}

func TestVectorsRefused(t *testing.T) {
	front := chain(t)
	for _, v := range vectors.Load[refusalVector](t, "share/refused.json") {
		t.Run(v.Name, func(t *testing.T) {
			log, err := share.ReadLog(append(front[:v.Front:v.Front], v.Entries.bytes()...))
			requireKind(t, v.Want, err)
			require.Equal(t, err != nil, log == nil)
		})
	}
}

// A doorVector is an attempt to get in.
type doorVector struct {
	Name     string         `json:"name"`
	Door     string         `json:"door"` // join, resume, restore, redeem
	Account  string         `json:"account"`
	Group    keys.GroupID   `json:"group"`
	From     keys.AccountID `json:"from"`
	Code     string         `json:"code"`
	Guest    keys.AccountID `json:"guest"` // the account of the code
	Front    int            `json:"front"` // entries of the chain
	Entries  hexes          `json:"entries"`
	Link     vectors.Hex    `json:"link"`     // empty: none
	Bookmark vectors.Hex    `json:"bookmark"` // or snapshot
	Keys     hexes          `json:"keys"`     // of generations 1, 2, …; empty: not here
	Want     string         `json:"want"`
}

func (v doorVector) enter(t *testing.T) (*share.Group, error) {
	me := loadAccounts(t)[v.Account]
	require.NotNil(t, me)
	entries := append(chain(t)[:v.Front:v.Front], v.Entries.bytes()...)
	link := []byte(v.Link)
	if len(link) == 0 {
		link = nil
	}
	switch v.Door {
	case "join":
		return share.Join(me, v.Group, v.From, entries, link)
	case "resume":
		return share.Resume(me, v.Bookmark, entries, link)
	case "restore":
		return share.Restore(me, v.Bookmark)
	case "redeem":
		code, err := keys.ParseCode(v.Code)
		require.NoError(t, err)
		require.Equal(t, v.Guest, guestID(code))
		c, err := share.Redeem(me, v.Group, code, entries, map[keys.AccountID][]byte{v.Guest: link})
		if err != nil {
			return nil, err
		}
		return c.After(), nil
	}
	t.Fatalf("no door %q", v.Door)
	return nil, nil
}

func TestVectorsDoors(t *testing.T) {
	for _, v := range vectors.Load[doorVector](t, "share/doors.json") {
		t.Run(v.Name, func(t *testing.T) {
			g, err := v.enter(t)
			requireKind(t, v.Want, err)
			require.Equal(t, err != nil, g == nil)
			for n, key := range v.Keys {
				require.Equal(t, len(key) > 0, share.KeyOf(g, uint32(n+1)) != nil)
				if len(key) > 0 {
					require.Equal(t, []byte(key), share.KeyOf(g, uint32(n+1)))
				}
			}
		})
	}
}

// A changeVector is a change as a server sees it, in JSON.
type changeVector struct {
	Name   string          `json:"name"`
	Front  int             `json:"front"`
	Change json.RawMessage `json:"change"`
	Want   string          `json:"want"`
}

func TestVectorsChanges(t *testing.T) {
	front := chain(t)
	for _, v := range vectors.Load[changeVector](t, "share/changes.json") {
		t.Run(v.Name, func(t *testing.T) {
			var log *share.Log
			if v.Front > 0 {
				log = must(share.ReadLog(front[:v.Front]))
			}
			var c share.Change
			require.NoError(t, json.Unmarshal(v.Change, &c))
			next, err := log.Accept(&c)
			requireKind(t, v.Want, err)
			require.Equal(t, err != nil, next == nil)
		})
	}
}

// An authorVector is what a document says of its author.
type authorVector struct {
	Name       string         `json:"name"`
	Front      int            `json:"front"`
	Author     keys.AccountID `json:"author"`
	Epoch      uint32         `json:"epoch"`
	Generation uint32         `json:"generation"`
	Sequence   uint64         `json:"sequence"`
	Head       vectors.Hex    `json:"head"`
	Standing   string         `json:"standing"` // current, former, never
	Want       string         `json:"want"`
}

func TestVectorsAuthors(t *testing.T) {
	accounts, front := loadAccounts(t), chain(t)
	names := map[ring.Standing]string{ring.Current: "current", ring.Former: "former", ring.Never: "never"}
	for _, v := range vectors.Load[authorVector](t, "share/authors.json") {
		t.Run(v.Name, func(t *testing.T) {
			jane := accounts["jane"]
			g := must(share.Join(jane, must(share.ReadLog(front)).ID(), jane.ID(), front[:v.Front], nil))
			c := ring.Claim{Author: v.Author, Epoch: v.Epoch, Generation: v.Generation, Head: ring.Head{Sequence: v.Sequence, Hash: [32]byte(v.Head)}}
			_, standing, err := ring.Of(g.Ring()).Author(c)
			requireKind(t, v.Want, err)
			require.Equal(t, v.Standing, names[standing], fmt.Sprint(v))
		})
	}
}
