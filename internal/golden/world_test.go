package golden_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/internal/vectors"
	"github.com/sealkin/sealkin/keys"
)

const service = "notes.example"

// A world is all that a server stored, and the secrets of its people.
type world struct {
	Source    string                           `json:"source"`
	People    map[string]*person               `json:"people"`
	Group     keys.GroupID                     `json:"group"`
	Entries   []vectors.Hex                    `json:"entries"`
	Links     map[keys.AccountID][]vectors.Hex `json:"links"` // of each generation, as they were made
	Code      string                           `json:"invitation"`
	Documents []document                       `json:"documents"`
}

// A person has the records of an account, one for each revision.
type person struct {
	Passphrase string         `json:"passphrase"`
	Old        string         `json:"oldPassphrase"` // of the first record, if another
	Second     string         `json:"secondSecret"`
	Recovery   string         `json:"recoveryCode"`
	Device     vectors.Hex    `json:"device"`
	ID         keys.AccountID `json:"id"`
	Records    []vectors.Hex  `json:"records"`
	Bookmark   vectors.Hex    `json:"bookmark"`
	Snapshot   vectors.Hex    `json:"snapshot"`
}

// A document was sealed for the group, or for its author alone.
type document struct {
	Type       string        `json:"type"`
	ID         string        `json:"id"`
	Own        bool          `json:"own"`
	Author     string        `json:"author"`
	Generation uint32        `json:"generation"`
	Seen       envelope.Mark `json:"seen"`
	Plaintext  string        `json:"plaintext"`
	Sealed     vectors.Hex   `json:"sealed"`
	Want       string        `json:"want"`
}

func path(version string) string {
	return filepath.Join("..", "..", "testdata", "golden", version, "world.json")
}

// load reads a world strictly.
func load(t *testing.T, version string) *world {
	file, err := os.Open(path(version))
	require.NoError(t, err)
	defer file.Close()
	d := json.NewDecoder(file)
	d.DisallowUnknownFields()
	w := new(world)
	require.NoError(t, d.Decode(w))
	require.NotEmpty(t, w.Documents)
	require.NotEmpty(t, w.Entries)
	return w
}

func (p *person) newest() []byte { return p.Records[len(p.Records)-1] }

func hexes(in [][]byte) (out []vectors.Hex) {
	for _, b := range in {
		out = append(out, b)
	}
	return out
}

func raw(in []vectors.Hex) (out [][]byte) {
	for _, b := range in {
		out = append(out, b)
	}
	return out
}
