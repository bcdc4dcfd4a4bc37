package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/backend"
	"flowtest/runner/internal/check"
	"flowtest/runner/internal/output"
	"flowtest/runner/internal/output/digest"
	"flowtest/runner/internal/target"
	"flowtest/runner/report"
	"flowtest/steps/words"
)

// checkFlags are the flags of check.
type checkFlags struct {
	config, target string
	sdks           string // "" if it was not given
	format         string
	maxAge         age
}

func checkCommand(p *Process) *cobra.Command {
	var f checkFlags
	c := &cobra.Command{
		Use:   "check [PATH…] | check FLOW.json…",
		Short: "Check features, recordings and exports of flows without running anything",
		Long: `Check reads every feature and recording, and reports mistakes without running or
sending anything. In features it finds unknown and ambiguous steps, steps before
the flow is started, tables with other columns, names of flows, users and
attributes that the target does not have, fields, buttons, screens and gjson paths
that no recording of the flow has, values that every run refuses, schemas that cannot be
read, tags of faults that do not parse, and known failures of scenarios that no
longer exist. A scenario that shows little is a warning.
In recordings it checks every hop, in both shapes, against the requirements of
the documented protocol.

In the exports of flows, files that end in .json, it finds what goes wrong without an error
when the flow runs, such as a button that leads nowhere: flowtest requirements EXPORT
lists the rules. Errors fail the check, warnings do not.`,
		Example: `  flowtest check
  flowtest check features/sign-on
  flowtest check --target staging
  flowtest check sign-on.json --sdks web,ios --format sarif`,
		RunE: func(_ *cobra.Command, args []string) error {
			args = f.takeSDKs(args)
			switch exports, err := onlyExports(p, args); {
			case err != nil:
				return err
			case exports:
				return f.checkExports(p, args)
			}
			if f.format != "text" {
				return fmt.Errorf("--format %s is for exports of flows: give it files that end in .json", f.format)
			}
			if _, err := readSDKs(f.sdks); err != nil {
				return err
			}
			return f.run(p, args)
		},
	}
	c.Flags().StringVar(&f.sdks, "sdks", "", "say which of Ping's SDKs support the recorded flows, and why not;\n"+
		"of an export, also check what the `list` of SDKs needs: web, android, ios (default all)")
	c.Flags().Lookup("sdks").NoOptDefVal = allSDKs
	addFormat(c, &f.format, "text", "json", "sarif", "github", "dvlint")
	c.Flags().Lookup("format").Usage = "of exports: " + c.Flags().Lookup("format").Usage
	c.Flags().Var(&f.maxAge, "max-age", "list the recordings that are older, as in 90d")
	c.Flags().StringVar(&f.config, "config", "", "the configuration file (default flowtest.yaml, if it exists)")
	c.Flags().StringVar(&f.target, "target", "",
		"the target whose flows and users the features may name (default: that of run)")
	return c
}

