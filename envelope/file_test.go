package envelope_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/keys"
)

// names returns what is in a folder, which must be nothing but what was meant.
func names(t testing.TB, folder string) (out []string) {
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestFiles(t *testing.T) {
	me := newAccount(t)
	folder := t.TempDir()
	plain, sealed, again := filepath.Join(folder, "1"), filepath.Join(folder, "2"), filepath.Join(folder, "3")
	for _, n := range []int{0, 1000, 3*segment + 7} {
		data := randomBytes(n)
		require.NoError(t, os.WriteFile(plain, data, 0o600))
		next, err := envelope.SealFile(me, note, sealed, plain)
		require.NoError(t, err)
		opened, err := envelope.OpenFile(me, next, again, sealed)
		require.NoError(t, err)
		require.EqualValues(t, n, opened.Size)
		require.Equal(t, next, opened.Ref)
		got, err := os.ReadFile(again)
		require.NoError(t, err)
		require.Equal(t, data, append([]byte{}, got...)[:n:n])
		require.Equal(t, []string{"1", "2", "3"}, names(t, folder))
	}
	_, err := envelope.SealFile(me, note, plain, plain)
	require.NoError(t, err, "onto itself")
	_, err = envelope.OpenFile(me, note, plain, plain)
	require.NoError(t, err)
}

// TestFileOrNothing changes the first, a middle and the last byte of a sealed
// file: the file that it would become is absent, or as it was: A34.
func TestFileOrNothing(t *testing.T) {
	me := newAccount(t)
	folder := t.TempDir()
	src, dst := filepath.Join(folder, "sealed"), filepath.Join(folder, "plain")
	_, sealed := large(t, me, note)
	for _, at := range []int{0, headSize, firstChunk, len(sealed) / 2, len(sealed) - 1} {
		sealed[at] ^= 1
		require.NoError(t, os.WriteFile(src, sealed, 0o600))
		sealed[at] ^= 1
		_, err := envelope.OpenFile(me, note, dst, src)
		require.Error(t, err)
		require.Equal(t, []string{"sealed"}, names(t, folder))
	}
	require.NoError(t, os.WriteFile(src, sealed[:len(sealed)-1], 0o600))
	require.NoError(t, os.WriteFile(dst, []byte("as it was"), 0o600))
	_, err := envelope.OpenFile(me, note, dst, src)
	require.ErrorIs(t, err, envelope.ErrTruncated)
	got, err := os.ReadFile(dst)
	require.NoError(t, err)
	require.Equal(t, "as it was", string(got))
	require.Equal(t, []string{"plain", "sealed"}, names(t, folder))

	_, err = envelope.SealFile(me, envelope.Ref{}, dst, src)
	require.ErrorIs(t, err, keys.ErrMalformed)
	_, err = envelope.SealFile(me, note, dst, filepath.Join(folder, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = envelope.SealFile(me, note, filepath.Join(folder, "none", "x"), src)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, os.Mkdir(filepath.Join(folder, "folder"), 0o700))
	_, err = envelope.SealFile(me, note, filepath.Join(folder, "folder"), src)
	require.Error(t, err, "a folder is not replaced")
	_, err = envelope.SealFile(me, note, dst, folder)
	require.Error(t, err, "nor sealed")
	require.Equal(t, []string{"folder", "plain", "sealed"}, names(t, folder))
}
