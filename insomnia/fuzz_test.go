package insomnia

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// FuzzMessage: what parses is what encode writes, but for the order of members,
// white space and unknown members; hex is lower-case hex.
func FuzzMessage(f *testing.F) {
	for _, a := range loadVectors(f).Accounts {
		f.Add([]byte(a.EncSymmetricKey))
	}
	f.Add([]byte(`{"iv":"000000000000000000000000","t":"00000000000000000000000000000000","d":"","ad":"00"}`))
	f.Add([]byte(`{"d":"","ad":"","t":"00000000000000000000000000000000" , "iv":"0000000000000000000000AA","x":[]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		box, ad, err := parseMessage(in)
		if err != nil {
			require.Equal(t, ErrMalformed, err)
			require.Nil(t, box)
			require.Nil(t, ad)
			return
		}
		var m struct{ IV, T, D, AD string }
		require.NoError(t, json.Unmarshal(compact.encode(box), &m))
		again, _, err := parseMessage(compact.encode(box))
		require.NoError(t, err)
		require.Equal(t, box, again)
		again, _, err = parseMessage(pretty.encode(box))
		require.NoError(t, err)
		require.Equal(t, box, again)
		for _, digits := range []string{m.IV, m.T, m.D, hex.EncodeToString(ad)} {
			if !bytes.ContainsRune(in, '\\') {
				require.Contains(t, string(in), `"`+digits+`"`)
			}
		}
	})
}

// FuzzSymmetric: a symmetric JWK holds its 43 characters and nothing unknown.
func FuzzSymmetric(f *testing.F) {
	for _, a := range loadVectors(f).Accounts {
		f.Add([]byte(a.SymmetricKeyJSON))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		key, err := parseSymmetric(in)
		if err != nil {
			require.Equal(t, ErrMalformed, err)
			require.Nil(t, key)
			return
		}
		var got, want map[string]any
		require.NoError(t, json.Unmarshal(in, &got))
		require.NoError(t, json.Unmarshal(symmetricJWK(key), &want))
		require.Equal(t, want["k"], got["k"])
		require.LessOrEqual(t, len(got), len(want))
	})
}

// FuzzPublic: a public JWK has the number it was read from.
func FuzzPublic(f *testing.F) {
	for _, a := range loadVectors(f).Accounts {
		f.Add([]byte(a.PublicKeyJSON))
		f.Add([]byte(a.PrivateKeyJSON))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		key, err := parsePublic(string(in))
		if err != nil {
			require.Equal(t, ErrMalformed, err)
			require.Nil(t, key)
			return
		}
		require.Equal(t, rsaBits, key.N.BitLen())
		var got map[string]any
		require.NoError(t, json.Unmarshal(in, &got))
		require.Equal(t, base64url.EncodeToString(key.N.Bytes()), got["n"])
	})
}

// FuzzPrivate: a private JWK that is read is a valid key.
func FuzzPrivate(f *testing.F) {
	for _, a := range loadVectors(f).Accounts {
		f.Add([]byte(a.PrivateKeyJSON))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		key, err := parsePrivate(in)
		if err != nil {
			require.Equal(t, ErrMalformed, err)
			require.Nil(t, key)
			return
		}
		require.NoError(t, key.Validate())
	})
}

// FuzzCode: a code that is read is base64, once it was cleaned.
func FuzzCode(f *testing.F) {
	for _, v := range loadVectors(f).Logins {
		f.Add(v.Code)
		f.Add(v.CodePercentEncoded)
		f.Add(" " + v.Code[:20] + "\n" + v.Code[20:])
		f.Add(strings.TrimRight(v.Code, "="))
	}
	f.Fuzz(func(t *testing.T, in string) {
		sealed, err := parseCode(in)
		if err != nil {
			require.Equal(t, ErrMalformed, err)
			require.Nil(t, sealed)
			return
		}
		again, err := parseCode(base64.StdEncoding.EncodeToString(sealed))
		require.NoError(t, err)
		require.Equal(t, sealed, again)
	})
}

// FuzzHandover: what the box holds.
func FuzzHandover(f *testing.F) {
	for _, v := range loadVectors(f).Logins {
		f.Add([]byte(v.vectorBox.JSON))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		session, enc, err := parseHandover(in)
		if err != nil {
			require.Equal(t, ErrOpen, err)
			require.Empty(t, session)
			require.Nil(t, enc)
			return
		}
		require.Len(t, enc, keySize)
		require.True(t, utf8.ValidString(session))
	})
}

// FuzzJSON: what is read as JSON is what encoding/json reads; the canonical text
// is one fixed point, and means the same.
func FuzzJSON(f *testing.F) {
	for _, g := range loadVectors(f).Groups {
		for _, d := range g.Documents {
			f.Add([]byte(d.Text))
		}
	}
	for range 50 {
		f.Add([]byte(randomDocument()))
	}
	f.Add([]byte(`{"a":1e400,"\ud800":"\ud800"}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		if valid := json.Valid(in) && utf8.Valid(in); depth(in) <= maxDepth {
			require.Equal(t, valid, validJSON(in))
		} else {
			require.False(t, validJSON(in) && !valid)
		}
		text, ok := canonical(in)
		require.Equal(t, isDocument(in), ok)
		if !ok {
			return
		}
		require.True(t, json.Valid(text))
		again, ok := canonical(text)
		require.True(t, ok)
		require.Equal(t, string(text), string(again))
		var want, got map[string]any
		if json.Unmarshal(in, &want) != nil || bytes.Contains(in, []byte{'\\'}) {
			return // numbers beyond float64; lone surrogates and names in escapes
		}
		require.NoError(t, json.Unmarshal(text, &got))
		delete(want, "modified")
		if want["type"] == "Workspace" {
			want["parentId"] = nil
		}
		require.Equal(t, want, got)
	})
}

