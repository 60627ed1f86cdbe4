package envelope_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"strconv"
	"testing"
	"testing/cryptotest"

	"github.com/sealkin/sealkin/internal/vectors"
)

const vectorSource = "sealkin envelope, go generate: built by the second implementation of its tests; docs/spec.md, Section 8"

// TestMakeVectors makes the vectors of this package anew.
func TestMakeVectors(t *testing.T) {
	vectors.Updating(t)
	cryptotest.SetGlobalRandom(t, 8)
	documents := makeDocuments(t)
	vectors.Write(t, "envelope/documents.json", vectorSource, documents)
	vectors.Write(t, "envelope/refusals.json", vectorSource, makeRefusals(t, documents))
}

func newRefDocument(length int) *refDocument {
	d := &refDocument{
		key: randomBytes(32), group: randomBytes(25), generation: 3, revision: 1, typ: "note", id: "42",
		author: randomBytes(25), epoch: 1, headSequence: 17, headHash: randomBytes(32),
		predecessor: make([]byte, 32), size: uint64(length), seed: randomBytes(32), salt: randomBytes(32),
	}
	return d
}

// finish fills in what follows, and makes the segments.
func (d *refDocument) finish(length int) *refDocument {
	d.derive()
	d.split(pattern(length), func() []byte { return randomBytes(12) })
	d.sign()
	return d
}

func makeDocuments(t *testing.T) (out []docVector) {
	for _, c := range []struct {
		name   string
		length int
		change func(*refDocument)
	}{
		{"empty", 0, nil},
		{"1 byte", 1, nil},
		{"64 bytes, not padded", 64, nil},
		{"65 bytes, padded to 66", 65, nil},
		{"a second revision", 100, func(d *refDocument) { d.revision, d.predecessor = 2, randomBytes(32) }},
		{"a stream", 100, func(d *refDocument) { d.size = 1<<64 - 1 }},
		{"a name that is not ASCII", 10, func(d *refDocument) { d.typ, d.id = "Заметка", "日本/é" }},
		{"segment - 1", segment - 1, nil},
		{"segment", segment, nil},
		{"segment + 1", segment + 1, nil},
		{"three segments", 2*segment + 50_000, nil},
		{"three segments, a stream", 2*segment + 50_000, func(d *refDocument) { d.size = 1<<64 - 1 }},
	} {
		d := newRefDocument(c.length)
		if c.change != nil {
			c.change(d)
		}
		out = append(out, describe(t, c.name, d.finish(c.length), c.length))
	}
	return out
}

// describe writes all values of a document into a vector.
func describe(t *testing.T, name string, d *refDocument, length int) docVector {
	sealed := d.seal()
	hash := sha256.Sum256(sealed)
	v := docVector{
		Name: name, Key: d.key, Group: d.group, Generation: d.generation, Revision: d.revision, Type: d.typ, ID: d.id,
		Author: d.author, Epoch: d.epoch, HeadSequence: d.headSequence, HeadHash: d.headHash, Predecessor: d.predecessor,
		Size: strconv.FormatUint(d.size, 10), Seed: d.seed, PublicKey: vectors.Hex(ed25519.NewKeyFromSeed(d.seed).Public().(ed25519.PublicKey)),
		Salt: d.salt, Header: d.header, Context: d.context, Subkey: d.subkey, Commitment: d.commitment,
		Facts: d.facts, Binding: d.binding, Content: d.content(), Length: length, Padded: int(refPadded(uint64(length))),
		Document: vectors.Hex{}, DocumentSize: len(sealed), DocumentHash: hash[:],
	}
	if len(sealed) <= 4<<10 {
		v.Document = sealed
	}
	for i, s := range d.segments {
		chunk := sha256.Sum256(s.chunk)
		v.Segments = append(v.Segments, segmentVector{
			StampNonce: s.stampNonce, ChunkNonce: s.chunkNonce, Last: s.last, Length: s.length, ChunkSize: len(s.chunk),
			ChunkHash: chunk[:], Signed: s.signed, Signature: s.signature,
			SealedStamp: refGCM(d.subkey, s.stampNonce, s.stamp, uint64(2*i), 0),
		})
	}
	return v
}

