//go:build !race

package runner_test

const slow = false
