package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/srp"
)

// ref says which document is meant: the caller's words, which are not stored.
func (f input) ref() envelope.Ref { return envelope.Ref{Type: "file", ID: f.name} }

// The list of what is stored where is a document too, so that the server does
// not learn the names of files. It has a place of its own.
var listRef = envelope.Ref{Type: "list", ID: "files"}

const listPlace = "list"

// A list says at which place of the server a file lies.
type list map[string]string

// sealAll seals each file for the group and gives it to the server, under a
// name that says nothing; then the list.
func (c *client) sealAll(s *story, files []input) error {
	c.list = list{}
	for _, f := range files {
		c.list[f.name] = rand.Text()
		err := s.step(c.who.Name, fmt.Sprintf("sealed %s (%s)", f.name, size(f.size)), func() error { return c.seal(s, f) })
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return s.step(c.who.Name, "sealed the list of them", func() error {
		plain, err := json.Marshal(c.list)
		if err != nil {
			return err
		}
		sealed, _, err := envelope.Seal(c.team, listRef, plain)
		if err != nil {
			return err
		}
		return c.server.put(c.token, c.team.Log().ID(), listPlace, sealed)
	})
}

// openList learns what there is.
func (c *client) openList() error {
	sealed, err := c.server.get(c.token, c.team.Log().ID(), listPlace)
	if err != nil {
		return err
	}
	opened, err := envelope.Open(c.team, listRef, sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(opened.Plaintext, &c.list)
}

// seal reads, encrypts, signs and stores one file as a stream, so that a large
// one needs no memory but the server's.
func (c *client) seal(s *story, f input) error {
	src, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer src.Close()
	stored := bytes.NewBuffer(make([]byte, 0, f.size+f.size/1024+64<<10))
	w, _, err := envelope.NewWriter(c.team, f.ref(), stored)
	if err != nil {
		return err
	}
	bar := s.bar("sealing "+f.name, f.size)
	defer bar.clear()
	if _, err := io.Copy(w, bar.reader(src)); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return c.server.put(c.token, c.team.Log().ID(), c.list[f.name], stored.Bytes())
}

// openAll opens each document and compares it with the file it was made of.
func (c *client) openAll(s *story, files []input) error {
	if err := s.step(c.who.Name, "opened the list", c.openList); err != nil {
		return err
	}
	for _, f := range files {
		err := s.step(c.who.Name, "opened "+f.name+": equal to the original, byte for byte", func() error { return c.compare(s, f) })
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		s.story.Compared++
	}
	return nil
}

func (c *client) compare(s *story, f input) error {
	sealed, err := c.server.get(c.token, c.team.Log().ID(), c.list[f.name])
	if err != nil {
		return err
	}
	original, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer original.Close()
	opened, facts, err := envelope.NewReader(c.team, f.ref(), bytes.NewReader(sealed))
	if err != nil {
		return err
	}
	if c.team.Log().Role(facts.Author) == 0 {
		return fmt.Errorf("written by %s, who is no member", facts.Author)
	}
	bar := s.bar("opening "+f.name, f.size)
	defer bar.clear()
	return equal(bufio.NewReaderSize(original, 256<<10), bar.reader(opened))
}

// equal compares two streams to their ends.
func equal(a, b io.Reader) error {
	left, right := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, err := io.ReadFull(b, right)
		m, _ := io.ReadFull(a, left[:max(n, 1)])
		if m != n || !bytes.Equal(left[:m], right[:n]) {
			return errors.New("not what was sealed (has the file changed meanwhile?)")
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			if m, _ := a.Read(left[:1]); m != 0 {
				return errors.New("not all that was sealed (has the file changed meanwhile?)")
			}
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// refusals shows what happens to a wrong passphrase, to a flipped bit, and to a
// document that the server puts in another's place.
func refusals(s *story, server *server, c *client, files []input) error {
	thief := &client{server: server, who: c.who}
	err := thief.logIn(s.silent(), "correct horse battery stable")
	if err := s.refused("a wrong passphrase", err, srp.ErrLogin); err != nil {
		return err
	}
	f := files[0]
	sealed, err := server.get(c.token, c.team.Log().ID(), c.list[f.name])
	if err != nil {
		return err
	}
	sealed[len(sealed)/2] ^= 1
	err = c.read(f.ref(), sealed)
	sealed[len(sealed)/2] ^= 1
	if err := s.refused("a flipped bit in "+f.name, err, keys.ErrOpen); err != nil {
		return err
	}
	elsewhere := envelope.Ref{Type: "file", ID: "another place"}
	if len(files) > 1 {
		elsewhere = files[1].ref()
	}
	err = c.read(elsewhere, sealed)
	return s.refused(fmt.Sprintf("%s put in the place of %q", f.name, elsewhere.ID), err, keys.ErrOpen)
}

// read opens a document to its end.
func (c *client) read(ref envelope.Ref, sealed []byte) error {
	opened, _, err := envelope.NewReader(c.team, ref, bytes.NewReader(sealed))
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, opened)
	return err
}
