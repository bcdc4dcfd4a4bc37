package welcome

import (
	"embed"
	"os"
	"testing"
	"time"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/gotest"
)

//go:embed more
var more embed.FS

// TestMore runs further features with the sentences of the page that this module is
// from. The environment says how.
func TestMore(t *testing.T) {
	flows, err := recordings.LoadAll(recordings.Shipped(), ".")
	if err != nil {
		t.Fatal(err)
	}
	limit, err := time.ParseDuration(os.Getenv("LIMIT"))
	if err != nil {
		limit = 0
	}
	gotest.Run(t, runner.Suite{
		Features:   []runner.Source{{FS: more, Path: "more"}},
		Target:     runner.Replay(),
		Recordings: flows,
		Tags:       os.Getenv("CHOOSE"),
		DryRun:     os.Getenv("DRY_RUN") != "",
		RunTimeout: limit,
		Steps:      sentences,
	})
}
