package output

import (
	"fmt"
	"io"
	"strings"

	"flowtest/runner/internal/output/digest"
	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// MatrixFormat is the version of what [MatrixJSON] writes.
const MatrixFormat = 1

// matrixJSON is the matrix requirement × journey.
type matrixJSON struct {
	Format       int                 `json:"format"`
	Status       string              `json:"status"` // finished or interrupted: whether the run came to its end
	Result       string              `json:"result"` // the gravest of all requirements
	Target       string              `json:"target"`
	Live         bool                `json:"live"`
	Summary      map[string]int      `json:"summary"` // requirements by result
	Requirements []requirementResult `json:"requirements"`
	Journeys     []journeyResult     `json:"journeys"`
	Findings     []findingJSON       `json:"findings"` // all but those that passed
	SDKs         []sdkJSON           `json:"sdks,omitempty"`
}

type requirementResult struct {
	requirementJSON

	Result string `json:"result"`
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

// letters stand for the results in a row of the matrix.
var letters = [...]byte{
	conformance.NotExercised: '-', conformance.Passed: 'P', conformance.Review: 'R', conformance.Warning: 'W',
	conformance.Violated: 'F',
}

// matrixOf returns the matrix of a run, an empty one where nobody asked for it.
func matrixOf(run *report.Run) *conformance.Matrix {
	if run.Conformance == nil {
		return &conformance.Matrix{}
	}
	return run.Conformance
}

// MatrixJSON writes the matrix of a run.
func MatrixJSON(w io.Writer, run *report.Run) error {
	m := matrixOf(run)
	out := matrixJSON{
		Format: MatrixFormat, Status: statusOf(run), Result: worstOf(m).String(),
		Target: run.Plan.Target, Live: run.Plan.Live,
		Summary: map[string]int{}, Journeys: []journeyResult{}, Findings: []findingJSON{}, SDKs: sdksJSON(&m.SDK),
	}
	catalogue := conformance.Catalogue()
	for _, r := range catalogue {
		out.Requirements = append(out.Requirements, requirementResult{requirementOf(r), m.Result(r).String()})
	}
	for result, n := range m.Summary() {
		out.Summary[conformance.Result(result).String()] = n
	}
	for i, j := range m.Journeys {
		row := make([]byte, len(catalogue))
		for k, r := range catalogue {
			row[k] = letters[j.Result(r)]
		}
		out.Journeys = append(out.Journeys, journeyResult{j.Name, j.File, j.Line, j.Flow, j.Hops, string(row)})
		for k := range j.Findings {
			f := &j.Findings[k]
			out.Findings = append(out.Findings, findingJSON{
				f.Requirement.ID, f.Result.String(), i, f.Hop, f.Path, f.Found, f.Wanted,
			})
		}
	}
	return writeJSON(w, out)
}

func statusOf(run *report.Run) string {
	if run.Interrupted || run.Counts[report.NotRun] > 0 {
		return "interrupted"
	}
	return "finished"
}

func worstOf(m *conformance.Matrix) conformance.Result {
	worst := conformance.NotExercised
	for result, n := range m.Summary() {
		if n > 0 {
			worst = max(worst, conformance.Result(result))
		}
	}
	return worst
}

// MatrixMarkdown writes the matrix of a run for people: each requirement with
// how many journeys it held in, and what did not pass.
func MatrixMarkdown(w io.Writer, run *report.Run) error {
	m := matrixOf(run)
	var b strings.Builder
	fmt.Fprintf(&b, "# Conformance\n\nThe run is %s. The worst that came of a requirement is **%s**. %s.\n\n",
		statusOf(run), worstOf(m), conformanceCounts(run, nil))
	b.WriteString("| id | level | result | journeys | requirement |\n|---|---|---|---|---|\n")
	for _, r := range conformance.Catalogue() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n",
			cell(r.ID), r.Level, m.Result(r), heldIn(m, r), cell(r.Sentence))
	}
	b.WriteString("\n## Findings\n\n")
	none := true
	for _, j := range m.Journeys {
		for i := range j.Findings {
			f := &j.Findings[i]
			none = false
			fmt.Fprintf(&b, "- **%s** `%s` in \"%s\" (%s:%d), hop %d: %s is %s, want %s\n", f.Result, f.Requirement.ID,
				mark(j.Name), mark(j.File), j.Line, f.Hop, code(f.Path), mark(f.Found), mark(f.Wanted))
			if f.Requirement.Doubt != "" && f.Result == conformance.Review {
				fmt.Fprintf(&b, "  In doubt: %s.\n", mark(f.Requirement.Doubt))
			}
		}
	}
	if none {
		b.WriteString("None.\n")
	}
	sdksMarkdown(&b, &m.SDK)
	_, err := io.WriteString(w, b.String())
	return err
}

// heldIn says in how many journeys a requirement came out how.
func heldIn(m *conformance.Matrix, r *conformance.Requirement) string {
	var counts [conformance.Violated + 1]int
	for _, j := range m.Journeys {
		counts[j.Result(r)]++
	}
	var parts []string
	for result := conformance.Violated; result > conformance.NotExercised; result-- {
		if counts[result] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[result], result))
		}
	}
	return strings.Join(parts, ", ")
}

// ConformanceSummary says in a line what came of the requirements of a run, and
// names those that somebody has to look at.
func ConformanceSummary(run *report.Run) string { return conformanceCounts(run, named) }

// conformanceCounts counts the requirements of a run by their result, and says
// more of a result in the words of also.
func conformanceCounts(run *report.Run, also func(*conformance.Matrix, conformance.Result) string) string {
	counts := matrixOf(run).Summary()
	var parts []string
	for _, result := range []conformance.Result{
		conformance.Passed, conformance.Violated, conformance.Warning, conformance.Review, conformance.NotExercised,
	} {
		n := counts[result]
		if n == 0 && result != conformance.Passed {
			continue
		}
		text := fmt.Sprintf("%d %s", n, result)
		if result > conformance.Passed && also != nil {
			text += also(matrixOf(run), result)
		}
		parts = append(parts, text)
	}
	return fmt.Sprintf("%d requirements: %s", len(conformance.Catalogue()), strings.Join(parts, ", "))
}

// line writes a text of the service into one line.
func line(s string) string { return strings.Join(strings.Fields(digest.Plain(s)), " ") }

// MatrixText writes the matrix of a run for a terminal.
func MatrixText(w io.Writer, run *report.Run) error {
	m := matrixOf(run)
	var b strings.Builder
	fmt.Fprintf(&b, "The run is %s. The worst that came of a requirement is %s. %s.\n\n",
		statusOf(run), worstOf(m), conformanceCounts(run, nil))
	for _, r := range conformance.Catalogue() {
		fmt.Fprintf(&b, "%-13s %-6s %s: %s\n", m.Result(r), r.Level, r.ID, r.Sentence)
		if held := heldIn(m, r); held != "" {
			fmt.Fprintf(&b, "%20s  %s\n", "", held)
		}
		for _, j := range m.Journeys {
			for i := range j.Findings {
				if f := &j.Findings[i]; f.Requirement == r {
					fmt.Fprintf(&b, "%20s  %s: %s:%d, hop %d: %s is %s, want %s\n",
						"", f.Result, digest.Plain(j.File), j.Line, f.Hop, line(f.Path), line(f.Found), line(f.Wanted))
				}
			}
		}
	}
	b.WriteString("\n")
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	return SDKsText(w, &m.SDK)
}
