package cli

import (
	"context"
	"fmt"
	"strings"

	"flowtest/runner"
	"flowtest/runner/internal/diff"
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
	worst := diff.None
	for i := range differ {
		class, err := p.compared(&differ[i], s.Target.Name)
		if err != nil {
			return usage(err, "")
		}
		worst = max(worst, class)
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
	if worst == diff.Breaking {
		return &exitError{code: ExitFailed}
	}
	return nil
}

// compared says how a scenario went differently, and returns how badly.
func (p *Process) compared(c *runner.Compared, live string) (diff.Class, error) {
	worst := diff.Worst(c.Differences)
	_, err := fmt.Fprintf(p.Stdout, "\n%s:%d %q differs between %s and replay\n",
		c.Scenario.File, c.Scenario.Line, c.Scenario.Name, live)
	if err == nil && c.Verdict != "" {
		worst = diff.Breaking
		_, err = fmt.Fprintln(p.Stdout, strings.ReplaceAll(c.Verdict, "\n", "\n  "))
	}
	if c.Problem != "" {
		p.say("error: " + c.Problem)
		return diff.Breaking, err
	}
	if err == nil && len(c.Differences) > 0 {
		err = diff.Text(p.Stdout, c.Differences...)
	}
	return worst, err
}

func comparedWith(n int) string {
	if n == 0 {
		return "every hop has the same shape"
	}
	return counted(n, "scenario") + " went differently"
}
