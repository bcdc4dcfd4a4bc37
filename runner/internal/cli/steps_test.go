package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/cli"
	"flowtest/runner/report"
	"flowtest/runner/target"
	"flowtest/steps"
)

// printed returns what a command prints.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	var out, talk bytes.Buffer
	code := cli.Main(t.Context(), cli.Process{
		Args: args, Stdout: &out, Stderr: &talk, Env: func(string) (string, bool) { return "", false }, Dir: t.TempDir(),
	})
	require.Zero(t, code, "%s", &talk)
	return out.String()
}

// kept keeps the scenarios of a run.
type kept struct {
	report.Discard

	list []*report.Scenario
}

// Scenario implements [report.Reporter].
func (k *kept) Scenario(s *report.Scenario) { k.list = append(k.list, s) }

// played runs scenarios against the shipped recordings. Each is its steps, a
// line or more an element.
func played(t *testing.T, dry bool, scenarios ...[]string) []*report.Scenario {
	t.Helper()
	var b strings.Builder
	b.WriteString("Feature: Examples\n")
	for i, lines := range scenarios {
		fmt.Fprintf(&b, "\nScenario: %d\n%s\n", i, strings.Join(lines, "\n"))
	}
	flows := shipped.Flows(t)
	connector, err := recordings.LoadAll(sdkConnector, ".")
	require.NoError(t, err)
	flows = append(flows, connector...)
	replay, err := target.Builtin().Choose("")
	require.NoError(t, err)
	var out kept
	s := runner.Suite{
		Features: []runner.Source{{FS: fstest.MapFS{"f.feature": {Data: []byte(b.String())}}, Path: "f.feature"}},
		Target:   replay, Recordings: flows, Reporter: &out, DryRun: dry, Concurrency: 1,
	}
	_, err = s.Run(t.Context())
	require.NoError(t, err)
	require.Len(t, out.list, len(scenarios))
	return out.list
}

// sdkConnector has a flow that waits for the answer of an app under the key of the example,
// and one that leads back to the app.
var sdkConnector = fstest.MapFS{
	"connector/recording.yaml": {Data: []byte(`format: 1
source: synthetic
flow: connector
policy: 7c6b5a49382716f5e4d3c2b10f9e8d7c
hops:
  - name: wait
    request: {method: GET, path: /as/authorize}
    response: {status: 200, json: wait.json}
  - name: done
    from: wait
    request: {eventType: action, action: metadata, formData: {metadata: {status: succeeded}}}
    response: {status: 200, json: done.json, cookies: [ST, ST-NO-SS]}
`)},
	"redirect/recording.yaml": {Data: []byte(`format: 1
source: synthetic
flow: redirect
policy: 8c6b5a49382716f5e4d3c2b10f9e8d7c
hops:
  - name: away
    request: {method: GET, path: /as/authorize}
    response: {status: 302, headers: {Location: "https://app.example.com/callback?error=access_denied"}}
`)},
	"connector/wait.json": {Data: []byte(`{"interactionId":"{{interactionId}}","interactionToken":"{{interactionToken}}",
		"companyId":"{{envID}}","id":"aaaaaaaaaa","connectionId":"867ed4363b2bc21c860085ad2baa817d","capabilityName":"sdk",
		"_links":{"next":{"href":"{{authPath}}/{{envID}}/davinci/connections/{{connectionInstanceID}}/capabilities/{{capabilityName}}"}},
		"form":{"components":{"fields":[{"type":"METADATA","key":"metadata","payload":{}}]}}}`)},
	"connector/done.json": {Data: []byte(`{"authorizeResponse":{"code":"{{code}}","state":"{{state}}"},"status":"COMPLETED",
		"environment":{"id":"{{envID}}"},"session":{"id":"{{sessionId}}"}}`)},
}

// A journey is what is around an example, so that it holds.
type journey struct{ before, after []string }

