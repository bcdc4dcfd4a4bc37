package cli_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/runner/internal/cli"
)

func TestCompareSaysWhichScenariosWentDifferently(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		edits []edit
		code  int
		want  string
	}{
		"the same flow": {nil, cli.ExitPassed, "compared with replay: every hop has the same shape\n"},
		"a label": {
			[]edit{{"sign-on", "registration-form.json", `"label": "Email"`, `"label": "E-mail"`}},
			cli.ExitPassed, `
features/sign-on/sign-on.feature:70 "Registering can be left again" differs between staging and replay
flow "sign-on"
  screen "Registration Form" (node mf08ffyl4c)
    cosmetic  label of field "user.email": "Email" is now "E-mail"
  1 cosmetic
compared with replay: 1 scenario differ
`,
		},
		"a property is gone": {
			[]edit{{"sign-on", "trouble.json", `"eventName": "continue",`, ""}},
			cli.ExitFailed, `
features/sign-on/sign-on.feature:83 "Having trouble leads to a password reset and back" differs between staging and replay
flow "sign-on"
  screen "Trouble Signing On Form" (node tghbocjld9)
    breaking  property eventName is gone (it was "continue")
  1 breaking
compared with replay: 1 scenario differ
`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := editedStage(t, "", nil, row.edits...)
			copyRecordings(t, s.dir, "sign-on") // all that this feature needs
			got := s.run(t, "run", "features/sign-on/sign-on.feature", "--compare", "--target", "staging",
				"--format", "dots", "--conformance", "off")
			assert.Equal(t, row.code, got.code, "%s%s", got.out, got.errors)
			_, rest, _ := strings.Cut(got.out, "(live) · ")
			_, rest, _ = strings.Cut(rest, "\n")
			assert.Equal(t, row.want, rest)
			assert.Empty(t, got.errors)
		})
	}
}

func TestCompareNeedsALiveTarget(t *testing.T) {
	t.Parallel()
	s := editedStage(t, "", nil)
	copyRecordings(t, s.dir, "sign-on")
	got := s.run(t, "run", "--compare")
	assert.Equal(t, cli.ExitUsage, got.code)
	assert.Equal(t, `flowtest: error: --compare compares a live target with the recordings, and "replay" replays
flowtest: hint: name a target of type live with --target
`, got.errors)
}

// A scenario that fails on one side early is compared as far as both came.
func TestCompareSaysWhereOnlyOneSideFailed(t *testing.T) {
	t.Parallel()
	renamed := edit{"sign-on", "sign-on-form.json", `"name": "Sign On Form"`, `"name": "Log On Form"`}
	for name, row := range map[string]struct {
		live bool
		want string
	}{
		"in the replay": {false, "passed live, failed in the replay at Then the flow pauses at \"Sign On Form\" (line "},
		"live":          {true, "passed in the replay, failed live at Then the flow pauses at \"Sign On Form\" (line "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var edits []edit
			if row.live {
				edits = append(edits, renamed)
			}
			s := editedStage(t, "", nil, edits...)
			copyRecordings(t, s.dir, "sign-on") // all that this feature needs
			if !row.live {
				editIn(t, s.dir, edit{"recordings/sign-on", renamed.file, renamed.from, renamed.to})
			}
			got := s.run(t, "run", "features/sign-on/sign-on.feature", "--compare", "--target", "staging",
				"--format", "dots", "--conformance", "off")
			assert.Equal(t, cli.ExitFailed, got.code, got.errors)
			assert.Contains(t, got.out, row.want)
			assert.Contains(t, got.out, "breaking  name of the screen")
			assert.NotContains(t, got.out, "was added", "what one side did not reach is not compared")
			assert.NotContains(t, got.out, "not recorded again")
		})
	}
}