// depth is an upper bound of how deep in nests.
func depth(in []byte) int { return bytes.Count(in, []byte{'['}) + bytes.Count(in, []byte{'{'}) }

// FuzzURI: what is decoded encodes to a text that decodes to the same.
func FuzzURI(f *testing.F) {
	for _, seed := range []string{"a%20b", "%F0%9F%A6%8A", "é%c3%A9", "%ed%a0%80", "-_.!~*'()"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		text, ok := decodeURIComponent(in)
		if !ok {
			require.Nil(t, text)
			return
		}
		require.True(t, utf8.Valid(text))
		again, ok := decodeURIComponent(encodeURIComponent(text))
		require.True(t, ok)
		require.Equal(t, string(text), string(again))
	})
}

// FuzzHex: what is read is what is written.
func FuzzHex(f *testing.F) {
	f.Add("00ff")
	f.Add("0A")
	f.Add("0123456789abcdef0123456789abcdeF")
	f.Fuzz(func(t *testing.T, in string) {
		b, ok := fromHex(in, len(in)/2)
		if ok {
			require.Equal(t, in, hex.EncodeToString(b))
		}
		_, err := hex.DecodeString(in)
		require.Equal(t, err == nil && strings.ToLower(in) == in, ok)
	})
}

// FuzzDecompress: what comes out goes in again.
func FuzzDecompress(f *testing.F) {
	f.Add(compress([]byte(`{"a":1}`)))
	f.Fuzz(func(t *testing.T, in []byte) {
		text, ok := decompress(in)
		if !ok {
			return
		}
		again, ok := decompress(compress(text))
		require.True(t, ok)
		require.Equal(t, string(text), string(again))
	})
}

// FuzzClean: cleaning is done once and for all.
func FuzzClean(f *testing.F) {
	f.Add(" İΑΣ\u0301\ufeff")
	f.Add("\u00a8ﬁ한글")
	f.Fuzz(func(t *testing.T, in string) {
		email, err := cleanEmail(in)
		require.Equal(t, validInput(in), err == nil)
		if err != nil {
			return
		}
		again, err := cleanEmail(email)
		require.NoError(t, err)
		require.Equal(t, email, again)
		passphrase, err := cleanPassphrase(in)
		require.NoError(t, err)
		require.Equal(t, passphrase, nfkd(passphrase))
	})
}
