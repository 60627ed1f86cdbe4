package srp_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/srp"
)

// States keeps what the server must remember between the two requests of a
// login, where all replicas reach it: a table, a Redis. Take reads and deletes
// in one step (delete … returning, GETDEL), so that one challenge allows one
// guess. What is older than two minutes is gone.
type States interface {
	Put(state srp.Message) (id string, err error)
	Take(id string) (srp.Message, error)
}

// The two requests. Messages are base64url strings in JSON.
type (
	helloBody struct {
		Hello srp.Message `json:"hello"`
	}
	challengeBody struct {
		ID        string      `json:"id"`
		Challenge srp.Message `json:"challenge"`
	}
	proofBody struct {
		ID    string      `json:"id"`
		Proof srp.Message `json:"proof"`
	}
	replyBody struct {
		Reply  srp.Message `json:"reply"`
		Record []byte      `json:"record"` // the account, after the proof only
	}
)

// A replica is one of several servers. It shares everything but memory.
type replica struct {
	srp      *srp.Server
	states   States
	accounts map[string]*keys.LockedAccount
	sessions *sync.Map // hash of the token → account id
	tries    *limiter
}

// lookup is where attempts are limited: for every name, known or not, with the
// same query.
func (r *replica) lookup(name string) (*keys.LockedAccount, error) {
	if !r.tries.allow(name) {
		return nil, errTooMany
	}
	return r.accounts[name], nil
}

func (r *replica) begin(w http.ResponseWriter, req *http.Request) {
	var in helloBody
	if !read(w, req, &in) {
		return
	}
	challenge, state, err := r.srp.Challenge(in.Hello, r.lookup)
	if err != nil {
		refuse(w, err)
		return
	}
	id, err := r.states.Put(state)
	if err != nil {
		refuse(w, err)
		return
	}
	json.NewEncoder(w).Encode(challengeBody{id, challenge})
}

func (r *replica) finish(w http.ResponseWriter, req *http.Request) {
	var in proofBody
	if !read(w, req, &in) {
		return
	}
	state, err := r.states.Take(in.ID) // before anything is checked
	if err != nil {
		refuse(w, srp.ErrLogin)
		return
	}
	session, reply, err := r.srp.Verify(state, in.Proof)
	if err != nil {
		refuse(w, err)
		return
	}
	r.sessions.Store(sha256.Sum256([]byte(session.Token())), session.Account())
	json.NewEncoder(w).Encode(replyBody{reply, r.record(session.Account())})
}

// whoami is any later request: the token names the session.
func (r *replica) whoami(w http.ResponseWriter, req *http.Request) {
	id, ok := r.sessions.Load(sha256.Sum256([]byte(req.Header.Get("Authorization"))))
	if !ok {
		refuse(w, srp.ErrLogin)
		return
	}
	json.NewEncoder(w).Encode(id)
}

func (r *replica) record(id keys.AccountID) []byte {
	for _, account := range r.accounts {
		if account.ID() == id {
			return account.Bytes()
		}
	}
	return nil
}

func (r *replica) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", r.begin)
	mux.HandleFunc("POST /proof", r.finish)
	mux.HandleFunc("GET /whoami", r.whoami)
	return mux
}

func read(w http.ResponseWriter, req *http.Request, v any) bool {
	err := json.NewDecoder(io.LimitReader(req.Body, 8<<10)).Decode(v)
	if err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
	}
	return err == nil
}

// refuse answers with a status and nothing of the reason.
func refuse(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, errTooMany):
		http.Error(w, "later", http.StatusTooManyRequests)
	case errors.Is(err, srp.ErrLogin):
		http.Error(w, "wrong name, passphrase or code", http.StatusUnauthorized)
	case errors.Is(err, keys.ErrMalformed), errors.Is(err, keys.ErrNewer):
		http.Error(w, "bad request", http.StatusBadRequest)
	default:
		http.Error(w, "internal error", http.StatusInternalServerError)
	}
}

