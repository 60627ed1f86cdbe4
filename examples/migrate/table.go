package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"
)

// print writes the table: one line for each document, moved or not.
func (n *native) print(w io.Writer, out string) error {
	fmt.Fprintf(w, "New account for %s\n  %s\n\n", show(n.who.Name), n.id.Fingerprint())
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "GROUP\tKIND\tTYPE\tID\tBYTES\tSEALED\tVERSION\tRESULT")
	moved := 0
	for _, g := range n.groups {
		for _, d := range g.docs {
			if d.err != nil {
				fmt.Fprintf(t, "%s\t%s\t-\t%s\t-\t-\t-\tnot moved: %v\n", show(g.old.name), show(d.old.kind), show(d.old.id), d.err)
				continue
			}
			moved++
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%d\t%d\topens again\n", show(g.old.name), d.old.kind,
				show(d.ref.Type), show(d.ref.ID), len(d.old.text), len(d.sealed), d.ref.Seen.Revision)
		}
		if g.old.err != nil {
			fmt.Fprintf(t, "%s\tgroup\t-\t%s\t-\t-\t-\tnot moved: %v\n", show(g.old.name), show(g.old.id), g.old.err)
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	where := ""
	if out != "" {
		where = ", written to " + out
	}
	_, err := fmt.Fprintf(w, "\n%d documents moved and opened again%s.\n", moved, where)
	return err
}

// show makes text that somebody else chose fit for a terminal and a column.
func show(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '�'
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 60 {
		s = string(r[:59]) + "…"
	}
	return s
}
