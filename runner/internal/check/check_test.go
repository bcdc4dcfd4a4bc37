package check_test

import (
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner"
	"flowtest/runner/internal/check"
	"flowtest/runner/internal/target"
	"flowtest/steps"
)

// checks looks at one feature against the built-in replay.
func checks(tb testing.TB, text string) *check.Found {
	tb.Helper()
	return check.Features(&runner.Suite{
		Features: []runner.Source{feature("a.feature", text)}, Target: replayTarget(tb), Recordings: shipped.Flows(tb),
	})
}

const (
	hasNo        = `the user "alice" has no such attribute, there are email, facebookToken, familyName, givenName, googleToken, newPassword, otp, password, phone, totp, username`
	flowNames    = `errors, forms, magic-link, mfa, passkey, password-reset, platforms, registration, session, sign-on, social, sso, step-up`
	addToUser    = `name one of these, or add it to the user in flowtest.yaml`
	signOnFields = `password, registration-intro, user.email, user.name.family, user.name.given, user.password, username`
	ending       = "\n    When I start the flow\n    Then the flow completes\n"
)

// wantRefs lists the references that there are.
const wantRefs = "want ${user.ATTRIBUTE}, ${users.NAME.ATTRIBUTE}, ${env.NAME}, ${remembered.NAME}, ${unique}, " +
	"${unique.email}, ${unique.username}, ${unique.phone}, ${unique.password}, ${uuid}, ${now} or ${today}"

