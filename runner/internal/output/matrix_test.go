package output_test

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/output"
	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// matrixFormats are those in which the matrix is written.
var matrixFormats = map[string]func(io.Writer, *report.Run) error{
	"matrix.txt": output.MatrixText, "matrix.md": output.MatrixMarkdown, "matrix.json": output.MatrixJSON,
}

// sampleMatrix has a journey that conforms and one with a finding of each kind,
// whose words are those of a service that likes to make trouble.
func sampleMatrix(t *testing.T) *report.Run {
	t.Helper()
	list := lookup(t, "JSON-INTRO-1", "JSON-INTRO-2", "MODEL-form.category-VALUE", "JSON-STEP3-2j", "MODEL-companyId-PRESENCE")
	good := &conformance.Journey{Name: "Alice signs on", File: "features/sign-on.feature", Line: 7, Flow: "sign-on", Hops: 2}
	bad := &conformance.Journey{Name: "Bob | <signs> on", File: "features/sign-on.feature", Line: 19, Flow: "sign-on", Hops: 3}
	for _, r := range list[:3] {
		good.Passed.Add(r)
	}
	bad.Passed.Add(list[0])
	bad.Passed.Add(list[4])
	bad.Findings = []conformance.Finding{
		{Requirement: list[2], Result: conformance.Review, Hop: 1, Path: "form.category", Found: "CUSTOM_`HTML`", Wanted: "CUSTOM_FORM"},
		{Requirement: list[3], Result: conformance.Warning, Hop: 2, Path: "status", Found: "\x1b[31mred\n# A head", Wanted: "COMPLETED | done"},
		{Requirement: list[4], Result: conformance.Violated, Hop: 3, Path: "companyId", Found: "nothing", Wanted: "a value"},
	}
	run := &report.Run{Plan: report.Plan{Target: "replay"}, Conformance: &conformance.Matrix{}}
	run.Conformance.Add(good)
	run.Conformance.Add(bad)
	return run
}

func TestTheMatrixIsWritten(t *testing.T) {
	t.Parallel()
	for file, write := range matrixFormats {
		t.Run(file, func(t *testing.T) {
			var b strings.Builder
			require.NoError(t, write(&b, sampleMatrix(t)))
			golden(t, file, b.String())
			assert.NotContains(t, b.String(), "\x1b", "words of the service do not steer a terminal")
			assert.NotContains(t, b.String(), "\n# A head")
		})
	}
}

// matrixFile is what a program reads of matrix.json.
type matrixFile struct {
	Format                 int
	Status, Result, Target string
	Live                   bool
	Summary                map[string]int
	Requirements           []struct{ ID, Level, Result string }
	Journeys               []struct {
		Name, File, Flow, Results string
		Line, Hops                int
	}
	Findings []struct {
		Requirement, Result, Path, Found, Wanted string
		Journey, Hop                             int
	}
}

func readMatrix(t *testing.T, run *report.Run) *matrixFile {
	t.Helper()
	var b strings.Builder
	require.NoError(t, output.MatrixJSON(&b, run))
	got := &matrixFile{}
	require.NoError(t, json.Unmarshal([]byte(b.String()), got))
	return got
}

