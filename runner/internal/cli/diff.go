package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"flowtest/features"
	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/diff"
	"flowtest/runner/internal/export"
	"flowtest/runner/internal/export/edit"
	"flowtest/runner/internal/git"
	"flowtest/runner/internal/mutate"
	"flowtest/runner/internal/mutate/since"
	"flowtest/runner/internal/output/digest"
	"flowtest/runner/internal/record"
	"flowtest/runner/internal/store"
	"flowtest/runner/report"
	"flowtest/steps"
	"flowtest/steps/davinci"
)

type diffFlags struct {
	config, against, format, failOn, user string
	rate                                  float64
}

func diffCommand(p *Process) *cobra.Command {
	var f diffFlags
	c := &cobra.Command{
		Use:   "diff OLD NEW | diff RECORDING --against LIVE | diff OLD.json NEW.json",
		Short: "Compare two recordings, a recording with a live flow, or two exports of a flow",
		Long: `Diff compares two recordings, or two folders of them. It says what changed for the
people and the apps that use the flow, and how severe it is: breaking, additive or
cosmetic. With --against it sends the requests of a recording to a live environment,
and compares the answers. It lists the scenarios that visit each changed screen.
Hops that are missing in the later recording because they were not recorded again
are listed separately. They are no change, and fail nothing.

Of two exports of a flow, files that end in .json, it says what an edit changed: screens,
fields, buttons, texts, branches, conditions, actions and subflows. It lists the
scenarios whose journeys through a recording cross the change.

Exit code 0 means that no change is severe enough to fail (see --fail-on), and 1
that one is.`,
		Example: `  flowtest diff recordings/sign-on /tmp/new/sign-on
  flowtest diff recordings/sign-on --against staging
  flowtest diff old new --format markdown --fail-on additive
  flowtest diff old.json sign-on.json --format markdown`,
		Args: func(c *cobra.Command, args []string) error {
			n := 2
			if f.against != "" {
				n = 1
			}
			return takes(n, n)(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error { return f.run(c.Context(), p, args) },
	}
	c.Flags().StringVar(&f.config, "config", "", "the configuration file (default flowtest.yaml, if it exists)")
	c.Flags().StringVar(&f.against, "against", "", "the live target to compare the recording with")
	c.Flags().StringVar(&f.user, "user", steps.DefaultUser, "with --against: the user who signs on")
	addRate(c, &f.rate, "with --against: requests a second to the target")
	addFormat(c, &f.format, "text", "markdown", "json")
	c.Flags().StringVar(&f.failOn, "fail-on", "breaking",
		"the least severe change that fails: breaking, additive or cosmetic")
	return c
}

func (f *diffFlags) run(ctx context.Context, p *Process, args []string) error {
	write := map[string]func(io.Writer, ...*diff.Difference) error{
		"text": diff.Text, "markdown": diff.Markdown, "json": diff.JSON,
	}[f.format]
	failOn, err := diff.ParseClass(f.failOn)
	if err != nil {
		return fmt.Errorf("--fail-on: %w", err)
	}
	w, err := p.open(f.config)
	if err != nil {
		return err
	}
	if f.against == "" && isExport(args[0]) && isExport(args[1]) {
		e, err := compareExports(ctx, w, args[0], args[1])
		if err != nil {
			return err
		}
		return f.say(p, write, e.Differences, failOn)
	}
	before, err := loadFlows(w, args[0])
	if err != nil {
		return err
	}
	o := diff.Options{Judge: record.Judged, Touches: touches(ctx, w, before)}
	var ds []*diff.Difference
	if f.against != "" {
		if ds, err = f.live(ctx, w, before, o); err != nil {
			return err
		}
	} else {
		after, err := loadFlows(w, args[1])
		if err != nil {
			return err
		}
		if line := synthetic(before); line != "" && synthetic(after) == "" {
			p.say(line + ": what differs is what it was made without")
		}
		ds = compareFlows(before, after, o)
	}
	return f.say(p, write, ds, failOn)
}

// say writes differences, and says with its error that one fails.
func (f *diffFlags) say(p *Process, write func(io.Writer, ...*diff.Difference) error, ds []*diff.Difference,
	failOn diff.Class,
) error {
	out := p.Stdout
	switch f.format {
	case "text":
		out = plain{out}
	case "json":
		out = &digest.Quoting{To: out}
	}
	if err := write(out, ds...); err != nil {
		return err
	}
	if diff.Worst(ds) >= failOn {
		return &exitError{code: ExitFailed}
	}
	return nil
}

// compareFlows compares recordings by the names of their flows; two single ones
// are compared whatever their names.
func compareFlows(before, after []*recordings.Flow, o diff.Options) []*diff.Difference {
	if len(before) == 1 && len(after) == 1 {
		return []*diff.Difference{diff.Compare(before[0], after[0], o)}
	}
	return diff.CompareAll(before, after, o)
}

// loadFlows loads one recording, or a folder of them. What flowtest ships is
// named by its flow.
func loadFlows(w *workspace, name string) ([]*recordings.Flow, error) {
	dir := w.p.path(name)
	_, err := os.Stat(dir)
	if err != nil {
		store.PutBack(filepath.Dir(dir), w.p.say)
		_, err = os.Stat(dir)
	}
	if err != nil {
		flows, err := w.recordings("")
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(flows, func(f *recordings.Flow) bool { return f.Name == name }); i >= 0 {
			return flows[i : i+1], nil
		}
		return nil, fmt.Errorf("%s is neither a folder nor a flow that was recorded, there are recordings of %s",
			name, strings.Join(flowNames(flows), ", "))
	}
	flows, err := record.Load(dir, w.p.say)
	if err != nil {
		return nil, inFolder(name, true, err)
	}
	if len(flows) == 0 {
		return nil, fmt.Errorf("folder %s has no %s below it", name, recordings.FileName)
	}
	return flows, nil
}

// touches finds the scenarios that come by each screen of recordings, as far as
// they can be run against them.
func touches(ctx context.Context, w *workspace, flows []*recordings.Flow) map[diff.Touch][]diff.Place {
	sources, err := w.sources(nil)
	if err != nil {
		return nil
	}
	t, err := w.replayTarget("")
	if err != nil {
		return nil
	}
	have := flowNames(flows)
	found, _ := record.Touches(ctx, &runner.Suite{ // if no scenario can be read, check says why
		Features: sources, Target: t, Recordings: flows, Env: w.p.Env,
		Touched: func(_ string, names []string) bool {
			return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(have, name) })
		},
	})
	return found
}