func makeRefusals(t *testing.T, documents []docVector) (out []refusal) {
	find := func(name string) docVector {
		for _, v := range documents {
			if v.Name == name {
				return v
			}
		}
		t.Fatal(name)
		return docVector{}
	}
	add := func(base, name, want string, released int, change func(v *refusal)) {
		b := find(base)
		hash := sha256.Sum256(pattern(b.Length)[:released])
		v := refusal{
			Name: name, Base: base, Cut: -1, Flip: []int{}, Behind: vectors.Hex{}, Document: vectors.Hex{}, SeenMark: vectors.Hex{}, SeenContent: vectors.Hex{},
			Group: b.Group, Key: b.Key, Type: b.Type, ID: b.ID, Standing: "current",
			Released: released, ReleasedHash: hash[:], Want: want,
		}
		change(&v)
		out = append(out, v)
	}
	small := func(name, want string, change func(v *refusal)) { add("a second revision", name, want, 0, change) }
	flip := func(at ...int) func(*refusal) { return func(v *refusal) { v.Flip = at } }
	cut := func(n int) func(*refusal) { return func(v *refusal) { v.Cut = n } }

	small("another magic", "malformed", flip(0))
	small("another kind of record", "malformed", flip(2))
	small("version 0", "malformed", flip(3))
	small("version 2", "newer", func(v *refusal) { v.Document = setByte(find(v.Base).Document, 3, 2) })
	small("revision 0", "malformed", func(v *refusal) { v.Document = setByte(find(v.Base).Document, 40, 0) })
	small("nothing", "truncated", cut(0))
	small("half a heading", "truncated", cut(2))
	small("half a header", "truncated", cut(20))
	small("the head alone", "truncated", cut(105))
	small("no chunk", "truncated", cut(347))
	small("the last byte missing", "truncated", cut(find("a second revision").DocumentSize-1))
	small("a byte behind", "open", func(v *refusal) { v.Behind = vectors.Hex{0} })
	small("another group", "mismatch", flip(4))
	small("another generation", "behind", flip(32))
	small("another revision", "open", flip(39))
	small("salt changed", "open", flip(41))
	small("commitment changed", "open", flip(73))
	small("stamp changed", "open", flip(120))
	small("chunk changed", "open", flip(380))
	small("tag of the chunk changed", "open", flip(find("a second revision").DocumentSize-1))
	small("another key", "open", func(v *refusal) { v.Key = setByte(v.Key, 0, v.Key[0]^1) })
	small("another type", "open", func(v *refusal) { v.Type = "nota" })
	small("another id", "open", func(v *refusal) { v.ID = "43" })
	small("letters moved from id to type", "open", func(v *refusal) { v.Type, v.ID = "note4", "2" })
	small("reader's group is another", "mismatch", func(v *refusal) { v.Group = setByte(v.Group, 0, v.Group[0]^1) })
	small("older than seen", "rollback", func(v *refusal) { v.SeenRevision, v.SeenMark = 3, randomBytes(32) })
	small("the same revision, another version", "fork", func(v *refusal) { v.SeenRevision, v.SeenMark = 2, randomBytes(32) })
	small("the next revision of another version", "fork", func(v *refusal) { v.SeenRevision, v.SeenMark = 1, randomBytes(32) })
	small("the same revision, another content", "fork", func(v *refusal) {
		v.SeenRevision, v.SeenMark, v.SeenContent = 2, find(v.Base).Commitment, randomBytes(32)
	})
	small("an author who never might", "author", func(v *refusal) { v.Standing = "never" })
	small("an author who may no longer", "former", func(v *refusal) { v.Standing = "former" })
	small("a head on another chain", "fork", func(v *refusal) { v.Standing = "fork" })
	small("a head not known yet", "behind", func(v *refusal) { v.Standing = "behind" })

	add("three segments", "another content, of three segments", "fork", 2*segment, func(v *refusal) {
		v.SeenRevision, v.SeenMark, v.SeenContent = 1, find(v.Base).Commitment, randomBytes(32)
	})
	for _, c := range dishonest() {
		v := find("a second revision")
		d := v.reference(t)
		c.change(d)
		d.segments = nil
		sealed := d.finish(100).seal()
		small(c.name, c.want, func(v *refusal) { v.Document = sealed })
	}

	big, full := "three segments", segment+161
	add(big, "chunk 0 changed", "open", 0, flip(400))
	add(big, "chunk 1 changed", "open", segment, flip(375+segment+200))
	add(big, "stamp 1 changed", "open", segment, flip(375+segment+20))
	add(big, "chunk 2 changed", "open", 2*segment, flip(375+segment+full+300))
	add(big, "cut after segment 0", "truncated", segment, cut(375+segment))
	add(big, "cut after segment 1", "truncated", 2*segment, cut(375+segment+full))
	add(big, "cut inside of the last chunk", "truncated", 2*segment, cut(375+segment+full+1000))
	add(big, "cut inside of a stamp", "truncated", segment, cut(375+segment+50))
	add("segment", "a byte behind a full chunk", "open", 0, func(v *refusal) { v.Behind = vectors.Hex{0} })
	add("segment", "a stamp behind a full chunk", "open", 0, func(v *refusal) { v.Behind = make(vectors.Hex, 161) })
	add(big, "bytes behind the end", "open", 2*segment, func(v *refusal) { v.Behind = bytes.Repeat([]byte{7}, 300) })
	return out
}

