package flow_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
	"golang.org/x/oauth2"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

func TestStartSendsTheAuthorizeRequest(t *testing.T) {
	s := answering(says(200, form(username)))
	c := config(s)
	c.Parameters = map[string]string{"prompt": "login", "redirect_uri": ""}
	j, err := flow.NewJourney(c)
	require.NoError(t, err)
	_, err = j.Start(t.Context())
	require.NoError(t, err)

	r := s.requests[0]
	q := r.URL.Query()
	assert.Equal(t, "GET", r.Method)
	assert.Equal(t, "/env-1/as/authorize", r.URL.Path)
	assert.Equal(t, "ping-sdk", r.Header.Get("X-Requested-With"))
	assert.Equal(t, "pi.flow", q.Get("response_mode"))
	assert.Equal(t, "code", q.Get("response_type"))
	assert.Equal(t, "client-1", q.Get("client_id"))
	assert.Equal(t, "openid", q.Get("scope"))
	assert.Equal(t, "policy-1", q.Get("acr_values"))
	assert.Equal(t, "S256", q.Get("code_challenge_method"))
	assert.Len(t, q.Get("code_challenge"), len(oauth2.S256ChallengeFromVerifier("x")))
	assert.NotEmpty(t, q.Get("state"))
	assert.NotEmpty(t, q.Get("nonce"))
	assert.NotEqual(t, q.Get("state"), q.Get("nonce"))
	assert.Equal(t, "login", q.Get("prompt"), "a parameter of the scenario is added")
	assert.False(t, q.Has("redirect_uri"), "an empty one is taken away")
}

func TestPressSendsTheNextRequest(t *testing.T) {
	first := httpmock.NewStringResponse(200, form(username, password, signOn, register))
	first.Header.Add("Set-Cookie", "interactionToken=tok-1; Path=/; HttpOnly; Max-Age=900")
	s := answering(httpmock.ResponderFromResponse(first), says(200, done))
	j := started(t, s)
	require.NoError(t, j.Fill("username", "alice"))
	require.NoError(t, j.Fill("password", `p"w`))
	h, err := j.Press(t.Context(), "Sign On")
	require.NoError(t, err)
	assert.Equal(t, "completed", h.Outcome.String())

	r, body := s.requests[1], gjson.Parse(s.bodies[1])
	assert.Equal(t, "POST", r.Method)
	assert.Equal(t, "/env-1/davinci/connections/conn1/capabilities/customHTMLTemplate", r.URL.Path)
	assert.Equal(t, "next=true", r.URL.RawQuery, "the next link is followed as it stands")
	assert.Equal(t, "ping-sdk", r.Header.Get("X-Requested-With"))
	assert.Equal(t, "11111111-2222", r.Header.Get("interactionId"))
	assert.Equal(t, "tok-1", r.Header.Get("interactionToken"))
	assert.Equal(t, "interactionToken=tok-1", r.Header.Get("Cookie"), "the jar carries the cookies")
	assert.Equal(t, "node000001", body.Get("id").String())
	assert.Equal(t, "continue", body.Get("eventName").String())
	assert.Equal(t, "11111111-2222", body.Get("interactionId").String())
	assert.Equal(t, "submit", body.Get("parameters.eventType").String())
	assert.Equal(t, "SIGNON", body.Get("parameters.data.actionKey").String())
	assert.JSONEq(t, `{"username":"alice","password":"p\"w"}`, body.Get("parameters.data.formData").Raw)
}

func TestAFlowButtonIsAnAction(t *testing.T) {
	s := answering(says(200, form(username, register)), says(200, form(username)))
	j := started(t, s)
	_, err := j.Press(t.Context(), "REGISTER")
	require.NoError(t, err)
	body := gjson.Parse(s.bodies[1])
	assert.Equal(t, "action", body.Get("parameters.eventType").String())
	assert.Equal(t, "REGISTER", body.Get("parameters.data.actionKey").String())
	assert.False(t, body.Get("parameters.data.formData").Exists())
}

