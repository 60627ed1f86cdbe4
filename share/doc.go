// Package share keeps groups: who is in, and with which key.
//
// Most apps need four calls: [Create] when a group starts, [Group.Add] to take
// in somebody whose [keys.AccountID] was compared, [Join] on that person's side,
// and [Group.Remove]. [Group.Ring] is what package envelope seals documents for.
//
//	entry 0 ◀─ entry 1 ◀─ entry 2 …     the log: a hash chain of signed changes
//	   │ commits to          │
//	   key 1 ◀──── box ──── key 2       one key per generation; the newer opens the older
//	                         │
//	                link, link, link     the newest key, sealed to each member
//
// The server keeps all of it and decides nothing: members are whoever the chain
// says, and each reader checks the whole chain. It can't add anybody, can't show
// two histories to people who exchange a document unnoticed, and can't hand out a
// key that the chain does not commit to. What takes a right away makes a new key, or
// marks one due, before which nothing else may happen.
//
// Every change is a value, a [Change]: it lists all that has to be stored, if
// the log still has the length it was made for, and touches nothing itself.
// [Change.After] is the group as it will be then. [Log] is the public side, for
// servers too: [ReadLog] and [Log.Accept] need no key.
//
// There are three doors to a group: [Join] names the inviter, [Resume] goes on
// from a bookmark, [Redeem] enters with a code. [Restore] opens what
// [Group.Marshal] kept on this device, without verifying it all again.
//
// Four words are near each other: [keys.Account.Rotate] makes new keys for a
// person, [Group.Rekey] tells a group about them, [Group.Rotate] makes a new key
// for a group, and envelope.Reseal seals a document anew under the newest key.
//
// The formats are those of docs/spec.md, Section 9.
package share
