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
	"github.com/spf13/pflag"

	"flowtest/mockserver"
	"flowtest/runner"
	"flowtest/runner/internal/output"
	"flowtest/runner/internal/output/stream"
	"flowtest/runner/internal/safefile"
	"flowtest/runner/report"
	"flowtest/steps/davinci"
)

// chooseFlags say which scenarios run and in which order.
type chooseFlags struct {
	rerun, shard, durations, random string

	platforms []string

	watch  bool
	before *earlier // the run that --rerun names, once it was read
}

// add adds the flags; those that need no reading go into the suite.
func (f *chooseFlags) add(c *cobra.Command, s *runner.Suite) {
	c.Flags().StringVar(&s.Tags, "tags", "",
		`only scenarios that a Cucumber tag expression chooses, as in "@a and not @b"`)
	c.Flags().StringVar(&s.Name, "name", "", "only scenarios whose name matches a regular expression")
	c.Flags().StringVar(&f.rerun, "rerun", "", "only what did not pass in the run of the report folder `DIR`")
	c.Flags().StringVar(&f.shard, "shard", "", "only part `I/N`, as in 2/4; every machine computes the same parts")
	c.Flags().StringVar(&f.durations, "durations", "",
		"balance the shards by the durations of the run of the report folder `DIR`")
	c.Flags().StringVar(&f.random, "random", "",
		"shuffle the scenarios; =`SEED` repeats the order of a run that printed it")
	c.Flags().Lookup("random").NoOptDefVal = "0"
	c.Flags().IntVar(&s.Repeat, "repeat", 1, "run every scenario this many times")
	c.Flags().StringSliceVar(&f.platforms, "platform", nil,
		"run every scenario once for each `PLATFORM`, as its SDK: web, android or ios, with commas\n"+
			"between several (default: that of the target)")
	c.Flags().BoolVar(&s.DryRun, "dry-run", false,
		"print what would run and which steps are unknown; send nothing")
	c.Flags().BoolVar(&f.watch, "watch", false,
		"after each change of a feature or recording, run the scenarios that it affects, until Ctrl-C")
}

// read puts the choice into the suite.
func (f *chooseFlags) read(p *Process, s *runner.Suite) error {
	if s.Repeat < 1 {
		return fmt.Errorf("--repeat %d, want 1 or more", s.Repeat)
	}
	if err := f.readPlatforms(s); err != nil {
		return err
	}
	if f.random != "" {
		seed, err := strconv.ParseUint(f.random, 10, 64)
		if err != nil {
			return fmt.Errorf("--random=%s is not a seed, want a number", f.random)
		}
		for seed == 0 {
			seed = mockserver.NewSeed()
		}
		s.Seed = seed
	}
	return f.readShard(p, s)
}

