package insomnia

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/nacl/box"

	"github.com/sealkin/sealkin/internal/modexp"
	"github.com/sealkin/sealkin/internal/secret"
)

func TestVectorsDerive(t *testing.T) {
	for _, v := range loadVectors(t).Derivations {
		tmp, err := hkdf.Key(sha256.New, []byte(v.Email), []byte(v.Salt), "", keySize)
		require.NoError(t, err)
		assert.Equal(t, v.HKDF, hex.EncodeToString(tmp), v.Name)
		assert.Equal(t, v.Key, hex.EncodeToString(deriveKey(v.Passphrase, v.Email, v.Salt)), v.Name)
	}
}

func TestVectorsSanitize(t *testing.T) {
	clean := map[string]func(string) (string, error){"email": cleanEmail, "passphrase": cleanPassphrase}
	for _, v := range loadVectors(t).Sanitize {
		var points []string
		for _, r := range v.Raw {
			points = append(points, fmt.Sprintf("U+%04X", r))
		}
		require.Equal(t, v.RawCodePoints, strings.Join(points, " "))
		require.Contains(t, clean, v.Kind)
		got, err := clean[v.Kind](v.Raw)
		require.NoError(t, err)
		assert.Equal(t, v.Result, got, "%q", v.Raw)
	}
}

func TestVectorsAccounts(t *testing.T) {
	for _, v := range loadVectors(t).Accounts {
		t.Run(v.Name, func(t *testing.T) {
			r := v.record()
			r.Email = v.RawEmail
			require.Equal(t, 2048, v.SRPGroup)
			auth, enc, err := r.secrets(v.RawPassphrase)
			require.NoError(t, err)
			assert.Equal(t, v.AuthSecret, hex.EncodeToString(auth))
			assert.Equal(t, v.EncSecret, hex.EncodeToString(enc))
			salt := unhex(t, v.SaltAuth)
			assert.Equal(t, v.Verifier, hex.EncodeToString(verifier(srpX(salt, v.Email, auth))))

			o := secret.Open(v.open(t).accountSecrets)
			assert.Equal(t, v.SymmetricKeyJSON, string(o.symmetric))
			key, err := parseSymmetric(o.symmetric)
			require.NoError(t, err)
			rebuild(t, enc, v.EncSymmetricKey, v.SymmetricKeyJSON)
			rebuild(t, key, v.EncPrivateKey, v.PrivateKeyJSON)
		})
	}
}

// The record as JSON is what Insomnia's server sends and takes.
func TestRecordJSON(t *testing.T) {
	v := loadVectors(t).account(t, "bob")
	wire, err := json.Marshal(v.record())
	require.NoError(t, err)
	var m map[string]string
	require.NoError(t, json.Unmarshal(wire, &m), "every member is a string")
	assert.Equal(t, map[string]string{"id": v.ID, "email": v.Email, "saltKey": v.SaltKey, "saltAuth": v.SaltAuth,
		"saltEnc": v.SaltEnc, "verifier": v.Verifier, "publicKey": v.PublicKeyJSON,
		"encSymmetricKey": string(v.EncSymmetricKey), "encPrivateKey": string(v.EncPrivateKey)}, m)
	var back Record
	require.NoError(t, json.Unmarshal(wire, &back))
	assert.Equal(t, v.record(), &back)
}

func TestVectorsChanges(t *testing.T) {
	file := loadVectors(t)
	for _, v := range file.Changes {
		old := file.account(t, v.Account)
		a := old.open(t)
		require.Equal(t, v.OldVerifier, old.Verifier)
		r, err := a.Change(v.RawNewEmail, v.RawNewPassphrase)
		require.NoError(t, err)
		assert.Equal(t, v.NewVerifier, r.Verifier)
		assert.Equal(t, v.NewEmail, r.Email)
		assert.Equal(t, [3]string{old.SaltKey, old.SaltAuth, old.SaltEnc}, [3]string{r.SaltKey, r.SaltAuth, r.SaltEnc})
		rebuild(t, unhex(t, v.NewEncSecret), v.NewEncSymmetricKey, old.SymmetricKeyJSON)
		rebuild(t, unhex(t, v.NewEncSecret), r.EncSymmetricKey, old.SymmetricKeyJSON)
		_, err = r.Unlock(v.NewPassphrase)
		require.NoError(t, err)
	}
}

