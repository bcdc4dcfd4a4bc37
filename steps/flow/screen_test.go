package flow_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

func startedDetailed(t *testing.T, s http.RoundTripper) *flow.Journey {
	t.Helper()
	c := config(s)
	c.Detailed = true
	j, err := flow.NewJourney(c)
	require.NoError(t, err)
	_, err = j.Start(t.Context())
	require.NoError(t, err)
	return j
}

func TestWhatAScreenOffers(t *testing.T) {
	same := `{"type":"FLOW_BUTTON","key":"AGAIN","label":"Same"},{"type":"FLOW_LINK","key":"OTHER","label":"Same"}`
	s := started(t, answering(says(200, form(username, signOn, register, same)))).Screen()
	for name, want := range map[string]bool{
		"SIGNON": true, "Sign On": true, " Sign  On ": true, "sign on": false, "username": false, "": false, "OTHER": true,
		"Same": true, // two have that label: none can be pressed by it, and still it is there
	} {
		b, labelled := s.Button(name)
		assert.Equal(t, want, b != nil || len(labelled) > 1, "%q", name)
	}
	assert.NotNil(t, s.Field("username"))
	assert.Nil(t, s.Field("Username"), "a field has a key only")
	assert.Nil(t, s.Field(""))
	assert.True(t, s.Field("username").Fills())
	assert.False(t, s.Field("SIGNON").Fills())
}

func TestARewindMayBringANewToken(t *testing.T) {
	rewind := `{"eventName":"rewindStateToLastRenderedUI","id":"other","interactionToken":"tok-2"}`
	s := answering(says(200, form(signOn)), says(200, rewind), says(200, done))
	j := started(t, s)
	for range 2 {
		_, err := j.Press(t.Context(), "SIGNON")
		require.NoError(t, err)
	}
	token := func(n int) string {
		return s.requests[n].Header.Get("interactionToken")
	}
	assert.Equal(t, "tok-1", token(1))
	assert.Equal(t, "tok-2", token(2))
	assert.Equal(t, "node000001", gjson.Get(s.bodies[2], "id").String())
}

func TestAScreenWithoutASubmitButtonIsSubmitted(t *testing.T) {
	device := `{"type":"DEVICE_REGISTRATION","key":"device","options":[{"type":"EMAIL","title":"Email"}]}`
	s := answering(says(200, form(device, register)), says(200, done))
	j := started(t, s)
	require.NoError(t, j.Fill("device", "EMAIL"))
	h, err := j.Submit(t.Context())
	require.NoError(t, err)
	assert.Equal(t, davinci.Completed, h.Outcome)
	assert.JSONEq(t, `{"eventType":"submit","data":{"actionKey":"","formData":{"device":"EMAIL"}}}`,
		gjson.Get(s.bodies[1], "parameters").Raw)
	assert.Empty(t, j.Unsent())
}

func TestAnOptionMayHoldACommaAndMarkup(t *testing.T) {
	const list = `{"type":"CHECKBOX","key":"tags","options":[{"label":"Red, green","value":"r,g"},{"label":"Blue","value":"b"},` +
		`{"label":"Red","value":"r"},{"label":"Caf&eacute;","value":"c"}]}`
	for text, want := range map[string]string{
		"Red, green":              `["r,g"]`,
		"Blue, r,g, Red":          `["b","r,g","r"]`,
		"b,r":                     `["b","r"]`,
		`["Red, green", "Blue"]`:  `["r,g","b"]`,
		"Cafe\u0301, Red,  green": `["c","r,g"]`,
	} {
		s := answering(says(200, form(list, signOn)), says(200, done))
		j := started(t, s)
		require.NoError(t, j.Fill("tags", text), text)
		_, err := j.Submit(t.Context())
		require.NoError(t, err)
		assert.JSONEq(t, want, gjson.Get(s.bodies[1], "parameters.data.formData.tags").Raw, text)
	}
}

