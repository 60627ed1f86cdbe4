package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// A bar shows how far the migration is, on a terminal. A nil bar shows nothing.
type bar struct {
	w           io.Writer
	done, total int
	drawn       time.Time
}

// newBar returns nil if f is not a terminal.
func newBar(f *os.File) *bar {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return &bar{w: f}
}

func (b *bar) start(what string, total int) {
	if b != nil {
		b.total = total
		b.draw(what)
	}
}

// step says that the next thing begins; what is drawn at most every 30 ms.
func (b *bar) step(what string) {
	if b == nil {
		return
	}
	b.done = min(b.done+1, b.total)
	if time.Since(b.drawn) > 30*time.Millisecond {
		b.draw(what)
	}
}

func (b *bar) draw(what string) {
	const width = 24
	b.drawn = time.Now()
	full := width * b.done / b.total
	fmt.Fprintf(b.w, "\r\x1b[K[%s%s] %3d %%  %s", strings.Repeat("#", full), strings.Repeat(".", width-full), 100*b.done/b.total, what)
}

// clear takes the bar away.
func (b *bar) clear() {
	if b != nil {
		fmt.Fprint(b.w, "\r\x1b[K")
	}
}
