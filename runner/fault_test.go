package runner_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner"
	"flowtest/runner/internal/target"
	"flowtest/runner/report"
)

// seeded parses a SPEC.
func seeded(t *testing.T, spec string, seed uint64) mockserver.Faults {
	t.Helper()
	f, err := mockserver.ParseFaults(spec)
	require.NoError(t, err)
	f.Seed = seed
	return f
}

// fates writes the result of each scenario and which faults it says applied:
// the ids in the rest of its error are fresh each time.
func fates(c *collector) []string {
	var out []string
	for _, s := range c.scenarios {
		line := fmt.Sprintf("%s:%d %s, environment %t", s.File, s.Line, s.Status, s.Environment)
		if st := s.FailedStep(); st != nil {
			lines := strings.Split(st.Error, "\n")
			line += fmt.Sprintf(", line %d: %s", st.Line, lines[len(lines)-1])
		}
		out = append(out, line)
	}
	return out
}

func TestTheSameSeedGivesTheSameVerdicts(t *testing.T) {
	t.Parallel()
	run := func(seed uint64, concurrency int) []string {
		const spec = "500@0.1,drop@0.05,half@0.05,html@0.05,expired@0.1,missing@0.1,extra@0.3,reordered@0.3,latency=2ms~2ms@0.5"
		_, out := ran(t, runner.Suite{
			Features: shippedFeatures(), Faults: seeded(t, spec, seed), Concurrency: concurrency,
			Tags: "@smoke or @mfa or @registration or @errors or @social", // about half of them
		})
		for _, s := range out.scenarios {
			if s.Status == report.Failed && s.Environment {
				assert.Regexp(t, `fault (drop|half) at hop`, s.FailedStep().Error)
			}
		}
		return fates(out)
	}
	first := run(42, 8)
	assert.Equal(t, first, run(42, 1))
	assert.NotEqual(t, first, run(43, 8))
	assert.Contains(t, strings.Join(first, "\n"), " passed,")
	assert.Contains(t, strings.Join(first, "\n"), "(seed 42)")
}

const underFaults = `Feature: Under faults
  Background:
    Given the flow "sign-on"

  @fault:%s
  Scenario: Alice signs on
    When I start the flow
    And I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | ${user.password} |
    Then the flow completes
`

func TestAFailureNamesTheFault(t *testing.T) {
	t.Parallel()
	for spec, row := range map[string]struct {
		want        string
		environment bool
	}{
		"500": {
			"the flow waits at no screen: hop 1 failed (500: Internal Server Error)\nfault 500 at hop 1 (seed 42)", false,
		},
		"drop": {"GET /" + mockserver.DefaultEnvironment + "/as/authorize: connection reset by peer\nfault drop at hop 1 (seed 42)", true},
		"expired": {
			"the flow failed with \"1999\": Unauthorized! (the interaction is unknown, has expired, or its handles are missing)" +
				" [flow], want it to complete (hop 2)\nfault expired at hop 2 (seed 42)", false,
		},
		"missing=password,extra=property": {
			"fill in \"password\": the screen \"Sign On Form\" has no such field, it has username (\"Username\")\n" +
				"fault missing=password at hop 1, fault extra=property at hop 1 (seed 42)", false,
		},
	} {
		t.Run(spec, func(t *testing.T) {
			t.Parallel()
			_, out := ran(t, runner.Suite{
				Features: []runner.Source{feature("a.feature", fmt.Sprintf(underFaults, spec))}, Faults: seeded(t, "html", 42),
			})
			require.Len(t, out.scenarios, 1)
			s := out.scenarios[0]
			require.Equal(t, report.Failed, s.Status)
			assert.Contains(t, s.FailedStep().Error, row.want)
			assert.NotContains(t, s.FailedStep().Error, "html", "the tag's faults stand in the place of the run's")
			assert.Equal(t, row.environment, s.Environment)
		})
	}
}

