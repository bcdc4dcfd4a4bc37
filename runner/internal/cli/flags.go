package cli

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flowtest/mockserver"
	"flowtest/runner"
	"flowtest/runner/internal/output"
	"flowtest/runner/internal/output/stream"
	"flowtest/runner/report"
)

// chooseFlags say which scenarios run, in which order and how often.
type chooseFlags struct {
	tags, name    string
	rerun         string
	shard         string
	durations     string
	random        string
	repeat        int
	dryRun, watch bool

	before *earlier // the run that --rerun names, once it was read
}

func (f *chooseFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.tags, "tags", "",
		`only scenarios that a Cucumber tag expression chooses, as in "@a and not @b"`)
	c.Flags().StringVar(&f.name, "name", "", "only scenarios whose name matches a regular expression")
	c.Flags().StringVar(&f.rerun, "rerun", "", "only what did not pass in the run of the report folder `DIR`")
	c.Flags().StringVar(&f.shard, "shard", "", "only part `I/N`, as in 2/4; every machine computes the same parts")
	c.Flags().StringVar(&f.durations, "durations", "",
		"balance the shards by the durations of the run of the report folder `DIR`")
	c.Flags().StringVar(&f.random, "random", "",
		"shuffle the scenarios; =`SEED` repeats the order of a run that printed it")
	c.Flags().Lookup("random").NoOptDefVal = "0"
	c.Flags().IntVar(&f.repeat, "repeat", 1, "run every scenario this many times")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false,
		"print what would run and which steps are unknown; send nothing")
	c.Flags().BoolVar(&f.watch, "watch", false,
		"after each change of a feature or recording, run the scenarios that it affects, until Ctrl-C")
}

// read puts the choice into the suite.
func (f *chooseFlags) read(p *Process, s *runner.Suite) error {
	s.Tags, s.Name, s.Repeat, s.DryRun = f.tags, f.name, f.repeat, f.dryRun
	if f.repeat < 1 {
		return fmt.Errorf("--repeat %d, want 1 or more", f.repeat)
	}
	if f.random != "" {
		seed, err := strconv.ParseUint(f.random, 10, 64)
		if err != nil {
			return fmt.Errorf("--random=%s is no seed, want a number", f.random)
		}
		for seed == 0 {
			seed = mockserver.NewSeed()
		}
		s.Seed = seed
	}
	return f.readShard(p, s)
}

func (f *chooseFlags) readShard(p *Process, s *runner.Suite) error {
	if f.shard == "" {
		if f.durations != "" {
			return errors.New("--durations balances shards, and there is no --shard")
		}
		return nil
	}
	if _, err := fmt.Sscanf(f.shard, "%d/%d", &s.Shard, &s.Shards); err != nil ||
		f.shard != fmt.Sprintf("%d/%d", s.Shard, s.Shards) || s.Shard < 1 || s.Shard > s.Shards {
		return fmt.Errorf("--shard %q, want I/N with I from 1 to N, as in 2/4", f.shard)
	}
	if f.durations == "" {
		return nil
	}
	before, _, err := readEarlier(p, f.durations)
	if err != nil {
		return err
	}
	s.Durations = before.durations
	return nil
}

// readRerun reads the run of which what did not pass runs again. It comes before the
// rest, for it may say where the run goes.
func (f *chooseFlags) readRerun(p *Process, s *runner.Suite) error {
	if f.rerun == "" {
		return nil
	}
	before, lost, err := readEarlier(p, f.rerun)
	if err != nil {
		return err
	}
	// A line that cannot be read may be of a scenario, so it may be of one that failed.
	before.Torn = lost.Scenarios > 0
	bad := slices.Contains(slices.Collect(maps.Values(before.Passed)), false)
	if !bad && !before.Torn {
		return &exitError{ExitNothing, fmt.Errorf("everything passed in the run of %s", f.rerun), ""}
	}
	f.before, s.Rerun = before, &before.Earlier
	return nil
}

// earlier is what a later run wants to know of an earlier one.
type earlier struct {
	report.Discard
	runner.Earlier

	durations map[runner.Place]time.Duration
	plan      report.Plan
}

// Begin implements [report.Reporter].
func (e *earlier) Begin(p report.Plan) { e.plan = p }

// Scenario implements [report.Reporter].
func (e *earlier) Scenario(s *report.Scenario) {
	at := runner.Place{File: s.File, Name: s.Name, Line: s.Line}
	e.Add(at, !s.Status.Bad() && s.Status != report.NotRun)
	if s.Status != report.NotRun {
		e.durations[at] = s.Duration
	}
}

// readEarlier reads the run of a report folder.
func readEarlier(p *Process, dir string) (*earlier, stream.Lost, error) {
	f, err := os.Open(filepath.Join(p.path(dir), output.MessagesFile))
	if err != nil {
		return nil, stream.Lost{}, usage(noReport(dir, err), "a run writes one with --report DIR")
	}
	defer func() { _ = f.Close() }() // it was only read
	e := &earlier{
		Earlier: runner.Earlier{Passed: map[runner.Place]bool{}}, durations: map[runner.Place]time.Duration{},
	}
	_, lost, err := stream.Read(f, e)
	if err != nil {
		return nil, lost, fmt.Errorf("%s: %w", dir, err)
	}
	if text := lost.String(); text != "" {
		p.say(dir + ": " + text)
	}
	return e, lost, nil
}

