package output

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"flowtest/steps/conformance"
)

// requirementJSON is a requirement as the catalogue is printed in JSON.
type requirementJSON struct {
	ID       string `json:"id"`
	Level    string `json:"level"`
	Sentence string `json:"sentence"`
	Page     string `json:"page"`
	Section  string `json:"section"`
	Shapes   string `json:"shapes"`
	Outcomes string `json:"outcomes"`
	Doubt    string `json:"doubt,omitempty"`
}

func requirementOf(r *conformance.Requirement) requirementJSON {
	return requirementJSON{
		ID: r.ID, Level: r.Level.String(), Sentence: r.Sentence, Page: r.Page, Section: r.Section,
		Shapes: r.Shapes.String(), Outcomes: r.Outcomes.String(), Doubt: r.Doubt,
	}
}

// RequirementsText writes requirements for a terminal, below the section that
// each is from.
func RequirementsText(w io.Writer, list []*conformance.Requirement) error {
	var b strings.Builder
	head := ""
	for _, r := range list {
		if at := r.Page + ", " + r.Section; at != head {
			fmt.Fprintf(&b, "\n%s\n", at)
			head = at
		}
		fmt.Fprintf(&b, "  %-6s %s\n         %s\n", r.Level, r.ID, r.Sentence)
		fmt.Fprintf(&b, "         applies to: %s; %s\n", r.Shapes, r.Outcomes)
		if r.Doubt != "" {
			fmt.Fprintf(&b, "         in doubt: %s\n", r.Doubt)
		}
	}
	_, err := io.WriteString(w, strings.TrimPrefix(b.String(), "\n"))
	return err
}

// RequirementsMarkdown writes requirements as a table.
func RequirementsMarkdown(w io.Writer, list []*conformance.Requirement) error {
	var b strings.Builder
	b.WriteString("| id | level | requirement | applies to | source |\n|---|---|---|---|---|\n")
	for _, r := range list {
		sentence := r.Sentence
		if r.Doubt != "" {
			sentence += " *In doubt: " + r.Doubt + ".*"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s; %s | %s, %s |\n",
			cell(r.ID), r.Level, cell(sentence), r.Shapes, r.Outcomes, r.Page, r.Section)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// RequirementsJSON writes requirements as a JSON array.
func RequirementsJSON(w io.Writer, list []*conformance.Requirement) error {
	out := []requirementJSON{}
	for _, r := range list {
		out = append(out, requirementOf(r))
	}
	return writeJSON(w, out)
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// cell writes text into a table of Markdown.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(s)
}
