package output_test

import (
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/output"
	"flowtest/runner/report"
)

var update = flag.Bool("update", false, "write what the reporters print into testdata")

// A story is a run as a reporter sees it.
type story struct {
	plan        report.Plan
	scenarios   []*report.Scenario
	interrupted bool
	took        time.Duration
}

func (s *story) tell(r report.Reporter) {
	run := &report.Run{Plan: s.plan, Duration: s.took, Interrupted: s.interrupted}
	r.Begin(s.plan)
	for _, sc := range s.scenarios {
		run.Add(sc)
		r.Scenario(sc)
	}
	r.End(run)
}

// scenario is one with a step of each of these statuses.
func scenario(name string, steps ...report.Step) *report.Scenario {
	s := &report.Scenario{Feature: "Sign on", Name: name, File: "features/sign-on.feature", Line: 7, Status: report.Passed, Attempt: report.Attempt{Steps: steps}}
	for i := range steps {
		s.Status = max(s.Status, steps[i].Status)
	}
	return s
}

func stories() map[string]*story {
	given := report.Step{Text: `Given the flow "sign-on"`, Line: 4, Status: report.Passed, Duration: time.Millisecond}
	skipped := report.Step{Text: "And the session cookies are set", Line: 12, Status: report.Skipped}

	passed := scenario("Alice signs on", given)
	passed.HopCount = 2
	one := scenario("One hop alone", given)
	one.HopCount = 1
	none := scenario("No hop at all", given)

	failed := scenario("A wrong form", given, report.Step{
		Text: `Then the form has the fields:`, Line: 9, Status: report.Failed,
		Error: "the form has other fields than the table (hop 1, node abc, form \"Sign On Form\"):\n" +
			"  row 1: type is \"TEXT\", want \"PASSWORD\"\n  row 2 is missing: want key \"x\"\n",
	}, skipped)
	failed.HopCount = 3
	failed.Hops = []report.Hop{
		{Number: 2, Request: "GET …/as/authorize", Response: "200 paused", Where: `node abc, form "Sign On Form"`},
		{Number: 3, Request: `POST …/capabilities/customHTMLTemplate, action "SIGNON"`, Response: `400 refused, "Invalid username and/or password"`},
	}
	undefined := scenario("An unknown sentence", report.Step{
		Text: "Given a wish", Line: 20, Status: report.Undefined,
		Error: "undefined: no sentence is like this; the nearest is: Given the user \"alice\"",
	}, skipped)
	undefined.Line = 19
	ambiguous := scenario("A sentence of two meanings", report.Step{
		Text: "Given a thing", Line: 30, Status: report.Ambiguous, Error: "ambiguous: it has several definitions: ^a$ and ^b$",
	})
	ambiguous.Line = 29
	skips := scenario("All is skipped", skipped)
	skips.Began = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	notRun := scenario("The run was stopped", report.Step{Text: "Given x", Line: 41, Status: report.NotRun})
	notRun.Feature, notRun.File = "Registration", "features/registration.feature"
	never := &report.Scenario{
		Feature: "Registration", Name: "It never began", File: "features/registration.feature", Line: 50, Status: report.NotRun,
	}
	network := scenario("Nobody answers", given, report.Step{
		Text: "When I start the flow", Line: 5, Status: report.Failed,
		Error: "flow: GET /as/authorize: dial tcp 127.0.0.1:1: connect: connection refused",
	})
	network.Environment = true
	wordless := scenario("It failed without a step")
	wordless.Status = report.Failed

	replay := report.Plan{Target: "replay", Where: "no flowtest.yaml here: running with the shipped features and recordings"}
	live := report.Plan{Target: "staging", Live: true}
	var many []*report.Scenario
	for i := range 85 {
		s := scenario("Many", given)
		s.HopCount = 1
		if i == 40 {
			s = network
		}
		many = append(many, s)
	}
	sameName := scenario("Alice signs on", given)
	sameName.File, sameName.HopCount = "features/other.feature", 2
	return map[string]*story{
		"all": {
			plan: replay, took: 1234 * time.Millisecond, interrupted: true,
			scenarios: []*report.Scenario{passed, one, none, failed, undefined, ambiguous, skips, notRun, never},
		},
		"passed":  {plan: replay, took: 40 * time.Millisecond, scenarios: []*report.Scenario{passed, sameName}},
		"live":    {plan: live, took: 61*time.Second + 700*time.Millisecond, scenarios: []*report.Scenario{passed, network, failed}},
		"columns": {plan: live, took: 100*time.Minute + time.Second, scenarios: many},
		"nothing": {plan: report.Plan{Target: "replay"}},
		"steps":   {plan: replay, scenarios: []*report.Scenario{wordless}},
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	for name, s := range stories() {
		for suffix, color := range map[string]bool{"": false, ".color": true} {
			for format, reporter := range map[string]func(*strings.Builder) report.Reporter{
				"pretty":   func(b *strings.Builder) report.Reporter { return output.NewPretty(b, color) },
				"progress": func(b *strings.Builder) report.Reporter { return output.NewProgress(b, color) },
			} {
				file := name + "." + format + suffix + ".txt"
				t.Run(file, func(t *testing.T) {
					var b strings.Builder
					s.tell(reporter(&b))
					golden(t, file, b.String())
					assert.Equal(t, color, strings.Contains(b.String(), "\x1b["))
				})
			}
		}
	}
}

// golden compares text with a file below testdata, in which the sign for a
// color is written as ␛.
func golden(t *testing.T, name, text string) {
	t.Helper()
	text = strings.ReplaceAll(text, "\x1b", "␛")
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "go test ./runner/internal/output -update writes it")
	assert.Equal(t, strings.ReplaceAll(string(want), "\r\n", "\n"), text)
}

