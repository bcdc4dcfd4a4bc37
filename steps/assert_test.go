package steps_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMoreValues(t *testing.T) { checkAll(t, moreValues) }

func TestMoreOutcomes(t *testing.T) { checkAll(t, moreOutcomes) }

func TestMoreFields(t *testing.T) { checkAll(t, moreFields) }

func TestResponses(t *testing.T) { checkAll(t, responses) }

// at is where the answer of sample is found.
const at = ` (hop 1, node node000009)`

// atForm is where a screen of form is found.
const atForm = ` (hop 1, node node000001, form "Sign On Form")`

var longText = strings.Repeat("The quick brown fox. ", 4)

var moreValues = map[string]sentence{
	"text is not another":        {answers: answered(), sentence: `Then "status" is not "FAILED"`},
	"a number is not its text":   {answers: answered(), sentence: `Then "count" is not "3"`},
	"text is not what it is":     {answers: answered(), sentence: `Then "count" is not 3.0`, want: `"count" is 3, want another value` + at},
	"what is absent is not that": {answers: answered(), sentence: `Then "authorizeResponse.x" is not 3`, want: `"authorizeResponse.x" matches nothing: nearest below authorizeResponse are code` + at},
	"text contains a part":       {answers: answered(), sentence: `Then "quoted" contains "\"x\""`},
	"an array contains":          {answers: answered(), sentence: `Then "list" contains "b"`},
	"text contains no such part": {answers: answered(), sentence: `Then "status" contains "FAIL"`, want: `"status" is "COMPLETED", want a part "FAIL" in it` + at},
	"no element of objects": {
		answers: answering(signOnScreen()), sentence: `Then "form.components.fields" does not contain "username"`,
		want: `"form.components.fields" is an array of objects, want one of values: name one of each object, as in "form.components.fields.#.key"` + atForm,
	},
	"an element is not a part":    {answers: answering(says(200, `{"authorizeResponse":{},"list":["abc"]}`)), sentence: `Then "list" contains "b"`, want: `"list" is ["abc"], want an element "b" in it (hop 1)`},
	"a number contains nothing":   {answers: answered(), sentence: `Then "count" contains "3"`, want: `"count" is of kind number (3), want a string or an array` + at},
	"text does not contain":       {answers: answered(), sentence: `Then "status" does not contain "FAIL"`},
	"an array does not contain":   {answers: answered(), sentence: `Then "list" does not contain "c"`},
	"text does contain":           {answers: answered(), sentence: `Then "status" does not contain "PLET"`, want: `"status" is "COMPLETED" and has a part "PLET", and should not` + at},
	"an array does contain":       {answers: answered(), sentence: `Then "list" does not contain "a"`, want: `"list" is ["a","b"] and has an element "a", and should not` + at},
	"true contains nothing":       {answers: answered(), sentence: `Then "on" does not contain "x"`, want: `"on" is of kind boolean (true), want a string or an array` + at},
	"text starts with":            {answers: answered(), sentence: `Then "status" starts with "COMP"`},
	"text starts otherwise":       {answers: answered(), sentence: `Then "status" starts with "OMP"`, want: `"status" is "COMPLETED", want it to begin with "OMP"` + at},
	"text ends with":              {answers: answered(), sentence: `Then "status" ends with "TED"`},
	"a number ends with nothing":  {answers: answered(), sentence: `Then "count" ends with "3"`, want: `"count" is of kind number (3), want a string` + at},
	"text ends otherwise":         {answers: answered(), sentence: `Then "status" ends with "TE"`, want: `"status" is "COMPLETED", want it to end with "TE"` + at},
	"a number is at least":        {answers: answered(), sentence: `Then "count" is at least 3`},
	"a text of digits":            {answers: answered(), sentence: `Then "pin" is at least 4710.5`},
	"a number is less":            {answers: answered(), sentence: `Then "count" is at least 4`, want: `"count" is 3, want at least 4` + at},
	"true is not a number":        {answers: answered(), sentence: `Then "on" is at least 0`, want: `"on" is true, want a number of at least 0` + at},
	"a number is at most":         {answers: answered(), sentence: `Then "count" is at most 3`},
	"a number is more":            {answers: answered(), sentence: `Then "count" is at most -3`, want: `"count" is 3, want at most -3` + at},
	"an array has items":          {answers: answered(), sentence: `Then "list" has 2 items`},
	"an array has other items":    {answers: answered(), sentence: `Then "list" has 1 item`, want: `"list" has 2 items, want 1` + at},
	"text has no items":           {answers: answered(), sentence: `Then "status" has 9 items`, want: `"status" is of kind string ("COMPLETED"), want an array` + at},
	"text is one of":              {answers: answered(), sentence: "Then \"status\" is one of:\n| value |\n| FAILED |\n| COMPLETED |"},
	"without a header row":        {answers: answered(), sentence: "Then \"status\" is one of:\n| FAILED |\n| COMPLETED |"},
	"text is none of":             {answers: answered(), sentence: "Then \"status\" is one of:\n| value |\n| FAILED |\n| 3 |", want: `"status" is "COMPLETED", want one of "FAILED", 3` + at},
	"all are":                     {answers: answered(), sentence: `Then all of "object.a" is true`},
	"all match":                   {answers: answered(), sentence: `Then all of "list" matches "^[ab]$"`},
	"all are one of":              {answers: answered(), sentence: "Then all of \"list\" is one of:\n| value |\n| a |\n| b |"},
	"one of all is not":           {answers: answered(), sentence: `Then all of "list" is "a"`, want: `element 2 of "list" is "b", want "a"` + at},
	"one of all does not match":   {answers: answered(), sentence: `Then all of "list" starts with "a"`, want: `element 2 of "list" is "b", want it to begin with "a"` + at},
	"all of what is not an array": {answers: answered(), sentence: `Then all of "status" is "COMPLETED"`, want: `"status" is of kind string ("COMPLETED"), want an array` + at},
	"all of nothing":              {answers: answering(says(200, `{"authorizeResponse":{},"list":[]}`)), sentence: `Then all of "list" is "a"`, want: `"list" is an array without elements, so nothing holds for all of them (hop 1)`},
	"long texts show where":       {answers: answering(says(200, `{"authorizeResponse":{},"t":"`+longText+`A jump."}`)), sentence: `Then "t" is "` + longText + `A dump."`, want: `"t" is "` + longText + `A jump.", want "` + longText + `A dump.": they differ from character 87 on, found "…rown fox. A jump.", want "…rown fox. A dump." (hop 1)`},
	"of all arrays, their number": {answers: answering(says(200, `{"authorizeResponse":{},"t":[[1],[2,3]]}`)), sentence: `Then all of "t" has 1 item`, want: `element 2 of "t" has 2 items, want 1 (hop 1)`},
}

