package insomnia

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
)

const (
	ivSize  = 12
	tagSize = 16
)

// maxDocument is the most bytes of a document, also after decompression, and
// maxMessage the most of a message: hex digits of a document that was
// percent-encoded, and the rest.
const (
	maxDocument = 64 << 20
	maxMessage  = 6*maxDocument + 1<<10
)

// A Message is AES-256-GCM as on Insomnia's wire (Section 4): a text, itself
// JSON, such as
//
//	{"iv":"24 digits","t":"32 digits","d":"…","ad":""}
//
// so that inside JSON it is a string that contains JSON. The order of members
// and white space vary between Insomnia's clients: don't compare messages.
type Message string

// An aesKey seals and opens messages.
type aesKey struct {
	aead cipher.AEAD // with random nonces; what it makes is iv ‖ d ‖ t
}

func newAESKey(key []byte) aesKey {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("insomnia: internal error: " + err.Error()) // all callers have 32 bytes
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("insomnia: internal error: " + err.Error()) // AES has blocks of 16 bytes
	}
	return aesKey{aead}
}

// sealText is encryptAES (Section 4). text is valid UTF-8.
func (k aesKey) sealText(text []byte) Message {
	return Message(compact.encode(k.aead.Seal(nil, nil, encodeURIComponent(text), nil)))
}

// openText is decryptAES.
func (k aesKey) openText(m Message) ([]byte, error) {
	encoded, err := k.openBytes([]byte(m))
	if err != nil {
		return nil, err
	}
	text, ok := decodeURIComponent(encoded)
	if !ok {
		return nil, ErrOpen
	}
	return text, nil
}

// sealBytes is encryptAESBuffer (Section 5), as JSON with an indent of two
// spaces, which is how Insomnia stores its blobs (Section 9).
func (k aesKey) sealBytes(data []byte) []byte {
	return pretty.encode(k.aead.Seal(make([]byte, 0, len(data)+ivSize+tagSize), nil, data, nil))
}

// openBytes is decryptAESToBuffer.
func (k aesKey) openBytes(message []byte) ([]byte, error) {
	box, ad, err := parseMessage(message)
	if err != nil {
		return nil, err
	}
	data, err := k.aead.Open(box[:0], nil, box, ad)
	if err != nil {
		return nil, ErrOpen
	}
	return data, nil
}

// parseMessage reads a message of any producer, and returns iv ‖ d ‖ t.
//
// All four members must be there, in lower-case hex, with an IV of 12 bytes and
// a tag of 16: Insomnia's own reader takes a tag of any length, even of none,
// with which anybody can forge (Section 12). Unknown members are ignored, up to
// maxMembers in all.
func parseMessage(message []byte) (box, ad []byte, err error) {
	if len(message) > maxMessage {
		return nil, nil, ErrMalformed
	}
	m, ok := members(message)
	iv, t, d, a := hexDigits(m["iv"]), hexDigits(m["t"]), hexDigits(m["d"]), hexDigits(m["ad"])
	if !ok || len(iv) != 2*ivSize || len(t) != 2*tagSize || d == nil || a == nil {
		return nil, nil, ErrMalformed
	}
	box, ad = make([]byte, ivSize+len(d)/2+tagSize), make([]byte, len(a)/2)
	end := len(box) - tagSize
	if !decodeHex(box[:ivSize], iv) || !decodeHex(box[ivSize:end], d) ||
		!decodeHex(box[end:], t) || !decodeHex(ad, a) {
		return nil, nil, ErrMalformed
	}
	return box, ad, nil
}

// hexDigits takes the quotes off a raw member, nil if there are none or if the
// number of digits is odd. Whether they are digits is for decodeHex to say; an
// escape is none.
func hexDigits(raw []byte) []byte {
	if len(raw) < 2 || raw[0] != '"' || len(raw)%2 != 0 {
		return nil
	}
	return raw[1 : len(raw)-1]
}

// A layout is the fixed text around the members of a message.
type layout struct{ iv, t, d, end string }

// The order of the members is that of the functions of Insomnia's package.
var (
	compact = layout{iv: `{"iv":"`, t: `","t":"`, d: `","d":"`, end: `","ad":""}`}
	pretty  = layout{iv: "{\n  \"iv\": \"", t: "\",\n  \"t\": \"", d: "\",\n  \"ad\": \"\",\n  \"d\": \"", end: "\"\n}"}
)

// encode writes iv ‖ d ‖ t, without additional data, as Insomnia always does.
func (l layout) encode(box []byte) []byte {
	end := len(box) - tagSize
	size := len(l.iv) + len(l.t) + len(l.d) + len(l.end) + 2*len(box)
	out := append(make([]byte, 0, size), l.iv...)
	out = hex.AppendEncode(out, box[:ivSize])
	out = hex.AppendEncode(append(out, l.t...), box[end:])
	out = hex.AppendEncode(append(out, l.d...), box[ivSize:end])
	return append(out, l.end...)
}
