package srp_test

import (
	"fmt"

	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/srp"
)

// A login in one process, without errors: the four messages, and who makes them.
func Example() {
	who := keys.Login{Service: "notes.example", Name: "Jane"}
	key, _ := keys.NewPassphrase(who, "correct horse battery staple", cheap, nil)
	account := keys.NewAccount(key)
	server, _ := srp.NewServer(who.Service, [32]byte{1, 2, 3}) // random, and the same on all replicas

	client, hello, _ := srp.NewClient(who, nil)
	challenge, state, _ := server.Challenge(hello, func(name string) (*keys.LockedAccount, error) {
		if name == "jane" { // canonical
			return account.Locked(), nil
		}
		return nil, nil
	})

	params, _ := client.Params(challenge, nil)
	stretched, _ := params.Stretch(who, "correct horse battery staple", nil)
	pending, proof, _ := client.Respond(challenge, stretched)
	theirs, reply, err := server.Verify(state, proof)
	fmt.Println("server:", err, theirs.Account() == account.ID())

	ours, err := pending.Finish(reply)
	fmt.Println("client:", err, ours.Token() == theirs.Token())
	// Output:
	// server: <nil> true
	// client: <nil> true
}
