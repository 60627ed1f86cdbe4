package live_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// A store is what a server holds of one group.
type store struct {
	t       *testing.T
	log     *share.Log
	links   map[keys.AccountID][]byte
	entries [][]byte
}

// ours commits a change of this side.
func (s *store) ours(c *share.Change, err error) *share.Group {
	require.NoError(s.t, err)
	if s.log == nil {
		s.log, err = share.ReadLog(c.Entries)
	} else {
		s.log, err = s.log.Accept(c)
	}
	require.NoError(s.t, err)
	for id, link := range c.Links {
		s.links[id] = link
	}
	s.entries = s.log.Entries(0)
	return c.After()
}

// theirs commits one of the other side.
func (s *store) theirs(a answer) {
	entries := append(s.entries, a.bytes(s.t, "entry"))
	log, err := share.ReadLog(entries)
	require.NoError(s.t, err)
	s.log, s.entries = log, entries
	for _, l := range a["links"].([]any) {
		link := answer(l.(map[string]any))
		var id keys.AccountID
		require.NoError(s.t, id.UnmarshalText([]byte(link.text("to"))))
		require.NoError(s.t, log.AcceptLink(id, link.bytes(s.t, "link")))
		s.links[id] = link.bytes(s.t, "link")
	}
}

// agree compares what both sides make of the log.
func (s *store) agree(p *peer) {
	s.t.Helper()
	a := p.ask("log.read", q{"entries": s.entries})
	head := s.log.Head()
	require.Equal(s.t, head[:], a.bytes(s.t, "head"))
	require.EqualValues(s.t, s.log.Generation(), a.number("generation"))
	require.Equal(s.t, s.log.RotationDue(), a["due"])
	people := map[string]int{}
	for _, m := range a["people"].([]any) {
		m := answer(m.(map[string]any))
		people[m.text("account")] = m.number("role")
	}
	n := 0
	for id, role := range s.log.Members() {
		n++
		require.Equal(s.t, int(role), people[id.String()])
	}
	require.Len(s.t, people, n)
}

// update tells a group of theirs what is new.
func (s *store) update(p *peer, handle string, links ...[]byte) {
	seen := p.ask("group.state", q{"group": handle}).number("sequence") + 1
	p.ask("group.update", q{"group": handle, "entries": s.entries[seen:], "links": append([][]byte{}, links...)})
}

func (s *store) link(id keys.AccountID) [][]byte { return [][]byte{s.links[id]} }

