// Package envelope seals and opens documents: bytes, files, streams, and ranges
// of remote files. Most apps need [Seal] and [Open]; [Reseal] takes over what
// somebody wrote who left.
//
// A document is sealed for a [keys.Ring]: an account, for oneself, or a group of
// package share, for its members. To let somebody else read, add them to the
// group; nothing is done to the document.
//
//	sealed, ref, err := envelope.Seal(team, ref, plaintext)  // store sealed, then keep ref
//	opened, err := envelope.Open(team, ref, sealed)          // opened.Plaintext, opened.Author
//
// What is bound, and so can't be changed, moved or exchanged: the group, the
// generation of its key, the revision, the type and the id of the document, the
// author, what the author had seen of the group, the version before, the length,
// and every byte. Each segment is signed by its author, and a reader accepts
// only an author who could write then and may still. Nothing is given out that
// was not checked and attributed, also from streams.
//
// A [Ref] says which document is meant and, by its Mark, which version was seen
// last. Keep the one that a call returns: it is what a rollback is noticed by.
//
// Large documents are sealed and opened on all cores. The length is padded
// (Padmé); nothing is compressed, because what compresses well tells about its
// content: do not compress either, where a stranger's text and a secret meet.
//
// The format is that of docs/spec.md, Section 8.
package envelope
