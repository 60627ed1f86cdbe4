package srp_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/srp"
)

// expire lets two minutes pass for one state.
func (m *memory) expire(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.states[id] = stored{m.states[id].state, time.Now().Add(-time.Second)}
}

// TestA66_RecordOnlyAfterProof asks the server of the example for the record in
// every way but a finished login, and for the session of somebody else.
func TestA66_RecordOnlyAfterProof(t *testing.T) {
	p := janes()
	r := &replica{
		srp: newServer(t), states: newMemory(), sessions: new(sync.Map), tries: &limiter{limit: 100},
		accounts: map[string]*keys.LockedAccount{"jane": p.account.Locked()},
	}
	server := httptest.NewServer(r.handler())
	defer server.Close()

	begin := func() (*srp.Client, challengeBody) {
		c, hello, err := srp.NewClient(jane, p.device)
		require.NoError(t, err)
		var ch challengeBody
		require.NoError(t, post(server.URL+"/login", helloBody{hello}, &ch))
		return c, ch
	}
	finish := func(id string, proof srp.Message) (re replyBody, err error) {
		err = post(server.URL+"/proof", proofBody{id, proof}, &re)
		return re, err
	}
	c, ch := begin()
	pending, proof, err := c.Respond(ch.Challenge, p.device)
	require.NoError(t, err)
	_, other := begin()

	for name, try := range map[string]proofBody{
		"no state": {"", proof}, "unknown state": {"x", proof}, "another's state": {other.ID, proof},
	} {
		re, err := finish(try.ID, try.Proof)
		assert.ErrorIs(t, err, srp.ErrLogin, name)
		assert.Empty(t, re, name)
	}
	late, lateChallenge := begin()
	_, lateProof, err := late.Respond(lateChallenge.Challenge, p.device)
	require.NoError(t, err)
	r.states.(*memory).expire(lateChallenge.ID)
	re, err := finish(lateChallenge.ID, lateProof)
	assert.ErrorIs(t, err, srp.ErrLogin, "an expired state")
	assert.Empty(t, re)

	re, err = finish(ch.ID, proof)
	require.NoError(t, err)
	assert.Equal(t, p.account.Locked().Bytes(), re.Record)
	session, err := pending.Finish(re.Reply)
	require.NoError(t, err)
	re, err = finish(ch.ID, proof)
	assert.ErrorIs(t, err, srp.ErrLogin, "taken")
	assert.Empty(t, re)
	for name, body := range map[string]any{"no proof": proofBody{ID: other.ID}, "no JSON": 7} {
		assert.Error(t, post(server.URL+"/proof", body, &re), name)
	}

	for token, want := range map[string]int{
		session.Token(): http.StatusOK, "": http.StatusUnauthorized, session.Token()[:42]: http.StatusUnauthorized, "Jane": http.StatusUnauthorized,
	} {
		req, err := http.NewRequest("GET", server.URL+"/whoami", nil)
		require.NoError(t, err)
		req.Header.Set("Authorization", token)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		resp.Body.Close()
		assert.Equal(t, want, resp.StatusCode)
	}
}
