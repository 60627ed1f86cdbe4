package srp

import (
	"bytes"
	"crypto/subtle"
	"fmt"

	"github.com/sealkin/sealkin/internal/modexp"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/keys"
)

// A Client has said hello.
type Client struct {
	hello   hello
	service string
	kind    ring.SlotKind
	binding []byte
	a       secret.Key
}

// NewClient starts a login. key is nil for a passphrase, which can't be
// stretched before the challenge; for a code or a device it is the credential.
// The hello goes to [Server.Challenge] and depends on no secret but a random
// number.
//
// The name is put into its canonical form. The error says what is wrong with
// the name or the service, for the person.
func NewClient(who keys.Login, key *keys.Credential) (*Client, Message, error) {
	who, err := who.Canonical()
	if err != nil {
		return nil, nil, err
	}
	c := &Client{service: who.Service, kind: ring.Passphrase}
	if key != nil {
		half := ring.HalfOf(key.Login())
		c.kind, c.hello.slot = half.Kind, half.Slot
	}
	group := modexp.Group3072()
	c.hello.name = who.Name
	c.a, c.hello.public = draw(group, group.PowG, func([]byte) bool { return true })
	return c, c.hello.encode(), nil
}

// Bound returns a client whose login is bound to a channel: it succeeds only if
// the server names the same binding to [Server.Bound]. Take the exporter of the
// TLS connection that carries the proof (RFC 9266, tls-exporter), or anything
// that a relay in between would see otherwise.
func (c *Client) Bound(binding []byte) *Client {
	bound := *c
	bound.binding = bytes.Clone(binding)
	return &bound
}

// Params reads from the challenge what to stretch the passphrase with. seen is
// what this device used the last time, nil if it never did: with it, a server
// can't ask for less.
//
// The error is keys.ErrMalformed or keys.ErrNewer for what is no challenge,
// keys.ErrCost for a cost outside the limits of package keys, keys.ErrParams for
// less than seen, and keys.ErrMismatch if this client logs in by a code or a
// device, which needs no parameters.
func (c *Client) Params(challenge []byte, seen *keys.Params) (*keys.Params, error) {
	ch, err := c.read(challenge)
	if err != nil {
		return nil, err
	}
	if len(ch.params) == 0 {
		return nil, fmt.Errorf("srp: %w: only a passphrase has parameters", keys.ErrMismatch)
	}
	return keys.ParseParams(ch.params, seen)
}

// Respond proves key to the server. The proof goes to [Server.Verify].
//
// The error is keys.ErrMalformed or keys.ErrNewer for what is no challenge, the
// degenerate values of a false server included, keys.ErrMismatch if key is not
// of the kind, or not the code or device, that NewClient was given,
// keys.ErrCost for a cost outside the limits, and keys.ErrParams if the passphrase
// was stretched with other parameters than the challenge's. A wrong passphrase is
// no error yet.
func (c *Client) Respond(challenge []byte, key *keys.Credential) (*Pending, Message, error) {
	ch, err := c.read(challenge)
	if err != nil {
		return nil, nil, err
	}
	half, err := c.halfOf(key, ch)
	if err != nil {
		return nil, nil, err
	}
	group := modexp.Group3072()
	e := c.exchange(ch)
	u := scrambler(e.A, e.B)
	B, err := accept(group, ch.public, u)
	if err != nil {
		return nil, nil, fmt.Errorf("srp: challenge: %w", err)
	}
	S := group.ClientSecret(multiplier(group), B, secret.Open(c.a), u, secret.Open(half.X))
	p := e.prove(group, S)
	return &Pending{p}, encodeProof(p.m1), nil
}

// read parses a challenge and checks that it has parameters if, and only if,
// this login needs them.
func (c *Client) read(message []byte) (challenge, error) {
	ch, err := parseChallenge(message)
	if err == nil && (c.hello.slot == ring.SlotID{}) != (len(ch.params) != 0) {
		err = keys.ErrMalformed
	}
	if err == nil {
		err = ch.sound()
	}
	if err != nil {
		return challenge{}, fmt.Errorf("srp: challenge: %w", err)
	}
	return ch, nil
}

// sound checks what a client would otherwise find after the slow hash.
func (ch *challenge) sound() error {
	if B, err := modexp.Group3072().Parse(ch.public); err != nil || B.Trivial() {
		return keys.ErrMalformed
	}
	if len(ch.params) == 0 {
		return nil
	}
	_, err := keys.ParseParams(ch.params, nil)
	return err
}

// halfOf returns the login half of key, if it is one for this login.
func (c *Client) halfOf(key *keys.Credential, ch challenge) (ring.LoginHalf, error) {
	if key == nil {
		return ring.LoginHalf{}, fmt.Errorf("srp: %w: no credential", keys.ErrMismatch)
	}
	half := ring.HalfOf(key.Login())
	if half.Slot != c.hello.slot {
		return ring.LoginHalf{}, fmt.Errorf("srp: %w: another credential than the hello's", keys.ErrMismatch)
	}
	if !bytes.Equal(half.Params, ch.params) {
		return ring.LoginHalf{}, fmt.Errorf("srp: %w: stretched with other parameters than the challenge's", keys.ErrParams)
	}
	return half, nil
}

func (c *Client) exchange(ch challenge) *exchange {
	return &exchange{
		service: c.service, name: c.hello.name, kind: c.kind, slot: c.hello.slot,
		params: ch.params, A: c.hello.public, B: ch.public, binding: c.binding,
	}
}

// A Pending login has sent its proof and waits for the server's.
type Pending struct{ proofs proofs }

// Finish checks the server's proof. There is no session without it.
//
// The error is keys.ErrMalformed or keys.ErrNewer for what is no reply, and
// ErrLogin for a server that does not know the account.
func (p *Pending) Finish(reply []byte) (*Session, error) {
	m2, err := parseReply(reply)
	if err != nil {
		return nil, fmt.Errorf("srp: reply: %w", err)
	}
	if subtle.ConstantTimeCompare(m2, secret.Open(p.proofs.m2)) != 1 {
		return nil, ErrLogin
	}
	return &Session{key: p.proofs.session}, nil
}
