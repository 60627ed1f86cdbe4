package insomnia

import (
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/secret"
)

func TestCanonical(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":"\/"}`:                           `{"a":"/"}`,
		`{}`:                                   `{}`,
		` { "b" : 1 , "a" : [ ] , "" : { } } `: `{"":{},"a":[],"b":1}`,
		`{"a":1,"b":2,"a":3}`:                  `{"a":3,"b":2}`,
		`{"modified":1}`:                       `{}`,
		`{"modified":1,"modified":2,"a":{"modified":3}}`:                     `{"a":{"modified":3}}`,
		`{"type":"Workspace"}`:                                               `{"parentId":null,"type":"Workspace"}`,
		`{"type":"Work\u0073pace","parentId":"x","z":1}`:                     `{"parentId":null,"type":"Workspace","z":1}`,
		`{"type":"Workspace","type":"x","parentId":1}`:                       `{"parentId":1,"type":"x"}`,
		`{"type":"x","parentId":1,"type":"Workspace"}`:                       `{"parentId":null,"type":"Workspace"}`,
		`{"a":{"type":"Workspace","parentId":1}}`:                            `{"a":{"parentId":1,"type":"Workspace"}}`,
		`{"type":["Workspace"],"parentId":1}`:                                `{"parentId":1,"type":["Workspace"]}`,
		`{"10":1,"9":2,"B":3,"a":4}`:                                         `{"10":1,"9":2,"B":3,"a":4}`,
		"{\"\ue000\":1,\"\U00010000\":2,\"\uffff\":3}":                       "{\"\U00010000\":2,\"\ue000\":1,\"\uffff\":3}",
		`{"\ud800":1,"\ud800\udc00":2,"\udfff":3,"\ud7ff":4}`:                "{\"\ud7ff\":4,\"\\ud800\":1,\"\U00010000\":2,\"\\udfff\":3}",
		`{"a":"\u003c\u2028\/\u0000\u001F\u007f\b\ud83d\ude00\ude00\ud83d"}`: "{\"a\":\"<\u2028/\\u0000\\u001f\x7f\\b😀\\ude00\\ud83d\"}",
		`{"a":[-0,0.0,1e21,1E+20,1e-7,0.000001,1.50,1e400,-1e400,9007199254740993,1e-400,100,123456789012345678]}`: `{"a":[0,0,1e+21,100000000000000000000,1e-7,0.000001,1.5,null,null,9007199254740992,0,100,123456789012345680]}`,
	} {
		got, ok := canonical([]byte(in))
		assert.True(t, ok, in)
		assert.Equal(t, want, string(got), in)
	}
}

// nested is a document of some depth around a text, with unsorted names at each,
// and its canonical text.
func nested(depth int, text string) (doc []byte, want string) {
	in := strings.Repeat(`{"c":1,"a":[],"b":`, depth) + text + strings.Repeat(`,"a":{"b":{},"a":0}}`, depth)
	out := strings.Repeat(`{"a":{"a":0,"b":{}},"b":`, depth) + text + strings.Repeat(`,"c":1}`, depth)
	return []byte(in), out
}

// The work does not grow with how often a text is inside of what gets sorted.
func TestCanonicalDeep(t *testing.T) {
	text := `"` + strings.Repeat("x", 1<<20) + `"`
	var took []time.Duration
	for _, depth := range []int{1, 900} {
		doc, want := nested(depth, text)
		got, ok := canonical(doc)
		require.True(t, ok)
		require.Equal(t, want, string(got))
		took = append(took, fastest(func() {
			require.NoError(t, withCanonical(doc, func([]byte) error { return nil }))
		}))
	}
	assert.Less(t, took[1], 20*took[0])

	_, want := nested(900, "null")
	var w writer
	require.True(t, w.document([]byte(want)))
	assert.Empty(t, w.marks, "what is in order needs none")
}