// Color is nothing but color: without it the text is the same.
func TestColorChangesNoWord(t *testing.T) {
	t.Parallel()
	for name, s := range stories() {
		t.Run(name, func(t *testing.T) {
			var plain, colored strings.Builder
			s.tell(output.NewPretty(&plain, false))
			s.tell(output.NewPretty(&colored, true))
			bare := colored.String()
			for _, code := range []string{"0", "1", "2", "31", "32", "33"} {
				bare = strings.ReplaceAll(bare, "\x1b["+code+"m", "")
			}
			assert.Equal(t, plain.String(), bare)
		})
	}
}

// A broken writer takes so many writes.
type broken struct{ left, calls int }

var errFull = errors.New("no space left on device")

func (b *broken) Write(p []byte) (int, error) {
	b.calls++
	if b.left--; b.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestAReporterStopsWritingAtTheFirstError(t *testing.T) {
	t.Parallel()
	for name, reporter := range map[string]func(*broken) report.Reporter{
		"pretty":   func(b *broken) report.Reporter { return output.NewPretty(b, false) },
		"progress": func(b *broken) report.Reporter { return output.NewProgress(b, false) },
	} {
		t.Run(name, func(t *testing.T) {
			b := &broken{left: 2}
			stories()["all"].tell(reporter(b))
			assert.Equal(t, 3, b.calls)
		})
	}
}

// Words of the service stand in the error texts as they came.
func TestWordsOfTheServiceDoNotSteerTheTerminal(t *testing.T) {
	t.Parallel()
	s := scenario("x", report.Step{Text: "Then it works", Status: report.Failed, Error: "it says \x1b[2J\x1b]0;owned\x07 and \r\b"})
	s.Hops = []report.Hop{{Number: 1, Request: "GET /\x1b[1m", Response: "400 \x9b31m\x1b", Where: "node \x1bc"}}
	for name, reporter := range map[string]func(*strings.Builder) report.Reporter{
		"pretty":   func(b *strings.Builder) report.Reporter { return output.NewPretty(b, false) },
		"progress": func(b *strings.Builder) report.Reporter { return output.NewProgress(b, false) },
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			(&story{scenarios: []*report.Scenario{s}}).tell(reporter(&b))
			assert.NotContains(t, b.String(), "\x1b")
			assert.NotContains(t, b.String(), "\x07")
			assert.NotContains(t, b.String(), "\r")
			assert.NotContains(t, b.String(), "\b")
		})
	}
}

// A CI server reads commands to itself in the log of a job. Words of the service are none.
func TestWordsOfTheServiceAreNoCommandsOfACIServer(t *testing.T) {
	t.Parallel()
	const words = "::add-mask::a\n \t::stop-commands::b\n\u00a0\u200b::c::\n\n::d::\nx ##[error]e ##vso[task.setvariable]f ##TeamCity[g]"
	s := scenario(words, report.Step{Text: words, Status: report.Failed, Error: words, DocString: new(words)})
	s.Feature, s.File, s.Notes = words, "::f.feature", []report.Note{{Kind: report.Breaks, Text: words}}
	s.Hops = []report.Hop{{Number: 1, Request: words, Response: words, Where: words}}
	command := regexp.MustCompile(`(?im)^[\s\p{Z}\p{Cf}]*::|##\[|##vso\[|##teamcity\[`)
	all := formats()
	all["pretty"] = func(w io.Writer) report.Reporter { return output.NewPretty(w, false) }
	all["progress"] = func(w io.Writer) report.Reporter { return output.NewProgress(w, false) }
	delete(all, "github")  // which writes commands
	delete(all, "summary") // which is a file
	for name, reporter := range all {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			(&story{scenarios: []*report.Scenario{s}}).tell(reporter(&b))
			assert.Empty(t, command.FindAllString(b.String(), -1), b.String())
			if name != "json" {
				return
			}
			var event struct{ Scenario struct{ Name string } }
			lines := strings.Split(b.String(), "\n")
			require.NoError(t, json.Unmarshal([]byte(lines[1]), &event))
			assert.Equal(t, words, event.Scenario.Name)
		})
	}
	var b strings.Builder
	(&story{scenarios: []*report.Scenario{s}}).tell(output.NewGitHub(&b, asShown, false))
	for line := range strings.Lines(b.String()) {
		assert.Regexp(t, `^(::error |::warning )`, line)
	}
}
