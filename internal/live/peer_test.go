package live_test

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A peer is the other implementation: a process that answers lines of JSON.
type peer struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Reader
	ids int
}

// q is a question, without its number and operation; an answer is the same.
type q = map[string]any

const js = "../../testdata/js"

// start starts the other implementation. Without it the test is skipped, but in
// CI, where SEALKIN_LIVE=1 says that it is there.
func start(t *testing.T) *peer {
	_, missing := exec.LookPath("node")
	if missing == nil {
		_, missing = os.Stat(filepath.Join(js, "node_modules"))
	}
	if missing != nil {
		if os.Getenv("SEALKIN_LIVE") != "" {
			t.Fatal(missing)
		}
		t.Skip("the second implementation is not installed: npm ci in testdata/js")
	}
	cmd := exec.Command("node", "live.js")
	cmd.Dir, cmd.Stderr = js, os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	return &peer{t: t, in: in, out: bufio.NewReaderSize(out, 1<<20)}
}

// ask asks and wants an answer.
func (p *peer) ask(op string, question q) answer {
	p.t.Helper()
	a := p.raw(op, question)
	require.Empty(p.t, a.text("error"), "%s: %v", op, a["detail"])
	return a
}

// refuse asks and wants the kind of failure.
func (p *peer) refuse(kind, op string, question q) {
	p.t.Helper()
	require.Equal(p.t, kind, p.raw(op, question).text("error"), op)
}

func (p *peer) raw(op string, question q) answer {
	p.t.Helper()
	p.ids++
	line := q{"id": p.ids, "op": op}
	for k, v := range question {
		line[k] = plain(v)
	}
	b, err := json.Marshal(line)
	require.NoError(p.t, err)
	_, err = p.in.Write(append(b, '\n'))
	require.NoError(p.t, err)
	reply, err := p.out.ReadBytes('\n')
	require.NoError(p.t, err)
	a := answer{}
	require.NoError(p.t, json.Unmarshal(reply, &a))
	require.EqualValues(p.t, p.ids, a["id"])
	return a
}

// plain writes bytes as hex.
func plain(v any) any {
	switch v := v.(type) {
	case []byte:
		return hex.EncodeToString(v)
	case [][]byte:
		out := []string{}
		for _, b := range v {
			out = append(out, hex.EncodeToString(b))
		}
		return out
	case q:
		out := q{}
		for k, x := range v {
			out[k] = plain(x)
		}
		return out
	case []q:
		out := []any{}
		for _, x := range v {
			out = append(out, plain(x))
		}
		return out
	}
	return v
}

type answer map[string]any

func (a answer) text(name string) string {
	s, _ := a[name].(string)
	return s
}

func (a answer) bytes(t *testing.T, name string) []byte {
	t.Helper()
	b, err := hex.DecodeString(a.text(name))
	require.NoError(t, err)
	require.NotEmpty(t, b, name)
	return b
}

func (a answer) number(name string) int {
	n, _ := a[name].(float64)
	return int(n)
}