// A writer that is kept keeps nothing of the document, nor much room.
func TestCanonicalForgets(t *testing.T) {
	var made *writer
	old := pooled.New
	pooled = sync.Pool{New: func() any { made = new(writer); return made }}
	t.Cleanup(func() { pooled = sync.Pool{New: old} })

	require.NoError(t, withCanonical([]byte(`{"secret":1,"\u0061":{"y":1,"x":2}}`), func([]byte) error { return nil }))
	require.NotZero(t, cap(made.members))
	for _, m := range made.members[:cap(made.members)] {
		assert.Zero(t, m)
	}
	assert.Nil(t, made.in)
	for _, text := range [][]byte{made.out, made.scratch} {
		require.NotZero(t, cap(text))
		assert.Equal(t, make([]byte, cap(text)), text[:cap(text)])
	}
	assert.False(t, made.large())
	for name, large := range map[string]writer{
		"out": {out: make([]byte, maxPooled+1)}, "scratch": {scratch: make([]byte, maxPooled+1)},
		"members": {members: make([]member, maxPooledMembers+1)}, "marks": {marks: make([]mark, maxPooledMarks+1)},
	} {
		assert.True(t, large.large(), name)
	}
}

// TestCanonicalRandom compares objects in objects with what a map makes of them.
func TestCanonicalRandom(t *testing.T) {
	for range 2000 {
		var doc strings.Builder
		want := randomMembers(&doc, 5)
		got, ok := canonical([]byte(doc.String()))
		require.True(t, ok)
		require.Equal(t, want, string(got), doc.String())
	}
}

