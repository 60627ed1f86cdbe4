package hostile

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
)

// A TB is the part of *testing.T that this package needs.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
}

// Observe records what a client sends otherwise: messages of a login, a report
// of an error.
func (s *Server) Observe(sent ...[]byte) {
	s.sent.mu.Lock()
	defer s.sent.mu.Unlock()
	for _, b := range sent {
		s.sent.sent = append(s.sent.sent, bytes.Clone(b))
	}
}

// Sent returns all that clients sent.
func (s *Server) Sent() [][]byte { return cloned(s.sent.all()) }

// all returns what is there, to read only.
func (r *record) all() [][]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.sent)
}

// NoLeak fails the test if a client has sent secret in some form, named what. A
// secret of less than 8 bytes would be found by chance, and fails too.
func (s *Server) NoLeak(t TB, what string, secret []byte) {
	t.Helper()
	if len(secret) < 8 {
		t.Errorf("hostile: %s is too short to look for", what)
		return
	}
	if form := s.Leaked(secret); form != "" {
		t.Errorf("hostile: a client has sent %s, %s", what, form)
	}
}

// Leaked returns the form in which a client has sent secret, or "".
func (s *Server) Leaked(secret []byte) string {
	sum := sha256.Sum256(secret)
	sent := s.sent.all()
	for _, f := range append(forms("as it is", secret), forms("hashed", sum[:])...) {
		for _, b := range sent {
			if bytes.Contains(b, f.bytes) || f.fold && bytes.Contains(bytes.ToLower(b), f.bytes) {
				return f.name
			}
		}
	}
	return ""
}

type form struct {
	name  string
	bytes []byte
	fold  bool // in either case
}

// forms returns how b could stand in a message: raw, hex, and base64 of both
// alphabets wherever it begins in what was encoded.
func forms(name string, b []byte) []form {
	out := []form{
		{name, b, false},
		{name + ", hex", []byte(hex.EncodeToString(b)), true},
	}
	for shift := range 3 {
		text := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), b...))
		text = text[[3]int{0, 2, 3}[shift]:]                      // what depends on the bytes before
		text = text[:len(text)-[3]int{0, 2, 1}[(shift+len(b))%3]] // and behind
		url := strings.NewReplacer("+", "-", "/", "_").Replace(text)
		out = append(out, form{name + ", base64", []byte(text), false}, form{name + ", base64url", []byte(url), false})
	}
	return out
}
