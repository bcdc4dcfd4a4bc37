package cli_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/target"
	"flowtest/runner/report"
	"flowtest/steps"
)

// A pair is a scenario that has the same verdict live and in a replay.
type pair struct {
	name  string
	lines []string
	want  report.Status
}

// opposites are sentences of which one holds and the other does not.
var opposites = strings.NewReplacer(
	`Then the flow completes`, `Then the flow does not complete`,
	`Then the user exists`, `Then the user does not exist`,
	`Then the user's "enabled" is false`, `Then the user's "enabled" is true`,
	`Then the user's "account.status" is "LOCKED"`, `Then the user's "account.status" is "OK"`,
	`Then the user's "name.given" is "Ada"`, `Then the user's "name.given" is "Eve"`,
	`Then the user has 1 active`, `Then the user has 2 active`,
	`Then the flow pauses at `, `Then the flow does not report "x"`+"\nThen the flow reports ",
	`Then the flow waits`, `Then the flow completes`,
	`Then the token is active`, `Then the token is not active`,
	`Then the token is not active`, `Then the token is active`,
	`Then the page has an input "username"`, `Then the page has an input "user"`,
	`Then the flow reports "`, `Then the flow reports "x`,
	`Then the flow fails with "`, `Then the flow fails with "x`,
)

// wrong is what the example of a Then is changed into, so that it does not hold; the others
// have another last value.
var wrong = map[string]string{
	`Then the authenticator has 1 passkey`:                            `Then the authenticator has 2 passkeys`,
	`Then the authenticator has 1 passkey for "example.com"`:          `Then the authenticator has 0 passkeys for "example.com"`,
	`Then the form does not offer "RESEND"`:                           `Then the form does not offer "SIGNON"`,
	`Then the field "user.email" is required`:                         `Then the field "user.email" is optional`,
	`Then the field "contact.topics" is optional`:                     `Then the field "contact.topics" is required`,
	`Then the flow does not report "Your account is locked"`:          `Then the flow reports "Your account is locked"`,
	`Then the flow completes`:                                         `Then the flow does not complete`,
	`Then the flow does not complete`:                                 `Then the flow completes`,
	`Then the flow pauses`:                                            `Then the flow completes`,
	`Then the flow waits`:                                             `Then the flow pauses`,
	`Then the session cookies are set`:                                `Then the cookie "ST" is not set`,
	`Then every field comes empty`:                                    `Then the field "username" has the value "another"`,
	`Then "interactionId" is present`:                                 `Then "interactionId" is absent`,
	`Then "authorizeResponse" is absent`:                              `Then "id" is absent`,
	`Then "interactionId" is unchanged`:                               `Then "interactionId" has changed`,
	`Then "interactionToken" has changed`:                             `Then "interactionToken" is unchanged`,
	`Then "form.category" is not "CUSTOM_FORM"`:                       `Then "form.category" is not "CUSTOM_HTML"`,
	`Then "form.components.fields" is an array`:                       `Then "form.components.fields" is a string`,
	`Then "form.components.fields.#.type" does not contain "QR_CODE"`: `Then "form.components.fields.#.type" does not contain "TEXT"`,
	`Then "form.components.fields.#" is at most 8`:                    `Then "form.components.fields.#" is at most 4`,
	`Then the header "X-Powered-By" is absent`:                        `Then the header "Content-Type" is absent`,
	`Then the cookie "ST" is set`:                                     `Then the cookie "ST" is not set`,
	`Then the cookie "ST" is not set`:                                 `Then the cookie "ST" is set`,
	`Then the response took less than "800ms"`:                        `Then the response took less than "1ns"`,
	`Then the token is active`:                                        `Then the token is not active`,
	`Then the token is not active`:                                    `Then the token is active`,
	`Then the flow reports:`:                                          "Then the flow reports:\n\"\"\"\nanother\n\"\"\"",
	"Then \"form.category\" is one of:":                               "Then \"form.category\" is one of:\n| CUSTOM_FORM |",
	`Then the user exists`:                                            `Then the user does not exist`,
	`Then the user does not exist`:                                    `Then the user exists`,
	`Then the user has 1 active "EMAIL" device`:                       `Then the user has 2 active "EMAIL" devices`,
	`Then the flow did not run "Create User"`:                         `Then the flow did not run "Check Password"`,
	`Then no node failed`:                                             `Then "Check Password" failed`,
	`Then the flow "Check Credentials" ran`:                           `Then the flow "another" ran`,
	`Then "Check Password" failed`:                                    `Then "Lookup User" failed`,
	`Then "Lookup User" took less than "800ms"`:                       `Then "Lookup User" took less than "1ns"`,
	`Then the response conforms`:                                      `Then the flow completes`, // every recording conforms
}

