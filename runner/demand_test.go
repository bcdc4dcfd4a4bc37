package runner_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/exercised"
	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// held is a run of a journey in which these requirements hold.
func held(shape conformance.Shape) *report.Run {
	j := &conformance.Journey{Name: "one", Hops: 1}
	for _, r := range conformance.Catalogue() {
		if r.Shapes&shape != 0 && r.Outcomes.String() == "every hop" {
			j.Passed.Add(r)
		}
	}
	run := &report.Run{Conformance: &conformance.Matrix{}}
	run.Add(&report.Scenario{Status: report.Passed, Conformance: j})
	run.Conformance.Add(j)
	return run
}

func TestADemandIsAboutTheShapesThatRan(t *testing.T) {
	t.Parallel()
	of := func(shapes conformance.Shape, level conformance.Level) (n int) {
		for _, r := range conformance.Catalogue() {
			if r.Shapes == shapes && r.Level <= level {
				n++
			}
		}
		return n
	}
	require.Positive(t, of(conformance.Detailed, conformance.Must))
	for name, row := range map[string]struct {
		demand string
		ran    conformance.Shape
		spared string // the note, empty without one
		wants  conformance.Shape
	}{
		"only JSON":              {"MUST", conformance.JSON, " requirements of the detailed mode are not demanded: no journey asked for detailed responses", conformance.JSON},
		"only detailed":          {"must", conformance.Detailed, " requirements of the JSON mode are not demanded: every journey asked for detailed responses", conformance.Detailed},
		"both":                   {"SHOULD", conformance.BothShapes, "", conformance.BothShapes},
		"no hop at all":          {"MUST", 0, "", conformance.BothShapes},
		"what is named is meant": {"MUST, detailed-step", conformance.JSON, " requirements of the detailed mode are not demanded: no journey asked for detailed responses", conformance.BothShapes},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := exercised.Parse(row.demand)
			require.NoError(t, err)
			run := held(row.ran)
			d.Hold(run)
			assert.True(t, run.Failed)
			var missing []string
			spared := ""
			for _, n := range run.Notes {
				assert.Equal(t, report.Unexercised, n.Kind)
				if id, _, ok := strings.Cut(n.Text, " ("); ok && strings.Contains(n.Text, ") applied to no hop: ") {
					missing = append(missing, id)
					assert.NotZero(t, conformance.Lookup(id).Shapes&row.wants, id)
					assert.Equal(t, conformance.NotExercised, run.Conformance.Result(conformance.Lookup(id)))
				} else {
					spared = n.Text
				}
			}
			assert.NotEmpty(t, missing)
			if row.spared == "" {
				assert.Empty(t, spared)
			} else {
				assert.Regexp(t, `^[1-9]\d*`+row.spared+`$`, spared)
			}
			before := len(run.Notes)
			d.Hold(run)
			assert.Len(t, run.Notes, before, "what was said is not said again")
		})
	}
}

func TestADemandOfOnlyIDs(t *testing.T) {
	t.Parallel()
	d, err := exercised.Parse("json-step2-1A")
	require.NoError(t, err)
	run := held(conformance.JSON)
	d.Hold(run)
	r := conformance.Lookup("JSON-STEP2-1a")
	if run.Conformance.Result(r) == conformance.NotExercised {
		assert.Equal(t, []report.Note{{Kind: report.Unexercised, Text: r.ID + " (" + r.Level.String() + ") applied to no hop: " + r.Sentence}}, run.Notes)
	}
	assert.Equal(t, len(run.Notes) > 0, run.Failed)
}

func TestPartOfARunDemandsNothing(t *testing.T) {
	t.Parallel()
	d := exercised.Demand{Level: conformance.Must}
	for name, change := range map[string]func(*report.Run){
		"a run that was not whole":   func(r *report.Run) { r.Counts[report.NotRun] = 1 },
		"a run that was interrupted": func(r *report.Run) { r.Interrupted = true },
		"a merge without a shard":    func(r *report.Run) { r.Missing = []int{2} },
		"one shard of several":       func(r *report.Run) { r.Plan.Shard, r.Plan.Shards = 1, 2 },
		"no conformance at all":      func(r *report.Run) { r.Conformance = nil },
	} {
		t.Run(name, func(t *testing.T) {
			run := held(conformance.JSON)
			change(run)
			d.Hold(run)
			assert.False(t, run.Failed)
			assert.Empty(t, run.Notes)
		})
	}
	run := held(conformance.JSON)
	exercised.Demand{}.Hold(run)
	assert.False(t, run.Failed)
}

func TestADemandIsRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		demand exercised.Demand
		fault  string
	}{
		"must":                 {exercised.Demand{Level: conformance.Must}, ""},
		"MUST,SHOULD":          {exercised.Demand{Level: conformance.Should}, ""},
		"Must, JSON-, MODEL-i": {exercised.Demand{Level: conformance.Must, IDs: []string{"JSON-", "MODEL-i"}}, ""},
		"may":                  {exercised.Demand{}, `"may" is neither a level, MUST or SHOULD, nor what the id of a requirement begins with`},
		"MUST,":                {exercised.Demand{}, `"" is neither a level, MUST or SHOULD, nor what the id of a requirement begins with`},
		"NXET-":                {exercised.Demand{}, `"NXET-" is neither a level, MUST or SHOULD, nor what the id of a requirement begins with`},
	} {
		t.Run(text, func(t *testing.T) {
			got, err := exercised.Parse(text)
			if want.fault != "" {
				assert.EqualError(t, err, want.fault)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, want.demand, got)
		})
	}
}

// ends keeps what it was given at the end.
type ends struct {
	report.Discard

	notes int
}

// End implements [report.Reporter].
func (e *ends) End(run *report.Run) { e.notes = len(run.Notes) }

func TestAReporterHasWhatTheRunLacks(t *testing.T) {
	t.Parallel()
	e := &ends{}
	report.Many(exercised.Reporter(exercised.Demand{Level: conformance.Must}), e).End(held(conformance.JSON))
	assert.Positive(t, e.notes)
}
