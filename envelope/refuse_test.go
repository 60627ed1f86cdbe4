package envelope_test

import (
	"bytes"
	"io"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/keys"
)

// A way opens a document; released is what it gave out before err, if any.
type way struct {
	name string
	open func(r keys.Ring, ref envelope.Ref, sealed []byte) (released []byte, opened *envelope.Opened, err error)
}

// ways are all ways to open a document: what one refuses, each refuses.
var ways = []way{
	{"Open", func(r keys.Ring, ref envelope.Ref, sealed []byte) ([]byte, *envelope.Opened, error) {
		opened, err := envelope.Open(r, ref, sealed)
		if err != nil {
			return nil, opened, err
		}
		return opened.Plaintext, opened, nil
	}},
	{"NewReader", func(r keys.Ring, ref envelope.Ref, sealed []byte) ([]byte, *envelope.Opened, error) {
		rd, opened, err := envelope.NewReader(r, ref, bytes.NewReader(sealed))
		if err != nil {
			return nil, opened, err
		}
		released, err := io.ReadAll(onlyReader{rd})
		return released, opened, err
	}},
	{"NewReader, WriteTo", func(r keys.Ring, ref envelope.Ref, sealed []byte) ([]byte, *envelope.Opened, error) {
		rd, opened, err := envelope.NewReader(r, ref, bytes.NewReader(sealed))
		if err != nil {
			return nil, opened, err
		}
		var released bytes.Buffer
		_, err = rd.(io.WriterTo).WriteTo(&released)
		return released.Bytes(), opened, err
	}},
	{"NewReaderAt", func(r keys.Ring, ref envelope.Ref, sealed []byte) ([]byte, *envelope.Opened, error) {
		at, opened, err := envelope.NewReaderAt(r, ref, bytes.NewReader(sealed), int64(len(sealed)))
		if err != nil {
			return nil, opened, err
		}
		released := make([]byte, at.Size())
		n, err := at.ReadAt(released, 0)
		return released[:n], opened, err
	}},
	{"OpenAll", func(r keys.Ring, ref envelope.Ref, sealed []byte) ([]byte, *envelope.Opened, error) {
		for opened, err := range envelope.OpenAll(r, func(yield func(envelope.Ref, []byte) bool) { yield(ref, sealed) }) {
			if err != nil {
				if reflect.DeepEqual(*opened, envelope.Opened{Ref: ref}) {
					opened = nil
				}
				return nil, opened, err
			}
			return opened.Plaintext, opened, nil
		}
		return nil, nil, nil
	}},
	{"Reseal", func(r keys.Ring, ref envelope.Ref, sealed []byte) ([]byte, *envelope.Opened, error) {
		resealed, next, err := envelope.Reseal(r, ref, sealed)
		if err != nil {
			if resealed == nil && next == (envelope.Ref{}) {
				return nil, nil, err
			}
			return nil, &envelope.Opened{}, err
		}
		ref.Seen = envelope.Mark{}
		opened, err := envelope.Open(r, ref, resealed)
		if err != nil {
			return nil, nil, err
		}
		return opened.Plaintext, opened, nil
	}},
}

// refused checks that each way refuses sealed with want, having released
// nothing but a beginning of plaintext; one that releases at once, nothing.
func refused(t testing.TB, want error, r keys.Ring, ref envelope.Ref, sealed, plaintext []byte, what ...any) {
	t.Helper()
	for _, w := range ways {
		released, opened, err := w.open(r, ref, sealed)
		if !assert.ErrorIs(t, err, want, "%s: %v", w.name, what) {
			t.FailNow()
		}
		require.True(t, bytes.HasPrefix(plaintext, released), "%s released what is not there: %v", w.name, what)
		if w.name != "NewReader" && w.name != "NewReader, WriteTo" && w.name != "NewReaderAt" {
			require.Nil(t, opened, "%s: %v", w.name, what)
		}
	}
}

// accepted is the opposite.
func accepted(t testing.TB, r keys.Ring, ref envelope.Ref, sealed, plaintext []byte) {
	t.Helper()
	for _, w := range ways {
		released, _, err := w.open(r, ref, sealed)
		require.NoError(t, err, w.name)
		require.True(t, bytes.Equal(plaintext, released), w.name)
	}
}

func isDocumentError(err error) bool {
	for _, known := range []error{
		keys.ErrMalformed, keys.ErrNewer, keys.ErrOpen, keys.ErrMismatch, keys.ErrRollback, keys.ErrFork, keys.ErrBehind,
		envelope.ErrAuthor, envelope.ErrFormer, envelope.ErrTruncated,
	} {
		if is(err, known) {
			return true
		}
	}
	return false
}