var (
	lastText = regexp.MustCompile(`"[^"]*"$|\d+( items)?$`)
	lastCell = regexp.MustCompile(`[^|]*\|$`)
)

// rejecting returns what has to fail of a sentence and its journey.
func rejecting(t *testing.T, d *steps.Definition, j journey) []string {
	t.Helper()
	first, _, _ := strings.Cut(d.Example, "\n")
	lines := slices.Clone(j.before)
	if d.Keyword != "Then" {
		after := []string{`Then the flow fails with "nothing"`}
		if len(j.after) > 0 {
			after = slices.Clone(j.after)
			last := &after[len(after)-1]
			inverted := opposites.Replace(*last)
			require.NotEqual(t, *last, inverted)
			*last = inverted
		}
		return append(append(lines, d.Example), after...)
	}
	edited := wrong[first]
	switch {
	case edited != "":
	case strings.HasSuffix(d.Example, "|"):
		edited = lastCell.ReplaceAllString(d.Example, " another |")
	default:
		edited = lastText.ReplaceAllStringFunc(d.Example, func(text string) string {
			if text[0] == '"' {
				return `"another"`
			}
			return "9" + text
		})
	}
	require.NotEqual(t, d.Example, edited)
	return append(lines, edited)
}

// pairs are every example, as it holds and so that it does not, and what else differs live.
func pairs(t *testing.T) []pair {
	t.Helper()
	var out []pair
	defs := steps.Definitions()
	for i := range defs {
		d := &defs[i]
		first, _, _ := strings.Cut(d.Example, "\n")
		j, ok := journeys[first]
		if !ok {
			j = journeys[`every sentence that is not among the others`]
		}
		holds := append(append(slices.Clone(j.before), d.Example), j.after...)
		out = append(out, pair{first, holds, report.Passed}, pair{"not: " + first, rejecting(t, d, j), report.Failed})
	}
	return append(out, furtherPairs()...)
}

