package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"flowtest/mockserver"
	"flowtest/runner"
	"flowtest/runner/internal/backend"
	"flowtest/runner/internal/diff"
	"flowtest/runner/internal/output/digest"
	"flowtest/runner/internal/record"
	"flowtest/runner/internal/target"
	"flowtest/runner/report"
	"flowtest/steps/words"
)

// runFlags are the flags of run.
type runFlags struct {
	config, target string
	choose         chooseFlags
	asked          runner.Suite // what the flags say of the run as they are
	retryOn        []string
	output         outputFlags
	fault          faultFlags
	conform        conformFlags
	compare        bool
	affectedBy     string
	cover          coverFlags

	flags *pflag.FlagSet // which were given
}

// faultFlags are the flags of what goes wrong on purpose.
type faultFlags struct {
	spec string
	seed uint64
}

func (f *faultFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.spec, "fault", "", "faults of a replay: latency=20ms~5ms, 429=2s, 500, drop, half,\n"+
		"html, expired, extra, reordered, missing; each with @PROBABILITY")
	c.Flags().Uint64Var(&f.seed, "seed", 0, "repeat the faults of a run that printed this seed (default: a random one)")
}

// read returns the faults, of which there may be none.
func (f *faultFlags) read() (mockserver.Faults, error) {
	if f.spec == "" {
		return mockserver.Faults{Seed: f.seed}, nil
	}
	faults, err := mockserver.ParseFaults(f.spec)
	if err != nil {
		return faults, usage(err,
			"--fault takes NAME[=VALUE][@PROBABILITY] with commas between them, as in 500@0.1,drop@0.05")
	}
	faults.Seed = f.seed
	return faults, nil
}

func runCommand(p *Process) *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "run [PATH[:LINE]…]",
		Short: "Run features and report the results",
		Long: `Run runs the scenarios of feature files against a target. A PATH is a feature
file or a folder of them. A LINE chooses a scenario, an outline, a row of its
examples, or the scenario of a step. Without a PATH, run uses the folders that
flowtest.yaml names. Without a flowtest.yaml, it runs the features that flowtest
ships.`,
		Example: `  flowtest run
  flowtest run features/sign-on/sign-on.feature:18
  flowtest run --tags "@smoke and not @mfa" --format progress
  flowtest run --target staging --concurrency 2
  flowtest run --report report --retries 1
  flowtest run --fault 500@0.1,latency=20ms~5ms --seed 42`,
		RunE: func(c *cobra.Command, args []string) error { return f.run(c.Context(), p, args) },
	}
	c.Flags().StringVar(&f.config, "config", "",
		"the configuration file (default flowtest.yaml, if it exists)")
	c.Flags().StringVar(&f.target, "target", "", "the target of flowtest.yaml to run against")
	f.flags = c.Flags()
	f.choose.add(c, &f.asked)
	addLimits(c, &f.asked, &f.retryOn)
	f.output.add(c, &f.asked)
	f.fault.add(c)
	f.conform.add(c, &f.asked)
	c.Flags().StringVar(&f.affectedBy, "affected-by", "",
		"only the scenarios that cross what changed from the export `OLD.json`, or that of a git revision,\n"+
			"to the export NEW.json, which follows as an argument; journeys are those through the recordings")
	f.cover.add(c)
	c.Flags().BoolVar(&f.compare, "compare", false,
		"also run against the recordings, and list where the live target answers differently")
	return c
}

// chosenTarget returns the target that --target names, else that of the run which
// --rerun repeats, else the default.
func (f *runFlags) chosenTarget(w *workspace) (*target.Target, error) {
	if f.choose.before == nil || f.target != "" {
		return w.target(f.target)
	}
	return sameTarget(w, f.choose.rerun, f.choose.before.plan)
}

