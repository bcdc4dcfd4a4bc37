package runner_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/report"
)

const (
	starts      = "Given the flow \"sign-on\"\nWhen I start the flow"
	noThen      = "the scenario has no Then, so a pass proves little: add a Then"
	blindOnHop1 = "nothing was asserted on hop 1, and no requirement applied to it"
	all401      = "every hop was answered with 401, so the run shows nothing of the flow: look at the target's set-up"
)

func TestAPassThatShowsLittleIsNoted(t *testing.T) {
	off := runner.OffBroken
	for name, row := range map[string]struct {
		steps   string
		verdict runner.Verdict
		want    []string
	}{
		"a scenario without a Then":            {starts, 0, []string{noThen}},
		"it has an And, which is a When":       {starts + "\nAnd I press \"REGISTER\"", 0, []string{noThen}},
		"all of it written with stars":         {"* the flow \"sign-on\"\n* I start the flow", 0, []string{noThen}},
		"one of the stars asserts":             {"* the flow \"sign-on\"\n* I start the flow\n* the flow pauses at \"Sign On Form\"", 0, nil},
		"one of the stars asserts, judged off": {"* the flow \"sign-on\"\n* I start the flow\n* the flow pauses at \"Sign On Form\"", off, nil},
		"a scenario that sends nothing":        {"Given the flow \"sign-on\"", 0, []string{noThen}},
		"every hop was looked at":              {passes, off, nil},
		"requirements applied to it":           {starts + "\nAnd I press \"REGISTER\"\nThen the flow pauses at \"Registration Form\"", 0, nil},
		"nothing applied to the first": {
			starts + "\nAnd I press \"REGISTER\"\nThen the flow pauses at \"Registration Form\"", off, []string{blindOnHop1},
		},
		"nothing applied to three": {
			starts + "\nAnd I press \"REGISTER\"\nAnd I press \"CANCEL\"\nAnd I press \"TROUBLE\"\n" +
				"Then the flow pauses at \"Trouble Signing On Form\"", off,
			[]string{"nothing was asserted on the hops 1, 2, 3, and no requirement applied to them"},
		},
		"a value that is never sent": {
			passes + "\nWhen I fill in \"username\" with \"x\"\nThen the response status is 200", 0, []string{
				`"username" (line 7) was filled in and never sent: no press or submit follows that sends it`,
			},
		},
		"several values that are never sent": {
			passes + "\nWhen I fill in \"username\" with \"x\"\nAnd I fill in:\n | key | value |\n | password | y |\n" +
				"Then the response status is 200", 0, []string{
				`"username" (line 7) and "password" (line 8) were filled in and never sent: no press or submit follows that sends them`,
			},
		},
		"a value that is not sent after a refusal": {
			passes + "\nWhen I submit the form with:\n | key | value |\n | username | ${user.username} |\n" +
				" | password | wrong |\nAnd I fill in \"password\" with \"y\"\nThen the response status is 400", 0, []string{
				`"password" (line 11) was filled in and never sent: no press or submit follows that sends it`,
			},
		},
		"a value that another start leaves behind": {
			starts + "\nAnd I fill in \"username\" with \"x\"\nAnd I start the flow\nThen the flow pauses at \"Sign On Form\"", 0,
			[]string{`"username" (line 6) was filled in and never sent: no press or submit follows that sends it`},
		},
		"a value that a button sends": {
			passes + "\nWhen I fill in \"username\" with \"x\"\nAnd I press \"REGISTER\"\n" +
				"Then the flow pauses at \"Registration Form\"", 0, nil,
		},
		"neither a Then nor a requirement": {starts, off, []string{noThen, blindOnHop1}},
	} {
		t.Run(name, func(t *testing.T) {
			run, out := ran(t, runner.Suite{Features: scenarios(row.steps), Conformance: row.verdict})
			require.Equal(t, []report.Status{report.Passed}, out.statuses(), "%+v", out.scenarios[0].FailedStep())
			assert.Equal(t, row.want, notes(out.scenarios[0].Notes, report.Meaningless))
			assert.False(t, run.Failed)

			run, out = ran(t, runner.Suite{Features: scenarios(row.steps), Conformance: row.verdict, Strict: true})
			want := report.Passed
			if row.want != nil {
				want = report.Failed
			}
			assert.Equal(t, []report.Status{want}, out.statuses())
			assert.Equal(t, row.want, notes(out.scenarios[0].Notes, report.Meaningless))
			assert.Equal(t, 1, run.Counts[want])
		})
	}
}

