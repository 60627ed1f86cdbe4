// Package secret holds key material that no formatter, logger or encoder
// shows, also when it sits in somebody's unexported field.
//
// A value is kept inside a closure, because reflection can't see inside one:
// fmt does not call Format on unexported fields, and some of its verbs follow
// pointers. The func field also makes == a compile error.
//
// Wiping is not offered: Go copies values when a stack grows or an interface
// is filled, and a promise that holds for one of the copies is none.
package secret

import (
	"bytes"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Value keeps one secret of type T. The zero Value holds none.
type Value[T any] struct {
	reveal func() T
}

// Hide puts v into a Value. v must not be changed afterwards.
func Hide[T any](v T) Value[T] {
	return Value[T]{func() T { return v }}
}

// Open returns what was hidden. It is a function, not a method, so that only
// the packages of this module can call it. Opening the zero Value panics.
func Open[T any](v Value[T]) T { return v.reveal() }

// IsZero reports whether v holds nothing.
func IsZero[T any](v Value[T]) bool { return v.reveal == nil }

// Key is opaque key material.
type Key = Value[[]byte]

// New copies b into a Key.
func New(b []byte) Key { return Hide(bytes.Clone(b)) }

// Reveal returns a copy of the material of k.
func Reveal(k Key) []byte { return bytes.Clone(k.reveal()) }

// Equal compares two keys in a time that depends on their lengths only.
func Equal(a, b Key) bool {
	return subtle.ConstantTimeCompare(a.reveal(), b.reveal()) == 1
}

const redacted = "[secret]"

var errEncode = errors.New("secret: key material can't be encoded")

// Format writes a placeholder, whatever the verb.
func (Value[T]) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// LogValue returns a placeholder.
func (Value[T]) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText fails.
func (Value[T]) MarshalText() ([]byte, error) { return nil, errEncode }

// MarshalBinary fails.
func (Value[T]) MarshalBinary() ([]byte, error) { return nil, errEncode }
