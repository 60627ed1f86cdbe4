package srp

import (
	"sync/atomic"

	"github.com/sealkin/sealkin/internal/modexp"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/keys"
)

// Counted returns s with its powers counted.
func (s *Server) Counted(n *atomic.Int64) *Server {
	counted := *s
	counted.group = s.group.Counted(n)
	return &counted
}

// State is a state as the tests see it.
type State struct {
	Known   int
	Account keys.AccountID
	Name    string
	Kind    ring.SlotKind
	Slot    ring.SlotID
	Params  []byte
	A, B, V []byte
	SecretB []byte
}

// OpenState shows what only the server may know.
func (s *Server) OpenState(m []byte) (*State, error) {
	st, err := s.open(m)
	if err != nil {
		return nil, err
	}
	return &State{st.known, st.account, st.name, st.kind, st.slot, st.params, st.A, st.B, st.v, secret.Open(st.b)}, nil
}

// SealState makes a state.
func (s *Server) SealState(st *State) Message {
	return s.seal(&state{st.Known, st.Account, st.Name, st.Kind, st.Slot, st.Params, st.A, st.B, st.V, secret.New(st.SecretB)})
}

// Proofs computes transcript, M1, M2 and session key for a state and an S.
func (st *State) Proofs(service string, binding, S []byte) (transcript, m1, m2, session []byte) {
	group := modexp.Group3072()
	e := (&state{0, st.Account, st.Name, st.Kind, st.Slot, st.Params, st.A, st.B, st.V, secret.Key{}}).exchange(service, binding)
	p := e.prove(group, group.Small(S))
	return e.transcript(group), secret.Open(p.m1), secret.Open(p.m2), secret.Open(p.session)
}

// WithSecret returns the client with another a, and its hello.
func (c *Client) WithSecret(a []byte) (*Client, Message) {
	other := *c
	other.a = secret.New(a)
	other.hello.public = modexp.Group3072().PowG(a).Bytes()
	return &other, other.hello.encode()
}

// WithSecret returns a challenge and a state with another b.
func (s *Server) WithSecret(st *State, b []byte) (challenge, sealed Message) {
	other, group := *st, modexp.Group3072()
	other.SecretB = b
	other.B = group.ServerPublic(multiplier(group), group.Small(st.V), b).Bytes()
	return encodeChallenge(other.Params, other.B), s.SealState(&other)
}

// Of makes a session of its key.
func SessionOf(key []byte) *Session { return &Session{key: secret.New(key)} }

// The encoders and parsers.
var (
	Multiplier      = func() []byte { return multiplier(modexp.Group3072()).Bytes() }
	Scrambler       = scrambler
	EncodeChallenge = encodeChallenge
)

// EncodeHello writes a hello of any parts.
func EncodeHello(name string, slot ring.SlotID, A []byte) Message {
	return hello{name, slot, A}.encode()
}

// Reencode parses a message of any kind and writes it again.
func Reencode(m []byte) (Message, error) {
	if h, err := parseHello(m); err == nil {
		return h.encode(), nil
	}
	if ch, err := parseChallenge(m); err == nil {
		return encodeChallenge(ch.params, ch.public), nil
	}
	if p, err := parseProof(m); err == nil {
		return encodeProof(secret.New(p)), nil
	}
	p, err := parseReply(m)
	if err != nil {
		return nil, err
	}
	return encodeReply(secret.New(p)), nil
}

// ReencodeState does the same for what is in a state.
func ReencodeState(content []byte) ([]byte, error) {
	st, err := parseState(content)
	if err != nil {
		return nil, err
	}
	return st.append(), nil
}

// Accept judges a public value beside a u.
func Accept(theirs, u []byte) error {
	_, err := accept(modexp.Group3072(), theirs, u)
	return err
}

// Draw draws as both sides do.
func Draw(publicOf func([]byte) []byte, usable func([]byte) bool) (exponent, padded []byte) {
	group := modexp.Group3072()
	key, padded := draw(group, func(e []byte) *modexp.Element { return group.Small(publicOf(e)) }, usable)
	return secret.Open(key), padded
}
