package envelope

import (
	"crypto/ed25519"
	"slices"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/keys"
)

// Opened is a document with its facts. Keep Ref for the next [Seal] or [Open].
type Opened struct {
	Ref        Ref            // with the version that was opened as Seen
	Author     keys.AccountID // who signed it, and could and may write here
	Generation uint32         // of the key it was sealed under
	Size       int64          // bytes of data; -1 from [NewReader] of a document that was sealed as a stream
	Plaintext  []byte         // nil from [NewReader] and [NewReaderAt]
}

// Open opens the document that ref means, and refuses what is older than
// ref.Seen, or another version of the same number. Nothing is returned that was
// not checked: the author, who could write when it was written and still may,
// has signed all of it, for this place.
//
// The errors, in the order in which they are looked for: keys.ErrMalformed,
// keys.ErrNewer or ErrTruncated for what is not a document;
// keys.ErrMismatch for one of another account or group; keys.ErrBehind if its
// key is not here; keys.ErrOpen for another type or id, or whatever was
// changed; keys.ErrRollback; keys.ErrBehind, keys.ErrFork or ErrAuthor because
// of the author; keys.ErrFork because of ref.Seen; ErrFormer; ErrTruncated; and
// keys.ErrFork for another content than that of ref.Seen.
//
// Open is safe for concurrent use, uses all cores for large documents, and
// keeps nothing of sealed.
func Open(r keys.Ring, ref Ref, sealed []byte) (*Opened, error) {
	return AppendOpen(nil, r, ref, sealed)
}

// AppendOpen is [Open], appending the plaintext to dst, which must not overlap
// sealed: Plaintext begins with what dst held. With room in dst for data and
// padding no memory is allocated for them.
func AppendOpen(dst []byte, r keys.Ring, ref Ref, sealed []byte) (*Opened, error) {
	o, err := openHead(r, ref, sealed, current)
	if err != nil {
		return nil, err
	}
	return o.openAll(dst, sealed)
}

// Reseal takes a document over: it opens it, also if its author may no longer
// write, and seals it as the next version, under the newest key and signed by
// whoever r belongs to. From then on you vouch for it: [Open] the result and look
// at it before it is stored.
//
// With old keys and the server's help, a former author can make versions after
// the one that was seen last, and other contents of that one. So what a former
// author wrote is taken over only if ref.Seen is this version and knows its content,
// or if it is zero and nobody here has seen any; else the error is ErrFormer. The
// other errors are those of [Open] and of [Seal].
func Reseal(r keys.Ring, ref Ref, sealed []byte) ([]byte, Ref, error) {
	o, err := openHead(r, ref, sealed, former)
	if err != nil {
		return nil, Ref{}, err
	}
	if o.standing == former && !ref.vouches(o.mark()) {
		return nil, Ref{}, ErrFormer
	}
	opened, err := o.openAll(nil, sealed)
	if err != nil {
		return nil, Ref{}, err
	}
	return Seal(r, opened.Ref, opened.Plaintext)
}

// Who may have written a document that is opened.
const (
	current = ring.Current
	former  = ring.Former
)

// An opener opens the segments of one document whose author was checked.
type opener struct {
	document
	ref   Ref // with this document as Seen
	key   ed25519.PublicKey
	first stamp

	standing ring.Standing // of the author

	end end // as soon as it is found

	// For openAll.
	sealed bytesAt
	dst    []byte
	stamps []stamp
	one    [1]stamp // where one stamp is kept
}

// openHead checks all that can be told from head and first stamp, which sealed
// begins with: everything but the chunks, and the end (spec, Section 8.5).
func openHead(r keys.Ring, ref Ref, sealed []byte, least ring.Standing) (*opener, error) {
	if err := ref.check(); err != nil {
		return nil, err
	}
	h, prefix, err := parseHead(sealed)
	if err != nil {
		return nil, err
	}
	if len(sealed) < prologueSize {
		return nil, ErrTruncated
	}
	view := ring.Of(r.Ring())
	o := &opener{ref: ref}
	if err := o.unlock(view, h, prefix); err != nil {
		return nil, err
	}
	if err := ref.notBelow(h.revision); err != nil {
		return nil, err
	}
	return o, o.attribute(view, sealed[headSize:prologueSize], least)
}

// unlock derives the box, and so checks the place of the document.
func (o *opener) unlock(view ring.View, h header, prefix *[box.PrefixSize]byte) error {
	if h.group != view.ID() {
		return in("open", keys.ErrMismatch)
	}
	key, err := view.DocumentKey(h.generation)
	if err != nil {
		return in("open", err)
	}
	o.header = h
	var room [roomSize]byte
	if err := o.box.Resume(key, label.Document, o.appendContext(room[:0], o.ref), prefix); err != nil {
		return in("open", err)
	}
	return nil
}

