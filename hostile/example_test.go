package hostile_test

import (
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/hostile"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// A backend is all that the app below asks of its server. In production it is
// an HTTP client; in tests it is a *hostile.Server.
type backend interface {
	Commit(me keys.AccountID, c *share.Change) error
	Log(group keys.GroupID) [][]byte
	Link(group keys.GroupID, id keys.AccountID) []byte
	Bookmark(group keys.GroupID, id keys.AccountID) []byte
	Put(kind hostile.Kind, name string, value []byte)
	Get(kind hostile.Kind, name string) []byte
}

// An app keeps notes in one group.
type app struct {
	server backend
	me     *keys.Account
	group  keys.GroupID
	seen   map[string]envelope.Ref // on this device
}

func (a *app) open() (*share.Group, error) {
	bookmark := a.server.Bookmark(a.group, a.me.ID())
	return share.Resume(a.me, bookmark, a.server.Log(a.group), a.server.Link(a.group, a.me.ID()))
}

func (a *app) ref(id string) envelope.Ref {
	if ref, ok := a.seen[id]; ok {
		return ref
	}
	return envelope.Ref{Type: "note", ID: id}
}

func (a *app) save(id, text string) error {
	group, err := a.open()
	if err != nil {
		return err
	}
	sealed, ref, err := envelope.Seal(group, a.ref(id), []byte(text))
	if err != nil {
		return err
	}
	a.server.Put(hostile.Documents, id, sealed)
	a.seen[id] = ref
	return nil
}

func (a *app) show(id string) (string, error) {
	group, err := a.open()
	if err != nil {
		return "", err
	}
	note, err := envelope.Open(group, a.ref(id), a.server.Get(hostile.Documents, id))
	if err != nil {
		return "", err
	}
	a.seen[id] = note.Ref
	return string(note.Plaintext), nil
}

// An app runs its own flow against a server that first is honest, and then lies
// in one way after another. Each lie must end in an error that the app knows
// what to say about, and nothing secret may have been sent.
func Example() {
	var phone [32]byte
	rand.Read(phone[:])
	server := hostile.New()
	jane := keys.NewAccount(keys.Device(phone))
	created := share.Create(jane)
	notes := &app{server, jane, created.Group, map[string]envelope.Ref{}}

	// The honest flow.
	err := server.Commit(jane.ID(), created)
	err = errors.Join(err, notes.save("plan", "first plan"), notes.save("plan", "second plan"), notes.save("list", "eggs"))
	rotated, err2 := created.After().Rotate()
	err = errors.Join(err, err2, server.Commit(jane.ID(), rotated))
	text, err2 := notes.show("plan")
	fmt.Println(text, errors.Join(err, err2))

	// The lies, each in a world of its own.
	for _, lie := range []struct {
		name string
		tell func(s *hostile.Server)
	}{
		{"an older version of a note", func(s *hostile.Server) { s.Rewind(hostile.Documents, "plan", 0) }},
		{"another note in its place", func(s *hostile.Server) { s.Exchange(hostile.Documents, "plan", "list") }},
		{"no note", func(s *hostile.Server) { s.Omit(hostile.Documents, "plan") }},
		{"the end of the history withheld", func(s *hostile.Server) { s.Twist(notes.group, hostile.First(1)) }},
		{"an entry twice", func(s *hostile.Server) { s.Twist(notes.group, hostile.Twice(0)) }},
		{"the link of the key before", func(s *hostile.Server) {
			s.Rewind(hostile.Links, hostile.MemberName(notes.group, jane.ID()), 0)
		}},
	} {
		world := server.Fork()
		lie.tell(world)
		deceived := *notes
		deceived.server = world
		text, err := deceived.show("plan")
		fmt.Printf("%s: %q, %s\n", lie.name, text, kind(err))
	}

	// What was sent, in all worlds: in a test, server.NoLeak(t, …).
	fmt.Printf("leaked: %q %q\n", server.Leaked([]byte("second plan")), server.Leaked(phone[:]))
	// Output:
	// second plan <nil>
	// an older version of a note: "", rollback
	// another note in its place: "", wrong place
	// no note: "", incomplete
	// the end of the history withheld: "", rollback
	// an entry twice: "", fork
	// the link of the key before: "", rollback
	// leaked: "" ""
}

// kind is what the app tells the person; see docs/errors.md.
func kind(err error) string {
	for name, known := range map[string]error{
		"rollback": keys.ErrRollback, "wrong place": keys.ErrOpen, "fork": keys.ErrFork, "incomplete": envelope.ErrTruncated,
	} {
		if errors.Is(err, known) {
			return name
		}
	}
	return fmt.Sprint(err)
}