var moreOutcomes = map[string]sentence{
	"a message with quotes and lines": {
		answers:  answering(says(400, `{"message":"say \"please\"\nand thanks","interactionId":"i"}`)),
		sentence: "Then the flow reports:\n\"\"\"\nsay \"please\"\nand thanks\n\"\"\"",
	},
	"a message of other lines": {
		answers:  answering(says(400, `{"message":"say","interactionId":"i"}`)),
		sentence: "Then the flow reports:\n\"\"\"\nsay it\n\"\"\"",
		want:     `the flow reports "say", want "say it" (hop 1)`,
	},
	"another message is not reported": {answers: answering(says(400, refused)), sentence: `Then the flow does not report "Locked"`},
	"no message is not reported":      {answers: answering(signOnScreen()), sentence: `Then the flow does not report "Locked"`},
	"a message is reported, and should not": {
		answers: answering(says(400, refused)), sentence: `Then the flow does not report "Invalid username and/or password"`,
		want: `the flow reports "Invalid username and/or password", and should not (hop 1, node node000002)`,
	},
	"a screen does not complete":      {answers: answering(signOnScreen()), sentence: `Then the flow does not complete`},
	"an error does not complete":      {answers: answering(says(400, timedOut)), sentence: `Then the flow does not complete`},
	"the end does complete":           {answers: answering(says(200, done)), sentence: `Then the flow does not complete`, want: `the flow completed, and should not` + at},
	"a screen pauses":                 {answers: answering(signOnScreen()), sentence: `Then the flow pauses`},
	"the end does not pause":          {answers: answering(says(200, done)), sentence: `Then the flow pauses`, want: `the flow completed, want it to pause` + at},
	"what is refused is not a screen": {answers: answering(says(400, refused)), sentence: `Then the flow pauses`, want: `the flow refused this with status 400 and reports "Invalid username and/or password", want it to pause (hop 1, node node000002)`},
}

