// Package live holds the tests in which this implementation and the second one,
// in testdata/js, open what the other has just made.
package live
