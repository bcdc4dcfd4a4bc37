package runner_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/runner"
	"flowtest/runner/internal/target"
	"flowtest/runner/report"
)

const signsOn = `Given the flow "sign-on"
When I start the flow
Then the flow pauses at "Sign On Form"
And "interactionId" is present
When I fill in "username" with "${user.username}"
And I fill in "password" with "${user.password}"
And I press "SIGNON"
Then the flow completes`

// withEvidence runs one scenario that passes, with evidence.
func withEvidence(t *testing.T, s runner.Suite, steps string) *report.Scenario {
	t.Helper()
	s.Features, s.Evidence = scenarios(steps), true
	_, out := ran(t, s)
	require.Equal(t, report.Passed, out.scenarios[0].Status, "%+v", out.scenarios[0].FailedStep())
	return out.scenarios[0]
}

func TestEvidenceKeepsEveryHopInFull(t *testing.T) {
	s := withEvidence(t, runner.Suite{}, signsOn)
	require.Len(t, s.Hops, 2)
	first, last := s.Hops[0], s.Hops[1]

	assert.Equal(t, 1, first.Number)
	assert.Equal(t, 1, first.Step, "When I start the flow")
	assert.Equal(t, []int{2, 3}, first.Asserted)
	e := first.Evidence
	require.NotNil(t, e)
	assert.Equal(t, "GET", e.Method)
	at, query, _ := strings.Cut(e.URL, "?")
	assert.Regexp(t, `^https://auth\.flowtest\.invalid/[0-9a-f-]{36}/as/authorize$`, at)
	asked, err := url.ParseQuery(query)
	require.NoError(t, err)
	assert.Equal(t, "pi.flow", asked.Get("response_mode"))
	assert.Equal(t, "flowtest-replay", asked.Get("client_id"))
	assert.Equal(t, "[redacted]", asked.Get("state"))
	assert.Equal(t, "[redacted]", asked.Get("code_challenge"))
	assert.Equal(t, []string{"ping-sdk"}, e.RequestHeader["X-Requested-With"])
	assert.Nil(t, e.RequestBody)
	assert.Equal(t, 200, e.Status)
	assert.Equal(t, "application/json", strings.Split(e.Header.Get("Content-Type"), ";")[0])
	assert.Equal(t, "Sign On Form", gjson.GetBytes(e.Body, "form.name").String())
	assert.Equal(t, "[redacted]", gjson.GetBytes(e.Body, "interactionToken").String())
	assert.Equal(t, "paused", e.Outcome)
	assert.False(t, e.Detailed)
	assert.WithinDuration(t, time.Now(), e.Began, time.Minute)
	assert.Equal(t, &report.Screen{
		Name: "Sign On Form", Node: "vd6qrg8bkx", Capability: "customHTMLTemplate",
		Fields: []report.Field{
			{Key: "username", Type: "TEXT", Label: "Username"},
			{Key: "password", Type: "PASSWORD", Label: "Password"},
			{Key: "SIGNON", Type: "SUBMIT_BUTTON", Label: "Sign On", Button: true},
			{Key: "REGISTER", Type: "FLOW_BUTTON", Label: "No account? Register now!", Button: true},
			{Key: "TROUBLE", Type: "FLOW_BUTTON", Label: "Having trouble signing on?", Button: true},
		},
	}, e.Screen)

	assert.Equal(t, 6, last.Step, `And I press "SIGNON"`)
	assert.Equal(t, []int{7}, last.Asserted)
	e = last.Evidence
	require.NotNil(t, e)
	assert.Equal(t, "POST", e.Method)
	assert.Equal(t, []string{"[redacted]"}, e.RequestHeader["Interactiontoken"])
	assert.Equal(t, "[redacted]", gjson.GetBytes(e.RequestBody, "parameters.data.formData.password").String())
	assert.Equal(t, "alice", gjson.GetBytes(e.RequestBody, "parameters.data.formData.username").String())
	assert.Equal(t, "completed", e.Outcome)
	assert.Nil(t, e.Screen)
	assert.Equal(t, "[redacted]", gjson.GetBytes(e.Body, "authorizeResponse.code").String())
	require.NotEmpty(t, e.Header["Set-Cookie"])
	for _, c := range e.Header["Set-Cookie"] {
		assert.Regexp(t, `^(ST|ST-NO-SS|interactionId|interactionToken)=\[redacted\];.*Path=/`, c, "its name and its attributes stay")
	}
	for _, h := range s.Hops {
		for _, f := range h.Evidence.Findings {
			assert.Equal(t, h.Number, f.Hop)
		}
		assert.Greater(t, h.Evidence.Passed.Len(), 10, "what holds is listed too")
	}
}

