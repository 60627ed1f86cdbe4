package insomnia

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/secret"
)

// malformed lists the negative cases that public bytes give away. All others
// that are refused need a key to notice, and are ErrOpen.
const malformed = `
aes-data-odd-hex aes-data-bad-hex aes-data-hex-0x aes-data-hex-space
aes-iv-empty aes-iv-8-bytes
aes-tag-0-bytes aes-tag-4-bytes aes-tag-8-bytes aes-tag-9-bytes aes-tag-12-bytes aes-tag-15-bytes
aes-tag-empty-forged aes-tag-17-bytes aes-tag-odd-hex
aes-no-ad aes-no-t aes-no-iv aes-no-d aes-null-message
aes-hex-uppercase aes-bad-hex-read-as-zero aes-leading-zero-dropped
aes-jwk-no-k aes-jwk-k-31 aes-jwk-k-33 aes-jwk-k-badchar aes-jwk-k-padded aes-jwk-k-stdb64 aes-jwk-wrong-alg
aes-hexkey-31 aes-hexkey-empty aes-hexkey-nonhex aes-128-key
aes-encrypt-lone-surrogate aesbuf-tag-empty-forged
account-not-json account-json-array blob-not-json
rsa-truncated rsa-long rsa-empty rsa-bad-hex rsa-odd-hex rsa-uppercase
rsa-public-for-private rsa-no-crt rsa-wrong-dp rsa-private-alg-ignored
rsa-enc-191 rsa-enc-encoded-191 rsa-enc-jwk-extra-member rsa-enc-jwk-spaces
rsa-enc-bad-alg rsa-enc-no-alg rsa-enc-bad-kty rsa-enc-bad-ops rsa-enc-no-ops rsa-enc-no-n rsa-enc-no-e
rsa-enc-bad-n rsa-enc-private-jwk rsa-enc-1024
srp-B-zero srp-B-N srp-B-above-N srp-B-short srp-B-long srp-B-empty
srp-A-zero srp-A-N srp-A-above-N srp-A-short srp-M1-short srp-M1-empty srp-M2-short srp-M2-empty
box-47 box-32 box-31 box-empty box-secret-31
code-base64url code-empty code-bad-base64
`

// either lists the cases that are ours to decide and that we read. Insomnia
// reads a code without padding, and people cut them off.
const either = "code-no-padding"

// TestNegatives runs every negative case: what must be refused is, with the
// right error and no result, and the controls are accepted.
func TestNegatives(t *testing.T) {
	wantMalformed, accepted := strings.Fields(malformed), strings.Fields(either)
	seen := map[string]int{}
	for _, v := range loadVectors(t).Negatives {
		t.Run(v.Op+"/"+v.ID, func(t *testing.T) {
			require.Contains(t, operations, v.Op)
			got, err := operations[v.Op](t, v.Args)
			seen[v.ID]++
			switch {
			case v.Expect == "accept" || contains(accepted, v.ID):
				require.NoError(t, err, v.Why)
				var want any
				require.Equal(t, "returns", v.Insomnia.Outcome)
				require.NoError(t, json.Unmarshal(v.Insomnia.Value, &want))
				assert.Equal(t, want, got, v.Why)
				return
			case contains(wantMalformed, v.ID):
				assert.Equal(t, ErrMalformed, err, v.Why)
			default:
				assert.Equal(t, ErrOpen, err, v.Why)
			}
			assert.Contains(t, []string{"reject", "either"}, v.Expect)
			assert.Nil(t, got)
		})
	}
	for _, id := range append(wantMalformed, accepted...) {
		assert.NotZero(t, seen[id], "no case %s", id)
	}
}

func contains(list []string, id string) bool {
	for _, s := range list {
		if s == id {
			return true
		}
	}
	return false
}

