// Package keys turns a passphrase into an account, and is the only place where
// keys are made.
//
// Most apps need four calls: [NewPassphrase] and [NewAccount] when somebody
// signs up; [Params.Stretch] and [LockedAccount.Unlock] on any later day.
//
//	passphrase, code or device ── Credential ─┬─ login half:  package srp
//	                                          └─ unlock half: one slot of the record
//	LockedAccount (the server's) ── Unlock ── Account ── packages envelope and share
//
// An account has several ways in: a passphrase, recovery codes, devices, and
// people who are trusted with it. Each also logs in, each is added and removed
// without the secrets of the others, and losing one loses nothing else. What the
// server stores, a [LockedAccount], is one signed record. Every change gives the
// next record and touches nothing: commit it, then use the new value. The record
// that was last seen is the pin against a server that goes back.
//
// Public keys enter as an [*Identity]: by [ParseIdentity], which is told whose it
// must be, or by [TrustFirst], whose name is a warning. Nothing in this module seals
// to anything else but package insomnia, whose formats have no identities.
//
// This package is not for documents (package envelope) and not for sharing
// (package share). It keeps nothing, opens no connection and reads no clock but
// in [Calibrate]. All values are immutable and safe for concurrent use. Secrets
// show nothing to package fmt, to loggers and to encoders; they are not wiped
// from memory, since Go copies values and a promise would be empty.
//
// The formats are those of docs/spec.md, Sections 4 to 6.
package keys
