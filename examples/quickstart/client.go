package main

import (
	"encoding/json"

	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
	"github.com/sealkin/sealkin/srp"
)

const service = "notes.example"

// A client is one person's app on one machine.
type client struct {
	server *server
	who    keys.Login
	me     *keys.Account
	team   *share.Group
	token  string // of the session
	list   list   // where the files of the group lie
}

// signUp makes an account and gives the server its record.
func signUp(s *story, server *server, name, passphrase string) (*client, error) {
	c := &client{server: server, who: keys.Login{Service: service, Name: name}}
	var cred *keys.Credential
	err := s.slow(name, "stretched a new passphrase", func() (err error) {
		cred, err = keys.NewPassphrase(c.who, passphrase, keys.Cost{}, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	return c, s.step(name, "made the keys of an account and handed the locked record to the server", func() error {
		c.me = keys.NewAccount(cred)
		return server.signUp(name, c.me.Locked().Bytes())
	})
}

// logIn is another day, on another machine: only name and passphrase are known.
func (c *client) logIn(s *story, passphrase string) error {
	c.me, c.team, c.list = nil, nil, nil
	var record []byte
	var cred *keys.Credential
	login, hello, err := srp.NewClient(c.who, nil)
	if err != nil {
		return err
	}
	challenge, ticket, err := c.server.challenge(hello)
	if err != nil {
		return err
	}
	err = s.slow(c.who.Name, "stretched the passphrase, with the salt that the server keeps", func() error {
		params, err := login.Params(challenge, nil)
		if err != nil {
			return err
		}
		cred, err = params.Stretch(c.who, passphrase, nil)
		return err
	})
	if err != nil {
		return err
	}
	err = s.step(c.who.Name, "proved the passphrase to the server, which proved that it knows the account (SRP)", func() error {
		pending, proof, err := login.Respond(challenge, cred)
		if err != nil {
			return err
		}
		reply, err := c.server.verify(ticket, proof)
		if err != nil {
			return err
		}
		session, err := pending.Finish(reply)
		if err != nil {
			return err
		}
		c.token = session.Token()
		record, err = c.server.record(c.token)
		return err
	})
	if err != nil {
		return err
	}
	return s.step(c.who.Name, "unlocked the account", func() error {
		locked, err := keys.ParseLockedAccount(record, nil)
		if err != nil {
			return err
		}
		c.me, err = locked.Unlock(cred)
		return err
	})
}

func (c *client) createGroup(s *story) error {
	return s.step(c.who.Name, "started a group", func() error { return c.commit(share.Create(c.me)) })
}

// share adds the owner of a name to the group. fingerprint is what that person
// read aloud: the server is asked for the keys, and not believed whose they are.
func (c *client) share(s *story, name, fingerprint string) error {
	return s.step(c.who.Name, "compared "+name+"'s fingerprint, and shared the group", func() error {
		id, err := keys.ParseAccountID(fingerprint)
		if err != nil {
			return err
		}
		record, err := c.server.identity(name)
		if err != nil {
			return err
		}
		person, err := keys.ParseIdentity(record, id, nil)
		if err != nil {
			return err
		}
		change, err := c.team.Add(share.Writer, person)
		if err != nil {
			return err
		}
		return c.commit(change)
	})
}

// commit sends a change to the server and, once it is stored, goes on with the
// group as it is then.
func (c *client) commit(change *share.Change) error {
	sent, err := json.Marshal(change)
	if err != nil {
		return err
	}
	if err := c.server.commit(c.token, sent); err != nil {
		return err
	}
	c.team = change.After()
	return nil
}

func (c *client) readAloud() string { return c.me.ID().Fingerprint() }

// join enters the group that from has added this account to.
func (c *client) join(s *story, group keys.GroupID, from keys.AccountID) error {
	return s.step(c.who.Name, "checked the group's history and joined", func() error {
		entries, link, err := c.server.group(c.token, group)
		if err != nil {
			return err
		}
		c.team, err = share.Join(c.me, group, from, entries, link)
		return err
	})
}
