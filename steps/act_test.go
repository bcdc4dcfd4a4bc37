package steps_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/steps"
)

func TestEveryActNeedsAFlowThatWasStarted(t *testing.T) {
	for _, d := range steps.Definitions() {
		if d.Keyword != "When" || d.Example == starts {
			continue
		}
		t.Run(d.Example, func(t *testing.T) {
			row := sentence{
				before: []string{given}, sentence: d.Example,
				want: `the flow has not been started: write "When I start the flow" before this step`,
			}
			row.check(t)
		})
	}
}

func TestWhatGivenAndWhenRefuse(t *testing.T) {
	checkAll(t, map[string]sentence{
		// the flow and its user
		"a flow that the target does not have": {
			before: []string{}, sentence: `Given the flow "sign-in"`, want: `no flow "sign-in", there is sign-on`,
		},
		"a flow of what is not set": {
			before: []string{}, sentence: `Given the flow "${env.NOT_SET}"`,
			want: `${env.NOT_SET}: the environment variable NOT_SET is not set`,
		},
		"a flow from the environment": {
			answers: answering(signOnScreen()), before: []string{`Given the flow "${env.FLOW}"`}, sentence: starts,
		},
		"a start without a flow": {
			before: []string{}, sentence: starts,
			want: `no flow was chosen: write for example "Given the flow "sign-on"" before this step`,
		},
		"detailed responses, too late": {
			answers: answering(signOnScreen()), sentence: detailed,
			want: `the flow has been started already: ask for detailed responses before`,
		},
		"a platform that does not exist": {
			before: []string{given}, sentence: `Given the platform "iOS"`,
			want: `"iOS" is not a platform, want javascript, android or ios; did you mean "ios"?`,
		},
		"an invalid header": {
			before: []string{given}, sentence: "Given the request headers:\n| name | value |\n| Accept Language | x |",
			want: `"Accept Language" is not a name of a header`,
		},
		"a header of the client": {
			before: []string{given}, sentence: "Given the request headers:\n| name | value |\n| cookie | x |",
			want: `the header cookie is set by the client itself`,
		},
		"a user that the target does not have": {
			before: []string{}, sentence: `Given the user "bob"`, want: `no user "bob", there are alice, nobody`,
		},
		"authorize parameters without rows": {
			before: []string{given}, sentence: "Given the authorize parameters:\n| name | value |",
			want: `the table has no rows, want a first row with the columns name, value and a row for each value`,
		},
		"authorize parameters with another column": {
			before: []string{given}, sentence: "Given the authorize parameters:\n| key | value |\n| prompt | login |",
			want: `the table has a column "key", want name, value; did you mean "name"?`,
		},
		"authorize parameters without values": {
			before: []string{given}, sentence: "Given the authorize parameters:\n| name |\n| prompt |",
			want: `the table has no column "value", want the columns name and value`,
		},
		"an authorize parameter of what is unknown": {
			before:   []string{given},
			sentence: "Given the authorize parameters:\n| name | value |\n| login_hint | ${users.email} |",
			want:     `${users.email}: it names no attribute, want ${users.NAME.ATTRIBUTE}`,
		},
		"a service that does not exist": {
			answers: answering(httpmock.NewErrorResponder(errors.New("connection refused"))),
			before:  []string{given}, sentence: starts,
			want: `flow: GET /env-1/as/authorize: connection refused`,
		},

		// what stands for something else
		"an unknown kind of value": {
			answers: answering(signOnScreen()), sentence: `When I fill in "username" with "${name}"`,
			want: `${name} is unknown, ` + wantRefs + signs,
		},
		"a value without a name": {
			answers: answering(signOnScreen()), sentence: `When I fill in "username" with "${}"`,
			want: `${} is unknown, ` + wantRefs + signs,
		},
		"a value without an end": {
			answers: answering(signOnScreen()), sentence: `When I fill in "username" with "${user.username"`,
			want: `${user.username has no closing brace`,
		},
		"an attribute that the user does not have": {
			answers: answering(signOnScreen()), sentence: `When I fill in "username" with "${user.email}"`,
			want: `${user.email}: the user "alice" has no such attribute, there are code, facebookToken, googleToken, password, username`,
		},
		"an attribute that another user does not have": {
			answers: answering(signOnScreen()), before: []string{given, `Given the user "nobody"`, starts},
			sentence: `When I fill in "username" with "${user.email}"`,
			want:     `${user.email}: the user "nobody" has no such attribute, there are none`,
		},
		"a variable that is not set": {
			answers: answering(signOnScreen()), sentence: `When I fill in "username" with "${env.NOT_SET}"`,
			want: `${env.NOT_SET}: the environment variable NOT_SET is not set`,
		},
		"a variable that is empty": {
			answers: answering(signOnScreen()), sentence: `When I fill in "username" with "${env.EMPTY}"`,
			want: `${env.EMPTY}: the environment variable EMPTY is not set`,
		},

		// what a person does
		"a field that the screen does not have": {
			answers: answering(signOnScreen()), sentence: `When I fill in "email" with "x"`,
			want: `flow: fill in "email": the screen "Sign On Form" has no such field, it has username ("Username"), password ("Password")`,
		},
		"keys beside each other, with their values below": {
			answers: answering(signOnScreen()), sentence: "When I fill in:\n| username | password |\n| alice | secret |",
			want: `flow: fill in "alice": the screen "Sign On Form" has no such field, it has username ("Username"), password ("Password"); ` +
				"\"username\" and \"password\" are both keys, so the rows and columns of the table are swapped, want:\n  | username | … |\n  | password | … |",
		},
		"several fields without rows": {
			answers: answering(signOnScreen()), sentence: "When I fill in:\n| key | value |",
			want: `the table has no rows, want a first row with the columns key, value and a row for each value`,
		},
		"several fields with another column": {
			answers: answering(signOnScreen()), sentence: "When I fill in:\n| field | value |\n| username | a |",
			want: `the table has a column "field", want key, value; did you mean "key"?`,
		},
		"several fields without values": {
			answers: answering(signOnScreen()), sentence: "When I fill in:\n| key |\n| username |",
			want: `the table has no column "value", want the columns key and value`,
		},
		"several fields, one of which is not there": {
			answers: answering(signOnScreen()), sentence: "When I fill in:\n| key | value |\n| username | a |\n| email | b |",
			want: `flow: fill in "email": the screen "Sign On Form" has no such field, it has username ("Username"), password ("Password")`,
		},
		"a button that the screen does not have": {
			answers: answering(signOnScreen()), sentence: `When I press "LOGIN"`,
			want: `flow: press "LOGIN": the screen "Sign On Form" has no such button, it has SIGNON ("Sign On"), REGISTER ("No account?")`,
		},
		"a button after the end": {
			answers: answering(says(200, done)), sentence: signsOn,
			want: `flow: press "SIGNON": the flow waits at no screen: hop 1 completed`,
		},
		"a form with a field that does not exist": {
			answers: answering(signOnScreen()), sentence: "When I submit the form with:\n| key | value |\n| email | a |",
			want: `flow: fill in "email": the screen "Sign On Form" has no such field, it has username ("Username"), password ("Password")`,
		},
		"a poll of a screen that does not ask for one": {
			answers: answering(signOnScreen()), sentence: `When the screen polls`,
			want: `flow: poll: the screen "Sign On Form" does not poll`,
		},
		"polls of a screen that does not ask for one": {
			answers: answering(signOnScreen()), sentence: `When the screen polls until it moves on`,
			want: `flow: poll: the screen "Sign On Form" does not poll`,
		},
		"polls for the end of a challenge that the screen has not": {
			answers: answering(says(200, form(polling))), sentence: `When the screen polls until the challenge is "rejected"`,
			want: `flow: poll: the screen "Sign On Form" polls without a challenge, which could end "rejected"`,
		},
		"polls for no end": {
			answers: answering(signOnScreen()), sentence: `When the screen polls until the challenge is ""`,
			want: `the end of the challenge is empty, want one such as approved or rejected`,
		},
		"polls after the end": {
			answers: answering(says(200, done)), sentence: `When the screen polls until it moves on`,
			want: `flow: poll: the flow waits at no screen: hop 1 completed`,
		},
	})
}

func TestAScreenThatNeverMovesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		p := play(t, answering(says(200, form(polling)), says(200, rewound)),
			given, starts, `When the screen polls until it moves on`)
		require.EqualError(t, p.err, "the screen still waits after 3 polls, as many as it allows")
		assert.Equal(t, 3*time.Second, time.Since(begin))
		assert.Len(t, p.service.requests, 4, "the start and three polls")
	})
}

func TestAScreenThatMovesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		p := play(t, answering(says(200, form(polling)), says(200, rewound), says(200, done)),
			given, starts, `When the screen polls until it moves on`, `Then the flow completes`)
		require.NoError(t, p.err)
		assert.Equal(t, 2*time.Second, time.Since(begin))
	})
}

func TestAScreenPollsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := play(t, answering(says(200, form(polling)), says(200, rewound)),
			given, starts, `When the screen polls`, `Then the flow waits`)
		require.NoError(t, p.err)
		assert.Len(t, p.service.requests, 2)
	})
}

func TestWhatIsFilledIn(t *testing.T) {
	for name, row := range map[string]struct {
		value string // as a feature has it
		want  string // as it is posted
	}{
		"text as it stands":             {`alice`, `alice`},
		"nothing":                       {``, ``},
		"quotes are escaped":            {`say \"x\"`, `say "x"`},
		"backslashes are escaped":       {`a\\b`, `a\b`},
		"a backslash before a quote":    {`a\\\"b`, `a\"b`},
		"any other backslash is kept":   {`a\nb`, `a\nb`},
		"an attribute":                  {`${user.username}`, `alice`},
		"an attribute amid text":        {`<${user.username}>`, `<alice>`},
		"two attributes":                {`${user.username}${user.code}`, `alice4711`},
		"an attribute is not unescaped": {`${user.password}`, `p"a\ss-1`},
		"a variable":                    {`${env.API_KEY}`, `key-from-env`},
		"a doubled dollar is a dollar":  {`$${user.username}`, `${user.username}`},
		"both kinds of dollar":          {`$${a} ${user.username} $5`, `${a} alice $5`},
	} {
		t.Run(name, func(t *testing.T) {
			p := play(t, answering(signOnScreen()), given, starts,
				`When I fill in "username" with "`+row.value+`"`, signsOn)
			require.NoError(t, p.err)
			assert.Equal(t, row.want, gjson.Get(p.service.bodies[1], "parameters.data.formData.username").String())
		})
	}
}