// Where an example has nothing to say of a started sign-on, this is its journey.
var journeys = func() map[string]journey {
	flow := func(name string, rest ...string) []string {
		return append([]string{`Given the flow "` + name + `"`, `When I start the flow`}, rest...)
	}
	submit := func(rows ...string) string {
		return "When I submit the form with:\n| key | value |\n" + strings.Join(rows, "\n")
	}
	right := submit("| username | ${user.username} |", "| password | ${user.password} |")
	wrong := submit("| username | ${user.username} |", "| password | not-the-password |")
	account := submit("| user.username | ${user.username} |", "| user.email | ${user.email} |",
		"| user.temporaryPassword | ${user.password} |", "| user.password | ${user.newPassword} |")
	detailed := []string{`Given the flow "sign-on"`, `Given detailed responses`, `When I start the flow`}
	app := flow("sign-on", right, `When I exchange the code for tokens`)
	then := func(more ...string) []string { return append(slices.Clip(app), more...) }
	phone := flow("mfa", right, submit("| device | MOBILE |"))
	asked := flow("passkey", `Given the user has an authenticator`, submit("| user.username | ${user.username} |", "| user.password | ${user.password} |"))
	passkey := append(slices.Clip(asked), `When I register a passkey`)
	pressed := []string{`When I press "SIGNON"`, `Then the flow completes`}
	verified := []string{`When I press "VERIFY"`, `Then the flow completes`}
	fresh := []string{`Given a new user`}
	newUser := func(row string) []string { return []string{"Given a new user with:\n" + row} }
	return map[string]journey{
		`Given the flow "sign-on"`: {nil, []string{`When I start the flow`, `Then the flow pauses at "Sign On Form"`}},
		`Given detailed responses`: {
			[]string{`Given the flow "sign-on"`}, []string{`When I start the flow`, `Then the page has an input "username"`},
		},
		`Given the user "alice"`: {nil, flow("sign-on", right, `Then the flow completes`)},
		`Given the authorize parameters:`: {
			nil, flow("errors", `Then the flow fails with "USERNAME_PASSWORD_REQUIRED"`),
		},
		`When I start the flow`: {[]string{`Given the flow "sign-on"`}, []string{`Then the flow pauses at "Sign On Form"`}},
		`When I fill in "username" with "${user.username}"`: {
			flow("sign-on", `When I fill in "password" with "${user.password}"`), pressed,
		},
		`When I fill in:`: {flow("sign-on", `When I fill in "password" with "${user.password}"`), pressed},
		`When I press "SIGNON"`: {
			flow("sign-on", `When I fill in "username" with "alice"`, `When I fill in "password" with "${user.password}"`),
			[]string{`Then the flow completes`},
		},
		`When I submit the form`: {
			flow("sign-on", `When I fill in "username" with "alice"`, `When I fill in "password" with "${user.password}"`),
			[]string{`Then the flow completes`},
		},
		`Given the platform "ios"`:       {nil, flow("sign-on", right, `Then the flow completes`)},
		`Given the request headers:`:     {nil, flow("sign-on", right, `Then the flow completes`)},
		`When I submit the form with:`:   {flow("sign-on"), []string{`Then the flow completes`}},
		`When I answer "metadata" with:`: {flow("connector"), []string{`Then the flow completes`}},
		`When I return from "GOOGLE" with the continue token "${user.googleToken}"`: {
			flow("social"), []string{`Then the flow completes`},
		},
		`When I return from "GOOGLE" with the ID token "${user.googleToken}"`: {
			flow("social"), []string{`Then the flow completes`},
		},
		`When I return from "FACEBOOK" with the access token "${user.facebookToken}"`: {
			flow("social"), []string{`Then the flow pauses at "Email Form"`},
		},
		`When the screen polls`:                   {phone, []string{`Then the flow waits`}},
		`When the screen polls until it moves on`: {phone, []string{`Then the flow completes`}},

		`When I start the flow again`:            {flow("sso", right), []string{`Then the flow completes`}},
		`When I start the flow in a new browser`: {flow("sso", right), []string{`Then the flow pauses at "Sign On Form"`}},
		`When I register a passkey`:              {asked, []string{`Then the flow completes`}},
		`When I sign on with a passkey`: {
			append(slices.Clip(passkey), `When I start the flow`, `When I press "PASSKEY"`), []string{`Then the flow completes`},
		},
		`When I cancel the passkey prompt`:                       {asked, []string{`Then the flow reports "FIDO Registration Error - NotAllowedError"`}},
		`When the passkey prompt fails with "TimeoutError"`:      {asked, []string{`Then the flow reports "FIDO Registration Error - TimeoutError"`}},
		`Then the authenticator has 1 passkey`:                   {passkey, nil},
		`Then the authenticator has 1 passkey for "example.com"`: {passkey, nil},

		`Given a new user`:       {nil, flow("sign-on", right, `Then the user exists`)},
		`Given a new user with:`: {nil, flow("sign-on", right, `Then the user's "name.given" is "Ada"`)},
		`Given a new user with a TOTP device`: {
			nil, flow("mfa", right, submit("| device | TOTP |"), `When I fill in "otp" with the TOTP code`, `When I press "VERIFY"`, `Then the flow completes`),
		},
		`Given a new user with an email device`: {nil, flow("mfa", right, `Then the user has 1 active "EMAIL" device`)},
		`Given the user's password must change`: {fresh, flow("sign-on", right, `Then the user exists`)},
		`Given the user's password is expired`:  {nil, flow("sign-on", right, `Then the flow completes`)},
		`Given the user is disabled`: {
			fresh, flow("sign-on", right, `Then the flow reports "Invalid username and/or password"`, `Then the user's "enabled" is false`),
		},
		`Given the user is locked`: {
			fresh, flow("sign-on", right, `Then the flow reports "Invalid username and/or password"`, `Then the user's "account.status" is "LOCKED"`),
		},
		`Then the user does not exist`:              {flow("sign-on", `When I fill in "username" with "${unique.username}"`), nil},
		`Then the user's "name.given" is "Ada"`:     {append(newUser("| givenName | Ada |"), flow("sign-on")...), nil},
		`Then the user has 1 active "EMAIL" device`: {append([]string{`Given a new user with an email device`}, flow("sign-on")...), nil},
		`When I fill in "otp" with the TOTP code`: {
			append([]string{`Given a new user with a TOTP device`}, flow("mfa", right, submit("| device | TOTP |"))...), verified,
		},
		`When I fill in "otp" with the code from the email`: {
			append(slices.Clip(fresh), flow("mfa", right, submit("| device | EMAIL |"))...), verified,
		},
		`When I fill in "otp" with the code from the text message`: {
			append(newUser("| phone | ${unique.phone} |"), flow("mfa", right, submit("| device | SMS |"))...), verified,
		},
		`When I open the link from the email`: {
			append(slices.Clip(fresh), flow("mfa", right, submit("| device | EMAIL |"), `When I press "LINK"`)...),
			[]string{`When the screen polls until it moves on`, `Then the flow completes`},
		},
		`When I exchange the code for tokens`: {flow("sign-on", right), []string{`Then the flow completes`}},
		`Then the ID token has:`:              {app, nil},
		`Then the access token has:`:          {app, nil},
		`When I ask for the user info`:        {app, nil},
		`Then the user info has:`:             {then(`When I ask for the user info`), nil},
		`When I refresh the tokens`:           {app, nil},
		`When I introspect the token`:         {app, []string{`Then the token is active`}},
		`When I revoke the token`:             {app, []string{`When I introspect the token`, `Then the token is not active`}},
		`Then the token is active`:            {then(`When I introspect the token`), nil},
		`Then the token is not active`:        {then(`When I revoke the token`, `When I introspect the token`), nil},
		`When I sign off`: {
			flow("sso", right, `When I exchange the code for tokens`),
			[]string{`When I start the flow again`, `Then the flow pauses at "Sign On Form"`},
		},

		`Then the form has the fields:`:                            {flow("mfa"), nil},
		`Then the flow reports "Invalid username and/or password"`: {flow("sign-on", wrong), nil},
		`Then the flow reports an error with code "invalidValue"`: {
			flow("registration", `When I press "REGISTER"`, submit(
				"| user.email | ${user.email} |", "| user.name.given | ${user.givenName} |",
				"| user.name.family | ${user.familyName} |", "| user.password | not-the-password |",
			)), nil,
		},
		`Then the response status is 400`:                               {flow("sign-on", wrong), nil},
		`When I remember the cookie "ST" as "session"`:                  {flow("sign-on", right), nil},
		`When I check "user.acceptedTerms"`:                             {flow("forms", account), nil},
		`When I uncheck "user.acceptedTerms"`:                           {flow("forms", account), nil},
		`When I choose "By email" in "contact.channel"`:                 {flow("forms", account), nil},
		`Then the flow reports:`:                                        {flow("sign-on", wrong), nil},
		`Then the flow does not complete`:                               {flow("sign-on", wrong), nil},
		`Then the flow redirects to "https://app.example.com/callback"`: {flow("redirect"), nil},
		`Then I sent:`:                                               {flow("sign-on", right), nil},
		`Then the cookie "ST" is set`:                                {flow("sign-on", right), nil},
		`Then the cookie "ST" has:`:                                  {flow("sign-on", right), nil},
		`Then the field "user.email" is required`:                    {flow("forms"), nil},
		`Then the field "contact.topics" is optional`:                {flow("forms", account), nil},
		`Then the field "user.preferredLanguage" has the value "en"`: {flow("forms", account), nil},
		`Then the field "contact.channel" has the options:`:          {flow("forms", account), nil},
		`Then the flow completes`:                                    {flow("sign-on", right), nil},
		`Then the flow waits`:                                        {append(phone, `When the screen polls`), nil},
		`Then the flow fails with "requestTimedOut"`:                 {flow("errors", `When I press "TIMEOUT"`), nil},
		`Then the session cookies are set`:                           {flow("sign-on", right), nil},
		`Then the session cookies have:`:                             {flow("sign-on", right), nil},
		`Then no field is filled in`:                                 {flow("sign-on"), nil},
		`Then "interactionId" is unchanged`:                          {flow("sign-on", `When I press "TROUBLE"`), nil},
		`Then "interactionToken" has changed`:                        {flow("sign-on", `When I press "TROUBLE"`), nil},
		`Then the page has an input "username"`:                      {detailed, nil},
		`Then the page has a button "SIGNON"`:                        {detailed, nil},
		`Then the page shows "Sign On"`:                              {detailed, nil},
		`every sentence that is not among the others`:                {flow("sign-on"), nil},
	}
}()

