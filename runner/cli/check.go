package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/report"
)

// checkFlags are the flags of check.
type checkFlags struct {
	config, target string
	sdks           bool
	maxAge         age
}

func (p *Process) checkCommand() *cobra.Command {
	var f checkFlags
	c := &cobra.Command{
		Use:   "check [PATH…]",
		Short: "Read features and recordings and say what is wrong, without running anything",
		Long: `Check parses every feature and finds what would fail in a run for its text alone:
steps without a definition or with several, names of flows, users and attributes
that the target does not know, and tags of faults that do not parse. A scenario
that asserts nothing is a warning. It validates every recording, walks it in
both shapes and holds each hop against the requirements of the documented
protocol. It sends nothing.`,
		Example: `  flowtest check
  flowtest check features/sign-on
  flowtest check --target staging`,
		RunE: func(_ *cobra.Command, args []string) error { return p.check(&f, args) },
	}
	c.Flags().BoolVar(&f.sdks, "sdks", false, "say which of Ping's SDKs can carry the recorded flows, and why not")
	c.Flags().Var(&f.maxAge, "max-age", "name the recordings that are older, as in 90d")
	c.Flags().StringVar(&f.config, "config", "", "the configuration file (default flowtest.yaml, where there is one)")
	c.Flags().StringVar(&f.target, "target", "",
		"the target of flowtest.yaml whose flows and users the features may name (default: that of run)")
	return c
}

func (p *Process) check(f *checkFlags, args []string) error {
	w, err := p.open(f.config)
	if err != nil {
		return err
	}
	sources, err := w.sources(args)
	if err != nil {
		return err
	}
	s := &runner.Suite{Features: sources, Env: p.Env}
	notes, err := f.choose(w, s)
	if err != nil {
		return err
	}
	flows, noFlows := w.recordings("")
	s.Recordings = flows
	found := s.Check()
	if noFlows != nil {
		found.Faults = append(found.Faults, noFlows.Error())
	}
	matrix, broken := runner.Conforms(flows, nil)
	for _, line := range broken {
		found.Faults = append(found.Faults, inFolder(w.folder(""), w.own, errors.New(line)).Error())
	}
	lines := slices.Clone(found.Faults)
	for _, warning := range found.Warnings {
		lines = append(lines, "warning: "+warning)
	}
	lines = append(lines, notes...)
	for _, line := range f.maxAge.old(flows, time.Now()) {
		lines = append(lines, "note: "+line)
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(p.Stdout, line); err != nil {
			return usage(err, "")
		}
	}
	if f.sdks {
		if err := report.SDKsText(p.Stdout, &matrix.SDK); err != nil {
			return usage(err, "")
		}
	}
	if len(flows) > 0 {
		_, err = fmt.Fprintf(p.Stdout, "%s\n", report.ConformanceSummary(&report.Run{Conformance: matrix}))
		if err != nil {
			return usage(err, "")
		}
	}
	if _, err := fmt.Fprintln(p.Stdout, checked(found, flows)); err != nil {
		return usage(err, "")
	}
	if len(found.Faults) > 0 {
		return &exitError{code: ExitFailed}
	}
	return nil
}

// choose gives the suite its target, and notes what is not looked at.
func (f *checkFlags) choose(w *workspace, s *runner.Suite) (notes []string, err error) {
	if s.Target, err = w.target(f.target); err != nil {
		if f.target != "" {
			return nil, err
		}
		// Who writes features need not have what a live run needs.
		notes = append(notes, "note: the names of flows and users were not looked up, for no target can be had: "+
			strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	if w.passedOver != "" {
		notes = append(notes, fmt.Sprintf(
			"note: there is no flowtest.yaml here, so what flowtest ships was checked, and not %s (flowtest check %s)",
			w.passedOver, shippedFeatures))
	}
	return notes, nil
}

// checked is the last line of a check.
func checked(found *runner.Found, flows []*recordings.Flow) string {
	hops := 0
	for _, f := range flows {
		hops += len(f.Hops)
	}
	verdict := "nothing to mend"
	if n := len(found.Faults); n > 0 {
		verdict = fmt.Sprintf("%d to mend", n)
	}
	if n := len(found.Warnings); n > 0 {
		verdict += ", " + counted(n, "warning")
	}
	return fmt.Sprintf("%s with %s, %s with %s: %s", counted(found.Scenarios, "scenario"),
		counted(found.Steps, "step"), counted(len(flows), "recording"), counted(hops, "hop"), verdict)
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
