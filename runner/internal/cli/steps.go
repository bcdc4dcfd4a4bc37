package cli

import (
	"encoding/json"
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
		Long: `Steps lists every sentence that a feature may use, grouped by what it is about,
with an example and what it means. As html it is one page that needs nothing
else; as json it is for programs.`,
		Example: `  flowtest steps
  flowtest steps --format markdown > steps.md
  flowtest steps --format html > steps.html`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			write, ok := map[string]func(io.Writer, []area) error{
				"text": stepsText, "markdown": stepsMarkdown, "json": stepsJSON, "html": stepsHTML,
			}[format]
			if !ok {
				return usage(fmt.Errorf("format %q is unknown, want text, markdown, json or html", format), "")
			}
			if err := write(p.Stdout, areas()); err != nil {
				return usage(fmt.Errorf("the list could not be written: %w", err), "")
			}
			return nil
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text, markdown, json or html")
	return c
}

// An area is a part of the vocabulary.
type area struct {
	Area      string          `json:"area"`
	Sentences []sentenceEntry `json:"sentences"`
}

// A sentenceEntry is one sentence as the list shows it.
type sentenceEntry struct {
	Keyword    string `json:"keyword"`    // Given, When or Then
	Expression string `json:"expression"` // the regular expression that a step has to match
	Example    string `json:"example"`    // a step that matches, with its table where it takes one
	Doc        string `json:"doc"`        // what it means
}

// areas returns the vocabulary in the order in which people read it.
func areas() []area {
	var out []area
	for _, d := range steps.Definitions() {
		if len(out) == 0 || out[len(out)-1].Area != d.Area {
			out = append(out, area{Area: d.Area})
		}
		last := &out[len(out)-1]
		last.Sentences = append(last.Sentences, sentenceEntry{d.Keyword, d.Expr.String(), d.Example, d.Doc})
	}
	return out
}

func stepsText(w io.Writer, list []area) error {
	var b strings.Builder
	for _, a := range list {
		fmt.Fprintf(&b, "\n%s\n", a.Area)
		for _, s := range a.Sentences {
			fmt.Fprintf(&b, "  %s\n      %s\n", strings.ReplaceAll(s.Example, "\n", "\n  "), s.Doc)
		}
	}
	_, err := fmt.Fprint(w, b.String())
	return err
}

func stepsMarkdown(w io.Writer, list []area) error {
	var b strings.Builder
	b.WriteString("# The sentences of flowtest\n")
	for _, a := range list {
		fmt.Fprintf(&b, "\n## %s\n", a.Area)
		for _, s := range a.Sentences {
			fmt.Fprintf(&b, "\n```gherkin\n%s\n```\n%s\n", s.Example, s.Doc)
		}
	}
	_, err := fmt.Fprint(w, b.String())
	return err
}

// stepsFormat is the version of the list as JSON; it grows when a reader of an
// earlier one would misread the next.
const stepsFormat = 1

func stepsJSON(w io.Writer, list []area) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Format int    `json:"format"`
		Areas  []area `json:"areas"`
	}{stepsFormat, list})
}