func TestVectorsAES(t *testing.T) {
	for _, v := range loadVectors(t).AES {
		key, err := vectorKey(v.Key)
		require.NoError(t, err)
		k := newAESKey(key)
		switch v.Op {
		case "encryptAES":
			assert.Equal(t, v.EncodedPlaintext, string(encodeURIComponent([]byte(v.Plaintext))), v.Name)
			got, err := k.openText(Message(v.Message))
			require.NoError(t, err, v.Name)
			assert.Equal(t, v.Plaintext, string(got), v.Name)
			sameBox(t, key, v.Message, []byte(v.EncodedPlaintext), v.AdditionalData)
		case "encryptAESBuffer":
			got, err := k.openBytes(v.Message)
			require.NoError(t, err, v.Name)
			assert.Equal(t, v.DataHex, hex.EncodeToString(got), v.Name)
			sameBox(t, key, v.Message, unhex(t, v.DataHex), v.AdditionalData)
		case "decryptAES":
			got, err := k.openText(Message(v.Message))
			require.NoError(t, err, v.Name)
			assert.Equal(t, v.Result, string(got), v.Name)
			sameBox(t, key, v.Message, unhex(t, v.RawHex), v.AdditionalData)
		default:
			t.Fatal(v.Op)
		}
	}
}

// sameBox seals plaintext with the IV of the message, and compares all of it.
func sameBox(t *testing.T, key, message, plaintext []byte, ad string) {
	t.Helper()
	want, gotAD, err := parseMessage(message)
	require.NoError(t, err)
	require.Equal(t, ad, string(gotAD))
	block, err := aes.NewCipher(key)
	require.NoError(t, err)
	gcm, err := cipher.NewGCM(block)
	require.NoError(t, err)
	require.Equal(t, want, gcm.Seal(bytes.Clone(want[:ivSize]), want[:ivSize], plaintext, gotAD))
}

// rebuild makes a message of text with the IV of m, and compares the JSON.
func rebuild(t *testing.T, key []byte, m Message, text string) {
	t.Helper()
	sameBox(t, key, []byte(m), encodeURIComponent([]byte(text)), "")
	box, _, err := parseMessage([]byte(m))
	require.NoError(t, err)
	require.Equal(t, m, Message(compact.encode(box)))
}

func vectorKey(raw json.RawMessage) ([]byte, error) {
	var digits string
	if json.Unmarshal(raw, &digits) != nil {
		return parseSymmetric(raw)
	}
	key, ok := fromHex(digits, keySize)
	if !ok {
		return nil, ErrMalformed
	}
	return key, nil
}

func TestVectorsRSA(t *testing.T) {
	file := loadVectors(t)
	for _, v := range file.RSA {
		account := file.account(t, v.Account)
		private, err := parsePrivate([]byte(account.PrivateKeyJSON))
		require.NoError(t, err)
		got, err := decryptRSA(private, v.Ciphertext)
		require.NoError(t, err, v.Name)
		assert.Equal(t, v.Plaintext, string(got))
		assert.Equal(t, v.EncodedPlaintext, string(encodeURIComponent([]byte(v.Plaintext))))
		public, err := parsePublic(account.PublicKeyJSON)
		require.NoError(t, err)
		assert.Equal(t, v.Ciphertext, oaep(public, unhex(t, v.OAEPSeed), []byte(v.EncodedPlaintext)), v.Name)
	}
}

// oaep is RSAES-OAEP (RFC 8017, 7.1.1) with a given seed.
func oaep(public *rsa.PublicKey, seed, message []byte) Link {
	lHash := sha256.Sum256(nil)
	db := make([]byte, rsaSize-1-sha256.Size)
	copy(db, lHash[:])
	copy(db[len(db)-len(message):], message)
	db[len(db)-len(message)-1] = 1
	mgf1XOR(db, seed)
	masked := bytes.Clone(seed)
	mgf1XOR(masked, db)
	em := new(big.Int).SetBytes(append(masked, db...))
	em.Exp(em, big.NewInt(int64(public.E)), public.N)
	return Link(hex.EncodeToString(em.FillBytes(make([]byte, rsaSize))))
}