// readPlatforms reads --platform; without it, what did not pass runs again on the
// platforms of its run.
func (f *chooseFlags) readPlatforms(s *runner.Suite) error {
	names := f.platforms
	if f.before != nil && len(names) == 0 {
		names = f.before.platforms
	}
	for _, name := range names {
		if name == "web" {
			name = davinci.JavaScript
		}
		if !slices.Contains(davinci.Platforms(), name) {
			return fmt.Errorf("--platform %q, want web, android or ios", name)
		}
		if slices.Contains(s.Platforms, name) {
			return fmt.Errorf("--platform names %s twice", name)
		}
		s.Platforms = append(s.Platforms, name)
	}
	return nil
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

// paths returns the arguments that choose the features: without any those of the run
// of which what did not pass runs again.
func (f *chooseFlags) paths(args []string) []string {
	if f.before != nil && len(args) == 0 {
		return f.before.plan.Paths
	}
	return args
}

// earlier is what a later run wants to know of an earlier one.
type earlier struct {
	report.Discard
	runner.Earlier

	durations map[runner.Place]time.Duration
	platforms []string // of those that did not pass
	plan      report.Plan
}

// Begin implements [report.Reporter].
func (e *earlier) Begin(p report.Plan) { e.plan = p }

// Scenario implements [report.Reporter].
func (e *earlier) Scenario(s *report.Scenario) {
	at := runner.Place{File: s.File, Name: s.Name, Line: s.Line}
	e.Add(at, !s.Status.Bad() && s.Status != report.NotRun)
	if bad := s.Status.Bad() || s.Status == report.NotRun; bad && s.Platform != "" &&
		!slices.Contains(e.platforms, s.Platform) {
		e.platforms = append(e.platforms, s.Platform)
	}
	if s.Status != report.NotRun {
		e.durations[at] = s.Duration
	}
}

// readEarlier reads the run of a report folder.
func readEarlier(p *Process, dir string) (*earlier, stream.Lost, error) {
	f, err := openStream(p, dir)
	if err != nil {
		return nil, stream.Lost{}, err
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

// maxMessages is how many bytes the messages.ndjson of a report may have.
const maxMessages = 16 << 30

// openStream opens the stream of a run in a report folder.
func openStream(p *Process, dir string) (*os.File, error) {
	f, err := safefile.Open(filepath.Join(p.path(dir), output.MessagesFile), maxMessages)
	if errors.Is(err, os.ErrNotExist) {
		err = fmt.Errorf("%s has no %s", strings.TrimSuffix(dir, "/"), output.MessagesFile)
	}
	if err != nil {
		return nil, usage(err, "a run writes one with --report DIR")
	}
	return f, nil
}

// addLimits adds the flags that bound a run, and say what is tried again.
func addLimits(c *cobra.Command, s *runner.Suite, retryOn *[]string) {
	c.Flags().IntVar(&s.Concurrency, "concurrency", 0,
		"scenarios at the same time; 0 means one for each processor in a replay, and 4 live")
	c.Flags().BoolVar(&s.FailFast, "fail-fast", false, "stop after the first scenario that does not pass")
	c.Flags().DurationVar(&s.Timeout, "timeout", runner.DefaultTimeout, "the time limit of each scenario")
	c.Flags().DurationVar(&s.StepTimeout, "step-timeout", 0,
		"the time limit of each step (default: that of its scenario)")
	c.Flags().DurationVar(&s.RunTimeout, "run-timeout", 0,
		"the time limit of the run; scenarios that have not run by then are reported as not run")
	c.Flags().IntVar(&s.Retries, "retries", 0,
		"how often a failed scenario is retried, from its start and without cookies")
	c.Flags().StringSliceVar(retryOn, "retry-on", nil,
		"which failures are retried (default network,rate-limit); failed assertions never are:\n"+
			"network     the connection failed, or the service is down (502, 503 and similar)\n"+
			"rate-limit  the service asked for fewer requests (429)\n"+
			"tenant      the set-up of environment, app or flow policy was refused\n"+
			"flow        the flow itself ended in a failure")
	c.Flags().IntVar(&s.MaxRefused, "max-refused", runner.DefaultMaxRefused,
		"stop retrying for a user after this many refused passwords, to avoid locking the account")
	c.Flags().BoolVar(&s.FailOnFlaky, "fail-on-flaky", false, "fail if a scenario passed only after a retry")
	c.Flags().BoolVar(&s.KeepUsers, "keep-users", false, "leave the users that scenarios made in a live environment")
	addRate(c, &s.Rate, "requests a second to a live target")
}

// checkLimits says for each limit that makes no sense what is wanted.
func checkLimits(s *runner.Suite) error {
	var wrong []error
	for _, limit := range []struct {
		flag  string
		ok    bool
		found any
		want  string
	}{
		{"--concurrency", s.Concurrency >= 0, s.Concurrency, "1 or more, or 0 for as many as suit the target"},
		{"--timeout", s.Timeout > 0, s.Timeout, "a time above 0, as in 2m"},
		{"--step-timeout", s.StepTimeout >= 0, s.StepTimeout, "a time, as in 20s, or 0 for none of its own"},
		{"--run-timeout", s.RunTimeout >= 0, s.RunTimeout, "a time, as in 10m, or 0 for none"},
		{"--retries", s.Retries >= 0, s.Retries, "0 or more"},
		{"--max-refused", s.MaxRefused > 0, s.MaxRefused, "1 or more"},
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
	folder *output.Folder // that of the report, nil if there is none
}

func (f *outputFlags) add(c *cobra.Command, s *runner.Suite) {
	addFormat(c, &f.format, "pretty", "progress", "dots", "github", "json")
	c.Flags().BoolVarP(&f.quiet, "quiet", "q", false,
		"print only scenarios that did not pass, and the last lines")
	c.Flags().StringVar(&f.report, "report", "",
		"a folder for messages.ndjson, junit.xml, report.json, summary.md and report.html")
	c.Flags().StringVar(&s.Plan.Run, "run-id", "",
		"the name that the shards of one run share, for flowtest report")
}

// sayLeft says that a report folder is one of a run that was killed.
func sayLeft(p *Process, f *output.Folder) {
	if line := f.Left(); line != "" {
		p.say(line)
	}
}

// read puts the reporters into the suite. The report folder is made here, so
// that one that cannot be written is refused before anything runs.
func (f *outputFlags) read(p *Process, s *runner.Suite, covers *coverFlags) error {
	to, err := f.reporter(p)
	if err != nil {
		return err
	}
	list := []report.Reporter{to}
	list = append(list, covers.reporters()...)
	coverage := covers.coverage()
	if f.report != "" {
		if f.folder, err = output.NewFolder(p.path(f.report)); err != nil {
			return err
		}
		sayLeft(p, f.folder)
		s.Evidence, f.folder.Env, f.folder.Coverage = true, p.Env, coverage
		list = append(list, f.folder)
	}
	if on, _ := p.Env("GITHUB_ACTIONS"); on == "true" {
		switch {
		case f.format == "json": // Stdout is for lines of JSON, and the runner of a job reads both
			list = append(list, output.NewGitHub(unguarded(p.Stderr), p.inRepository, false))
		case f.format != "github":
			list = append(list, output.NewGitHub(unguarded(p.Stdout), p.inRepository, false))
		}
		if path, _ := p.Env("GITHUB_STEP_SUMMARY"); path != "" {
			list = append(list, output.NewJobSummary(path, coverage))
		}
	}
	if s.Seed != 0 && (f.quiet || f.format != "pretty" && f.format != "progress") { // those two say it themselves
		p.say(fmt.Sprintf("--random=%d repeats this order", s.Seed))
	}
	s.Reporter = report.Many(list...)
	return nil
}

func (f *outputFlags) reporter(p *Process) (report.Reporter, error) {
	switch {
	case f.format == "github": // for machines, as JSON is: nothing is left out
		return output.NewGitHub(unguarded(p.Stdout), p.inRepository, true), nil
	case f.format == "json":
		return output.NewJSON(p.Stdout), nil
	case !slices.Contains([]string{"pretty", "progress", "dots"}, f.format):
		return nil, fmt.Errorf("format %q is unknown, want pretty, progress, dots, github or json", f.format)
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

// answers reads what a replay answers from, says where that and the features are from, and
// reads what the run is to cover.
func (f *runFlags) answers(w *workspace, s *runner.Suite) (err error) {
	if s.Plan.Where = w.where; w.passedOver != "" {
		s.Plan.Where += fmt.Sprintf(", and not with %s (flowtest run %s)", w.passedOver, shippedFeatures)
	}
	if s.Target.Live == nil && w.own { // a run loads the shipped ones itself
		if s.Recordings, err = w.recordings(""); err != nil {
			return err
		}
		line := synthetic(s.Recordings)
		if s.Plan.Where = line; line != "" && (f.output.format == "dots" || f.output.format == "github") {
			w.p.say(line) // they print no such line themselves
		}
	}
	return f.cover.read(w, s)
}

// usual puts what flowtest.yaml says below run in place of flags that were not given, and looks
// at the limits.
func (f *runFlags) usual(w *workspace, s *runner.Suite) error {
	of := &w.file.Run
	folder := of.Report
	if folder != "" {
		folder, _ = filepath.Abs(w.beside(folder)) // "" if there is no working directory
	}
	setUsual(f.flags, "tags", &s.Tags, of.Tags)
	setUsual(f.flags, "retries", &s.Retries, of.Retries)
	setUsual(f.flags, "rate", &s.Rate, of.Rate)
	setUsual(f.flags, "timeout", &s.Timeout, of.Timeout)
	setUsual(f.flags, "report", &f.output.report, folder)
	setUsual(f.flags, "format", &f.output.format, of.Format)
	return checkLimits(s)
}

// setUsual sets a value that no flag gave, unless it is the zero value.
func setUsual[T comparable](given *pflag.FlagSet, flag string, to *T, value T) {
	if zero := *new(T); value != zero && !given.Changed(flag) {
		*to = value
	}
}
