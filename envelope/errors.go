package envelope

import (
	"errors"
	"fmt"
	"io"

	"github.com/sealkin/sealkin/keys"
)

// The errors of this package alone; package keys has the others. They are
// matched by errors.Is, and never quote their input.
var (
	// ErrAuthor: whoever is named as the author was not allowed to write this,
	// or did not sign it. Do not show it; report it.
	ErrAuthor = errors.New("envelope: the author was not allowed to write this, or did not")

	// ErrFormer: genuine, but the author may no longer write. A writer takes it
	// over by [Reseal].
	ErrFormer = errors.New("envelope: the author may no longer write: a writer has to Reseal it")

	// ErrTruncated: the end is missing. It wraps io.ErrUnexpectedEOF. Fetch it
	// again.
	ErrTruncated = fmt.Errorf("envelope: the end of the document is missing: %w", io.ErrUnexpectedEOF)
)

// malformed returns keys.ErrMalformed with the rule that was broken.
func malformed(rule string) error {
	return fmt.Errorf("envelope: %s: %w", rule, keys.ErrMalformed)
}

// in says which operation an error of another package came from.
func in(operation string, err error) error { return fmt.Errorf("envelope: %s: %w", operation, err) }
