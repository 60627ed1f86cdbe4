package srp

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/modexp"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/wire"
)

// An exchange is all that both sides must agree on (spec, Section 7.3).
type exchange struct {
	service, name string
	kind          ring.SlotKind
	slot          ring.SlotID
	params        []byte
	A, B          []byte // padded
	binding       []byte
}

// accept judges the public value of the other side, and u.
func accept(group *modexp.Group, theirs, u []byte) (*modexp.Element, error) {
	if isZero(u) {
		return nil, wire.Malformed("u is zero")
	}
	return public(group, theirs)
}

// transcript binds everything (spec, Section 7.3). Unlike in RFC 2945, all
// numbers are padded, and all parts have their lengths in front.
func (e *exchange) transcript(group *modexp.Group) []byte {
	b := wire.Join([]byte(label.SRPTranscript), group.N(), group.G(), []byte(e.service), []byte(e.name))
	b = append(b, byte(e.kind))
	b = append(b, e.slot[:]...)
	b = append(b, wire.Join(e.params, e.A, e.B, e.binding)...)
	sum := sha256.Sum256(b)
	return sum[:]
}

// proofs are what follows from S.
type proofs struct{ m1, m2, session secret.Key }

func (e *exchange) prove(group *modexp.Group, S *modexp.Element) proofs {
	prk := box.Extract(e.transcript(group), secret.Hide(S.Bytes()))
	m1 := box.Expand(prk, label.SRPClient, proofSize)
	return proofs{
		m1:      m1,
		m2:      box.Expand(prk, label.SRPServer, proofSize, secret.Open(m1)),
		session: box.Expand(prk, label.SRPSession, box.KeySize),
	}
}

// multiplier is k = H(N ‖ PAD(g)) (RFC 5054, Section 2.5.3), which makes one
// run test one guess only.
func multiplier(group *modexp.Group) *modexp.Element {
	k := sha256.Sum256(append(group.N(), group.G()...))
	return group.Small(k[:])
}

// scrambler is u = H(PAD(A) ‖ PAD(B)) (RFC 5054, Section 2.6).
func scrambler(A, B []byte) []byte {
	h := sha256.New()
	h.Write(A)
	h.Write(B)
	return h.Sum(nil)
}

func isZero(u []byte) bool { return subtle.ConstantTimeCompare(u, make([]byte, len(u))) == 1 }

// draw draws an exponent of 32 bytes, again if the public value that follows
// from it is one that the other side would refuse, or is not usable.
func draw(group *modexp.Group, publicOf func(exponent []byte) *modexp.Element, usable func(padded []byte) bool) (secret.Key, []byte) {
	for {
		exponent := make([]byte, 32)
		rand.Read(exponent)
		padded := publicOf(exponent).Bytes()
		if _, err := public(group, padded); err == nil && usable(padded) {
			return secret.Hide(exponent), padded
		}
	}
}
