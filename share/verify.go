package share

import (
	"crypto/ed25519"
	"runtime"
	"sync"
	"sync/atomic"
)

// each calls do for 0 to n−1, on all cores, and returns the error of the lowest
// number among those that failed.
func each(n int, do func(int) error) error {
	workers := min(runtime.GOMAXPROCS(0), n)
	if workers <= 1 {
		for i := range n {
			if err := do(i); err != nil {
				return err
			}
		}
		return nil
	}
	var (
		next    atomic.Int64
		mu      sync.Mutex
		failed  = n
		failure error
		wait    sync.WaitGroup
	)
	for range workers {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					next.Store(int64(n)) // those below i have begun
					mu.Lock()
					if i < failed {
						failed, failure = i, err
					}
					mu.Unlock()
				}
			}
		})
	}
	wait.Wait()
	return failure
}

// parseAll reads entries in a row, and the people in them. Those before trusted
// were verified once, and a hash vouches for them.
func parseAll(records [][]byte, trusted uint64) ([]*entry, error) {
	entries := make([]*entry, len(records))
	return entries, each(len(records), func(i int) (err error) {
		if entries[i], err = parseEntry(records[i]); err != nil {
			return err
		}
		if entries[i].seq < trusted {
			return entries[i].resolve(recallPerson)
		}
		return entries[i].resolve(verifyPerson)
	})
}

// A claim is a signature to verify.
type claim struct {
	e      *entry
	author ed25519.PublicKey
}

func verifyAll(claims []claim) error {
	return each(len(claims), func(i int) error { return claims[i].e.verify(claims[i].author) })
}