// An operation does what Insomnia's package does under this name, and returns
// what the vectors hold, nil with an error.
var operations = map[string]func(*testing.T, json.RawMessage) (any, error){
	"decryptAES":         negativeDecryptAES,
	"decryptAESToBuffer": negativeDecryptBuffer,
	"encryptAES":         negativeEncryptAES,
	"accountUnlock":      negativeUnlock,
	"encryptRSA":         negativeEncryptRSA,
	"decryptRSA":         negativeDecryptRSA,
	"blobOpen":           negativeBlob,
	"srpClientFinish":    negativeClient,
	"srpServerFinish":    negativeServer,
	"srpLogin":           negativeLogin,
	"srpClientCheckM2":   negativeCheckM2,
	"sealedboxOpen":      negativeBox,
	"loginOpen":          negativeCode,
}

func decode[T any](t *testing.T, raw json.RawMessage) (args T) {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&args))
	return args
}

// found hides results that come with an error behind a test failure.
func found[T any](t *testing.T, b []byte, err error, show func([]byte) T) (any, error) {
	if err != nil {
		require.Nil(t, b, "a result with an error")
		return nil, err
	}
	return show(b), nil
}

func asText(b []byte) string { return string(b) }

type messageArgs struct{ Key, Message json.RawMessage }

func negativeDecryptAES(t *testing.T, raw json.RawMessage) (any, error) {
	args := decode[messageArgs](t, raw)
	key, err := vectorKey(args.Key)
	if err != nil {
		return found(t, key, err, asText)
	}
	got, err := newAESKey(key).openText(Message(args.Message))
	return found(t, got, err, asText)
}

func negativeDecryptBuffer(t *testing.T, raw json.RawMessage) (any, error) {
	args := decode[messageArgs](t, raw)
	key, err := vectorKey(args.Key)
	require.NoError(t, err)
	got, err := newAESKey(key).openBytes(args.Message)
	return found(t, got, err, hex.EncodeToString)
}

// A Go string that holds a lone surrogate is not UTF-8.
func negativeEncryptAES(t *testing.T, raw json.RawMessage) (any, error) {
	args := decode[struct {
		Key            json.RawMessage
		PlaintextUTF16 string
	}](t, raw)
	var text []byte
	units := unhex(t, args.PlaintextUTF16)
	for i := 0; i < len(units); i += 2 {
		r := rune(units[i])<<8 | rune(units[i+1])
		if utf16.IsSurrogate(r) && i+2 < len(units) {
			if pair := utf16.DecodeRune(r, rune(units[i+2])<<8|rune(units[i+3])); pair != 0xfffd {
				r, i = pair, i+2
			}
		}
		text = appendWTF8(text, r)
	}
	m, err := NewGroupKey().SealResource([]byte(`{"":"` + string(text) + `"}`))
	require.Empty(t, m)
	return nil, err
}

func negativeUnlock(t *testing.T, raw json.RawMessage) (any, error) {
	args := decode[struct {
		EncSecret                      string
		EncSymmetricKey, EncPrivateKey Message
	}](t, raw)
	o, err := openAccount(unhex(t, args.EncSecret), args.EncSymmetricKey, args.EncPrivateKey)
	if err != nil {
		require.Nil(t, o)
		return nil, err
	}
	return base64url.EncodeToString(o.private.N.Bytes()), nil
}

func negativeEncryptRSA(t *testing.T, raw json.RawMessage) (any, error) {
	args := decode[struct {
		PublicKey json.RawMessage
		Plaintext string
	}](t, raw)
	public, err := parsePublic(string(args.PublicKey))
	if err != nil {
		require.Nil(t, public)
		return nil, err
	}
	link, err := encryptRSA(public, []byte(args.Plaintext))
	if err != nil {
		require.Empty(t, link)
		return nil, err
	}
	return float64(len(link)), nil
}

func negativeDecryptRSA(t *testing.T, raw json.RawMessage) (any, error) {
	args := decode[struct {
		PrivateKey json.RawMessage
		Ciphertext Link
	}](t, raw)
	private, err := parsePrivate(args.PrivateKey)
	if err != nil {
		require.Nil(t, private)
		return nil, err
	}
	got, err := decryptRSA(private, args.Ciphertext)
	return found(t, got, err, asText)
}

