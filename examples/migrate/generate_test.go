package main

import (
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/testdata"
)

//go:generate go test -run TestShipped -update

var update = flag.Bool("update", false, "make export.json anew")

// TestShipped compares the shipped export with the vectors it is taken from:
// the first account, and all groups.
func TestShipped(t *testing.T) {
	raw, err := testdata.Files.ReadFile("insomnia/vectors.json")
	require.NoError(t, err)
	var vectors struct {
		Accounts []json.RawMessage `json:"accounts"`
		Groups   []group           `json:"groups"`
	}
	require.NoError(t, json.Unmarshal(raw, &vectors))
	e := export{Groups: vectors.Groups}
	var more struct{ PublicKeyJSON, RawPassphrase string }
	require.NoError(t, json.Unmarshal(vectors.Accounts[0], &e.Account))
	require.NoError(t, json.Unmarshal(vectors.Accounts[0], &more))
	assert.JSONEq(t, more.PublicKeyJSON, e.Account.PublicKey, "a JWK that is an object")
	e.Account.PublicKey = more.PublicKeyJSON
	want, err := json.MarshalIndent(e, "", " ")
	require.NoError(t, err)
	want = append(want, '\n')
	if *update {
		require.NoError(t, os.WriteFile("export.json", want, 0o644))
	}
	assert.Equal(t, string(want), string(shipped))
	assert.Equal(t, more.RawPassphrase, shippedPassphrase)
}
