package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

const variable = "INSOMNIA_PASSPHRASE"

// askPassphrase takes the passphrase from the flag, the environment or standard
// input. That of the shipped export is known.
func askPassphrase(given, path string, stdin *os.File, stderr io.Writer) (string, error) {
	if given != "" {
		return given, nil
	}
	if env, ok := os.LookupEnv(variable); ok {
		return env, nil
	}
	if path == "" {
		return shippedPassphrase, nil
	}
	fmt.Fprint(stderr, "Passphrase of the Insomnia account (it shows while you type): ")
	line, err := bufio.NewReader(io.LimitReader(stdin, 64<<10)).ReadString('\n')
	if err != nil && (err != io.EOF || line == "") {
		return "", errors.Join(errors.New("no passphrase: set "+variable+" or type it"), ignoreEOF(err))
	}
	return strings.TrimRight(line, "\r\n"), nil
}

func ignoreEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}
