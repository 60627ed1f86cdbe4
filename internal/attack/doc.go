// Package attack holds the tests that carry out each attack of docs/attacks.md
// against whole accounts, groups, documents and logins on a hostile server: one
// subtest of TestAttack for each id. What the parts do against them stands in
// the tests of keys, srp, envelope and share.
package attack