func TestEveryExampleHoldsInAReplay(t *testing.T) {
	t.Parallel()
	defs := steps.Definitions()
	scenarios := make([][]string, 0, len(defs))
	for _, d := range defs {
		first, _, _ := strings.Cut(d.Example, "\n")
		j, ok := journeys[first]
		if !ok {
			j = journeys[`every sentence that is not among the others`]
		}
		lines := append([]string{}, j.before...)
		lines = append(append(lines, d.Example), j.after...)
		scenarios = append(scenarios, lines)
	}
	for i, s := range played(t, false, scenarios...) {
		t.Run(defs[i].Example, func(t *testing.T) {
			if st := s.FailedStep(); st != nil {
				assert.Fail(t, "the example does not hold", "%s\n%s", st.Text, st.Error)
			}
			assert.Equal(t, report.Passed, s.Status, "%+v", s.Notes)
		})
	}
}

// word is one of the words of a sentence that are not a value.
var word, longer = regexp.MustCompile(`[a-z]{2,}`), regexp.MustCompile(`[a-z]{3,}`)

func TestAMistypedSentenceIsAnsweredWithTheOneThatWasMeant(t *testing.T) {
	t.Parallel()
	defs := steps.Definitions()
	var scenarios [][]string
	var wants []string
	for _, d := range defs {
		first, _, _ := strings.Cut(d.Example, "\n")
		keyword, sentence, _ := strings.Cut(first, " ")
		parts := strings.Split(sentence, `"`)
		at := -1
		for i, part := range slices.Backward(parts) { // the last fixed part that has a word
			if i%2 == 0 && word.MatchString(part) {
				at = i
				break
			}
		}
		require.GreaterOrEqual(t, at, 0, first)
		slip := word
		if longer.MatchString(parts[at]) {
			slip = longer // what is left of "is one of:" would be nothing
		}
		parts[at] = slip.ReplaceAllStringFunc(parts[at], func(w string) string { return w + w[1:2] })
		scenarios = append(scenarios, []string{keyword + " " + strings.Join(parts, `"`)})
		wants = append(wants, first)
	}
	for i, s := range played(t, true, scenarios...) {
		assert.Equal(t, report.Undefined, s.Status)
		assert.Regexp(t, "^undefined: no sentence is like this; the nearest (?:is|are): (?:.*; )?"+
			regexp.QuoteMeta(wants[i])+"(?:;|$)", s.Steps[0].Error, s.Steps[0].Text)
	}
}

