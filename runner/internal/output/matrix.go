package output

import (
	"fmt"
	"io"
	"strings"

	"flowtest/runner/internal/output/digest"
	"flowtest/runner/report"
	"flowtest/steps/conformance"
	"flowtest/steps/words"
)

// MatrixFormat is the version of what [MatrixJSON] writes.
const MatrixFormat = 1

// matrixJSON is the matrix requirement × journey.
type matrixJSON struct {
	Format       int               `json:"format"`
	Status       string            `json:"status"` // finished or interrupted: whether the run came to its end
	Result       string            `json:"result"` // the most severe of all requirements
	Target       string            `json:"target"`
	Live         bool              `json:"live"`
	Summary      map[string]int    `json:"summary"` // requirements by result
	Requirements []requirementJSON `json:"requirements"`
	Journeys     []journeyResult   `json:"journeys"`
	Findings     []findingJSON     `json:"findings"` // all but those that passed
	SDKs         []sdkJSON         `json:"sdks,omitempty"`
}

// A journeyResult is a row of the matrix. Results has one letter a requirement,
// in their order: P passed, R review, W warning, F failed, - not exercised.
type journeyResult struct {
	Name    string `json:"name"`
	File    string `json:"file"`
	Line    int    `json:"line"`
	Flow    string `json:"flow"`
	Hops    int    `json:"hops"`
	Results string `json:"results"`
}

type findingJSON struct {
	Requirement string `json:"requirement"`
	Result      string `json:"result"`
	Journey     int    `json:"journey"` // its place in journeys, from 0
	Hop         int    `json:"hop"`
	Path        string `json:"path"`
	Found       string `json:"found"`
	Wanted      string `json:"wanted"`
}

// resultLetters are the results in a row of the matrix.
var resultLetters = [...]byte{
	conformance.NotExercised: '-', conformance.Passed: 'P', conformance.Review: 'R', conformance.Warning: 'W',
	conformance.Violated: 'F',
}

// MatrixJSON writes the matrix of a run.
func MatrixJSON(w io.Writer, run *report.Run) error {
	m, hits := digest.Judged(run.Conformance)
	out := matrixJSON{
		Format: MatrixFormat, Status: statusOf(run), Result: m.Worst().String(),
		Target: run.Plan.Target, Live: run.Plan.Live,
		Summary: map[string]int{}, Journeys: []journeyResult{}, Findings: []findingJSON{},
	}
	for result := range conformance.Violated + 1 {
		out.Summary[result.String()] = 0
	}
	for _, x := range m.Order {
		r := requirementOf(x.Requirement)
		r.Result = x.Counts.Worst().String()
		out.Requirements = append(out.Requirements, r)
		out.Summary[r.Result]++
	}
	for _, h := range hits {
		out.Findings = append(out.Findings, findingJSON{
			h.Requirement.ID, h.Result.String(), h.Index, h.Hop, h.Path, h.Found, h.Wanted,
		})
	}
	if run.Conformance != nil {
		for _, j := range run.Conformance.Journeys {
			row := make([]byte, len(m.Order))
			for k, x := range m.Order {
				row[k] = resultLetters[j.Result(x.Requirement)]
			}
			out.Journeys = append(out.Journeys, journeyResult{j.Name, j.File, j.Line, j.Flow, j.Hops, string(row)})
		}
		out.SDKs = sdksJSON(run.Conformance.SDKs())
	}
	return writeJSON(w, out)
}

func statusOf(run *report.Run) string {
	if run.Interrupted || run.Counts[report.NotRun] > 0 {
		return "interrupted"
	}
	return "finished"
}

// MatrixMarkdown writes the matrix of a run for people: each requirement with
// how many journeys it held in, and what did not pass.
func MatrixMarkdown(w io.Writer, run *report.Run) error {
	m, hits := digest.Judged(run.Conformance)
	var b strings.Builder
	fmt.Fprintf(&b, "# Conformance\n\nThe run is %s. The worst result of a requirement is **%s**. %s.\n\n",
		statusOf(run), m.Worst(), counted(run, 0))
	b.WriteString("| id | level | result | journeys | requirement |\n|---|---|---|---|---|\n")
	for _, x := range m.Order {
		r := x.Requirement
		tableRow(&b, "`"+cell(r.ID)+"`", r.Level, x.Counts.Worst(), &x.Counts, cell(r.Sentence))
	}
	b.WriteString("\n## Findings\n\n")
	for _, h := range hits {
		fmt.Fprintf(&b, "- **%s** `%s` in \"%s\" (%s:%d), hop %d: %s is %s, want %s\n", h.Result, h.Requirement.ID,
			Mark(h.Name), Mark(h.File), h.Line, h.Hop, code(h.Path), Mark(h.Found), Mark(h.Wanted))
		if h.Requirement.Doubt != "" && h.Result == conformance.Review {
			fmt.Fprintf(&b, "  In doubt: %s.\n", Mark(h.Requirement.Doubt))
		}
	}
	if len(hits) == 0 {
		b.WriteString("None.\n")
	}
	if run.Conformance != nil {
		sdksMarkdown(&b, run.Conformance.SDKs())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// ConformanceSummary counts the requirements of a run by their result, in a line,
// and names some of those that were not simply met.
func ConformanceSummary(run *report.Run) string { return counted(run, 5) }

// counted counts the requirements of a run by their result, and names up to most
// of each result but the good ones.
func counted(run *report.Run, most int) string {
	ids := map[conformance.Result][]string{}
	for _, r := range conformance.Catalogue() {
		result := conformance.NotExercised
		if run.Conformance != nil {
			result = run.Conformance.Result(r)
		}
		ids[result] = append(ids[result], r.ID)
	}
	var parts []string
	for _, result := range []conformance.Result{
		conformance.Passed, conformance.Violated, conformance.Warning, conformance.Review, conformance.NotExercised,
	} {
		list := ids[result]
		if len(list) == 0 && result != conformance.Passed {
			continue
		}
		text := fmt.Sprintf("%d %s", len(list), result)
		if result > conformance.Passed && most > 0 {
			text += " (" + words.List(list, most) + ")"
		}
		parts = append(parts, text)
	}
	return fmt.Sprintf("%d requirements: %s", len(conformance.Catalogue()), strings.Join(parts, ", "))
}

// line writes a text of the service into one line.
func line(s string) string { return strings.Join(strings.Fields(digest.Plain(s)), " ") }

// MatrixText writes the matrix of a run for a terminal.
func MatrixText(w io.Writer, run *report.Run) error {
	m, _ := digest.Judged(run.Conformance)
	var b strings.Builder
	fmt.Fprintf(&b, "The run is %s. The worst result of a requirement is %s. %s.\n\n",
		statusOf(run), m.Worst(), counted(run, 0))
	for _, x := range m.Order {
		r := x.Requirement
		fmt.Fprintf(&b, "%-13s %-6s %s: %s\n", x.Counts.Worst(), r.Level, r.ID, r.Sentence)
		if held := x.Counts.String(); held != "" {
			fmt.Fprintf(&b, "%20s  %s\n", "", held)
		}
		for _, h := range x.Hits {
			fmt.Fprintf(&b, "%20s  %s: %s:%d, hop %d: %s is %s, want %s\n",
				"", h.Result, digest.Plain(h.File), h.Line, h.Hop, line(h.Path), line(h.Found), line(h.Wanted))
		}
	}
	b.WriteString("\n")
	if _, err := io.WriteString(w, b.String()); err != nil || run.Conformance == nil {
		return err
	}
	return SDKsText(w, run.Conformance.SDKs())
}