const country = `{"type":"DROPDOWN","key":"country","label":"Country","options":[` +
	`{"value":"ch","label":"Switzerland"},{"value":"it","label":"Italy"},{"value":"fr","label":"France"}]}`

func choosing() []httpmock.Responder {
	body := form(username, country, signOn)
	return answering(says(200, strings.Replace(body, `"form":{`, `"formData":{"value":{"username":"ali"}},"form":{`, 1)))
}

var moreFields = map[string]sentence{
	"a field is required":           {answers: choosing(), sentence: `Then the field "username" is required`},
	"a field is not required":       {answers: choosing(), sentence: `Then the field "country" is required`, want: `the field "country" is optional, want it required` + atForm},
	"a field is optional":           {answers: choosing(), sentence: `Then the field "country" is optional`},
	"a field is not optional":       {answers: choosing(), sentence: `Then the field "username" is optional`, want: `the field "username" is required, want it optional` + atForm},
	"a field that does not exist":   {answers: choosing(), sentence: `Then the field "user" is optional`, want: `the form has no field "user", it offers username, country, SIGNON` + atForm},
	"a field has a label":           {answers: choosing(), sentence: `Then the field "username" has the label " Username "`},
	"a button has a label":          {answers: choosing(), sentence: `Then the field "SIGNON" has the label "Sign On"`},
	"a field has another label":     {answers: choosing(), sentence: `Then the field "username" has the label "Name"`, want: `the field "username" has the label "Username", want "Name"` + atForm},
	"a field has a value":           {answers: choosing(), sentence: `Then the field "username" has the value "ali"`},
	"a field has another value":     {answers: choosing(), sentence: `Then the field "username" has the value "al"`, want: `the field "username" has the value "ali", want "al"` + atForm},
	"a field is filled in":          {answers: choosing(), sentence: `Then every field comes empty`, want: `the field "username" has the value "ali", want every field empty` + atForm},
	"every field comes empty":       {answers: answering(says(200, form(signOn))), sentence: `Then every field comes empty`},
	"a field has no value":          {answers: choosing(), sentence: `Then the field "country" has the value 3`, want: `the field "country" has no value, want 3` + atForm},
	"a field has options":           {answers: choosing(), sentence: "Then the field \"country\" has the options:\n| value | label |\n| ch | Switzerland |\n| it | Italy |\n| fr | France |"},
	"a field has options by values": {answers: choosing(), sentence: "Then the field \"country\" has the options:\n| value |\n| ch |\n| it |\n| fr |"},
	"a field has options by labels": {answers: choosing(), sentence: "Then the field \"country\" has the options:\n| label |\n| Switzerland |\n| Italy |\n| France |"},
	"a field has other labels": {
		answers: choosing(), sentence: "Then the field \"country\" has the options:\n| label |\n| Italy |\n| Switzerland |\n| France |",
		want: "the field \"country\" has other options than the table" + atForm + ":\n  moved: label \"Switzerland\" is at place 1, want it after label \"Italy\"",
	},
	"a field has no options": {answers: choosing(), sentence: "Then the field \"username\" has the options:\n| value |\n| ch |", want: `the field "username" has no options` + atForm},
	"a field has other options": {
		answers:  choosing(),
		sentence: "Then the field \"country\" has the options:\n| value | label |\n| fr | France |\n| chf | Switzerland |\n| it | Italia |",
		want: `the field "country" has other options than the table` + atForm + `:
  missing: value "chf", label "Switzerland"; did you mean "ch"?
  moved: value "it" is at place 2, want it after value "fr"
  value "it": its label is "Italy", want "Italia"
  not wanted: value "ch", label "Switzerland"`,
	},
	"fields without keys belong together by their types": {
		answers:  answering(says(200, form(`{"type":"LABEL","content":"A"}`, `{"type":"LABEL","content":"B"}`, signOn))),
		sentence: "Then the form has the fields:\n| type | label |\n| LABEL | A |\n| LABEL | C |\n| LABEL | D |\n| SUBMIT_BUTTON | Sign On |",
		want: `the form has other fields than the table` + atForm + `:
  type "LABEL": its label is "B", want "C"
  missing: type "LABEL", label "D"`,
	},
}

