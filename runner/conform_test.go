package runner_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// ranOn runs scenarios of those steps on recordings.
func ranOn(tb testing.TB, flows []*recordings.Flow, s runner.Suite, steps ...string) (*report.Run, *collector) {
	tb.Helper()
	s.Target, s.Recordings = replayTarget(tb), flows
	if s.Features == nil {
		s.Features = scenarios(steps...)
	}
	return ran(tb, s)
}

// notes returns the texts of one kind.
func notes(list []report.Note, kind report.NoteKind) []string {
	var out []string
	for _, n := range list {
		if n.Kind == kind {
			out = append(out, n.Text)
		}
	}
	return out
}

const lacksCompany = "hop 1 breaks MODEL-companyId-PRESENCE: companyId is nothing, want a value\n"

func TestAJourneyThatBreaksAMustFailsItsScenario(t *testing.T) {
	for name, row := range map[string]struct {
		verdict runner.Verdict
		status  report.Status
		note    bool
		result  conformance.Result // of the requirement in the matrix
	}{
		"where nothing is asked for":   {runner.FailBroken, report.Failed, true, conformance.Violated},
		"only in the matrix with warn": {runner.WarnBroken, report.Passed, false, conformance.Violated},
		"not where conformance is off": {runner.OffBroken, report.Passed, false, conformance.NotExercised},
	} {
		t.Run(name, func(t *testing.T) {
			run, out := ranOn(t, shipped.WithoutCompany(t), runner.Suite{Conformance: row.verdict}, passes)
			s := out.scenarios[0]
			assert.Equal(t, row.status, s.Status)
			assert.Equal(t, 1, run.Counts[row.status])
			assert.Nil(t, s.FailedStep(), "the steps hold all the same")
			var want []string
			if row.note {
				r := conformance.Lookup("MODEL-companyId-PRESENCE")
				want = []string{lacksCompany + r.Sentence + " (" + r.Page + ")"}
			}
			assert.Equal(t, want, notes(s.Notes, report.Breaks))
			if row.verdict == runner.OffBroken {
				assert.Nil(t, run.Conformance)
				assert.Nil(t, s.Conformance)
				return
			}
			assert.Equal(t, row.result, run.Conformance.Result(conformance.Lookup("MODEL-companyId-PRESENCE")))
			require.NotNil(t, s.Conformance)
			assert.Equal(t, "sign-on", s.Conformance.Flow)
			assert.Equal(t, "s0", s.Conformance.Name)
			assert.Equal(t, "f.feature", s.Conformance.File)
			assert.Equal(t, 3, s.Conformance.Line)
			assert.Equal(t, 1, s.Conformance.Hops)
		})
	}
}

// having counts the requirements with a result.
func having(m *conformance.Matrix, result conformance.Result) (n int) {
	for _, r := range conformance.Catalogue() {
		if m.Result(r) == result {
			n++
		}
	}
	return n
}

// judged is the run of what is shipped that asks for every judgment. The tests only read it.
var judged struct {
	sync.Once

	run *report.Run
	out *collector
}

func allJudged(t *testing.T) (*report.Run, *collector) {
	t.Helper()
	judged.Do(func() {
		judged.run, judged.out = ran(t, runner.Suite{Features: shippedFeatures(), SDKs: true, RequireExercised: "SHOULD"})
	})
	require.NotNil(t, judged.run)
	return judged.run, judged.out
}

func TestAConformingJourneyHasNoNotes(t *testing.T) {
	t.Parallel()
	run, out := allJudged(t)
	for _, s := range out.scenarios {
		assert.Empty(t, s.Notes, s.Name)
		assert.Equal(t, report.Passed, s.Status, s.Name)
	}
	assert.Equal(t, run.Total(), run.Counts[report.Passed])
	assert.Zero(t, having(run.Conformance, conformance.Violated))
	assert.Positive(t, having(run.Conformance, conformance.Review), "doubts are in the matrix, and fail nothing")
	assert.Empty(t, notes(run.Notes, report.Unexercised), "the shipped features exercise it all")
	assert.False(t, run.Failed)
}

func TestTheSDKsAreJudgedWhereTheRunAsksForIt(t *testing.T) {
	t.Parallel()
	smoke := func(s runner.Suite) func(*testing.T) (*report.Run, *collector) {
		s.Features, s.Tags = shippedFeatures(), "@smoke"
		return func(t *testing.T) (*report.Run, *collector) { t.Helper(); return ran(t, s) }
	}
	for name, row := range map[string]struct {
		ran  func(*testing.T) (*report.Run, *collector)
		want bool
	}{
		"not asked for":                     {smoke(runner.Suite{}), false},
		"asked for":                         {allJudged, true},
		"asked for, where a MUST is broken": {smoke(runner.Suite{SDKs: true, Conformance: runner.WarnBroken}), true},
	} {
		t.Run(name, func(t *testing.T) {
			run, out := row.ran(t)
			for _, s := range out.scenarios {
				want := 0
				if row.want {
					want = s.HopCount
				}
				require.NotNil(t, s.Conformance, s.Name)
				assert.Len(t, s.Conformance.SDK, want, s.Name)
			}
			assert.Equal(t, row.want, len(run.Conformance.SDKs()) > 0)
		})
	}
}