// furtherPairs are about values, and what is read in more than one way. What holds comes
// first, and then what does not.
func furtherPairs() []pair {
	begin := []string{`Given the flow "sign-on"`, `When I start the flow`}
	signOn := append(slices.Clone(begin), "When I submit the form with:\n| username | ${user.username} |\n| password | ${user.password} |")
	sends := func(value string) []string {
		return append(slices.Clone(begin), "When I submit the form with:\n| username | "+value+" |\n| password | x |")
	}
	sent := "Then I sent:\n| parameters.data.formData.username | "
	account := journeys[`When I check "user.acceptedTerms"`].before
	phone := func(value string) string {
		return `When I fill in "user.primaryPhone" with "` + value + `"`
	}
	otp := func(value string) []string {
		return append(journeys[`When I exchange the code for tokens`].before[:0:0], `Given the flow "mfa"`, `When I start the flow`,
			"When I submit the form with:\n| username | ${user.username} |\n| password | ${user.password} |",
			"When I submit the form with:\n| device | TOTP |", "When I submit the form with:\n| otp | "+value+" |")
	}
	var out []pair
	for name, row := range map[string]struct {
		lines        []string
		holds, fails string
	}{
		"unique":          {sends("${unique}"), sent + "${unique} |", sent + "${unique.username} |"},
		"unique email":    {sends("${unique.email}"), sent + "${unique.email} |", sent + "${unique}@example.org |"},
		"unique username": {sends("${unique.username}"), sent + "${unique.username} |", sent + "${unique.phone} |"},
		"unique phone":    {sends("${unique.phone}"), sent + "${unique.phone} |", sent + "+41791234567 |"},
		"unique password": {
			append(slices.Clone(begin), `When I fill in "password" with "${unique.password}"`), `When I press "TROUBLE"`,
			`When I press "NO_SUCH"`,
		},
		"uuid":       {begin, `Then "id" is not "${uuid}"`, `Then "id" is "${uuid}"`},
		"now":        {begin, `Then "id" is not "${now-90s}"`, `Then "id" is "${now}"`},
		"today":      {begin, `Then "id" is not "${today+30d}"`, `Then "id" is "${today-1y}"`},
		"env":        {sends("${env.PAIR}"), sent + "of the environment |", sent + "${env.NO_SUCH} |"},
		"users":      {sends("${users.alice.username}"), sent + "alice |", sent + "${users.bob.username} |"},
		"totp":       {otp("${user.totp}"), `Then the flow completes`, `Then the flow does not complete`},
		"a bad totp": {otp("000000"), `Then the flow does not complete`, `Then the flow completes`},
		"remembered": {
			append(slices.Clone(begin), `When I remember "interactionId" as "a b"`), `Then "interactionId" is "${remembered.a b}"`,
			`Then "interactionId" is not "${remembered.a b}"`,
		},
		"a remembered list": {
			append(slices.Clone(begin), `When I remember "form.components.fields.#.key" as "a"`),
			"Then the response has:\n| form.components.fields.#.key | ${remembered.a} |",
			"Then the response has:\n| form.components.fields.#.type | ${remembered.a} |",
		},
		"a remembered header": {
			append(slices.Clone(begin), `When I remember the header "Content-Type" as "a"`),
			`Then the header "Content-Type" is "${remembered.a}"`, `Then the header "Content-Type" is "${remembered.b}"`,
		},
		"a remembered cookie": {
			append(slices.Clone(signOn), `When I remember the cookie "ST" as "a"`),
			"Then the cookie \"ST\" has:\n| value | ${remembered.a} |", "Then the cookie \"ST\" has:\n| domain | ${remembered.a} |",
		},
		"a value in an expression": {
			append(slices.Clone(begin), `When I remember "form.name" as "a"`), `Then "form.name" matches "^${remembered.a}$"`,
			`Then "id" matches "^${remembered.a}$"`,
		},
		"headers in any case": {begin, "Then the response has:\n| Value | PATH |\n| Sign On Form | form.name |", "Then the response has:\n| Value | PATH |\n| form.name | Sign On Form |"},
		"a note":              {begin, "Then the response has:\n| path | note | value |\n| form.name | a | Sign On Form |", "Then the response has:\n| path | remark | value |\n| form.name | a | Sign On Form |"},
		"swapped":             {begin, "Then the response has:\n| form.name | Sign On Form |", "Then the response has:\n| path | form.name | id |\n| value | Sign On Form | x |"},
		"another keyword":     {begin[:1], `Given I start the flow`, `Then I press "SIGNON"`},
		"a quote":             {sends(`a \"b\"`), sent + `a \"b\" |`, sent + `a "b" |`},
		"a phone number":      {account, phone("+41 79 123 45 67"), phone("079 123 45 67 or so")},
		"a phone as JSON":     {account, phone(`{\"countryCode\": \"US\", \"phoneNumber\": \"5550100\"}`), phone(`{\"country\": \"US\"}`)},
		"an option": {
			account, `When I choose "By email" in "contact.channel"`, `When I choose "By pigeon" in "contact.channel"`,
		},
		"a checkbox": {account, `When I check "user.acceptedTerms"`, `When I check "contact.channel"`},
		"an action":  {begin, `When I press "TROUBLE"`, `When I press "NO_SUCH"`},
		"a field":    {begin, `When I fill in "username" with "a"`, `When I fill in "user" with "a"`},
		"a passkey": {
			journeys[`When I register a passkey`].before, `When I register a passkey`, `When I sign on with a passkey`,
		},
		"all of": {
			begin, `Then all of "form.components.fields.#.type" matches "^[A-Z_]+$"`, `Then all of "form.components.fields.#.type" is "TEXT"`,
		},
		"a session": {
			append(slices.Clone(journeys[`When I start the flow again`].before), `When I start the flow again`), `Then the flow completes`, `Then the flow pauses`,
		},
	} {
		out = append(out, pair{name, append(slices.Clone(row.lines), row.holds), report.Passed},
			pair{"not: " + name, append(slices.Clone(row.lines), row.fails), report.Failed})
	}
	return out
}

