package box

import (
	"crypto/hkdf"
	"crypto/sha256"

	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/wire"
)

// Expand returns HKDF-Expand-SHA256(key, <l> ‖ <x1> ‖ <x2> ‖ …, n) for the
// parts x (spec, Section 2.3). key is uniform.
func Expand(key secret.Key, l label.Label, n int, parts ...[]byte) secret.Key {
	info := append(wire.Join([]byte(l)), wire.Join(parts...)...)
	out, err := hkdf.Expand(sha256.New, secret.Open(key), string(info), n)
	if err != nil {
		panic("box: internal error: " + err.Error()) // n is small, key is long enough
	}
	return secret.New(out)
}

// Extract returns HKDF-Extract-SHA256(salt, ikm): the door through which what
// is not uniform becomes a key.
func Extract(salt []byte, ikm secret.Key) secret.Key {
	out, err := hkdf.Extract(sha256.New, secret.Open(ikm), salt)
	if err != nil {
		panic("box: internal error: " + err.Error()) // ikm is long enough
	}
	return secret.New(out)
}
