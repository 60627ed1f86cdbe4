package share

import (
	"fmt"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/wire"
	"github.com/sealkin/sealkin/keys"
)

// A mark is what a bookmark holds (spec, Section 9.8): how far an account has
// verified a group, and the newest key that it has.
type mark struct {
	group      keys.GroupID
	seq        uint64
	hash       [32]byte
	generation uint32 // 0: no key
	material   secret.Key
	genuine    bool // sealed by the account's newest keys
}

// verified returns how many entries need not be verified again.
func (m *mark) verified() uint64 {
	if !m.genuine {
		return 0
	}
	return m.seq + 1
}

const (
	markSize     = 8 + 32 + 4 + box.KeySize
	bookmarkSize = wire.HeadingSize + idSize + 4 + box.Overhead + markSize
)

// Bookmark seals what this account has seen of the group, for itself: the head,
// and the newest key. The server may keep it: an older one costs some work, but
// nobody else can make one, and a server that gives back an older history than
// the bookmark's is found out. After [keys.Account.Rotate] make a new one: of one
// made before, nothing is believed but what is verified again. 201 bytes.
func (g *Group) Bookmark() []byte {
	head := g.head()
	plain := append(wire.AppendUint64(nil, head.Sequence), head.Hash[:]...)
	if k := g.keys.newest(g.log); k != nil {
		plain = append(wire.AppendUint32(plain, k.generation), secret.Open(k.material)...)
	} else {
		plain = append(plain, make([]byte, 4+box.KeySize)...)
	}
	return sealOwn(g.private(), wire.Bookmark, label.GroupBookmark, g.log.ID(), plain)
}

// sealOwn seals what an account keeps of a group: heading ‖ group ‖ epoch ‖ box.
func sealOwn(me ring.Private, kind wire.Kind, l label.Label, id keys.GroupID, plain []byte) []byte {
	epoch, _ := me.Public().Newest()
	key, err := me.BookmarkKey(epoch)
	if err != nil {
		panic("share: internal error: " + err.Error()) // an account has the key of its newest epoch
	}
	out := wire.AppendUint32(append(wire.AppendHeading(nil, kind), id[:]...), epoch)
	return append(out, box.Seal(key, l, out, plain)...)
}

// openOwn is the reverse. genuine is false for what was sealed by older keys of
// the account: whoever stole these can make it, so it vouches for nothing. The
// error is ErrMalformed, ErrBehind for an epoch that the account does not have,
// or ErrOpen.
func openOwn(me ring.Private, kind wire.Kind, l label.Label, record []byte, limit int) (id keys.GroupID, plain []byte, genuine bool, err error) {
	r, err := wire.Read(record, kind, limit)
	if err != nil {
		return id, nil, false, err
	}
	r.Fill(id[:])
	epoch := r.Uint32()
	const public = wire.HeadingSize + idSize + 4
	if !r.OK() || r.Len() < box.Overhead {
		return id, nil, false, keys.ErrMalformed
	}
	key, err := me.BookmarkKey(epoch)
	if err != nil {
		return id, nil, false, err
	}
	plain, err = box.Open(key, l, record[:public], record[public:])
	newest, _ := me.Public().Newest()
	return id, plain, epoch == newest, err
}

// openBookmark reads a bookmark.
func openBookmark(me ring.Private, bookmark []byte) (*mark, error) {
	id, plain, genuine, err := openOwn(me, wire.Bookmark, label.GroupBookmark, bookmark, bookmarkSize)
	if err != nil {
		return nil, fmt.Errorf("share: bookmark: %w", err)
	}
	r, m := wire.Bare(plain), &mark{group: id, genuine: genuine}
	m.seq = r.Uint64()
	r.Fill(m.hash[:])
	m.generation = r.Uint32()
	m.material = secret.New(r.Bytes(box.KeySize))
	if err := r.End(); err != nil {
		return nil, fmt.Errorf("share: bookmark: %w", err)
	}
	return m, nil
}

// checkBookmark checks the public part of a bookmark.
func checkBookmark(bookmark []byte, id keys.GroupID) error {
	r, err := wire.Read(bookmark, wire.Bookmark, bookmarkSize)
	if err != nil {
		return err
	}
	var group keys.GroupID
	r.Fill(group[:])
	r.Bytes(bookmarkSize - wire.HeadingSize - idSize)
	if err := r.End(); err != nil {
		return err
	}
	if group != id {
		return keys.ErrMismatch
	}
	return nil
}
