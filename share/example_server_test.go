package share_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"

	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// A groups is what a server keeps of groups. It has no key, and needs none.
type groups struct {
	mu    sync.Mutex
	logs  map[keys.GroupID]*share.Log // verified
	links map[keys.GroupID]map[keys.AccountID][]byte
}

// change stores a change: all of it, or nothing.
func (s *groups) change(w http.ResponseWriter, r *http.Request) {
	var c share.Change
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 32<<20)).Decode(&c); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock() // with a database: one transaction, keyed by group and Seq
	defer s.mu.Unlock()
	old := s.logs[c.Group]
	if old != nil && sent(old, &c) {
		return // the same again, after an answer was lost
	}
	next, err := old.Accept(&c)
	if err != nil {
		w.WriteHeader(status(err)) // and no word about why
		return
	}
	s.logs[c.Group] = next
	if old == nil || next.Generation() != old.Generation() {
		s.links[c.Group] = map[keys.AccountID][]byte{} // those of the older key
	}
	for id, link := range c.Links {
		s.links[c.Group][id] = link
	}
}

// sent reports whether the log has what c adds.
func sent(l *share.Log, c *share.Change) bool {
	stored := l.Entries(c.Seq)
	return len(c.Entries) > 0 && len(stored) >= len(c.Entries) &&
		slices.EqualFunc(stored[:len(c.Entries)], c.Entries, bytes.Equal)
}

func status(err error) int {
	switch {
	case errors.Is(err, keys.ErrRollback), errors.Is(err, keys.ErrBehind), errors.Is(err, keys.ErrFork):
		return http.StatusConflict
	case errors.Is(err, share.ErrForbidden):
		return http.StatusForbidden
	}
	return http.StatusBadRequest
}

// A handler that accepts changes: allowed, in their place, with the links that
// are needed, without any key.
func ExampleLog_Accept() {
	s := &groups{logs: map[keys.GroupID]*share.Log{}, links: map[keys.GroupID]map[keys.AccountID][]byte{}}
	server := httptest.NewServer(http.HandlerFunc(s.change))
	defer server.Close()
	post := func(what string, c *share.Change) {
		body, err := json.Marshal(c)
		check(err)
		answer, err := http.Post(server.URL, "application/json", bytes.NewReader(body))
		check(err)
		defer answer.Body.Close()
		fmt.Println(what, answer.StatusCode)
	}

	jane, bob := person(1), person(2)
	created := share.Create(jane)
	post("create", created)
	post("the same again", created)
	added, err := created.After().Add(share.Writer, bob.Identity())
	check(err)
	withoutLink := *added
	withoutLink.Links = nil
	post("add, without the link", &withoutLink)
	post("add", added)
	late, err := created.After().Rotate()
	check(err)
	post("too late", late)
	// Output:
	// create 200
	// the same again 200
	// add, without the link 400
	// add 200
	// too late 409
}
