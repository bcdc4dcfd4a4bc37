package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flowtest/runner"
	"flowtest/runner/internal/exercised"
	"flowtest/runner/internal/export"
	"flowtest/runner/internal/export/cover"
	"flowtest/runner/internal/output"
	"flowtest/runner/internal/output/stream"
	"flowtest/runner/internal/stop"
	"flowtest/runner/report"
)

func reportCommand(p *Process) *cobra.Command {
	var out, format, required, config string
	var covers coverFlags
	c := &cobra.Command{
		Use:   "report DIR…",
		Short: "Render reports again, and merge the shards of a run",
		Long: `Report reads the messages.ndjson of one or more report folders and prints the
results of the run. With --out it writes all reports into a folder. Several folders
have to be the shards of one run; report names a missing shard. It reads a file that
was cut off up to its last complete line. The exit code is that of the run.`,
		Example: `  flowtest report out
  flowtest report shard-1 shard-2 shard-3 --out report`,
		Args: takes(1, -1),
		RunE: func(_ *cobra.Command, args []string) error {
			demand, err := demandOf(required)
			if err != nil {
				return err
			}
			w, err := p.open(config)
			if err != nil {
				return err
			}
			if err := covers.begin(w); err != nil {
				return err
			}
			covers.merges = true
			return covers.say(p, writeReports(p, &outputFlags{format: format}, out, demand, &covers, args))
		},
	}
	c.Flags().StringVar(&out, "out", "", "the folder to write all reports to")
	addFormat(c, &format, "progress", "pretty", "dots", "github", "json")
	c.Flags().StringVar(&config, "config", "", "the configuration file (default flowtest.yaml, if it exists)")
	addDemand(c, &required)
	covers.add(c)
	return c
}

func writeReports(p *Process, f *outputFlags, out string, demand exercised.Demand, covers *coverFlags, dirs []string,
) (err error) {
	t := newStatus(p)
	to, err := f.reporter(p)
	if err != nil {
		return err
	}
	read := &counting{}
	list := []report.Reporter{exercised.Reporter(demand), to, read}
	list = append(list, covers.reporters()...)
	if out != "" {
		if slices.ContainsFunc(dirs, func(d string) bool { return sameFolder(p.path(d), p.path(out)) }) {
			return usage(fmt.Errorf("--out %s is one of the folders that are read", out), "name another folder")
		}
		folder, err := output.NewFolder(p.path(out))
		if err != nil {
			return fmt.Errorf("the reports could not be written: %w", err)
		}
		defer folder.Close()
		sayLeft(p, folder)
		folder.Env, folder.Whole, folder.Coverage = p.Env, true, covers.coverage()
		list = append(list, &committed{folder, p.stop})
	}
	var inputs []stream.Input
	for _, dir := range dirs {
		h, err := openStream(p, dir)
		if err != nil {
			return err
		}
		defer func() { _ = h.Close() }() // it was only read
		inputs = append(inputs, stream.Input{Name: dir, R: h})
	}
	defer t.begin(func(time.Time) string {
		return fmt.Sprintf("read %d of %d scenarios", read.seen.Load(), read.planned.Load())
	})()
	all := report.Many(list...)
	run, lost, err := stream.Merge(all, inputs...)
	if err != nil {
		return err
	}
	for i, l := range lost {
		if text := l.String(); text != "" {
			p.say(dirs[i] + ": " + text)
		}
	}
	if e, ok := all.(interface{ Err() error }); ok && e.Err() != nil {
		return fmt.Errorf("the reports could not be written: %w", e.Err())
	}
	sayAlone(p, run, dirs, out)
	if len(run.Missing) > 0 {
		return &exitError{ExitFailed, errors.New("the run is not whole: " + missingShards(run)), ""}
	}
	if err := demandable(run, demand); err != nil {
		return err
	}
	if err := verdict(run); err != nil || !slices.ContainsFunc(lost, stream.Lost.Any) {
		return err
	}
	return &exitError{ExitFailed, errors.New("all that is left of the run passed, and the run is not whole"), ""}
}

// A committed is a report folder whose files get their names unless the command has
// ended by then.
type committed struct {
	*output.Folder

	stop *stop.Gate
}

