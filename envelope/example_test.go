package envelope_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/keys"
)

// jane is an account, and so a ring of its own. A group of package share is
// used in the same way.
var jane = keys.NewAccount(keys.Device([32]byte{1}))

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// A note: seal, store, open, save again.
func Example_note() {
	note := envelope.Ref{Type: "note", ID: "42"}
	sealed, note, err := envelope.Seal(jane, note, []byte("meet at nine"))
	check(err)

	opened, err := envelope.Open(jane, note, sealed)
	check(err)
	fmt.Printf("%s (revision %d)\n", opened.Plaintext, opened.Ref.Seen.Revision)

	newer, note, err := envelope.Seal(jane, opened.Ref, []byte("meet at ten"))
	check(err)
	opened, err = envelope.Open(jane, note, newer)
	check(err)
	fmt.Printf("%s (revision %d)\n", opened.Plaintext, opened.Ref.Seen.Revision)

	_, err = envelope.Open(jane, note, sealed) // what a server that goes back sends
	fmt.Println(err)
	// Output:
	// meet at nine (revision 1)
	// meet at ten (revision 2)
	// envelope: open: sealkin: older than what was seen
}

// A file appears under its name only when it is whole.
func ExampleSealFile() {
	dir, err := os.MkdirTemp("", "example")
	check(err)
	defer os.RemoveAll(dir)
	plain, sealed, back := filepath.Join(dir, "a.txt"), filepath.Join(dir, "a.sealed"), filepath.Join(dir, "b.txt")
	check(os.WriteFile(plain, []byte("the content of a file"), 0o600))

	ref, err := envelope.SealFile(jane, envelope.Ref{Type: "file", ID: "a.txt"}, sealed, plain)
	check(err)
	opened, err := envelope.OpenFile(jane, ref, back, sealed)
	check(err)
	content, err := os.ReadFile(back)
	check(err)
	fmt.Println(string(content), opened.Size)
	// Output: the content of a file 21
}

// A stream takes constant memory, whatever its length. Only Close makes it a
// document.
func ExampleNewWriter() {
	var stored bytes.Buffer
	w, log, err := envelope.NewWriter(jane, envelope.Ref{Type: "log", ID: "today"}, &stored)
	check(err)
	for i := range 3 {
		_, err := fmt.Fprintln(w, "line", i)
		check(err)
	}
	check(w.Close())

	r, _, err := envelope.NewReader(jane, log, &stored)
	check(err)
	text, err := io.ReadAll(r)
	check(err)
	fmt.Print(string(text))
	// Output:
	// line 0
	// line 1
	// line 2
}

// A list of many documents opens on all cores; one that fails does not stop the
// others.
func ExampleOpenAll() {
	stored := map[envelope.Ref][]byte{}
	for i := range 1000 {
		sealed, ref, err := envelope.Seal(jane, envelope.Ref{Type: "note", ID: strconv.Itoa(i)}, []byte("text"))
		check(err)
		stored[ref] = sealed
		if i == 7 {
			sealed[200] ^= 1
		}
	}
	good := 0
	for opened, err := range envelope.OpenAll(jane, maps.All(stored)) {
		if err != nil {
			fmt.Println(opened.Ref.ID, err)
			continue
		}
		good++
	}
	fmt.Println(good)
	// Output:
	// 7 envelope: open: sealkin: wrong key or place, or changed since
	// 999
}

// A range of a remote document: the first segment, the last stamp and what is
// asked for are fetched, and nothing else.
func ExampleNewReaderAt() {
	sealed, ref, err := envelope.Seal(jane, envelope.Ref{Type: "film", ID: "holiday"}, bytes.Repeat([]byte("0123456789abcdef"), 1<<20))
	check(err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(sealed))
	}))
	defer server.Close()

	remote := &httpRanges{url: server.URL}
	film, opened, err := envelope.NewReaderAt(jane, ref, remote, int64(len(sealed)))
	check(err)
	part := make([]byte, 64<<10)
	_, err = film.ReadAt(part, opened.Size/2)
	check(err)
	fmt.Println(strings.HasPrefix(string(part), "0123456789abcdef"), remote.fetched < 1<<20)
	// Output: true true
}

// httpRanges reads a remote file by Range requests.
type httpRanges struct {
	url     string
	fetched int64
}

// ReadAt implements io.ReaderAt.
func (h *httpRanges) ReadAt(p []byte, at int64) (int, error) {
	request, err := http.NewRequest(http.MethodGet, h.url, nil)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", at, at+int64(len(p))-1))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusPartialContent {
		return 0, fmt.Errorf("server: %s", response.Status)
	}
	n, err := io.ReadFull(response.Body, p)
	h.fetched += int64(n)
	return n, err
}
