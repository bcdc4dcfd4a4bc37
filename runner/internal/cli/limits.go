package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"flowtest/runner"
)

// limitFlags bound a run, and say what is tried again.
type limitFlags struct {
	concurrency                      int
	failFast                         bool
	timeout, stepTimeout, runTimeout time.Duration
	retries, maxRefused              int
	retryOn                          []string
	failOnFlaky                      bool
	rate                             float64
}

func (f *limitFlags) add(c *cobra.Command) {
	c.Flags().IntVar(&f.concurrency, "concurrency", 0,
		"scenarios at once; 0 is as many as there are processors in a replay, and 4 live")
	c.Flags().BoolVar(&f.failFast, "fail-fast", false, "stop after the first scenario that does not pass")
	c.Flags().DurationVar(&f.timeout, "timeout", runner.DefaultTimeout, "the time limit of each scenario")
	c.Flags().DurationVar(&f.stepTimeout, "step-timeout", 0,
		"the time limit of each step (default: that of its scenario)")
	c.Flags().DurationVar(&f.runTimeout, "run-timeout", 0,
		"the time limit of the run; what did not run by then is reported so")
	c.Flags().IntVar(&f.retries, "retries", 0,
		"how often a scenario that failed runs again, as a whole and with a fresh jar")
	c.Flags().StringSliceVar(&f.retryOn, "retry-on", nil,
		"whose failures are tried again (default network,rate-limit); an assertion's never are:\n"+
			"network     the way to the service broke, or the service is down (502, 503 and such)\n"+
			"rate-limit  the service asked for fewer requests (429)\n"+
			"tenant      the set-up of environment, app or flow policy was refused\n"+
			"flow        the flow itself ended in a failure")
	c.Flags().IntVar(&f.maxRefused, "max-refused", runner.DefaultMaxRefused,
		"no retries for a user whose password was refused that often, for an account is locked after a few")
	c.Flags().BoolVar(&f.failOnFlaky, "fail-on-flaky", false, "fail where a scenario passed only after a retry")
	c.Flags().Float64Var(&f.rate, "rate", runner.DefaultRate, "requests a second to a live target")
}

// read puts the limits into the suite.
func (f *limitFlags) read(s *runner.Suite) error {
	if err := f.check(); err != nil {
		return err
	}
	var err error
	if s.RetryOn, err = runner.Origins(f.retryOn); err != nil {
		return usage(fmt.Errorf("--retry-on: %w", err), "")
	}
	s.Concurrency, s.FailFast, s.Retries, s.MaxRefused = f.concurrency, f.failFast, f.retries, f.maxRefused
	s.Timeout, s.StepTimeout, s.RunTimeout = f.timeout, f.stepTimeout, f.runTimeout
	s.FailOnFlaky, s.Rate = f.failOnFlaky, f.rate
	return nil
}

// check says of each limit that makes no sense what is wanted.
func (f *limitFlags) check() error {
	var wrong []error
	for _, limit := range []struct {
		flag  string
		ok    bool
		found any
		want  string
	}{
		{"--concurrency", f.concurrency >= 0, f.concurrency, "1 or more, or 0 for as many as suit the target"},
		{"--timeout", f.timeout > 0, f.timeout, "a time above 0, as in 2m"},
		{"--step-timeout", f.stepTimeout >= 0, f.stepTimeout, "a time, as in 20s, or 0 for none of its own"},
		{"--run-timeout", f.runTimeout >= 0, f.runTimeout, "a time, as in 10m, or 0 for none"},
		{"--retries", f.retries >= 0, f.retries, "0 or more"},
		{"--max-refused", f.maxRefused > 0, f.maxRefused, "1 or more"},
		{"--rate", f.rate > 0, f.rate, "more than 0 requests a second"}, // NaN is not
	} {
		if !limit.ok {
			wrong = append(wrong, usage(fmt.Errorf("%s %v, want %s", limit.flag, limit.found, limit.want), ""))
		}
	}
	return errors.Join(wrong...)
}
