package flow_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/flow"
)

const (
	google   = `{"type":"SOCIAL_LOGIN_BUTTON","key":"g","label":"Go <b>on</b> with Google","idpType":"GOOGLE"}`
	facebook = `{"type":"SOCIAL_LOGIN_BUTTON","key":"f","label":"Facebook","idpType":"FACEBOOK"}`
	back     = "https://auth.example.test/env-1/davinci/connections/conn1/callback?of=conn1"
)

// social is a screen with a link for a client that comes back.
func social(link string, fields ...string) string {
	return strings.Replace(form(fields...), `"_links":{`, `"_links":{"continue":{"href":"`+link+`"},`, 1)
}

func TestReturnFromAnIdentityProvider(t *testing.T) {
	for _, name := range []string{"GOOGLE", "google", "g", "Go on with Google"} {
		s := answering(says(200, social(back, username, google, facebook)), says(200, done))
		j := started(t, s)
		require.NoError(t, j.Fill("username", "ann"))
		h, err := j.Return(t.Context(), name, "token-of-google")
		require.NoError(t, err, name)
		assert.Equal(t, "completed", h.Outcome.String())
		r := s.requests[1]
		assert.Equal(t, back, r.URL.String())
		assert.Equal(t, "POST", r.Method)
		assert.Equal(t, "{}", s.bodies[1])
		assert.Equal(t, "Bearer token-of-google", r.Header.Get("Authorization"))
		assert.Empty(t, r.Header.Get("Interactionid"), "cookies carry it, as in the SDKs")
		assert.Empty(t, r.Header.Get("Interactiontoken"))
		assert.Equal(t, []flow.Unsent{{Key: "username", Lost: true}}, j.Unsent(), "the token goes without the form")
	}
}

func TestTheContinueTokenIsHidden(t *testing.T) {
	c := config(answering(says(200, social(back, google)), says(200, done)))
	j, err := flow.NewJourney(c)
	require.NoError(t, err)
	_, err = j.Start(t.Context())
	require.NoError(t, err)
	_, err = j.Return(t.Context(), "GOOGLE", "token-of-google")
	require.NoError(t, err)
	assert.Equal(t, "Bearer [redacted]", c.Redactor.Redact("Bearer token-of-google"))
}

func TestWhatReturnRefuses(t *testing.T) {
	for name, row := range map[string]struct{ screen, provider, token, want string }{
		"a screen without providers": {
			form(username), "GOOGLE", "x", `flow: return from "GOOGLE": the screen "Sign On Form" has no button of an identity provider`,
		},
		"another provider": {
			social(back, google, facebook), "GOGLE", "x",
			`flow: return from "GOGLE": the screen "Sign On Form" does not lead to it, ` +
				`it leads to GOOGLE, FACEBOOK; did you mean "GOOGLE"?`,
		},
		"two fields for one provider": {
			social(back, google, strings.Replace(google, `"g"`, `"h"`, 1)), "GOOGLE", "x",
			`flow: return from "GOOGLE": the screen "Sign On Form" leads to it with several fields, ` +
				`name one by its key or its label`,
		},
		"no token": {
			social(back, google), "GOOGLE", "",
			`flow: return from "GOOGLE": the continue token is empty or has a character that no token has: ` +
				`want the value of continueToken in the redirect`,
		},
		"a token with a line break": {
			social(back, google), "GOOGLE", "a\r\nb",
			`flow: return from "GOOGLE": the continue token is empty or has a character that no token has: ` +
				`want the value of continueToken in the redirect`,
		},
		"no link": {
			form(google), "GOOGLE", "x", `flow: the continue link has no host, want an absolute URL`,
		},
		"a link to another host": {
			social("https://elsewhere.test/back?x=y", google), "GOOGLE", "x",
			`flow: continue link https://elsewhere.test/back: the continue link leads away from https://auth.example.test, ` +
				`and credentials go nowhere else`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := answering(says(200, row.screen))
			_, err := started(t, s).Return(t.Context(), row.provider, row.token)
			require.EqualError(t, err, row.want)
			assert.Len(t, s.requests, 1)
		})
	}
	j, err := flow.NewJourney(config(answering()))
	require.NoError(t, err)
	_, err = j.Return(t.Context(), "GOOGLE", "x")
	require.EqualError(t, err, `flow: return from "GOOGLE": the flow waits at no screen: it has not been started`)
	_, err = started(t, answering(says(200, social(back, google)))).Press(t.Context(), "g")
	require.EqualError(t, err, `flow: press "g": this leads from the screen "Sign On Form" to an identity provider, where a `+
		`browser signs on; write When I return from "GOOGLE" with the continue token "…"`)
}
