// Package arch holds the tests of the shape of the module: which package may
// import which, what the module may depend on, and what it exports.
package arch