func TestTheMatrixHoldsTogether(t *testing.T) {
	t.Parallel()
	got := readMatrix(t, sampleMatrix(t))
	all := conformance.Catalogue()
	assert.Equal(t, output.MatrixFormat, got.Format)
	assert.Equal(t, "finished", got.Status)
	assert.Equal(t, "failed", got.Result)
	assert.Equal(t, map[string]int{"passed": 2, "review": 1, "warning": 1, "failed": 1, "not exercised": len(all) - 5}, got.Summary)
	require.Len(t, got.Requirements, len(all))
	require.Len(t, got.Journeys, 2)
	letters := map[string]byte{"passed": 'P', "review": 'R', "warning": 'W', "failed": 'F', "not exercised": '-'}
	results := map[string]string{}
	for i, r := range got.Requirements {
		assert.Equal(t, all[i].ID, r.ID)
		results[r.ID] = r.Result
		worst := byte('-')
		for _, j := range got.Journeys {
			require.Len(t, j.Results, len(all))
			if strings.IndexByte("-PRWF", j.Results[i]) > strings.IndexByte("-PRWF", worst) {
				worst = j.Results[i]
			}
		}
		assert.Equal(t, letters[r.Result], worst, r.ID)
	}
	assert.Equal(t, "failed", results["MODEL-companyId-PRESENCE"], "that it held at another hop does not mend it")
	assert.Equal(t, "warning", results["JSON-STEP3-2j"])
	assert.Equal(t, "review", results["MODEL-form.category-VALUE"])
	assert.Equal(t, "passed", results["JSON-INTRO-1"])
	require.Len(t, got.Findings, 3)
	assert.Equal(t, 1, got.Findings[2].Journey)
	assert.Equal(t, 3, got.Findings[2].Hop)
	assert.Equal(t, "\x1b[31mred\n# A head", got.Findings[1].Found, "JSON escapes it")
}

func TestTheMatrixSaysWhetherTheRunCameToItsEnd(t *testing.T) {
	t.Parallel()
	run := sampleMatrix(t)
	run.Interrupted = true
	assert.Equal(t, "interrupted", readMatrix(t, run).Status)
	run = sampleMatrix(t)
	run.Counts[report.NotRun] = 1
	assert.Equal(t, "interrupted", readMatrix(t, run).Status)
	assert.Equal(t, "failed", readMatrix(t, run).Result, "the result is another question")
}

func TestAMatrixOfNothing(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]*report.Run{
		"no journey": {Conformance: &conformance.Matrix{}},
		"not judged": {},
	} {
		t.Run(name, func(t *testing.T) {
			got := readMatrix(t, run)
			assert.Equal(t, "not exercised", got.Result)
			assert.Empty(t, got.Journeys)
			assert.NotNil(t, got.Journeys, "a list all the same")
			assert.NotNil(t, got.Findings)
			var b strings.Builder
			require.NoError(t, output.MatrixMarkdown(&b, run))
			assert.Contains(t, b.String(), "## Findings\n\nNone.\n")
			require.NoError(t, output.MatrixText(io.Discard, run))
		})
	}
}

func TestTheSummaryCountsRequirements(t *testing.T) {
	t.Parallel()
	assert.Regexp(t, `^\d+ requirements: 2 passed, 1 failed \(MODEL-companyId-PRESENCE\), 1 warning \(JSON-STEP3-2j\), `+
		`1 review \(MODEL-form\.category-VALUE\), \d+ not exercised$`, output.ConformanceSummary(sampleMatrix(t)))
	assert.Regexp(t, `^\d+ requirements: 0 passed, \d+ not exercised$`, output.ConformanceSummary(&report.Run{}))
}

// The summary is before the last line of both formats that a person reads,
// and what holds of the run as a whole before it.
func TestTheSummaryIsBeforeTheLastLine(t *testing.T) {
	t.Parallel()
	for name, reporter := range map[string]func(io.Writer) report.Reporter{
		"pretty":   func(w io.Writer) report.Reporter { return output.NewPretty(w, false) },
		"progress": func(w io.Writer) report.Reporter { return output.NewProgress(w, false) },
	} {
		t.Run(name, func(t *testing.T) {
			run := sampleMatrix(t)
			run.Notes = []report.Note{{Kind: report.Stale, Text: "known-failures.yaml:1: the entry expired"}}
			var b strings.Builder
			r := reporter(&b)
			r.Begin(run.Plan)
			r.End(run)
			lines := strings.Split(strings.TrimSpace(b.String()), "\n")
			require.GreaterOrEqual(t, len(lines), 4)
			lines = lines[len(lines)-4:]
			assert.Equal(t, "! known-failures.yaml:1: the entry expired", lines[0])
			assert.Equal(t, "marks: ! a remark on the whole scenario or run", lines[1])
			assert.Equal(t, output.ConformanceSummary(run), lines[2])
			assert.Regexp(t, `^0 scenarios: `, lines[3])
		})
	}
}
