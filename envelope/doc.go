// Package envelope seals documents.
package envelope
