package check_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner/internal/check"
)

const requestsOf = `format: 1
source: synthetic
flow: f
hops:
  - name: start
    request: {method: GET, path: /as/authorize}
    response: {status: 200, json: form.json}
  - name: end
    from: start
    request: REQUEST
    response: {status: 200, json: end.json}
`

const requestsForm = `{
  "_links": {"next": {"href": "https://{{authPath}}/davinci/connections/1/capabilities/customForm"}},
  "id": "n1", "interactionId": "{{interactionId}}", "interactionToken": "{{interactionToken}}",
  "capabilityName": "customForm", "status": "CONTINUE",
  "form": {"name": "F", "components": {"fields": [
    {"type": "TEXT", "key": "user.username", "label": "Username"},
    {"type": "DROPDOWN", "key": "color", "options": [{"label": "Red", "value": "r"}, {"label": "Green", "value": "g"}]},
    {"type": "COMBOBOX", "key": "list", "options": [{"label": "One", "value": "1"}, {"label": "Two", "value": "2"}]},
    {"type": "SINGLE_CHECKBOX", "key": "agree"},
    {"type": "DEVICE_AUTHENTICATION", "key": "device", "options": [{"type": "EMAIL", "id": "id-1", "description": "a"}]},
    {"type": "SUBMIT_BUTTON", "key": "go", "label": "Go"}
  ]}}
}`

const requestsEnd = `{"status": "FAILED", "error": {"code": "no", "message": "not today"}}`

func TestRequestsThatNoClientSends(t *testing.T) {
	for name, row := range map[string]struct{ request, want string }{
		"nothing":            {`{action: go}`, ""},
		"everything":         {`{action: go, formData: {user.username: "${user.username}", color: g, list: ["1", "2"], agree: true, device: {type: EMAIL, id: id-1, value: a}}}`, ""},
		"anything":           {`{action: go, formData: {user.username: "*", color: "*", list: "*", agree: "*"}}`, ""},
		"what was left":      {`{action: go, formData: {user.username: "", color: "", list: []}}`, ""},
		"an action":          {`{action: goo}`, `the screen "start" has no action "goo"; did you mean "go"?`},
		"a key":              {`{action: go, formData: {username: a}}`, `the screen "start" has no field "username"; there are agree, color, device, list, user.username`},
		"an option":          {`{action: go, formData: {color: b}}`, `formData "color": the DROPDOWN has no such option, it has "r" ("Red"), "g" ("Green")`},
		"a label":            {`{action: go, formData: {color: Green}}`, `formData "color": DROPDOWN posts "g" for this option, and not "Green"`},
		"one of several":     {`{action: go, formData: {list: ["1", "3"]}}`, `formData "list": the COMBOBOX has no such option, it has "1" ("One"), "2" ("Two")`},
		"text for a list":    {`{action: go, formData: {list: "1"}}`, `formData "list": COMBOBOX posts an array, and this is "1"`},
		"text for a yes":     {`{action: go, formData: {agree: "true"}}`, `formData "agree": SINGLE_CHECKBOX posts a boolean, and this is "true"`},
		"a number for text":  {`{action: go, formData: {user.username: 7}}`, `formData "user.username": TEXT posts a string, and this is 7`},
		"another device":     {`{action: go, formData: {device: {type: EMAIL, id: id-2, value: a}}}`, `formData "device": DEVICE_AUTHENTICATION has no option with the id "id-2"`},
		"an attribute":       {`{action: go, formData: {user.username: "${user.usernam}"}}`, `formData "user.username" is ${user.usernam}, and no user has "usernam"; did you mean "username"?`},
		"any other of those": {`{action: go, formData: {user.username: "${user.wrongPassword}"}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			flows, err := recordings.LoadAll(fstest.MapFS{
				"f/recording.yaml": {Data: []byte(strings.Replace(requestsOf, "REQUEST", row.request, 1))},
				"f/form.json":      {Data: []byte(requestsForm)},
				"f/end.json":       {Data: []byte(requestsEnd)},
			}, ".")
			require.NoError(t, err)
			var want []string
			if row.want != "" {
				want = []string{`f/recording.yaml:8: hop "end": ` + row.want}
			}
			assert.Equal(t, want, check.Requests(flows, []string{"username", "password"}))
		})
	}
}

func TestTheShippedRequestsAreSent(t *testing.T) {
	assert.Empty(t, check.Requests(shipped.Flows(t), nil))
}

// The attributes of a query are those of users too.
func TestAQueryNamesAnAttribute(t *testing.T) {
	flows := shipped.Edited(t, "recording.yaml", "path: /as/authorize}", `path: /as/authorize, query: {login_hint: "${user.mail}"}}`)
	assert.Equal(t, []string{`sign-on/recording.yaml:8: hop "sign-on-form": query "login_hint" is ${user.mail}, and no user has "mail"; did you mean "email"?`},
		check.Requests(flows, []string{"email", "password", "username"}))
	assert.Empty(t, check.Requests(flows, nil), "nothing is known of users")
}