// attribute opens the first stamp and judges its author. That the author may no
// longer write is told last, of genuine documents only.
func (o *opener) attribute(view ring.View, sealed []byte, least ring.Standing) error {
	plain, err := o.own.AppendChunk(&o.box, o.own.stamp[:0], stampIndex(0), false, sealed)
	if err != nil {
		return in("open", err)
	}
	o.facts = parseFacts(plain)
	o.bind(o.ref)
	key, standing, err := view.Author(ring.Claim{
		Author: o.facts.author, Epoch: o.facts.epoch, Generation: o.header.generation, Head: o.facts.head,
	})
	if err != nil {
		return in("open", err)
	}
	if standing != ring.Current && standing != ring.Former {
		return ErrAuthor
	}
	o.key, o.standing = key, standing
	if o.first, err = o.verify(0, plain[factsSize:]); err != nil {
		return err
	}
	if err := o.ref.follows(o.mark(), o.facts.predecessor); err != nil {
		return err
	}
	if (o.header.revision == 1) != (o.facts.predecessor == [32]byte{}) {
		return malformed("the first revision, and no other, has no predecessor")
	}
	if standing < least {
		return ErrFormer
	}
	if got := o.mark(); o.ref.Seen.head() != got {
		o.ref.Seen = got
	}
	return nil
}

// complete compares the content with what was seen of this version before, and
// takes it into the mark.
func (o *opener) complete(content [32]byte) error {
	if err := o.ref.holds(content); err != nil {
		return err
	}
	o.ref.Seen.Content = content
	return nil
}

// verify checks the signature of a stamp that was opened.
func (o *opener) verify(index uint64, plain []byte) (stamp, error) {
	var message [messageSize]byte
	body, signature := plain[:bodySize], plain[bodySize:]
	if !ed25519.Verify(o.key, o.signed(&message, index, body), signature) {
		return stamp{}, ErrAuthor
	}
	st, ok := parseStamp(body)
	if !ok {
		return stamp{}, malformed("stamp")
	}
	return st, nil
}

// openStamp opens and verifies the stamp of a segment.
func (o *opener) openStamp(l *lane, index uint64, sealed []byte) (stamp, error) {
	if index == 0 {
		return o.first, nil
	}
	plain, err := l.AppendChunk(&o.box, l.stamp[:0], stampIndex(index), false, sealed)
	if err != nil {
		return stamp{}, in("open", err)
	}
	return o.verify(index, plain)
}

// appendChunk opens the chunk that st vouches for, all of it.
func (o *opener) appendChunk(dst []byte, l *lane, index uint64, st stamp, sealed []byte) ([]byte, error) {
	out, err := l.AppendChunk(&o.box, dst, chunkIndex(index), st.last, sealed)
	if err != nil {
		return nil, in("open", err)
	}
	chunk := out[len(dst):]
	if hashOf(chunk) != st.hash {
		clear(chunk)
		return nil, ErrAuthor
	}
	return out, nil
}

// openAll opens all segments of sealed, appending to dst.
func (o *opener) openAll(dst, sealed []byte) (*Opened, error) {
	o.sealed = sealed
	if err := o.findEnd(uint64(len(sealed)), &o.sealed); err != nil {
		return nil, err
	}
	start := len(dst)
	dst = slices.Grow(dst, int(o.end.size))[:start+int(o.end.size)]
	o.dst, o.stamps = dst[start:], stampsFor(o.end.segments, &o.one)
	err := each(o.end.segments, &o.own, o)
	if err == nil {
		err = o.complete(o.contentOf(o.stamps))
	}
	if err != nil {
		clear(dst[start:])
		return nil, err
	}
	opened := o.opened(int64(o.end.length))
	opened.Plaintext = dst[:start+int(o.end.length)]
	return opened, nil
}

// segment implements job, for openAll.
func (o *opener) segment(l *lane, index uint64) error {
	at, _ := stampAt(index)
	from := int(index) * chunkSize
	_, err := o.appendSegment(o.dst[from:from:from+o.end.chunk(index)], l, index, o.sealed[at:])
	return err
}

// opened returns the facts.
func (o *opener) opened(size int64) *Opened {
	return &Opened{Ref: o.ref, Author: o.facts.author, Generation: o.header.generation, Size: size}
}
