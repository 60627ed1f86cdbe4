package share

import (
	"crypto/ed25519"
	"crypto/hpke"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/keys"
)

// What is measured stands beside the bare operations that it can't do without,
// on one core. BenchmarkRatio takes turns between the two, since the speed of a
// machine wanders: the metric "ratio" is that of the medians.

func ok(b testing.TB, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

var owner = sync.OnceValue(func() *keys.Account { return keys.NewAccount(keys.Device([32]byte{1})) })

// crowd are 1,000 identities.
var crowd = sync.OnceValue(func() (all []*keys.Identity) {
	for range 1000 {
		i, err := keys.TrustFirst(ring.PrivateOf(keys.NewCode().Guest()).Public().Record)
		if err != nil {
			panic(err)
		}
		all = append(all, i)
	}
	return all
})

// benchGroup returns a group of n members.
func benchGroup(b testing.TB, n int) *Group {
	g := Create(owner()).After()
	if n > 1 {
		c, err := g.Add(Writer, crowd()[:n-1]...)
		ok(b, err)
		g = c.After()
	}
	return g
}

// benchLog returns a log of n entries: one in ten takes somebody in.
func benchLog(b testing.TB, n int) (entries [][]byte, added int) {
	c := Create(owner())
	log, entries := c.After().log, slices.Clone(c.Entries)
	for len(entries) < n {
		f := Forgery{Signer: ring.PrivateOf(owner().Member()), Kind: KindRotate}
		if len(entries)%10 == 1 {
			f.Kind, f.Role, f.People = KindAdd, Writer, [][]byte{crowd()[added].Bytes()}
			added++
		} else {
			f.Rotation = &ForgedRotation{Generation: log.Generation() + 1, Key: make([]byte, 32)}
		}
		e := f.Entry(log)
		next, err := log.extend([][]byte{e}, uint64(len(entries))+1)
		ok(b, err)
		log, entries = next, append(entries, e)
	}
	return entries, added
}

func sealing(b *testing.B, n int) func() {
	g := benchGroup(b, 1)
	people := make([]span, n)
	for i := range people {
		people[i].person = personOf(crowd()[i%1000].Public())
	}
	k := g.keys.newest(g.log)
	return func() {
		places := make([][]byte, n)
		for i, m := range people {
			places[i] = linkPlace(g.log.state, 1, m.person.id, m.person.statement(m.person.epoch()))
		}
		ok(b, each(n, func(i int) error { _, err := sealLink(k, places[i], people[i].person); return err }))
	}
}

// sealingParts encapsulates and seals 32 bytes, n times.
func sealingParts(b *testing.B, n int) func() {
	place, plain := make([]byte, 93), make([]byte, 32)
	return func() {
		for i := range n {
			_, s, err := hpke.NewSender(crowd()[i%1000].Public().KEM, hpke.HKDFSHA256(), hpke.ExportOnly(), []byte(label.HPKE))
			ok(b, err)
			key, err := s.Export("x", 32)
			ok(b, err)
			box.Seal(box.NewKey(secret.New(key)), label.GroupLink, place, plain)
		}
	}
}

func joining(b *testing.B, n int) func() {
	entries, _ := benchLog(b, n)
	first, err := parseEntry(entries[0])
	ok(b, err)
	return func() {
		_, err := Join(owner(), first.groupID(), owner().ID(), entries, nil)
		ok(b, err)
	}
}

// joiningParts verifies the signatures and the identities of the same log.
func joiningParts(b *testing.B, n int) func() {
	entries, added := benchLog(b, n)
	var messages, signatures [][]byte
	for _, r := range entries {
		e, err := parseEntry(r)
		ok(b, err)
		messages = append(messages, signed(label.EntrySignature, e.body))
		signatures = append(signatures, r[len(e.body):])
	}
	_, newest := owner().Identity().Public().Newest()
	return func() {
		for i, m := range messages {
			if !ed25519.Verify(newest.Sign, m, signatures[i]) {
				b.Fatal("signature")
			}
		}
		for i := range added + 1 {
			_, err := keys.TrustFirst(crowd()[i%1000].Bytes())
			ok(b, err)
		}
	}
}

func median(runs []time.Duration) float64 {
	slices.Sort(runs)
	return float64(runs[len(runs)/2])
}

// BenchmarkRatio compares with the parts. "/1" is with one core for both, "/all"
// with all cores for what is measured and one for the parts. The metric "control"
// is what the parts themselves gain from all cores: it shows whether the machine
// had more than one to give.
func BenchmarkRatio(b *testing.B) {
	type part func(*testing.B, int) func()
	for _, c := range []struct {
		name         string
		whole, parts part
		sizes        []int
	}{
		{"Links", sealing, sealingParts, []int{1, 10, 1000, 10_000}},
		{"Join", joining, joiningParts, []int{1000, 10_000}},
	} {
		for _, n := range c.sizes {
			for name, cores := range map[string]int{"1": 1, "all": runtime.GOMAXPROCS(0)} {
				b.Run(fmt.Sprintf("%s/%d/%s", c.name, n, name), func(b *testing.B) {
					if testing.Short() && n > 1000 {
						b.Skip()
					}
					whole, parts, share := c.whole(b, n), c.parts(b, n), c.parts(b, max(n/cores, 1))
					defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
					var w, p, control []time.Duration
					for b.Loop() {
						for range max(1, 20/n) {
							p = append(p, timed(parts))
							runtime.GOMAXPROCS(cores)
							w = append(w, timed(whole))
							control = append(control, timed(func() { together(cores, share) }))
							runtime.GOMAXPROCS(1)
						}
					}
					b.ReportMetric(median(w)/median(p), "ratio")
					b.ReportMetric(median(control)/median(p), "control")
					b.ReportMetric(median(w)/1e6, "ms")
				})
			}
		}
	}
}

// together runs f on n goroutines.
func together(n int, f func()) {
	var wait sync.WaitGroup
	for range n {
		wait.Go(f)
	}
	wait.Wait()
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

// BenchmarkApply takes over one entry behind logs of several lengths.
func BenchmarkApply(b *testing.B) {
	for _, n := range []int{10, 1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			entries, _ := benchLog(b, n)
			first, err := parseEntry(entries[0])
			ok(b, err)
			g, err := Join(owner(), first.groupID(), owner().ID(), entries, nil)
			ok(b, err)
			for b.Loop() {
				b.StopTimer()
				e := Forgery{Signer: g.private(), Kind: KindRotate, Rotation: &ForgedRotation{Generation: g.log.Generation() + 1, Key: make([]byte, 32)}}.Entry(g.log)
				b.StartTimer()
				g, err = g.Apply([][]byte{e}, nil)
				ok(b, err)
			}
		})
	}
}

