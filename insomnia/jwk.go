package insomnia

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/subtle"
	"encoding/base64"
	"math/big"
	"slices"
	"strings"
)

const (
	rsaBits  = 2048
	rsaSize  = rsaBits / 8
	exponent = 65537
)

// maxJWK is the most bytes of a JWK; a private key has about 1,700. maxKeyMessage
// is the most of the message it is sealed in, like maxMessage.
const (
	maxJWK        = 16 << 10
	maxKeyMessage = 6*maxJWK + 1<<10
)

var base64url = base64.RawURLEncoding.Strict()

// A jwk is a JSON Web Key with the members of Section 6 and no others. Reading
// is strict because nothing here needs to be anything else: all of Insomnia's
// producers write the same members.
type jwk map[string][]byte

// parseJWK reads a key that has all of members, perhaps "ext", and no others,
// with "alg", "kty" and "key_ops" as given.
func parseJWK[T string | []byte](in T, kty, alg string, ops []string, members ...string) (jwk, bool) {
	k, ok := parseMembers(in)
	if !ok || !k.is("kty", kty) || !k.is("alg", alg) || !k.hasOps(ops) {
		return nil, false
	}
	if ext, ok := k["ext"]; ok && string(ext) != "true" {
		return nil, false
	}
	known := append([]string{"alg", "ext", "key_ops", "kty"}, members...)
	for name := range k {
		if !slices.Contains(known, name) {
			return nil, false
		}
	}
	return k, true
}

func parseMembers[T string | []byte](in T) (jwk, bool) {
	if len(in) > maxJWK {
		return nil, false
	}
	m, ok := members([]byte(in))
	return m, ok
}

func (k jwk) is(name, want string) bool {
	got, ok := text(k[name])
	return ok && got == want
}

// hasOps reports whether key_ops is ops, in any order.
func (k jwk) hasOps(ops []string) bool {
	var got []string
	s := scanner{in: k["key_ops"]}
	ok := s.array(1, func() bool {
		s.space()
		op, ok := s.str()
		got = append(got, string(op))
		return ok
	})
	slices.Sort(got)
	return ok && slices.Equal(got, ops)
}

// number reads a member in base64url of at most size bytes, and pads it to size.
func (k jwk) number(name string, size int) ([]byte, bool) {
	digits, ok := text(k[name])
	if !ok || strings.ContainsAny(digits, "\r\n") { // which package base64 skips
		return nil, false
	}
	b, err := base64url.DecodeString(digits)
	if err != nil || len(b) > size || len(b) == 0 {
		return nil, false
	}
	return append(make([]byte, size-len(b)), b...), true
}

// parseSymmetric reads a symmetric JWK.
func parseSymmetric(in []byte) ([]byte, error) {
	k, ok := parseJWK(in, "oct", "A256GCM", []string{"decrypt", "encrypt"}, "k")
	if !ok || len(k["k"]) != base64url.EncodedLen(keySize)+len(`""`) {
		return nil, ErrMalformed
	}
	key, ok := k.number("k", keySize)
	if !ok {
		return nil, ErrMalformed
	}
	return key, nil
}

// symmetricJWK writes a key as browsers do, in the 190 bytes, once
// percent-encoded, that RSA-OAEP can hold.
func symmetricJWK(key []byte) []byte {
	return []byte(`{"alg":"A256GCM","ext":true,"k":"` + base64url.EncodeToString(key) +
		`","key_ops":["encrypt","decrypt"],"kty":"oct"}`)
}

// parsePublic reads an RSA key to encrypt to.
func parsePublic(in string) (*rsa.PublicKey, error) {
	k, ok := parseJWK(in, "RSA", "RSA-OAEP-256", []string{"encrypt"}, "e", "n")
	if !ok {
		return nil, ErrMalformed
	}
	return k.public()
}

func (k jwk) public() (*rsa.PublicKey, error) {
	n, ok := k.number("n", rsaSize)
	if !ok || !k.is("e", "AQAB") || n[0] < 0x80 || n[rsaSize-1]%2 == 0 {
		return nil, ErrMalformed
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: exponent}, nil
}

// parsePrivate reads an RSA key pair and validates all of it. math/big only
// carries the numbers to crypto/rsa, whose type wants it.
func parsePrivate(in []byte) (*rsa.PrivateKey, error) {
	k, ok := parseJWK(in, "RSA", "RSA-OAEP-256", []string{"decrypt"},
		"d", "dp", "dq", "e", "n", "p", "q", "qi")
	if !ok {
		return nil, ErrMalformed
	}
	public, err := k.public()
	if err != nil {
		return nil, err
	}
	key := &rsa.PrivateKey{PublicKey: *public}
	d, ok := k.number("d", rsaSize)
	p, okP := k.number("p", rsaSize/2)
	q, okQ := k.number("q", rsaSize/2)
	if !ok || !okP || !okQ {
		return nil, ErrMalformed
	}
	key.D = new(big.Int).SetBytes(d)
	key.Primes = []*big.Int{new(big.Int).SetBytes(p), new(big.Int).SetBytes(q)}
	key.Precompute()
	if key.Validate() != nil || !k.hasCRT(key) {
		return nil, ErrMalformed
	}
	return key, nil
}

// hasCRT compares dp, dq and qi with those that belong to the key.
func (k jwk) hasCRT(key *rsa.PrivateKey) bool {
	equal := 1
	for name, want := range crt(key) {
		got, ok := k.number(name, rsaSize/2)
		if !ok {
			return false
		}
		equal &= subtle.ConstantTimeCompare(got, want.FillBytes(make([]byte, rsaSize/2)))
	}
	return equal == 1
}

func crt(key *rsa.PrivateKey) map[string]*big.Int {
	return map[string]*big.Int{"dp": key.Precomputed.Dp, "dq": key.Precomputed.Dq, "qi": key.Precomputed.Qinv}
}

// newPair makes the key pair of an account and the two JWKs, as browsers write
// them.
func newPair() (key *rsa.PrivateKey, public, private []byte) {
	key, err := rsa.GenerateKey(rand.Reader, rsaBits)
	if err != nil {
		panic("insomnia: internal error: " + err.Error()) // the size is allowed, rand.Reader never fails
	}
	number := func(x *big.Int) string { return base64url.EncodeToString(x.Bytes()) }
	n := number(key.N)
	public = []byte(`{"alg":"RSA-OAEP-256","e":"AQAB","ext":true,"key_ops":["encrypt"],"kty":"RSA","n":"` + n + `"}`)
	private = []byte(`{"alg":"RSA-OAEP-256","d":"` + number(key.D) +
		`","dp":"` + number(key.Precomputed.Dp) + `","dq":"` + number(key.Precomputed.Dq) +
		`","e":"AQAB","ext":true,"key_ops":["decrypt"],"kty":"RSA","n":"` + n +
		`","p":"` + number(key.Primes[0]) + `","q":"` + number(key.Primes[1]) +
		`","qi":"` + number(key.Precomputed.Qinv) + `"}`)
	return key, public, private
}
