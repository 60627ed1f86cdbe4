// Package golden holds the tests that open the stored worlds in
// testdata/golden: one for each released version of the formats, made once and
// never written again. What an old version stored must open for ever.
package golden
