package srp

import (
	"bytes"
	"crypto/subtle"
	"errors"
	"fmt"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/modexp"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/keys"
)

// A Server is the server's half. It keeps nothing: any replica with the same
// key finishes what another began. It is safe for concurrent use.
type Server struct {
	service string
	binding []byte
	boxes   *box.Key   // of states
	key     secret.Key // the same 32 bytes
	decoys  []Decoy
	group   *modexp.Group
}

// NewServer takes the name of the service, which must be that of the clients'
// [keys.Login], and 32 secret random bytes, the same on all replicas. Whoever
// has them can tell known names from unknown ones and read stored states;
// changing them ends the logins that are under way and changes what unknown
// names look like.
//
// decoys say what names that are not known seem to have been stretched with;
// none means the default cost of package keys, without a second secret. List
// the costs that the accounts have, weighted by how many have them. Changing the
// list changes what some unknown names look like, and never what known ones do: do
// it rarely, keep the order, and put new costs last.
//
// The error says which of these can't be: an empty or too long service, an
// all-zero key, a cost outside the limits (keys.ErrCost), no weight at all.
func NewServer(service string, key [32]byte, decoys ...Decoy) (*Server, error) {
	if _, err := (keys.Login{Service: service, Name: "x"}).Canonical(); err != nil {
		return nil, err
	}
	if key == [32]byte{} {
		return nil, errors.New("srp: the server's key is not set")
	}
	decoys, err := soundDecoys(decoys)
	if err != nil {
		return nil, err
	}
	k := secret.New(key[:])
	return &Server{service: service, boxes: box.NewKey(k), key: k, decoys: decoys, group: modexp.Group3072()}, nil
}

// Bound returns a server that accepts only proofs of clients which named the
// same binding to [Client.Bound]: that of the channel which carries proof and
// reply. It matters to Verify, not to Challenge.
func (s *Server) Bound(binding []byte) *Server {
	bound := *s
	bound.binding = bytes.Clone(binding)
	return &bound
}

// Challenge answers a hello. lookup finds the account of a name, in its
// canonical form, and returns nil, nil if there is none, which is answered
// alike. It is called once, and is the place to limit attempts: what it returns
// as an error is returned, wrapped, and nothing else is. For names that are not
// known it must do the same queries and the same counting, and take the same
// time: keep records parsed, or parse one of your own for a name that is not
// known, since [keys.ParseLockedAccount] takes some tenths of a millisecond, and
// more for each way in.
//
// Store state for two minutes under a random id that goes with the challenge,
// take it (read and delete it in one step), then Verify.
//
// The error is keys.ErrMalformed or keys.ErrNewer for what is no hello, or
// lookup's.
func (s *Server) Challenge(hello []byte, lookup func(name string) (*keys.LockedAccount, error)) (challenge, state Message, err error) {
	h, err := s.read(hello)
	if err != nil {
		return nil, nil, fmt.Errorf("srp: hello: %w", err)
	}
	account, err := lookup(h.name)
	if err != nil {
		return nil, nil, fmt.Errorf("srp: look-up: %w", err)
	}
	st := s.answer(h, account)
	v, k := s.group.Small(st.v), multiplier(s.group)
	st.b, st.B = draw(s.group,
		func(b []byte) *modexp.Element { return s.group.ServerPublic(k, v, b) },
		func(B []byte) bool { return !isZero(scrambler(st.A, B)) })
	return encodeChallenge(st.params, st.B), s.seal(st), nil
}

// read parses a hello and checks what only a server checks.
func (s *Server) read(message []byte) (hello, error) {
	h, err := parseHello(message)
	if err != nil {
		return hello{}, err
	}
	who := keys.Login{Service: s.service, Name: h.name}
	if canonical, err := who.Canonical(); err != nil || canonical != who {
		return hello{}, fmt.Errorf("the name is not canonical: %w", keys.ErrMalformed)
	}
	if _, err := public(s.group, h.public); err != nil {
		return hello{}, err
	}
	return h, nil
}

// Verify checks the client's proof, and only then returns the server's. It
// takes a state that Challenge made and that was deleted from the store.
//
// The error is keys.ErrMalformed or keys.ErrNewer for what is no proof or no
// state, keys.ErrOpen for a state of another key or service, and ErrLogin for a
// wrong proof and for a name that is not known, which are told apart by nothing.
//
// A slot that was removed from the account after the challenge still gets in:
// end the sessions of an account, and its states if the store can, when one is.
func (s *Server) Verify(state, proof []byte) (*Session, Message, error) {
	m1, err := parseProof(proof)
	if err != nil {
		return nil, nil, fmt.Errorf("srp: proof: %w", err)
	}
	st, err := s.open(state)
	if err != nil {
		return nil, nil, fmt.Errorf("srp: state: %w", err)
	}
	e := st.exchange(s.service, s.binding)
	u := scrambler(e.A, e.B)
	A, err := accept(s.group, st.A, u)
	if err != nil {
		return nil, nil, fmt.Errorf("srp: state: %w", err)
	}
	S := s.group.ServerSecret(A, s.group.Small(st.v), u, secret.Open(st.b))
	p := e.prove(s.group, S)
	if st.known&subtle.ConstantTimeCompare(m1, secret.Open(p.m1)) != 1 {
		return nil, nil, ErrLogin
	}
	return &Session{key: p.session, account: st.account}, encodeReply(p.m2), nil
}
