// Package sealkin is a map: it holds no code. Sealkin is for apps that keep
// their users' data end-to-end encrypted. A passphrase opens an account, an
// account opens its groups, a group opens its documents, and a group is shared
// by giving its key to another account. The server keeps everything and can
// read nothing.
//
// Which package for which job:
//
//   - [github.com/sealkin/sealkin/keys]: sign up, unlock, lose a passphrase,
//     change it, add a device. Start here.
//   - [github.com/sealkin/sealkin/srp]: log in to a server with a secret that
//     it never sees.
//   - [github.com/sealkin/sealkin/envelope]: seal and open documents: bytes,
//     files, streams, ranges.
//   - [github.com/sealkin/sealkin/share]: groups: who is in, and with which
//     key.
//   - [github.com/sealkin/sealkin/insomnia]: the formats of Insomnia, from
//     which this design descends, to migrate from it or talk to it.
//   - [github.com/sealkin/sealkin/hostile]: a lying server, to test an app
//     against.
//
// An app for one person, such as a local notebook or a backup, needs keys and
// envelope only.
//
// Four words are near each other. Account.Rotate gives a person new keys;
// Group.Rekey tells a group about them; Group.Rotate gives a group a new key;
// Reseal puts a document under the newest key, vouched for by whoever does it.
//
// It is not for messaging (there is no forward secrecy within a group), not for
// passwords that a server checks by itself, and no defence against a page or an
// update that steals the passphrase: see docs/threat-model.md.
//
// The formats are those of docs/spec.md, byte for byte, with vectors in
// testdata; docs/decisions says why they are so.
package sealkin
