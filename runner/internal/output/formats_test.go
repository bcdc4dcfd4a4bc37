package output_test

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/output"
	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// formats are those that a terminal or a log shows, and that the tests beside
// this one do not have yet.
func formats() map[string]func(io.Writer) report.Reporter {
	return map[string]func(io.Writer) report.Reporter{
		"github":  func(w io.Writer) report.Reporter { return output.NewGitHub(w, asShown, true) },
		"dots":    func(w io.Writer) report.Reporter { return output.NewDots(w) },
		"json":    func(w io.Writer) report.Reporter { return output.NewJSON(w) },
		"quiet":   func(w io.Writer) report.Reporter { return output.NewQuiet(w, false) },
		"summary": output.NewSummary,
	}
}

// asShown is the place of a feature file where the repository begins at the working directory.
func asShown(file string) string { return file }

func TestMoreFormats(t *testing.T) {
	t.Parallel()
	all := stories()
	all["sample"] = sampleRun()
	for name, s := range all {
		for format, reporter := range formats() {
			file := name + "." + format + ".txt"
			t.Run(file, func(t *testing.T) {
				var b strings.Builder
				s.tell(reporter(&b))
				golden(t, file, b.String())
			})
		}
	}
}

func TestARunThatPassedHasALastLine(t *testing.T) {
	t.Parallel()
	for name, reporter := range map[string]func(io.Writer) report.Reporter{
		"quiet":  func(w io.Writer) report.Reporter { return output.NewQuiet(w, false) },
		"github": func(w io.Writer) report.Reporter { return output.NewGitHub(w, asShown, true) },
	} {
		var b strings.Builder
		stories()["passed"].tell(reporter(&b))
		assert.Equal(t, "2 scenarios: 2 passed · 4 hops · replay · 0.0s\n", b.String(), name)
	}
	var b strings.Builder
	stories()["passed"].tell(output.NewGitHub(&b, asShown, false))
	assert.Empty(t, b.String(), "another reporter writes the last line")
}

func TestDotsAreASCII(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	sampleRun().tell(output.NewDots(&b))
	signs, _, _ := strings.Cut(b.String(), "\n")
	assert.Equal(t, ".F.fEUS-FK", signs)
}

// What ends a command of a workflow, or begins another, is escaped.
func TestAnnotationsAreEscaped(t *testing.T) {
	t.Parallel()
	s := scenario("100%: a,b\r\n::error::c", report.Step{
		Text: "Then it works", Line: 9, Status: report.Failed, Error: "50% of\n::set-output name=x::y\r\n",
	})
	s.File = "a,b:c.feature"
	var b strings.Builder
	(&story{plan: report.Plan{Target: "t"}, scenarios: []*report.Scenario{s}}).tell(output.NewGitHub(&b, asShown, false))
	assert.Equal(t, `::error file=a%2Cb%3Ac.feature,line=9,title=100%25%3A a%2Cb\u000d%0A\%3A%3Aerror%3A%3Ac::`+
		`Then it works%0A50%25 of%0A\::set-output name=x::y%0Arepeat it: flowtest run a,b:c.feature:7`+"\n", b.String())
}

func TestARequirementIsAnnotatedOnce(t *testing.T) {
	t.Parallel()
	s := sampleRun()
	for _, sc := range s.scenarios[:3] {
		sc.Hops[0].Evidence.Findings = []conformance.Finding{finding(reqForm, conformance.Violated, 1), finding(reqLink, conformance.Review, 1)}
	}
	var b strings.Builder
	s.tell(output.NewGitHub(&b, asShown, false))
	assert.Equal(t, 1, strings.Count(b.String(), "::warning "))
	assert.Contains(t, b.String(), "::warning file=features/sign-on/sign-on.feature,line=10,title=SAMPLE-FORM (MUST) at hop 1::"+
		`A screen carries a form with a name.%0Afound "Sign <On>", want a name without brackets at form.name`+"\n")
}

