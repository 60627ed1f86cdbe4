package insomnia

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"sync/atomic"

	"github.com/sealkin/sealkin/internal/modexp"
	"github.com/sealkin/sealkin/internal/secret"
)

// A Client is Insomnia's SRP (Section 10), our side, before the server's B.
type Client struct {
	clientSecrets
	public []byte // A
}

type clientSecrets = secret.Value[*clientKeys]

type clientKeys struct{ x, a []byte }

// Login starts a login with what the server sends first, the e-mail and the
// salts; the other members may be missing. The string is A, for the server. It
// takes 100,000 rounds of PBKDF2. The error is [ErrMalformed]: for a bad salt, or
// an e-mail or a passphrase that is not UTF-8 or longer than 64 KiB.
func (r *Record) Login(passphrase string) (*Client, string, error) {
	email, err := cleanEmail(r.Email)
	salt, ok := fromHex(r.SaltAuth, saltSize)
	if err != nil || !ok {
		return nil, "", ErrMalformed
	}
	auth, err := r.secret(passphrase, r.SaltKey)
	if err != nil {
		return nil, "", err
	}
	c := newClient(srpX(salt, email, auth), randomScalar())
	return c, hex.EncodeToString(c.public), nil
}

func newClient(x, a []byte) *Client {
	return &Client{secret.Hide(&clientKeys{x, a}), modexp.Group2048().PowG(a).Bytes()}
}

// Respond takes the server's B and returns M1, the proof of the passphrase.
// [ErrMalformed] means that B is not one.
func (c *Client) Respond(b string) (*Pending, string, error) {
	g := modexp.Group2048()
	theirs, err := parseElement(b)
	if err != nil {
		return nil, "", err
	}
	u, err := srpU(c.public, theirs.Bytes())
	if err != nil {
		return nil, "", err
	}
	keys := secret.Open(c.clientSecrets)
	// S = (B − k·g^x)^(a + u·x); the exponent has 65 bytes whatever the values.
	base := g.Sub(theirs, g.Mul(g.Small(srpK()), g.PowG(keys.x)))
	s := g.Pow(base, modexp.MulAdd(keys.a, u, keys.x)).Bytes()
	p := newProofs(c.public, theirs.Bytes(), s)
	return &Pending{secret.Hide(p)}, hex.EncodeToString(p.m1), nil
}

// A Pending login waits for the server's M2.
type Pending struct{ pendingSecrets }

type pendingSecrets = secret.Value[*proofs]

// Finish checks the server's M2 and returns the session id, which is a secret.
// The error is [ErrOpen], or [ErrMalformed] for what is not 64 hex digits.
func (p *Pending) Finish(m2 string) (session string, err error) {
	got, ok := fromHex(m2, sha256.Size)
	if !ok {
		return "", ErrMalformed
	}
	want := secret.Open(p.pendingSecrets)
	if subtle.ConstantTimeCompare(got, want.m2) == 0 {
		return "", ErrOpen
	}
	return hex.EncodeToString(want.k), nil
}

// A Server is the other side, for one login.
type Server struct {
	serverSecrets
	public []byte // B
	used   *atomic.Bool
}

type serverSecrets = secret.Value[*serverKeys]

type serverKeys struct {
	v *modexp.Element
	b []byte
}

// Challenge starts the server's side of a login; it needs the Verifier only. The
// string is B, for the client. The error is [ErrMalformed].
func (r *Record) Challenge() (*Server, string, error) {
	v, err := parseElement(r.Verifier)
	if err != nil {
		return nil, "", err
	}
	s := newServer(v, randomScalar())
	return s, hex.EncodeToString(s.public), nil
}

func newServer(v *modexp.Element, b []byte) *Server {
	g := modexp.Group2048()
	public := g.Add(g.Mul(g.Small(srpK()), v), g.PowG(b)).Bytes()
	return &Server{secret.Hide(&serverKeys{v, b}), public, new(atomic.Bool)}
}

// Verify checks the client's A and M1, and only then returns the server's M2
// and the session id. It works once: a second guess needs another challenge.
// [ErrMalformed] means that A or M1 is not one; everything else is [ErrOpen].
func (s *Server) Verify(a, m1 string) (m2, session string, err error) {
	theirs, err := parseElement(a)
	if err != nil || theirs.Trivial() {
		return "", "", ErrMalformed
	}
	got, ok := fromHex(m1, sha256.Size)
	if !ok {
		return "", "", ErrMalformed
	}
	u, err := srpU(theirs.Bytes(), s.public)
	if err != nil {
		return "", "", err
	}
	if s.used.Swap(true) {
		return "", "", ErrOpen
	}
	g, keys := modexp.Group2048(), secret.Open(s.serverSecrets)
	// S = (A · v^u)^b
	shared := g.Pow(g.Mul(theirs, g.Pow(keys.v, u)), keys.b).Bytes()
	p := newProofs(theirs.Bytes(), s.public, shared)
	if subtle.ConstantTimeCompare(got, p.m1) == 0 {
		return "", "", ErrOpen
	}
	return hex.EncodeToString(p.m2), hex.EncodeToString(p.k), nil
}

// proofs are M1, M2 and K of Section 10.
type proofs struct{ m1, m2, k []byte }

func newProofs(a, b, s []byte) *proofs {
	k, m1 := hash(s), hash(a, b, s)
	return &proofs{m1: m1, m2: hash(a, m1, k), k: k}
}

// srpX is x of Section 10. password is the 32 bytes of authSecret.
func srpX(salt []byte, email string, password []byte) []byte {
	return hash(salt, hash([]byte(email), []byte(":"), password))
}

// verifier is PAD(v).
func verifier(x []byte) []byte { return modexp.Group2048().PowG(x).Bytes() }

func srpK() []byte {
	g := modexp.Group2048()
	return hash(g.N(), g.G())
}

// srpU is u. Insomnia does not look for zero, which nobody will ever see.
func srpU(a, b []byte) ([]byte, error) {
	u := hash(a, b)
	if isZero(u) {
		return nil, ErrMalformed
	}
	return u, nil
}

func isZero(b []byte) bool { return subtle.ConstantTimeCompare(b, make([]byte, len(b))) == 1 }

func parseElement(digits string) (*modexp.Element, error) {
	b, ok := fromHex(digits, modexp.Group2048().Size())
	if !ok {
		return nil, ErrMalformed
	}
	e, err := modexp.Group2048().Parse(b)
	if err != nil {
		return nil, ErrMalformed
	}
	return e, nil
}

// randomScalar is a or b: 32 random bytes.
func randomScalar() []byte {
	b := make([]byte, keySize)
	rand.Read(b)
	return b
}

func hash(parts ...[]byte) []byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}