func TestTheNewestInteractionIDIsReturned(t *testing.T) {
	other := strings.Replace(form(signOn), "11111111-2222", "33333333-4444", 1)
	other = strings.Replace(other, "https://auth.example.test", "HTTPS://AUTH.example.test:443", 1)
	s := answering(says(200, form(signOn)), says(200, other), says(200, form(signOn)))
	j := started(t, s)
	for range 2 {
		_, err := j.Submit(t.Context())
		require.NoError(t, err)
	}
	assert.Equal(t, "33333333-4444", s.requests[2].Header.Get("interactionId"))
	assert.Equal(t, "33333333-4444", gjson.Get(s.bodies[2], "interactionId").Str)
}

func TestAButtonWithoutAKeyIsPressedByItsLabel(t *testing.T) {
	s := answering(says(200, form(username, `{"type":"FLOW_LINK","label":"Help"}`)), says(200, done))
	_, err := started(t, s).Press(t.Context(), "Help")
	require.NoError(t, err)
	assert.JSONEq(t, `{"eventType":"action","data":{"actionKey":""}}`, gjson.Get(s.bodies[1], "parameters").Raw)
}

func TestANewScreenForgetsWhatWasFilledIn(t *testing.T) {
	s := answering(says(200, form(username, signOn)))
	j := started(t, s)
	require.NoError(t, j.Fill("username", "alice"))
	for range 2 {
		_, err := j.Submit(t.Context())
		require.NoError(t, err)
	}
	assert.JSONEq(t, `{"username":"alice"}`, gjson.Get(s.bodies[1], "parameters.data.formData").Raw)
	assert.JSONEq(t, `{}`, gjson.Get(s.bodies[2], "parameters.data.formData").Raw)
}

func TestAFlowButtonSendsWhatWasFilledIn(t *testing.T) {
	s := answering(says(200, form(username, `{"type":"TEXT","key":"remember"}`, register)))
	j := started(t, s)
	require.NoError(t, j.Fill("username", "alice"))
	_, err := j.Press(t.Context(), "No account?")
	require.NoError(t, err)
	assert.JSONEq(t, `{"actionKey":"REGISTER","formData":{"username":"alice"}}`,
		gjson.Get(s.bodies[1], "parameters.data").Raw, "and no defaults")
}

func TestOptions(t *testing.T) {
	const options = `"key":"k","options":[{"id":"i1","type":"SMS","title":"Text"},{"id":"i2"},{"label":"L"},{"title":"T"},` +
		`{"value":"","label":"None"},{"description":"only"}]}`
	radio, boxes, device := `{"type":"RADIO",`+options, `{"type":"CHECKBOX",`+options, `{"type":"DEVICE_AUTHENTICATION",`+options
	for name, row := range map[string]struct{ field, value, want, err string }{
		"an option by its id":            {field: radio, value: "i2", want: `"i2"`},
		"an option posts its type":       {field: radio, value: "i1", want: `"SMS"`},
		"an option by its title":         {field: radio, value: "T", want: `"T"`},
		"an option by its label":         {field: radio, value: "L", want: `"L"`},
		"an option with an empty value":  {field: radio, value: "None", want: `""`},
		"several options":                {field: boxes, value: "T, i2", want: `["T","i2"]`},
		"several options as JSON":        {field: boxes, value: ` ["T"]`, want: `["T"]`},
		"no option":                      {field: boxes, value: " ", want: `[]`},
		"a device by its id":             {field: device, value: "i1", want: `{"type":"SMS","id":"i1","value":""}`},
		"an unknown option":              {field: radio, value: "x", err: `RADIO`},
		"an unknown option among others": {field: boxes, value: "T,x", err: `CHECKBOX`},
		"an unknown device":              {field: device, value: "x", err: `DEVICE_AUTHENTICATION`},
	} {
		t.Run(name, func(t *testing.T) {
			s := answering(says(200, form(row.field, signOn)))
			j := started(t, s)
			err := j.Fill("k", row.value)
			if row.err != "" {
				require.EqualError(t, err, `flow: fill in "k": the `+row.err+` has no such option, it has "SMS" ("Text"), "i2", "L", "T", "" ("None"), ""`)
				return
			}
			require.NoError(t, err)
			_, err = j.Submit(t.Context())
			require.NoError(t, err)
			assert.JSONEq(t, row.want, gjson.Get(s.bodies[1], "parameters.data.formData.k").Raw)
		})
	}
}

