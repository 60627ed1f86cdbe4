package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/insomnia"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// cheap is the least that is allowed.
var cheap = keys.Cost{Memory: 19 << 10, Passes: 2, Lanes: 1}

// migrate runs the program with a standard input, and returns what it wrote.
func migrate(t *testing.T, input string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	dir := t.TempDir()
	open := func(name, content string) *os.File {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		require.NoError(t, err)
		return f
	}
	in, out, errs := open("in", input), open("out", ""), open("err", "")
	status = run(args, cheap, in, out, errs)
	for _, f := range []*os.File{in, out, errs} {
		require.NoError(t, f.Close())
	}
	a, err := os.ReadFile(out.Name())
	require.NoError(t, err)
	b, err := os.ReadFile(errs.Name())
	require.NoError(t, err)
	return status, string(a), string(b)
}

// changed writes the shipped export with a change.
func changed(t *testing.T, change func(e *export)) string {
	t.Helper()
	e, err := readExport("")
	require.NoError(t, err)
	change(e)
	raw, err := json.Marshal(e)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "export.json")
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	return path
}

func same(*export) {}

// lines returns the lines that hold part.
func lines(text, part string) (found []string) {
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			found = append(found, line)
		}
	}
	return found
}

func TestMigrate(t *testing.T) {
	status, stdout, stderr := migrate(t, "")
	require.Zero(t, status, stderr)
	assert.Empty(t, stderr)
	assert.Len(t, lines(stdout, "opens again"), 10)
	assert.Contains(t, stdout, "10 documents moved and opened again.")
	assert.NotContains(t, stdout, "not moved")
}

// TestOut reads the records back as an app would, from the files alone.
func TestOut(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	t.Setenv(variable, shippedPassphrase)
	status, stdout, stderr := migrate(t, "", "-out", dir, "-service", "app.example", changed(t, same))
	require.Zero(t, status, stderr)
	assert.Contains(t, stdout, "written to "+dir)
	file := func(parts ...string) []byte {
		b, err := os.ReadFile(filepath.Join(append([]string{dir}, parts...)...))
		require.NoError(t, err)
		return b
	}
	locked, err := keys.ParseLockedAccount(file("account"), nil)
	require.NoError(t, err)
	cred, err := locked.Params().Stretch(keys.Login{Service: "app.example", Name: "alice@example.com"}, shippedPassphrase, nil)
	require.NoError(t, err)
	me, err := locked.Unlock(cred)
	require.NoError(t, err)
	opened, err := envelope.Open(me, indexRef, file("index"))
	require.NoError(t, err)
	var list index
	require.NoError(t, json.Unmarshal(opened.Plaintext, &list))
	require.Len(t, list.Groups, 2)
	documents := 0
	for _, g := range list.Groups {
		team, err := share.Join(me, g.Group, me.ID(), [][]byte{file(g.Folder, "entry-000000")}, file(g.Folder, "link"))
		require.NoError(t, err)
		_, err = share.Resume(me, file(g.Folder, "bookmark"), team.Log().Entries(0), nil)
		require.NoError(t, err)
		for _, d := range g.Documents {
			opened, err := envelope.Open(team, envelope.Ref{Type: d.Type, ID: d.ID, Seen: d.Seen}, file(g.Folder, d.File))
			require.NoError(t, err)
			assert.Contains(t, string(opened.Plaintext), `"_id":"`+d.ID+`"`)
			documents++
		}
	}
	assert.Equal(t, 10, documents)
	checkSealed(t, dir)

	status, _, stderr = migrate(t, "", "-out", dir)
	assert.Equal(t, 2, status)
	assert.Contains(t, stderr, "not empty")
}

// checkSealed looks for names, types and ids in what was written.
func checkSealed(t *testing.T, dir string) {
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		if d.IsDir() {
			return nil
		}
		info, err := d.Info()
		require.NoError(t, err)
		assert.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, plain := range []string{"alice", "group-1", "Workspace", "wrk_", "proj_", "Pet Store"} {
			assert.NotContains(t, strings.TrimPrefix(path, dir), plain)
			assert.False(t, bytes.Contains(content, []byte(plain)), path)
		}
		return nil
	}))
}

