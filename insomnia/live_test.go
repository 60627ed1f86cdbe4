package insomnia

import (
	"bufio"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/secret"
)

// A peer is Insomnia's own package, in testdata/insomnia/live/exchange.mjs.
type peer struct {
	requests io.Writer
	answers  *bufio.Reader
	cases    int
}

// startPeer skips the test if Node or the package is not there, but with
// SEALKIN_LIVE=1, which .ci/run sets, that is a failure.
func startPeer(t *testing.T) *peer {
	t.Helper()
	dir := filepath.Join("..", "testdata", "insomnia", "live")
	missing := func(what string) {
		if os.Getenv("SEALKIN_LIVE") == "1" {
			t.Fatal(what)
		}
		t.Skip(what)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		missing("no node in the path: not exchanging cases with Insomnia's package")
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "@getinsomnia", "srp-js")); err != nil {
		missing("Insomnia's package is not installed (npm ci in testdata/insomnia/live): not exchanging cases")
	}
	cmd := exec.Command(node, "exchange.mjs")
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		require.NoError(t, in.Close())
		require.NoError(t, cmd.Wait())
	})
	return &peer{requests: in, answers: bufio.NewReader(out)}
}

type args map[string]any

// try asks for one operation; the error is what the package threw.
func (p *peer) try(t *testing.T, op string, a args, result any) error {
	t.Helper()
	require.NoError(t, json.NewEncoder(p.requests).Encode(map[string]any{"op": op, "args": a}))
	line, err := p.answers.ReadBytes('\n')
	require.NoError(t, err, "the peer is gone")
	var answer struct {
		Result json.RawMessage
		Error  string
	}
	require.NoError(t, json.Unmarshal(line, &answer))
	if answer.Error != "" {
		return errors.New(answer.Error)
	}
	require.NoError(t, json.Unmarshal(answer.Result, result), "%s", line)
	return nil
}

func ask[T any](t *testing.T, p *peer, op string, a args) (result T) {
	t.Helper()
	require.NoError(t, p.try(t, op, a, &result))
	return result
}

// TestLive exchanges fresh random cases with Insomnia's package, both ways.
func TestLive(t *testing.T) {
	p := startPeer(t)
	for _, part := range []struct {
		name string
		n    int
		run  func(*testing.T, *peer)
	}{
		{"derive", 12, liveDerive},
		{"AES/read", 20, liveReadAES}, {"AES/write", 20, liveWriteAES}, {"AES/tampered", 10, liveTamperedAES},
		{"bytes/read", 15, liveReadBytes}, {"bytes/write", 15, liveWriteBytes},
		{"RSA/read", 20, liveReadRSA}, {"RSA/write", 20, liveWriteRSA},
		{"account/read", 4, liveReadAccount}, {"account/write", 3, liveWriteAccount},
		{"links/read", 12, liveReadLink}, {"links/write", 12, liveWriteLink}, {"links/invite", 6, liveInvite},
		{"blob/read", 15, liveReadBlob}, {"blob/write", 15, liveWriteBlob},
		{"SRP/client", 10, liveClient}, {"SRP/server", 10, liveServer}, {"SRP/wrong", 4, liveWrong},
		{"box/read", 15, liveReadBox}, {"box/write", 15, liveWriteBox},
	} {
		t.Run(part.name, func(t *testing.T) {
			for range part.n {
				part.run(t, p)
				p.cases++
				if t.Failed() {
					return
				}
			}
		})
	}
	if !t.Failed() {
		require.GreaterOrEqual(t, p.cases, 200)
		t.Log(p.cases, "cases exchanged")
	}
}

// alphabet is what random texts are drawn from: what the codecs treat apart.
var alphabet = []rune("abcxyzABCXYZ0189 \t\n\r\x00\x1f\x7f%+&=?#/\\\"'<>!~*()-_." +
	"éüßñÅﬁ½²ΣσςİıΩ\u0301\u0323\u0307\u00a0\ufeff\u200b\u2028\u2029\u3000\u0085\u180e\u00a8日本語한글🦊👩\u200d\ufe0f\ue000\ufffd\uffff\U00010000\U0010ffff")

func randomText(n int) string {
	out := make([]rune, rand.IntN(n+1))
	for i := range out {
		out[i] = alphabet[rand.IntN(len(alphabet))]
	}
	return string(out)
}

func randomBytes(n int) []byte {
	b := make([]byte, rand.IntN(n+1))
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return b
}