// suite reads flags, configuration and files into what is run.
func (f *runFlags) suite(ctx context.Context, p *Process, args []string) (*runner.Suite, *conform, error) {
	asked := f.asked
	s := &asked
	s.Env, s.Plan.Version = p.Env, version()
	w, err := p.open(f.config)
	if err != nil {
		return nil, nil, err
	}
	if err := f.usual(w, s); err != nil {
		return nil, nil, err
	}
	if s.RetryOn, err = runner.Origins(f.retryOn); err != nil {
		return nil, nil, fmt.Errorf("--retry-on: %w", err)
	}
	if s.Faults, err = f.fault.read(); err != nil {
		return nil, nil, err
	}
	conform, err := f.conform.read(w)
	if err != nil {
		return nil, nil, err
	}
	s.SDKs = len(conform.files) > 0 || f.output.report != ""
	s.Conformance, s.Known = conform.verdict, conform.known
	s.RequireExercised = f.conform.required
	if err := f.choose.readRerun(p, s); err != nil {
		return nil, nil, err
	}
	if s.Target, err = f.chosenTarget(w); err != nil {
		return nil, nil, err
	}
	if s.Sentences, err = w.sentences(); err != nil {
		return nil, nil, err
	}
	given := args
	args = f.choose.paths(notExports(f, args))
	s.Whole, s.Plan.Paths = len(args) == 0, args
	s.Plan.Repeat = f.again(p, s.Target.Live != nil || s.Target.Name != w.file.Default, s.Target.Name)
	if s.Features, err = sourcesOf(ctx, f, w, args, given); err != nil {
		return nil, nil, err
	}
	s.Whole = s.Whole && f.affectedBy == ""
	if err := f.answers(w, s); err != nil {
		return nil, nil, err
	}
	if err := f.choose.read(p, s); err != nil {
		return nil, nil, err
	}
	if err := conform.fits(s); err != nil {
		return nil, nil, err
	}
	return s, conform, f.output.read(p, s, &f.cover)
}

// sameTarget returns the target that an earlier run was against, and says so. It
// is refused where it is another by now: a user should not find out afterwards that a
// target of that name is live.
func sameTarget(w *workspace, dir string, before report.Plan) (*target.Target, error) {
	const hint = "say with --target where what did not pass runs again"
	kinds := map[bool]string{true: "live", false: "a replay"}
	if !slices.Contains(w.file.Names(), before.Target) {
		return nil, usage(fmt.Errorf("--rerun %s: that run was against the target %q, which %s does not have; "+
			"it has %s", dir, before.Target, w.called(), strings.Join(w.file.Names(), ", ")), hint)
	}
	t, err := w.target(before.Target)
	if err != nil {
		return nil, err
	}
	if now := t.Live != nil; now != before.Live {
		return nil, usage(fmt.Errorf("--rerun %s: that run was against the target %q, which was %s then and is %s now",
			dir, t.Name, kinds[before.Live], kinds[now]), hint)
	}
	w.p.say(fmt.Sprintf("--rerun %s: against the target %q, which is %s, as that run was; --target names another",
		dir, t.Name, kinds[before.Live]))
	return t, nil
}

// finishReports is what a run does once it is to stop.
const finishReports = "what did not run is reported so, and the reports are finished"

func (f *runFlags) run(ctx context.Context, p *Process, args []string) error {
	if p.Exit != nil {
		debug.SetMemoryLimit(memoryLimit)
	}
	if f.choose.watch {
		return f.watchRun(ctx, p, args)
	}
	result := p.Stdout
	if f.conform.writeKnown {
		p.Stdout = p.Stderr // so that only the entries go to a file
	}
	t := newStatus(p)
	s, conform, err := f.suite(ctx, p, args)
	if err != nil {
		return err
	}
	defer f.output.folder.Close()
	if err := p.stop.Finishing(finishReports); err != nil {
		return err
	}
	if conform.out = result; f.output.quiet && s.Plan.Where != "" {
		p.say(s.Plan.Where) // whose features ran is never hidden
	}
	if f.compare && f.cover.of != "" {
		return usage(errors.New("--compare and --coverage do not go together"), "a run of its own says what is covered")
	}
	if f.compare {
		s.Reporter = record.Once(s.Reporter)
	}
	defer t.follow(s)()
	if f.compare {
		return f.compareRun(ctx, p, s, conform)
	}
	return f.cover.say(p, runSuite(ctx, p, s, conform))
}

// runSuite runs a suite and gives the run its exit code.
func runSuite(ctx context.Context, p *Process, s *runner.Suite, conform *conform) error {
	run, err := s.Run(backend.Shipped(ctx))
	if err != nil {
		return runError(err)
	}
	if nothingFell(run) {
		p.say(fmt.Sprintf("nothing is left for shard %d/%d, because fewer scenarios than shards were chosen; "+
			"that is no failure", run.Plan.Shard, run.Plan.Shards))
	}
	err = conform.write(p, run)
	if w, ok := s.Reporter.(interface{ Err() error }); ok && w.Err() != nil {
		err = errors.Join(fmt.Errorf("the result could not be written: %w", w.Err()), err)
	}
	if err != nil {
		return err
	}
	return verdict(run)
}

// runError gives an error before the run its exit code.
func runError(err error) error {
	if nothing, ok := errors.AsType[*runner.NothingError](err); ok {
		hint := "without --tags, --name and LINE, every scenario is chosen"
		if nothing.Rerun {
			hint = "flowtest run without --rerun runs everything"
		}
		return &exitError{ExitNothing, nothing, hint}
	}
	if environment, ok := errors.AsType[*runner.EnvironmentError](err); ok {
		return &exitError{ExitEnvironment, environment, ""}
	}
	return err
}

