package ring

import "github.com/sealkin/sealkin/internal/secret"

// SlotID names a way to unlock an account, to the server. The zero SlotID
// stands for the passphrase, of which an account has at most one.
type SlotID = [16]byte

// SlotKind says what opens a slot.
type SlotKind uint8

// The kinds of slots.
const (
	Passphrase SlotKind = iota + 1
	Code
	Device
	Trustee // opened by another account; can't log in
)

// A Login is the login half of a credential.
type Login struct{ half secret.Value[LoginHalf] }

// NewLogin wraps h.
func NewLogin(h LoginHalf) Login { return Login{secret.Hide(h)} }

// HalfOf returns what was wrapped.
func HalfOf(l Login) LoginHalf { return secret.Open(l.half) }

// LoginHalf is what package srp needs of a credential.
type LoginHalf struct {
	X      secret.Key // 32 bytes: the exponent (spec, Section 7.2)
	Kind   SlotKind
	Slot   SlotID // zero for a passphrase
	Params []byte // the record of a passphrase's parameters, else empty
}

// Verifier is what a server needs of a slot for a login. It is not changed.
type Verifier struct {
	Kind   SlotKind
	Params []byte // as in LoginHalf
	V      []byte // g^x, 384 bytes
}