func TestARefusalKeepsTheScreenAndWhatWasFilledIn(t *testing.T) {
	refused := says(400, `{"code":"x","message":" Invalid","capabilityName":"checkPassword"}`)
	s := answering(says(200, form(username, password, signOn)), refused, says(200, done))
	j := started(t, s)
	require.NoError(t, j.Fill("username", "alice"))
	require.NoError(t, j.Fill("password", "wrong"))
	_, err := j.Press(t.Context(), "SIGNON")
	require.NoError(t, err)
	assert.Equal(t, "Invalid", j.Last().Message())
	require.NotNil(t, j.Screen())
	require.NoError(t, j.Fill("password", "right"))
	_, err = j.Press(t.Context(), "SIGNON")
	require.NoError(t, err)
	body := gjson.Parse(s.bodies[2])
	assert.JSONEq(t, `{"username":"alice","password":"right"}`, body.Get("parameters.data.formData").Raw)
	assert.Equal(t, "node000001", body.Get("id").String(), "the old id stays valid")
	assert.Equal(t, "tok-1", s.requests[2].Header.Get("interactionToken"), "and so does the old token")
}

func TestValuesFollowTheFieldsType(t *testing.T) {
	fields := []string{
		`{"type":"TEXT","key":"user.username"}`,
		`{"type":"CHECKBOX","key":"tags","options":[{"label":"A","value":"a"},{"label":"B","value":"b"}]}`,
		`{"type":"COMBOBOX","key":"any"}`,
		`{"type":"SINGLE_CHECKBOX","key":"terms"}`,
		`{"type":"PHONE_NUMBER","key":"phone"}`,
		`{"type":"RADIO","key":"color","options":[{"label":"Red","value":"r"}]}`,
		`{"type":"DEVICE_REGISTRATION","key":"new","options":[{"type":"SMS","title":"Text message"}]}`,
		`{"type":"DEVICE_AUTHENTICATION","key":"device","options":[{"id":"d1","type":"EMAIL","description":"a…@example.com"}]}`,
		`{"type":"SIGNATURE_PAD","key":"signature"}`,
		`{"type":"TEXT","key":"remember"}`,
		signOn,
	}
	s := answering(says(200, form(fields...)), says(200, done))
	j := started(t, s)
	for key, value := range map[string]string{
		"user.username": "alice", "tags": "a, b", "any": `["x"]`, "terms": "true",
		"phone": `{"countryCode":"GB","phoneNumber":"7700900123"}`, "color": "Red", "new": "Text message",
		"device": "EMAIL", "signature": "~",
	} {
		require.NoError(t, j.Fill(key, value), key)
	}
	_, err := j.Submit(t.Context())
	require.NoError(t, err)
	assert.JSONEq(t, `{"user.username":"alice","tags":["a","b"],"any":["x"],"terms":true,
		"phone":{"countryCode":"GB","phoneNumber":"7700900123"},"color":"r","new":"SMS",
		"device":{"type":"EMAIL","id":"d1","value":"a…@example.com"},"signature":"~","remember":"yes"}`,
		gjson.Get(s.bodies[1], "parameters.data.formData").Raw)
}

func TestAnUnknownFieldTypeIsKept(t *testing.T) {
	j := started(t, answering(says(200, form(`{"type":"SIGNATURE_PAD","key":"signature","label":"Sign here"}`))))
	f := j.Screen().Field("signature")
	require.NotNil(t, f)
	assert.Equal(t, "SIGNATURE_PAD", f.Type)
	assert.Equal(t, "Sign here", f.Label)
	assert.True(t, f.Fills(), "it may take a value")
	assert.Empty(t, f.Posts())
}

const detailed = `{"id":"node000001","companyId":"env-1","connectionId":"conn1","capabilityName":"customHTMLTemplate",
	"interactionId":"i-1","interactionToken":"tok-1","_links":{"self":{"href":"https://auth.example.test/x"}},
	"screen":{"properties":{"nodeTitle":{"value":"Sign On Form"},"button":{"onClick":{"eventName":"goOn"}},
	"formFieldsList":{"value":[{"propertyName":"username","displayName":"Username","hashedVisibility":false},
	{"propertyName":"password","displayName":"Password","hashedVisibility":true},{"propertyName":"buttonValue"}]},
	"customHTML":{"value":"<form><input name='username'><input id='password' type='password'><button data-skcomponent='skbutton' data-skbuttontype='form-submit' data-skbuttonvalue='SIGNON'>Sign\n On</button><a data-skcomponent='skbutton' data-skbuttontype='next-event' data-skbuttonvalue='REGISTER'>No account?</a></form>"}}}}`

