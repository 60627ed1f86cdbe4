package envelope_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
)

const segment = 256 << 10

var sizes = []int{0, 1, 63, 64, 65, 1000, 4096, segment - 1, segment, segment + 1, 3*segment + 5, 20*segment + 1}

func TestSealOpen(t *testing.T) {
	me := newAccount(t)
	ref := envelope.Ref{Type: "note", ID: "42"}
	for _, n := range sizes {
		plaintext := randomBytes(n)
		sealed, next, err := envelope.Seal(me, ref, plaintext)
		require.NoError(t, err)
		opened, err := envelope.Open(me, ref, sealed)
		require.NoError(t, err, n)
		require.Equal(t, plaintext, append([]byte{}, opened.Plaintext...))
		require.Equal(t, next, opened.Ref)
		require.EqualValues(t, n, opened.Size)
		require.Equal(t, me.ID(), opened.Author)
		require.Equal(t, uint64(1), next.Seen.Revision)
	}
}
