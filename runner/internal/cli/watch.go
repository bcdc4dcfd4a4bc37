package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/known"
	"flowtest/runner/internal/mutate"
	"flowtest/runner/internal/mutate/show"
	"flowtest/runner/internal/watch"
)

// A rerunning runs again what a change touches: the scenarios of a changed feature
// file, those that drive the flow of a changed recording, and everything after a
// change of the configuration.
type rerunning struct {
	p     *Process
	flags *runFlags
	args  []string
	space *workspace

	// pending are the changed files that no run has seen yet: a mistake in one of
	// them keeps a run from beginning. all says that everything is pending.
	pending []string
	all     bool
}

// watchRun runs, and runs again after changes, until ctx ends. That is not a failure, whatever
// the runs were.
func (f *runFlags) watchRun(ctx context.Context, p *Process, args []string) error {
	space, err := p.open(f.config)
	if err != nil {
		return err
	}
	if !space.own {
		return usage(errors.New("--watch needs a flowtest.yaml: what flowtest ships does not change"),
			"flowtest init writes a folder to start from")
	}
	w := &rerunning{p: p, flags: f, args: args, space: space, all: true}
	files, err := watch.New(w.matters, w.written)
	if err != nil {
		return fmt.Errorf("--watch: %w", err)
	}
	defer files.Close()
	_ = files.Watch(w.configs(), w.folders()) // a run reports what does not exist
	t := newStatus(p)
	for {
		if err := p.stop.Finishing(finishReports); err != nil {
			return err
		}
		if w.run(ctx, t) {
			w.pending, w.all = nil, false
		}
		if ctx.Err() != nil {
			return nil
		}
		_ = files.Watch(w.configs(), w.folders()) // the configuration may name other folders now
		if err := p.stop.Finishing(""); err != nil {
			return err
		}
		p.say("watching; Ctrl-C ends it")
		changed, err := files.Next(ctx)
		if err != nil {
			return fmt.Errorf("--watch: %w", err)
		}
		if ctx.Err() != nil {
			return nil
		}
		w.note(changed)
	}
}

// note takes in changed files.
func (w *rerunning) note(changed []string) {
	var names []string
	for _, file := range changed {
		names = append(names, w.shown(file))
		if !slices.Contains(w.pending, file) {
			w.pending = append(w.pending, file)
		}
		w.all = w.all || w.kind(file) == ofEverything
	}
	slices.Sort(names)
	w.p.say("changed: " + strings.Join(names, ", "))
}

// shown is a file as the user would name it.
func (w *rerunning) shown(file string) string {
	if rel, err := filepath.Rel(absolute(w.p.path(".")), file); err == nil && !strings.HasPrefix(rel, "..") {
		return filepath.ToSlash(rel)
	}
	return file
}

// run runs what is pending, and reports whether that began. Mistakes are said, and
// the watch goes on.
func (w *rerunning) run(ctx context.Context, t *statusLine) (began bool) {
	s, conform, err := w.flags.suite(ctx, w.p, w.args)
	if err == nil {
		if space, err := w.p.open(w.flags.config); err == nil {
			w.space = space
		}
		if !w.all {
			s.Touched = w.touched()
		}
		stop := t.follow(s)
		err = w.flags.cover.say(w.p, runSuite(ctx, w.p, s, conform))
		w.flags.output.folder.Close()
		stop()
	}
	if err == nil || ctx.Err() != nil {
		return true
	}
	said, _, code := ending(err) // the hints are for a command line that can still be changed
	for _, line := range said {
		w.p.say(line)
	}
	return len(said) == 0 || code == ExitNothing
}

// touched returns what tells the scenarios that the pending files touch, nil if that is all of
// them.
func (w *rerunning) touched() func(file string, flows []string) bool {
	files, recorded := map[string]bool{}, map[string]bool{}
	for _, file := range w.pending {
		switch w.kind(file) {
		case ofFeature:
			files[file] = true
		case ofRecording:
			flow := flowOf(w.space, file)
			if flow == "" {
				return nil // it is gone, or new without a name yet
			}
			recorded[flow] = true
		default:
			return nil
		}
	}
	return func(file string, flows []string) bool {
		return files[absolute(w.p.path(filepath.FromSlash(file)))] ||
			slices.ContainsFunc(flows, func(f string) bool { return recorded[f] })
	}
}

