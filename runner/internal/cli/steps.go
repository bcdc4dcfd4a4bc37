package cli

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"flowtest/runner/internal/output"
	"flowtest/runner/internal/output/digest"
	"flowtest/steps"
	"flowtest/steps/conformance"
)

func stepsCommand(p *Process) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "steps",
		Short: "List the sentences that features may use, with examples",
		Long: `Steps lists every sentence that a feature may use, grouped by subject, with an
example and its meaning. The format html is one page without other files; json is
for programs.`,
		Example: `  flowtest steps
  flowtest steps --format markdown > steps.md
  flowtest steps --format html > steps.html`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			write, ok := map[string]func(io.Writer, []area) error{
				"text": stepsText, "markdown": stepsMarkdown, "json": stepsJSON, "html": stepsHTML,
			}[format]
			if !ok {
				return fmt.Errorf("format %q is unknown, want text, markdown, json or html", format)
			}
			if err := write(p.Stdout, areas()); err != nil {
				return fmt.Errorf("the list could not be written: %w", err)
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

	Params  []steps.Kind  `json:"params,omitempty"`  // what each group of the expression captures
	Columns []columnEntry `json:"columns,omitempty"` // of the table below it
}

// A columnEntry is one column of the table below a sentence.
type columnEntry struct {
	Name     string     `json:"name"`
	Kind     steps.Kind `json:"kind"`
	Required bool       `json:"required"` // every table has it
}

// areas returns the vocabulary in the order in which people read it.
func areas() []area {
	var out []area
	for _, d := range steps.Definitions() {
		if len(out) == 0 || out[len(out)-1].Area != d.Area {
			out = append(out, area{Area: d.Area})
		}
		last := &out[len(out)-1]
		entry := sentenceEntry{
			Keyword: d.Keyword, Expression: d.Expr.String(), Example: d.Example, Doc: d.Doc, Params: d.Params,
		}
		for _, c := range d.Columns {
			entry.Columns = append(entry.Columns, columnEntry{c.Name, c.Kind, c.Required})
		}
		last.Sentences = append(last.Sentences, entry)
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
	e := json.NewEncoder(&digest.Quoting{To: w})
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Format int    `json:"format"`
		Areas  []area `json:"areas"`
	}{stepsFormat, list})
}

//go:embed stepspage.html
var stepsPageText string

// stepsPage is the list of sentences as one page. It has no script and loads nothing.
var stepsPage = template.Must(template.New("steps").Funcs(template.FuncMap{
	"anchor": anchor, "sentence": sentenceParts, "table": tableOf,
}).Parse(stepsPageText))

func stepsHTML(w io.Writer, list []area) error {
	return stepsPage.Execute(w, struct {
		Version string
		Areas   []area
	}{version(), list})
}

// anchor turns text into a name that a link can have.
func anchor(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return strings.Join(words, "-")
}

// A part of a sentence is fixed, or a value that the writer of a feature chooses.
type part struct {
	Text  string
	Value bool
}

// sentenceParts takes the first line of an example apart: its keyword, and then
// what is outside and between quotes.
func sentenceParts(example string) (out struct {
	Keyword string
	Parts   []part
},
) {
	first, _, _ := strings.Cut(example, "\n")
	keyword, rest, _ := strings.Cut(first, " ")
	out.Keyword = keyword
	for i, text := range strings.Split(rest, `"`) {
		if i%2 == 1 {
			text = `"` + text + `"`
		}
		if text != "" {
			out.Parts = append(out.Parts, part{text, i%2 == 1})
		}
	}
	return out
}

// tableOf returns the rows below an example's sentence, not indented, "" where
// it takes none.
func tableOf(example string) string {
	_, table, _ := strings.Cut(example, "\n")
	return strings.ReplaceAll(strings.TrimPrefix(table, "  "), "\n  ", "\n")
}

func requirementsCommand(p *Process) *cobra.Command {
	var format string
	var sdks bool
	c := &cobra.Command{
		Use:   "requirements [ID…]",
		Short: "Print the requirements that every hop is checked against",
		Long: `Requirements prints the catalogue: every checkable sentence of the two official
pages, "JSON Responses" and "Detailed Responses", with its level and the hops that
it applies to. Where the pages contradict each other or real responses, it prints
the doubt. An ID, or the beginning of one, chooses requirements.`,
		Example: `  flowtest requirements
  flowtest requirements MODEL-interactionToken
  flowtest requirements --format markdown`,
		RunE: func(_ *cobra.Command, args []string) error { return printRequirements(p, format, sdks, args) },
	}
	c.Flags().StringVar(&format, "format", "text", "text, markdown or json")
	c.Flags().BoolVar(&sdks, "sdks", false, "the second catalogue: what Ping's SDKs need to carry a journey")
	return c
}

func printRequirements(p *Process, format string, sdks bool, ids []string) error {
	write, ok := map[string]func(io.Writer, []*conformance.Requirement) error{
		"text": output.RequirementsText, "markdown": output.RequirementsMarkdown, "json": output.RequirementsJSON,
	}[format]
	if !ok {
		return fmt.Errorf("format %q is unknown, want text, markdown or json", format)
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
		return err
	}
	return nil
}