// freshKey makes a key on either side; both as the peer takes it.
func freshKey(t *testing.T, p *peer) (raw []byte, jwk json.RawMessage) {
	jwk = symmetricJWK(randomScalar())
	if rand.IntN(2) == 0 {
		jwk = ask[json.RawMessage](t, p, "generateAES256Key", nil)
	}
	raw, err := parseSymmetric(jwk)
	require.NoError(t, err)
	if rand.IntN(2) == 0 {
		jwk = json.RawMessage(`"` + hex.EncodeToString(raw) + `"`)
	}
	return raw, jwk
}

func liveDerive(t *testing.T, p *peer) {
	passphrase, email, salt := randomText(40), randomText(20), randomHex()
	got := ask[string](t, p, "derive", args{"passphrase": passphrase, "email": email, "salt": salt})
	assert.Equal(t, got, hex.EncodeToString(deriveKey(passphrase, email, salt)))
}

func liveReadAES(t *testing.T, p *peer) {
	key, jwk := freshKey(t, p)
	text, ad := randomText(300), strings.Repeat("é", rand.IntN(3)*rand.IntN(2))
	m := ask[json.RawMessage](t, p, "encryptAES", args{"key": jwk, "text": text, "ad": ad})
	got, err := newAESKey(key).openText(Message(m))
	require.NoError(t, err)
	assert.Equal(t, text, string(got))
	if ad == "" {
		rebuild(t, key, Message(m), text)
	}
}

func liveWriteAES(t *testing.T, p *peer) {
	key, jwk := freshKey(t, p)
	text := randomText(300)
	m := newAESKey(key).sealText([]byte(text))
	assert.Equal(t, text, ask[string](t, p, "decryptAES", args{"key": jwk, "message": json.RawMessage(m)}))
}

// What we refuse Insomnia refuses too, if the tag is whole.
func liveTamperedAES(t *testing.T, p *peer) {
	key, jwk := freshKey(t, p)
	box, _, err := parseMessage([]byte(newAESKey(key).sealText([]byte("x" + randomText(30)))))
	require.NoError(t, err)
	box[rand.IntN(len(box))] ^= 1 << rand.IntN(8)
	m := compact.encode(box)
	_, err = newAESKey(key).openText(Message(m))
	assert.Equal(t, ErrOpen, err)
	var text string
	assert.Error(t, p.try(t, "decryptAES", args{"key": jwk, "message": json.RawMessage(m)}, &text))
}

func liveReadBytes(t *testing.T, p *peer) {
	key, jwk := freshKey(t, p)
	data := randomBytes(300)
	m := ask[json.RawMessage](t, p, "encryptAESBuffer", args{"key": jwk, "data": hex.EncodeToString(data)})
	got, err := newAESKey(key).openBytes(m)
	require.NoError(t, err)
	assert.Equal(t, hex.EncodeToString(data), hex.EncodeToString(got))
}

func liveWriteBytes(t *testing.T, p *peer) {
	key, jwk := freshKey(t, p)
	data := randomBytes(300)
	m := json.RawMessage(newAESKey(key).sealBytes(data))
	assert.Equal(t, hex.EncodeToString(data), ask[string](t, p, "decryptAESToBuffer", args{"key": jwk, "message": m}))
}

// freshPair makes a key pair on either side.
func freshPair(t *testing.T, p *peer) (public, private json.RawMessage) {
	if rand.IntN(2) == 0 {
		_, public, private = newPair()
		return public, private
	}
	pair := ask[struct{ PublicKey, PrivateKey json.RawMessage }](t, p, "generateKeyPair", nil)
	return pair.PublicKey, pair.PrivateKey
}

func liveReadRSA(t *testing.T, p *peer) {
	public, jwk := freshPair(t, p)
	private, err := parsePrivate(jwk)
	require.NoError(t, err)
	text := randomText(14)
	link := ask[Link](t, p, "encryptRSA", args{"publicKey": public, "text": text})
	got, err := decryptRSA(private, link)
	require.NoError(t, err)
	assert.Equal(t, text, string(got))
}

func liveWriteRSA(t *testing.T, p *peer) {
	jwk, private := freshPair(t, p)
	public, err := parsePublic(string(jwk))
	require.NoError(t, err)
	text := randomText(14)
	link, err := encryptRSA(public, []byte(text))
	require.NoError(t, err)
	assert.Equal(t, text, ask[string](t, p, "decryptRSA", args{"privateKey": private, "ciphertext": link}))
}

