// Migrate moves a workspace out of Insomnia: it opens the account, the groups
// and the documents of an export, makes an account and groups of this module
// with a new key each, seals every document for its group under its own type
// and id, and opens each again as another machine would.
//
//	go run ./examples/migrate [-out DIR] [FILE]
//
// FILE is JSON: {"account": …, "groups": [{"id", "name", "links": […],
// "documents": […]}]}, with the members that Insomnia's server stores
// (docs/insomnia.md). Without FILE it takes an export that comes with it.
//
// The passphrase is read from INSOMNIA_PASSPHRASE or from standard input; it is
// that of the new account too. With -out the new records are written to DIR,
// which must be new or empty; nothing in it is readable without the passphrase.
//
// What can't be opened is named, and the rest goes on. The status is 0 if
// everything was moved, 1 if not, 2 for wrong arguments.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/sealkin/sealkin/keys"
)

func main() { os.Exit(run(os.Args[1:], keys.Cost{}, os.Stdin, os.Stdout, os.Stderr)) }

// run is main; cost is that of the new account's passphrase.
func run(args []string, cost keys.Cost, stdin, stdout, stderr *os.File) int {
	flags := flag.NewFlagSet("migrate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	out := flags.String("out", "", "write the new records to this `directory`")
	service := flags.String("service", "notes.example", "the `name` of the service that the new account is for")
	passphrase := flags.String("passphrase", "", "the passphrase; others on this machine see it: better set INSOMNIA_PASSPHRASE, or type it")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if flags.NArg() > 1 {
		fmt.Fprintln(stderr, "migrate: one file at a time")
		return 2
	}
	if err := checkOut(*out); err != nil {
		fmt.Fprintln(stderr, "migrate:", err)
		return 2
	}
	export, err := readExport(flags.Arg(0))
	if err != nil {
		fmt.Fprintln(stderr, "migrate:", err)
		return 2
	}
	m := migration{export: export, service: *service, cost: cost, out: *out, bar: newBar(stderr)}
	m.passphrase, err = askPassphrase(*passphrase, flags.Arg(0), stdin, stderr)
	if err == nil {
		err = m.run(stdout)
	}
	m.bar.clear()
	if err != nil {
		fmt.Fprintln(stderr, "migrate:", err)
		return 1
	}
	return 0
}

// A migration is one run.
type migration struct {
	export     *export
	passphrase string
	service    string
	cost       keys.Cost
	out        string
	bar        *bar
}

// run does it all, in the order of the package comment.
func (m *migration) run(stdout io.Writer) error {
	m.bar.start("unlocking", 3*m.export.documents()+3)
	old, err := m.export.open(m.passphrase, m.bar)
	if err != nil {
		return err
	}
	native, err := m.seal(old)
	if err != nil {
		return err
	}
	if err := native.verify(m.passphrase, m.bar); err != nil {
		return err
	}
	if m.out != "" {
		if err := native.write(m.out); err != nil {
			return err
		}
	}
	m.bar.clear()
	if err := native.print(stdout, m.out); err != nil {
		return err
	}
	return native.failed()
}