// playedBy runs pairs against a target and returns the scenarios.
func playedBy(t *testing.T, list []pair, to *target.Target, flows []*recordings.Flow) []*report.Scenario {
	t.Helper()
	var b strings.Builder
	b.WriteString("Feature: Pairs\n")
	for i, p := range list {
		fmt.Fprintf(&b, "\nScenario: %d\n%s\n", i, strings.Join(p.lines, "\n"))
	}
	var out kept
	s := runner.Suite{
		Features: besideSchemas(b.String()),
		Target:   to, Recordings: flows, Reporter: &out, Concurrency: 4, Rate: 10000,
		Env: func(name string) (string, bool) {
			v, ok := map[string]string{"PAIR": "of the environment"}[name]
			return v, ok
		},
	}
	_, err := s.Run(t.Context())
	require.NoError(t, err)
	require.Len(t, out.list, len(list))
	byName := make([]*report.Scenario, len(list))
	for _, s := range out.list {
		var i int
		_, err := fmt.Sscan(s.Name, &i)
		require.NoError(t, err)
		byName[i] = s
	}
	return byName
}

// What another run has elsewhere: hosts, what is generated, and times.
var differs = regexp.MustCompile(`https://[a-z0-9.:]+(/[0-9a-f-]{36})?|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9.]+[nµm]?s\b|` +
	`\b[a-z0-9]{10}\b|\+1\d{10}|\d{4}-\d\d-\d\d(T[\d:]+Z)?`)

// withSecret finds the sentences at which an app sends its secret.
var withSecret = regexp.MustCompile(`exchange the code|refresh the tokens|introspect the token|revoke the token`)

// TestEverySentenceHasTheSameVerdictLive runs every example of the vocabulary, and a change
// of it that fails, in a replay and against serve --tls: as a public app, and those that send
// a secret by either way that an app can send it.
func TestEverySentenceHasTheSameVerdictLive(t *testing.T) {
	t.Parallel()
	list := pairs(t)
	flows := shipped.Flows(t)
	more, err := recordings.LoadAll(sdkConnector, ".")
	require.NoError(t, err)
	flows = append(flows, more...)
	f, err := target.Load(fstest.MapFS{"flowtest.yaml": {Data: []byte(pairedReplay)}}, "flowtest.yaml", nil)
	require.NoError(t, err)
	replay, err := f.Choose("")
	require.NoError(t, err)
	inReplay := map[string]*report.Scenario{}
	for i, s := range playedBy(t, list, replay, flows) {
		inReplay[list[i].name] = s
	}
	require.Len(t, inReplay, len(list))

	sides := map[string]*target.Target{"a public app": servedPairs(t)}
	for auth, app := range map[string]string{
		"basic": "    clientSecret: ${APP}\n", "post": "    clientSecret: ${APP}\n    clientAuth: post\n",
	} {
		sides["a confidential app, "+auth] = confidentialPairs(t, flows, auth, app)
	}
	for name, side := range sides {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := list
			if name != "a public app" {
				list = slices.DeleteFunc(slices.Clone(list), func(p pair) bool { return !withSecret.MatchString(strings.Join(p.lines, "\n")) })
				require.Greater(t, len(list), 20)
			}
			live := playedBy(t, list, side, nil)
			for i, p := range list {
				got, want := live[i], inReplay[p.name]
				if !assert.Equal(t, p.want, want.Status, "in a replay, %s:\n%+v", strings.Join(p.lines, "\n"), want.FailedStep()) ||
					!assert.Equal(t, want.Status, got.Status, "live, %s: %+v", strings.Join(p.lines, "\n"), got.FailedStep()) {
					continue
				}
				a, b := want.FailedStep(), got.FailedStep()
				if a == nil || b == nil {
					continue
				}
				assert.Equal(t, a.Text, b.Text, p.name)
				said, _, _ := strings.Cut(b.Error, "\nflowtest doctor --target replay ") // a replay has no set-up
				assert.Equal(t, differs.ReplaceAllString(a.Error, "…"), differs.ReplaceAllString(said, "…"), p.name)
			}
		})
	}
}