// logIn is the client. first and second are two replicas, as a load balancer
// might choose them; seen is what this device stretched with the last time.
func logIn(first, second string, who keys.Login, passphrase string, seen *keys.Params) (*srp.Session, []byte, error) {
	client, hello, err := srp.NewClient(who, nil)
	if err != nil {
		return nil, nil, err
	}
	var ch challengeBody
	if err := post(first+"/login", helloBody{hello}, &ch); err != nil {
		return nil, nil, err
	}
	params, err := client.Params(ch.Challenge, seen)
	if err != nil {
		return nil, nil, err
	}
	key, err := params.Stretch(who, passphrase, nil)
	if err != nil {
		return nil, nil, err
	}
	pending, proof, err := client.Respond(ch.Challenge, key)
	if err != nil {
		return nil, nil, err
	}
	var re replyBody
	if err := post(second+"/proof", proofBody{ch.ID, proof}, &re); err != nil {
		return nil, nil, err
	}
	session, err := pending.Finish(re.Reply) // no session without the server's proof
	if err != nil {
		return nil, nil, err
	}
	locked, err := keys.ParseLockedAccount(re.Record, nil) // or the copy that this device has seen
	if err != nil {
		return nil, nil, err
	}
	_, err = locked.Unlock(key)
	return session, re.Record, err
}

func post(url string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	resp, err := http.Post(url, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
		return json.NewDecoder(resp.Body).Decode(out)
	case http.StatusUnauthorized:
		return srp.ErrLogin
	}
	return errors.New(resp.Status)
}

// A whole HTTP server, twice: one replica starts a login and another finishes
// it, because the state is in a store that they share.
func ExampleServer() {
	who := keys.Login{Service: "notes.example", Name: "Jane"}
	cost := keys.Cost{Memory: 19 << 10, Passes: 2, Lanes: 1} // the least; the zero Cost is better
	key, err := keys.NewPassphrase(who, "correct horse battery staple", cost, nil)
	if err != nil {
		panic(err)
	}
	account := keys.NewAccount(key)

	shared := replica{
		states:   newMemory(),
		accounts: map[string]*keys.LockedAccount{"jane": account.Locked()},
		sessions: new(sync.Map),
		tries:    &limiter{limit: 3},
	}
	var secretKey [32]byte // from the deployment's secrets, the same everywhere
	rand.Read(secretKey[:])
	var urls [2]string
	for n := range urls {
		r := shared
		if r.srp, err = srp.NewServer(who.Service, secretKey, srp.Decoy{Cost: cost, Weight: 1}); err != nil {
			panic(err)
		}
		server := httptest.NewServer(r.handler())
		defer server.Close()
		urls[n] = server.URL
	}

	session, record, err := logIn(urls[0], urls[1], who, "correct horse battery staple", key.Params())
	fmt.Println("login:", err, len(record) > 0)

	req, _ := http.NewRequest("GET", urls[0]+"/whoami", nil)
	req.Header.Set("Authorization", session.Token())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	var id keys.AccountID
	json.NewDecoder(resp.Body).Decode(&id)
	fmt.Println("session:", resp.StatusCode, id == account.ID())

	_, record, err = logIn(urls[1], urls[0], who, "wrong", nil)
	fmt.Println("wrong passphrase:", err, record)
	_, _, err = logIn(urls[0], urls[1], keys.Login{Service: "notes.example", Name: "nobody"}, "wrong", nil)
	fmt.Println("unknown name:", err)
	for range 2 {
		_, _, err = logIn(urls[0], urls[1], who, "wrong again", nil)
	}
	fmt.Println("too often:", err)
	// Output:
	// login: <nil> true
	// session: 200 true
	// wrong passphrase: srp: wrong name, passphrase or code []
	// unknown name: srp: wrong name, passphrase or code
	// too often: 429 Too Many Requests
}

// memory is States for one process. A real store is a table that expires.
type memory struct {
	mu     sync.Mutex
	states map[string]stored
}

type stored struct {
	state srp.Message
	until time.Time
}

func newMemory() *memory { return &memory{states: map[string]stored{}} }

var (
	errGone    = errors.New("no such state")
	errTooMany = errors.New("too many attempts")
)

func (m *memory) Put(state srp.Message) (string, error) {
	id := rand.Text()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.states[id] = stored{state, time.Now().Add(2 * time.Minute)}
	return id, nil
}

func (m *memory) Take(id string) (srp.Message, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.states[id]
	delete(m.states, id)
	if !ok || time.Now().After(s.until) {
		return nil, errGone
	}
	return s.state, nil
}

// limiter counts attempts by name. A real one forgets after a while.
type limiter struct {
	mu    sync.Mutex
	limit int
	tries map[string]int
}

func (l *limiter) allow(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tries == nil {
		l.tries = map[string]int{}
	}
	l.tries[name]++
	return l.tries[name] <= l.limit
}
