package srp_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/vectors"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/srp"
)

// FuzzMessage checks that a message of any kind that parses has this one
// encoding, and that everything else is refused by one of the two errors.
func FuzzMessage(f *testing.F) {
	for _, v := range vectors.Load[exchangeVector](f, "srp/exchange.json")[:3] {
		for _, m := range [][]byte{v.Hello, v.Challenge, v.Proof, v.Reply} {
			again, err := srp.Reencode(m)
			require.NoError(f, err)
			require.Equal(f, m, []byte(again))
			f.Add(m)
			f.Add(m[:len(m)-1])
		}
	}
	f.Fuzz(func(t *testing.T, m []byte) {
		again, err := srp.Reencode(m)
		if err != nil {
			require.True(t, errors.Is(err, keys.ErrMalformed) || errors.Is(err, keys.ErrNewer))
			require.Nil(t, again)
			return
		}
		require.True(t, bytes.Equal(m, again))
	})
}

// FuzzState does the same for what is inside the box of a state.
func FuzzState(f *testing.F) {
	for _, v := range vectors.Load[exchangeVector](f, "srp/exchange.json")[:2] {
		content := bytes.Join([][]byte{{1}, v.Account, v.Hello[4:8], []byte(v.User), {v.Kind}, v.Slot,
			v.Challenge[4:8], v.Params, v.A, v.B, v.V, v.SecretB}, nil)
		again, err := srp.ReencodeState(content)
		require.NoError(f, err)
		require.Equal(f, content, again)
		f.Add(content)
		f.Add(content[:len(content)-1])
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		again, err := srp.ReencodeState(content)
		if err != nil {
			require.ErrorIs(t, err, keys.ErrMalformed)
			require.Nil(t, again)
			return
		}
		require.True(t, bytes.Equal(content, again))
	})
}

// FuzzText checks that a message has one text.
func FuzzText(f *testing.F) {
	for _, text := range []string{"", "AA", "AB", "c2t2AQ", "c2t2AQ==", "c2t2\nAQ", "_-_-"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var m srp.Message
		if err := m.UnmarshalText(text); err != nil {
			require.ErrorIs(t, err, keys.ErrMalformed)
			require.Nil(t, m)
			return
		}
		again, err := m.MarshalText()
		require.NoError(t, err)
		require.True(t, bytes.Equal(text, again))
	})
}