// noReport says that a folder has no stream of a run.
func noReport(dir string, err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s has no %s", strings.TrimSuffix(dir, "/"), output.MessagesFile)
	}
	return err
}

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
		"scenarios at the same time; 0 means one for each processor in a replay, and 4 live")
	c.Flags().BoolVar(&f.failFast, "fail-fast", false, "stop after the first scenario that does not pass")
	c.Flags().DurationVar(&f.timeout, "timeout", runner.DefaultTimeout, "the time limit of each scenario")
	c.Flags().DurationVar(&f.stepTimeout, "step-timeout", 0,
		"the time limit of each step (default: that of its scenario)")
	c.Flags().DurationVar(&f.runTimeout, "run-timeout", 0,
		"the time limit of the run; scenarios that have not run by then are reported as not run")
	c.Flags().IntVar(&f.retries, "retries", 0,
		"how often a failed scenario is retried, from its start and without cookies")
	c.Flags().StringSliceVar(&f.retryOn, "retry-on", nil,
		"which failures are retried (default network,rate-limit); failed assertions never are:\n"+
			"network     the connection failed, or the service is down (502, 503 and similar)\n"+
			"rate-limit  the service asked for fewer requests (429)\n"+
			"tenant      the set-up of environment, app or flow policy was refused\n"+
			"flow        the flow itself ended in a failure")
	c.Flags().IntVar(&f.maxRefused, "max-refused", runner.DefaultMaxRefused,
		"stop retrying for a user after this many refused passwords, to avoid locking the account")
	c.Flags().BoolVar(&f.failOnFlaky, "fail-on-flaky", false, "fail if a scenario passed only after a retry")
	c.Flags().Float64Var(&f.rate, "rate", runner.DefaultRate, "requests a second to a live target")
}

// read puts the limits into the suite.
func (f *limitFlags) read(s *runner.Suite) error {
	if err := f.check(); err != nil {
		return err
	}
	var err error
	if s.RetryOn, err = runner.Origins(f.retryOn); err != nil {
		return fmt.Errorf("--retry-on: %w", err)
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
			wrong = append(wrong, fmt.Errorf("%s %v, want %s", limit.flag, limit.found, limit.want))
		}
	}
	return errors.Join(wrong...)
}

// outputFlags say what is written, and where.
type outputFlags struct {
	format string
	quiet  bool
	report string
	runID  string
}

func (f *outputFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.format, "format", "pretty", "pretty, progress, dots, github or json")
	c.Flags().BoolVarP(&f.quiet, "quiet", "q", false,
		"print only scenarios that did not pass, and the last lines")
	c.Flags().StringVar(&f.report, "report", "",
		"a folder for messages.ndjson, junit.xml, report.json, summary.md and report.html")
	c.Flags().StringVar(&f.runID, "run-id", "",
		"the name that the shards of one run share, for flowtest report")
}

// read puts the reporters into the suite. The report folder is made here, so
// that one that cannot be written is refused before anything runs.
func (f *outputFlags) read(p *Process, s *runner.Suite) error {
	to, err := f.reporter(p)
	if err != nil {
		return err
	}
	list := []report.Reporter{to}
	if f.report != "" {
		folder, err := output.NewFolder(p.path(f.report))
		if err != nil {
			return err
		}
		s.Evidence = true
		list = append(list, folder)
	}
	if on, _ := p.Env("GITHUB_ACTIONS"); on == "true" {
		switch {
		case f.format == "json": // Stdout is for lines of JSON, and the runner of a job reads both
			list = append(list, output.NewGitHub(p.Stderr))
		case f.format != "github":
			list = append(list, output.NewGitHub(p.Stdout))
		}
		if path, _ := p.Env("GITHUB_STEP_SUMMARY"); path != "" {
			list = append(list, output.NewJobSummary(path))
		}
	}
	if s.Seed != 0 && (f.quiet || f.format != "pretty" && f.format != "progress") { // those two say it themselves
		p.say(fmt.Sprintf("--random=%d repeats this order", s.Seed))
	}
	s.Reporter, s.Plan.Run = report.Many(list...), f.runID
	return nil
}

func (f *outputFlags) reporter(p *Process) (report.Reporter, error) {
	switch f.format {
	case "pretty", "progress", "dots":
	case "github": // for machines, as JSON is: nothing is left out
		return output.NewGitHub(p.Stdout), nil
	case "json":
		return output.NewJSON(p.Stdout), nil
	default:
		return nil, fmt.Errorf("format %q is unknown, want pretty, progress, dots, github or json", f.format)
	}
	switch {
	case f.quiet:
		return output.NewQuiet(p.Stdout, p.color()), nil
	case f.format == "progress":
		return output.NewProgress(p.Stdout, p.color()), nil
	case f.format == "dots":
		return output.NewDots(p.Stdout), nil
	default:
		return output.NewPretty(p.Stdout, p.color()), nil
	}
}
