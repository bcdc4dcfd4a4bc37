package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flowtest/mockserver"
	"flowtest/runner"
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
	c.Flags().StringVar(&f.shard, "shard", "", "only part `I/N`, as in 2/4; every machine comes to the same parts")
	c.Flags().StringVar(&f.durations, "durations", "",
		"balance the shards by how long scenarios took in the run of the report folder `DIR`")
	c.Flags().StringVar(&f.random, "random", "",
		"shuffle the scenarios; with =`SEED` in the order of a run that printed it")
	c.Flags().Lookup("random").NoOptDefVal = "0"
	c.Flags().IntVar(&f.repeat, "repeat", 1, "run every scenario that often")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false,
		"say what would run and which steps have no definition; sends nothing")
	c.Flags().BoolVar(&f.watch, "watch", false, "run again what a changed feature or recording touches, until Ctrl-C")
}

// read puts the choice into the suite.
func (f *chooseFlags) read(p *Process, s *runner.Suite) error {
	s.Tags, s.Name, s.Repeat, s.DryRun = f.tags, f.name, f.repeat, f.dryRun
	if f.repeat < 1 {
		return usage(fmt.Errorf("--repeat %d, want 1 or more", f.repeat), "")
	}
	if f.random != "" {
		seed, err := strconv.ParseUint(f.random, 10, 64)
		if err != nil {
			return usage(fmt.Errorf("--random=%s is no seed, want a number", f.random), "")
		}
		for seed == 0 {
			seed = mockserver.NewSeed()
		}
		s.Random, s.Seed = true, seed
	}
	return f.readShard(p, s)
}

func (f *chooseFlags) readShard(p *Process, s *runner.Suite) error {
	if f.shard == "" {
		if f.durations != "" {
			return usage(errors.New("--durations balances shards, and there is no --shard"), "")
		}
		return nil
	}
	if _, err := fmt.Sscanf(f.shard, "%d/%d", &s.Shard, &s.Shards); err != nil ||
		f.shard != fmt.Sprintf("%d/%d", s.Shard, s.Shards) || s.Shard < 1 || s.Shard > s.Shards {
		return usage(fmt.Errorf("--shard %q, want I/N with I from 1 to N, as in 2/4", f.shard), "")
	}
	if f.durations == "" {
		return nil
	}
	before, _, err := p.before(f.durations)
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
	before, lost, err := p.before(f.rerun)
	if err != nil {
		return err
	}
	// A line that cannot be read may be of a scenario, so it may be of one that failed.
	before.Torn = lost.Scenarios > 0
	if len(before.Bad) == 0 && !before.Torn {
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
	e.Seen = append(e.Seen, at)
	if s.Status.Bad() || s.Status == report.NotRun {
		e.Bad = append(e.Bad, at)
	}
	if s.Status != report.NotRun {
		e.durations[at] = s.Duration
	}
}

// before reads the run of a report folder.
func (p *Process) before(dir string) (*earlier, report.Lost, error) {
	f, err := os.Open(filepath.Join(p.path(dir), report.MessagesFile))
	if err != nil {
		return nil, report.Lost{}, usage(noReport(dir, err), "a run writes one with --report DIR")
	}
	defer func() { _ = f.Close() }() // it was only read
	e := &earlier{durations: map[runner.Place]time.Duration{}}
	_, lost, err := report.Read(f, e)
	if err != nil {
		return nil, lost, usage(fmt.Errorf("%s: %w", dir, err), "")
	}
	if text := lost.String(); text != "" {
		p.say(dir + ": " + text)
	}
	return e, lost, nil
}

// noReport says that a folder has no stream of a run.
func noReport(dir string, err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s has no %s", strings.TrimSuffix(dir, "/"), report.MessagesFile)
	}
	return err
}
