package keys

import (
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"
)

// Limits of what a person types, in bytes of UTF-8 (spec, Section 10).
const (
	passphraseLimit = 1024
	nameLimit       = 255
	serviceLimit    = 255
)

// A Login says who logs in, and where. Both are bound into the credential of a
// passphrase, so that no table of guesses serves two people or two services,
// and into every login.
type Login struct {
	Service string // the app's own constant, such as "notes.example"; 1 to 255 bytes
	Name    string // as the person typed it; at most 255 bytes
}

// Canonical returns l with its name in the one form that is stored and
// compared: PRECIS UsernameCaseMapped (RFC 8265, Section 3.3). The error says
// what is wrong with the name, for the person; it never quotes it.
func (l Login) Canonical() (Login, error) {
	if l.Service == "" || len(l.Service) > serviceLimit || !utf8.ValidString(l.Service) {
		return Login{}, errors.New("keys: the service needs a name of 1 to 255 bytes")
	}
	if len(l.Name) > nameLimit {
		return Login{}, errors.New("keys: the name is too long")
	}
	name, ok := enforce(precis.UsernameCaseMapped, l.Name)
	if !ok || len(name) > nameLimit {
		return Login{}, errors.New("keys: the name is empty or has a character that names can't have")
	}
	return Login{Service: l.Service, Name: name}, nil
}

// passphraseForm returns P (spec, Section 4.2): PRECIS OpaqueString (RFC 8265,
// Section 4.2). Form version 1.
func passphraseForm(passphrase string) ([]byte, error) {
	switch {
	case passphrase == "":
		return nil, errors.New("keys: the passphrase is empty")
	case len(passphrase) > passphraseLimit:
		return nil, errors.New("keys: the passphrase is longer than 1024 bytes")
	case !utf8.ValidString(passphrase):
		return nil, errors.New("keys: the passphrase is not valid UTF-8")
	}
	form, ok := enforce(precis.OpaqueString, passphrase)
	if !ok || len(form) > passphraseLimit {
		return nil, errors.New("keys: the passphrase has a character that can't be typed reliably")
	}
	return []byte(form), nil
}

// enforce applies a profile until nothing changes, as RFC 8264, Section 7 asks,
// and refuses what the last of four applications still changes.
func enforce(p *precis.Profile, s string) (string, bool) {
	if !utf8.ValidString(s) {
		return "", false
	}
	for range 4 {
		next, err := p.String(s)
		if err != nil || next == "" {
			return "", false
		}
		if next == s {
			return s, true
		}
		s = next
	}
	return "", false
}

// labelLimit is the longest name of a slot, in bytes.
const labelLimit = 64

// validLabel reports whether label can name a slot on a settings page (spec,
// Section 6.2). It asks no table of Unicode's, which grow: a record that one
// client wrote must be read by an older one.
func validLabel(label string) bool {
	return label != "" && len(label) <= labelLimit && utf8.ValidString(label) &&
		!strings.ContainsFunc(label, deceives)
}

// deceives reports whether r is a control character, or one that breaks a line
// or turns the direction of writing, so that a page shows other labels than
// there are.
func deceives(r rune) bool {
	switch {
	case r < 0x20, 0x7f <= r && r <= 0x9f, // C0, DEL, C1
		0x2028 <= r && r <= 0x202e, 0x2066 <= r && r <= 0x2069, // lines; embeddings, overrides and isolates
		r == 0x061c, r == 0x200b, r == 0x200e, r == 0x200f, r == 0xfeff: // marks; spaces without width
		return true
	}
	return false
}