func (f *checkFlags) run(p *Process, args []string) error {
	w, err := p.open(f.config)
	if err != nil {
		return err
	}
	s, err := looking(w, args)
	if err != nil {
		return err
	}
	var notes []string
	if s.Target, err = w.target(f.target); err != nil {
		if f.target != "" {
			return err
		}
		// Who writes features need not have what a live run needs.
		notes = append(notes, "note: the names of flows and users were not looked up, because there is no target: "+
			strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	flows, noFlows := w.recordings("")
	s.Recordings = flows
	var noKnown error
	s.Known, noKnown = (&conformFlags{}).readKnown(w)
	found := check.Features(s)
	switch {
	case noFlows != nil && (hasReplay(w) || hasRecordings(w)):
		found.Faults = append(found.Faults, noFlows.Error())
	case noFlows != nil:
		notes = append(notes, "note: there are no recordings, so what the screens offer was not checked, "+
			"nor the protocol: flowtest record makes some")
	}
	if noKnown != nil {
		found.Faults = append(found.Faults, strings.Split(noKnown.Error(), "\n")...)
	}
	matrix, broken := check.Conforms(flows, nil)
	attributes := attributesOf(w, s.Target, found, flows)
	broken = append(append(broken, check.Requests(flows, attributes)...), check.Fields(flows)...)
	for _, line := range broken {
		found.Faults = append(found.Faults, inFolder(w.folder(""), w.own, errors.New(line)).Error())
	}
	for _, line := range f.maxAge.old(flows, time.Now()) {
		notes = append(notes, "note: "+line)
	}
	text := &bytes.Buffer{}
	for _, line := range slices.Concat(lookedAt(w, args), found.Faults) {
		fmt.Fprintln(text, line)
	}
	for _, warning := range found.Warnings {
		fmt.Fprintln(text, "warning: "+warning)
	}
	for _, note := range notes {
		fmt.Fprintln(text, note)
	}
	if f.sdks != "" {
		if err := output.SDKsText(text, matrix.SDKs()); err != nil {
			return err
		}
	}
	if len(flows) > 0 {
		fmt.Fprintln(text, output.ConformanceSummary(&report.Run{Conformance: matrix}))
	}
	fmt.Fprintln(text, checked(found, flows))
	_, err = fmt.Fprint(p.Stdout, digest.Plain(text.String()))
	if err == nil && len(found.Faults) > 0 {
		err = &exitError{code: ExitFailed}
	}
	return err
}

// looking returns the suite whose features are looked at, which has no target yet.
func looking(w *workspace, args []string) (*runner.Suite, error) {
	s := &runner.Suite{Whole: len(args) == 0, Env: w.p.Env}
	var err error
	if s.Features, err = w.sources(args); err == nil {
		s.Sentences, err = w.sentences()
	}
	return s, err
}

// lookedAt says in a line what is checked if no flowtest.yaml says it.
func lookedAt(w *workspace, args []string) []string {
	line := "no flowtest.yaml here: checking what flowtest ships"
	switch {
	case w.own:
		return nil
	case len(args) > 0:
		line = "no flowtest.yaml here: checking against the shipped recordings"
	case w.passedOver != "":
		line += fmt.Sprintf(", and not %s (flowtest check %s)", w.passedOver, shippedFeatures)
	}
	return []string{line}
}

// hasRecordings reports whether there is any recording, be it a broken one.
func hasRecordings(w *workspace) (found bool) {
	_ = filepath.WalkDir(w.folder(""), func(_ string, d fs.DirEntry, err error) error {
		if found = err == nil && d.Name() == recordings.FileName; found {
			return fs.SkipAll
		}
		return err
	})
	return found
}

// hasReplay reports whether a target of the workspace may replay. One that cannot
// be had for want of a variable is a live one.
func hasReplay(w *workspace) bool {
	return slices.ContainsFunc(w.file.Names(), func(name string) bool {
		t, err := w.file.Choose(name)
		return err == nil && t.Live == nil
	})
}

// checked is the last line of a check.
func checked(found *check.Found, flows []*recordings.Flow) string {
	hops := 0
	for _, f := range flows {
		hops += len(f.Hops)
	}
	verdict := "nothing to fix"
	if n := len(found.Faults); n > 0 {
		verdict = fmt.Sprintf("%d to fix", n)
	}
	if n := len(found.Warnings); n > 0 {
		verdict += ", " + words.Count(n, "warning")
	}
	return fmt.Sprintf("%s with %s, %s with %s: %s", words.Count(found.Scenarios, "scenario"),
		words.Count(found.Steps, "step"), words.Count(len(flows), "recording"), words.Count(hops, "hop"), verdict)
}

const day = 24 * time.Hour

// An age is a flag that holds a duration in days, as in 90d, or as Go writes one.
// Zero means that it was not given.
type age time.Duration

// Set implements [pflag.Value].
func (a *age) Set(text string) error {
	wrong := errors.New("want days as in 90d, or hours as in 36h")
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n float64
		if n, err = strconv.ParseFloat(days, 64); n > float64(math.MaxInt64/day) || math.IsNaN(n) {
			return wrong
		}
		d = time.Duration(n * float64(day))
	}
	if err != nil || d <= 0 {
		return wrong
	}
	*a = age(d)
	return nil
}

// String implements [pflag.Value].
func (a *age) String() string {
	d := time.Duration(*a)
	switch {
	case d == 0:
		return ""
	case d%day == 0:
		return strconv.Itoa(int(d/day)) + "d"
	default:
		return d.String()
	}
}

// Type implements [pflag.Value].
func (a *age) Type() string { return "age" }

// old says which recordings were made longer ago than that. One that was
// written by hand has no date, and is not listed.
func (a *age) old(flows []*recordings.Flow, now time.Time) []string {
	var out []string
	for _, f := range flows {
		if *a == 0 || f.Meta == nil || f.Meta.Date.IsZero() {
			continue
		}
		if since := now.Sub(f.Meta.Date); since > time.Duration(*a) {
			out = append(out, fmt.Sprintf("the recording of %q is %s old, made on %s: record it again (--max-age %s)",
				f.Name, words.Count(int(since/day), "day"), f.Meta.Date.Format(time.DateOnly), a))
		}
	}
	return out
}

// attributesOf returns the names of the attributes of all users that can be read, and of those
// that scenarios make or await; nil if there is no target and no such scenario.
func attributesOf(w *workspace, t *target.Target, found *check.Found, flows []*recordings.Flow) (all []string) {
	if found.NewUsers || found.Codes {
		all = backend.Brought(flows, found.NewUsers)
	}
	targets := []*target.Target{t}
	for _, name := range w.file.Names() {
		other, _ := w.file.Choose(name) // one that needs what is not set here has users that are unknown
		targets = append(targets, other)
	}
	for _, t := range targets {
		if t == nil {
			continue
		}
		for _, u := range t.Users {
			all = append(all, u.Names()...)
		}
	}
	return all
}
