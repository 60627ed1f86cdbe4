package insomnia

import (
	"bytes"
	"compress/gzip"
	"crypto/fips140"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"io"
	"sync"

	"github.com/sealkin/sealkin/internal/secret"
)

// SealResource makes the encContent of an M_Resource, the document of Insomnia's
// documentation and of its sync before April 2019 (Section 9). doc is a JSON
// object in UTF-8 of at most 64 MiB, and is kept as it is; otherwise the error is
// [ErrMalformed].
func (k *GroupKey) SealResource(doc []byte) (Message, error) {
	if !isDocument(doc) {
		return "", ErrMalformed
	}
	return secret.Open(k.groupSecrets).sealText(doc), nil
}

// OpenResource is the reverse. The id and the name of a resource travel in the
// clear and are not checked: compare them with those in the document.
func (k *GroupKey) OpenResource(encContent Message) ([]byte, error) {
	doc, err := secret.Open(k.groupSecrets).openText(encContent)
	if err != nil {
		return nil, err
	}
	if !isDocument(doc) {
		return nil, ErrOpen
	}
	return doc, nil
}

func isDocument(doc []byte) bool {
	s := scanner{in: doc}
	return len(doc) <= maxDocument && s.peek() == '{' && validJSON(doc)
}

// SealBlob makes a blob of today's sync (Section 9): its id and its content,
// which is a message. doc is a JSON object in UTF-8 of at most 64 MiB; otherwise
// the error is [ErrMalformed].
//
// What is sealed is not doc but what Insomnia makes of it: sorted keys, no
// white space, numbers as JavaScript writes them, without "modified", and with
// null as the "parentId" of a Workspace.
func (k *GroupKey) SealBlob(doc []byte) (id string, content []byte, err error) {
	err = withCanonical(doc, func(text []byte) error {
		if len(text) > maxDocument {
			return ErrMalformed
		}
		hash := hashing(text)
		content = secret.Open(k.groupSecrets).sealBytes(compress(text))
		id = hash()
		return nil
	})
	return id, content, err
}

// OpenBlob is the reverse, and checks that id is the hash of what comes out, so
// that a server can't answer with another blob of the group. The hash is
// SHA-1, which members can make collisions for.
func (k *GroupKey) OpenBlob(id string, content []byte) ([]byte, error) {
	if !isHex(id, sha1.Size) {
		return nil, ErrMalformed
	}
	text, got, err := secret.Open(k.groupSecrets).openBlob(content)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(got), []byte(id)) == 0 {
		return nil, ErrOpen
	}
	return text, nil
}

// openBlob returns the text of a blob, and its id.
func (k aesKey) openBlob(content []byte) (text []byte, id string, err error) {
	packed, err := k.openBytes(content)
	if err != nil {
		return nil, "", err
	}
	text, ok := decompress(packed)
	if !ok {
		return nil, "", ErrOpen
	}
	hash := hashing(text)
	ok = isDocument(text)
	if id = hash(); !ok {
		return nil, "", ErrOpen
	}
	return text, id, nil
}

// blobID is SHA-1, which the FIPS 140-3 mode does not have.
func blobID(text []byte) string {
	var sum [sha1.Size]byte
	fips140.WithoutEnforcement(func() { sum = sha1.Sum(text) })
	return hex.EncodeToString(sum[:])
}

// hashing computes blobID, of a large text while the caller does something else
// with it.
func hashing(text []byte) (id func() string) {
	if len(text) < 32<<10 {
		return func() string { return blobID(text) }
	}
	done := make(chan string, 1)
	go func() { done <- blobID(text) }()
	return func() string { return <-done }
}

// writers keeps compressors, which take 800 KiB each to set up.
var writers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

func compress(text []byte) []byte {
	w := writers.Get().(*gzip.Writer)
	defer writers.Put(w)
	var out bytes.Buffer
	w.Reset(&out)
	w.OS = 3 // as Node writes it: Unix
	w.Write(text)
	w.Close() // a bytes.Buffer takes everything
	return out.Bytes()
}

// decompress reads one member of gzip and nothing after it, up to maxDocument.
func decompress(packed []byte) ([]byte, bool) {
	in := bytes.NewReader(packed)
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, false
	}
	z.Multistream(false)
	// A member ends with its length modulo 2³²; deflate makes at most 1,032 of one.
	hint := int64(binary.LittleEndian.Uint32(packed[len(packed)-4:]))
	text := bytes.NewBuffer(make([]byte, 0, min(hint, 1032*int64(len(packed)), maxDocument)+bytes.MinRead))
	n, err := text.ReadFrom(io.LimitReader(z, maxDocument+1))
	return text.Bytes(), err == nil && n <= maxDocument && in.Len() == 0
}
