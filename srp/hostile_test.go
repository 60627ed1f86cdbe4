package srp_test

import (
	"bytes"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/srp"
)

// TestRelay is a service in the middle that passes messages on: a client
// who logs in to mail.example is presented to notes.example, where the same
// device has a slot.
func TestRelay(t *testing.T) {
	p, notes := janes(), newServer(t)
	for _, name := range []string{service, "mail.example"} {
		c, hello, err := srp.NewClient(keys.Login{Service: name, Name: "jane"}, p.device)
		require.NoError(t, err)
		challenge, state, err := notes.Challenge(hello, lookup)
		require.NoError(t, err)
		pending, proof, err := c.Respond(challenge, p.device)
		require.NoError(t, err)
		_, reply, err := notes.Verify(state, proof)
		if name == service {
			require.NoError(t, err)
			_, err = pending.Finish(reply)
			require.NoError(t, err)
			continue
		}
		assert.Equal(t, srp.ErrLogin, err, "relayed")
		assert.Nil(t, reply)
	}
}

// TestReplay sends every message of a finished login again, to a new one.
func TestReplay(t *testing.T) {
	p, s := janes(), newServer(t)
	old, challenge, state := start(t, s, jane, p.device)
	pending, proof, err := old.Respond(challenge, p.device)
	require.NoError(t, err)
	_, reply, err := s.Verify(state, proof)
	require.NoError(t, err)
	_, err = pending.Finish(reply)
	require.NoError(t, err)

	// The old hello: a fresh challenge, to which the old proof is no answer.
	_, hello := old.WithSecret(make([]byte, 31))
	_, fresh, err := s.Challenge(hello, lookup)
	require.Error(t, err, "A = 1")
	require.Nil(t, fresh)
	c, newChallenge, newState := start(t, s, jane, p.device)
	_, _, err = s.Verify(newState, proof)
	assert.Equal(t, srp.ErrLogin, err, "the old proof")

	// The old challenge and the old reply, to a new client.
	newPending, newProof, err := c.Respond(challenge, p.device)
	require.NoError(t, err)
	_, _, err = s.Verify(state, newProof)
	assert.Equal(t, srp.ErrLogin, err, "a proof for the old challenge with another A")
	_, err = newPending.Finish(reply)
	assert.Equal(t, srp.ErrLogin, err, "the old reply")
	_, _, err = s.Verify(newState, newProof)
	assert.Equal(t, srp.ErrLogin, err, "a proof for another challenge")

	// Messages in each other's place.
	for _, m := range [][]byte{hello, challenge, state, reply, newChallenge, nil} {
		_, _, err := s.Verify(newState, m)
		assert.ErrorIs(t, err, keys.ErrMalformed)
	}
	for _, m := range [][]byte{hello, challenge, proof, reply, nil} {
		_, _, err := s.Verify(m, newProof)
		assert.ErrorIs(t, err, keys.ErrMalformed)
	}
}

// TestReplayedHello answers one hello twice: B is fresh, and a proof answers the
// challenge it was made for.
func TestReplayedHello(t *testing.T) {
	p, s := janes(), newServer(t)
	c, hello, err := srp.NewClient(jane, p.device)
	require.NoError(t, err)
	one, stateOne, err := s.Challenge(hello, lookup)
	require.NoError(t, err)
	two, stateTwo, err := s.Challenge(hello, lookup)
	require.NoError(t, err)
	require.NotEqual(t, one, two)
	_, proof, err := c.Respond(one, p.device)
	require.NoError(t, err)
	_, _, err = s.Verify(stateTwo, proof)
	assert.Equal(t, srp.ErrLogin, err)
	_, _, err = s.Verify(stateOne, proof)
	assert.NoError(t, err)
}

