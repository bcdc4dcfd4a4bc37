package shipped

import (
	"flag"
	"runtime/debug"
	"testing"
)

// Main runs the tests of a package that computes much and keeps little. Garbage is
// collected seldom; not so where benchmarks measure what the program does.
func Main(m *testing.M) {
	flag.Parse()
	if flag.Lookup("test.bench").Value.String() == "" {
		debug.SetGCPercent(400)
	}
	m.Run()
}
