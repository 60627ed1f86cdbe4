package envelope

import (
	"crypto/ed25519"
	"slices"

	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/keys"
)

// Seal encrypts plaintext as the version after ref.Seen, for everybody in r,
// and signs it. It returns the document and the Ref to keep once the document
// is stored.
//
// The document is bound to r, to the type and the id of ref, to the version
// before and to all r knows at this moment. It is 375 bytes longer than
// plaintext, 161 more for each further 256 KiB, and padded, to at least 64 bytes
// and by less than 12 % above these, so that its length tells little of the
// plaintext's. Nothing is compressed.
//
// The error is keys.ErrMalformed for a ref outside its limits, or what r says
// if nothing may be sealed now, such as keys.ErrBehind. Seal is safe for
// concurrent use, uses all cores for large documents, and keeps nothing of
// plaintext.
func Seal(r keys.Ring, ref Ref, plaintext []byte) ([]byte, Ref, error) {
	return AppendSeal(nil, r, ref, plaintext)
}

// AppendSeal is [Seal], appending the document to dst, which must not overlap
// plaintext. With room in dst no memory is allocated for the document. If there
// is an error, nothing is returned.
func AppendSeal(dst []byte, r keys.Ring, ref Ref, plaintext []byte) ([]byte, Ref, error) {
	s, err := newSealer(r, ref, uint64(len(plaintext)))
	if err != nil {
		return nil, Ref{}, err
	}
	out := s.appendAll(dst, plaintext)
	ref.Seen = s.mark()
	ref.Seen.Content = s.contentOf(s.stamps)
	return out, ref, nil
}

// A sealer seals the segments of one document.
type sealer struct {
	document
	sign secret.Value[ed25519.PrivateKey]

	// For appendAll.
	dst, plaintext []byte
	shape          shape
	stamps         []stamp
	one            [1]stamp // where one stamp is kept
}

// newSealer makes everything but the segments: size is that of the data, or
// unknownSize.
func newSealer(r keys.Ring, ref Ref, size uint64) (*sealer, error) {
	if err := ref.check(); err != nil {
		return nil, err
	}
	revision, err := ref.next()
	if err != nil {
		return nil, err
	}
	view := ring.Of(r.Ring())
	with, err := view.Sealing()
	if err != nil {
		return nil, in("seal", err)
	}
	s := &sealer{sign: with.Sign}
	s.header = header{view.ID(), with.Generation, revision}
	s.facts = facts{with.Author, with.Epoch, with.Head, ref.Seen.Commitment, size}
	var room [roomSize]byte
	s.box.Start(with.Key, label.Document, s.appendContext(room[:0], ref))
	s.bind(ref)
	return s, nil
}

// appendHead appends what is public.
func (s *sealer) appendHead(dst []byte) []byte {
	return append(s.header.append(dst), s.box.Prefix()...)
}

// appendAll appends the whole document.
func (s *sealer) appendAll(dst, plaintext []byte) []byte {
	s.plaintext, s.shape = plaintext, shapeOf(padded(uint64(len(plaintext))))
	s.stamps = stampsFor(s.shape.segments, &s.one)
	start := len(dst)
	dst = slices.Grow(dst, int(s.shape.sealedSize()))
	dst = s.appendHead(dst)[:start+int(s.shape.sealedSize())]
	s.dst = dst[start:]
	if err := each(s.shape.segments, &s.own, s); err != nil {
		panic("envelope: internal error: " + err.Error()) // segment has none
	}
	return dst
}

// segment implements job, for appendAll.
func (s *sealer) segment(l *lane, index uint64) error {
	at, size := stampAt(index)
	room := s.dst[at:]
	chunk := s.shape.plain(s.plaintext, index, room[size:])
	last, length := index+1 == s.shape.segments, lengthThrough(index, uint64(len(s.plaintext)))
	s.stamps[index] = stamp{last, length, hashOf(chunk)}
	s.appendSegment(room[:0], l, index, s.stamps[index], chunk)
	return nil
}

// plain returns a chunk. Where it is padded it is put together in room, which
// is where it will be sealed.
func (s shape) plain(plaintext []byte, index uint64, room []byte) []byte {
	from, n := min(index*chunkSize, uint64(len(plaintext))), s.chunk(index)
	data := plaintext[from:]
	if len(data) >= n {
		return data[:n]
	}
	chunk := room[:n]
	clear(chunk[copy(chunk, data):])
	return chunk
}

// appendSegment appends a segment: the sealed stamp, then the sealed chunk
// (spec, Section 8.4). The chunk may lie where it will be sealed, behind the
// room of the stamp.
func (s *sealer) appendSegment(dst []byte, l *lane, index uint64, st stamp, chunk []byte) []byte {
	var message [messageSize]byte
	plain := l.stamp[:0]
	if index == 0 {
		plain = s.facts.append(plain)
	}
	body := len(plain)
	plain = st.append(plain)
	signature := ed25519.Sign(secret.Open(s.sign), s.signed(&message, index, plain[body:]))
	plain = append(plain, signature...)
	dst = l.AppendSegment(&s.box, dst, stampIndex(index), false, plain)
	return l.AppendSegment(&s.box, dst, chunkIndex(index), st.last, chunk)
}