func negativeBlob(t *testing.T, raw json.RawMessage) (any, error) {
	args := decode[struct {
		SymmetricKey json.RawMessage
		Content      string
	}](t, raw)
	key, err := vectorKey(args.SymmetricKey)
	require.NoError(t, err)
	got, _, err := newAESKey(key).openBlob([]byte(args.Content))
	return found(t, got, err, asText)
}

type clientArgs struct {
	Salt     string `json:"salt"`
	Identity string `json:"identity"`
	Password string `json:"password"`
	SmallA   string `json:"a"`
	B        string `json:"B"`
	M2       string `json:"M2"`
}

func (args clientArgs) client(t *testing.T) *Client {
	return newClient(srpX(unhex(t, args.Salt), args.Identity, unhex(t, args.Password)), unhex(t, args.SmallA))
}

func negativeClient(t *testing.T, raw json.RawMessage) (any, error) {
	args := decode[clientArgs](t, raw)
	p, m1, err := args.client(t).Respond(args.B)
	if err != nil {
		require.Nil(t, p)
		require.Empty(t, m1)
		return nil, err
	}
	return m1, nil
}

func negativeCheckM2(t *testing.T, raw json.RawMessage) (any, error) {
	args := decode[clientArgs](t, raw)
	p, _, err := args.client(t).Respond(args.B)
	require.NoError(t, err)
	session, err := p.Finish(args.M2)
	require.Empty(t, session)
	return nil, err
}

type serverArgs struct {
	Client   json.RawMessage `json:"client"`
	Verifier string          `json:"verifier"`
	SmallB   string          `json:"b"`
	A        string          `json:"A"`
	M1       string          `json:"M1"`
}

func (args serverArgs) finish(t *testing.T) (any, error) {
	v, err := parseElement(args.Verifier)
	require.NoError(t, err)
	m2, session, err := newServer(v, unhex(t, args.SmallB)).Verify(args.A, args.M1)
	if err != nil {
		require.Empty(t, m2+session)
		return nil, err
	}
	return m2, nil
}

func negativeServer(t *testing.T, raw json.RawMessage) (any, error) {
	return decode[serverArgs](t, raw).finish(t)
}

func negativeLogin(t *testing.T, raw json.RawMessage) (any, error) {
	args := decode[serverArgs](t, raw)
	c := decode[clientArgs](t, args.Client)
	client := c.client(t)
	require.Equal(t, args.A, hex.EncodeToString(client.public))
	_, m1, err := client.Respond(c.B)
	require.NoError(t, err)
	require.Equal(t, args.M1, m1)
	return args.finish(t)
}

type boxArgs struct {
	Box, Code            string
	PublicKey, SecretKey []byte
}

func negativeBox(t *testing.T, raw json.RawMessage) (any, error) {
	args := decode[boxArgs](t, raw)
	if len(args.SecretKey) != keySize {
		return nil, ErrMalformed // a type here: no caller can have such a key
	}
	sealed, err := parseCode(args.Box)
	if err != nil {
		return found(t, sealed, err, asText)
	}
	h := handover(args.PublicKey, args.SecretKey)
	got, err := openBox(sealed, &h.public, secret.Open(h.handoverSecrets))
	return found(t, got, err, base64.StdEncoding.EncodeToString)
}

func negativeCode(t *testing.T, raw json.RawMessage) (any, error) {
	args := decode[boxArgs](t, raw)
	sealed, err := parseCode(args.Code)
	if err != nil {
		return found(t, sealed, err, asText)
	}
	h := handover(args.PublicKey, args.SecretKey)
	content, err := openBox(sealed, &h.public, secret.Open(h.handoverSecrets))
	if err != nil {
		return found(t, content, err, asText)
	}
	session, enc, err := parseHandover(content)
	if err != nil {
		require.Empty(t, session)
		return found(t, enc, err, asText)
	}
	return map[string]any{"token": session, "key": hex.EncodeToString(enc)}, nil
}
