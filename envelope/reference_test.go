package envelope_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/fips140"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"slices"
)

// This file is a second implementation of docs/spec.md, Section 8, from the
// page and by bare primitives: the vectors are built by it, and so are the
// documents of authors who sign what they should not.

// A refDocument is all that a document is made of.
type refDocument struct {
	key               []byte // of the generation
	group             []byte
	generation        uint32
	revision          uint64
	typ, id           string
	author            []byte
	epoch             uint32
	headSequence      uint64
	headHash          []byte
	predecessor       []byte
	size              uint64
	seed              []byte // of the signing key
	salt              []byte
	header, context   []byte
	subkey            []byte
	commitment        []byte
	facts, binding    []byte
	segments          []refSegment
	beforeSign, after func(i int, s *refSegment) // what a dishonest author changes
}

// A refSegment is one segment, in the clear.
type refSegment struct {
	stampNonce, chunkNonce  []byte
	last                    bool
	length                  uint64
	hash, signed, signature []byte
	stamp, chunk            []byte
	flag                    byte // in place of last, if not zero
}

func be32(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }
func be64(v uint64) []byte { return binary.BigEndian.AppendUint64(nil, v) }

func prefixed[T string | []byte](x T) []byte { return append(be32(uint32(len(x))), x...) }

func join(parts ...[]byte) []byte { return slices.Concat(parts...) }

// refPadded is Padmé, Algorithm 1 of the paper, with a floor of 64.
func refPadded(n uint64) uint64 {
	if n < 64 {
		return 64
	}
	e := bits.Len64(n) - 1
	s := bits.Len(uint(e))
	last := e - s
	mask := uint64(1<<last) - 1
	return (n + mask) &^ mask
}

// derive fills in what follows from the rest.
func (d *refDocument) derive() {
	d.header = join([]byte("skD\x01"), d.group, be32(d.generation), be64(d.revision))
	d.context = join(d.header, prefixed(d.typ), prefixed(d.id))
	info := join(prefixed("sealkin/v1/document/box"), d.salt, prefixed(d.context))
	okm, err := hkdf.Expand(sha256.New, d.key, string(info), 64)
	if err != nil {
		panic(err)
	}
	d.subkey, d.commitment = okm[:32], okm[32:]
	d.facts = join(d.author, be32(d.epoch), be64(d.headSequence), d.headHash, d.predecessor, be64(d.size))
	binding := sha256.Sum256(join(d.context, d.commitment, d.facts))
	d.binding = binding[:]
}

// split pads data and cuts it into segments. nonce returns 12 bytes.
func (d *refDocument) split(data []byte, nonce func() []byte) {
	padded := make([]byte, refPadded(uint64(len(data))))
	copy(padded, data)
	for at := 0; at < len(padded); at += segment {
		to := min(at+segment, len(padded))
		d.segments = append(d.segments, refSegment{
			stampNonce: nonce(), chunkNonce: nonce(),
			last: to == len(padded), length: uint64(min(to, len(data))), chunk: padded[at:to],
		})
	}
}

// sign makes the stamps.
func (d *refDocument) sign() {
	for i := range d.segments {
		s := &d.segments[i]
		hash := sha256.Sum256(s.chunk)
		s.hash = hash[:]
		if d.beforeSign != nil {
			d.beforeSign(i, s)
		}
		if s.last && s.flag == 0 {
			s.flag = 1
		}
		body := join([]byte{s.flag}, be64(s.length), s.hash)
		s.signed = join(prefixed("sealkin/v1/document/signature"), d.binding, be64(uint64(i)), body)
		s.signature = ed25519.Sign(ed25519.NewKeyFromSeed(d.seed), s.signed)
		s.stamp = join(body, s.signature)
		if i == 0 {
			s.stamp = join(d.facts, s.stamp)
		}
		if d.after != nil {
			d.after(i, s)
		}
	}
}

// content is the hash of what the author signed.
func (d *refDocument) content() []byte {
	b := join(prefixed("sealkin/v1/document/content"), d.binding)
	for _, s := range d.segments {
		b = append(b, s.signed[len(s.signed)-41:]...)
	}
	return hash(b)
}

// seal returns the document.
func (d *refDocument) seal() []byte {
	out := join(d.header, d.salt, d.commitment)
	for i, s := range d.segments {
		last := byte(0)
		if s.last {
			last = 1
		}
		out = append(out, refGCM(d.subkey, s.stampNonce, s.stamp, uint64(2*i), 0)...)
		out = append(out, refGCM(d.subkey, s.chunkNonce, s.chunk, uint64(2*i+1), last)...)
	}
	return out
}

// refGCM chooses its nonces, which the FIPS 140-3 mode keeps for tests.
func refGCM(key, nonce, plain []byte, index uint64, last byte) (sealed []byte) {
	fips140.WithoutEnforcement(func() {
		sealed = refAEAD(key).Seal(bytes.Clone(nonce), nonce, plain, append(be64(index), last))
	})
	return sealed
}

func refAEAD(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return aead
}

// material is that of a generation of a testGroup.
func (g *testGroup) material(generation int) []byte {
	sum := sha256.Sum256(append(bytes.Clone(g.id[:]), byte(generation)))
	return sum[:]
}

// refOf returns what m, honestly, would begin a document in g with.
func refOf(g *testGroup, m *testMember, typ, id string) *refDocument {
	generation := len(g.keys) - 1
	return &refDocument{
		key: g.material(generation), group: g.id[:], generation: uint32(generation), revision: 1,
		typ: typ, id: id, author: m.id[:], headSequence: g.newest(), headHash: g.heads[g.newest()][:],
		predecessor: make([]byte, 32), size: 1<<64 - 1, seed: m.sign.Seed(), salt: randomBytes(32),
	}
}

// build derives, splits, signs and seals.
func (d *refDocument) build(data []byte) []byte {
	d.derive()
	d.split(data, func() []byte { return randomBytes(12) })
	d.sign()
	return d.seal()
}

func hash(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}
