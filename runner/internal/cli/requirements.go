package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

func (p *Process) requirementsCommand() *cobra.Command {
	var format string
	var sdks bool
	c := &cobra.Command{
		Use:   "requirements [ID…]",
		Short: "Print the requirements that every hop is held against",
		Long: `Requirements prints the catalogue: every checkable sentence of the two official
pages, "JSON Responses" and "Detailed Responses", with its level, the hops that
it applies to and, where the pages contradict themselves or the wire, the doubt.
An ID, or the beginning of one, chooses from them.`,
		Example: `  flowtest requirements
  flowtest requirements MODEL-interactionToken
  flowtest requirements --format markdown`,
		RunE: func(_ *cobra.Command, args []string) error { return p.requirements(format, sdks, args) },
	}
	c.Flags().StringVar(&format, "format", "text", "text, markdown or json")
	c.Flags().BoolVar(&sdks, "sdks", false, "the second catalogue: what Ping's SDKs need to carry a journey")
	return c
}

func (p *Process) requirements(format string, sdks bool, ids []string) error {
	write, ok := map[string]func(io.Writer, []*conformance.Requirement) error{
		"text": report.RequirementsText, "markdown": report.RequirementsMarkdown, "json": report.RequirementsJSON,
	}[format]
	if !ok {
		return usage(fmt.Errorf("format %q is unknown, want text, markdown or json", format), "")
	}
	list := conformance.Catalogue()
	if sdks {
		list = conformance.SDKCatalogue()
	}
	if len(ids) > 0 {
		chosen := func(id string) bool {
			return slices.ContainsFunc(ids, func(want string) bool {
				return strings.HasPrefix(strings.ToUpper(id), strings.ToUpper(want))
			})
		}
		list = slices.DeleteFunc(list, func(r *conformance.Requirement) bool { return !chosen(r.ID) })
		if len(list) == 0 {
			return usage(fmt.Errorf("no requirement has an id that begins with %s", strings.Join(ids, " or ")),
				"flowtest requirements prints all of them")
		}
	}
	if err := write(p.Stdout, list); err != nil {
		return usage(err, "")
	}
	return nil
}
