package output_test

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// featureText is the feature file of the sample run.
const featureText = `@sign-on
Feature: Sign on
  A person signs on with a password.

  Background:
    Given the flow "sign-on"

  @smoke
  Scenario: Alice signs on
    When I start the flow
    Then the flow pauses at "Sign On Form"
    When I press "SIGNON"
    Then the flow is completed

  Scenario: The form has its fields
    When I start the flow
    Then the form has the fields:
      | key      | type     |
      | username | TEXT     |
      | password | PASSWORD |
    And the session cookies are set

  Scenario Outline: <button> is offered
    When I start the flow
    Then the form offers "<button>"

    Examples:
      | button   |
      | SIGNON   |
      | REGISTER |

  Rule: Nobody answers
    Scenario: The service is away
      When I start the flow

  Scenario: A sentence nobody knows
    Given a wish

  Scenario: It is skipped
    Given the flow "sign-on"

  Scenario: It never begins
    Given the flow "sign-on"

  Scenario: It breaks a requirement
    When I start the flow
`

const signOnForm = `{"id":"65u7m8cm28","interactionId":"00f4-%d","eventName":"continue","capabilityName":"customForm",` +
	`"form":{"name":"Sign On Form","category":"CUSTOM_FORM","components":{"fields":[` +
	`{"type":"TEXT","key":"username","label":"User name","required":true},` +
	`{"type":"PASSWORD","key":"password","label":"Password","required":true},` +
	`{"type":"SUBMIT_BUTTON","key":"SIGNON","label":"Sign on"},` +
	`{"type":"FLOW_LINK","key":"REGISTER","label":"No account? <Register>"}]}},` +
	`"_links":{"next":{"href":"https://auth.example.com/env/davinci/connections/c/capabilities/customForm"}}}`

const signOnPage = `<!doctype html><style>@import url(https://cdn.example.com/x.css); h1{color:#224}</style>` +
	`<h1>Welcome</h1><img src="https://cdn.example.com/logo.png"><script>document.title = "owned"</script>` +
	`<form action="https://auth.example.com/"><label>User name <input name="username" onfocus="x()"></label> <button>Sign on</button></form>`

// The requirements of the sample run are invented, except for their form.
var (
	reqForm = &conformance.Requirement{
		ID: "SAMPLE-FORM", Level: conformance.Must, Sentence: "A screen carries a form with a name.",
		Page: "Sample page", Section: "Step 1", Shapes: conformance.JSON, Outcomes: 1,
	}
	reqCookie = &conformance.Requirement{
		ID: "SAMPLE-COOKIE", Level: conformance.Should, Sentence: "A completed flow sets the session cookies.",
		Page: "Sample page", Section: "Step 3", Doubt: "One page says always, another says for sign-on alone.",
	}
	reqNever = &conformance.Requirement{ID: "SAMPLE-NEVER", Level: conformance.May, Sentence: "Something that never happens here."}
	reqLink  = &conformance.Requirement{ID: "SAMPLE-LINK", Level: conformance.Should, Sentence: "The next link is followed."}
)

var sampleBegan = time.Date(2026, 3, 4, 5, 6, 7, 8000, time.UTC)

func finding(r *conformance.Requirement, result conformance.Result, hop int) conformance.Finding {
	f := conformance.Finding{Requirement: r, Result: result, Hop: hop}
	if result > conformance.Passed {
		f.Path, f.Found, f.Wanted = "form.name", `"Sign <On>"`, "a name without brackets"
	}
	return f
}

