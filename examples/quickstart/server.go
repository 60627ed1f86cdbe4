package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
	"github.com/sealkin/sealkin/srp"
)

// A server holds only what a server may hold. Everything comes and goes as
// bytes; it checks what can be checked without a key.
type server struct {
	login    *srp.Server
	accounts map[string]*keys.LockedAccount // by name
	logins   map[string][]byte              // states of logins under way, by ticket
	sessions map[string]keys.AccountID      // by token
	logs     map[keys.GroupID]*share.Log    // the checked histories
	links    map[string][]byte              // by group and member
	marks    map[string][]byte              // bookmarks, by group and member
	docs     map[string][]byte              // by group and name
}

func newServer(service string) (*server, error) {
	var key [32]byte
	rand.Read(key[:])
	login, err := srp.NewServer(service, key)
	if err != nil {
		return nil, err
	}
	return &server{
		login:    login,
		accounts: map[string]*keys.LockedAccount{},
		logins:   map[string][]byte{},
		sessions: map[string]keys.AccountID{},
		logs:     map[keys.GroupID]*share.Log{},
		links:    map[string][]byte{},
		marks:    map[string][]byte{},
		docs:     map[string][]byte{},
	}, nil
}

var errDenied = errors.New("server: denied")

func (s *server) signUp(name string, record []byte) error {
	locked, err := keys.ParseLockedAccount(record, nil)
	if err != nil || s.accounts[name] != nil {
		return errDenied
	}
	s.accounts[name] = locked
	return nil
}

// identity hands out somebody's public keys. Who gets them has to check whose
// they are.
func (s *server) identity(name string) ([]byte, error) {
	locked := s.accounts[name]
	if locked == nil {
		return nil, errDenied
	}
	return locked.Identity().Bytes(), nil
}

func (s *server) challenge(hello []byte) (challenge []byte, ticket string, err error) {
	challenge, state, err := s.login.Challenge(hello, func(name string) (*keys.LockedAccount, error) {
		return s.accounts[name], nil // a real server limits the attempts here
	})
	if err != nil {
		return nil, "", err
	}
	ticket = rand.Text()
	s.logins[ticket] = state
	return challenge, ticket, nil
}

// verify takes the state, so that each challenge serves one attempt.
func (s *server) verify(ticket string, proof []byte) ([]byte, error) {
	state := s.logins[ticket]
	delete(s.logins, ticket)
	session, reply, err := s.login.Verify(state, proof)
	if err != nil {
		return nil, err
	}
	s.sessions[session.Token()] = session.Account()
	return reply, nil
}

// record hands out an account's record, after login only.
func (s *server) record(token string) ([]byte, error) {
	id, ok := s.sessions[token]
	for _, locked := range s.accounts {
		if ok && locked.ID() == id {
			return locked.Bytes(), nil
		}
	}
	return nil, errDenied
}

// commit checks a change and stores all of it, or nothing.
func (s *server) commit(token string, sent []byte) error {
	var change share.Change
	me, ok := s.sessions[token]
	if err := json.Unmarshal(sent, &change); err != nil || !ok {
		return errDenied
	}
	log, err := s.accept(&change)
	if err != nil {
		return err
	}
	s.logs[change.Group] = log
	for member, link := range change.Links {
		s.links[place(change.Group, member)] = link
	}
	s.marks[place(change.Group, me)] = change.Bookmark
	return nil
}

func (s *server) accept(change *share.Change) (*share.Log, error) {
	old := s.logs[change.Group]
	if old == nil {
		return share.ReadLog(change.Entries)
	}
	return old.Accept(change)
}

// group hands out the history of a group and a member's link.
func (s *server) group(token string, id keys.GroupID) (entries [][]byte, link []byte, err error) {
	me, err := s.member(token, id)
	if err != nil {
		return nil, nil, err
	}
	return s.logs[id].Entries(0), s.links[place(id, me)], nil
}

// member returns who asks, if they are a member.
func (s *server) member(token string, id keys.GroupID) (keys.AccountID, error) {
	me, ok := s.sessions[token]
	if !ok || s.logs[id] == nil || s.logs[id].Role(me) == 0 {
		return keys.AccountID{}, errDenied
	}
	return me, nil
}

func (s *server) put(token string, id keys.GroupID, name string, sealed []byte) error {
	if _, err := s.member(token, id); err != nil {
		return err
	}
	header, err := envelope.Inspect(sealed)
	if err != nil || header.Group != id || header.Generation != s.logs[id].Generation() {
		return errDenied
	}
	s.docs[id.String()+"/"+name] = sealed
	return nil
}

func (s *server) get(token string, id keys.GroupID, name string) ([]byte, error) {
	if _, err := s.member(token, id); err != nil {
		return nil, err
	}
	return s.docs[id.String()+"/"+name], nil
}

func place(group keys.GroupID, member keys.AccountID) string {
	return group.String() + "/" + member.String()
}

// describe lists all that the server stores.
func (s *server) describe(to *story) {
	for _, name := range slices.Sorted(maps.Keys(s.accounts)) {
		to.stored("account of "+name, s.accounts[name].Bytes())
	}
	for _, log := range s.logs {
		for n, entry := range log.Entries(0) {
			to.stored(fmt.Sprintf("entry %d of the group", n), entry)
		}
	}
	table := func(what string, rows map[string][]byte) {
		for _, key := range slices.Sorted(maps.Keys(rows)) {
			_, name, _ := strings.Cut(key, "/")
			to.stored(what+s.nameOf(name), rows[key])
		}
	}
	table("link of ", s.links)
	table("bookmark of ", s.marks)
	table("document ", s.docs)
}

// nameOf returns the name of an account's id, or what it was given.
func (s *server) nameOf(id string) string {
	for name, locked := range s.accounts {
		if locked.ID().String() == id {
			return name
		}
	}
	return id
}