// live compares recordings with what a live environment answers now.
func (f *diffFlags) live(ctx context.Context, w *workspace, before []*recordings.Flow,
	o diff.Options,
) ([]*diff.Difference, error) {
	t, err := w.liveTarget(f.against, "diff --against")
	if err != nil {
		return nil, err
	}
	walk := &record.Rewalk{Target: t, User: f.user, Rate: f.rate}
	r := &record.Recorder{Target: t, Allow: w.file.Allow, Fresh: true, Tool: "flowtest " + version()}
	var out []*diff.Difference
	for _, old := range before {
		now, err := liveFlow(ctx, w, walk, r, old)
		if err != nil {
			return nil, err
		}
		out = append(out, diff.Compare(old, now, o))
	}
	return out, nil
}

// liveFlow drives the journeys of a recording and learns the flow as it is now.
func liveFlow(ctx context.Context, w *workspace, walk *record.Rewalk, r *record.Recorder, old *recordings.Flow,
) (*recordings.Flow, error) {
	journeys, notes, err := walk.Drive(ctx, old)
	if err != nil {
		return nil, runError(err)
	}
	r.Generated = walk.Generated
	result, err := r.Relearn(old, journeys)
	if err != nil {
		return nil, usage(err, record.SecretHint(err))
	}
	for _, note := range slices.Concat(notes, result.Passing, result.Broken, result.Unsure) {
		w.p.say(old.Name + ": " + note)
	}
	return result.Flow, nil
}

// compareExports compares two exports of a flow. The scenarios that cross the change are those of
// the workspace, by their journeys through its recordings.
func compareExports(ctx context.Context, w *workspace, before, after string) (*edit.Edit, error) {
	old, err := readExport(w.p, before)
	if err != nil {
		return nil, err
	}
	now, err := readExport(w.p, after)
	if err != nil {
		return nil, err
	}
	e := edit.Compare(old, now)
	if sources, err := w.sources(nil); err == nil && w.own {
		e.Touch(journeys(ctx, w, sources))
	}
	return e, nil
}