func liveReadAccount(t *testing.T, p *peer) {
	email, passphrase := randomText(20), randomText(40)
	r := ask[Record](t, p, "createAccount", args{"email": email, "passphrase": passphrase})
	r.Email = email // to be cleaned here
	a, err := r.Unlock(passphrase)
	require.NoError(t, err)
	same, err := a.Change(email, passphrase)
	require.NoError(t, err)
	assert.Equal(t, r.Verifier, same.Verifier)
	_, err = r.Unlock(passphrase + "x")
	assert.Equal(t, ErrOpen, err)
	checkAccount(t, p, a, same, passphrase)
}

func liveWriteAccount(t *testing.T, p *peer) {
	email, passphrase := randomText(20), randomText(40)
	a, r, err := NewAccount(email, passphrase)
	require.NoError(t, err)
	checkAccount(t, p, a, r, passphrase)
	email, passphrase = randomText(20), randomText(40)
	r, err = a.Change(email, passphrase)
	require.NoError(t, err)
	r.Email = email
	checkAccount(t, p, a, r, passphrase)
}

// checkAccount has the peer open a record.
func checkAccount(t *testing.T, p *peer, a *Account, r *Record, passphrase string) {
	t.Helper()
	got := ask[struct {
		SymmetricKey, PrivateKey json.RawMessage
		Verifier                 string
	}](t, p, "openAccount", args{"record": r, "passphrase": passphrase})
	o := secret.Open(a.accountSecrets)
	assert.Equal(t, string(o.symmetric), string(got.SymmetricKey))
	private, err := parsePrivate(got.PrivateKey)
	require.NoError(t, err)
	assert.True(t, o.private.Equal(private))
	assert.Equal(t, r.Verifier, got.Verifier)
}

// liveMember is an account without a record: all that links need.
func liveMember(t *testing.T, p *peer) (a *Account, public, private json.RawMessage) {
	public, private = freshPair(t, p)
	key, err := parsePrivate(private)
	require.NoError(t, err)
	return &Account{accountSecrets: secret.Hide(&opened{private: key})}, public, private
}

func liveReadLink(t *testing.T, p *peer) {
	a, public, _ := liveMember(t, p)
	jwk := ask[json.RawMessage](t, p, "generateAES256Key", nil)
	link := ask[Link](t, p, "encryptRSA", args{"publicKey": public, "text": string(jwk)})
	key, err := a.OpenLink(link)
	require.NoError(t, err)
	doc := `{"name":"x"}`
	m := ask[json.RawMessage](t, p, "encryptAES", args{"key": jwk, "text": doc, "ad": ""})
	got, err := key.OpenResource(Message(m))
	require.NoError(t, err)
	assert.Equal(t, doc, string(got))
}

func liveWriteLink(t *testing.T, p *peer) {
	_, public, private := liveMember(t, p)
	key := NewGroupKey()
	link, err := key.Link(string(public))
	require.NoError(t, err)
	jwk := ask[string](t, p, "decryptRSA", args{"privateKey": private, "ciphertext": link})
	doc := `{"name":"` + hex.EncodeToString(randomBytes(9)) + `"}`
	m, err := key.SealResource([]byte(doc))
	require.NoError(t, err)
	got := ask[string](t, p, "decryptAES", args{"key": json.RawMessage(jwk), "message": json.RawMessage(m)})
	assert.Equal(t, doc, got)
}

// We invite with a link of theirs, they with ours.
func liveInvite(t *testing.T, p *peer) {
	a, aPublic, aPrivate := liveMember(t, p)
	b, bPublic, _ := liveMember(t, p)
	key := NewGroupKey()
	link, err := key.Link(string(aPublic))
	require.NoError(t, err)
	theirs := ask[Link](t, p, "invite", args{"privateKey": aPrivate, "publicKey": bPublic, "link": link})
	got, err := b.OpenLink(theirs)
	require.NoError(t, err)
	assert.Equal(t, secret.Open(key.groupSecrets).jwk, secret.Open(got.groupSecrets).jwk)
	_, err = a.OpenLink(theirs)
	assert.Equal(t, ErrOpen, err)
}

// freshGroup makes a group key, and what the peer takes for it.
func freshGroup() (*GroupKey, json.RawMessage) {
	key := NewGroupKey()
	return key, secret.Open(key.groupSecrets).jwk
}

func liveReadBlob(t *testing.T, p *peer) {
	key, jwk := freshGroup()
	doc := randomDocument()
	blob := ask[struct{ ID, Content string }](t, p, "sealBlob", args{"key": jwk, "text": doc})
	got, err := key.OpenBlob(blob.ID, []byte(blob.Content))
	require.NoError(t, err)
	want, ok := canonical([]byte(doc))
	require.True(t, ok)
	assert.Equal(t, string(want), string(got))
}