func TestACheckLooksUpNamesAsARunDoes(t *testing.T) {
	for name, row := range map[string]struct {
		text string
		want []string
	}{
		"a flow that was not recorded, and one like it": {
			`Given the flow "sing-on"` + ending,
			[]string{`a.feature:3: there is no recording of the flow "sing-on", there are recordings of ` + flowNames + `; did you mean "sign-on"?`},
		},
		"a flow like none": {
			`Given the flow "check-out-of-goods"` + ending,
			[]string{`a.feature:3: there is no recording of the flow "check-out-of-goods", there are recordings of ` + flowNames +
				`; record it with flowtest record, or name one of these`},
		},
		"a user, whose attributes are not known then": {
			`Given the user "alcie"` + "\n    And the flow \"sign-on\"\n    When I start the flow\n" +
				`    And I fill in "username" with "${user.nope}"` + "\n    Then the flow completes\n",
			[]string{`a.feature:3: the target "replay" has no user "alcie", it has alice; did you mean "alice"?`},
		},
		"an attribute in a sentence, in a table and in the name of a flow": {
			`Given the flow "${user.usernam}"` + "\n    When I start the flow\n    And I fill in:\n" +
				"      | key | value |\n      | password | ${user.wrongPassword} |\n" +
				`    Then the flow reports "${user.fooling}"` + "\n",
			[]string{
				`a.feature:3: ${user.usernam}: ` + hasNo + `; did you mean "username"?`,
				`a.feature:5: ${user.wrongPassword}: ` + hasNo + `; ` + addToUser,
				`a.feature:8: ${user.fooling}: ` + hasNo + `; ` + addToUser,
			},
		},
		"what is of neither the user nor the environment": {
			`Given the flow "sign-on"` + "\n    When I start the flow\n" +
				`    And I fill in "username" with "${usr.username} ${username} ${magic}"` + "\n    Then the flow completes\n",
			[]string{
				`a.feature:5: ${usr.username} is unknown, ` + wantRefs + `; did you mean "user.username"?`,
				`a.feature:5: ${username} is unknown, ` + wantRefs + `; did you mean "user.username"?`,
				`a.feature:5: ${magic} is unknown, ` + wantRefs + `; write $${ for a literal ${`,
			},
		},
		"a brace that does not close, whose rest is not shown": {
			`Given the flow "sign-on"` + "\n    When I start the flow\n" +
				`    And I fill in "password" with "${hunter2"` + "\n    Then the flow completes\n",
			[]string{`a.feature:5: a ${ has no closing brace, want ${user.ATTRIBUTE} or ${env.NAME}; write $${ for a literal ${`},
		},
		"nothing that only a run can know": {
			`Given the flow "${env.FLOW}"` + "\n    When I start the flow\n" +
				`    And I fill in "username" with "${env.NAME} $${user.nope} ${user.username}"` + "\n    Then the flow completes\n",
			nil,
		},
		"references in every value": {
			`Given the flow "sign-on"` + "\n    When I start the flow\n" +
				`    And I press "${user.nope}"` + "\n    Then the form offers \"${users.bob.email}\"\n" +
				`    And "id" matches "^a${1}"` + "\n" + `    And "${remembered.x}" is present` + "\n" +
				`    When I remember "id" as "x"` + "\n" + `    Then "id" is "${remembered.x}"` + "\n" +
				`    And "id" is "${unique.emial} ${remembered.y}"` + "\n",
			[]string{
				`a.feature:5: ${user.nope}: ` + hasNo + `; ` + addToUser,
				`a.feature:6: ${users.bob.email}: the target "replay" has no user "bob", it has alice; ` +
					`name a user and an attribute of flowtest.yaml`,
				`a.feature:7: ${…} is unknown, ` + wantRefs + `; write $${ for a literal ${`,
				`a.feature:8: ${remembered.x}: no value was remembered by this name, nothing was remembered before; ` +
					`remember one before this step: When I remember "PATH" as "NAME"`,
				`a.feature:11: ${unique.emial} is unknown, ` + wantRefs + `; did you mean "unique.email"?`,
				`a.feature:11: ${remembered.y}: no value was remembered by this name, there are x; ` +
					`remember one before this step: When I remember "PATH" as "NAME"`,
			},
		},
		"every form that there is": {
			`Given the flow "sign-on"` + "\n    When I start the flow\n" + `    And I fill in "username" with "` +
				"${user.username} ${users.alice.otp} ${unique} ${unique.email} ${unique.username} ${unique.phone} " +
				"${unique.password} ${uuid} ${now} ${now-90s} ${today} ${today+30d}" + `"` + "\n    Then the flow completes\n",
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := checks(t, "Feature: A\n  Scenario: one\n    "+row.text)
			assert.Equal(t, row.want, got.Faults)
			assert.Empty(t, got.Warnings)
			assert.NotContains(t, strings.Join(got.Faults, "\n"), "hunter2")
		})
	}
}

// A name is to blame where it is written: in the step, or in the row that puts it
// into the step.
func TestACheckBlamesTheRowThatHasTheValue(t *testing.T) {
	got := checks(t, `Feature: A
  Background:
    Given the user "alice"
    And the flow "sing-on"

  Scenario Outline: <flow> <value>
    Given the flow "<flow>"
    When I start the flow
    And I fill in "<value>" with "${user.<value>} ${user.wrong}"
    And I submit the form with:
      | key | value  |
      | x   | <cell> |
    And I push "<value>"

    Examples:
      | flow    | value    | cell            |
      | sign-on | username | ${user.passwrod} |
      | sign-of | email    | plain           |
      | sign-on | emial    | plain           |
`)
	near := func(line, flow string) string {
		return line + ` there is no recording of the flow "` + flow + `", there are recordings of ` + flowNames + `; did you mean "sign-on"?`
	}
	assert.ElementsMatch(t, []string{
		near("a.feature:4:", "sing-on"),
		`a.feature:13: step "I push \"<value>\"" is undefined: no sentence is like this; the nearest is: When I press "SIGNON"`,
		`a.feature:9: ${user.wrong}: ` + hasNo + `; ` + addToUser,
		`a.feature:10: no recorded screen of the flow "sign-on" has a field "x"; there are ` + signOnFields,
		`a.feature:17: ${user.passwrod}: ` + hasNo + `; did you mean "password"?`,
		near("a.feature:18:", "sign-of"),
		`a.feature:19: no recorded screen of the flow "sign-on" has a field "emial"; did you mean "user.email"?`,
		`a.feature:19: ${user.emial}: ` + hasNo + `; did you mean "email"?`,
	}, got.Faults)
	assert.Empty(t, got.Warnings, "one of its steps may be the Then that is missing")
}

