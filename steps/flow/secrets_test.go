package flow_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/steps/flow"
	"flowtest/steps/secret"
)

// bodiesWithSecrets are answers, with what of them is a secret and what is none.
var bodiesWithSecrets = map[string]struct {
	body          string
	hidden, shown []string
}{
	"every secret of a screen and of an end": {
		`{"interactionToken":"in-tok-1","interactionId":"in-id-1","sessionToken":"ses-tok-1","dvResponse":"dv-1",` +
			`"authorizeResponse":{"code":"code-1","access_token":"acc-1","id_token":"idt-1","refresh_token":"ref-1",` +
			`"state":"state-1"},"session":{"id":"ses-id-1","name":"ses-name-1"},` +
			`"access_token":"acc-2","id_token":"idt-2","refresh_token":"ref-2","id":"node-1","code":"code-2"}`,
		[]string{
			"in-tok-1", "ses-tok-1", "dv-1", "code-1", "acc-1", "idt-1", "ref-1", "ses-id-1", "acc-2", "idt-2", "ref-2",
		},
		[]string{"in-id-1", "state-1", "ses-name-1", "node-1", "code-2"},
	},
	"only where the paths say": {
		`{"form":{"interactionToken":"tok-1"},"authorizeResponse":{"session":{"id":"ses-1"}},"session.id":"ses-2",` +
			`"authorizeResponse.code":"code-1","id":"id-1","code":"code-2"}`,
		nil,
		[]string{"tok-1", "ses-1", "ses-2", "code-1", "id-1", "code-2"},
	},
	"a name twice, every value counts": {
		`{"interactionToken":"tok-1","interactionToken":"tok-2","session":{"id":"ses-1","id":"ses-2"},` +
			`"session":{"id":"ses-3"}}`,
		[]string{"tok-1", "tok-2", "ses-1", "ses-2", "ses-3"},
		nil,
	},
	"an object twice, every one that has it counts": {
		`{"session":{"name":"name-1"},"session":"text-1","session":[{"id":"ses-1"}],"session":{"id":"ses-2"},` +
			`"session":{"id":"ses-3"}}`,
		[]string{"ses-2", "ses-3"},
		[]string{"name-1", "text-1", "ses-1"},
	},
	"another kind in its place hides nothing": {
		`{"interactionToken":7,"interactionToken":"tok-1","session":{"id":null},"session":{"id":"ses-1"},` +
			`"authorizeResponse":{"code":{"code":"code-1"}},"dvResponse":["dv-1"]}`,
		[]string{"tok-1", "ses-1"},
		[]string{"code-1", "dv-1"},
	},
	"JSON within a string is text": {
		`{"session":"{\"id\":\"ses-1\"}","authorizeResponse":"{'code':'code-1'}","interactionToken":"tok-1"}`,
		[]string{"tok-1"},
		[]string{"ses-1", "code-1"},
	},
	"escapes in names and values": {
		`{"interaction\u0054oken":"t\u006fk\/\"1\"","s\u0065ssion":{"\u0069d":"ses\n1"}}`,
		[]string{`tok/"1"`, "ses\n1", `tok\/\"1\"`},
		nil,
	},
	"white space everywhere": {
		" \n{ \"session\" :\t{ \"id\" : \"ses-1\" } ,\r\n \"interactionToken\"  :  \"tok-1\" } \n",
		[]string{"tok-1", "ses-1"},
		nil,
	},
	"a detailed screen": {
		`{"interactionToken":"tok-1","screen":{"properties":{"customHTML":{"value":"<p id=\"interactionToken\">html-1</p>"},` +
			`"interactionToken":{"value":"tok-2"}}},"session":{"id":"ses-1"}}`,
		[]string{"tok-1", "ses-1"},
		[]string{"html-1", "tok-2"},
	},
	"a body that broke off": {
		`{"interactionToken":"tok-1","authorizeResponse":{"code":"code-1","access_token":"acc-1`,
		[]string{"tok-1", "code-1"},
		[]string{"acc-1"},
	},
	"a body that broke off within an object": {
		`{"id":"id-1","session":{"id":"ses-1","x":{"y":[1,`, []string{"ses-1"}, []string{"id-1"},
	},
	"a body with more after it": {
		`{"interactionToken":"tok-1"}{"sessionToken":"ses-1"}`, []string{"tok-1"}, []string{"ses-1"},
	},
	"a body with a mistake": {
		`{"interactionToken":"tok-1",,"session":{"id":"ses-1",},}`, []string{"tok-1", "ses-1"}, nil,
	},
	"a body with a byte order mark": {
		"\xef\xbb\xbf" + `{"interactionToken":"tok-1"}`, []string{"tok-1"}, nil,
	},
	"a page with an object in it": {
		`<html><script>var state = {"interactionToken":"tok-1","session":{"id":"ses-1"}}; ` +
			`var other = {"sessionToken":"ses-2"}</script></html>`,
		[]string{"tok-1", "ses-1"},
		[]string{"ses-2"},
	},
	"a page without one": {`<html><body>page-1</body></html>`, nil, []string{"page-1"}},
	"an array":           {`[{"interactionToken":"tok-1"}]`, nil, []string{"tok-1"}},
	"a string":           {`"{\"interactionToken\":\"tok-1\"}"`, nil, []string{"tok-1"}},
	"nothing":            {``, nil, []string{"tok-1"}},
}

