// Package wire is how records are written and read (spec, Section 2): a
// four-byte heading that names kind and version, big-endian integers, lengths
// in front, nothing optional and nothing behind the end. One value has one
// encoding, and every length has a limit.
package wire

import (
	"errors"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
)

// The two ways in which public bytes are refused. Package keys exports them.
var (
	ErrMalformed = errors.New("sealkin: malformed record")
	ErrNewer     = errors.New("sealkin: record of a newer version")
)

// A Kind is the third byte of a record.
type Kind byte

// The kinds of records.
const (
	Identity  Kind = 'I'
	Account   Kind = 'A'
	Document  Kind = 'D'
	Entry     Kind = 'E'
	Link      Kind = 'L'
	Bookmark  Kind = 'B'
	Snapshot  Kind = 'S'
	Params    Kind = 'P'
	Hello     Kind = 'h'
	Challenge Kind = 'c'
	State     Kind = 's'
	Proof     Kind = 'p'
	Reply     Kind = 'r'
)

// Version is the version of every format of this module.
const Version = 1

// HeadingSize is the length of what AppendHeading writes.
const HeadingSize = 4

// AppendHeading appends the heading of a record.
func AppendHeading(dst []byte, k Kind) []byte {
	return append(dst, 's', 'k', byte(k), Version)
}

// Malformed returns ErrMalformed with the rule that was broken.
func Malformed(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, ErrMalformed)...)
}

// A Reader reads a record once, from its heading to its end.
type Reader struct {
	s  cryptobyte.String
	ok bool
}

// Read checks the heading of record, which is at most limit bytes long, and
// returns a Reader of what comes after it.
func Read(record []byte, k Kind, limit int) (*Reader, error) {
	if len(record) < HeadingSize || len(record) > limit ||
		record[0] != 's' || record[1] != 'k' || record[2] != byte(k) || record[3] == 0 {
		return nil, ErrMalformed
	}
	if record[3] > Version {
		return nil, ErrNewer
	}
	return Bare(record[HeadingSize:]), nil
}

// Bare returns a Reader of bytes that have no heading.
func Bare(b []byte) *Reader { return &Reader{cryptobyte.String(b), true} }

// Uint8 reads one byte.
func (r *Reader) Uint8() (v uint8) { r.ok = r.ok && r.s.ReadUint8(&v); return }

// Uint32 reads four bytes, big-endian.
func (r *Reader) Uint32() (v uint32) { r.ok = r.ok && r.s.ReadUint32(&v); return }

// Uint64 reads eight bytes, big-endian.
func (r *Reader) Uint64() (v uint64) { r.ok = r.ok && r.s.ReadUint64(&v); return }

// Fill fills dst.
func (r *Reader) Fill(dst []byte) { r.ok = r.ok && r.s.CopyBytes(dst) }

// Bytes reads n bytes. The result aliases the record.
func (r *Reader) Bytes(n int) (v []byte) {
	r.ok = r.ok && r.s.ReadBytes(&v, n)
	return
}

// Prefixed reads <x>, at least least and at most limit bytes of it. The result
// aliases the record.
func (r *Reader) Prefixed(least, limit int) []byte {
	var n uint32
	r.ok = r.ok && r.s.ReadUint32(&n) && uint64(n) >= uint64(least) && uint64(n) <= uint64(limit)
	if !r.ok {
		return nil
	}
	return r.Bytes(int(n))
}

// Require makes the reading fail unless ok.
func (r *Reader) Require(ok bool) { r.ok = r.ok && ok }

// OK reports whether everything could be read so far.
func (r *Reader) OK() bool { return r.ok }

// Empty reports whether the end is reached.
func (r *Reader) Empty() bool { return r.s.Empty() }

// Len returns the number of bytes left.
func (r *Reader) Len() int { return len(r.s) }

// End returns ErrMalformed unless all was read, and nothing is left.
func (r *Reader) End() error {
	if !r.ok || !r.s.Empty() {
		return ErrMalformed
	}
	return nil
}