func TestACheckWarnsOfAScenarioWithoutAThen(t *testing.T) {
	got := checks(t, `Feature: A
  Scenario: shows nothing
    Given the flow "sign-on"
    When I start the flow

  Scenario Outline: shows nothing in <n> rows
    Given the flow "sign-on"

    Examples:
      | n |
      | 1 |
      | 2 |

  Scenario: shows something
    Given the flow "sign-on"
    When I start the flow
    Then the form offers "SIGNON"
`)
	assert.Equal(t, []string{
		`a.feature:2: the scenario "shows nothing" has no Then, so a pass proves little: add a Then`,
		`a.feature:6: the scenario "shows nothing in <n> rows" has no Then, so a pass proves little: add a Then`,
	}, got.Warnings)
	assert.Empty(t, got.Faults)
}

// Where a description may be, Gherkin takes every line for one.
func TestACheckFindsStepsThatNeverRun(t *testing.T) {
	for name, row := range map[string]struct {
		text string
		want []string
	}{
		"below a misspelt title": {
			"Feature: A\n  About: it.\n  Scenrio: one\n    Given the flow \"sign-on\"\n    When I start the flow\n",
			[]string{`a.feature:3: the steps below "Scenrio: one" (did you mean "Scenario:"?) are in a description and never run`},
		},
		"below a title without its colon": {
			"Feature: A\n\n  About it.\n\n  Scenario one\n    Given the flow \"sign-on\"\n",
			[]string{`a.feature:5: the steps below "Scenario one" (did you mean "Scenario:"?) are in a description and never run`},
		},
		"with a misspelt keyword": {
			"Feature: A\n  Scenario: one\n\n    Gven the flow \"sign-on\"" + ending,
			[]string{`a.feature:4: "Gven the flow "sign-on"" does not begin with a keyword, so it is in a description and never runs: did you mean "Given"?`},
		},
		"without a keyword": {
			"Feature: A\n  Background:\n    the flow \"sign-on\"\n  Scenario: one\n    * the flow \"sign-on\"" + ending,
			[]string{`a.feature:3: "the flow "sign-on"" does not begin with a keyword, so it is in a description and never runs: did you mean "Given"?`},
		},
		"in a rule without a title at all": {
			"Feature: A\n  Rule: B\n    Given the flow \"sign-on\"\n    Scenario: one\n    * the flow \"sign-on\"" + ending,
			[]string{`a.feature:3: the step "Given the flow "sign-on"" is in a description and never runs, ` +
				`want Background:, Scenario: or Scenario Outline: above it`},
		},
		"in another language": {
			"# language: de\nFunktionalität: A\n  Szenario: eins\n    Angenomen the flow \"sign-on\"\n    Wenn I start the flow\n    Dann the flow completes\n",
			[]string{`a.feature:4: "Angenomen the flow "sign-on"" does not begin with a keyword, so it is in a description and never runs: did you mean "Angenommen"?`},
		},
		"but not prose": {
			"Feature: A\n  Role: a person. When all is well, she signs on.\n  Then the others follow, given the time.\n  Rule of thumb: press on.\n" +
				"  Scenario: one\n    The flow is started.\n    Given the flow \"sign-on\"" + ending,
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, row.want, checks(t, row.text).Faults)
		})
	}
}