// TestStateTellsNothing reads the store of states as a thief.
func TestStateTellsNothing(t *testing.T) {
	p, s := janes(), newServer(t)
	_, _, known := start(t, s, jane, p.device)
	_, _, unknown := start(t, s, keys.Login{Service: service, Name: "june"}, p.device)
	assert.Len(t, unknown, len(known))
	opened, err := s.OpenState(known)
	require.NoError(t, err)
	for _, part := range [][]byte{opened.V[:16], opened.A[:16], opened.B[:16], opened.SecretB[:16], opened.Account[:16], []byte("jane")} {
		assert.False(t, bytes.Contains(known, part))
	}
	again, err := s.OpenState(s.SealState(opened))
	require.NoError(t, err)
	assert.Equal(t, opened, again)
	opened.Known = 2
	_, err = s.OpenState(s.SealState(opened))
	assert.ErrorIs(t, err, keys.ErrMalformed)
}

// TestUnknownNames compares names that are known with names that are not:
// shape, stability, error and work.
func TestUnknownNames(t *testing.T) {
	p := janes()
	var powers atomic.Int64
	s := newServer(t, srp.Decoy{Cost: cheap, Weight: 1}).Counted(&powers)
	unknown := keys.Login{Service: service, Name: "june"}
	slots := map[string]*keys.Credential{"passphrase": nil, "code": p.code, "no such device": keys.Device([32]byte{77})}
	for name, key := range slots {
		t.Run(name, func(t *testing.T) {
			type view struct {
				challenge, state int
				params           string
				begin, verify    int64
				err              error
			}
			look := func(who keys.Login) (view, []byte) {
				powers.Store(0)
				_, challenge, state := start(t, s, who, key)
				v := view{challenge: len(challenge), state: len(state), begin: powers.Swap(0)}
				v.params = string(challenge[8 : len(challenge)-384])
				_, _, v.err = s.Verify(state, append(srp.Message("skp\x01"), random(32)...))
				v.verify = powers.Load()
				return v, challenge[len(challenge)-384:]
			}
			known, B1 := look(jane)
			not, B2 := look(unknown)
			twice, B3 := look(unknown)
			assert.Equal(t, not, twice, "unknown names are not stable")
			assert.NotEqual(t, B2, B3, "B is not fresh")
			assert.NotEqual(t, B1, B2)
			assert.EqualValues(t, 1, known.begin)
			assert.EqualValues(t, 2, known.verify)
			if key == nil {
				assert.NotEqual(t, known.params, not.params)
				assert.Equal(t, known.params[:18], not.params[:18], "all but the salt is alike")
			}
			known.params, not.params = "", ""
			assert.Equal(t, known, not)
			assert.Equal(t, srp.ErrLogin, known.err)
		})
	}
}

// TestUnknownAndWrongAreOneError has the same words for a wrong passphrase and
// for a name that is not known, with a proof that would be right.
func TestUnknownAndWrongAreOneError(t *testing.T) {
	p, s := janes(), newServer(t)
	c, challenge, state := start(t, s, jane, p.device)
	_, proof, err := c.Respond(challenge, p.device)
	require.NoError(t, err)
	st, err := s.OpenState(state)
	require.NoError(t, err)
	st.Known = 0 // all else right: the last bit decides
	session, reply, err := s.Verify(s.SealState(st), proof)
	assert.Equal(t, srp.ErrLogin, err)
	assert.Nil(t, session)
	assert.Nil(t, reply)
}

