package output

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"flowtest/runner/internal/output/digest"
	"flowtest/steps/conformance"
)

// A requirementJSON is a requirement, and what a run found about it.
type requirementJSON struct {
	ID       string     `json:"id"`
	Level    string     `json:"level"`
	Sentence string     `json:"sentence"`
	Page     string     `json:"page"`
	Section  string     `json:"section"`
	Shapes   string     `json:"shapes"`
	Outcomes string     `json:"outcomes"`
	Doubt    string     `json:"doubt,omitempty"`
	Result   string     `json:"result,omitempty"`
	Hops     *hopsJSON  `json:"hops,omitempty"`
	Flows    []flowJSON `json:"flows,omitempty"`
}

type hopsJSON struct {
	Passed  int `json:"passed"`
	Review  int `json:"review"`
	Warning int `json:"warning"`
	Failed  int `json:"failed"`
}

type flowJSON struct {
	Flow   string `json:"flow"`
	Result string `json:"result"`
}

func requirementOf(r *conformance.Requirement) requirementJSON {
	return requirementJSON{
		ID: r.ID, Level: r.Level.String(), Sentence: r.Sentence, Page: r.Page, Section: r.Section,
		Shapes: r.Shapes.String(), Outcomes: r.Outcomes.String(), Doubt: r.Doubt,
	}
}

// rowJSON is a row that counts hops.
func rowJSON(x *digest.Row) requirementJSON {
	c, out := &x.Counts, requirementOf(x.Requirement)
	out.Result = c.Worst().String()
	out.Hops = &hopsJSON{
		c[conformance.Passed], c[conformance.Review], c[conformance.Warning], c[conformance.Violated],
	}
	for _, flow := range slices.Sorted(maps.Keys(x.Flows)) {
		out.Flows = append(out.Flows, flowJSON{flow, x.Flows[flow].Worst().String()})
	}
	return out
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
		tableRow(&b, "`"+cell(r.ID)+"`", r.Level, cell(sentence), fmt.Sprintf("%s; %s", r.Shapes, r.Outcomes),
			r.Page+", "+r.Section)
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
	e := json.NewEncoder(&digest.Quoting{To: w})
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