func TestTheListAsJSONIsTheVocabulary(t *testing.T) {
	t.Parallel()
	var got struct {
		Format int
		Areas  []struct {
			Area      string
			Sentences []struct {
				Keyword, Expression, Example, Doc string
				Params                            []steps.Kind
				Columns                           []steps.Column
			}
		}
	}
	d := json.NewDecoder(strings.NewReader(printed(t, "steps", "--format", "json")))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&got))
	assert.Equal(t, 1, got.Format)
	var all []steps.Definition
	seen := map[string]bool{}
	for _, a := range got.Areas {
		assert.False(t, seen[a.Area], "the area %q stands there once", a.Area)
		seen[a.Area] = true
		for _, s := range a.Sentences {
			all = append(all, steps.Definition{
				Keyword: s.Keyword, Expr: regexp.MustCompile(s.Expression), Area: a.Area, Doc: s.Doc, Example: s.Example,
				Params: s.Params, Columns: s.Columns,
			})
		}
	}
	want := make([]steps.Definition, 0, len(all))
	for _, d := range steps.Definitions() {
		var columns []steps.Column
		for _, c := range d.Columns {
			columns = append(columns, steps.Column{Name: c.Name, Kind: c.Kind, Required: c.Required})
		}
		want = append(want, steps.Definition{
			Keyword: d.Keyword, Expr: d.Expr, Area: d.Area, Doc: d.Doc, Example: d.Example, Params: d.Params, Columns: columns,
		})
	}
	assert.Equal(t, want, all)
}

