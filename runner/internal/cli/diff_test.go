package cli_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
)

// touched are the lines that name scenarios, which other tests look at.
var touched = regexp.MustCompile(`(?m)^    .* touches it\n`)

// An edit of the flow that lies after the live side is found, and said in one line.
func TestDiffAgainstALiveSideFindsAnEdit(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		flow string
		edit edit
		code int
		want string
		note string
	}{
		"a label": {
			"sign-on",
			edit{"sign-on", "sign-on-form.json", `"label": "Username"`, `"label": "User name"`},
			cli.ExitPassed,
			`flow "sign-on"
  screen "Sign On Form" (node vd6qrg8bkx)
    cosmetic  label of field "username": "Username" is now "User name" (in the JSON shape only)
  1 cosmetic
`, "",
		},
		"a button is gone": {
			"mfa",
			edit{"mfa", "passcode-form.json", `"key": "RESEND"`, `"key": "AGAIN"`},
			cli.ExitFailed,
			`flow "mfa"
  screen "One-Time Passcode Form" (node dmnm7949ef)
    breaking  button RESEND ("Send a new passcode") now has the key AGAIN
  1 breaking
`,
			`flowtest: mfa: the path to "new-passcode" ends before it: press "RESEND": the screen ` +
				`"One-Time Passcode Form" has no such button, it has VERIFY ("Verify"), AGAIN ("Send a new passcode"), ` +
				`LINK ("Send a link instead"), CANCEL ("Choose another device")` + "\n",
		},
		"an error message": {
			"sign-on",
			edit{"sign-on", "wrong-password.json", "The provided password did not match", "It did not match"},
			cli.ExitPassed,
			`flow "sign-on"
  screen "Sign On Form" (node vd6qrg8bkx)
    cosmetic  error message details.0.rawResponse.details.0.message of hop wrong-password (SIGNON): "The provided password did not match provisioned password" is now "It did not match provisioned password"
  1 cosmetic
`, "",
		},
		"what the protocol demands is gone": {
			"session",
			edit{"session", "completed.json", `"code": "{{code}}",`, ``},
			cli.ExitFailed,
			`flow "session"
  the start of the flow
    breaking  requirement JSON-STEP3-2e at hop completed (the start): it was passed and is now failed
    breaking  requirement MODEL-authorizeResponse-PRESENCE at hop completed (the start): it was passed and is now failed
    breaking  property authorizeResponse.code of hop completed (the start) is gone (it was "{{code}}")
  3 breaking
`, "",
		},
		"another screen": {
			"password-reset",
			edit{"password-reset", "reset-form.json", `"name": "Reset Password Form"`, `"name": "Reset"`},
			cli.ExitFailed,
			`flow "password-reset"
  screen "Reset Password Form" (node qwss059c24)
    breaking  name of the screen: "Reset Password Form" is now "Reset" (features name it)
  1 breaking
`, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := editedStage(t, "", nil, row.edit)
			copyRecordings(t, s.dir, row.flow)
			got := s.run(t, "diff", "recordings/"+row.flow, "--against", "staging")
			assert.Equal(t, row.code, got.code, got.errors)
			assert.Equal(t, row.want, touched.ReplaceAllString(got.out, ""))
			assert.NotEqual(t, row.want, got.out, "scenarios come by each of these")
			assert.Equal(t, row.note, got.errors)
		})
	}
}