// flowOf returns the name of the flow in whose recording a file lies, or "".
func flowOf(w *workspace, file string) string {
	root := w.folder("")
	flows, _ := recordings.LoadAll(os.DirFS(root), ".") // a run says what is wrong with them
	for _, f := range flows {
		if watch.Within(absolute(filepath.Join(root, filepath.FromSlash(f.Dir))), file) {
			return f.Name
		}
	}
	return ""
}

// What a changed file is of.
type touch uint8

const (
	ofNothing touch = iota
	ofFeature
	ofRecording
	ofEverything
)

// kind says what a file is of, only by its absolute name: it may be gone. What
// editors put beside the files that they save is of nothing.
func (w *rerunning) kind(file string) touch {
	ext := filepath.Ext(file)
	switch {
	case strings.ContainsAny(filepath.Base(file)[:1], ".#~") || w.written(file):
		return ofNothing
	case slices.Contains(w.configs(), file):
		return ofEverything
	case ext == ".feature":
		return ofFeature
	case watch.Within(w.recordings(), file) && slices.Contains([]string{".yaml", ".json", ".html", ""}, ext):
		return ofRecording
	default:
		return ofNothing
	}
}

// written reports whether a file is one that the run itself writes.
func (w *rerunning) written(file string) bool {
	if dir := w.flags.output.report; dir != "" && watch.Within(absolute(w.p.path(dir)), file) {
		return true
	}
	return slices.ContainsFunc(w.flags.conform.conformance, func(out string) bool {
		return absolute(w.p.path(out)) == file
	})
}

// configs are the files that everything depends on.
func (w *rerunning) configs() []string {
	config := w.p.path(cmp.Or(w.flags.config, w.space.config, configName))
	return []string{
		absolute(config), absolute(w.flags.conform.knownFile(w.space)), absolute(w.space.beside(sentencesName)),
	}
}

func (w *rerunning) recordings() string { return absolute(w.space.folder("")) }

// folders are those that are watched with all below them.
func (w *rerunning) folders() []string {
	out := []string{w.recordings()}
	if len(w.args) == 0 {
		return append(out, absolute(w.space.beside(w.space.file.Features)))
	}
	for _, arg := range w.args {
		src, err := w.space.source(arg)
		if err != nil {
			continue // a run says so
		}
		at := absolute(w.p.path(filepath.FromSlash(src.Show)))
		if path.Ext(src.Path) == ".feature" { // a file: editors replace it, so its folder is watched
			at = filepath.Dir(at)
		}
		out = append(out, at)
	}
	return out
}

func absolute(name string) string {
	abs, err := filepath.Abs(name)
	if err != nil {
		return name
	}
	return abs
}

// matters reports whether a changed file is part of what runs. One without an
// extension is the folder of a recording, if it ever was one: it may be gone.
func (w *rerunning) matters(file string, folder bool) bool {
	return w.kind(file) != ofNothing && (filepath.Ext(file) != "" || folder || slices.Contains(w.configs(), file))
}

// mutateFlags are the flags of mutate.
type mutateFlags struct {
	config, target, accepted, since string
	shard                           chooseFlags
	asked                           runner.Suite
	choice                          mutate.Choice
	show                            show.Options
	known                           *known.List
}

func mutateCommand(p *Process) *cobra.Command {
	var f mutateFlags
	c := &cobra.Command{
		Use:   "mutate [PATH[:LINE]…]",
		Short: "Change recordings and see whether the features notice",
		Long: `Mutate changes the recordings in memory, in one way each time, and runs the
scenarios that cross the change until one of them fails. A change that no scenario
notices is listed: an assertion is missing there. A PATH chooses features as for run;
the flows that they drive are changed. The score is how many of 100 changes were
noticed. No file is written.

Groups of operators: ways, buttons, fields, texts, protocol, security.`,
		Example: `  flowtest mutate
  flowtest mutate features/sign-on --operators texts,security
  flowtest mutate --flow sign-on --all
  flowtest mutate --min 90 --format markdown`,
		RunE: func(c *cobra.Command, args []string) error { return f.run(c.Context(), p, args) },
	}
	c.Flags().StringVar(&f.config, "config", "", "the configuration file (default flowtest.yaml, if it exists)")
	c.Flags().StringVar(&f.target, "target", "",
		"the target of flowtest.yaml whose users sign on; it has to be a replay")
	c.Flags().StringVar(&f.asked.Tags, "tags", "",
		`only scenarios that a Cucumber tag expression chooses, as in "@a and not @b"`)
	c.Flags().StringVar(&f.choice.Flow, "flow", "", "change only the recording of the flow with this `NAME`")
	c.Flags().StringSliceVar(&f.choice.Operators, "operators", nil,
		"only these groups or operators, with commas between several")
	c.Flags().StringVar(&f.since, "since", "",
		"only changes of what differs from a `revision` of git: of hops, and of those that such scenarios cross")
	addFormat(c, &f.show.Format, show.Formats()...)
	f.show.Add(c.Flags())
	c.Flags().StringVar(&f.accepted, "mutants", "",
		"the `file` of changes that may go unnoticed, each until a date (default "+mutantsName+", if it exists)")
	c.Flags().StringVar(&f.shard.shard, "shard", "",
		"only part `I/N` of the changes, as in 2/4; every machine computes the same parts")
	return c
}