func TestWhatIsFilledInByATable(t *testing.T) {
	table := "\n| key | value |\n| username | ${user.username} |\n| password | a\\|b\\\\\"c |"
	for name, acts := range map[string][]string{
		"and then a button is pressed": {"When I fill in:" + table, signsOn},
		"and submitted":                {"When I submit the form with:" + table},
	} {
		t.Run(name, func(t *testing.T) {
			p := play(t, answering(signOnScreen()), append([]string{given, starts}, acts...)...)
			require.NoError(t, p.err)
			body := gjson.Parse(p.service.bodies[1])
			assert.JSONEq(t, `{"username":"alice","password":"a|b\\\"c"}`, body.Get("parameters.data.formData").Raw)
			assert.Equal(t, "SIGNON", body.Get("parameters.data.actionKey").String())
		})
	}
}

func TestAButtonIsNamedByALabelWithQuotes(t *testing.T) {
	p := play(t, answering(says(200, form(`{"type":"FLOW_BUTTON","key":"X","label":"say \"x\""}`))),
		given, starts, `When I press "say \"x\""`)
	require.NoError(t, p.err)
	assert.Equal(t, "X", gjson.Get(p.service.bodies[1], "parameters.data.actionKey").String())
}

func TestHowAFlowIsAskedFor(t *testing.T) {
	p := play(t, answering(says(200, page("Hello"))), given, detailed, `Given the user "alice"`,
		"Given the authorize parameters:\n| name | value |\n| login_hint | ${user.username} |\n| scope | |", starts)
	require.NoError(t, p.err)
	r := p.service.requests[0]
	assert.Empty(t, r.Header.Get("X-Requested-With"))
	assert.Equal(t, "alice", r.URL.Query().Get("login_hint"))
	assert.False(t, r.URL.Query().Has("scope"), "an empty value takes a parameter away")
}