func TestACheckOfALiveTargetSendsNothing(t *testing.T) {
	file, err := target.Load(fstest.MapFS{"flowtest.yaml": {Data: []byte(
		"targets:\n  staging:\n    type: live\n    baseUrl: https://auth.example.invalid/as\n    discovery: true\n    clientId: app\n" +
			"    flows: {login: policy}\n    users: {bob: {username: bob}}\n")}}, "flowtest.yaml", nil)
	require.NoError(t, err)
	staging, err := file.Choose("")
	require.NoError(t, err)
	got := check.Features(&runner.Suite{Target: staging, Features: []runner.Source{feature("a.feature",
		"Feature: A\n  Scenario: one\n    Given the flow \"logn\"\n    When I start the flow\n"+
			"    And I fill in \"a\" with \"${user.username}\"\n    Then the flow completes\n"+
			"  Scenario: two\n    Given the flow \"login\"\n    And the user \"bob\"\n    When I start the flow\n"+
			"    And I fill in \"a\" with \"${user.username}\"\n    Then the flow completes\n"+
			"  Scenario: three\n    Given a new user\n    And the flow \"login\"\n    When I start the flow\n"+
			"    And I fill in \"a\" with \"${user.username}${user.locale}\"\n    Then the flow completes\n"+
			"  Scenario: four\n    Given a new user\n    And the user \"carol\"\n    And the flow \"login\"\n"+
			"    When I start the flow\n    Then the flow completes\n")}})
	assert.Equal(t, []string{
		`a.feature:3: the target "staging" has no flow "logn", it has login: add it below flows in flowtest.yaml; did you mean "login"?`,
		`a.feature:5: the target "staging" has no user "alice", it has bob; name one of these, or add it to the target's users in flowtest.yaml`,
		`a.feature:21: the target "staging" has no user "carol", it has bob; name one of these, or add it to the target's users in flowtest.yaml`,
	}, got.Faults)
}

// Recordings that cannot be read are a fault by themselves: every flow would be
// unknown for it. Without a target there is nothing to know.
func TestACheckLooksUpNoMoreThanItKnows(t *testing.T) {
	src := []runner.Source{feature("a.feature", "Feature: A\n  Scenario: one\n    Given the flow \"nope\"\n    And the user \"bob\""+ending)}
	assert.Equal(t, []string{`a.feature:4: the target "replay" has no user "bob", it has alice; name one of these, or add it to the target's users in flowtest.yaml`},
		check.Features(&runner.Suite{Features: src, Target: replayTarget(t)}).Faults)
	assert.Empty(t, check.Features(&runner.Suite{Features: src}).Faults)
}

// Only a run knows what a sentence of the caller remembers.
func TestACheckLetsOwnSentencesBe(t *testing.T) {
	got := check.Features(&runner.Suite{
		Features: []runner.Source{feature("a.feature",
			"Feature: A\n  Scenario: one\n    Given the flow \"sign-on\"\n    When I start the flow\n    And I fetch the \"${anything}\"\n"+
				"    And I fill in \"otp\" with \"${code} ${user.nope}\"\n    Then the flow completes\n")},
		Target: replayTarget(t), Recordings: shipped.Flows(t),
		Steps: func(sc runner.StepRegistry, _ *steps.World) { sc.When(`^I fetch the "([^"]*)"$`, func(string) {}) },
	})
	assert.Equal(t, []string{`a.feature:6: ${user.nope}: ` + hasNo + `; ` + addToUser}, got.Faults)
}

// Whatever sentence a run looks a name up for, a check does too: this finds a new
// sentence for which it does not.
func TestACheckAndARunAgreeOnEverySentence(t *testing.T) {
	const nope = "${user.nope}"
	agreed := 0
	for _, d := range steps.Definitions() {
		for _, example := range exampleWith(d.Example, nope) {
			text := "Feature: A\n  Scenario: one\n    Given the flow \"sign-on\"\n"
			if d.Keyword != "Given" {
				text += "    When I start the flow\n"
			}
			text += "    " + strings.ReplaceAll(example, "\n", "\n      ") + "\n"
			_, out := ran(t, runner.Suite{Features: []runner.Source{feature("a.feature", text)}})
			failed := out.scenarios[0].FailedStep()
			if failed == nil || !strings.Contains(failed.Error, nope+": "+hasNo) {
				continue
			}
			agreed++
			assert.Contains(t, strings.Join(checks(t, text).Faults, "\n"), nope+": "+hasNo, text)
		}
	}
	assert.Greater(t, agreed, 40)
}