// TestGroups plays one group with members on both sides, from its creation by
// this side to the removal of somebody by the other.
func TestGroups(t *testing.T) {
	p, s := start(t), &store{t: t, links: map[keys.AccountID][]byte{}}
	_, c := device()
	jane := keys.NewAccount(c)
	secret, bobs := device()
	created := p.ask("account.create", q{"as": "bob", "label": "phone", "credential": q{"device": secret}})
	bob := ok[*keys.Identity](t)(keys.TrustFirst(created.bytes(t, "identity")))

	team := s.ours(share.Create(jane), nil)
	team = s.ours(team.Add(share.Admin, bob))
	s.agree(p)
	p.ask("group.join", q{"as": "g", "account": "bob", "of": team.Log().ID(), "by": jane.ID(), "entries": s.entries, "links": s.link(bob.ID())})
	both(t, p, team, "g")

	// They invite, we redeem; they rotate, we follow.
	code := keys.NewCode()
	s.theirs(p.ask("group.invite", q{"group": "g", "role": int(share.Writer), "codes": []string{code.Show()}}))
	s.agree(p)
	_, c = device()
	carol := keys.NewAccount(c)
	carols := s.ours(share.Redeem(carol, team.Log().ID(), code, s.entries, s.links))
	s.agree(p)
	s.update(p, "g")
	s.theirs(p.ask("group.rotate", q{"group": "g"}))
	carols = ok[*share.Group](t)(carols.Apply(s.entries, s.links[carol.ID()]))
	both(t, p, carols, "g")
	team = ok[*share.Group](t)(team.Apply(s.entries, s.links[jane.ID()]))

	// We invite, they redeem; we rotate.
	invite, ourCode, err := team.Invite(share.Writer)
	team = s.ours(invite, err)
	p.ask("account.create", q{"as": "dave", "label": "phone", "credential": q{"device": random(32)}})
	var links [][]byte
	for id := range s.log.Members() {
		if s.log.Invited(id) {
			links = s.link(id)
		}
	}
	s.theirs(p.ask("group.redeem", q{"as": "d", "account": "dave", "of": team.Log().ID(), "code": ourCode.Show(), "entries": s.entries, "links": links}))
	s.agree(p)
	team = ok[*share.Group](t)(team.Apply(s.entries, nil))
	team = s.ours(team.Rotate())

	// New keys on both sides.
	renewed := ok[*keys.Account](t)(jane.Rotate())
	team = ok[*share.Group](t)(share.Resume(renewed, team.Bookmark(), s.entries, nil))
	team = s.ours(team.Rekey())
	s.agree(p)
	s.update(p, "g", s.link(bob.ID())...)
	record := p.ask("account.change", q{"account": "bob", "rotate": true}).bytes(t, "record")
	s.theirs(p.ask("group.rekey", q{"group": "g", "account": "bob"}))
	s.agree(p)
	team = ok[*share.Group](t)(team.Apply(s.entries, s.links[jane.ID()]))
	both(t, p, team, "g")

	// They remove Carol; what she wrote is a former author's, for both.
	sealed, _, err := envelope.Seal(ok[*share.Group](t)(carols.Apply(s.entries, s.links[carol.ID()])), envelope.Ref{Type: "note", ID: "carol"}, []byte("hers"))
	require.NoError(t, err)
	s.theirs(p.ask("group.remove", q{"group": "g", "ids": []string{carol.ID().String()}}))
	s.agree(p)
	team = ok[*share.Group](t)(team.Apply(s.entries, s.links[jane.ID()]))
	_, err = envelope.Open(team, envelope.Ref{Type: "note", ID: "carol"}, sealed)
	require.ErrorIs(t, err, envelope.ErrFormer)
	p.refuse("former", "document.open", q{"group": "g", "type": "note", "name": "carol", "document": sealed})
	taken := p.ask("document.reseal", q{"group": "g", "type": "note", "name": "carol", "document": sealed})
	opened, err := envelope.Open(team, envelope.Ref{Type: "note", ID: "carol"}, taken.bytes(t, "document"))
	require.NoError(t, err)
	assert.Equal(t, "hers", string(opened.Plaintext))
	both(t, p, team, "g")

	// What they keep for themselves opens here, for the same account.
	bobHere := ok[*keys.Account](t)(ok[*keys.LockedAccount](t)(keys.ParseLockedAccount(record, nil)).Unlock(bobs))
	resumed := ok[*share.Group](t)(share.Resume(bobHere, p.ask("group.bookmark", q{"group": "g"}).bytes(t, "bookmark"), s.entries, nil))
	restored := ok[*share.Group](t)(share.Restore(bobHere, p.ask("group.snapshot", q{"group": "g"}).bytes(t, "snapshot")))
	for _, g := range []*share.Group{resumed, restored} {
		_, err := envelope.Open(g, envelope.Ref{Type: "note", ID: "carol"}, taken.bytes(t, "document"))
		require.NoError(t, err)
	}
}

// both seals documents of several sizes on each side and opens them on the
// other, as a whole and as a stream.
func both(t *testing.T, p *peer, g *share.Group, handle string) {
	t.Helper()
	for _, n := range []int{0, 1, 1000, 256 << 10, 600_000} {
		data, ref := random(n), envelope.Ref{Type: "note", ID: "Заметка"}
		theirs := p.ask("document.seal", q{"group": handle, "type": ref.Type, "name": ref.ID, "data": data, "stream": n == 1000})
		opened, err := envelope.Open(g, ref, theirs.bytes(t, "document"))
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, opened.Plaintext))
		require.Equal(t, theirs.text("mark"), markHex(opened.Ref.Seen))
		r, _, err := envelope.NewReader(g, ref, bytes.NewReader(theirs.bytes(t, "document")))
		require.NoError(t, err)
		streamed, err := io.ReadAll(r)
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, streamed))

		sealed, next, err := envelope.Seal(g, opened.Ref, data)
		require.NoError(t, err)
		a := p.ask("document.open", q{"group": handle, "type": ref.Type, "name": ref.ID, "document": sealed, "seen": theirs.text("mark")})
		require.Equal(t, 2, a.number("revision"))
		require.Equal(t, markHex(next.Seen), a.text("mark"))
		require.True(t, n == 0 && a.text("data") == "" || bytes.Equal(data, a.bytes(t, "data")))
		var stream bytes.Buffer
		w, _, err := envelope.NewWriter(g, next, &stream)
		require.NoError(t, err)
		_, err = w.Write(data)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		a = p.ask("document.stream", q{"group": handle, "type": ref.Type, "name": ref.ID, "document": stream.Bytes()})
		require.True(t, n == 0 && a.text("data") == "" || bytes.Equal(data, a.bytes(t, "data")))
		p.refuse("open", "document.open", q{"group": handle, "type": ref.Type, "name": "elsewhere", "document": sealed})
	}
}

func markHex(m envelope.Mark) string {
	text, err := m.MarshalText()
	if err != nil {
		panic(err)
	}
	b, err := base64.RawURLEncoding.DecodeString(string(text))
	if err != nil {
		panic(err)
	}
	return hex.EncodeToString(b)
}