func mgf1XOR(out, seed []byte) {
	for i := range out {
		block := sha256.Sum256(binary.BigEndian.AppendUint32(bytes.Clone(seed), uint32(i/sha256.Size)))
		out[i] ^= block[i%sha256.Size]
	}
}

func TestVectorsGroups(t *testing.T) {
	file := loadVectors(t)
	for _, g := range file.Groups {
		var key *GroupKey
		for _, l := range g.Links {
			member := file.account(t, l.Account)
			require.Equal(t, member.ID, l.AccountID)
			a := member.open(t)
			var err error
			key, err = a.OpenLink(l.EncSymmetricKey)
			require.NoError(t, err)
			jwk := secret.Open(key.groupSecrets).jwk
			assert.Equal(t, g.SymmetricKeyJSON, string(jwk))
			assert.Equal(t, l.OAEPMessage, string(encodeURIComponent(jwk)))
			public, err := parsePublic(member.PublicKeyJSON)
			require.NoError(t, err)
			assert.Equal(t, l.EncSymmetricKey, oaep(public, unhex(t, l.OAEPSeed), encodeURIComponent(jwk)))

			again, err := key.Link(member.PublicKeyJSON) // an invitation
			require.NoError(t, err)
			twice, err := a.OpenLink(again)
			require.NoError(t, err)
			assert.Equal(t, g.SymmetricKeyJSON, string(secret.Open(twice.groupSecrets).jwk))
		}
		raw, err := parseSymmetric([]byte(g.SymmetricKeyJSON))
		require.NoError(t, err)
		for _, d := range g.Documents {
			t.Run(g.Name+"/"+d.Kind+"/"+d.ID, func(t *testing.T) { checkDocument(t, key, raw, &d) })
		}
	}
}

func checkDocument(t *testing.T, key *GroupKey, raw []byte, d *vectorDocument) {
	switch d.Kind {
	case "resource":
		got, err := key.OpenResource(d.EncContent)
		require.NoError(t, err)
		assert.Equal(t, d.Text, string(got))
		assert.JSONEq(t, string(d.Document), string(got))
		assert.Equal(t, d.EncodedPlaintext, string(encodeURIComponent(got)))
		rebuild(t, raw, d.EncContent, d.Text)
	case "blob":
		got, err := key.OpenBlob(d.ID, []byte(d.Content))
		require.NoError(t, err)
		assert.Equal(t, d.Text, string(got))
		text, ok := canonical(d.Document)
		require.True(t, ok)
		assert.Equal(t, d.Text, string(text))
		packed, ok := decompress(d.Gzip)
		require.True(t, ok)
		assert.Equal(t, d.Text, string(packed))
		sameBox(t, raw, []byte(d.Content), d.Gzip, "")
		parsed, _, err := parseMessage([]byte(d.Content))
		require.NoError(t, err)
		assert.Equal(t, d.Content, string(pretty.encode(parsed)))
		id, content, err := key.SealBlob(d.Document)
		require.NoError(t, err)
		assert.Equal(t, d.ID, id)
		again, err := key.OpenBlob(id, content)
		require.NoError(t, err)
		assert.Equal(t, d.Text, string(again))
	default:
		t.Fatal(d.Kind)
	}
}

