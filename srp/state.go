package srp

import (
	"bytes"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/wire"
	"github.com/sealkin/sealkin/keys"
)

// A state is what the server must remember between challenge and proof (spec,
// Section 7.4).
type state struct {
	known   int // 1 or 0
	account keys.AccountID
	name    string
	kind    ring.SlotKind
	slot    ring.SlotID
	params  []byte
	A, B, v []byte
	b       secret.Key
}

func (st *state) exchange(service string, binding []byte) *exchange {
	return &exchange{
		service: service, name: st.name, kind: st.kind, slot: st.slot,
		params: st.params, A: st.A, B: st.B, binding: binding,
	}
}

// seal boxes a state, so that the store learns nothing from it and can't make
// one.
func (s *Server) seal(st *state) Message {
	sealed := box.Seal(s.boxes, label.SRPState, s.place(), st.append())
	return append(wire.AppendHeading(nil, wire.State), sealed...)
}

func (st *state) append() []byte {
	b := append([]byte{byte(st.known)}, st.account[:]...)
	b = wire.AppendPrefixed(b, st.name)
	b = append(b, byte(st.kind))
	b = append(b, st.slot[:]...)
	b = wire.AppendPrefixed(b, st.params)
	b = append(b, st.A...)
	b = append(b, st.B...)
	b = append(b, st.v...)
	return append(b, secret.Open(st.b)...)
}

// place is what the box of a state is bound to.
func (s *Server) place() []byte { return wire.Join([]byte(s.service)) }

func (s *Server) open(message []byte) (*state, error) {
	r, err := wire.Read(message, wire.State, messageLimit)
	if err != nil {
		return nil, err
	}
	content, err := box.Open(s.boxes, label.SRPState, s.place(), r.Bytes(r.Len()))
	if err != nil {
		return nil, err
	}
	return parseState(content)
}

// parseState reads what append wrote: the box vouches for it, but a version of
// this package that wrote it otherwise is told by an error.
func parseState(content []byte) (*state, error) {
	r, st := wire.Bare(content), new(state)
	st.known = int(r.Uint8())
	r.Fill(st.account[:])
	st.name = string(r.Prefixed(1, nameLimit))
	st.kind = ring.SlotKind(r.Uint8())
	r.Fill(st.slot[:])
	st.params = bytes.Clone(r.Prefixed(0, paramsLimit))
	st.A = bytes.Clone(r.Bytes(publicSize))
	st.B = bytes.Clone(r.Bytes(publicSize))
	st.v = bytes.Clone(r.Bytes(publicSize))
	st.b = secret.New(r.Bytes(32))
	r.Require(st.known <= 1)
	if err := r.End(); err != nil {
		return nil, err
	}
	return st, nil
}