func TestEvidenceNamesTheFaultOfAHop(t *testing.T) {
	t.Parallel()
	responses := func(text string) (list []string) {
		_, out := ran(t, runner.Suite{
			Features: []runner.Source{feature("a.feature", text)}, Faults: seeded(t, "html", 42), Evidence: true,
		})
		require.Equal(t, report.Passed, out.scenarios[0].Status)
		for _, h := range out.scenarios[0].Hops {
			list = append(list, h.Response)
		}
		return list
	}
	text := fmt.Sprintf(underFaults, "extra=property,reordered")
	assert.Equal(t, []string{
		"200 paused (fault extra=property, fault reordered)", "200 completed (fault extra=property, fault reordered)",
	}, responses(text))
	twice := strings.Replace(text, "    When I start the flow\n", "    When I start the flow\n    And I start the flow\n", 1)
	assert.Equal(t, []string{"200 paused", "200 paused", "200 completed"}, responses(twice), "hops of two journeys have one number")
}

func TestALimitedScenarioWaitsAndGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		_, out := ran(t, runner.Suite{Features: []runner.Source{feature("a.feature", fmt.Sprintf(underFaults, "429=2s"))}})
		assert.Equal(t, report.Passed, out.scenarios[0].Status)
		assert.Equal(t, 4*time.Second, time.Since(begin))
	})
}

// begun keeps the plan of a run.
type begun struct {
	report.Discard

	plan report.Plan
}

// Begin implements report.Reporter.
func (b *begun) Begin(p report.Plan) { b.plan = p }

func TestTheHeadNamesFaultsAndSeed(t *testing.T) {
	t.Parallel()
	where := func(tag string, f mockserver.Faults, line string) string {
		out := &begun{}
		s := runner.Suite{
			Features: []runner.Source{feature("a.feature", fmt.Sprintf(underFaults, tag))},
			Target:   replayTarget(t), Recordings: shipped.Flows(t), Faults: f, Plan: report.Plan{Where: line}, Reporter: out,
		}
		_, err := s.Run(t.Context())
		require.NoError(t, err)
		return out.plan.Where
	}
	assert.Equal(t, "here · faults extra@0.5 (seed 42)", where("extra", seeded(t, "extra@0.5", 42), "here"))
	assert.Equal(t, "faults by tags (seed 7)", where("extra", mockserver.Faults{Seed: 7}, ""))
	assert.Regexp(t, `^faults extra@0\.5 \(seed [1-9]\d*\)$`, where("extra", seeded(t, "extra@0.5", 0), ""))
}

func TestWithoutFaultsTheHeadIsAsItWas(t *testing.T) {
	t.Parallel()
	out := &begun{}
	s := runner.Suite{
		Features: []runner.Source{feature("a.feature", tagged)}, Target: replayTarget(t), Recordings: shipped.Flows(t),
		Faults: mockserver.Faults{Seed: 42}, Plan: report.Plan{Where: "here"}, Reporter: out,
	}
	_, err := s.Run(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "here", out.plan.Where)
}

func TestFaultsThatARunRefuses(t *testing.T) {
	t.Parallel()
	live := &target.Target{Name: "staging", Live: &target.Live{}}
	plain := strings.Replace(underFaults, "@fault:%s", "@a", 1)
	for name, row := range map[string]struct {
		suite runner.Suite
		want  string
	}{
		"a live target": {
			runner.Suite{Features: []runner.Source{feature("a.feature", plain)}, Target: live, Faults: seeded(t, "500", 1)},
			`faults apply only to a replay, and the target "staging" is live`,
		},
		"a tag on a live target": {
			runner.Suite{Features: []runner.Source{feature("a.feature", fmt.Sprintf(underFaults, "500:0.1"))}, Target: live},
			`@fault:500:0.1 applies only to a replay, and the target "staging" is live: ` +
				`choose other scenarios, as with --tags "not (@fault:500:0.1)"`,
		},
		"a tag with an @": {
			runner.Suite{Features: []runner.Source{feature("a.feature", fmt.Sprintf(underFaults, "500@0.1"))}},
			"a.feature:6: the tag @fault:500 is cut off before @0.1: in a tag a colon comes before the probability, as in @fault:500:0.1",
		},
		"a tag with a slip": {
			runner.Suite{Features: []runner.Source{feature("a.feature", fmt.Sprintf(underFaults, "latecy=1s"))}},
			`a.feature:6: the tag @fault:latecy=1s: fault "latecy" is unknown, want latency, 429, 500, drop, half, html, expired, ` +
				`extra, reordered or missing; did you mean "latency"?`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := refused(t, row.suite)
			assert.EqualError(t, err, row.want)
		})
	}
}
