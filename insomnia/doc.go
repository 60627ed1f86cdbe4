// Package insomnia reads and writes the end-to-end encryption of Insomnia, the
// API client, byte for byte and in both directions: accounts, links, documents
// and login. Use it to move a workspace from there to here (examples/migrate
// does the whole of it, docs/insomnia.md explains it), or to talk to a program
// that speaks these formats. For anything new, use packages keys, share and
// envelope.
//
// Most programs need four calls: [Record.Unlock] opens an account,
// [Account.OpenLink] the key of a group, [GroupKey.OpenBlob] and
// [GroupKey.OpenResource] its documents.
//
// # What these formats do not protect
//
//   - Nothing binds a document to its place. Whoever stores them can swap two
//     documents of a group, hand out an old version, or leave some out; what a
//     blob's id binds is its content, by SHA-1.
//   - A link has no sender. RSA-OAEP needs the public key only, so the server
//     can give a member a group key of its own; and since nobody can tell whose
//     a public JWK is, it can have a group key sealed to itself.
//   - Nobody signs a document: every member, and everybody who ever was one, can
//     write as any other. A removed member keeps the key for good.
//   - A passphrase is stretched by 100,000 rounds of PBKDF2-HMAC-SHA-256, a
//     sixth of today's advice: 10⁹ guesses are some hours of one large graphics
//     card, and cost a few dollars.
//   - RSA-2048 and X25519 do not outlast a quantum computer, and what was
//     recorded today will be opened by one.
//
// This package can't mend that without ceasing to be compatible. Where only
// Insomnia's implementation is unsafe it does not follow: tags have 16 bytes
// and IVs 12, hex is lower-case hex, a JWK has the members it must have and no
// others, RSA keys have 2048 bits and are validated, compressed documents have a
// limit, and a private key must belong to the public key beside it.
//
// # FIPS 140-3
//
// Insomnia's formats use what GODEBUG=fips140=only does not approve: SHA-1 for
// the ids of blobs, HKDF with an e-mail as its key, which may be shorter than
// 112 bits, and the sealed boxes of libsodium (X25519, XSalsa20 and Poly1305).
// This package does these, and only these, outside of the mode's enforcement, so
// that it works there as anywhere. That does not make them approved.
//
// # Conventions
//
// "Section" in the comments is one of testdata/insomnia/README.md, which is the
// specification. There are two failures. [ErrMalformed] is decided before any key
// is derived or used: by public bytes, or by what the caller passes in, which is
// unfit if it is an e-mail, a passphrase or a session id that is not UTF-8 or
// longer than 64 KiB, or a document to seal that is not a JSON object in UTF-8 of
// at most 64 MiB. Everything that needs a key is [ErrOpen], one value, so that no
// caller becomes an oracle. No value here that holds a secret shows it to a
// formatter, a logger or an encoder. All are safe for concurrent use.
package insomnia

import "errors"

// The two failures.
var (
	// ErrMalformed means that the input is not in Insomnia's format, or outside
	// the limits: a record, a message or a link, but also an e-mail, a passphrase
	// or a document to seal. It is decided before any key is used.
	ErrMalformed = errors.New("insomnia: not Insomnia's format")

	// ErrOpen means a wrong passphrase or key, or a change since. It never says
	// which, nor what was wrong with what came out.
	ErrOpen = errors.New("insomnia: wrong passphrase or key, or changed since")
)