func TestEvidenceOfADetailedScreenHasItsHTML(t *testing.T) {
	s := withEvidence(t, runner.Suite{}, "Given the flow \"sign-on\"\nAnd detailed responses\nWhen I start the flow\nThen the flow pauses at \"Sign On Form\"")
	e := s.Hops[0].Evidence
	assert.True(t, e.Detailed)
	require.NotNil(t, e.Screen)
	assert.Contains(t, e.Screen.HTML, "<")
	assert.Empty(t, e.RequestHeader["X-Requested-With"])
}

func TestEvidenceHasTheChoicesOfAField(t *testing.T) {
	s := withEvidence(t, runner.Suite{}, starts+"\nAnd I press \"REGISTER\"\nThen the flow pauses at \"Registration Form\"")
	options := 0
	for _, f := range s.Hops[1].Evidence.Screen.Fields {
		for _, o := range f.Options {
			assert.NotContains(t, o, "{", "a label, not the JSON of the choice")
		}
		options += len(f.Options)
	}
	assert.Equal(t, gjson.GetBytes(s.Hops[1].Evidence.Body, "form.components.fields.#.options|@flatten|#").Int(), int64(options))
}

func TestWithoutEvidenceAPassKeepsNothing(t *testing.T) {
	_, out := ran(t, runner.Suite{Features: scenarios(signsOn, signsOn+"\nAnd the flow is refused")})
	assert.Empty(t, out.scenarios[0].Hops)
	assert.Equal(t, 2, out.scenarios[0].HopCount)
	for _, h := range out.scenarios[1].Hops {
		assert.Nil(t, h.Evidence, "only in short")
	}
}

func TestFindingsAreNoEvidenceWhereNothingIsJudged(t *testing.T) {
	s := withEvidence(t, runner.Suite{Conformance: runner.OffBroken}, signsOn)
	for _, h := range s.Hops {
		assert.Empty(t, h.Evidence.Findings)
		assert.Zero(t, h.Evidence.Passed)
	}
}

// Whatever a user knows, and whatever the flow hands out, is in no evidence.
func TestEvidenceHoldsNoSecret(t *testing.T) {
	password := target.Demo()["alice"]["password"]
	require.NotEmpty(t, password)
	for name, detailed := range map[string]string{"JSON": "", "detailed": "And detailed responses\n"} {
		t.Run(name, func(t *testing.T) {
			s := withEvidence(t, runner.Suite{}, strings.Replace(signsOn, "When", detailed+"When", 1))
			for _, h := range s.Hops {
				e := h.Evidence
				for _, text := range []string{e.URL, string(e.RequestBody), string(e.Body), e.Message} {
					assert.NotContains(t, text, password)
				}
				for _, path := range []string{"interactionToken", "authorizeResponse.code", "session.id", "sessionToken"} {
					if v := gjson.GetBytes(e.Body, path); v.Exists() {
						assert.Equal(t, "[redacted]", v.String(), path)
					}
				}
				for name, values := range e.RequestHeader {
					for _, v := range values {
						if name == "Cookie" || name == "Interactiontoken" {
							assert.Equal(t, "[redacted]", v, name)
						}
					}
				}
			}
		})
	}
}