// A diff names the scenarios that come by what changed, and a live side that
// cannot be reached is the environment's fault.
func TestDiffAgainstNamesScenariosAndFaults(t *testing.T) {
	t.Parallel()
	s := editedStage(t, "", nil, edit{"session", "completed.json", `"status": "COMPLETED"`, `"status": "COMPLETE"`})
	copyRecordings(t, s.dir, "session")
	got := s.run(t, "diff", "session", "--against", "staging", "--format", "markdown")
	assert.Equal(t, cli.ExitFailed, got.code, got.errors)
	for _, want := range []string{"session.feature:11", "The flow completes at once", "status"} {
		assert.Contains(t, got.out, want)
	}
	gone := editedStage(t, "", after(1, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	got = gone.run(t, "diff", filepath.Join(s.dir, "recordings", "session"), "--against", "staging")
	assert.Equal(t, cli.ExitEnvironment, got.code)
	assert.Contains(t, got.errors, "flowtest: error: GET ")
	for name, row := range map[string]struct {
		args []string
		want string
	}{
		"an unknown target": {
			[]string{"diff", "session", "--against", "stagin"},
			`flowtest: error: target "stagin" is not defined in flowtest.yaml, want one of replay, staging: ` +
				`did you mean "staging"?` + "\n",
		},
		"a replay": {
			[]string{"diff", "session", "--against", "replay"},
			`flowtest: error: diff --against needs a live target, and "replay" replays` + "\n" +
				"flowtest: hint: name one of type live with --against\n",
		},
		"an unknown user": {
			[]string{"diff", "session", "--against", "staging", "--user", "bob"},
			`flowtest: error: the target "staging" has no user "bob", it has alice` + "\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, said{cli.ExitUsage, "", row.want}, s.run(t, row.args...))
		})
	}
}

// A hop that was not visited again in the second recording is said apart and fails
// nothing, whatever is to fail.
func TestDiffDoesNotFailForWhatWasNotDoneAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	copyRecordings(t, dir)
	copyRecordings(t, filepath.Join(dir, "later"))
	editIn(t, filepath.Join(dir, "later", "recordings"), edit{
		"sign-on", "recording.yaml",
		"  - name: wrong-password\n    from: sign-on-form\n    request: {action: SIGNON, formData: {username: \"${user.username}\", password: \"${user.wrongPassword}\"}}\n" +
			"    response: {status: 400, json: wrong-password.json}\n", "",
	})
	require.NoError(t, os.Remove(filepath.Join(dir, "later", "recordings", "sign-on", "wrong-password.json")))
	got := command(t.Context(), dir, nil, "diff", "recordings/sign-on", "later/recordings/sign-on", "--fail-on", "cosmetic")
	assert.Equal(t, said{cli.ExitPassed, `flow "sign-on": no difference in what was recorded again
  not recorded again: the later recording has no request that leads here
    screen "Sign On Form": hop wrong-password (SIGNON with password ${user.wrongPassword}, username ${user.username}): the flow refused the request with status 400 and code "Invalid username and/or password"
`, ""}, got)
}

// A scenario of another flow that has a screen of the same name is not named.
func TestDiffOfAFolderNamesScenariosOfTheFlowThatChanged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	screen := `{"id":"n1","capabilityName":"customHTMLTemplate","connectionId":"c1","_links":{"next":{"href":"{{authPath}}/x"}},` +
		`"form":{"name":"Pin","components":{"fields":[{"type":"TEXT","key":"pin","label":"LABEL"}]}}}`
	for _, side := range []string{"old", "new"} {
		for _, flow := range []string{"one", "two"} {
			label := "Pin"
			if side+flow == "newone" {
				label = "Your pin"
			}
			write(t, dir, map[string]string{
				side + "/" + flow + "/pin.json": strings.Replace(screen, "LABEL", label, 1),
				side + "/" + flow + "/recording.yaml": "format: 1\nsource: synthetic\nflow: " + flow +
					"\nhops:\n  - name: pin\n    request: {path: /as/authorize}\n    response: {status: 200, json: pin.json}\n",
				"features/" + flow + ".feature": "Feature: F\n  Scenario: Of " + flow + "\n    Given the flow \"" + flow +
					"\"\n    When I start the flow\n    Then the flow pauses at \"Pin\"\n",
			})
		}
	}
	write(t, dir, map[string]string{"flowtest.yaml": "target: replay\ntargets:\n  replay:\n    type: replay\nrecordings: old\n"})
	got := command(t.Context(), dir, nil, "diff", "old", "new")
	assert.Equal(t, cli.ExitPassed, got.code, got.errors)
	assert.Contains(t, got.out, `features/one.feature:2 "Of one" touches it`)
	assert.NotContains(t, got.out, "Of two")
}