func TestWhatFailsARunAsAWhole(t *testing.T) {
	t.Parallel()
	s := stories()["passed"]
	run := &report.Run{Plan: s.plan, Failed: true, Notes: []report.Note{{Kind: report.Stale, Text: "known-failures.yaml:3 no longer holds"}}}
	run.Add(s.scenarios[0])
	for format, want := range map[string]string{
		"github":  "::error title=stale::known-failures.yaml:3 no longer holds\n",
		"summary": "# flowtest: the scenario passed, and the run as a whole fails\n\n> Known-failures.yaml:3 no longer holds\n",
		"quiet":   "known-failures.yaml:3 no longer holds",
		"json":    `"failed":true,"notes":[{"kind":"stale","text":"known-failures.yaml:3 no longer holds"}]`,
	} {
		var b strings.Builder
		r := formats()[format](&b)
		r.Begin(s.plan)
		r.Scenario(s.scenarios[0])
		r.End(run)
		assert.Contains(t, b.String(), want, format)
	}
}

func TestTheJobSummaryIsAppended(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "summary")
	require.NoError(t, os.WriteFile(path, []byte("before\n"), 0o600))
	for range 2 {
		stories()["passed"].tell(output.NewJobSummary(path, nil))
	}
	text := readAll(t, path)
	assert.True(t, strings.HasPrefix(text, "before\n# flowtest: all 2 scenarios passed\n"), text)
	assert.Equal(t, 2, strings.Count(text, "# flowtest: "))

	r := output.NewJobSummary(filepath.Join(path, "x"), nil)
	stories()["passed"].tell(r)
	assert.ErrorContains(t, errorOf(t, report.Many(r)), "report: the job summary cannot be written: ")
}

// A summary of a run in which everything failed stays one that GitHub takes.
func TestASummaryIsBounded(t *testing.T) {
	t.Parallel()
	s := sampleRun()
	bad := s.scenarios[1]
	bad.Steps[2].Error = strings.Repeat("`x|", 100_000)
	for range 500 {
		s.scenarios = append(s.scenarios, bad)
	}
	var b strings.Builder
	s.tell(output.NewSummary(&b))
	assert.Less(t, b.Len(), 1<<20)
	assert.Contains(t, b.String(), "… and 454 more.")
}

func TestMarkdownShowsWordsAsTheyAre(t *testing.T) {
	t.Parallel()
	s := scenario("*a* <b> `c` | [d](e)\n# f", report.Step{Text: "Then ``x`` | y", Status: report.Failed, Error: "```\nfence\n```"})
	var b strings.Builder
	(&story{scenarios: []*report.Scenario{s}}).tell(output.NewSummary(&b))
	assert.Contains(t, b.String(), "### ❌ \\*a\\* &lt;b&gt; \\`c\\` \\| \\[d\\](e) \\# f\n")
	assert.Contains(t, b.String(), "\n```Then ``x`` \\| y```\n")
	assert.Contains(t, b.String(), "\n````text\n```\nfence\n```\n````\n")
}

func TestEachEventOfTheJSONFormatIsALine(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	s := sampleRun()
	s.tell(output.NewJSON(&b))
	var events []string
	for line := range strings.Lines(b.String()) {
		var e struct{ Event string }
		require.NoError(t, json.Unmarshal([]byte(line), &e))
		events = append(events, e.Event)
	}
	assert.Len(t, events, len(s.scenarios)+2)
	assert.Equal(t, "begin", events[0])
	assert.Equal(t, "scenario", events[1])
	assert.Equal(t, "end", events[len(events)-1])
}

func TestFormatsStopWritingAtTheFirstError(t *testing.T) {
	t.Parallel()
	for name, reporter := range formats() {
		t.Run(name, func(t *testing.T) {
			b := &broken{left: 0}
			all := report.Many(report.Discard{}, reporter(b))
			stories()["all"].tell(all)
			assert.Equal(t, 1, b.calls)
			require.ErrorIs(t, errorOf(t, all), errFull)
		})
	}
}

// errorOf returns what went wrong while a reporter wrote.
func errorOf(t *testing.T, r report.Reporter) error {
	t.Helper()
	w, ok := r.(interface{ Err() error })
	require.True(t, ok)
	return w.Err()
}