func startHop(n int) report.Hop {
	return report.Hop{
		Number: 1, Request: "GET …/as/authorize", Response: "200 paused", Where: `node 65u7m8cm28, form "Sign On Form"`,
		Duration: 12 * time.Millisecond, Step: 1, Asserted: []int{2},
		Evidence: &report.Evidence{
			Method: "GET", URL: "https://auth.example.com/env/as/authorize?client_id=app&state=[redacted]",
			RequestHeader: http.Header{"X-Requested-With": {"ping-sdk"}, "Accept": {"application/json"}},
			Status:        200, Header: http.Header{"Content-Type": {"application/json"}, "Set-Cookie": {"interactionToken=[redacted]; Secure", "interactionId=[redacted]"}},
			Body: fmt.Appendf(nil, signOnForm, n), Outcome: "paused", Began: sampleBegan,
			Findings: []conformance.Finding{finding(reqForm, conformance.Passed, 1), finding(reqLink, conformance.Passed, 1)},
			Screen: &report.Screen{
				Name: "Sign On Form", Node: "65u7m8cm28", Capability: "customForm",
				Fields: []report.Field{
					{Key: "username", Type: "TEXT", Label: "User name", Required: true},
					{Key: "password", Type: "PASSWORD", Label: "Password", Required: true},
					{Key: "region", Type: "DROPDOWN", Label: "Region", Options: []string{"Europe", "<Asia>"}},
					{Key: "SIGNON", Type: "SUBMIT_BUTTON", Label: "Sign on", Button: true},
					{Key: "REGISTER", Type: "FLOW_LINK", Label: "No account? <Register>", Button: true},
				},
			},
		},
	}
}

func pressHop(outcome string, result conformance.Result) report.Hop {
	h := report.Hop{
		Number: 2, Request: `POST …/capabilities/customForm, action "SIGNON"`, Response: "200 " + outcome, Step: 3, Asserted: []int{4},
		Duration: 34 * time.Millisecond,
		Evidence: &report.Evidence{
			Method: "POST", URL: "https://auth.example.com/env/davinci/connections/c/capabilities/customForm",
			RequestHeader: http.Header{"Content-Type": {"application/json"}, "Interactiontoken": {"[redacted]"}},
			RequestBody:   []byte(`{"id": "65u7m8cm28", "parameters": {"data": {"formData": {"username": "alice", "password": "[redacted]"}}}}`),
			Status:        200, Header: http.Header{"Content-Type": {"application/json"}},
			Body: []byte(`{"capabilityName":"returnSuccessResponseRedirect","success":true,"authorizeResponse":{"code":"[redacted]"}}`), Outcome: outcome,
			Began: sampleBegan.Add(time.Second), Findings: []conformance.Finding{finding(reqCookie, result, 2)},
		},
	}
	return h
}

// busyHop is the answer of a service that has too much to do.
func busyHop(body string) report.Hop {
	h := startHop(0)
	h.Response, h.Where, h.Asserted = "503 failed, BUSY (network): come back later", "", nil
	h.Evidence.Status, h.Evidence.Outcome, h.Evidence.Screen, h.Evidence.Body = 503, "failed", nil, []byte(body)
	h.Evidence.Origin, h.Evidence.Message = "network", "come back later"
	h.Evidence.Findings = []conformance.Finding{finding(reqLink, conformance.Passed, 1), finding(reqForm, conformance.Warning, 1)}
	return h
}

// triedBefore gives a scenario attempts that failed at its second step, each
// with one hop.
func triedBefore(s *report.Scenario, hops ...report.Hop) *report.Scenario {
	for i, h := range hops {
		a := report.Attempt{
			Origin: "network", Steps: append([]report.Step{}, s.Steps...), Hops: []report.Hop{h}, HopCount: 1,
			Began: sampleBegan.Add(-time.Minute), Duration: 40 * time.Millisecond,
		}
		a.Steps[1].Status, a.Steps[1].Error = report.Failed, fmt.Sprintf("try %d: the service answers 503\n  BUSY", i+1)
		for k := 2; k < len(a.Steps); k++ {
			a.Steps[k].Status = report.Skipped
		}
		a.Note = fmt.Sprintf("attempt %d failed at line %d (network): %s", i+1, a.Steps[1].Line, a.Steps[1].Error)
		s.Notes = append(s.Notes, report.Note{Kind: report.Retried, Text: a.Note})
		s.Earlier = append(s.Earlier, a)
	}
	return s
}

