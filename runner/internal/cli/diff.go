package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/diff"
	"flowtest/runner/internal/output/digest"
	"flowtest/runner/internal/record"
	"flowtest/steps"
)

type diffFlags struct {
	config, against, format, failOn, user string
	rate                                  float64
}

func diffCommand(p *Process) *cobra.Command {
	var f diffFlags
	c := &cobra.Command{
		Use:   "diff OLD NEW | diff RECORDING --against LIVE",
		Short: "Compare two recordings, or a recording with a live flow",
		Long: `Diff compares two recordings, or two folders of them. It says what changed for the
people and the apps that use the flow, and how severe it is: breaking, additive or
cosmetic. With --against it sends the requests of a recording to a live environment,
and compares the answers. It lists the scenarios that visit each changed screen.
Hops that are missing in the later recording because they were not recorded again
are listed separately. They are no change, and fail nothing.

Exit code 0 means that no change is severe enough to fail (see --fail-on), and 1
that one is.`,
		Example: `  flowtest diff recordings/sign-on /tmp/new/sign-on
  flowtest diff recordings/sign-on --against staging
  flowtest diff old new --format markdown --fail-on additive`,
		Args: func(_ *cobra.Command, args []string) error {
			if (len(args) == 2 && f.against == "") || (len(args) == 1 && f.against != "") {
				return nil
			}
			return fmt.Errorf("diff: want two recordings, as in flowtest diff OLD NEW, "+
				"or one with --against LIVE; found %d", len(args))
		},
		RunE: func(c *cobra.Command, args []string) error { return f.run(c.Context(), p, args) },
	}
	c.Flags().StringVar(&f.config, "config", "", "the configuration file (default flowtest.yaml, if it exists)")
	c.Flags().StringVar(&f.against, "against", "", "the live target to compare the recording with")
	c.Flags().StringVar(&f.user, "user", steps.DefaultUser, "with --against: the user who signs on")
	c.Flags().Float64Var(&f.rate, "rate", runner.DefaultRate, "with --against: requests a second to the target")
	c.Flags().StringVar(&f.format, "format", "text", "text, markdown or json")
	c.Flags().StringVar(&f.failOn, "fail-on", "breaking",
		"the least severe change that fails: breaking, additive or cosmetic")
	return c
}

func (f *diffFlags) run(ctx context.Context, p *Process, args []string) error {
	write, ok := map[string]func(io.Writer, ...*diff.Difference) error{
		"text": diff.Text, "markdown": diff.Markdown, "json": diff.JSON,
	}[f.format]
	if !ok {
		return fmt.Errorf("format %q is unknown, want text, markdown or json", f.format)
	}
	failOn, err := diff.ParseClass(f.failOn)
	if err != nil {
		return fmt.Errorf("--fail-on: %w", err)
	}
	w, err := p.open(f.config)
	if err != nil {
		return err
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
		ds = compareFlows(before, after, o)
	}
	out := p.Stdout
	if f.format == "text" {
		out = plain{out}
	} else if f.format == "json" {
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
		record.PutBack(filepath.Dir(dir), w.p.say)
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
	found, _ := record.Touches(ctx, &runner.Suite{ // where no scenario can be read, check says why
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
	takes, notes, err := walk.Drive(ctx, old)
	if err != nil {
		return nil, runError(err)
	}
	result, err := r.Relearn(old, takes)
	if err != nil {
		return nil, usage(err, record.SecretHint(err))
	}
	for _, note := range slices.Concat(notes, result.Passing, result.Broken, result.Unsure) {
		w.p.say(old.Name + ": " + note)
	}
	return result.Flow, nil
}