// randomMembers writes an object of short names, many of them equal, and returns
// its canonical text. Half are in order already.
func randomMembers(doc *strings.Builder, depth int) string {
	names := make([]string, rand.IntN(5))
	for i := range names {
		names[i] = pick("a", "b", "c", "d", "modified", "type")
	}
	if rand.IntN(2) == 0 {
		slices.Sort(names)
		names = slices.Compact(names)
	}
	members := map[string]string{}
	doc.WriteString("{")
	for i, name := range names {
		if i > 0 {
			doc.WriteString(",")
		}
		fmt.Fprintf(doc, `"%s" :`, name)
		members[name] = randomMember(doc, depth)
	}
	doc.WriteString("}")
	if depth == 5 {
		delete(members, "modified")
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		parts = append(parts, `"`+name+`":`+members[name])
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func randomMember(doc *strings.Builder, depth int) string {
	if depth == 0 || rand.IntN(3) == 0 {
		value := strconv.Itoa(rand.IntN(1000))
		doc.WriteString(value)
		return value
	}
	if rand.IntN(3) > 0 {
		return randomMembers(doc, depth-1)
	}
	doc.WriteString("[")
	first := randomMember(doc, depth-1)
	doc.WriteString(",")
	second := randomMember(doc, depth-1)
	doc.WriteString("]")
	return "[" + first + "," + second + "]"
}

func TestNotJSON(t *testing.T) {
	key := NewGroupKey()
	for _, bad := range []string{``, ` `, `x`, `[]`, `1`, `null`, `"a"`, `{`, `}`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{"a":1 "b":2}`,
		`{a:1}`, `{'a':1}`, `{"a":01}`, `{"a":+1}`, `{"a":.5}`, `{"a":1.}`, `{"a":1e}`, `{"a":1e+}`, `{"a":-}`, `{"a":NaN}`, `{"a":Infinity}`,
		`{"a":True}`, `{"a":nul}`, `{"a":nulll}`, `{"a":"\x"}`, `{"a":"\u12"}`, `{"a":"\u12g4"}`, `{"a":"`, `{"a":"\`, `{"a":"\"}`, "{\"a\":\"\n\"}",
		"{\"a\":\"\x00\"}", "{\"a\":\"\xff\"}", "{\"a\":\"\xed\xa0\x80\"}", `{} x`, `{}{}`, `{"a":[1,]}`, `{"a":[1 2]}`, `{"a":[}`, "\ufeff{}", "{\u00a0}", `{"a":1]`,
		`{"a":` + strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth) + `}`,
		strings.Repeat(`{"a":`, maxDepth) + `{}` + strings.Repeat("}", maxDepth),
	} {
		_, err := key.SealResource([]byte(bad))
		assert.Equal(t, ErrMalformed, err, bad)
		_, _, err = key.SealBlob([]byte(bad))
		assert.Equal(t, ErrMalformed, err, bad)
		k := secret.Open(key.groupSecrets)
		got, err := key.OpenResource(k.sealText([]byte(bad)))
		assert.Equal(t, ErrOpen, err, bad)
		assert.Nil(t, got)
		got, err = key.OpenBlob(blobID([]byte(bad)), k.sealBytes(compress([]byte(bad))))
		assert.Equal(t, ErrOpen, err, bad)
		assert.Nil(t, got)
	}
	deep := `{"a":` + strings.Repeat("[", maxDepth-1) + strings.Repeat("]", maxDepth-1) + `}`
	id, content, err := key.SealBlob([]byte(deep))
	require.NoError(t, err)
	got, err := key.OpenBlob(id, content)
	require.NoError(t, err)
	assert.Equal(t, deep, string(got))
}

// A blob is opened under its own id only.
func TestBlobID(t *testing.T) {
	key := NewGroupKey()
	id, content, err := key.SealBlob([]byte(`{"a":1}`))
	require.NoError(t, err)
	sum := sha1.Sum([]byte(`{"a":1}`))
	assert.Equal(t, hex.EncodeToString(sum[:]), id)
	other, _, err := key.SealBlob([]byte(`{"a":2}`))
	require.NoError(t, err)
	for bad, want := range map[string]error{other: ErrOpen, "": ErrMalformed, strings.ToUpper(id): ErrMalformed, id + "00": ErrMalformed} {
		got, err := key.OpenBlob(bad, content)
		assert.Equal(t, want, err)
		assert.Nil(t, got)
	}
}

// A small message must not become a large document.
func TestGzipBomb(t *testing.T) {
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	require.NoError(t, err)
	chunk := bytes.Repeat([]byte{' '}, 1<<20)
	_, err = z.Write([]byte(`{}`))
	require.NoError(t, err)
	for range maxDocument >> 20 {
		_, err = z.Write(chunk)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	text, ok := decompress(packed.Bytes())
	assert.False(t, ok)
	assert.LessOrEqual(t, len(text), maxDocument+1)
	key := NewGroupKey()
	k := secret.Open(key.groupSecrets)
	_, _, err = k.openBlob(k.sealBytes(packed.Bytes()))
	assert.Equal(t, ErrOpen, err)
}

// One member of gzip is a blob; more, or anything after it, is not.
func TestGzipMembers(t *testing.T) {
	one := compress([]byte("{}"))
	for _, bad := range [][]byte{nil, one[:3], one[:len(one)-1], append(bytes.Clone(one), 0), append(bytes.Clone(one), one...), append([]byte{0}, one...)} {
		_, ok := decompress(bad)
		assert.False(t, ok)
	}
	lying := bytes.Clone(one)
	for _, length := range []string{"\xff\xff\xff\xff", "\x00\x00\x00\x80", "\x00\x00\x00\x00"} {
		copy(lying[len(lying)-4:], length) // a hint, and checked
		_, ok := decompress(lying)
		assert.False(t, ok)
	}
	text, ok := decompress(one)
	assert.True(t, ok)
	assert.Equal(t, "{}", string(text))
}

// Every change of every byte of a message is noticed.
func TestEveryByte(t *testing.T) {
	key := NewGroupKey()
	m, err := key.SealResource([]byte(`{"a":"é"}`))
	require.NoError(t, err)
	for i := range len(m) {
		for _, bit := range []byte{1, 2, 4, 8, 16, 32, 64, 128} {
			changed := []byte(m)
			changed[i] ^= bit
			got, err := key.OpenResource(Message(changed))
			require.Error(t, err, "%s", changed)
			require.Nil(t, got)
		}
	}
}

func TestMessage(t *testing.T) {
	key := NewGroupKey()
	m, err := key.SealResource([]byte(`{"a":1}`))
	require.NoError(t, err)
	good := string(m)
	for _, same := range []string{
		" " + good + "\n", strings.Replace(good, `"ad":""`, `"ad":"","x":[{"iv":"\ud800"}]`, 1), strings.Replace(good, `"iv"`, `"\u0069v"`, 1),
	} {
		got, err := key.OpenResource(Message(same))
		require.NoError(t, err, same)
		assert.Equal(t, `{"a":1}`, string(got))
	}
	for _, bad := range []string{
		"", "null", "[]", "{}", good + "x", strings.ToUpper(good), strings.Replace(good, `"iv"`, `"IV"`, 1),
		strings.Replace(good, `"ad":""`, `"ad":null`, 1), strings.Replace(good, `"ad":""`, `"ad":"","ad":""`, 1),
		strings.Replace(good, `"ad":""`, `"ad":"","iv":"000000000000000000000000"`, 1), strings.Replace(good, `"ad":""`, `"ad":"0"`, 1),
		strings.Replace(good, `"ad":""`, `"ad":"0g"`, 1), strings.Replace(good, `"ad":""`, `"ad":"\u0030\u0030"`, 1),
		strings.Replace(good, `"ad":""`, `"ad":0`, 1), strings.Replace(good, `"ad":""`, `"ad":["",""]`, 1),
	} {
		got, err := key.OpenResource(Message(bad))
		assert.Equal(t, ErrMalformed, err, bad)
		assert.Nil(t, got)
	}
}

// The tables of links: refused shapes, and what a stranger can make with the
// public key alone.
func TestLink(t *testing.T) {
	alice := loadVectors(t).account(t, "alice")
	a := alice.open(t)
	public, err := parsePublic(alice.PublicKeyJSON)
	require.NoError(t, err)
	jwk := string(symmetricJWK(randomScalar()))
	for _, inside := range []string{"", "x", "%", "%c3%28", "é", "{}", jwk[:100],
		strings.Replace(jwk, `"oct"`, `"RSA"`, 1), strings.Replace(jwk, `"k":"`, `"k":"A`, 1), strings.Replace(jwk, "256", "128", 1),
		strings.Replace(jwk, `"ext":true,`, `"kty":"oct",`, 1), strings.Replace(jwk, `,"decrypt"`, ``, 1)} {
		raw := inside
		if strings.HasPrefix(raw, "{") {
			raw = strings.ReplaceAll(raw, `"`, "%22") // the short form fits, whatever the length
		}
		if len(raw) > 190 {
			continue
		}
		key, err := a.OpenLink(oaep(public, make([]byte, 32), []byte(raw)))
		assert.Equal(t, ErrOpen, err, inside)
		assert.Nil(t, key)
	}
	link, err := encryptRSA(public, []byte(jwk))
	require.NoError(t, err)
	_, err = a.OpenLink(link)
	require.NoError(t, err)
	for _, bad := range []Link{"", link[1:], link + "00", Link(strings.ToUpper(string(link))), "x" + link[1:]} {
		key, err := a.OpenLink(bad)
		assert.Equal(t, ErrMalformed, err)
		assert.Nil(t, key)
	}
	for i := 1; i < len(link); i += 7 { // from 1, or the number may exceed n: malformed elsewhere, ErrOpen here too
		changed := []byte(link)
		changed[i] = "0123456789abcdef"[(strings.IndexByte("0123456789abcdef", changed[i])+1)%16]
		_, err := a.OpenLink(Link(changed))
		require.Equal(t, ErrOpen, err)
	}
}

func TestJWK(t *testing.T) {
	jwk := `{"alg":"A256GCM","ext":true,"k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","key_ops":["encrypt","decrypt"],"kty":"oct"}`
	_, err := parseSymmetric([]byte(jwk))
	require.NoError(t, err)
	require.Len(t, encodeURIComponent([]byte(jwk)), 190)
	for old, new := range map[string]string{
		`"ext":true`: `"ext":false`, `"ext"`: `"kid"`, `"k"`: `"K"`, `AAA","key`: `AAB","key`, `"k":"A`: `"k":"\n`,
		`["encrypt","decrypt"]`: `["encrypt"]`, `"encrypt",`: `"encrypt","encrypt",`, `"A256GCM"`: `["A256GCM"]`, `"oct"`: `"Oct"`, `"kty":"oct"`: `"kty":"oct","kty":"oct"`,
	} {
		key, err := parseSymmetric([]byte(strings.Replace(jwk, old, new, 1)))
		assert.Equal(t, ErrMalformed, err, new)
		assert.Nil(t, key)
	}
	swapped, err := parseSymmetric([]byte(strings.Replace(jwk, `["encrypt","decrypt"]`, `[ "decrypt" , "encrypt" ]`, 1)))
	require.NoError(t, err)
	assert.Len(t, swapped, keySize)

	public := loadVectors(t).account(t, "alice").PublicKeyJSON
	_, err = parsePublic(replaceNumber(t, public, "n", rsaSize-1))
	assert.Equal(t, ErrMalformed, err, "an even modulus")
	for old, new := range map[string]string{
		`"AQAB"`: `"Aw"`, `"n":"`: `"n":"A`,
		`"kty":"RSA","n":"`: `"kty":"RSA","n":"\n`, `"ext":true`: `"ext":1`, `"RSA"`: `"EC"`, `["encrypt"]`: `["encrypt","wrapKey"]`, `"e"`: `"E"`, `"kty"`: `"use":"enc","kty"`,
	} {
		require.Contains(t, public, old)
		key, err := parsePublic(strings.Replace(public, old, new, 1))
		assert.Equal(t, ErrMalformed, err, new)
		assert.Nil(t, key)
	}
}

func TestURI(t *testing.T) {
	for in, want := range map[string]string{
		"%41%c3%a9%F0%9f%A6%8A+": "Aé🦊+", "é%C3%A9": "éé", "": "", "%25": "%", "%00": "\x00", "%EF%BF%BD": "\ufffd", "%EF%BB%BF": "\ufeff",
	} {
		got, ok := decodeURIComponent([]byte(in))
		assert.True(t, ok, in)
		assert.Equal(t, want, string(got))
	}
	for _, bad := range []string{"%", "%4", "%g0", "%0g", "a%", "%c3", "%c3a9", "%c3%", "%c3%4", "%c3%41", "%80", "%c0%80", "%e0%80%80", "%ed%a0%80",
		"%f4%90%80%80", "%f8%88%80%80%80", "%ff", "%c3\xa9", "\xff", "%F0%9f%A6", "%+1", "%-1"} {
		got, ok := decodeURIComponent([]byte(bad))
		assert.False(t, ok, bad)
		assert.Nil(t, got)
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"ΑΣ": "ας", "Σ": "σ", "ΑΣΒ": "ασβ", "Α.Σ": "α.ς", "ΑΣ.Β": "ασ.β", "ΑΣ Β": "ας β", "1Σ": "1σ", "aΣ\u0301": "aς\u0301", "ΑΣΣ": "ασς", "Α:Σ": "α:ς", "\u0085a\u0085": "\u0085a\u0085", "\u180ea": "\u180ea", "ẞ": "ß", "ª": "ª",
	} {
		got, err := cleanEmail(in)
		require.NoError(t, err)
		assert.Equal(t, want, got, "%+q", in)
	}
	// norm.NFKD would break this row of marks with U+034F.
	marks := strings.Repeat("\u0301", 40) + strings.Repeat("\u0323", 40)
	same := strings.Repeat("\u0301\u0300\u0302", 20) // of one class: they stay in order
	got, err := cleanPassphrase(same + "\u0323" + same)
	require.NoError(t, err)
	assert.Equal(t, "\u0323"+same+same, got)
	got, err = cleanPassphrase("a" + marks)
	require.NoError(t, err)
	assert.Equal(t, "a"+strings.Repeat("\u0323", 40)+strings.Repeat("\u0301", 40), got)
}