// suite reads what is run for every mutant.
func (f *mutateFlags) suite(ctx context.Context, p *Process, args []string) (*runner.Suite, error) {
	s := &f.asked
	s.Env = p.Env
	w, err := p.open(f.config)
	if err != nil {
		return nil, err
	}
	if s.Target, err = w.target(f.target); err != nil {
		return nil, err
	}
	if s.Target.Live != nil {
		return nil, usage(fmt.Errorf("mutate changes recordings, and the target %q is live", s.Target.Name),
			"name a target of type replay with --target")
	}
	if s.Sentences, err = w.sentences(); err != nil {
		return nil, err
	}
	if s.Features, err = w.sources(args); err != nil {
		return nil, err
	}
	if s.Recordings, err = w.recordings(""); err != nil {
		return nil, err
	}
	if f.known, err = readKnown(w, f.accepted, mutantsName, known.ReadMutants,
		"an entry has mutant, reason and expires; flowtest mutate --write-mutants prints some"); err != nil {
		return nil, err
	}
	if f.since != "" {
		if f.choice.Touched, err = touchedSince(ctx, w, s, f.since); err != nil {
			return nil, err
		}
	}
	s.Whole = len(args) == 0 && f.choice.Whole() && f.asked.Tags == "" && f.shard.shard == ""
	return s, errors.Join(f.choice.Check(s.Recordings), f.shard.readShard(p, s))
}

func (f *mutateFlags) run(ctx context.Context, p *Process, args []string) error {
	if err := f.show.Check(); err != nil {
		return err
	}
	s, err := f.suite(ctx, p, args)
	if err != nil {
		return err
	}
	if err := p.stop.Finishing("what is known by then is printed"); err != nil {
		return err
	}
	shard, shards := s.Shard, s.Shards
	s.Shard, s.Shards = 0, 0
	results, err := mutate.Run(ctx, s, f.choice, shard, shards)
	stopped := ctx.Err() != nil
	if red, ok := errors.AsType[*mutate.RedError](err); ok {
		return usage(red, "flowtest run "+red.Scenario+" shows why")
	}
	if err != nil && !stopped {
		return runError(err)
	}
	if len(results) == 0 && !stopped {
		return &exitError{
			ExitNothing, errors.New("there was nothing to change"),
			"--flow, --operators and --since choose what is changed",
		}
	}
	r := mutate.NewReport(results, f.known, s.Whole && !stopped)
	r.Interrupted = stopped
	if err := f.show.Write(&show.Target{
		Out: p.Stdout, Text: plain{p.Stdout}, Commands: unguarded(p.Stdout), Talk: unguarded(p.Stderr), Env: p.Env,
		Path: p.path, Replace: p.replace, Place: p.inRepository,
	}, r); err != nil {
		return err
	}
	return f.verdict(p, r)
}

// verdict gives the run its exit code.
func (f *mutateFlags) verdict(p *Process, r *mutate.Report) error {
	if r.Interrupted {
		return &exitError{
			cmp.Or(p.stop.Signaled(), ExitFailed), errors.New("stopped: the score is of what ran until then"), "",
		}
	}
	lines, hint := f.show.Fails(r)
	if len(lines) == 0 {
		return nil
	}
	return &exitError{ExitFailed, errors.New(strings.Join(lines, "\n")), hint}
}