func TestTheListsForPeopleHaveEverySentence(t *testing.T) {
	t.Parallel()
	text, markdown := printed(t, "steps"), printed(t, "steps", "--format", "markdown")
	for _, d := range steps.Definitions() {
		assert.Contains(t, text, "\n  "+strings.ReplaceAll(d.Example, "\n", "\n  ")+"\n      "+d.Doc+"\n")
		assert.Contains(t, markdown, "\n```gherkin\n"+d.Example+"\n```\n"+d.Doc+"\n")
	}
}

func TestTheListAsAPageNeedsNothingElse(t *testing.T) {
	t.Parallel()
	page := printed(t, "steps", "--format", "html")
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(page))
	require.NoError(t, err)
	assert.Zero(t, doc.Find("script, link, img, iframe, object, [src], [onclick]").Length(), "nothing runs or is loaded")
	assert.NotRegexp(t, `(?i)url\(|@import|https?:`, doc.Find("style").Text())
	assert.Zero(t, doc.Find("[style]").Length())
	assert.Contains(t, page, "@media (prefers-color-scheme: dark)")
	assert.Equal(t, "en", doc.Find("html").AttrOr("lang", ""))

	ids := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		assert.NotEmpty(t, id)
		assert.False(t, ids[id], "the name %q stands there once", id)
		ids[id] = true
	})
	doc.Find("a").Each(func(_ int, s *goquery.Selection) {
		assert.True(t, ids[strings.TrimPrefix(s.AttrOr("href", ""), "#")], "%s leads somewhere", s.AttrOr("href", ""))
	})

	entries := doc.Find("article")
	require.Equal(t, len(steps.Definitions()), entries.Length())
	for i, d := range steps.Definitions() {
		entry := entries.Eq(i)
		first, table, _ := strings.Cut(d.Example, "\n")
		assert.Equal(t, first, entry.Find("h3").Text())
		assert.Equal(t, strings.Count(first, `"`)/2, entry.Find("h3 .value").Length(), "what is between quotes is a value")
		assert.Equal(t, strings.TrimPrefix(strings.ReplaceAll(table, "\n  ", "\n"), "  "), entry.Find("pre").Text())
		assert.Equal(t, d.Doc, entry.Find("p").Text())
		assert.Equal(t, d.Area, entry.Parent().Find("h2").Text())
	}
}
