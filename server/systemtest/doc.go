// Package systemtest holds tests of the built binary as an editor starts it.
package systemtest
