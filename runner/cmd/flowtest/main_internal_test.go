package main

import (
	"os"
	"testing"
)

// TestMain is the program itself in the processes that the tests start, so that none has
// to be built.
func TestMain(m *testing.M) {
	if os.Getenv("FLOWTEST_IS_THE_PROGRAM") != "" {
		main()
	}
	os.Exit(m.Run())
}