// nothingFell reports whether a run is a shard to which none of the scenarios
// falls that were chosen.
func nothingFell(run *report.Run) bool {
	return run.Plan.Shards > 1 && run.Plan.Scenarios == 0 && run.Total() == 0 && !run.Interrupted
}

// verdict gives a run its exit code. A failed assertion outweighs a failed
// environment: it would fail again.
func verdict(run *report.Run) error {
	passed := run.Counts[report.Passed] + run.Counts[report.Flaky] + run.Counts[report.Known]
	total := run.Total()
	environment, notRun, skipped := run.Environment, run.Counts[report.NotRun], run.Counts[report.Skipped]
	switch {
	case run.Plan.DryRun:
		if passed+notRun+skipped == total && !run.Failed {
			return nil
		}
		return &exitError{code: ExitFailed}
	case run.Failed && passed+skipped == total:
		return &exitError{code: ExitFailed}
	case skipped == total && total > 0:
		return &exitError{
			ExitNothing, errors.New("every chosen scenario was skipped"),
			"a scenario with the tag @wip or @skip runs where --tags names that tag",
		}
	case passed+skipped == total && total > 0 || nothingFell(run):
		return nil
	case notRun == total:
		return &exitError{ExitNothing, errors.New("stopped before a scenario had ended"), ""}
	case environment > 0 && passed+environment+notRun+skipped == total && !run.Failed:
		return &exitError{code: ExitEnvironment}
	default:
		return &exitError{code: ExitFailed}
	}
}

// again returns the flags with which a scenario of the run runs again as it did:
// those that say where it goes, which faults apply and what it fails for. The seed
// of the faults, which may be a random one, the run adds itself. The target is named
// where it has to be, being live or not the one of a run that names none.
func (f *runFlags) again(p *Process, named bool, name string) []string {
	var out []string
	add := func(is bool, flags ...string) {
		if is {
			out = append(out, flags...)
		}
	}
	env, _ := p.Env("FLOWTEST_TARGET")
	add(f.config != "", "--config", f.config)
	add(named || cmp.Or(f.target, env) != "", "--target", name)
	add(f.fault.spec != "", "--fault", f.fault.spec)
	add(len(f.choose.platforms) == 1, "--platform", strings.Join(f.choose.platforms, ","))
	add(f.asked.Strict, "--strict")
	for _, verdict := range f.conform.conformance {
		add(slices.Contains([]string{"off", "warn", "fail"}, verdict), "--conformance", verdict)
	}
	add(f.conform.known != "", "--known-failures", f.conform.known)
	limit := func(flag string, is, usual time.Duration) { add(is != usual, flag, is.String()) }
	limit("--timeout", f.asked.Timeout, runner.DefaultTimeout)
	limit("--step-timeout", f.asked.StepTimeout, 0)
	return out
}

// compareRun runs the suite live and against the recordings, and says which
// scenarios differ.
func (f *runFlags) compareRun(ctx context.Context, p *Process, s *runner.Suite, conform *conform) error {
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
	run, differ, err := record.Compare(ctx, s, &other, w.file.Allow)
	if err != nil {
		return runError(err)
	}
	worst := diff.None
	for i := range differ {
		class, err := printCompared(p, &differ[i], s.Target.Name)
		if err != nil {
			return err
		}
		worst = max(worst, class)
	}
	same := "every hop has the same shape"
	if n := len(differ); n > 0 {
		same = words.Count(n, "scenario") + " differ"
	}
	if _, err := fmt.Fprintf(p.Stdout, "compared with replay: %s\n", same); err != nil {
		return err
	}
	if err := conform.write(p, run); err != nil {
		return err
	}
	if err := verdict(run); err != nil || worst < diff.Breaking {
		return err
	}
	return &exitError{code: ExitFailed}
}

// printCompared says how a scenario differ, and returns how badly.
func printCompared(p *Process, c *record.Compared, live string) (diff.Class, error) {
	worst := diff.Worst(c.Differences)
	_, err := fmt.Fprintf(p.Stdout, "\n%s:%d %q differs between %s and replay\n",
		c.Scenario.File, c.Scenario.Line, c.Scenario.Name, live)
	if err == nil && c.Verdict != "" {
		worst = diff.Breaking
		_, err = fmt.Fprintln(p.Stdout, strings.ReplaceAll(digest.Plain(c.Verdict), "\n", "\n  "))
	}
	if c.Problem != "" {
		p.say("error: " + c.Problem)
		return diff.Breaking, err
	}
	if err == nil && len(c.Differences) > 0 {
		err = diff.Text(plain{p.Stdout}, c.Differences...)
	}
	return worst, err
}
