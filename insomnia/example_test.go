package insomnia_test

import (
	"encoding/json"
	"fmt"
	"log"

	"github.com/sealkin/sealkin/insomnia"
)

// Read what Insomnia stored: an account, a link of it, a document.
func Example() {
	jane, key, stored := storedByInsomnia()

	account, err := jane.Unlock("correct horse battery staple")
	if err != nil {
		log.Fatal(err)
	}
	link, err := key.Link(jane.PublicKey)
	if err != nil {
		log.Fatal(err)
	}
	group, err := account.OpenLink(link)
	if err != nil {
		log.Fatal(err)
	}
	doc, err := group.OpenResource(stored)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", doc)
	// Output: {"type":"Request","name":"List items"}
}

// storedByInsomnia stands for Insomnia's server.
func storedByInsomnia() (*insomnia.Record, *insomnia.GroupKey, insomnia.Message) {
	_, record, err := insomnia.NewAccount("jane@example.com", "correct horse battery staple")
	if err != nil {
		log.Fatal(err)
	}
	key := insomnia.NewGroupKey()
	sealed, err := key.SealResource([]byte(`{"type":"Request","name":"List items"}`))
	if err != nil {
		log.Fatal(err)
	}
	return record, key, sealed
}

// A blob is sealed in one fixed form, and found by its hash.
func ExampleGroupKey_SealBlob() {
	key := insomnia.NewGroupKey()
	id, content, err := key.SealBlob([]byte(`{"type": "Request", "name": "List", "modified": 1794988547331}`))
	if err != nil {
		log.Fatal(err)
	}
	doc, err := key.OpenBlob(id, content)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(id)
	fmt.Printf("%s\n", doc)
	// Output:
	// 45bce4e426f07a684d0a85d602720e02b1b12967
	// {"name":"List","type":"Request"}
}

// Log in to Insomnia's server: it sends the salts, then B, then M2.
func ExampleRecord_Login() {
	_, stored, err := insomnia.NewAccount("jane@example.com", "correct horse battery staple")
	if err != nil {
		log.Fatal(err)
	}
	salts := &insomnia.Record{Email: "Jane@example.com", SaltKey: stored.SaltKey, SaltAuth: stored.SaltAuth}

	client, a, err := salts.Login("correct horse battery staple") // a goes to the server
	if err != nil {
		log.Fatal(err)
	}
	server, b, err := stored.Challenge() // b comes back
	if err != nil {
		log.Fatal(err)
	}
	pending, m1, err := client.Respond(b)
	if err != nil {
		log.Fatal(err)
	}
	m2, session, err := server.Verify(a, m1)
	if err != nil {
		log.Fatal(err)
	}
	same, err := pending.Finish(m2)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(session == same)
	// Output: true
}

// Take over a login from Insomnia's web page, without the passphrase.
func ExampleHandover() {
	_, record, err := insomnia.NewAccount("jane@example.com", "correct horse battery staple")
	if err != nil {
		log.Fatal(err)
	}
	handover := insomnia.NewHandover() // the app opens the page with handover.Query()

	// The page logs in, and shows a code.
	code, err := record.SealHandover(handover.LoginKey(), "session id", "correct horse battery staple")
	if err != nil {
		log.Fatal(err)
	}

	_, session, err := handover.Open(code, record) // the person pastes it
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(session)
	// Output: session id
}

// A record is JSON as on Insomnia's wire.
func ExampleRecord() {
	_, record, err := insomnia.NewAccount("jane@example.com", "correct horse battery staple")
	if err != nil {
		log.Fatal(err)
	}
	wire, err := json.Marshal(record)
	if err != nil {
		log.Fatal(err)
	}
	var back insomnia.Record
	if err := json.Unmarshal(wire, &back); err != nil {
		log.Fatal(err)
	}
	fmt.Println(back.Email, back == *record)
	// Output: jane@example.com true
}