func liveWriteBlob(t *testing.T, p *peer) {
	key, jwk := freshGroup()
	doc := randomDocument()
	id, content, err := key.SealBlob([]byte(doc))
	require.NoError(t, err)
	got := ask[string](t, p, "openBlob", args{"key": jwk, "id": id, "content": string(content)})
	assert.Equal(t, ask[string](t, p, "canonical", args{"text": doc}), got)
}

// liveRecord is an account as SRP needs it.
func liveRecord(t *testing.T) (*Record, string) {
	email, passphrase := randomText(20), randomText(20)
	r := &Record{Email: email, SaltKey: randomHex(), SaltAuth: randomHex()}
	auth, err := r.secret(passphrase, r.SaltKey)
	require.NoError(t, err)
	clean, err := cleanEmail(email)
	require.NoError(t, err)
	r.Verifier = hex.EncodeToString(verifier(srpX(unhex(t, r.SaltAuth), clean, auth)))
	return r, passphrase
}

func liveClient(t *testing.T, p *peer) {
	r, passphrase := liveRecord(t)
	c, a, err := r.Login(passphrase)
	require.NoError(t, err)
	pending, m1, err := c.Respond(ask[string](t, p, "serverChallenge", args{"login": 1, "verifier": r.Verifier, "a": a}))
	require.NoError(t, err)
	reply := ask[struct{ M2, Session string }](t, p, "serverVerify", args{"login": 1, "m1": m1})
	session, err := pending.Finish(reply.M2)
	require.NoError(t, err)
	assert.Equal(t, reply.Session, session)
}

func liveServer(t *testing.T, p *peer) {
	r, passphrase := liveRecord(t)
	s, b, err := r.Challenge()
	require.NoError(t, err)
	a := liveHello(t, p, r, passphrase)
	m2, session, err := s.Verify(a, ask[string](t, p, "clientProof", args{"login": 1, "b": b}))
	require.NoError(t, err)
	assert.Equal(t, session, ask[string](t, p, "clientFinish", args{"login": 1, "m2": m2}))
}

func liveHello(t *testing.T, p *peer, r *Record, passphrase string) string {
	return ask[string](t, p, "clientHello", args{"login": 1, "email": r.Email, "passphrase": passphrase,
		"saltKey": r.SaltKey, "saltAuth": r.SaltAuth})
}

// A wrong passphrase is noticed by both servers.
func liveWrong(t *testing.T, p *peer) {
	r, passphrase := liveRecord(t)
	s, b, err := r.Challenge()
	require.NoError(t, err)
	a := liveHello(t, p, r, passphrase+"x")
	_, _, err = s.Verify(a, ask[string](t, p, "clientProof", args{"login": 1, "b": b}))
	assert.Equal(t, ErrOpen, err)

	c, a, err := r.Login(passphrase + "x")
	require.NoError(t, err)
	_, m1, err := c.Respond(ask[string](t, p, "serverChallenge", args{"login": 1, "verifier": r.Verifier, "a": a}))
	require.NoError(t, err)
	var reply struct{ M2, Session string }
	assert.Error(t, p.try(t, "serverVerify", args{"login": 1, "m1": m1}, &reply))
}

func liveReadBox(t *testing.T, p *peer) {
	h := NewHandover()
	session, enc := randomHex(), randomScalar()
	code := ask[string](t, p, "sealBox", args{"publicKey": h.LoginKey(),
		"value": map[string]string{"token": session, "key": hex.EncodeToString(enc)}})
	sealed, err := parseCode(" " + code + "\n")
	require.NoError(t, err)
	content, err := openBox(sealed, &h.public, secret.Open(h.handoverSecrets))
	require.NoError(t, err)
	gotSession, gotEnc, err := parseHandover(content)
	require.NoError(t, err)
	assert.Equal(t, session, gotSession)
	assert.Equal(t, enc, gotEnc)
}

func liveWriteBox(t *testing.T, p *peer) {
	loginKey := ask[string](t, p, "boxKeys", args{"login": 2})
	public, ok := parseLoginKey(loginKey)
	require.True(t, ok)
	session, enc := randomText(20), randomScalar()
	code := sealCode(public, session, enc, rand.NewChaCha8([32]byte(randomScalar())))
	got := ask[map[string]string](t, p, "openBox", args{"login": 2, "box": code})
	assert.Equal(t, map[string]string{"token": session, "key": hex.EncodeToString(enc)}, got)
	_, err := base64.StdEncoding.DecodeString(code)
	assert.NoError(t, err)
}