func TestVectorsSRP(t *testing.T) {
	for _, v := range loadVectors(t).SRP {
		t.Run(v.Name, func(t *testing.T) {
			require.Equal(t, "2048 sha256", fmt.Sprint(v.Group, " ", v.Hash))
			assert.Equal(t, v.SmallK, hex.EncodeToString(srpK()))
			x := srpX(unhex(t, v.Salt), v.Identity, unhex(t, v.Password))
			assert.Equal(t, v.X, hex.EncodeToString(x))
			assert.Equal(t, v.Verifier, hex.EncodeToString(verifier(x)))
			c := newClient(x, unhex(t, v.SmallA))
			assert.Equal(t, v.A, hex.EncodeToString(c.public))
			element, err := parseElement(v.Verifier)
			require.NoError(t, err)
			s := newServer(element, unhex(t, v.SmallB))
			assert.Equal(t, v.B, hex.EncodeToString(s.public))
			u, err := srpU(c.public, s.public)
			require.NoError(t, err)
			assert.Equal(t, v.U, hex.EncodeToString(u))
			p, m1, err := c.Respond(v.B)
			require.NoError(t, err)
			assert.Equal(t, v.M1, m1)
			m2, session, err := s.Verify(v.A, m1)
			require.NoError(t, err)
			assert.Equal(t, v.M2, m2)
			assert.Equal(t, v.K, session)
			session, err = p.Finish(m2)
			require.NoError(t, err)
			assert.Equal(t, v.K, session)
			assert.Equal(t, v.K, hex.EncodeToString(hash(unhex(t, v.S))))
			_, err = modexp.Group2048().Parse(unhex(t, v.S))
			require.NoError(t, err)
		})
	}
}

func TestVectorsSealedBoxes(t *testing.T) {
	for _, v := range loadVectors(t).SealedBoxes {
		public, private := [32]byte(v.PublicKey), [32]byte(v.SecretKey)
		got, err := openBox(v.Box, &public, &private)
		require.NoError(t, err, v.Name)
		assert.Equal(t, string(v.Data), string(got))
		again, err := box.SealAnonymous(nil, v.Data, &public, bytes.NewReader(v.EphemeralSecretKey))
		require.NoError(t, err)
		assert.Equal(t, v.Box, again)
		assert.Equal(t, v.EphemeralPublicKey, again[:32])
		if v.JSON != "" {
			assert.Equal(t, v.JSON, string(v.Data))
		}
	}
}

// handover is one with given keys.
func handover(public, private []byte) *Handover {
	key := [keySize]byte(private)
	return &Handover{secret.Hide(&key), [keySize]byte(public)}
}

func TestVectorsLogins(t *testing.T) {
	file := loadVectors(t)
	for _, v := range file.Logins {
		h := handover(v.PublicKey, v.SecretKey)
		assert.Equal(t, v.LoginKeyQuery, h.Query())
		r := file.account(t, v.Account).record()
		for _, code := range []string{v.Code, v.CodePercentEncoded} {
			a, session, err := h.Open(code, r)
			require.NoError(t, err)
			assert.Equal(t, v.Token, session)
			assert.NotNil(t, a)
		}
		public, ok := parseLoginKey(h.LoginKey())
		require.True(t, ok)
		code := sealCode(public, v.Token, unhex(t, v.Key), bytes.NewReader(v.EphemeralSecretKey))
		assert.Equal(t, v.Code, code)
		sealed, err := base64.StdEncoding.DecodeString(code)
		require.NoError(t, err)
		assert.Equal(t, v.Box, sealed)
		assert.Equal(t, v.vectorBox.JSON, string(v.Data))
	}
}

// Insomnia's own test account was opened in its app, by a sealed box.
func TestVectorsFixtureAccount(t *testing.T) {
	v := loadVectors(t).FixtureAccount
	r := &Record{ID: v.Whoami.AccountID, Email: v.Whoami.Email, PublicKey: v.Whoami.PublicKey,
		EncPrivateKey: v.Whoami.EncPrivateKey, EncSymmetricKey: v.Whoami.EncSymmetricKey}
	a, session, err := handover(v.Box.PublicKey, v.Box.SecretKey).Open(v.Box.Code, r)
	require.NoError(t, err)
	assert.Equal(t, v.Token, session)
	o := secret.Open(a.accountSecrets)
	assert.Equal(t, v.SymmetricKeyJSON, string(o.symmetric))
	want, err := parsePrivate([]byte(v.PrivateKeyJSON))
	require.NoError(t, err)
	assert.True(t, want.Equal(o.private))
	b, err := a.Change("", "") // the salts are not known
	assert.Nil(t, b)
	assert.ErrorIs(t, err, ErrMalformed)
}

func unhex(t testing.TB, digits string) []byte {
	t.Helper()
	b, err := hex.DecodeString(digits)
	require.NoError(t, err)
	return b
}