// TestFakeVerifier: whoever is not known has a verifier nobody knows x for,
// the same each time, another for each name, slot and server.
func TestFakeVerifier(t *testing.T) {
	p := janes()
	seen := map[string]string{}
	verifier := func(s *srp.Server, name string, key *keys.Credential) string {
		c, _, err := srp.NewClient(keys.Login{Service: service, Name: name}, key)
		require.NoError(t, err)
		a := append(make([]byte, 31), 9)
		_, hello := c.WithSecret(a)
		_, state, err := s.Challenge(hello, func(string) (*keys.LockedAccount, error) { return nil, nil })
		require.NoError(t, err)
		st, err := s.OpenState(state)
		require.NoError(t, err)
		assert.Zero(t, st.Known)
		assert.Zero(t, st.Account)
		assert.Len(t, st.V, 384)
		assert.Less(t, st.V[0], byte(128))
		return string(st.V)
	}
	s := newServer(t)
	other, err := srp.NewServer(service, [32]byte{43})
	require.NoError(t, err)
	for name, v := range map[string]string{
		"a": verifier(s, "a", nil), "b": verifier(s, "b", nil), "a, code": verifier(s, "a", p.code),
		"a, device": verifier(s, "a", p.device), "a, other server": verifier(other, "a", nil),
	} {
		assert.Empty(t, seen[v], name)
		seen[v] = name
	}
	assert.Equal(t, "a", seen[verifier(newServer(t), "a", nil)], "the replicas differ")
}

// TestDecoys shows that unknown names have the listed costs, in proportion.
func TestDecoys(t *testing.T) {
	large := keys.Cost{Memory: 64 << 10, Passes: 3, Lanes: 4}
	s := newServer(t, srp.Decoy{Cost: large, Weight: 3}, srp.Decoy{Cost: cheap, Second: true, Weight: 1}, srp.Decoy{Cost: keys.Cost{Iterations: 600_000}})
	count, salts := map[keys.Cost]int{}, map[string]bool{}
	_, hello, err := srp.NewClient(jane, nil)
	require.NoError(t, err)
	A := hello[len(hello)-384:]
	rounds := 400
	for n := range rounds {
		name := "user" + string(rune('a'+n%26)) + string(rune('a'+n/26))
		challenge, _, err := s.Challenge(srp.EncodeHello(name, [16]byte{}, A), lookup)
		require.NoError(t, err)
		params, err := keys.ParseParams(challenge[8:len(challenge)-384], nil)
		require.NoError(t, err)
		count[params.Cost()]++
		assert.Equal(t, params.Cost() == cheap, params.NeedsSecond())
		salts[string(params.Bytes()[19:51])] = true
	}
	assert.Len(t, salts, rounds, "two names share a salt")
	assert.Zero(t, count[keys.Cost{Iterations: 600_000}], "weight 0")
	assert.InDelta(t, 300, count[large], 45)
	assert.Equal(t, rounds, count[large]+count[cheap])
}

// TestDecoyWeights changes the list a little, as accounts come: few names that are
// not known change their looks.
func TestDecoyWeights(t *testing.T) {
	explicit := keys.Cost{Memory: 64 << 10, Passes: 3, Lanes: 4}
	_, hello, err := srp.NewClient(jane, nil)
	require.NoError(t, err)
	shown := func(decoys ...srp.Decoy) (all []string) {
		s := newServer(t, decoys...)
		for n := range 600 {
			challenge, _, err := s.Challenge(srp.EncodeHello(fmt.Sprint("user", n), [16]byte{}, hello[len(hello)-384:]), lookup)
			require.NoError(t, err)
			all = append(all, string(challenge[:len(challenge)-384]))
		}
		return all
	}
	changed := func(a, b []string) (n int) {
		for i := range a {
			if a[i] != b[i] {
				n++
			}
		}
		return n
	}
	before := shown(srp.Decoy{Weight: 500}, srp.Decoy{Cost: cheap, Weight: 500})
	assert.Less(t, changed(before, shown(srp.Decoy{Weight: 501}, srp.Decoy{Cost: cheap, Weight: 500})), 12)
	assert.Less(t, changed(before, shown(srp.Decoy{Weight: 1000}, srp.Decoy{Cost: cheap, Weight: 1000})), 1)
	assert.Zero(t, changed(before, shown(srp.Decoy{Cost: explicit, Weight: 500}, srp.Decoy{Cost: cheap, Weight: 500})), "the default, written out")
	assert.Zero(t, changed(shown(), shown(srp.Decoy{Cost: explicit, Weight: 1})))
}
