package sealkin_test

import (
	"fmt"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// Example is the code of the README, which a test compares with it.
func Example() {
	who := keys.Login{Service: "notes.example", Name: "jane"}
	cred, err := keys.NewPassphrase(who, "correct horse battery staple", keys.Cost{}, nil) // slow, on purpose
	check(err)
	record := keys.NewAccount(cred).Locked().Bytes() // what the server stores of Jane

	// Another day: the passphrase opens the record.
	locked, err := keys.ParseLockedAccount(record, nil)
	check(err)
	cred, err = locked.Params().Stretch(who, "correct horse battery staple", nil)
	check(err)
	jane, err := locked.Unlock(cred)
	check(err)

	team := share.Create(jane).After() // a group; the server stores the Change
	note := envelope.Ref{Type: "note", ID: "42"}
	sealed, note, err := envelope.Seal(team, note, []byte("meet at nine")) // the server stores sealed
	check(err)

	add, err := team.Add(share.Writer, bob.Identity()) // whose fingerprint Jane compared
	check(err)
	atBobs, err := share.Join(bob, add.Group, jane.ID(), add.After().Log().Entries(0), add.Links[bob.ID()])
	check(err)
	opened, err := envelope.Open(atBobs, envelope.Ref{Type: "note", ID: "42"}, sealed)
	check(err)
	fmt.Printf("%s, says %t\n", opened.Plaintext, opened.Author == jane.ID())
	// Output: meet at nine, says true
}

// bob signed up on a machine of his own.
var bob = keys.NewAccount(keys.Device([32]byte{1}))

func check(err error) {
	if err != nil {
		panic(err)
	}
}
