package runner_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner"
	"flowtest/runner/report"
)

func TestStatusesAreCounted(t *testing.T) {
	run, out := ran(t, runner.Suite{Features: scenarios(passes, fails, undefined, stepless, passes, missing)})
	assert.Equal(t, []report.Status{
		report.Passed, report.Failed, report.Undefined, report.Undefined, report.Passed, report.Failed,
	}, out.statuses())
	assert.Equal(t, 6, run.Total())
	assert.Equal(t, 2, run.Counts[report.Passed])
	assert.Equal(t, 2, run.Counts[report.Failed])
	assert.Equal(t, 2, run.Counts[report.Undefined])
	assert.Zero(t, run.Environment)
	assert.False(t, run.Interrupted)
	assert.Equal(t, "replay", run.Plan.Target)
	assert.Equal(t, 6, run.Plan.Scenarios)
	assert.False(t, run.Plan.Live)
	assert.Positive(t, run.Duration)
}

func TestStepsAfterAFailureAreSkipped(t *testing.T) {
	_, out := ran(t, runner.Suite{Features: scenarios(fails)})
	assert.Equal(t, []report.Step{
		{Text: `Given the flow "sign-on"`, Line: 4, Status: report.Passed},
		{Text: "When I start the flow", Line: 5, Status: report.Passed},
		{
			Text: "Then the flow completes", Line: 6, Status: report.Failed,
			Error: `the flow pauses at "Sign On Form", want it to complete (hop 1, node vd6qrg8bkx, form "Sign On Form")`,
		},
		{Text: "And the session cookies are set", Line: 7, Status: report.Skipped},
	}, timeless(t, out.scenarios[0].Steps))
	require.Len(t, out.scenarios[0].Hops, 1)
	assert.Equal(t, "GET …/as/authorize", out.scenarios[0].Hops[0].Request)
}

func TestAMissFailsTheStepThatSent(t *testing.T) {
	run, out := ran(t, runner.Suite{Features: scenarios(missing)})
	s := out.scenarios[0]
	require.Equal(t, report.Failed, s.Status)
	require.NotNil(t, s.FailedStep())
	assert.Equal(t, `And I press "SIGNON"`, s.FailedStep().Text, "pressing itself does not fail")
	assert.Equal(t, `the recording of the flow "sign-on" has no answer to pressing "SIGNON" at the screen "Sign On Form" (sign-on-form)
recorded there: SIGNON ("Sign On"), REGISTER ("No account? Register now!"), TROUBLE ("Having trouble signing on?")
the nearest recorded hop is "wrong-password": username was not sent, recorded is ${user.username}
send what is recorded, record this path with flowtest record, or add a hop to sign-on/recording.yaml
record it: flowtest record --target LIVE f.feature:3, where LIVE is a live target of flowtest.yaml`, s.FailedStep().Error)
	assert.Equal(t, report.Skipped, s.Steps[5].Status, "a 404 that was not recorded is not what the flow answers")
	assert.Zero(t, run.Environment, "a miss is a fault of feature or recording")
	assert.Equal(t, "404 not recorded", s.Hops[1].Response, "the message stands at the step already")
}

func TestTheEnvironmentsFaultsAreCounted(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	answer := func(status int, header, body string) func(t *testing.T) string {
		return func(t *testing.T) string {
			t.Helper()
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if name, value, ok := strings.Cut(header, ": "); ok {
					w.Header().Set(name, value)
				}
				w.WriteHeader(status)
				_, _ = w.Write([]byte(body))
			}))
			t.Cleanup(s.Close)
			return s.URL
		}
	}
	for name, row := range map[string]struct {
		server      func(t *testing.T) string
		environment bool
		step, error string
	}{
		"no server listens": {
			func(*testing.T) string { return closed.URL }, true,
			"When I start the flow", `^GET /as/authorize: dial tcp 127\.0\.0\.1:\d+: connect: connection refused$`,
		},
		"the service is down": {
			answer(503, "", "<title>Busy</title>"), true,
			`Then the flow pauses at "Sign On Form"`, `^the flow failed with "notJSON": .*\[network\]`,
		},
		"too many requests": {
			answer(429, "", `{}`), true,
			`Then the flow pauses at "Sign On Form"`, `^the flow failed with "429": .*\[rate limit\]`,
		},
		"no flow policy": {
			answer(302, "Location: https://auth.example.test/signon/?x=1", ``), true,
			`Then the flow pauses at "Sign On Form"`, `^the flow failed with "302": redirected instead of answered, to auth\.example\.test/signon/.*\[tenant set-up\]`,
		},
		"a flow that fails": {
			answer(200, "", `{"status":"FAILED","error":{"code":"login_required","message":"no"}}`), false,
			`Then the flow pauses at "Sign On Form"`, `^the flow failed with "login_required": no \[flow\]`,
		},
		"an invalid answer": {
			answer(200, "", `x`), false,
			`Then the flow pauses at "Sign On Form"`, `^the flow failed with "notJSON": .*\[flow\]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			run, out := ran(t, runner.Suite{Features: scenarios(passes), Target: liveAt(t, row.server(t)), Rate: 10_000})
			s := out.scenarios[0]
			require.Equal(t, report.Failed, s.Status)
			assert.Equal(t, row.environment, s.Environment)
			assert.Equal(t, row.environment, run.Environment == 1)
			assert.True(t, run.Plan.Live)
			assert.Equal(t, row.step, s.FailedStep().Text)
			assert.Regexp(t, row.error, s.FailedStep().Error)
		})
	}
}

func TestALiveTargetWithoutTheFlowOrTheUserSaysWhichThereAre(t *testing.T) {
	for name, row := range map[string]struct{ steps, want string }{
		"a flow": {
			"Given the flow \"sign-in\"",
			`the target "there" has no flow "sign-in", it has session, sign-on: add it below flows in flowtest.yaml`,
		},
		"a user": {"Given the user \"bob\"", `the target "there" has no user "bob", it has none`},
	} {
		t.Run(name, func(t *testing.T) {
			_, out := ran(t, runner.Suite{Features: scenarios(row.steps), Target: liveAt(t, "http://127.0.0.1:1"), Rate: 10_000})
			assert.Equal(t, row.want, out.scenarios[0].FailedStep().Error)
			assert.False(t, out.scenarios[0].Environment)
		})
	}
}

func TestDiscoveryThatFailsIsAnEnvironmentError(t *testing.T) {
	live := liveAt(t, "http://127.0.0.1:1")
	live.Live.Issuer = "http://127.0.0.1:1/as"
	err := refused(t, runner.Suite{Features: scenarios(passes), Target: live})
	_, ok := errors.AsType[*runner.EnvironmentError](err)
	assert.True(t, ok, "%T", err)
	assert.EqualError(t, err, `discovery of target "there": dial tcp 127.0.0.1:1: connect: connection refused`)
}
