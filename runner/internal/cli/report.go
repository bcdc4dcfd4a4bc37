package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/tidwall/gjson"

	"flowtest/runner"
	"flowtest/runner/internal/exercised"
	"flowtest/runner/internal/export"
	"flowtest/runner/internal/export/cover"
	"flowtest/runner/internal/output"
	"flowtest/runner/internal/output/stream"
	"flowtest/runner/internal/safefile"
	"flowtest/runner/internal/stop"
	"flowtest/runner/internal/walk"
	"flowtest/runner/report"
	"flowtest/steps/davinci"
)

func reportCommand(p *Process) *cobra.Command {
	var out, format, required string
	c := &cobra.Command{
		Use:   "report DIR…",
		Short: "Render reports again, and merge the shards of a run",
		Long: `Report reads the messages.ndjson of one or more report folders and prints the
results of the run. With --out it writes all reports into a folder. Several folders
have to be the shards of one run; report names a missing shard. It reads a file that
was cut off up to its last complete line. The exit code is that of the run.`,
		Example: `  flowtest report out
  flowtest report shard-1 shard-2 shard-3 --out report`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			demand, err := demandOf(required)
			if err != nil {
				return err
			}
			return writeReports(p, &outputFlags{format: format}, out, demand, args)
		},
	}
	c.Flags().StringVar(&out, "out", "", "the folder to write all reports to")
	c.Flags().StringVar(&format, "format", "progress", "pretty, progress, dots, github or json")
	addDemand(c, &required)
	return c
}

func writeReports(p *Process, f *outputFlags, out string, demand exercised.Demand, dirs []string) (err error) {
	t := newStatus(p)
	to, err := f.reporter(p)
	if err != nil {
		return err
	}
	read := &counting{}
	list := []report.Reporter{exercised.Reporter(demand), to, read}
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
		folder.Env, folder.Whole = p.Env, true
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
			"and the run held no journey against them"), "run without --conformance=off for it")
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
	var config, format, least string
	c := &cobra.Command{
		Use:   "coverage REPORT|RECORDING FLOW.json",
		Short: "Say how much of a flow a run or a recording went through",
		Long: `Coverage holds the journeys of a report folder, or those through a recording, against
the export of the flow: its screens, buttons, outcomes, nodes and hops. A part is
observed where its node answered or the button was pressed, implied where it is on every way
between two answers, possible where it is on some way, and otherwise never taken. It
counts what the flow can come to.`,
		Example: `  flowtest coverage report sign-on.json
  flowtest coverage recordings/sign-on sign-on.json --min buttons=80,outcomes=60`,
		Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			demand, err := cover.ParseDemand(least)
			if err != nil {
				return fmt.Errorf("--min: %w", err)
			}
			file, err := readExport(p, args[1])
			if err != nil {
				return err
			}
			w, err := p.open(config)
			if err != nil {
				return err
			}
			found := cover.New(file)
			if err := coverFrom(w, args[0], found); err != nil {
				return err
			}
			found.Finish()
			return sayCoverage(p, found, format, demand)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text, markdown or json")
	c.Flags().StringVar(&least, "min", "", "the least percentages, as in buttons=80,outcomes=60")
	c.Flags().StringVar(&config, "config", "", "the configuration file (default flowtest.yaml, if it exists)")
	return c
}

// coverFrom adds the journeys of a report folder or of recordings.
func coverFrom(w *workspace, name string, found *cover.Coverage) error {
	data, err := safefile.Read(filepath.Join(w.p.path(name), output.JSONFile), export.MaxSize)
	if err == nil {
		return coverReport(name, data, found)
	}
	flows, err := loadFlows(w, name)
	if err != nil {
		return fmt.Errorf("%w; nor is it the folder of a report", err)
	}
	for _, f := range flows {
		takes, _ := walk.Journeys(f, walk.Options{})
		for _, take := range takes {
			var steps []export.Step
			for i, x := range take {
				a := davinci.Reader{Waits: i > 0}.Read(x.Status, x.ResponseHeader, x.Response)
				steps = append(steps, stepOf(a, davinci.ReadSent(gjson.ParseBytes(x.Body)).Action))
			}
			found.Add(steps)
		}
	}
	return nil
}