func TestAnSDKConnectorIsAnswered(t *testing.T) {
	const metadata = `{"type":"METADATA","key":"metadata","payload":{}}`
	answer := func(json string) string { return "When I answer \"metadata\" with:\n\"\"\"\n" + json + "\n\"\"\"" }
	p := play(t, answering(says(200, form(metadata)), says(200, done)), given, starts,
		answer(`{"status":"succeeded","by":"${user.username}"}`))
	require.NoError(t, p.err)
	assert.JSONEq(t, `{"eventType":"action","data":{"actionKey":"metadata",
		"formData":{"metadata":{"status":"succeeded","by":"alice"}}}}`, gjson.Get(p.service.bodies[1], "parameters").Raw)
	checkAll(t, map[string]sentence{
		"no JSON": {
			answers: answering(says(200, form(metadata))), sentence: answer("succeeded"),
			want: `succeeded is not a JSON object`,
		},
		"no object": {
			answers: answering(says(200, form(metadata))), sentence: answer("[]"),
			want: `[] is not a JSON object`,
		},
		"another field": {
			answers: answering(signOnScreen()), sentence: strings.Replace(answer("{}"), "metadata", "username", 1),
			want: `flow: answer "username": the field has the type TEXT, want METADATA`,
		},
	})
}

func TestTheRequestSaysWhoTheClientIs(t *testing.T) {
	p := play(t, answering(signOnScreen(), says(200, done)), given, starts, signsOn,
		`Given the platform "ios"`, "And the request headers:\n| name | value |\n| accept-language | fr-CA |\n| Accept | |", starts)
	require.NoError(t, p.err)
	for _, r := range p.service.requests[:2] {
		assert.Equal(t, "javascript", r.Header.Get("X-Requested-Platform"))
		assert.Regexp(t, `^flowtest/[\w.+-]+$`, r.Header.Get("User-Agent"))
		assert.Empty(t, r.Header.Get("Accept-Language"))
	}
	last := p.service.requests[2].Header
	assert.Equal(t, "ios", last.Get("X-Requested-Platform"))
	assert.Equal(t, "fr-CA", last.Get("Accept-Language"))
	assert.Empty(t, last.Get("Accept"), "an empty value takes a header away")
}

func TestWhatAScenarioLearnsIsRedacted(t *testing.T) {
	p := play(t, answering(signOnScreen(), says(200, done, "ST=cookie-1")), given, starts,
		`When I fill in "username" with "${env.API_KEY}"`,
		`When I fill in "password" with "${user.password}"`, signsOn)
	require.NoError(t, p.err)
	assert.Equal(t, `[redacted] [redacted] [redacted] "[redacted]" alice`,
		p.secrets.Redact(`key-from-env p"a\ss-1 cookie-1 "tok-1" alice`))
	assert.JSONEq(t, `{"code":"[redacted]"}`, p.secrets.Redact(`{"code":"c-1"}`))
}
