// Quickstart plays the whole life of shared data in one process: Jane signs up
// with a passphrase, logs in, makes a group, seals files, and shares the group
// with Bob, who opens them on his own machine with his own passphrase. Between
// them stands a server that stores everything and can read nothing.
//
//	go run ./examples/quickstart [-json] [FILE…]
//
// Without files it takes the repository's own documents. The exit status is 0
// if Bob opened exactly what Jane sealed and everything that had to be refused
// was refused, 1 if not, and 2 for files or flags that can't be used.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr *os.File) int {
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.SetOutput(stderr)
	asJSON := flags.Bool("json", false, "print the story as one JSON object")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: quickstart [-json] [FILE…]")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	files, err := inputs(flags.Args())
	if err != nil {
		fmt.Fprintln(stderr, "quickstart:", err)
		return 2
	}
	story := newStory(stdout, stderr, *asJSON)
	told := tell(story, files)
	if err := errors.Join(told, story.end(told)); err != nil {
		fmt.Fprintln(stderr, "quickstart:", err)
		return 1
	}
	return 0
}

// tell is the story, from the first passphrase to the last refusal.
func tell(s *story, files []input) error {
	server, err := newServer(service)
	if err != nil {
		return err
	}
	jane, err := signUp(s, server, "jane@notes.example", "correct horse battery staple")
	if err != nil {
		return err
	}
	if err := jane.logIn(s, "correct horse battery staple"); err != nil {
		return err
	}
	if err := jane.createGroup(s); err != nil {
		return err
	}
	if err := jane.sealAll(s, files); err != nil {
		return err
	}

	bob, err := signUp(s, server, "bob@notes.example", "tr0ub4dor and three more words")
	if err != nil {
		return err
	}
	if err := jane.share(s, "bob@notes.example", bob.readAloud()); err != nil {
		return err
	}
	if err := bob.logIn(s, "tr0ub4dor and three more words"); err != nil {
		return err
	}
	if err := bob.join(s, jane.team.Log().ID(), jane.me.ID()); err != nil {
		return err
	}
	if err := bob.openAll(s, files); err != nil {
		return err
	}
	server.describe(s)
	return refusals(s, server, bob, files)
}