// stepOf is an answer of a journey, as exports are held against it.
func stepOf(a *davinci.Answer, action string) export.Step {
	step := export.Step{Node: a.NodeID(), Action: action}
	if a.Outcome == davinci.Paused {
		step.Screen = a.Screen().Name
	}
	return step
}

// Where report.json has the node, the screen and the button of a hop.
var (
	hopNode   = regexp.MustCompile(`^node ([^,]+)`)
	hopScreen = regexp.MustCompile(`form "((?:[^"\\]|\\.)*)"$`)
	hopAction = regexp.MustCompile(`, action "((?:[^"\\]|\\.)*)"$`)
)

// coverReport adds the journeys of a report.json.
func coverReport(name string, data []byte, found *cover.Coverage) error {
	if !gjson.ValidBytes(data) {
		return fmt.Errorf("%s of %s is not JSON", output.JSONFile, name)
	}
	part := func(r *regexp.Regexp, text string) string {
		if m := r.FindStringSubmatch(text); m != nil {
			return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(m[1])
		}
		return ""
	}
	gjson.GetBytes(data, "scenarios").ForEach(func(_, s gjson.Result) bool {
		var steps []export.Step
		s.Get("hops").ForEach(func(_, h gjson.Result) bool {
			where := h.Get("where").String()
			step := export.Step{Node: part(hopNode, where), Action: part(hopAction, h.Get("request").String())}
			if h.Get("outcome").String() == davinci.Paused.String() {
				step.Screen = part(hopScreen, where)
			}
			steps = append(steps, step)
			return true
		})
		if len(steps) > 0 {
			found.Add(steps)
		}
		return true
	})
	return nil
}

// sayCoverage prints a coverage, and says with its error that it is too little.
func sayCoverage(p *Process, found *cover.Coverage, format string, demand cover.Demand) error {
	write, ok := map[string]func(io.Writer) error{
		"text": found.Text, "markdown": found.Markdown, "json": found.JSON,
	}[format]
	if !ok {
		return fmt.Errorf("format %q is unknown, want text, markdown or json", format)
	}
	out := p.Stdout
	if format != "json" {
		out = plain{out}
	}
	if err := write(out); err != nil {
		return err
	}
	lacks := found.Lacks(demand)
	for _, line := range lacks {
		p.say("error: " + line)
	}
	if len(lacks) > 0 {
		return &exitError{code: ExitFailed}
	}
	return nil
}

// covering has a run held against an export. What it returns prints the coverage after the run,
// and is given the error of the run.
func covering(f *runFlags, p *Process, s *runner.Suite) (func(error) error, error) {
	demand, err := cover.ParseDemand(f.least)
	switch {
	case err != nil:
		return nil, fmt.Errorf("--min: %w", err)
	case f.coverage == "" && f.least != "":
		return nil, errors.New("--min is of --coverage FLOW.json")
	case f.coverage == "":
		return func(err error) error { return err }, nil
	}
	file, err := readExport(p, f.coverage)
	if err != nil {
		return nil, fmt.Errorf("--coverage: %w", err)
	}
	found, before := cover.New(file), s.Record
	s.Record = func(r runner.Recorded) {
		var steps []export.Step
		for _, h := range r.Hops {
			steps = append(steps, stepOf(h.Answer, h.Action))
		}
		found.Add(steps)
		if before != nil {
			before(r)
		}
	}
	return func(err error) error {
		found.Finish()
		lacks := sayCoverage(p, found, "text", demand)
		if f.output.report != "" {
			to := filepath.Join(p.path(f.output.report), "coverage.json")
			lacks = errors.Join(lacks, safefile.Replace(to, p.say, found.JSON))
		}
		if err != nil {
			return err
		}
		return lacks
	}, nil
}