func TestWhatFailedIsNotCalledMeaninglessToo(t *testing.T) {
	_, out := ranOn(t, shipped.WithoutCompany(t), runner.Suite{Strict: true}, starts, fails, undefined)
	assert.Equal(t, []report.Status{report.Failed, report.Failed, report.Undefined}, out.statuses())
	for _, s := range out.scenarios {
		assert.Empty(t, notes(s.Notes, report.Meaningless))
	}
}

func TestAFailingThenSaysWhatIsNotSentYet(t *testing.T) {
	const fills = starts + "\nAnd I fill in \"username\" with \"x\""
	const looks = `the flow pauses at "Sign On Form", want it to complete (hop 1, node vd6qrg8bkx, form "Sign On Form")`
	const again = `the flow pauses at "Sign On Form", want it to complete (hop 2, node vd6qrg8bkx, form "Sign On Form")`
	for name, row := range map[string]struct{ steps, want string }{
		"one field": {
			fills + "\nThen the flow completes",
			looks + "\n\"username\" was filled in and is not sent yet: press a button first",
		},
		"two fields": {
			fills + "\nAnd I fill in \"password\" with \"other\"\nThen the flow completes",
			looks + "\n\"username\" and \"password\" were filled in and are not sent yet: press a button first",
		},
		"what another start left behind": {
			fills + "\nAnd I start the flow\nThen the flow completes",
			again + "\nthe flow continued without what was filled in at \"username\": press a button before it does",
		},
		"nothing": {starts + "\nThen the flow completes", looks},
		"a When that fails": {
			fills + "\nAnd I press \"none\"", `press "none": the screen "Sign On Form" has no such button, it has ` +
				`SIGNON ("Sign On"), REGISTER ("No account? Register now!"), TROUBLE ("Having trouble signing on?")`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, out := ran(t, runner.Suite{Features: scenarios(row.steps)})
			require.NotNil(t, out.scenarios[0].FailedStep())
			assert.Equal(t, row.want, out.scenarios[0].FailedStep().Error)
			assert.Empty(t, notes(out.scenarios[0].Notes, report.Meaningless), "it failed")
		})
	}
}

// answering is a flow whose start is answered with a status.
func answering(t *testing.T, status string) []*recordings.Flow {
	t.Helper()
	flows, err := recordings.LoadAll(fstest.MapFS{
		"closed/recording.yaml": {Data: []byte("format: 1\nsource: synthetic\nflow: closed\nhops:\n  - name: start\n" +
			"    request: {method: GET, path: /as/authorize}\n    response: {status: " + status + ", json: no.json}\n")},
		"closed/no.json": {Data: []byte(`{"code":"UNAUTHORIZED","message":"Who are you?"}`)},
	}, ".")
	require.NoError(t, err)
	return flows
}

func TestARunInWhichEveryHopWas401ShowsNothing(t *testing.T) {
	for name, row := range map[string]struct {
		status string
		strict bool
		want   []string
		failed bool
	}{
		"it is said":                      {"401", false, []string{all401}, false},
		"it fails the run with strict":    {"401", true, []string{all401}, true},
		"another refusal shows something": {"403", true, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			suite := runner.Suite{Strict: row.strict, Conformance: runner.WarnBroken}
			steps := "Given the flow \"closed\"\nWhen I start the flow\nThen the response status is " + row.status
			run, out := ranOn(t, answering(t, row.status), suite, steps, steps)
			assert.Equal(t, []report.Status{report.Passed, report.Passed}, out.statuses())
			assert.Equal(t, row.want, notes(run.Notes, report.Meaningless))
			assert.Equal(t, row.failed, run.Failed)
		})
	}
	run, _ := ran(t, runner.Suite{Features: scenarios("Given detailed responses"), Strict: true})
	assert.Empty(t, notes(run.Notes, report.Meaningless), "no hop at all is another thing")
}
