//go:build !race

package cli_test

// raceEnabled says that the race detector is on, which makes everything slower.
const raceEnabled = false
