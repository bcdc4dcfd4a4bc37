//go:build race

package runner_test

// slow says that the race detector makes everything slower.
const slow = true
