package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// The server of this example keeps sealed files in memory.
const inputLimit = 4 << 30

// An input is a file to seal.
type input struct {
	path, name string
	size       int64
}

// inputs checks the files that were named, or finds the repository's own
// documents, before anything is done with them.
func inputs(args []string) ([]input, error) {
	if len(args) == 0 {
		found, err := ownDocuments()
		if err != nil {
			return nil, err
		}
		args = found
	}
	var files []input
	total := int64(0)
	for _, path := range args {
		f, err := newInput(path)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(files, func(o input) bool { return o.name == f.name }) {
			return nil, fmt.Errorf("%s is named twice", path)
		}
		if total += f.size; total > inputLimit {
			return nil, fmt.Errorf("%s: more than %s in all, and the server of this example keeps it in memory", path, size(inputLimit))
		}
		files = append(files, f)
	}
	return files, nil
}

func newInput(path string) (input, error) {
	file, err := os.Open(path)
	if err != nil {
		return input{}, err // it names the path, and what is wrong with it
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return input{}, err
	case info.IsDir():
		return input{}, fmt.Errorf("%s is a directory: name the files in it", path)
	case !info.Mode().IsRegular():
		return input{}, fmt.Errorf("%s is not a regular file", path)
	}
	return input{path, filepath.ToSlash(filepath.Clean(path)), info.Size()}, nil
}

// ownDocuments finds README, LICENSE and docs from this folder upwards.
func ownDocuments() ([]string, error) {
	for dir := "."; ; dir = filepath.Join("..", dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			docs, err := filepath.Glob(filepath.Join(dir, "docs", "*.md"))
			return append([]string{filepath.Join(dir, "README.md"), filepath.Join(dir, "LICENSE")}, docs...), err
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if abs, err := filepath.Abs(dir); err != nil || abs == filepath.Dir(abs) {
			return nil, errors.New("not inside the repository: name the files to seal")
		}
	}
}

// size writes a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 10<<10:
		return fmt.Sprintf("%.0f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", n)
}