// End implements [report.Reporter].
func (c *committed) End(run *report.Run) {
	done, err := c.stop.Commit()
	defer done()
	if err == nil {
		c.Folder.End(run)
	}
}

// demandable says why a run that is there cannot tell which requirements applied.
func demandable(run *report.Run, d exercised.Demand) error {
	switch {
	case !d.Any():
	case run.Plan.Shards > 1:
		return usage(fmt.Errorf("--require-exercised asks about a whole run, and this is shard %d of %d",
			run.Plan.Shard, run.Plan.Shards), "name the folders of all shards")
	case run.Conformance == nil:
		return usage(errors.New("--require-exercised asks about the requirements, "+
			"and the run checked no journey"), "run without --conformance=off for it")
	}
	return nil
}

// sayAlone says that one shard is not the run: it may be looked at by itself, but
// the others are missing from what is written of it.
func sayAlone(p *Process, run *report.Run, dirs []string, out string) {
	shard := run.Plan.Shard
	if shard == 0 || len(dirs) > 1 {
		return
	}
	p.say(fmt.Sprintf("%s is only shard %d of %d", dirs[0], shard, run.Plan.Shards))
	for i := 1; i <= run.Plan.Shards && out != ""; i++ {
		if i != shard {
			run.Missing = append(run.Missing, i)
		}
	}
}

func sameFolder(a, b string) bool {
	if filepath.Clean(a) == filepath.Clean(b) {
		return true
	}
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

func missingShards(run *report.Run) string {
	var list []string
	for _, shard := range run.Missing {
		list = append(list, strconv.Itoa(shard))
	}
	if len(list) == 1 {
		return "shard " + list[0] + " is missing"
	}
	return "the shards " + strings.Join(list, ", ") + " are missing"
}

func coverageCommand(p *Process) *cobra.Command {
	var f coverFlags
	var config, format string
	c := &cobra.Command{
		Use:   "coverage REPORT|RECORDING FLOW.json|RECORDING",
		Short: "Say how much of a flow a run or a recording went through",
		Long: `Coverage compares the journeys of a report folder, or those through a recording, with
the export of the flow: its screens, buttons, outcomes, nodes and hops. A part is
observed if its node answered or the button was pressed, implied if it is on every way
between two answers, possible if it is on some way, and otherwise never taken. It
counts the outcomes that the flow can have. Without an export it compares them with a recording: the
screens that it has, the buttons that they offer, and the outcomes that were recorded.`,
		Example: `  flowtest coverage report sign-on.json
  flowtest coverage report sign-on.json --format html > coverage.html
  flowtest coverage report recordings/sign-on
  flowtest coverage recordings/sign-on sign-on.json --min buttons=80,outcomes=60`,
		Args: takes(2, 2),
		RunE: func(_ *cobra.Command, args []string) error {
			w, err := p.open(config)
			if err != nil {
				return err
			}
			f.of = args[1]
			if err := f.open(w); err != nil {
				return err
			}
			if err := f.demands(); err != nil {
				return err
			}
			if err := coverFrom(w, args[0], f.found); err != nil {
				return err
			}
			return f.write(p, format)
		},
	}
	addFormat(c, &format, "text", "markdown", "json", "html")
	c.Flags().StringVar(&f.least, "min", "", leastUsage)
	c.Flags().StringVar(&config, "config", "", "the configuration file (default flowtest.yaml, if it exists)")
	return c
}

const leastUsage = "the least percentages, as in buttons=80,outcomes=60"

// coverFlags say against what the journeys of a run are held, and how much they have to cover.
type coverFlags struct {
	of, least string

	report.Discard // for everything except scenarios

	demand cover.Demand
	found  *cover.Coverage // nil if a run is not asked for it
	places map[cover.Scenario]int
	seen   int
	merges bool // the journeys are those that reports describe
}

func (f *coverFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.of, "coverage", "",
		"print how much of a flow the run went through: of its export `FLOW.json`, or of what a recording\n"+
			"offers; with --report there is a map in report.html")
	c.Flags().StringVar(&f.least, "min", "", "with --coverage: "+leastUsage)
}

// open reads the export or the recording.
func (f *coverFlags) open(w *workspace) error {
	if !isExport(f.of) {
		flows, err := loadFlows(w, f.of)
		if err != nil {
			return fmt.Errorf("%w; nor is it an export, whose name ends in .json", err)
		}
		f.found = cover.NewRecorded(flows)
		return nil
	}
	file, err := readExport(w.p, f.of)
	if err != nil {
		return err
	}
	f.found = cover.New(file)
	return nil
}

