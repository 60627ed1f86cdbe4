package envelope

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// each calls do for all indices below n, on all cores if there is more than one
// index, and returns the error of the lowest index that has one. Workers claim
// one index after the other, so that a slow core gets fewer of them.
func each(n uint64, d *document, do func(l *lane, index uint64) error) error {
	workers := int(min(uint64(runtime.GOMAXPROCS(0)), n))
	if workers == 1 {
		return eachAlone(n, d, do)
	}
	var (
		next  atomic.Uint64
		group sync.WaitGroup
		first firstError
	)
	for range workers {
		group.Go(func() {
			l := d.newLane()
			for index := next.Add(1) - 1; index < n && !first.before(index); index = next.Add(1) - 1 {
				first.set(index, do(l, index))
			}
		})
	}
	group.Wait()
	return first.err
}

func eachAlone(n uint64, d *document, do func(l *lane, index uint64) error) error {
	for index := range n {
		if err := do(&d.own, index); err != nil {
			return err
		}
	}
	return nil
}

// A firstError is the error of the lowest index.
type firstError struct {
	mu    sync.Mutex
	index uint64
	err   error
}

func (f *firstError) set(index uint64, err error) {
	if err == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil || index < f.index {
		f.index, f.err = index, err
	}
}

// before reports whether an index below this one has an error.
func (f *firstError) before(index uint64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err != nil && f.index < index
}
