// Package testdata holds the vectors of the formats (docs/spec.md), for the
// tests of this module and for whoever writes another implementation. They are
// language-neutral JSON, one file for each step; README.md beside them says how
// to read them.
package testdata

import "embed"

// Files holds the vectors.
//
//go:embed README.md */*.json
var Files embed.FS
