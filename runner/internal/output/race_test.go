//go:build race

package output_test

// raced says that the race detector runs: it has memory and time of its own.
const raced = true