// TestPassphrase takes it from the flag, the environment or standard input, and
// says what is wrong with it.
func TestPassphrase(t *testing.T) {
	path := changed(t, func(e *export) { e.Groups = nil })
	for _, input := range []string{shippedPassphrase + "\n", shippedPassphrase + "\r\n", shippedPassphrase} {
		status, _, stderr := migrate(t, input, path)
		assert.Zero(t, status)
		assert.Contains(t, stderr, "Passphrase of the Insomnia account")
	}
	status, _, _ := migrate(t, "", "-passphrase", shippedPassphrase, path)
	assert.Zero(t, status)

	status, stdout, stderr := migrate(t, "something else\n", path)
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "wrong passphrase, or the account was changed since")
	assert.NotContains(t, stderr, "something else")
	assert.Empty(t, stdout)
	status, _, stderr = migrate(t, "", path)
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "no passphrase: set INSOMNIA_PASSPHRASE")
	status, _, stderr = migrate(t, "\xff\n", path)
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "not text")
}

// TestEmptyPassphrase was possible in Insomnia, and is not here.
func TestEmptyPassphrase(t *testing.T) {
	path := changed(t, func(e *export) {
		_, record, err := insomnia.NewAccount("carol@example.com", " ")
		require.NoError(t, err)
		e.Account.Record, e.Groups = *record, nil
	})
	t.Setenv(variable, "")
	status, stdout, stderr := migrate(t, "", path)
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "a new account can't have this name and passphrase")
	assert.Empty(t, stdout)
}

// TestDamaged names what can't be moved, moves the rest, and ends with 1.
func TestDamaged(t *testing.T) {
	for name, c := range map[string]struct {
		change func(e *export)
		says   []string
		moved  int
	}{
		"resource swapped": {func(e *export) {
			e.Groups[0].Documents[1].EncContent = e.Groups[0].Documents[0].EncContent
		}, []string{"req_4bd9f77762a4a16e644fb031d726f1b1", "another document was put in its place"}, 9},
		"bit": {func(e *export) {
			d := &e.Groups[1].Documents[3]
			at := strings.Index(d.Content, `"d": "`) + 10
			digit := map[byte]string{'0': "1"}[d.Content[at]]
			if digit == "" {
				digit = "0"
			}
			d.Content = d.Content[:at] + digit + d.Content[at+1:]
		}, []string{"4bb78a7007b9f62355ad0555beaf1d79725bdfdd", "changed since"}, 9},
		"blob swapped": {func(e *export) {
			e.Groups[0].Documents[3].Content = e.Groups[0].Documents[4].Content
		}, []string{"500eacac53d0ad63d743f6967163c677dd52b87d", "changed since"}, 9},
		"group swapped": {func(e *export) {
			e.Groups[0].Documents[0] = e.Groups[1].Documents[0]
		}, []string{"env_5211a287788b7fbde3766c89234cf91d", "wrong passphrase or key"}, 9},
		"kind":     {func(e *export) { e.Groups[0].Documents[0].Kind = "x\x1b[31m" }, []string{"x�[31m", "neither a resource nor a blob"}, 9},
		"no link":  {func(e *export) { e.Groups[1].Links = e.Groups[1].Links[:1] }, []string{"rg_7d9a3c7971086b9904fb83488cac0967", "it has no link for this account"}, 6},
		"bad link": {func(e *export) { e.Groups[1].Links[1].EncSymmetricKey = e.Groups[1].Links[0].EncSymmetricKey }, []string{"group-2", "does not open"}, 6},
		"all gone": {func(e *export) { e.Groups[0].Links, e.Groups[1].Links = nil, nil }, []string{"it has no link for this account"}, 0},
		"empty group": {func(e *export) {
			e.Groups[1].Links, e.Groups[1].Documents = nil, nil
		}, []string{"it has no link for this account", "1 of 7 were not moved"}, 6},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "new")
			status, stdout, stderr := migrate(t, shippedPassphrase, "-out", dir, changed(t, c.change))
			assert.Equal(t, 1, status)
			for _, says := range c.says {
				assert.Contains(t, stdout+stderr, says)
			}
			assert.Contains(t, stderr, "were not moved")
			assert.Len(t, lines(stdout, "opens again\n"), c.moved)
			assert.NotContains(t, stdout, "\x1b")
			written, err := filepath.Glob(filepath.Join(dir, "group-*", "document-*"))
			require.NoError(t, err)
			assert.Len(t, written, c.moved)
		})
	}
}

