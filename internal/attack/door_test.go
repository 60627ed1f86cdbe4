package attack_test

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/hostile"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/srp"
)

// a66: the record is asked for without a login, with a state that was used, and
// in another one's session.
func a66(t *testing.T) {
	me, phone, _ := janesAccount()
	bobs := device()
	bob := keys.NewAccount(bobs)
	lookup := accounts(map[string]*keys.LockedAccount{"jane": me.Locked(), "bob": bob.Locked()})
	record := me.Locked().Bytes()
	s, h := server(t), hostile.New()
	h.Put(hostile.Accounts, me.ID().String(), record)
	h.Put(hostile.Accounts, bob.ID().String(), bob.Locked().Bytes())
	serve := func(id string, proof []byte) []byte { // the handler of an app
		session, _, err := s.Verify(h.Take(hostile.Logins, id), proof)
		if err != nil {
			return nil
		}
		return h.Get(hostile.Accounts, session.Account().String())
	}
	client, challenge, state := start(t, s, jane, phone, lookup)
	h.Put(hostile.Logins, "1", state)
	for _, given := range [][]byte{challenge, state} { // nothing of it before the proof
		for at := 8; at+16 <= len(given); at++ {
			require.NotContains(t, string(record), string(given[at:at+16]))
		}
	}
	_, proof, err := client.Respond(challenge, phone)
	require.NoError(t, err)
	require.Nil(t, serve("none", proof))
	h.Put(hostile.Logins, "0", state)
	require.Nil(t, serve("0", flip(proof, 20)), "a wrong proof")
	_, _, nobodys := start(t, s, keys.Login{Service: service, Name: "nobody"}, phone, lookup)
	h.Put(hostile.Logins, "0", nobodys)
	require.Nil(t, serve("0", proof), "another one's proof")
	require.Equal(t, record, serve("1", proof))
	require.Nil(t, serve("1", proof), "a state is taken once")
	client, challenge, state = start(t, s, keys.Login{Service: service, Name: "bob"}, bobs, lookup)
	h.Put(hostile.Logins, "2", state)
	_, proof, err = client.Respond(challenge, bobs)
	require.NoError(t, err)
	require.Equal(t, bob.Locked().Bytes(), serve("2", proof), "a session names whose it is")
	_, withParams, _ := start(t, s, jane, janes(), lookup)
	require.Contains(t, string(withParams), string(me.Locked().Params().Bytes()), "the salt is given to anybody")
	require.Len(t, withParams, 8+52+384, "and nothing with it")
}

// a68: the server forgets its counters, and restores a snapshot of the states.
func a68(t *testing.T) {
	_, phone, lookup := janesAccount()
	s, h := server(t), hostile.New()
	client, challenge, state := start(t, s, jane, phone, lookup)
	h.Put(hostile.Logins, "1", state)
	snapshot := h.Fork()
	_, proof, err := client.Respond(challenge, phone)
	require.NoError(t, err)
	try := func(h *hostile.Server, proof []byte) error {
		_, _, err := s.Verify(h.Take(hostile.Logins, "1"), proof)
		return err
	}
	require.ErrorIs(t, try(h, flip(proof, 35)), srp.ErrLogin)
	require.ErrorIs(t, try(h, proof), keys.ErrMalformed, "one try")
	require.ErrorIs(t, try(snapshot, flip(proof, 34)), srp.ErrLogin, "in a restored one: one try, that opens nothing")
	// No short secret has a way in: codes have 160 bits, devices 256.
	for _, pin := range []string{"", "0000", "123456", strings.Repeat("0", 16), strings.Repeat("Z", 31)} {
		_, err := keys.ParseCode(pin)
		require.Error(t, err, pin)
	}
	var _ func([32]byte) *keys.Credential = keys.Device
	seen := map[string]bool{}
	for range 1000 {
		unseen(t, seen, []byte(keys.NewCode().Show()))
	}
	// What a person chooses gets no weaker by the server's doing: see A52, and
	// with a second secret a PIN is not tested by anything stored: A56.
	require.True(t, must(keys.NewPassphrase(jane, "0000", cheap, keys.NewCode())).Params().NeedsSecond())
}

// a69: one passphrase in several forms, and others that must not be it.
func a69(t *testing.T) {
	x := func(passphrase string) string {
		return string(xOf(must(janes().Params().Stretch(jane, passphrase, nil))))
	}
	require.Equal(t, x("P\u00e4ss w\u00f6rt"), x("Pa\u0308ss wo\u0308rt"), "NFC and NFD")
	require.Equal(t, x("two words"), x("two\u00a0words"), "spaces")
	forms := map[string]bool{}
	for _, other := range []string{"pass 2", "pass \u00b2", "Pass 2", "pass 2 ", " pass 2", "pass  2", "p\u0430ss 2", "pass 2pass 2"} {
		require.False(t, forms[x(other)], other)
		forms[x(other)] = true
	}
	for name, bad := range map[string]string{"empty": "", "surrogate": "a\xed\xa0\x80", "invalid": "a\xff", "NUL": "a\x00b", "newline": "a\n", "1 MiB": strings.Repeat("a", 1<<20)} {
		_, err := janes().Params().Stretch(jane, bad, nil)
		require.Error(t, err, name)
		_, err = keys.NewPassphrase(jane, bad, cheap, nil)
		require.Error(t, err, name)
	}
	names := map[string]string{"J\u00e4ne": "j\u00e4ne", "Ja\u0308ne": "j\u00e4ne", "\uff2a\u00e4ne": "j\u00e4ne", "Jane": "jane"}
	for name, want := range names {
		got, err := keys.Login{Service: service, Name: name}.Canonical()
		require.NoError(t, err)
		require.Equal(t, want, got.Name)
	}
	long := strings.Repeat("long ", 100)
	require.NotEqual(t, x(long+"a"), x(long+"b"), "nothing is cut off")
}

// a70: no library can stop code that was changed. What it gives: few and pinned
// dependencies, nothing that runs by itself, nothing from the network.
func a70(t *testing.T) {
	mod := string(must(os.ReadFile("../../go.mod")))
	sum := must(os.ReadFile("../../go.sum"))
	direct := regexp.MustCompile(`(?m)^\s+(\S+) (v\S+)$`).FindAllStringSubmatch(mod, -1)
	var names []string
	for _, d := range direct {
		names = append(names, d[1])
		require.True(t, bytes.Contains(sum, []byte(d[1]+" "+d[2]+" h1:")), d[1])
	}
	assert.ElementsMatch(t, []string{"filippo.io/bigmod", "github.com/1Password/srp", "github.com/stretchr/testify", "golang.org/x/crypto", "golang.org/x/text"}, names)
	require.NotContains(t, mod, "replace")
	source(t, func(path, text string) {
		for _, f := range []string{"func init()", `"unsafe"`, `"C"`, "go:linkname", `"net/`, `"os/exec"`, "os.Getenv", `"plugin"`, "go:generate curl"} {
			assert.NotContains(t, text, f, path)
		}
	})
}
