package envelope

import "runtime"

// Streams are sealed and opened by goroutines that each do one segment and end.
// Nothing runs between two calls of a Read or Write for longer than a segment
// takes, so that a stream that is dropped leaves nothing behind, and source and
// destination are touched by the caller's goroutine only.

// A slot is one segment on its way. Its buffer is used in place, so that a
// stream needs one for each segment on its way, and is not longer than what
// passes through.
type slot struct {
	lane
	buf  []byte
	n    int // bytes in use: of plaintext when sealing, of buf when opening
	done chan struct{}
	busy bool // was started, and done was not received from

	index uint64
	stamp stamp
	plain []byte // the chunk; in buf, or with one core apart from it
	out   []byte // the result
	err   error
}

// bufferSize is what the longest segment takes, and the head.
const bufferSize = prologueSize + chunkSize + chunkOverhead

// firstBuffer is the length with which a buffer begins to grow: 4 KiB of data
// fit, and the third step is a whole segment.
const firstBuffer = 4<<10 + 512

// wait waits until the segment is done.
func (s *slot) wait() {
	if s.busy {
		<-s.done
		s.busy = false
	}
}

// ready reports whether the segment is done.
func (s *slot) ready() bool {
	if s.busy {
		select {
		case <-s.done:
			s.busy = false
		default:
		}
	}
	return !s.busy
}

// grown returns b with at least n bytes, at most limit, and what b holds. It
// grows fourfold, so that what is left behind is a third of a segment at most.
func grown(b []byte, n, limit int) []byte {
	if n <= len(b) {
		return b
	}
	longer := make([]byte, min(max(n, 4*len(b), firstBuffer), limit))
	copy(longer, b)
	return longer
}

// A queue holds the slots of a stream: those on their way, in order, and those
// that are free.
type queue struct {
	do      func(*slot)
	cores   int
	busy    []*slot
	free    []*slot
	unspent int // slots that may still be made

	started chan *slot // those that no goroutine has taken yet
	run     func()     // does the oldest of these; made once, so that go allocates nothing
}

func newQueue(do func(*slot)) queue {
	cores := runtime.GOMAXPROCS(0)
	slots := cores + 2
	if cores == 1 {
		slots = 1
	}
	q := queue{do: do, cores: cores, unspent: slots, busy: make([]*slot, 0, slots), free: make([]*slot, 0, slots)}
	started := make(chan *slot, slots)
	q.started, q.run = started, func() {
		s := <-started
		do(s)
		s.done <- struct{}{}
	}
	return q
}

// alone reports whether there is one core only, and nothing is gained by
// goroutines.
func (q *queue) alone() bool { return q.cores == 1 }

// take returns a free slot, or nil if all are on their way.
func (q *queue) take() *slot {
	if n := len(q.free); n > 0 {
		s := q.free[n-1]
		q.free = q.free[:n-1]
		return s
	}
	if q.unspent == 0 {
		return nil
	}
	q.unspent--
	return &slot{done: make(chan struct{}, 1)}
}

// push puts a slot on its way. Goroutines start in any order, the newest first
// as a rule: each takes the oldest slot, which is the one that is waited for.
func (q *queue) push(s *slot) {
	if q.alone() {
		q.do(s)
	} else {
		s.busy = true
		q.started <- s
		go q.run()
	}
	q.busy = append(q.busy, s)
}

// pop waits for the oldest slot and takes it out.
func (q *queue) pop() *slot {
	s := q.busy[0]
	s.wait()
	q.busy = q.busy[:copy(q.busy, q.busy[1:])]
	return s
}

// release makes a slot free again.
func (q *queue) release(s *slot) {
	s.n, s.plain, s.out, s.err = 0, nil, nil, nil
	q.free = append(q.free, s)
}
