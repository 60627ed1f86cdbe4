package envelope_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"io"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/vectors"
	"github.com/sealkin/sealkin/keys"
)

//go:generate go test -run ^TestMakeVectors$ -update .

// A docVector is one document with all intermediate values (spec, Section 8).
// Its data are the bytes i mod 251 for i below length.
type docVector struct {
	Name         string          `json:"name"`
	Key          vectors.Hex     `json:"key"`
	Group        vectors.Hex     `json:"group"`
	Generation   uint32          `json:"generation"`
	Revision     uint64          `json:"revision"`
	Type         string          `json:"type"`
	ID           string          `json:"id"`
	Author       vectors.Hex     `json:"author"`
	Epoch        uint32          `json:"epoch"`
	HeadSequence uint64          `json:"headSequence"`
	HeadHash     vectors.Hex     `json:"headHash"`
	Predecessor  vectors.Hex     `json:"predecessor"`
	Size         string          `json:"size"` // decimal
	Seed         vectors.Hex     `json:"seed"`
	PublicKey    vectors.Hex     `json:"publicKey"`
	Salt         vectors.Hex     `json:"salt"`
	Header       vectors.Hex     `json:"header"`
	Context      vectors.Hex     `json:"context"`
	Subkey       vectors.Hex     `json:"subkey"`
	Commitment   vectors.Hex     `json:"commitment"`
	Facts        vectors.Hex     `json:"facts"`
	Binding      vectors.Hex     `json:"binding"`
	Content      vectors.Hex     `json:"content"`
	Length       int             `json:"length"`
	Padded       int             `json:"padded"`
	Segments     []segmentVector `json:"segments"`
	Document     vectors.Hex     `json:"document"` // empty if it is longer than 4 KiB
	DocumentSize int             `json:"documentSize"`
	DocumentHash vectors.Hex     `json:"documentSHA256"`
}

type segmentVector struct {
	StampNonce  vectors.Hex `json:"stampNonce"`
	ChunkNonce  vectors.Hex `json:"chunkNonce"`
	Last        bool        `json:"last"`
	Length      uint64      `json:"length"`
	ChunkSize   int         `json:"chunkSize"`
	ChunkHash   vectors.Hex `json:"chunkSHA256"`
	Signed      vectors.Hex `json:"signed"`
	Signature   vectors.Hex `json:"signature"`
	SealedStamp vectors.Hex `json:"sealedStamp"`
}

// A refusal is a document that must not open. It is document, or, if that is
// empty, the one of the vector named base with the bits of flip turned (offsets
// of bytes, of which the lowest bit changes), cut to a length, and more bytes
// behind. released is how many bytes a stream may give out before it fails.
type refusal struct {
	Name         string      `json:"name"`
	Base         string      `json:"base"`
	Document     vectors.Hex `json:"document"`
	Flip         []int       `json:"flip"`
	Cut          int         `json:"cut"` // -1: not
	Behind       vectors.Hex `json:"behind"`
	Group        vectors.Hex `json:"group"` // of the reader's ring
	Key          vectors.Hex `json:"key"`
	Type         string      `json:"type"`
	ID           string      `json:"id"`
	SeenRevision uint64      `json:"seenRevision"`
	SeenMark     vectors.Hex `json:"seenCommitment"`
	SeenContent  vectors.Hex `json:"seenContent"`
	Standing     string      `json:"standing"` // what the ring says of the author
	Released     int         `json:"released"`
	ReleasedHash vectors.Hex `json:"releasedSHA256"`
	Want         string      `json:"want"`
}

var vectorKinds = map[string]error{
	"malformed": keys.ErrMalformed, "newer": keys.ErrNewer, "open": keys.ErrOpen, "mismatch": keys.ErrMismatch,
	"rollback": keys.ErrRollback, "fork": keys.ErrFork, "behind": keys.ErrBehind,
	"author": envelope.ErrAuthor, "former": envelope.ErrFormer, "truncated": envelope.ErrTruncated,
}

// pattern is the data of the vectors.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i % 251)
	}
	return b
}

// A vectorRing has one key, and one opinion of all authors.
type vectorRing struct {
	group      ring.ID
	generation uint32
	key        []byte
	publicKey  []byte
	standing   string
}

func (r vectorRing) Ring() ring.Ring { return ring.New(r) }
func (r vectorRing) ID() ring.ID     { return r.group }

func (r vectorRing) Sealing() (*ring.Sealing, error) { return nil, keys.ErrBehind }

func (r vectorRing) DocumentKey(generation uint32) (*box.Key, error) {
	if generation != r.generation {
		return nil, keys.ErrBehind
	}
	return box.NewKey(secret.New(r.key)), nil
}