func TestInputsOfAPage(t *testing.T) {
	h := davinci.Reader{}.Read(200, nil, []byte(`<title> Sign
		On </title><input name=a><input id=b><input><input name=c type=submit><input name=d type=button>
		<select name=e required><option value=1>One<option value=2 selected>Number two</select><select name=s><option> First </select>
		<textarea name=f>text</textarea><input name=g type=HIDDEN value=v>`))
	assert.Equal(t, []davinci.Input{
		{Name: "a", Type: "text"},
		{Name: "b", Type: "text"},
		{Name: "e", Type: "select", Value: "2", Required: true, Options: []string{"One", "Number two"}},
		{Name: "s", Type: "select", Value: "First", Options: []string{"First"}},
		{Name: "f", Type: "textarea", Value: "text"},
		{Name: "g", Type: "hidden", Value: "v"},
	}, h.Page().Inputs())
	assert.Contains(t, h.Failure.Message, `a page titled "Sign On"`)
	assert.Empty(t, h.Page().Buttons())
	first := h.Page()
	assert.Same(t, first, h.Page(), "it is read once")
}

func TestThePageOfNothing(t *testing.T) {
	for name, p := range map[string]*davinci.Page{
		"the zero value": {}, "an empty body": davinci.Reader{}.Read(200, nil, nil).Page(), "JSON without HTML": davinci.Reader{}.Read(200, nil, []byte(" {}")).Page(),
	} {
		t.Run(name, func(t *testing.T) {
			assert.Empty(t, p.Text())
			assert.Empty(t, p.Inputs())
			assert.Empty(t, p.Buttons())
		})
	}
}

func TestAJourneyHasAJarOfItsOwn(t *testing.T) {
	r := httpmock.NewStringResponse(200, form(signOn))
	r.Header["Set-Cookie"] = []string{"ST=a; Path=/", "elsewhere=b; Path=/other"}
	for want, first := range map[string]httpmock.Responder{
		"ST=a": httpmock.ResponderFromResponse(r), "": says(200, form(signOn)),
	} {
		j := started(t, answering(first, says(200, done)))
		h, err := j.Submit(t.Context())
		require.NoError(t, err)
		assert.Equal(t, want, h.Exchange.Header.Get("Cookie"))
	}
}

func TestOutcomesAndOriginsHaveNames(t *testing.T) {
	for outcome, want := range map[davinci.Outcome]string{
		davinci.Paused: "paused", davinci.Rewound: "rewound", davinci.Refused: "refused", davinci.Completed: "completed",
		davinci.Failed: "failed", 0: "unknown",
	} {
		assert.Equal(t, want, outcome.String())
	}
	for origin, want := range map[davinci.Origin]struct {
		name          string
		environmental bool
	}{
		davinci.FromFlow: {"flow", false}, davinci.FromNetwork: {"network", true}, davinci.FromRateLimit: {"rate limit", true},
		davinci.FromTenant: {"tenant set-up", true}, 0: {"unknown", false},
	} {
		assert.Equal(t, want.name, origin.String())
		assert.Equal(t, want.environmental, origin.Environmental(), want.name)
	}
}

