//go:build !race

package report_test

// raced says that the race detector runs: it has memory and time of its own.
const raced = false