func sampleStep(keyword string, line int, status report.Status) report.Step {
	return report.Step{Text: keyword, Line: line, Status: status, Duration: 15 * time.Millisecond}
}

// sampleRun is a run with a scenario of every status, with evidence.
func sampleRun() *story {
	const file = "features/sign-on/sign-on.feature"
	flow := sampleStep(`Given the flow "sign-on"`, 6, report.Passed)
	flow.Definition = 1
	start := func(line int, status report.Status) report.Step {
		return sampleStep("When I start the flow", line, status)
	}
	base := func(name string, line int, status report.Status, steps ...report.Step) *report.Scenario {
		return &report.Scenario{
			Feature: "Sign on", Name: name, File: file, Line: line, Tags: []string{"@sign-on"}, Status: status,
			Attempt: report.Attempt{Steps: append([]report.Step{flow}, steps...), Began: sampleBegan, Duration: 250 * time.Millisecond}, Flow: "sign-on",
		}
	}
	var all []*report.Scenario

	s := base("Alice signs on", 9, report.Passed, start(10, report.Passed),
		sampleStep(`Then the flow pauses at "Sign On Form"`, 11, report.Passed),
		sampleStep(`When I press "SIGNON"`, 12, report.Passed), sampleStep("Then the flow is completed", 13, report.Passed))
	s.Tags = append(s.Tags, "@smoke")
	s.Hops, s.HopCount = []report.Hop{startHop(1), pressHop("completed", conformance.Passed)}, 2
	all = append(all, s)

	fields := sampleStep("Then the form has the fields:", 17, report.Failed)
	fields.Error = "the form has other fields than the table (hop 1, node 65u7m8cm28, form \"Sign On Form\"):\n" +
		"  row 1: type is \"TEXT\", want \"PASSWORD\"\n  row 2 is missing: want key \"<x>\" & `y`\n"
	s = base("The form has its fields", 15, report.Failed, start(16, report.Passed), fields,
		sampleStep("And the session cookies are set", 21, report.Skipped))
	h := startHop(2)
	h.Evidence.Findings = append(h.Evidence.Findings, finding(reqForm, conformance.Violated, 1), finding(reqCookie, conformance.Review, 1))
	s.Hops, s.HopCount = []report.Hop{h}, 1
	all = append(all, s)

	s = base("SIGNON is offered (row 1)", 29, report.Passed, start(24, report.Passed), sampleStep(`Then the form offers "SIGNON"`, 25, report.Passed))
	h = startHop(3)
	h.Evidence.Detailed, h.Evidence.Screen.HTML = true, signOnPage
	s.Hops, s.HopCount = []report.Hop{h}, 1
	all = append(all, s)

	s = base("REGISTER is offered (row 2)", 30, report.Flaky, start(24, report.Passed), sampleStep(`Then the form offers "REGISTER"`, 25, report.Passed))
	s.Hops, s.HopCount = []report.Hop{startHop(4)}, 1
	all = append(all, triedBefore(s, busyHop("busy <1>")))

	away := start(34, report.Failed)
	away.Error = "flow: GET /env/as/authorize: dial tcp 127.0.0.1:1: connect: connection refused"
	s = base("The service is away", 33, report.Failed, away)
	s.Environment = true
	all = append(all, triedBefore(s, busyHop("busy & tired"), busyHop("still busy")))

	wish := sampleStep("Given a wish", 37, report.Undefined)
	wish.Error = `undefined: no sentence is like this; the nearest is: Given the user "alice"`
	s = base("A sentence nobody knows", 36, report.Undefined, wish)
	s.Began, s.Flow = time.Time{}, ""
	all = append(all, s)

	s = base("It is skipped", 39, report.Skipped, sampleStep(`Given the flow "sign-on"`, 40, report.Skipped))
	all = append(all, s)
	all = append(all, &report.Scenario{Feature: "Sign on", Name: "It never begins", File: file, Line: 42, Status: report.NotRun})

	s = base("It breaks a requirement", 45, report.Failed, start(46, report.Passed))
	s.Notes = []report.Note{{Kind: report.Breaks, Text: "hop 1 breaks SAMPLE-FORM: form.name is \"\", want a name"}}
	s.Hops, s.HopCount = []report.Hop{startHop(5)}, 1
	all = append(all, s)

	other := base("A file without its text", 3, report.Known)
	other.Feature, other.File, other.Flow = "Elsewhere", "features/elsewhere.feature", ""
	other.Steps[0].Status, other.Steps[0].Error = report.Failed, `the flow has no screen "Elsewhere"`
	other.Notes = []report.Note{{Kind: report.WhyKnown, Text: "known-failures.yaml:3: waits for the new form"}}
	all = append(all, other)

	for i, s := range all {
		s.Number = i + 1
	}
	return &story{
		took: 1234 * time.Millisecond, scenarios: all,
		plan: report.Plan{
			Target: "staging", Live: true, Where: "features of this folder", Scenarios: len(all), Run: "run-7", Version: "1.2.3", Began: sampleBegan,
			Source: func(name string) string {
				if name == file {
					return featureText
				}
				return ""
			},
			Definitions:  []report.Definition{{Pattern: `^the flow "([^"]*)"$`, File: "steps/start.go", Line: 12}, {Pattern: "^I start the flow$"}},
			Requirements: []*conformance.Requirement{reqForm, reqCookie, reqNever},
		},
	}
}

