package share_test

import (
	"errors"
	"fmt"
	"log"
	"maps"
	"slices"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/hostile"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// person makes an account with a device as its way in; an app has the one that
// was unlocked.
func person(n byte) *keys.Account { return keys.NewAccount(keys.Device([32]byte{n})) }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// A team, from creation to the removal of a member. What the removed one wrote
// is taken over before, so that nobody who opens the list meets an error.
func Example() {
	jane, bob, carol := person(1), person(2), person(3)
	server := hostile.New() // plays the server: see the example of Log.Accept
	documents := map[string][]byte{}

	// Jane starts a group, and takes in two people whose ids she has compared.
	created := share.Create(jane)
	check(server.Commit(jane.ID(), created))
	id, team := created.Group, created.After()
	added, err := team.Add(share.Writer, bob.Identity(), carol.Identity())
	check(err)
	check(server.Commit(jane.ID(), added))
	team = added.After()

	// On Bob's and Carol's machines. They name who takes them in.
	bobs, err := share.Join(bob, id, jane.ID(), server.Log(id), server.Link(id, bob.ID()))
	check(err)
	carols, err := share.Join(carol, id, jane.ID(), server.Log(id), server.Link(id, carol.ID()))
	check(err)
	for i, g := range []*share.Group{bobs, team, bobs, carols} {
		ref := envelope.Ref{Type: "note", ID: fmt.Sprint("note ", i+1)}
		documents[ref.ID], _, err = envelope.Seal(g, ref, []byte("text"))
		check(err)
	}
	show := func(when string, g *share.Group) {
		for _, name := range slices.Sorted(maps.Keys(documents)) {
			if _, err := envelope.Open(g, envelope.Ref{Type: "note", ID: name}, documents[name]); err != nil {
				fmt.Println(when, "can't open", name, err)
			}
		}
		fmt.Println(when, "opened", len(documents), "notes")
	}
	show("Before, Carol", carols)

	// Bob has to go. First the server stops taking his writes. Then Jane takes
	// over what he wrote. This can stop at any point, and be started again: what
	// is done is no longer his.
	takeOver := func(g *share.Group) {
		names := slices.Sorted(maps.Keys(documents))
		for n, name := range names {
			ref := envelope.Ref{Type: "note", ID: name}
			d, err := envelope.Open(g, ref, documents[name])
			if err != nil && !errors.Is(err, envelope.ErrFormer) {
				log.Fatal(err)
			}
			if err == nil && d.Author != bob.ID() {
				continue
			}
			documents[name], _, err = envelope.Reseal(g, ref, documents[name])
			check(err)
			fmt.Printf("%d of %d: took over %s\n", n+1, len(names), name)
		}
	}
	takeOver(team)
	show("During, Carol", carols)

	// Then the one change that takes him out, and makes a new key.
	removed, err := team.Remove(bob.ID())
	check(err)
	check(server.Commit(jane.ID(), removed))
	team = removed.After()
	takeOver(team) // if the server did take something of his in between
	carols, err = carols.Apply(server.Log(id), server.Link(id, carol.ID()))
	check(err)
	show("After, Carol", carols)

	// What to tell people, and what is closed to him.
	exposed := team.Log().Exposure(bob.ID())
	fmt.Println("Bob could read all that was sealed under key", exposed.Generation, "of", team.Log().Generation())
	secret, _, err := envelope.Seal(team, envelope.Ref{Type: "note", ID: "later"}, []byte("text"))
	check(err)
	bobs, err = bobs.Apply(server.Log(id), nil)
	check(err)
	_, err = envelope.Open(bobs, envelope.Ref{Type: "note", ID: "later"}, secret)
	fmt.Println("Bob:", bobs.Role(), errors.Is(err, keys.ErrBehind))
	// Output:
	// Before, Carol opened 4 notes
	// 1 of 4: took over note 1
	// 3 of 4: took over note 3
	// During, Carol opened 4 notes
	// After, Carol opened 4 notes
	// Bob could read all that was sealed under key 1 of 2
	// Bob: none true
}

// Somebody is invited who has no account yet.
func Example_invitation() {
	jane := person(1)
	server := hostile.New()
	created := share.Create(jane)
	check(server.Commit(jane.ID(), created))

	invited, code, err := created.After().Invite(share.Writer)
	check(err)
	check(server.Commit(jane.ID(), invited))
	team := invited.After()
	// Jane hands over both, by another way than this server.
	letter := created.Group.String() + " " + code.Show()

	// Later, on the newcomer's machine, while nobody else is online.
	dave := person(4)
	var id keys.GroupID
	check(id.UnmarshalText([]byte(letter[:40])))
	code, err = keys.ParseCode(letter[41:])
	check(err)
	redeemed, err := share.Redeem(dave, id, code, server.Log(id), server.Links(id))
	check(err)
	check(server.Commit(dave.ID(), redeemed))
	fmt.Println("Dave is a", redeemed.After().Role())

	// Whoever has seen the code has the key. The next admin who comes makes a
	// new one; until then nobody seals.
	team, err = team.Apply(server.Log(id), nil)
	check(err)
	fmt.Println("new key due:", team.RotationDue())
	rotated, err := team.Rotate()
	check(err)
	check(server.Commit(jane.ID(), rotated))
	fmt.Println("new key due:", rotated.After().RotationDue())

	// The code is used up.
	_, err = share.Redeem(person(5), id, code, server.Log(id), server.Links(id))
	fmt.Println("again:", errors.Is(err, keys.ErrMismatch))
	// Output:
	// Dave is a writer
	// new key due: true
	// new key due: false
	// again: true
}

// Two admins change a group at the same time. One is first; the other goes on
// from there.
func Example_twoAdmins() {
	jane, bob := person(1), person(2)
	server := hostile.New()
	created := share.Create(jane)
	check(server.Commit(jane.ID(), created))
	added, err := created.After().Add(share.Admin, bob.Identity())
	check(err)
	check(server.Commit(jane.ID(), added))
	id, janes := created.Group, added.After()
	bobs, err := share.Join(bob, id, jane.ID(), server.Log(id), server.Link(id, bob.ID()))
	check(err)

	byJane, err := janes.Rotate()
	check(err)
	byBob, err := bobs.Add(share.Reader, person(3).Identity())
	check(err)
	check(server.Commit(jane.ID(), byJane))
	err = server.Commit(bob.ID(), byBob)
	fmt.Println("Bob was late:", errors.Is(err, keys.ErrRollback))

	// Bob fetches, applies, and makes the same change anew. His first one is
	// forgotten; it changed nothing.
	bobs, err = bobs.Apply(server.Log(id), server.Link(id, bob.ID()))
	check(err)
	byBob, err = bobs.Add(share.Reader, person(3).Identity())
	check(err)
	check(server.Commit(bob.ID(), byBob))
	for _, role := range byBob.After().Log().Members() {
		fmt.Println(role)
	}
	// Output:
	// Bob was late: true
	// owner
	// admin
	// reader
}