// A doubt is only one of the two readings: the recording writes COMPLETE, as
// the table of both pages does.
func TestADoubtFailsNothing(t *testing.T) {
	signsOn := passes + "\nWhen I submit the form with:\n| key | value |\n| username | ${user.username} |\n" +
		"| password | ${user.password} |\nThen the flow completes"
	run, out := ranOn(t, shipped.Edited(t, "completed.json", `"COMPLETED"`, `"COMPLETE"`), runner.Suite{}, signsOn)
	assert.Equal(t, []report.Status{report.Passed}, out.statuses())
	assert.Empty(t, notes(out.scenarios[0].Notes, report.Breaks))
	doubts := 0
	for _, f := range out.scenarios[0].Conformance.Findings {
		if f.Found == "COMPLETE" && f.Result == conformance.Review {
			doubts++
		}
	}
	assert.Positive(t, doubts, out.scenarios[0].Conformance.Findings)
	assert.False(t, run.Failed)
}

func TestAShouldThatIsBrokenFailsNothing(t *testing.T) {
	flows := shipped.Edited(t, shipped.FormFile, `"category": "CUSTOM_HTML"`, `"category": "OTHER"`)
	run, out := ranOn(t, flows, runner.Suite{}, passes)
	require.Positive(t, having(run.Conformance, conformance.Warning)+having(run.Conformance, conformance.Review))
	assert.Equal(t, []report.Status{report.Passed}, out.statuses())
}

// The step says why already, and the status of what failed stays as it is.
func TestAFailedStepIsReportedBesideABrokenRequirement(t *testing.T) {
	_, out := ranOn(t, shipped.WithoutCompany(t), runner.Suite{}, fails)
	s := out.scenarios[0]
	assert.Equal(t, report.Failed, s.Status)
	require.NotNil(t, s.FailedStep())
	assert.Len(t, notes(s.Notes, report.Breaks), 1)
}

func TestHopsWithFaultsAreNotJudged(t *testing.T) {
	faulted, err := mockserver.ParseFaults("extra")
	require.NoError(t, err)
	faulted.Seed = 1
	_, out := ranOn(t, shipped.WithoutCompany(t), runner.Suite{Faults: faulted}, passes)
	assert.Equal(t, []report.Status{report.Passed}, out.statuses())
	assert.Nil(t, out.scenarios[0].Conformance)

	// Faults that could have faulted it and did not change nothing.
	spared, err := mockserver.ParseFaults("500@0")
	require.NoError(t, err)
	spared.Seed = 1
	_, out = ranOn(t, shipped.WithoutCompany(t), runner.Suite{Faults: spared}, passes)
	assert.Equal(t, []report.Status{report.Failed}, out.statuses())
}

func TestWhatNoRecordingAnswersIsNotJudged(t *testing.T) {
	_, out := ran(t, runner.Suite{Features: scenarios(missing)})
	assert.Equal(t, []report.Status{report.Failed}, out.statuses())
	assert.Nil(t, out.scenarios[0].Conformance)
	assert.Empty(t, out.scenarios[0].Notes)
}

// A scenario that fails for its journey stops a run that stops at failures.
func TestABrokenRequirementIsAFailureForFailFast(t *testing.T) {
	_, out := ranOn(t, shipped.WithoutCompany(t), runner.Suite{FailFast: true, Concurrency: 1}, passes, passes)
	assert.Equal(t, []report.Status{report.Failed, report.NotRun}, out.statuses())
}

func TestRequireExercised(t *testing.T) {
	t.Parallel()
	must := len(conformance.Catalogue())
	for name, row := range map[string]struct {
		suite runner.Suite
		fails bool
	}{
		"one screen exercises little": {runner.Suite{Features: scenarios(passes), RequireExercised: "MUST"}, true},
		"not asked for":               {runner.Suite{Features: scenarios(passes)}, false},
		"a run that did not finish cannot tell": {runner.Suite{
			Features: scenarios(fails, passes), FailFast: true, Concurrency: 1, RequireExercised: "MUST",
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			run, _ := ran(t, row.suite)
			list := notes(run.Notes, report.Unexercised)
			assert.Equal(t, row.fails, run.Failed)
			assert.Equal(t, row.fails, len(list) > 0)
			assert.Less(t, len(list), must)
			if row.fails {
				r := conformance.Lookup("JSON-STEP2-1a")
				assert.Contains(t, list, "JSON-STEP2-1a (MUST) applied to no hop: "+r.Sentence)
				assert.NotContains(t, strings.Join(list, "\n"), "JSON-INTRO-1 ", "that one applied")
				assert.NotContains(t, strings.Join(list, "\n"), "(SHOULD)")
			}
		})
	}
}

// The matrix of a run must stay small, and holds no body: a value that a
// finding shows is a few letters of it.
func TestAFindingIsShort(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	flows := shipped.Edited(t, shipped.FormFile, "capabilities/{{capabilityName}}", "capabilities/"+long)
	_, out := ranOn(t, flows, runner.Suite{}, passes)
	s := out.scenarios[0]
	require.NotEmpty(t, s.Conformance.Failed())
	for _, text := range notes(s.Notes, report.Breaks) {
		assert.Less(t, len(text), 1000)
	}
	for _, f := range s.Conformance.Findings {
		assert.Less(t, len(f.Found), 300)
	}
	assert.WithinDuration(t, time.Now(), s.Began, time.Minute)
}