func replying() []httpmock.Responder {
	r := httpmock.NewStringResponse(http.StatusOK, done)
	r.Header = http.Header{
		"Cache-Control": {"no-store"}, "X-Two": {"one", "two"}, "Content-Type": {"application/json"},
		"Set-Cookie": {
			"ST=a-session-of-16-characters; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=None",
			"lang=en; Domain=.example.test", "old=; Max-Age=0", "past=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
		},
	}
	return answering(httpmock.ResponderFromResponse(r))
}

func redirecting(to string) []httpmock.Responder {
	r := httpmock.NewStringResponse(http.StatusFound, "")
	r.Header.Set("Location", to)
	return answering(httpmock.ResponderFromResponse(r))
}

var responses = map[string]sentence{
	"a header is":               {answers: replying(), sentence: `Then the header "cache-control" is "no-store"`},
	"one of two values is":      {answers: replying(), sentence: `Then the header "X-Two" is "two"`},
	"a header is another":       {answers: replying(), sentence: `Then the header "X-Two" is "three"`, want: `the header "X-Two" is "one" and "two", want "three"` + at},
	"a header is not there":     {answers: replying(), sentence: `Then the header "Cache" is "no-store"`, want: `the response has no header "Cache", it has Cache-Control, Content-Type, Set-Cookie, X-Two` + at},
	"a header contains":         {answers: replying(), sentence: `Then the header "Content-Type" contains "json"`},
	"a header contains not":     {answers: replying(), sentence: `Then the header "Content-Type" contains "html"`, want: `the header "Content-Type" is "application/json", want "html" in it` + at},
	"a header is absent":        {answers: replying(), sentence: `Then the header "X-Powered-By" is absent`},
	"a header is not absent":    {answers: replying(), sentence: `Then the header "Cache-Control" is absent`, want: `the header "Cache-Control" is "no-store", want no such header` + at},
	"a cookie is set":           {answers: replying(), sentence: `Then the cookie "ST" is set`},
	"another cookie is set":     {answers: replying(), sentence: `Then the cookie "st" is set`, want: `the response sets the cookies ST, lang, want "st" among them` + at},
	"no cookie is set":          {answers: answered(), sentence: `Then the cookie "ST" is set`, want: `the response sets no cookie, want "ST"` + at},
	"a cookie is not set":       {answers: replying(), sentence: `Then the cookie "ST-NO-SS" is not set`},
	"a cookie is taken away":    {answers: replying(), sentence: `Then the cookie "old" is not set`},
	"a cookie is past":          {answers: replying(), sentence: `Then the cookie "past" is not set`},
	"a cookie is set after all": {answers: replying(), sentence: `Then the cookie "ST" is not set`, want: `the response sets the cookie "ST", and should not` + at},
	"a cookie has": {
		answers:  replying(),
		sentence: "Then the cookie \"ST\" has:\n| attribute | value |\n| HttpOnly | true |\n| secure | true |\n| SameSite | none |\n| path | / |\n| max-age | 60 |\n| domain | |",
	},
	"a cookie has a domain": {answers: replying(), sentence: "Then the cookie \"lang\" has:\n| attribute | value |\n| domain | example.test |\n| value | en |"},
	"a cookie has others": {
		answers: replying(), sentence: "Then the cookie \"ST\" has:\n| attribute | value |\n| httponly | false |\n| samesite | Lax |\n| value | x |\n| domain | y |",
		want: `the cookie "ST" differs from the table: httponly is "true", want "false"; samesite is "None", want "Lax"; ` +
			`value is "[redacted]", want "x"; domain is "absent", want "y"` + at,
	},
	"a cookie has no such attribute": {
		answers: replying(), sentence: "Then the cookie \"ST\" has:\n| attribute | value |\n| colour | red |",
		want: `a cookie has no attribute "colour", want value, domain, path, expires, max-age, samesite, secure, httponly or partitioned`,
	},
	"a redirect":           {answers: redirecting("https://app.example.test/cb?code=1"), sentence: `Then the flow redirects to "https://app.example.test/cb"`},
	"a redirect and query": {answers: redirecting("/cb?a=1"), sentence: `Then the flow redirects to "https://auth.example.test/cb?a=1"`},
	"another redirect":     {answers: redirecting("https://app.example.test/cb?a=1"), sentence: `Then the flow redirects to "https://app.example.test/cb?a=2"`, want: `the flow redirects to "https://app.example.test/cb?a=1", want "https://app.example.test/cb?a=2" (hop 1)`},
	"no redirect":          {answers: answered(), sentence: `Then the flow redirects to "https://app.example.test/cb"`, want: `the response has the status 200 and no header Location, want it to lead to "https://app.example.test/cb"` + at},
	"fast enough":          {answers: answered(), sentence: `Then the response took less than "10m"`},
	"no time":              {answers: answered(), sentence: `Then the response took less than "soon"`, want: `"soon" is not a time, want one such as 500ms, 3s or 1m`},
	"a schema":             {answers: answered(), sentence: `Then the response matches the schema "testdata/schemas/end.json"`},
	"another schema": {
		answers: answering(says(200, `{"authorizeResponse":{},"status":1}`)), sentence: `Then the response matches the schema "testdata/schemas/end.json"`,
		want: "the response does not match the schema \"testdata/schemas/end.json\":\n" +
			"  at /properties/status of the schema: type: the value has type \"integer\", want \"string\"\n  (hop 1)",
	},
	"a schema that does not exist": {
		answers: answered(), sentence: `Then the response matches the schema "testdata/schemas/none.json"`,
		want: `the schema "testdata/schemas/none.json": testdata/schemas/none.json does not exist`,
	},
	"what another schema says": {
		answers: answering(says(200, `{"authorizeResponse":[]}`)), sentence: `Then the response matches the schema "testdata/schemas/end.json"`,
		want: "the response does not match the schema \"testdata/schemas/end.json\":\n" +
			"  at the top of the schema: type: the value has type \"array\", want \"object\"\n  (hop 1)",
	},
	"a schema of draft-07": {answers: answered(), sentence: `Then the response matches the schema "testdata/schemas/draft-07.json"`},
	"a draft that is not known": {
		answers: answered(), sentence: `Then the response matches the schema "testdata/schemas/draft-04.json"`,
		want: `the schema "testdata/schemas/draft-04.json": testdata/schemas/draft-04.json: its $schema is "http://json-schema.org/draft-04/schema#", want that of draft 2020-12 or draft-07`,
	},
	"a schema over a network": {
		answers: answered(), sentence: `Then the response matches the schema "testdata/schemas/network.json"`,
		want: `the schema "testdata/schemas/network.json": a $ref: https://example.com/object.json is not read: a schema may refer to files`,
	},
	"no JSON fits no schema": {
		answers: answering(says(200, `<p>`)), sentence: `Then the response matches the schema "testdata/schemas/end.json"`,
		want: `the response is not JSON, want what the schema "testdata/schemas/end.json" says (hop 1)`,
	},
	"what was sent": {
		answers: answering(signOnScreen(), says(200, done)), before: []string{given, starts, `When I fill in "username" with "ali"`, signsOn},
		sentence: "Then I sent:\n| parameters.data.actionKey | SIGNON |\n| parameters.data.formData.username | ali |",
	},
	"what was asked for": {answers: answered(), sentence: "Then I sent:\n| path | value |\n| response_mode | pi.flow |\n| client_id | client-1 |"},
	"what was not sent": {
		answers: answering(signOnScreen(), says(200, done)), before: []string{given, starts, `When I fill in "password" with "wrong"`, signsOn},
		sentence: "Then I sent:\n| parameters.data.actionKey | REGISTER |\n| parameters.data.formData.password | other |\n| parameters.data.x | 1 |",
		want: "the request differs from the table:\n" +
			"  \"parameters.data.actionKey\" was \"SIGNON\", want \"REGISTER\"\n" +
			"  \"parameters.data.formData.password\" was another value, which is a secret, want \"other\"\n" +
			"  \"parameters.data.x\" was not sent, want 1\n  (hop 2, node node000009)",
	},
}

func TestAResponseThatTookTooLong(t *testing.T) {
	p := play(t, answered(), given, starts)
	require.NoError(t, p.err)
	p.world.Journey.Last().Exchange.Took = 900e6
	p.play(t, `Then the response took less than "800ms"`)
	assert.EqualError(t, p.err, `the response took 900ms, want less than 800ms`+at)
}