// manyScenarios is a run of n scenarios of three hops and eight assertions, of
// which every fiftieth fails.
func manyScenarios(n int) (report.Plan, func(i int) *report.Scenario) {
	plan := report.Plan{Target: "replay", Scenarios: n, Began: sampleBegan}
	plan.Source = func(file string) string {
		var b strings.Builder
		b.WriteString("Feature: Many in " + file + "\n")
		for range 100 {
			b.WriteString("\n  Scenario: One of many\n    Given the flow \"sign-on\"\n    When I start the flow\n" +
				strings.Repeat("    Then the flow pauses at \"Sign On Form\"\n", 8))
		}
		return b.String()
	}
	return plan, func(i int) *report.Scenario {
		s := &report.Scenario{
			Feature: "Many", Name: fmt.Sprintf("One of many, %d", i), File: fmt.Sprintf("features/many-%d.feature", i/100),
			Line: 3 + i%100*12, Status: report.Passed, Flow: "sign-on", Attempt: report.Attempt{HopCount: 3, Began: sampleBegan, Duration: 20 * time.Millisecond},
			Tags: []string{fmt.Sprintf("@t%d", i%7)}, Number: i + 1,
		}
		s.Steps = []report.Step{sampleStep(`Given the flow "sign-on"`, s.Line+1, report.Passed), sampleStep("When I start the flow", s.Line+2, report.Passed)}
		for k := range 8 {
			s.Steps = append(s.Steps, sampleStep(`Then the flow pauses at "Sign On Form"`, s.Line+3+k, report.Passed))
		}
		for hop := range 3 {
			h := startHop(i*3 + hop)
			h.Number = hop + 1
			for k := range 60 {
				h.Evidence.Findings = append(h.Evidence.Findings, conformance.Finding{Requirement: manyRequirements[k], Result: conformance.Passed, Hop: hop + 1})
			}
			s.Hops = append(s.Hops, h)
		}
		if i%50 == 49 {
			s.Status, s.Steps[4].Status, s.Steps[4].Error = report.Failed, report.Failed, `the flow pauses at "Other", want "Sign On Form"`
		}
		return s
	}
}

var manyRequirements = func() (out []*conformance.Requirement) {
	for k := range 60 {
		out = append(out, &conformance.Requirement{ID: fmt.Sprintf("SAMPLE-%02d", k), Level: conformance.Must, Sentence: fmt.Sprintf("The sample keeps rule number %d of the made-up page.", k)})
	}
	return out
}()
