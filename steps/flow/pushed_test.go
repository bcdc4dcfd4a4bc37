package flow_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/flow"
	"flowtest/steps/secret"
)

const pushed = "https://auth.example.test/env-1/as/par"

func TestAPushedAuthorizationRequest(t *testing.T) {
	s := answering(says(201, `{"request_uri":"urn:example:one-time","expires_in":60}`), says(200, form(username, signOn)), says(200, done))
	c := config(s)
	c.Pushed, c.ClientSecret = pushed, secret.New("sec/ret")
	j, err := flow.NewJourney(c)
	require.NoError(t, err)
	h, err := j.Start(t.Context())
	require.NoError(t, err)
	_, err = j.Press(t.Context(), "SIGNON")
	require.NoError(t, err)
	assert.Len(t, j.Hops(), 2, "the push is no hop")

	push := s.requests[0]
	assert.Equal(t, pushed, push.URL.String())
	assert.Equal(t, "application/x-www-form-urlencoded", push.Header.Get("Content-Type"))
	id, password, _ := push.BasicAuth()
	assert.Equal(t, []string{"client-1", "sec%2Fret"}, []string{id, password})
	form, err := url.ParseQuery(s.bodies[0])
	require.NoError(t, err)
	assert.Equal(t, "pi.flow", form.Get("response_mode"))
	assert.Equal(t, "S256", form.Get("code_challenge_method"))
	assert.Equal(t, "policy-1", form.Get("acr_values"))
	assert.Equal(t, url.Values{
		"response_mode": {"pi.flow"}, "client_id": {"client-1"}, "request_uri": {"urn:example:one-time"},
	}, s.requests[1].URL.Query())
	assert.Equal(t, form, h.Exchange.URL.Query(), "the hop says what the flow was asked for")
	assert.Equal(t, "[redacted]", c.Redactor.Redact("urn:example:one-time"))
}

func TestAPushedRequestThatIsRefused(t *testing.T) {
	for name, row := range map[string]struct {
		status          int
		body, at, wants string
	}{
		"refused": {
			401, `{"error":"invalid_client","error_description":"no such client"}`, pushed,
			"flow: POST /env-1/as/par: the pushed authorization request is answered with status 401: no such client, want 201 and a request_uri",
		},
		"without a request_uri": {
			201, `{}`, pushed, "flow: POST /env-1/as/par: the pushed authorization request is answered with status 201, want 201 and a request_uri",
		},
		"to another host": {
			201, `{}`, "https://elsewhere.test/as/par",
			"flow: the endpoint for pushed authorization requests is not an absolute URL of https://auth.example.test, and credentials go nowhere else",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := config(answering(says(row.status, row.body)))
			c.Pushed = row.at
			j, err := flow.NewJourney(c)
			require.NoError(t, err)
			_, err = j.Start(t.Context())
			require.EqualError(t, err, row.wants)
		})
	}
	s := answering(says(200, form(username)))
	c := config(s)
	c.Pushed, c.Parameters = pushed, map[string]string{"request_uri": "urn:example:own"}
	j, err := flow.NewJourney(c)
	require.NoError(t, err)
	_, err = j.Start(t.Context())
	require.NoError(t, err)
	assert.Len(t, s.requests, 1, "a request that names a pushed one pushes none")
}