// demands reads how much has to be covered.
func (f *coverFlags) demands() (err error) {
	if f.demand, err = cover.ParseDemand(f.least); err == nil {
		err = f.found.Counts(f.demand)
	}
	if err != nil {
		return fmt.Errorf("--min: %w", err)
	}
	return nil
}

// begin reads what --coverage names.
func (f *coverFlags) begin(w *workspace) error {
	f.found, f.places, f.seen = nil, map[cover.Scenario]int{}, 0
	if f.of == "" {
		if f.least != "" {
			return errors.New("--min needs --coverage with an export or a recording")
		}
		return nil
	}
	if err := f.open(w); err != nil {
		return fmt.Errorf("--coverage: %w", err)
	}
	if err := f.demands(); err != nil {
		return err
	}
	f.found.Index = func(s cover.Scenario) (int, bool) {
		at, ok := f.places[s]
		return at, ok
	}
	return nil
}

// read has a run checked against what --coverage names.
func (f *coverFlags) read(w *workspace, s *runner.Suite) error {
	if err := f.begin(w); err != nil || f.found == nil {
		return err
	}
	before := s.Record
	s.Record = func(r runner.Recorded) {
		steps := make([]export.Step, 0, len(r.Hops))
		for _, h := range r.Hops {
			steps = append(steps, cover.StepOf(r.Flow, h.Answer, h.Action, h.Exchange.ContinueToken() != ""))
		}
		by := cover.Scenario{File: r.Scenario.File, Line: r.Scenario.Line, Name: r.Scenario.Name}
		f.found.Add(steps, by)
		f.found.AddLog(r.Log, by)
		if before != nil {
			before(r)
		}
	}
	return nil
}

// coverage is what the files of a report say of the coverage, nil if they say nothing.
func (f *coverFlags) coverage() output.Coverage {
	if f.found == nil {
		return nil
	}
	return f.found
}

// reporters note where a report has its scenarios.
func (f *coverFlags) reporters() []report.Reporter {
	if f.found == nil {
		return nil
	}
	return []report.Reporter{f}
}

// Scenario implements [report.Reporter]: it notes where a report has a scenario.
func (f *coverFlags) Scenario(s *report.Scenario) {
	at := cover.Scenario{File: s.File, Line: s.Line, Name: s.Name}
	if _, again := f.places[at]; !again {
		f.places[at] = f.seen
	}
	f.seen++
	if !f.merges || len(s.Hops) == 0 {
		return
	}
	steps := make([]export.Step, 0, len(s.Hops))
	for i := range s.Hops {
		h := &s.Hops[i]
		outcome := ""
		if h.Evidence != nil {
			outcome = h.Evidence.Outcome
		}
		steps = append(steps, cover.Reported(s.Flow, h.Request, h.Where, outcome))
	}
	f.found.Add(steps, at)
}

// say prints the coverage after a run, and is given the error of the run.
func (f *coverFlags) say(p *Process, err error) error {
	if f.found == nil || err != nil && f.found.Journeys == 0 {
		return err
	}
	lacks := f.write(p, "text")
	return cmp.Or(err, lacks)
}

// write prints the coverage, and says with its error that it is too little.
func (f *coverFlags) write(p *Process, format string) error {
	write := map[string]func(io.Writer) error{
		"text": f.found.Text, "json": f.found.JSON,
		"markdown": func(w io.Writer) error {
			_, err := io.WriteString(w, "## Coverage\n\n") // it ends the list that a comment has before it
			return cmp.Or(err, f.found.Markdown(w))
		},
		"html": func(w io.Writer) error { return output.CoveragePage(w, "Coverage of "+f.of, f.found) },
	}[format]
	out := p.Stdout
	if format == "text" || format == "markdown" {
		out = plain{out}
	}
	if err := write(out); err != nil {
		return err
	}
	lacks := f.found.Lacks(f.demand)
	for _, line := range lacks {
		p.say("error: " + line)
	}
	if len(lacks) > 0 {
		return &exitError{code: ExitFailed}
	}
	return nil
}
