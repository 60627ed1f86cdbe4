// Package modexp is arithmetic in the groups of SRP, constant-time in source
// (filippo.io/bigmod). The groups are those of github.com/1Password/srp, pinned
// by hash, since that package keeps them in a map that anybody can change.
package modexp
