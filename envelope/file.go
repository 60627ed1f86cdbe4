package envelope

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/keys"
)

// SealFile seals the file at src into one at dst, which appears there, or
// replaces what is there, only when it is whole: it is written under another
// name in the same folder, synced and renamed, and removed if anything fails.
// Only its owner may read it. The errors are those of [NewWriter] and of package
// os. src may be dst.
func SealFile(r keys.Ring, ref Ref, dst, src string) (Ref, error) {
	var next Ref
	err := replaceFile(dst, src, func(to io.Writer, from io.Reader) error {
		w, sealed, err := NewWriter(r, ref, to)
		if err != nil {
			return err
		}
		if _, err := io.Copy(w, plainReader{from}); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		next = sealed
		next.Seen.Content = secret.Open(w.(*writer).w).digest.content()
		return nil
	})
	if err != nil {
		return Ref{}, err
	}
	return next, nil
}

// OpenFile opens the document in the file at src into a file at dst, in the way
// of [SealFile]: there never is a part of it under the name of dst. Size is
// that of the data. The errors are those of [NewReader] and of package os.
func OpenFile(r keys.Ring, ref Ref, dst, src string) (*Opened, error) {
	var result *Opened
	err := replaceFile(dst, src, func(to io.Writer, from io.Reader) error {
		data, opened, err := NewReader(r, ref, from)
		if err != nil {
			return err
		}
		result = opened
		result.Size, err = io.Copy(to, data)
		return err
	})
	if err != nil {
		return nil, err
	}
	return result, nil
}

// plainReader hides io.WriterTo of a file, so that io.Copy uses ReadFrom of
// ours.
type plainReader struct{ io.Reader }

// replaceFile makes the file dst out of src.
func replaceFile(dst, src string, convert func(to io.Writer, from io.Reader) error) (err error) {
	from, err := os.Open(src)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.CreateTemp(filepath.Dir(dst), ".sealkin-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			to.Close()
			os.Remove(to.Name())
		}
	}()
	if err := convert(to, from); err != nil {
		return err
	}
	if err := errors.Join(to.Sync(), to.Close(), from.Close()); err != nil {
		return err
	}
	if err := os.Rename(to.Name(), dst); err != nil {
		return err
	}
	syncFolder(filepath.Dir(dst))
	return nil
}

// syncFolder makes the rename last. Not all systems can, and the file itself is
// whole either way.
func syncFolder(name string) {
	if folder, err := os.Open(name); err == nil {
		_ = folder.Sync()
		folder.Close()
	}
}
