package flow_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

// native is a field whose link a mobile app asks where to post the token of a provider.
func native(link string) string {
	return strings.Replace(google, `"idpType"`, `"links":{"authenticate":{"href":"`+link+`"}},"idpType"`, 1)
}

const (
	asked   = "https://auth.example.test/env-1/rp/authenticate?flowId=of-1"
	whereTo = `{"idp":{"clientId":"c","nonce":"n"},"_links":{"next":{"href":"https://auth.example.test/env-1/rp/native?flowId=of-1"}}}`
)

func TestReturnFromTheSDKOfAProvider(t *testing.T) {
	for _, property := range []string{"idToken", "accessToken"} {
		c := config(nil)
		s := answering(says(200, form(username, native(asked))), says(200, whereTo), says(200, done))
		c.Transport = s
		j, err := flow.NewJourney(c)
		require.NoError(t, err)
		_, err = j.Start(t.Context())
		require.NoError(t, err)
		h, err := j.ReturnNatively(t.Context(), "google", property, "token-of-google")
		require.NoError(t, err)
		assert.Equal(t, "completed", h.Outcome.String())
		assert.Equal(t, 2, h.Number, "that the link was asked is no hop")
		require.Len(t, s.requests, 3)
		assert.Equal(t, "GET "+asked, s.requests[1].Method+" "+s.requests[1].URL.String())
		assert.Equal(t, "application/json", s.requests[1].Header.Get("Accept"))
		assert.Equal(t, "POST https://auth.example.test/env-1/rp/native?flowId=of-1", s.requests[2].Method+" "+s.requests[2].URL.String())
		assert.JSONEq(t, `{"`+property+`":"token-of-google"}`, s.bodies[2])
		assert.Empty(t, s.requests[2].Header.Get("Authorization"))
		got, token := davinci.NativeToken(h.Exchange.Body)
		assert.Equal(t, property+" token-of-google", got+" "+token)
		assert.Equal(t, davinci.Resume, h.Exchange.Endpoint())
		assert.Equal(t, "the token [redacted]", c.Redactor.Redact("the token token-of-google"))
	}
}

func TestWhatReturnFromTheSDKOfAProviderRefuses(t *testing.T) {
	for name, row := range map[string]struct {
		field, token string
		status       int
		answer, want string
	}{
		"no token": {
			native(asked), "", 0, "", `flow: return from "GOOGLE": the ID token is empty or has a character that no token has`,
		},
		"no link": {
			google, "x", 0, "", `flow: the authenticate link has no host, want an absolute URL`,
		},
		"a link to another host": {
			native("https://elsewhere.test/a?x=y"), "x", 0, "",
			`flow: authenticate link https://elsewhere.test/a: the authenticate link leads away ` +
				`from https://auth.example.test, and credentials go nowhere else`,
		},
		"a provider for browsers": {
			native(asked), "x", 302, "", `flow: return from "GOOGLE": the link of the provider was answered with status 302, ` +
				`want JSON with _links.next.href: a provider that signs on only in a browser comes back with a continue token`,
		},
		"an answer that leads elsewhere": {
			native(asked), "x", 200, `{"_links":{"next":{"href":"https://elsewhere.test/b"}}}`,
			`flow: next link https://elsewhere.test/b: the next link leads away from ` +
				`https://auth.example.test, and credentials go nowhere else`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := answering(says(200, form(row.field)), says(row.status, row.answer))
			_, err := started(t, s).ReturnNatively(t.Context(), "GOOGLE", "idToken", row.token)
			require.EqualError(t, err, row.want)
		})
	}
}

func TestWhatPostsTheTokenOfAProvider(t *testing.T) {
	for body, want := range map[string]string{
		`{"idToken":"a"}`: "idToken a", `{"accessToken":"a"}`: "accessToken a", `{"idToken":""}`: " ", `{"idToken":1}`: " ",
		`{"idToken":"a","id":"b"}`: " ", `{"id":"b","idToken":"a"}`: " ", `{"token":"a"}`: " ", `{"idToken":"a"`: " ", `{}`: " ",
	} {
		property, token := davinci.NativeToken([]byte(body))
		assert.Equal(t, want, property+" "+token, body)
	}
}
