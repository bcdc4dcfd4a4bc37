package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"flowtest/runner"
	"flowtest/runner/report"
)

// outputFlags say what is written, and where.
type outputFlags struct {
	format string
	quiet  bool
	report string
	runID  string
}

func (f *outputFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.format, "format", "pretty", "pretty, progress, dots, github or json")
	c.Flags().BoolVarP(&f.quiet, "quiet", "q", false,
		"print only what did not pass, and the last lines: what marks mean, requirements, and how many passed")
	c.Flags().StringVar(&f.report, "report", "",
		"a folder for messages.ndjson, junit.xml, report.json, summary.md and report.html")
	c.Flags().StringVar(&f.runID, "run-id", "",
		"the name that the shards of one run have in common, for flowtest report")
}

// read puts the reporters into the suite. The report folder is made here, so
// that one that cannot be written is refused before anything runs.
func (f *outputFlags) read(p *Process, s *runner.Suite) error {
	to, err := p.reporter(f)
	if err != nil {
		return err
	}
	list := []report.Reporter{to}
	if f.report != "" {
		folder, err := report.NewFolder(p.path(f.report))
		if err != nil {
			return usage(err, "")
		}
		s.Evidence = true
		list = append(list, folder)
	}
	if on, _ := p.Env("GITHUB_ACTIONS"); on == "true" {
		switch {
		case f.format == "json": // Stdout is for lines of JSON, and the runner of a job reads both
			list = append(list, report.NewGitHub(p.Stderr))
		case f.format != "github":
			list = append(list, report.NewGitHub(p.Stdout))
		}
		if path, _ := p.Env("GITHUB_STEP_SUMMARY"); path != "" {
			list = append(list, report.NewJobSummary(path))
		}
	}
	if s.Random && (f.quiet || f.format != "pretty" && f.format != "progress") { // those two say it themselves
		p.say(fmt.Sprintf("--random=%d repeats this order", s.Seed))
	}
	s.Reporter, s.RunID = report.Many(list...), f.runID
	return nil
}

func (p *Process) reporter(f *outputFlags) (report.Reporter, error) {
	switch f.format {
	case "pretty", "progress", "dots":
	case "github": // for machines, as JSON is: nothing is left out
		return report.NewGitHub(p.Stdout), nil
	case "json":
		return report.NewJSON(p.Stdout), nil
	default:
		return nil, usage(fmt.Errorf("format %q is unknown, want pretty, progress, dots, github or json", f.format), "")
	}
	switch {
	case f.quiet:
		return report.NewQuiet(p.Stdout, p.color()), nil
	case f.format == "progress":
		return report.NewProgress(p.Stdout, p.color()), nil
	case f.format == "dots":
		return report.NewDots(p.Stdout), nil
	default:
		return report.NewPretty(p.Stdout, p.color()), nil
	}
}