func (r vectorRing) Author(ring.Claim) (ed25519.PublicKey, ring.Standing, error) {
	switch r.standing {
	case "current":
		return r.publicKey, ring.Current, nil
	case "former":
		return r.publicKey, ring.Former, nil
	case "never":
		return nil, ring.Never, nil
	}
	return nil, ring.Never, vectorKinds[r.standing]
}

// reference rebuilds the document of a vector by bare primitives.
func (v *docVector) reference(t *testing.T) *refDocument {
	size, err := strconv.ParseUint(v.Size, 10, 64)
	require.NoError(t, err)
	d := &refDocument{
		key: v.Key, group: v.Group, generation: v.Generation, revision: v.Revision, typ: v.Type, id: v.ID,
		author: v.Author, epoch: v.Epoch, headSequence: v.HeadSequence, headHash: v.HeadHash,
		predecessor: v.Predecessor, size: size, seed: v.Seed, salt: v.Salt,
	}
	var nonces [][]byte
	for _, s := range v.Segments {
		nonces = append(nonces, s.StampNonce, s.ChunkNonce)
	}
	d.derive()
	d.split(pattern(v.Length), func() (n []byte) { n, nonces = nonces[0], nonces[1:]; return n })
	require.Empty(t, nonces)
	d.sign()
	return d
}

// TestDocumentVectors rebuilds each document, compares every value, and opens it
// in all ways.
func TestDocumentVectors(t *testing.T) {
	for _, v := range vectors.Load[docVector](t, "envelope/documents.json") {
		t.Run(v.Name, func(t *testing.T) {
			d := v.reference(t)
			sealed := d.seal()
			want, err := json.Marshal(v)
			require.NoError(t, err)
			got, err := json.Marshal(describe(t, v.Name, d, v.Length))
			require.NoError(t, err)
			require.Equal(t, string(want), string(got))
			r := vectorRing{ring.ID(v.Group), v.Generation, v.Key, v.PublicKey, "current"}
			ref := envelope.Ref{Type: v.Type, ID: v.ID}
			opened, err := envelope.Open(r, ref, sealed)
			require.NoError(t, err)
			require.Equal(t, pattern(v.Length), append([]byte{}, opened.Plaintext...))
			require.Equal(t, []byte(v.Author), opened.Author[:])
			mark := envelope.Mark{Revision: v.Revision, Commitment: [32]byte(v.Commitment), Content: [32]byte(v.Content)}
			require.Equal(t, mark, opened.Ref.Seen)
			stream, facts, err := envelope.NewReader(r, ref, bytes.NewReader(sealed))
			require.NoError(t, err)
			data, err := io.ReadAll(stream)
			require.NoError(t, err)
			require.True(t, bytes.Equal(pattern(v.Length), data))
			require.Equal(t, mark, facts.Ref.Seen)
		})
	}
}

// TestRefusalVectors opens what must not open, as a whole and as a stream.
func TestRefusalVectors(t *testing.T) {
	bases := map[string]docVector{}
	for _, v := range vectors.Load[docVector](t, "envelope/documents.json") {
		bases[v.Name] = v
	}
	for _, v := range vectors.Load[refusal](t, "envelope/refusals.json") {
		t.Run(v.Name, func(t *testing.T) {
			want, known := vectorKinds[v.Want]
			require.True(t, known, v.Want)
			base, known := bases[v.Base]
			require.True(t, known, v.Base)
			r := vectorRing{ring.ID(v.Group), base.Generation, v.Key, base.PublicKey, v.Standing}
			ref := envelope.Ref{Type: v.Type, ID: v.ID, Seen: envelope.Mark{Revision: v.SeenRevision}}
			copy(ref.Seen.Commitment[:], v.SeenMark)
			copy(ref.Seen.Content[:], v.SeenContent)
			sealed := v.build(base.reference(t).seal())
			opened, err := envelope.Open(r, ref, sealed)
			require.ErrorIs(t, err, want)
			require.Nil(t, opened)

			var released []byte
			stream, _, err := envelope.NewReader(r, ref, bytes.NewReader(sealed))
			if err == nil {
				released, err = io.ReadAll(stream)
			}
			require.ErrorIs(t, err, want)
			require.Len(t, released, v.Released)
			hash := sha256.Sum256(released)
			require.Equal(t, []byte(v.ReleasedHash), hash[:])
		})
	}
}

// build makes the document of a refusal from that of its base.
func (v *refusal) build(base []byte) []byte {
	if len(v.Document) > 0 {
		return v.Document
	}
	for _, at := range v.Flip {
		base[at] ^= 1
	}
	if v.Cut >= 0 {
		base = base[:v.Cut]
	}
	return append(base, v.Behind...)
}
