package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"flowtest/steps"
)

func (p *Process) stepsCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "steps",
		Short: "List the sentences that features may use, with examples",
		Example: `  flowtest steps
  flowtest steps --format markdown > steps.md`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			switch format {
			case "text":
				return writeSteps(p.Stdout, "\n%s\n", "  %s\n      %s\n", "  ")
			case "markdown":
				return writeSteps(p.Stdout, "\n## %s\n", "\n```gherkin\n%s\n```\n%s\n", "")
			default:
				return usage(fmt.Errorf("format %q is unknown, want text or markdown", format), "")
			}
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or markdown")
	return c
}

// writeSteps writes the vocabulary: a heading for each area, and for each
// sentence its example and what it means.
func writeSteps(w io.Writer, heading, entry, indent string) error {
	area := ""
	for _, d := range steps.Definitions() {
		if d.Area != area {
			area = d.Area
			if _, err := fmt.Fprintf(w, heading, area); err != nil {
				return usage(err, "")
			}
		}
		example := strings.ReplaceAll(d.Example, "\n", "\n"+indent)
		if _, err := fmt.Fprintf(w, entry, example, d.Doc); err != nil {
			return usage(err, "")
		}
	}
	return nil
}