// TestAccountDamaged tells a damaged account from a wrong passphrase where it
// can.
func TestAccountDamaged(t *testing.T) {
	status, stdout, stderr := migrate(t, shippedPassphrase, changed(t, func(e *export) { e.Account.PublicKey = "{}" }))
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "is damaged")
	assert.Empty(t, stdout)
}

func TestBadInput(t *testing.T) {
	bad := func(content string) string {
		path := filepath.Join(t.TempDir(), "bad.json")
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"missing":    {[]string{filepath.Join(t.TempDir(), "nowhere")}, "nowhere"},
		"not JSON":   {[]string{bad("x")}, "is not an export"},
		"no account": {[]string{bad(`{"groups":[]}`)}, "no account"},
		"trailing":   {[]string{bad(`{"account":{"id":"a"}} {}`)}, "something follows"},
		"array":      {[]string{bad(`[]`)}, "is not an export"},
		"two":        {[]string{"a", "b"}, "one file"},
		"flag":       {[]string{"-x"}, "-x"},
		"out":        {[]string{"-out", bad("")}, "bad.json"},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := migrate(t, "", c.args...)
			assert.Equal(t, 2, status)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, c.says)
		})
	}
}

// TestVerify notices a document that does not open to what was sealed.
func TestVerify(t *testing.T) {
	e, err := readExport("")
	require.NoError(t, err)
	m := migration{export: e, passphrase: shippedPassphrase, service: "x", cost: cheap}
	old, err := e.open(shippedPassphrase, nil)
	require.NoError(t, err)
	n, err := m.seal(old)
	require.NoError(t, err)
	docs := n.groups[0].docs
	docs[0].sealed[len(docs[0].sealed)-1] ^= 1
	docs[1].sealed, docs[1].ref = docs[2].sealed, docs[2].ref
	require.NoError(t, n.verify(shippedPassphrase, nil))
	assert.ErrorIs(t, docs[0].err, keys.ErrOpen)
	assert.ErrorIs(t, docs[1].err, errDiffers)
	assert.NoError(t, docs[2].err)
	assert.Len(t, n.list().Groups[0].Documents, 4)
	assert.EqualError(t, n.failed(), "2 of 10 were not moved")
	n.record[len(n.record)-1] ^= 1
	assert.Error(t, n.verify(shippedPassphrase, nil))
}

// TestBar draws on a terminal only.
func TestBar(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	require.NoError(t, err)
	assert.NotNil(t, newBar(null), "a character device, like a terminal")
	require.NoError(t, null.Close())
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	require.NoError(t, err)
	assert.Nil(t, newBar(file))
	require.NoError(t, file.Close())

	var out strings.Builder
	b := &bar{w: &out}
	b.start("unlocking", 4)
	for range 9 {
		b.step("opening")
		b.draw("opening")
	}
	b.clear()
	assert.Contains(t, out.String(), "[........................]   0 %  unlocking")
	assert.Contains(t, out.String(), "[############............]  50 %  opening")
	assert.Contains(t, out.String(), "[########################] 100 %  opening")
	assert.True(t, strings.HasSuffix(out.String(), "\r\x1b[K"))
}
