// Package hostile is a server to test against: it holds what the server of an
// app holds, plays the honest one as long as it is asked to, and then lies.
//
//	s := hostile.New()
//	err := s.Commit(jane.ID(), created)    // what share.Create made; the honest handler: Log.Accept, then store
//	s.Twist(id, hostile.Without(0))        // omit an entry
//	s.Replace(hostile.Links, name, forged) // show something else
//	s.Rewind(hostile.Bookmarks, name, 0)   // show an older version
//	lie := s.Mischief(seed)                // one small lie, drawn from a seed: see there of which kinds
//	other := s.Fork()                      // a second world, from here on
//	s.NoLeak(t, "group key", key)          // fails if a client has ever sent it
//
// It keeps every version of everything and all that clients send, and finds a
// secret in it raw, as hex, as base64 in any alignment, and hashed. It is for
// tests: it keeps all in memory, and asks nobody who they are. What it takes and
// what it returns are copies. A Server is safe for concurrent use.
package hostile
