package flow_test

import (
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
	"flowtest/steps/secret"
)

// foreign is the failure of a hop whose answer is not a JSON object.
func foreign(t *testing.T, kind, body string, known ...string) *davinci.Failure {
	t.Helper()
	r := httpmock.NewStringResponse(200, body)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	c := config(answering(httpmock.ResponderFromResponse(r)))
	c.Redactor = &secret.Redactor{}
	c.Redactor.Add(known...)
	j, err := flow.NewJourney(c)
	require.NoError(t, err)
	h, err := j.Start(t.Context())
	require.NoError(t, err)
	require.NotNil(t, h.Failure)
	require.Equal(t, "notJSON", h.Failure.Code)
	return h.Failure
}

func TestWhatCameInsteadOfJSONIsShown(t *testing.T) {
	const not = "the body is not a JSON object but "
	for name, row := range map[string]struct{ kind, body, want string }{
		"text":                      {"text/plain; charset=utf-8", "upstream\r\n\tconnect error", not + `text/plain: "upstream connect error"`},
		"text of no kind":           {"", "hello", not + `a text without a Content-Type: "hello"`},
		"nothing":                   {"application/json", " \n", not + "empty"},
		"a list":                    {"application/json", `["a"]`, not + `application/json: "[\"a\"]"`},
		"JSON that breaks":          {"application/json", `{"id":"node1","n":7,"a":{`, not + `application/json that is not valid JSON: "{\"id\":…,\"n\":…,\"a\":{"`},
		"a page":                    {"text/html", "<html><title>Be  back</title><body><script>x()</script><p>Soon</p>", not + `a page titled "Be back" (text/html): "Soon"`},
		"only a page of a title":    {"text/html", "<title>Down</title>", not + `a page titled "Down" (text/html)`},
		"a page of no Content-Type": {"", "<title>Down</title><p>Soon", not + `a page titled "Down": "Soon"`},
		"a page of no title":        {"text/html", "<p>Gateway <b>down</b>", not + `text/html: "Gateway down"`},
		"XML":                       {"text/xml", "<?xml version='1.0'?><fault/>", not + `text/xml: "<?… version=…?><fault/>"`},
		"60 characters":             {"text/plain", strings.Repeat("ä ", 30) + "b", not + `text/plain: "` + strings.Repeat("ä ", 30) + `…"`},
		"what is not text":          {"image/png", "\x89PNG\x00\xff", not + `image/png: "�PNG\x00�"`},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, row.want, foreign(t, row.kind, row.body).Message)
		})
	}
}

func TestWhatCameInsteadOfJSONHidesSecrets(t *testing.T) {
	const canary = "c4n4ry-0"
	const minted = "Zm9yZXZlcmFuZGV2ZXJhbmRhZGF5"
	for name, body := range map[string]string{
		"known":                       "you are " + canary + " indeed",
		"known, at the cut":           strings.Repeat("x ", 28) + canary,
		"the token of half an answer": `{"interactionToken":"` + minted,
		"a value of half an answer":   `{"otp" : "` + minted[:6] + `\"` + minted[:6],
		"a number of half an answer":  `{"otp":` + "4711" + minted[:6] + `,`,
		"a query":                     "see https://a.test/back?" + minted[:6],
		"a form":                      "code=" + minted[:6] + "&state=" + minted[:6],
		"words":                       "Password: " + minted[:6],
		"a credential":                "Authorization: Bearer " + minted[:6],
		"a token by itself":           "saved as " + minted,
		"in a page":                   "<title>t</title><p>token: " + minted[:6],
		"in a list":                   `["` + minted + `"]`,
	} {
		t.Run(name, func(t *testing.T) {
			got := foreign(t, "text/plain", body, canary).Message
			for _, hidden := range []string{canary, canary[:4], minted[:6]} {
				assert.NotContains(t, got, hidden)
			}
		})
	}
}

func FuzzWhatCameInsteadOfJSON(f *testing.F) {
	for _, body := range []string{"hello", `{"a":"b`, "<p>x", "[1]", "a=b?c", "\x00\xff", `{"a":"b\`, " "} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		const canary = "c4n4ry-of-thirty-letters"
		h := flow.Observe(davinci.Exchanges{{Status: 200, Response: []byte(body)}}, false)[0]
		if h.Failure == nil || h.Failure.Code != "notJSON" {
			return
		}
		assert.NotContains(t, h.Failure.Message, "\n")
		assert.Less(t, len(h.Failure.Message), 10_000)
		for _, known := range []string{body + canary, canary + body, body + "\n" + canary + body} {
			got := flow.Observe(davinci.Exchanges{{Status: 200, Response: []byte(known)}}, false)[0]
			if got.Failure != nil && got.Failure.Code == "notJSON" && !strings.Contains(known, "<title") {
				assert.NotContains(t, got.Failure.Message, canary)
			}
		}
	})
}
