package attack_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/wire"
	"github.com/sealkin/sealkin/keys"
)

// A craft is a document of one segment and revision 1, made by the
// specification (Section 8) by somebody who has the key, with what they like in
// it.
type craft struct {
	ring      *ring.Sealing
	chunk     []byte // 64 bytes: data and padding
	length    uint64
	flag      byte
	sign      func(message []byte) []byte
	afterSign func(stamp []byte)
}

// crafted makes it.
func crafted(t *testing.T, r keys.Ring, ref envelope.Ref, data string, change func(*craft)) []byte {
	t.Helper()
	s := sealing(t, r)
	d := &craft{
		ring: s, chunk: make([]byte, 64), length: uint64(len(data)), flag: 1, afterSign: func([]byte) {},
		sign: func(m []byte) []byte { return ed25519.Sign(secret.Open(s.Sign), m) },
	}
	copy(d.chunk, data)
	change(d)
	return d.seal(ring.Of(r.Ring()).ID(), ref)
}

func (d *craft) seal(id ring.ID, ref envelope.Ref) []byte {
	header := wire.AppendUint32(append(wire.AppendHeading(nil, wire.Document), id[:]...), d.ring.Generation)
	header = wire.AppendUint64(header, 1)
	place := append(slices.Clone(header), wire.Join([]byte(ref.Type), []byte(ref.ID))...)
	b := box.New(d.ring.Key, label.Document, place)
	facts := wire.AppendUint32(slices.Clone(d.ring.Author[:]), d.ring.Epoch)
	facts = append(wire.AppendUint64(facts, d.ring.Head.Sequence), d.ring.Head.Hash[:]...)
	facts = wire.AppendUint64(append(facts, make([]byte, 32)...), d.length)
	sum := sha256.Sum256(d.chunk)
	body := append(wire.AppendUint64([]byte{d.flag}, d.length), sum[:]...)
	commitment := b.Commitment()
	binding := sha256.Sum256(slices.Concat(place, commitment[:], facts))
	message := append(wire.AppendUint64(append(wire.Join([]byte(label.DocumentSignature)), binding[:]...), 0), body...)
	stamp := slices.Concat(facts, body, d.sign(message))
	d.afterSign(stamp)
	out := append(slices.Clone(header), b.Prefix()...)
	out = b.AppendSegment(out, 0, false, stamp)
	return b.AppendSegment(out, 1, true, d.chunk)
}

// signedBy is the view of r for somebody who has its key: documents say that
// they are author's, and are signed by signer.
func signedBy(t *testing.T, r keys.Ring, author keys.AccountID, signer *keys.Account) keys.Ring {
	key := sealing(t, signer).Sign
	return lie(r, func(s *ring.Sealing) { s.Author, s.Sign = author, key })
}

// TestCraft shows that what is made here opens, if nothing in it is changed.
func TestCraft(t *testing.T) {
	_, g := found(t, person())
	opens(t, g, note("n"), crafted(t, g, note("n"), "text", func(*craft) {}), "text")
	require.Len(t, crafted(t, g, note("n"), "text", func(*craft) {}), documentHead+sealedStamp+28+64)
}

// Offsets in a document (spec, Sections 8.2 to 8.4).
const (
	documentHead = 105
	sealedStamp  = 214 + 28
)