func setByte(b []byte, at int, to byte) vectors.Hex {
	b = bytes.Clone(b)
	b[at] = to
	return b
}

// dishonest lists what an author who has the key may try.
func dishonest() []struct {
	name, want string
	change     func(*refDocument)
} {
	type row = struct {
		name, want string
		change     func(*refDocument)
	}
	return []row{
		{"signed with another key", "author", func(d *refDocument) { d.seed = randomBytes(32) }},
		{"signature changed", "author", func(d *refDocument) {
			d.after = func(_ int, s *refSegment) { s.stamp[len(s.stamp)-1] ^= 1 }
		}},
		{"signed for another place", "author", func(d *refDocument) {
			d.after = func(_ int, s *refSegment) {
				other := sha256.Sum256(d.binding)
				m := bytes.Replace(s.signed, d.binding, other[:], 1)
				copy(s.stamp[len(s.stamp)-64:], ed25519.Sign(ed25519.NewKeyFromSeed(d.seed), m))
			}
		}},
		{"the hash of another chunk", "author", func(d *refDocument) {
			d.beforeSign = func(_ int, s *refSegment) { s.hash = make([]byte, 32) }
		}},
		{"last is 2", "malformed", func(d *refDocument) {
			d.beforeSign = func(_ int, s *refSegment) { s.flag = 2 }
		}},
		{"another length than size", "malformed", func(d *refDocument) { d.size = 99 }},
		{"another length than size, and than what is there", "malformed", func(d *refDocument) {
			d.size = 99
			d.beforeSign = func(_ int, s *refSegment) { s.length = 5000 }
		}},
		{"no predecessor in revision 2", "malformed", func(d *refDocument) { d.predecessor = make([]byte, 32) }},
		{"padding that is not zero", "malformed", func(d *refDocument) {
			d.beforeSign = func(_ int, s *refSegment) {
				s.chunk[len(s.chunk)-1] = 1
				hash := sha256.Sum256(s.chunk)
				s.hash = hash[:]
			}
		}},
	}
}