func TestFailuresWithoutACode(t *testing.T) {
	for name, row := range map[string]struct {
		status        int
		kind          string
		body          string
		code, message string
	}{
		"FAILED without a code": {status: 200, body: `{"status":"FAILED"}`, code: "FAILED"},
		"a body of another kind": {
			status: 200, kind: "text/plain; charset=utf-8", body: "hello", code: "notJSON",
			message: `the body is not a JSON object but text/plain: "hello"`,
		},
		"a body of no kind": {
			status: 200, body: "hello", code: "notJSON",
			message: `the body is not a JSON object but a text without a Content-Type: "hello"`,
		},
		"a redirect to nowhere": {
			status: 302, code: "302",
			message: "redirected instead of answered: look at client id, response mode and the application's flow policy",
		},
		"a 503 in JSON":    {status: 503, body: `{"message":"down"}`, code: "503", message: "down"},
		"blanks before it": {status: 500, body: "\r\n\t {\"message\":\" down\"}", code: "500", message: "down"},
		"nothing but white space": {
			status: 200, body: " \n", code: "notJSON", message: "the body is not a JSON object but empty",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := httpmock.NewStringResponse(row.status, row.body)
			if row.kind != "" {
				r.Header.Set("Content-Type", row.kind)
			}
			f := started(t, answering(httpmock.ResponderFromResponse(r))).Last().Failure
			require.NotNil(t, f)
			assert.Equal(t, row.code, f.Code)
			assert.Equal(t, row.message, f.Message)
		})
	}
}

func TestADeadFlowSaysWhyNothingCanBeDone(t *testing.T) {
	j := started(t, answering(says(401, `{"code":1999,"message":"Unauthorized!"}`)))
	_, err := j.Press(t.Context(), "SIGNON")
	require.EqualError(t, err, `flow: press "SIGNON": the flow waits at no screen: hop 1 failed (1999: Unauthorized! `+
		`(the interaction is unknown, has expired, or its handles are missing))`)
}

func TestAJourneyWithoutARedactorKeepsOneOfItsOwn(t *testing.T) {
	c := config(answering(says(200, form(password, signOn))))
	c.Redactor, c.Scopes = nil, []string{"openid", "profile"}
	j, err := flow.NewJourney(c)
	require.NoError(t, err)
	h, err := j.Start(t.Context())
	require.NoError(t, err)
	require.NoError(t, j.Fill("password", "x"))
	assert.Equal(t, "openid profile", h.Exchange.URL.Query().Get("scope"))
	assert.Nil(t, c.Redactor, "the caller's configuration stays as it was")
}

func TestTheHopKeepsWhatWasSent(t *testing.T) {
	j := started(t, answering(says(200, form(username, signOn)), says(200, done)))
	_, err := j.Submit(t.Context())
	require.NoError(t, err)
	require.Len(t, j.Hops(), 2)
	first, second := j.Hops()[0].Exchange, j.Hops()[1].Exchange
	assert.Equal(t, "GET", first.Method)
	assert.Nil(t, first.Body)
	assert.Equal(t, "SIGNON", j.Hops()[1].Action)
	assert.Equal(t, "submit", gjson.GetBytes(second.Body, "parameters.eventType").Str)
	assert.True(t, strings.HasPrefix(string(second.Body), `{"id":"node000001"`), "%s", second.Body)
	assert.Equal(t, 2, j.Hops()[1].Number)
}

func TestTheCauseOfANetworkErrorMayBeTestedFor(t *testing.T) {
	cause := errors.New("connection refused")
	j, err := flow.NewJourney(config(answering(httpmock.NewErrorResponder(cause))))
	require.NoError(t, err)
	_, err = j.Start(t.Context())
	require.ErrorIs(t, err, cause)
}

func TestANameThatAFieldHasTwice(t *testing.T) {
	twice := form(`{"type":"TEXT","key":"a","label":"A","required":true,"key":"b","type":"LABEL","label":"B","required":false}`)
	f := started(t, answering(says(http.StatusOK, twice))).Screen().Fields[0]
	assert.Equal(t, []string{"b", "LABEL", "B"}, []string{f.Key, f.Type, f.Label}, "the last counts")
	assert.False(t, f.Required)
}