func TestTheSecretsOfABodyAreKnownToTheRedactor(t *testing.T) {
	for name, row := range bodiesWithSecrets {
		for _, status := range []int{http.StatusOK, http.StatusBadRequest, http.StatusBadGateway} {
			t.Run(name+", "+http.StatusText(status), func(t *testing.T) {
				r := redactorAfter(t, status, row.body)
				for _, want := range row.hidden {
					assert.Equal(t, secret.Redacted, r.Redact(want))
				}
				for _, want := range row.shown {
					assert.Equal(t, want, r.Redact(want))
				}
			})
		}
	}
}

// An answer that asks to come back later is no hop, and holds secrets too.
func TestTheSecretsOfEveryRetryAreKnownToTheRedactor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		later := httpmock.NewStringResponse(http.StatusTooManyRequests, `{"interactionToken":"tok-later"`)
		later.Header = http.Header{"Retry-After": {"1"}, "Set-Cookie": {"ST=cookie-later", "interactionId=in-id-1"}}
		c := config(answering(httpmock.ResponderFromResponse(later), says(http.StatusOK, form(username))))
		j, err := flow.NewJourney(c)
		require.NoError(t, err)
		_, err = j.Start(t.Context())
		require.NoError(t, err)
		assert.Equal(t, `[redacted] [redacted] in-id-1 "[redacted]"`,
			c.Redactor.Redact(`tok-later cookie-later in-id-1 "tok-1"`))
	})
}

// FuzzSecrets compares what the redactor knows of any body with a search of the
// body for each path.
func FuzzSecrets(f *testing.F) {
	for _, row := range bodiesWithSecrets {
		f.Add([]byte(row.body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) > flow.MaxResponse || strings.Contains(string(body), secret.Redacted) {
			return
		}
		r := redactorAfter(t, http.StatusBadRequest, string(body))
		for _, path := range []string{
			"interactionToken", "authorizeResponse.code", "authorizeResponse.access_token", "authorizeResponse.id_token",
			"authorizeResponse.refresh_token", "session.id", "sessionToken", "access_token", "id_token", "refresh_token",
			"dvResponse",
		} {
			if v := gjson.GetBytes(body, path); v.Type == gjson.String && strings.TrimSpace(v.Str) != "" && utf8.ValidString(v.Str) {
				text, err := json.Marshal([]string{v.Str})
				require.NoError(t, err)
				want, own := `["[redacted]"]`, &secret.Redactor{}
				if own.Add(v.Str); own.Redact(string(text)) == string(text) { // an ordinary word, such as interactionToken
					want = string(text)
				}
				assert.Equal(t, want, r.Redact(string(text)), "%s of %q", path, body)
			}
		}
	})
}

// redactorAfter returns what the redactor knows of a journey whose start was
// answered so.
func redactorAfter(t *testing.T, status int, body string) *secret.Redactor {
	t.Helper()
	c := config(answering(httpmock.NewStringResponder(status, body)))
	j, err := flow.NewJourney(c)
	require.NoError(t, err)
	_, err = j.Start(t.Context())
	if err != nil { // a screen without a link, which says nothing of its secrets
		require.ErrorContains(t, err, "next link")
	}
	return c.Redactor
}
