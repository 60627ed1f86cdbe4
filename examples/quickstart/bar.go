package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// A bar shows how far something is, on a terminal. All its methods do nothing
// on a nil bar.
type bar struct {
	w     io.Writer
	what  string
	mu    sync.Mutex
	drawn time.Time
	stop  chan struct{}
	once  sync.Once
}

// barFrom is the least size of a file that gets a bar.
const barFrom = 16 << 20

func (s *story) bar(what string, size int64) *progress {
	if s.bars == nil || size < barFrom {
		return &progress{}
	}
	return &progress{bar: &bar{w: s.bars, what: what, stop: make(chan struct{})}, size: size}
}

// A progress counts bytes.
type progress struct {
	*bar
	done, size int64
}

func (p *progress) reader(r io.Reader) io.Reader {
	return readerFunc(func(b []byte) (int, error) {
		n, err := r.Read(b)
		p.done += int64(n)
		if p.bar != nil {
			p.draw(float64(p.done) / float64(p.size))
		}
		return n, err
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// timer shows a bar for something that can't say how far it is.
func (s *story) timer(what string, about time.Duration) *bar {
	if s.bars == nil {
		return nil
	}
	b := &bar{w: s.bars, what: what, stop: make(chan struct{})}
	go func() {
		start := time.Now()
		for {
			select {
			case <-b.stop:
				return
			case <-time.After(30 * time.Millisecond):
				b.draw(min(0.99, float64(time.Since(start))/float64(about)))
			}
		}
	}()
	return b
}

func (b *bar) draw(part float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-b.stop:
		return
	default:
	}
	if time.Since(b.drawn) < 30*time.Millisecond {
		return
	}
	b.drawn = time.Now()
	const width = 24
	full := min(width, int(part*width))
	fmt.Fprintf(b.w, "\r\x1b[K[%s%s] %3.0f %%  %s", strings.Repeat("#", full), strings.Repeat(".", width-full), part*100, b.what)
}

// clear takes the bar away.
func (b *bar) clear() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.once.Do(func() {
		close(b.stop)
		fmt.Fprint(b.w, "\r\x1b[K")
	})
}
