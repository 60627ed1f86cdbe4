package envelope

import (
	"iter"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/sealkin/sealkin/keys"
)

// How much OpenAll takes at a time: enough to keep all cores busy, and no more
// than may be held in memory.
const (
	batchCount = 256
	batchBytes = 4 << 20
)

// OpenAll opens many documents, such as a list of ten thousand notes, on all
// cores, and gives them out in order. One that fails comes with an error, and
// with nothing but its Ref; the rest goes on.
//
// It takes documents from sealed until they are 256, or 4 MiB or more, and uses
// them until it has given out the last of these. It stops when the caller does, and
// leaves nothing behind.
func OpenAll(r keys.Ring, sealed iter.Seq2[Ref, []byte]) iter.Seq2[*Opened, error] {
	return func(yield func(*Opened, error) bool) {
		b := batch{ring: r, yield: yield}
		for ref, document := range sealed {
			if !b.add(ref, document) {
				return
			}
		}
		b.flush()
	}
}

type batch struct {
	ring  keys.Ring
	yield func(*Opened, error) bool
	items []batchItem
	bytes int
}

type batchItem struct {
	ref    Ref
	sealed []byte
	opened *Opened
	err    error
}

// add takes a document, and reports whether the caller wants to go on.
func (b *batch) add(ref Ref, sealed []byte) bool {
	b.items = append(b.items, batchItem{ref: ref, sealed: sealed})
	b.bytes += len(sealed)
	return len(b.items) < batchCount && b.bytes < batchBytes || b.flush()
}

// flush opens what was taken, and gives it out.
func (b *batch) flush() bool {
	b.open()
	for _, item := range b.items {
		if !b.yield(item.opened, item.err) {
			return false
		}
	}
	clear(b.items)
	b.items, b.bytes = b.items[:0], 0
	return true
}

func (b *batch) open() {
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(b.items)) {
		group.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(b.items)); i = next.Add(1) - 1 {
				b.items[i].open(b.ring)
			}
		})
	}
	group.Wait()
}

func (i *batchItem) open(r keys.Ring) {
	if i.opened, i.err = Open(r, i.ref, i.sealed); i.err != nil {
		i.opened = &Opened{Ref: i.ref}
	}
}
