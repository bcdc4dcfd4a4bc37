package output

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"flowtest/steps/conformance"
	"flowtest/steps/words"
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

// sdkJSON is a flow of the table of SDKs.
type sdkJSON struct {
	Flow string        `json:"flow"`
	Hops int           `json:"hops"`
	SDKs []sdkCellJSON `json:"sdks"`
}

type sdkCellJSON struct {
	SDK      string          `json:"sdk"`
	Standing string          `json:"standing"`
	Reasons  []sdkReasonJSON `json:"reasons,omitempty"`
}

type sdkReasonJSON struct {
	Requirement string `json:"requirement"`
	Journey     string `json:"journey"`
	Hop         int    `json:"hop"`
	Times       int    `json:"times"`
	Path        string `json:"path"`
	Found       string `json:"found"`
	Wanted      string `json:"wanted"`
}

func sdksJSON(t *conformance.SDKTable) []sdkJSON {
	var out []sdkJSON
	for _, row := range t.Rows() {
		r := sdkJSON{Flow: row.Flow, Hops: row.Hops}
		for _, c := range row.Cells {
			cell := sdkCellJSON{SDK: c.SDK.String(), Standing: c.Standing.String()}
			for i := range c.Reasons {
				x := &c.Reasons[i]
				cell.Reasons = append(cell.Reasons, sdkReasonJSON{
					x.Requirement.ID, x.Journey, x.Hop, x.Times, x.Path, x.Found, x.Wanted,
				})
			}
			r.SDKs = append(r.SDKs, cell)
		}
		out = append(out, r)
	}
	return out
}

// SDKsText writes for a terminal which SDK can carry which flow, and why not.
func SDKsText(w io.Writer, t *conformance.SDKTable) error {
	rows := t.Rows()
	if len(rows) == 0 {
		return nil
	}
	var b strings.Builder
	for _, row := range rows {
		fmt.Fprintf(&b, "flow %q, %s\n", row.Flow, words.Count(row.Hops, "hop"))
		for _, c := range row.Cells {
			fmt.Fprintf(&b, "  %-8s %s\n", c.SDK, c.Standing)
			for i := range c.Reasons {
				x := &c.Reasons[i]
				fmt.Fprintf(&b, "           %s: %s is %s, want %s\n           (%q, hop %d)\n", x.Requirement.ID, x.Path,
					x.Found, x.Wanted, x.Journey, x.Hop)
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// sdksMarkdown writes the same as a table, and the reasons below it.
func sdksMarkdown(b *strings.Builder, t *conformance.SDKTable) {
	rows := t.Rows()
	if len(rows) == 0 {
		return
	}
	b.WriteString("\n## SDKs\n\n| flow |")
	for _, s := range conformance.SDKs() {
		fmt.Fprintf(b, " %s |", s)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(conformance.SDKs())) + "\n")
	var reasons strings.Builder
	for _, row := range rows {
		fmt.Fprintf(b, "| %s |", cell(row.Flow))
		for _, c := range row.Cells {
			fmt.Fprintf(b, " %s |", c.Standing)
			for i := range c.Reasons {
				x := &c.Reasons[i]
				fmt.Fprintf(&reasons, "- %s, %s: `%s`: `%s` is %s, want %s (\"%s\", hop %d)\n", cell(row.Flow), c.SDK,
					x.Requirement.ID, x.Path, cell(x.Found), cell(x.Wanted), cell(x.Journey), x.Hop)
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("\n" + reasons.String())
}
