package cli

import (
	"context"
	"fmt"

	"flowtest/runner"
	"flowtest/runner/drift"
	"flowtest/runner/target"
)

// compareRun runs the suite live and against the recordings, and says which
// scenarios went differently.
func (p *Process) compareRun(ctx context.Context, f *runFlags, s *runner.Suite, conform *conform) error {
	if s.Target.Live == nil {
		return usage(fmt.Errorf("--compare compares a live target with the recordings, and %q replays", s.Target.Name),
			"name a target of type live with --target")
	}
	w, err := p.open(f.config)
	if err != nil {
		return err
	}
	other := *s
	other.Target = &target.Target{Name: "replay", Users: s.Target.Users}
	if other.Recordings, err = w.recordings(""); err != nil {
		return err
	}
	s.Reporter = reportOnce(s.Reporter, runner.CompareTimes)
	run, differ, err := s.Compare(ctx, &other, w.file.Scrub)
	if err != nil {
		return runError(err)
	}
	worst := drift.None
	for _, c := range differ {
		if _, err := fmt.Fprintf(p.Stdout, "\n%s:%d %q differs between %s and replay\n",
			c.Scenario.File, c.Scenario.Line, c.Scenario.Name, s.Target.Name); err != nil {
			return usage(err, "")
		}
		if c.Problem != "" {
			worst = drift.Breaking
			p.say("error: " + c.Problem)
			continue
		}
		if err := drift.Text(p.Stdout, c.Differences...); err != nil {
			return usage(err, "")
		}
		worst = max(worst, drift.Worst(c.Differences))
	}
	if _, err := fmt.Fprintf(p.Stdout, "compared with replay: %s\n", comparedWith(len(differ))); err != nil {
		return usage(err, "")
	}
	if err := conform.write(p, run); err != nil {
		return err
	}
	if err := verdict(run); err != nil {
		return err
	}
	if worst == drift.Breaking {
		return &exitError{code: ExitFailed}
	}
	return nil
}

func comparedWith(n int) string {
	if n == 0 {
		return "every hop has the same shape"
	}
	return counted(n, "scenario") + " went differently"
}
