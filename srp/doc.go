// Package srp logs in with a secret that the server never sees: a passphrase, a
// recovery code or a device, whatever a [keys.Credential] is made of.
//
// A login is two round trips. The client sends a hello and gets a challenge,
// sends its proof and gets a reply:
//
//	client                                server
//	NewClient          ── hello ──▶       Server.Challenge ── state ──▶ store
//	Client.Params      ◀─ challenge ──
//	keys.Params.Stretch
//	Client.Respond     ── proof ──▶       Server.Verify    ◀── state ── store
//	Pending.Finish     ◀─ reply ──
//	Session                               Session
//
// Each state is a type, and what is not allowed yet has no method. Only a
// [Session] has a key, and there is none before the other side has proved
// itself: first the client, then the server, whose proof is mandatory. Both
// sides get the same [Session.Token], which later requests carry, and which no
// message contains.
//
// The server keeps nothing between the two requests. It gives the app a state
// to store for two minutes where all replicas reach it, and to take (read and
// delete in one step) before Verify, so that one challenge allows one guess.
// How many challenges somebody gets is the app's to limit, in the look-up. The
// example of [Server] is a whole HTTP server.
//
// What an outsider gets, who has no valid credential: parameters and a salt for
// any name, known or not, that look alike, and the words "wrong name,
// passphrase or code". Nothing that can be used to test guesses offline.
//
// What no login of this kind can give: who steals the account records can test
// guesses at a passphrase, each at the full cost of the slow hash (a second
// secret in [keys.NewPassphrase] prevents it), and can then play the server to
// the client. And it is classical: who records a login and has a quantum
// computer later can test guesses then. What is stored stays safe, since the
// login half opens nothing.
//
// The arithmetic is constant-time in source. All types are immutable and safe
// for concurrent use. The formats are those of docs/spec.md, Section 7.
package srp