var quotedValue = regexp.MustCompile(`"[^"]*"`)

// exampleWith returns a sentence once for each of its values, with another text
// in its place.
func exampleWith(example, text string) []string {
	var out []string
	first, rest, table := strings.Cut(example, "\n")
	for _, at := range quotedValue.FindAllStringIndex(first, -1) {
		one := first[:at[0]] + `"` + text + `"` + first[at[1]:]
		if table {
			one += "\n" + rest
		}
		out = append(out, one)
	}
	lines := strings.Split(rest, "\n")
	if !table {
		return out
	}
	for i := range strings.Count(lines[1], "|") - 1 {
		cells := strings.Split(lines[1], "|")
		cells[i+1] = text
		out = append(out, strings.Join(append([]string{first, lines[0], strings.Join(cells, "|")}, lines[2:]...), "\n"))
	}
	return out
}

func TestTheShippedFeaturesHaveNothingToFix(t *testing.T) {
	got := check.Features(&runner.Suite{Features: shippedFeatures(), Target: replayTarget(t), Recordings: shipped.Flows(t)})
	assert.Empty(t, got.Faults)
	assert.Empty(t, got.Warnings)
	assert.Greater(t, got.Scenarios, 50)
}

// A password that is in a feature for a live target is in version control, and a
// short one cannot be hidden everywhere.
func TestACheckWarnsOfSecretsThatCannotBeHidden(t *testing.T) {
	file, err := target.Load(fstest.MapFS{"flowtest.yaml": {Data: []byte(
		"targets:\n  staging:\n    type: live\n    baseUrl: https://auth.example.invalid/as\n    discovery: true\n    clientId: app\n" +
			"    flows: {login: policy}\n    users: {alice: {username: alice, password: \"${PASSWORD}\", otp: \"${OTP}\"}}\n")}}, "flowtest.yaml",
		func(name string) (string, bool) {
			return map[string]string{"PASSWORD": "short", "OTP": "123456"}[name], true
		})
	require.NoError(t, err)
	staging, err := file.Choose("")
	require.NoError(t, err)
	const text = "Feature: A\n  Scenario: one\n    Given the flow \"login\"\n    When I start the flow\n" +
		"    And I fill in \"username\" with \"bob\"\n    And I fill in \"password\" with \"hunter2-and-more\"\n" +
		"    And I fill in \"newPassword\" with \"${user.password}\"\n    And I submit the form with:\n      | key      | value |\n" +
		"      | username | bob   |\n      | password | wrong |\n    Then the flow completes\n"
	got := check.Features(&runner.Suite{Target: staging, Features: []runner.Source{feature("a.feature", text)}})
	const literal = `a literal is typed into "password" of the live target "staging": ` +
		`a feature file is in version control, so write ${user.password} or ${env.NAME} if it is a real password`
	assert.Equal(t, []string{
		`the target "staging": the password of the user "alice" has fewer than 8 characters, so a report hides it only where it is a whole value`,
		"a.feature:6: " + literal, "a.feature:8: " + literal,
	}, got.Warnings)
	assert.Empty(t, got.Faults)
	assert.Empty(t, check.Features(&runner.Suite{Target: replayTarget(t), Features: []runner.Source{feature("a.feature",
		strings.ReplaceAll(text, "login", "sign-on"))}, Recordings: shipped.Flows(t)}).Warnings)
}
