package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"flowtest/runner"
	"flowtest/runner/report"
)

func (p *Process) checkCommand() *cobra.Command {
	var config string
	var sdks bool
	var maxAge age
	c := &cobra.Command{
		Use:   "check [PATH…]",
		Short: "Read features and recordings and say what is wrong, without running anything",
		Long: `Check parses every feature, finds steps without a definition or with several,
and tags of faults that do not parse. It validates every recording, walks it in
both shapes and holds each hop against the requirements of the documented
protocol. It sends nothing.`,
		Example: `  flowtest check
  flowtest check features/sign-on`,
		RunE: func(_ *cobra.Command, args []string) error { return p.check(config, sdks, maxAge, args) },
	}
	c.Flags().BoolVar(&sdks, "sdks", false, "say which of Ping's SDKs can carry the recorded flows, and why not")
	c.Flags().Var(&maxAge, "max-age", "name the recordings that are older, as in 90d")
	c.Flags().StringVar(&config, "config", "", "the configuration file (default flowtest.yaml, where there is one)")
	return c
}

func (p *Process) check(config string, sdks bool, maxAge age, args []string) error {
	w, err := p.open(config)
	if err != nil {
		return err
	}
	sources, err := w.sources(args)
	if err != nil {
		return err
	}
	found := runner.Check(sources)
	flows, err := w.recordings("")
	if err != nil {
		found.Faults = append(found.Faults, err.Error())
	}
	matrix, broken := runner.Conforms(flows, nil)
	for _, line := range broken {
		found.Faults = append(found.Faults, inFolder(w.folder(""), w.own, errors.New(line)).Error())
	}
	for _, fault := range found.Faults {
		if _, err := fmt.Fprintln(p.Stdout, fault); err != nil {
			return usage(err, "")
		}
	}
	for _, line := range maxAge.old(flows, time.Now()) {
		if _, err := fmt.Fprintln(p.Stdout, "note: "+line); err != nil {
			return usage(err, "")
		}
	}
	hops := 0
	for _, f := range flows {
		hops += len(f.Hops)
	}
	verdict := "nothing to mend"
	if n := len(found.Faults); n > 0 {
		verdict = fmt.Sprintf("%d to mend", n)
	}
	if sdks {
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
	_, err = fmt.Fprintf(p.Stdout, "%s with %s, %s with %s: %s\n", counted(found.Scenarios, "scenario"),
		counted(found.Steps, "step"), counted(len(flows), "recording"), counted(hops, "hop"), verdict)
	if err != nil {
		return usage(err, "")
	}
	if len(found.Faults) > 0 {
		return &exitError{code: ExitFailed}
	}
	return nil
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