func TestDetailedMode(t *testing.T) {
	s := answering(says(200, detailed), says(200, done))
	c := config(s)
	c.Detailed = true
	j, err := flow.NewJourney(c)
	require.NoError(t, err)
	h, err := j.Start(t.Context())
	require.NoError(t, err)
	assert.Empty(t, s.requests[0].Header.Get("X-Requested-With"))

	screen := j.Screen()
	assert.Equal(t, "Sign On Form", screen.Name)
	var got []string
	for _, f := range screen.Fields {
		got = append(got, f.Key+" "+f.Type+" "+f.Label)
	}
	assert.Equal(t, []string{
		"username TEXT Username", "password PASSWORD Password", "SIGNON SUBMIT_BUTTON Sign On",
		"REGISTER FLOW_BUTTON No account?",
	}, got)
	assert.Equal(t, []davinci.Input{{Name: "username", Type: "text"}, {Name: "password", Type: "password"}}, h.Page().Inputs())
	assert.Equal(t, "Sign On No account?", h.Page().Text())

	require.NoError(t, j.Fill("username", "alice"))
	_, err = j.Press(t.Context(), "SIGNON")
	require.NoError(t, err)
	r := s.requests[1]
	assert.Empty(t, r.Header.Get("X-Requested-With"))
	assert.Equal(t, "https://auth.example.test/env-1/davinci/connections/conn1/capabilities/customHTMLTemplate",
		r.URL.String(), "the link is built from connectionId and capabilityName")
	assert.Equal(t, "goOn", gjson.Get(s.bodies[1], "eventName").String())
}

func TestDetailedModeOnACustomDomainHasNoEnvironmentID(t *testing.T) {
	s := answering(says(200, detailed), says(200, done))
	c := config(s)
	c.Detailed, c.Authorize = true, "https://login.example.test/as/authorize"
	j, err := flow.NewJourney(c)
	require.NoError(t, err)
	_, err = j.Start(t.Context())
	require.NoError(t, err)
	_, err = j.Press(t.Context(), "SIGNON")
	require.NoError(t, err)
	assert.Equal(t, "https://login.example.test/davinci/connections/conn1/capabilities/customHTMLTemplate",
		s.requests[1].URL.String())
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	r := httpmock.NewStringResponse(302, "")
	r.Header.Set("Location", "https://elsewhere.example.test/")
	s := answering(httpmock.ResponderFromResponse(r))
	started(t, s)
	assert.Len(t, s.requests, 1)
}

func TestEveryJourneyHasItsOwnState(t *testing.T) {
	s := answering(says(200, form(username)))
	started(t, s)
	started(t, s)
	a, b := s.requests[0].URL.Query(), s.requests[1].URL.Query()
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		assert.NotEqual(t, a.Get(name), b.Get(name), name)
	}
}

func TestSecretsThatComeBackAreKnownToTheRedactor(t *testing.T) {
	first := httpmock.NewStringResponse(200, form(password, signOn))
	last := httpmock.NewStringResponse(200, done)
	last.Header = http.Header{"Set-Cookie": {"ST=session-cookie-1; Path=/"}}
	s := answering(httpmock.ResponderFromResponse(first), httpmock.ResponderFromResponse(last))
	c := config(s)
	j, err := flow.NewJourney(c)
	require.NoError(t, err)
	_, err = j.Start(t.Context())
	require.NoError(t, err)
	require.NoError(t, j.Fill("password", "typed-secret"))
	_, err = j.Press(t.Context(), "SIGNON")
	require.NoError(t, err)
	text := `"tok-1" session-cookie-1 typed-secret ` + url.QueryEscape("typed-secret")
	assert.Equal(t, `"[redacted]" [redacted] [redacted] [redacted]`, c.Redactor.Redact(text))
	assert.JSONEq(t, `{"code":"[redacted]"}`, c.Redactor.Redact(`{"code":"c-1"}`))
}
