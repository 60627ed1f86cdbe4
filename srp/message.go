package srp

import (
	"bytes"

	"github.com/sealkin/sealkin/internal/modexp"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/wire"
)

// Limits in bytes (spec, Section 10).
const (
	publicSize   = 384 // PAD
	proofSize    = 32
	nameLimit    = 255
	paramsLimit  = 128
	messageLimit = 4096 // of any message and of a state
)

// A Message is one of the five records of a login: hello, challenge, proof,
// reply, and the state that the server stores. The bytes are the binary form.
// In JSON, and wherever text is marshaled, it is base64url.
type Message []byte

// MarshalText returns the text form.
func (m Message) MarshalText() ([]byte, error) { return wire.AppendText(nil, m), nil }

// UnmarshalText reads what MarshalText wrote, of at most 4096 bytes. The error is
// keys.ErrMalformed. What the message says is not looked at.
func (m *Message) UnmarshalText(text []byte) error {
	b, err := wire.ParseText(text, messageLimit)
	if err != nil {
		return err
	}
	*m = b
	return nil
}

// hello is the first message (spec, Section 7.1).
type hello struct {
	name   string
	slot   ring.SlotID
	public []byte // A
}

func (h hello) encode() Message {
	b := wire.AppendHeading(make([]byte, 0, 408+len(h.name)), wire.Hello)
	b = wire.AppendPrefixed(b, h.name)
	b = append(b, h.slot[:]...)
	return append(b, h.public...)
}

func parseHello(message []byte) (h hello, err error) {
	r, err := wire.Read(message, wire.Hello, messageLimit)
	if err != nil {
		return hello{}, err
	}
	h.name = string(r.Prefixed(1, nameLimit))
	r.Fill(h.slot[:])
	h.public = bytes.Clone(r.Bytes(publicSize))
	if err := r.End(); err != nil {
		return hello{}, err
	}
	return h, nil
}

// challenge is the server's answer.
type challenge struct {
	params []byte // empty for codes and devices
	public []byte // B
}

func encodeChallenge(params, public []byte) Message {
	b := wire.AppendHeading(make([]byte, 0, 8+len(params)+len(public)), wire.Challenge)
	return append(wire.AppendPrefixed(b, params), public...)
}

func parseChallenge(message []byte) (ch challenge, err error) {
	r, err := wire.Read(message, wire.Challenge, messageLimit)
	if err != nil {
		return challenge{}, err
	}
	ch.params = bytes.Clone(r.Prefixed(0, paramsLimit))
	ch.public = bytes.Clone(r.Bytes(publicSize))
	if err := r.End(); err != nil {
		return challenge{}, err
	}
	return ch, nil
}

func encodeProof(m1 secret.Key) Message { return encode32(wire.Proof, m1) }
func encodeReply(m2 secret.Key) Message { return encode32(wire.Reply, m2) }

func encode32(k wire.Kind, m secret.Key) Message {
	b := wire.AppendHeading(make([]byte, 0, wire.HeadingSize+proofSize), k)
	return append(b, secret.Open(m)...)
}

func parseProof(message []byte) ([]byte, error) { return parse32(wire.Proof, message) }
func parseReply(message []byte) ([]byte, error) { return parse32(wire.Reply, message) }

func parse32(k wire.Kind, message []byte) ([]byte, error) {
	r, err := wire.Read(message, k, messageLimit)
	if err != nil {
		return nil, err
	}
	m := r.Bytes(proofSize)
	if err := r.End(); err != nil {
		return nil, err
	}
	return m, nil
}

// public judges a public value that came from outside.
func public(group *modexp.Group, b []byte) (*modexp.Element, error) {
	e, err := group.Parse(b)
	if err != nil || e.Trivial() {
		return nil, wire.Malformed("public value")
	}
	return e, nil
}
