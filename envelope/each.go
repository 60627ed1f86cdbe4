package envelope

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// A job is work on each of the segments of a document.
type job interface {
	newLane() *lane
	segment(l *lane, index uint64) error
}

// each does the segments below n, on as many cores as there are and segments to
// do, and returns the error of the lowest index that has one. Workers claim one
// index after the other, so that a slow core gets fewer of them.
func each(n uint64, own *lane, j job) error {
	if n == 1 {
		return j.segment(own, 0)
	}
	if workers := int(min(uint64(runtime.GOMAXPROCS(0)), n)); workers > 1 {
		return eachTogether(n, workers, j)
	}
	for index := range n {
		if err := j.segment(own, index); err != nil {
			return err
		}
	}
	return nil
}

func eachTogether(n uint64, workers int, j job) error {
	var (
		next  atomic.Uint64
		group sync.WaitGroup
		first firstError
	)
	for range workers {
		group.Go(func() {
			l := j.newLane()
			for index := next.Add(1) - 1; index < n && !first.before(index); index = next.Add(1) - 1 {
				first.set(index, j.segment(l, index))
			}
		})
	}
	group.Wait()
	return first.err
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
