package welcome

import (
	"embed"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/cucumber/godog"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/gotest"
	"flowtest/runner/target"
	"flowtest/steps"
	"flowtest/steps/flow"
)

//go:embed features
var features embed.FS

// A mailbox is what this module has and flowtest does not know.
type mailbox struct{ sent []string }

func TestFlows(t *testing.T) {
	flows, err := recordings.LoadAll(recordings.Shipped(), ".")
	if err != nil {
		t.Fatal(err)
	}
	replay, err := target.Builtin().Choose("")
	if err != nil {
		t.Fatal(err)
	}
	limit, err := time.ParseDuration(os.Getenv("LIMIT"))
	if err != nil {
		limit = 0
	}
	gotest.Run(t, runner.Suite{
		Features:   []runner.Source{{FS: features, Path: "features"}},
		Target:     replay,
		Recordings: flows,
		Tags:       os.Getenv("CHOOSE"),
		DryRun:     os.Getenv("DRY_RUN") != "",
		RunTimeout: limit,
		Steps:      sentences,
	})
}

// sentences are those of this module. They are registered anew for each
// scenario, so its mailbox is its own.
func sentences(sc *godog.ScenarioContext, w *steps.World) {
	box := &mailbox{}
	sc.Then(`^the welcome mail to "([^"]*)" was sent$`, func(address string) error {
		address, err := w.Expand(address)
		if err != nil {
			return err
		}
		if w.Journey.Last().Outcome == flow.Completed {
			box.sent = append(box.sent, address) // the system under test would have done it
		}
		if !slices.Contains(box.sent, address) {
			return fmt.Errorf("the mails are to %q, want one to %s", box.sent, address)
		}
		return nil
	})
	sc.Then(`^no mail was sent$`, func() error {
		if len(box.sent) > 0 {
			return fmt.Errorf("mails were sent to %q, want none", box.sent)
		}
		return nil
	})
}