// BenchmarkOpenGroups opens groups at login, in each way.
func BenchmarkOpenGroups(b *testing.B) {
	for _, n := range []int{1, 10} {
		g := benchGroup(b, n)
		entries, mark, snapshot := g.log.Entries(0), g.Bookmark(), g.Marshal()
		link, err := g.Link(owner().ID())
		ok(b, err)
		for name, open := range map[string]func() (*Group, error){
			"Join":    func() (*Group, error) { return Join(owner(), g.log.ID(), owner().ID(), entries, link) },
			"Resume":  func() (*Group, error) { return Resume(owner(), mark, entries, nil) },
			"Restore": func() (*Group, error) { return Restore(owner(), snapshot) },
		} {
			b.Run(fmt.Sprintf("%s/of %d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_, err := open()
					ok(b, err)
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N), "ms/1000-groups")
			})
		}
	}
}

// BenchmarkResume opens one long log again.
func BenchmarkResume(b *testing.B) {
	entries, _ := benchLog(b, 1000)
	first, err := parseEntry(entries[0])
	ok(b, err)
	g, err := Join(owner(), first.groupID(), owner().ID(), entries, nil)
	ok(b, err)
	mark, snapshot := g.Bookmark(), g.Marshal()
	b.Run("Bookmark/1000", func(b *testing.B) {
		for b.Loop() {
			_, err := Resume(owner(), mark, entries, nil)
			ok(b, err)
		}
	})
	b.Run("Snapshot/1000", func(b *testing.B) {
		for b.Loop() {
			_, err := Restore(owner(), snapshot)
			ok(b, err)
		}
	})
}

// BenchmarkChange makes changes.
func BenchmarkChange(b *testing.B) {
	g := benchGroup(b, 100)
	newcomer := crowd()[999]
	b.Run("Create", func(b *testing.B) {
		for b.Loop() {
			Create(owner())
		}
	})
	b.Run("Add/100", func(b *testing.B) {
		for b.Loop() {
			_, err := g.Add(Reader, newcomer)
			ok(b, err)
		}
	})
	b.Run("Remove/100", func(b *testing.B) {
		for b.Loop() {
			_, err := g.Remove(crowd()[5].ID())
			ok(b, err)
		}
	})
	entries, _ := benchLog(b, 1000)
	b.Run("ReadLog/1000", func(b *testing.B) {
		for b.Loop() {
			_, err := ReadLog(entries)
			ok(b, err)
		}
	})
}

// BenchmarkRing asks for what one document needs.
func BenchmarkRing(b *testing.B) {
	g := benchGroup(b, 100)
	v := ring.Of(g.Ring())
	s, err := v.Sealing()
	ok(b, err)
	c := ring.Claim{Author: s.Author, Epoch: s.Epoch, Generation: s.Generation, Head: s.Head}
	b.Run("Sealing", func(b *testing.B) {
		for b.Loop() {
			_, err := v.Sealing()
			ok(b, err)
		}
	})
	b.Run("Opening", func(b *testing.B) {
		for b.Loop() {
			_, err := v.DocumentKey(1)
			ok(b, err)
			_, _, err = v.Author(c)
			ok(b, err)
		}
	})
}