// journeys returns what scenarios go through when the recordings of the workspace are replayed.
func journeys(ctx context.Context, w *workspace, sources []runner.Source) (out []edit.Journey) {
	t, err := w.replayTarget("")
	if err != nil {
		return nil
	}
	flows, err := w.recordings("")
	if err != nil {
		return nil
	}
	s := &runner.Suite{
		Features: sources, Target: t, Recordings: flows, Env: w.p.Env, Conformance: runner.OffBroken,
		Reporter: report.Discard{},
	}
	s.Record = func(r runner.Recorded) {
		j := edit.Journey{Place: diff.Place{File: r.Scenario.File, Line: r.Scenario.Line, Scenario: r.Scenario.Name}}
		for _, h := range r.Hops {
			step := export.Step{Node: h.NodeID(), Action: h.Action}
			if h.Outcome == davinci.Paused {
				step.Screen = h.Screen().Name
			}
			j.Steps = append(j.Steps, step)
		}
		out = append(out, j)
	}
	_, _ = s.Run(ctx) // if no scenario can be read, check says why
	return out
}

// affected returns those scenarios of sources that cross what changed between two exports. The old
// one is a file, or a revision of git at which the new one is looked up.
func affected(ctx context.Context, w *workspace, by string, args []string,
	sources []runner.Source,
) ([]runner.Source, error) {
	i := slices.IndexFunc(args, isExport)
	if i < 0 {
		return nil, usage(fmt.Errorf("--affected-by %s: want the export as it is now among the arguments", by),
			"flowtest run --affected-by OLD.json NEW.json, or --affected-by REVISION NEW.json")
	}
	now, err := readExport(w.p, args[i])
	if err != nil {
		return nil, err
	}
	var old *export.File
	if isExport(by) {
		old, err = readExport(w.p, by)
	} else {
		old, err = exportAt(ctx, w.p, by, args[i])
	}
	if err != nil {
		return nil, err
	}
	var places []string
	for _, p := range edit.Compare(old, now).Touch(journeys(ctx, w, sources)) {
		places = append(places, fmt.Sprintf("%s:%d", p.File, p.Line))
	}
	if len(places) == 0 {
		return nil, &exitError{ExitNothing, fmt.Errorf("no scenario crosses what changed from %s to %s", by,
			args[i]), ""}
	}
	return w.sources(places)
}

// exportAt reads an export as it is at a revision of git, one without a flow if the revision has none.
func exportAt(ctx context.Context, p *Process, revision, name string) (*export.File, error) {
	data, err := git.Show(ctx, p.path(name), revision)
	if errors.Is(err, fs.ErrNotExist) {
		p.say(fmt.Sprintf("%s is new since %s: every scenario of its flows runs", name, revision))
		return &export.File{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("--affected-by %s %s: %w", revision, name, err)
	}
	f, err := export.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s at %s: %w", name, revision, err)
	}
	return f, nil
}

// touchedSince returns what a change touched since a revision of git: hops of the recordings and
// scenarios of the features of a suite. Nil means everything.
func touchedSince(ctx context.Context, w *workspace, s *runner.Suite, revision string) (*mutate.Touched, error) {
	at := func(shown string) string { return absolute(w.p.path(filepath.FromSlash(shown))) }
	of := &since.Workspace{
		Dir: absolute(w.dir), Flows: s.Recordings, Path: at,
		All: []string{
			absolute(w.p.path(cmp.Or(w.config, configName))), absolute(w.beside(configName)),
			absolute(w.beside(sentencesName)),
		},
	}
	if w.own {
		of.Recordings = absolute(w.folder(""))
	}
	for _, src := range s.Features {
		if file := at(src.Show); w.own || src.FS != features.Shipped() {
			of.Features = append(of.Features, file)
		}
	}
	if len(of.Features) == 0 {
		return nil, usage(errors.New("--since compares files, and what flowtest ships does not change"),
			"name feature files of a repository as PATH, or start flowtest where a flowtest.yaml is")
	}
	t, err := since.Read(ctx, of, revision)
	if err != nil {
		return nil, usage(fmt.Errorf("--since %s: %w", revision, err),
			"--since takes a branch, a tag or a commit of git")
	}
	return t, nil
}

// notExports returns the arguments of run that are not exports.
func notExports(f *runFlags, args []string) []string {
	if f.affectedBy == "" {
		return args
	}
	return slices.DeleteFunc(slices.Clone(args), isExport)
}

// sourcesOf returns the features of a run, and with --affected-by those of their scenarios that cross
// the change. Given are the arguments with the export among them.
func sourcesOf(ctx context.Context, f *runFlags, w *workspace, args, given []string) ([]runner.Source, error) {
	all, err := w.sources(args)
	if err != nil || f.affectedBy == "" {
		return all, err
	}
	return affected(ctx, w, f.affectedBy, given, all)
}
