package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// A story tells what happens, as text while it happens or as one JSON object at
// the end.
type story struct {
	out     io.Writer // of the text; io.Discard for JSON
	object  io.Writer // of the JSON object; io.Discard for text
	bars    io.Writer // nil unless somebody looks at a terminal
	story   transcript
	started time.Time
}

type transcript struct {
	OK       bool     `json:"ok"`
	Error    string   `json:"error,omitempty"`
	Seconds  float64  `json:"seconds"`
	Compared int      `json:"filesEqual"`
	Steps    []step   `json:"steps"`
	Stored   []record `json:"stored"`
	Refused  []denial `json:"refused"`
}

type step struct {
	Who          string  `json:"who"`
	What         string  `json:"what"`
	Milliseconds float64 `json:"ms"`
}

type record struct {
	What  string `json:"what"`
	Bytes int    `json:"bytes"`
	First string `json:"firstBytes"`
}

type denial struct {
	What string `json:"what"`
	With string `json:"error"`
}

func newStory(stdout, stderr *os.File, asJSON bool) *story {
	s := &story{out: stdout, object: io.Discard, started: time.Now()}
	if asJSON {
		s.out, s.object = io.Discard, stdout
	} else if isTerminal(stdout) && isTerminal(stderr) {
		s.bars = stderr
	}
	s.story.Steps, s.story.Stored, s.story.Refused = []step{}, []record{}, []denial{}
	return s
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// silent returns a story that nobody hears.
func (s *story) silent() *story { return &story{out: io.Discard} }

// step does something, and tells who did what and how long it took.
func (s *story) step(who, what string, do func() error) error {
	start := time.Now()
	if err := do(); err != nil {
		return fmt.Errorf("%s could not go on (%s): %w", who, what, err)
	}
	took := time.Since(start)
	s.story.Steps = append(s.story.Steps, step{who, what, float64(took.Microseconds()) / 1000})
	fmt.Fprintf(s.out, "%9.2f ms  %-18s  %s\n", float64(took.Microseconds())/1000, who, what)
	return nil
}

// slow is step for the slow hash, with a bar of about the time it takes.
func (s *story) slow(who, what string, do func() error) error {
	bar := s.timer(who+" "+what, 300*time.Millisecond)
	defer bar.clear()
	return s.step(who, what, func() error { defer bar.clear(); return do() })
}

// stored tells what the server keeps.
func (s *story) stored(what string, b []byte) {
	if len(s.story.Stored) == 0 {
		fmt.Fprintln(s.out, "\nWhat the server stores, all of it:")
	}
	first := hex.EncodeToString(b[:min(len(b), 16)])
	s.story.Stored = append(s.story.Stored, record{what, len(b), first})
	fmt.Fprintf(s.out, "%10d bytes  %s…  %s\n", len(b), first, what)
}

// refused tells of something that had to be refused, with want.
func (s *story) refused(what string, err, want error) error {
	if err == nil {
		return fmt.Errorf("%s was not refused", what)
	}
	if !errors.Is(err, want) {
		return fmt.Errorf("%s was refused for another reason: %w", what, err)
	}
	if len(s.story.Refused) == 0 {
		fmt.Fprintln(s.out, "\nWhat is refused:")
	}
	s.story.Refused = append(s.story.Refused, denial{what, want.Error()})
	fmt.Fprintf(s.out, "  %s: %v\n", what, want)
	return nil
}

// end closes the story, which may have come to nothing. The error is that of
// writing it.
func (s *story) end(told error) error {
	s.story.OK = told == nil
	s.story.Seconds = time.Since(s.started).Seconds()
	if told != nil {
		s.story.Error = told.Error()
	} else if _, err := fmt.Fprintf(s.out, "\n%d files opened by Bob, each equal to the original. %d attempts refused. %.1f s in all.\n",
		s.story.Compared, len(s.story.Refused), s.story.Seconds); err != nil {
		return err
	}
	e := json.NewEncoder(s.object)
	e.SetIndent("", "  ")
	return e.Encode(s.story)
}
