package steps_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
)

func TestValues(t *testing.T) { checkAll(t, values) }

func TestComparisons(t *testing.T) { checkAll(t, comparisons) }

func TestPathsThatMatchNothing(t *testing.T) { checkAll(t, paths) }

// sample is an end with a value of every kind.
const sample = `{"id":"node000009","authorizeResponse":{"code":"c-1"},"status":"COMPLETED","quoted":"say \"x\" \\ y",` +
	`"code":"00123","count":3,"third":3.0,"big":9007199254740993,"huge":1e400,"on":true,"off":false,"nothing":null,` +
	`"empty":"","list":["a","b"],"object":{"b":1,"a":[true]},"dotted.key":"d","pin":"4711","password":"p\"a\\ss-1"}`

func answered() []httpmock.Responder { return answering(says(http.StatusOK, sample)) }

var values = map[string]sentence{
	// "…" is …
	"text is this text":          {answers: answered(), sentence: `Then "status" is "COMPLETED"`},
	"text is this empty text":    {answers: answered(), sentence: `Then "empty" is ""`},
	"text has these quotes":      {answers: answered(), sentence: `Then "quoted" is "say \"x\" \\ y"`},
	"a number is this number":    {answers: answered(), sentence: `Then "count" is 3`},
	"a number is written longer": {answers: answered(), sentence: `Then "third" is 3`},
	"a number with an exponent":  {answers: answered(), sentence: `Then "count" is 30e-1`},
	"a number of any size":       {answers: answered(), sentence: `Then "huge" is 1e400`},
	"true is true":               {answers: answered(), sentence: `Then "on" is true`},
	"false is false":             {answers: answered(), sentence: `Then "off" is false`},
	"null is null":               {answers: answered(), sentence: `Then "nothing" is null`},
	"a key with a dot":           {answers: answered(), sentence: `Then "dotted\.key" is "d"`},
	"a path with a query": {
		answers:  answering(signOnScreen()),
		sentence: `Then "form.components.fields.#(key==\"SIGNON\").type" is "SUBMIT_BUTTON"`,
	},
	"a path with a count": {answers: answered(), sentence: `Then "list.#" is 2`},
	"text is an attribute of the user": {
		answers: answered(), sentence: `Then "pin" is "${user.code}"`,
	},
	"text is an attribute with quotes and backslashes": {
		answers: answered(), sentence: `Then "password" is "${user.password}"`,
	},
	"text is another text": {
		answers: answered(), sentence: `Then "status" is "FAILED"`,
		want: `"status" is "COMPLETED", want "FAILED" (hop 1, node node000009)`,
	},
	"text is only the beginning of the user's": {
		answers:  answering(says(200, `{"authorizeResponse":{},"password":"p"}`)),
		sentence: `Then "password" is "${user.password}"`,
		want:     `"password" is "p", want "[redacted]" (hop 1)`,
	},
	"upper case is not lower case": {
		answers: answered(), sentence: `Then "status" is "completed"`,
		want: `"status" is "COMPLETED", want "completed" (hop 1, node node000009)`,
	},
	"a number is another number": {
		answers: answered(), sentence: `Then "count" is -4.5`,
		want: `"count" is 3, want -4.5 (hop 1, node node000009)`,
	},
	"a large number is nearly this": {
		answers: answered(), sentence: `Then "big" is 9007199254740992`,
		want: `"big" is 9007199254740993, want 9007199254740992 (hop 1, node node000009)`,
	},
	"text is not a number": {
		answers: answering(says(200, `{"authorizeResponse":{},"count":"3"}`)), sentence: `Then "count" is 3`,
		want: `"count" is "3", want 3: it is a string, want a number (hop 1)`,
	},
	"a number with zeros before it is not JSON": {
		answers: answered(), sentence: `Then "count" is 03`, want: `03 is not a JSON value`,
	},
	"text with an escape that JSON lacks is not JSON": {
		answers: answered(), sentence: `Then "status" is "COMPLETED\qrubbish"`,
		want: `"COMPLETED\qrubbish" is not a JSON value`,
	},
	"a number is not text": {
		answers: answered(), sentence: `Then "count" is "3"`,
		want: `"count" is 3, want "3": it is a number, want a string (hop 1, node node000009)`,
	},
	"true is not text": {
		answers: answered(), sentence: `Then "on" is "true"`,
		want: `"on" is true, want "true": it is a boolean, want a string (hop 1, node node000009)`,
	},
	"true is not false": {
		answers: answered(), sentence: `Then "on" is false`,
		want: `"on" is true, want false (hop 1, node node000009)`,
	},
	"null is no empty text": {
		answers: answered(), sentence: `Then "nothing" is ""`,
		want: `"nothing" is null, want "": it is a null, want a string (hop 1, node node000009)`,
	},
	"what is not there is not null": {
		answers: answered(), sentence: `Then "nowhere" is null`,
		want: `"nowhere" matches nothing: nearest are nothing, code, third, huge, object and 13 more (hop 1, node node000009)`,
	},
	"an object is not text": {
		answers: answered(), sentence: `Then "object" is "x"`,
		want: `"object" is {"b":1,"a":[true]}, want "x" (hop 1, node node000009)`,
	},
	"a secret of the response is not shown": {
		answers: answered(), sentence: `Then "authorizeResponse.code" is "x"`,
		want: `"authorizeResponse.code" is "[redacted]", want "x" (hop 1, node node000009)`,
	},
	"a secret inside of an object is not shown": {
		answers: answered(), sentence: `Then "authorizeResponse" is "x"`,
		want: `"authorizeResponse" is {"code":"[redacted]"}, want "x" (hop 1, node node000009)`,
	},
	"a long value is cut": {
		answers:  answering(says(400, `{"message":"`+strings.Repeat("x", 198)+`äz"}`)),
		sentence: `Then "message" is "x"`,
		want:     `"message" is "` + strings.Repeat("x", 198) + `ä…, want "x" (hop 1)`,
	},
	"text is what is not set": {
		answers: answered(), sentence: `Then "status" is "${env.EMPTY}"`,
		want: `${env.EMPTY}: the environment variable EMPTY is not set`,
	},

	// "…" matches "…"
	"text matches":         {answers: answered(), sentence: `Then "id" matches "^[a-z]+[0-9]{6}$"`},
	"text matches a class": {answers: answered(), sentence: `Then "code" matches "^\d+$"`},
	"text matches a quote": {answers: answered(), sentence: `Then "quoted" matches "say \"."`},
	"a number matches":     {answers: answered(), sentence: `Then "count" matches "^3$"`},
	"text does not match": {
		answers: answered(), sentence: `Then "status" matches "^FAIL"`,
		want: `"status" is "COMPLETED", want it to match "^FAIL" (hop 1, node node000009)`,
	},
	"what is not there matches nothing": {
		answers: answered(), sentence: `Then "statis" matches ".*"`,
		want: `"statis" matches nothing: nearest are status, id, quoted, third, big and 13 more (hop 1, node node000009)`,
	},
	"no regular expression": {
		answers: answered(), sentence: `Then "status" matches "(["`,
		want: "\"([\" is not a regular expression: error parsing regexp: missing closing ]: `[`",
	},

	// "…" is present, is absent
	"text is present":    {answers: answered(), sentence: `Then "status" is present`},
	"null is present":    {answers: answered(), sentence: `Then "nothing" is present`},
	"nothing is absent":  {answers: answered(), sentence: `Then "nowhere" is absent`},
	"a page has nothing": {answers: answering(says(200, `<p>{"id":1}</p>`)), sentence: `Then "id" is absent`},
	"half a body has nothing": {
		answers: answering(says(200, `{"id":"node000001","form":{"na`)), sentence: `Then "id" is absent`,
	},
	"what is not there is not present": {
		answers: answered(), sentence: `Then "object.c" is present`,
		want: `"object.c" matches nothing: nearest below object are b, a (hop 1, node node000009)`,
	},
	"null is not absent": {
		answers: answered(), sentence: `Then "nothing" is absent`,
		want: `"nothing" is null, want nothing there (hop 1, node node000009)`,
	},
	"a secret is not absent": {
		answers: answered(), sentence: `Then "authorizeResponse.code" is absent`,
		want: `"authorizeResponse.code" is "[redacted]", want nothing there (hop 1, node node000009)`,
	},

	// "…" is a …
	"a string":   {answers: answered(), sentence: `Then "status" is a string`},
	"a number":   {answers: answered(), sentence: `Then "count" is a number`},
	"a boolean":  {answers: answered(), sentence: `Then "off" is a boolean`},
	"an object":  {answers: answered(), sentence: `Then "object" is an object`},
	"an array":   {answers: answered(), sentence: `Then "list" is an array`},
	"no string":  {answers: answered(), sentence: `Then "count" is a string`, want: `"count" is of kind number (3), want string (hop 1, node node000009)`},
	"no number":  {answers: answered(), sentence: `Then "code" is a number`, want: `"code" is of kind string ("00123"), want number (hop 1, node node000009)`},
	"no boolean": {answers: answered(), sentence: `Then "nothing" is a boolean`, want: `"nothing" is of kind null (null), want boolean (hop 1, node node000009)`},
	"no object":  {answers: answered(), sentence: `Then "list" is an object`, want: `"list" is of kind array (["a","b"]), want object (hop 1, node node000009)`},
	"no array":   {answers: answered(), sentence: `Then "on" is an array`, want: `"on" is of kind boolean (true), want array (hop 1, node node000009)`},
	"a kind of nothing": {
		answers: answered(), sentence: `Then "list.5" is a string`,
		want: `"list.5" matches nothing: list is an array of 2 (hop 1, node node000009)`,
	},

	// The response has:
	"the values of a table": {
		answers: answered(), sentence: `Then the response has:
			| path        | value                  |
			| status      | COMPLETED              |
			| quoted      | say "x" \\ y           |
			| count       | 3                      |
			| on          | true                   |
			| nothing     | null                   |
			| empty       |                        |
			| code        | 00123                  |
			| list        | ["a", "b"]             |
			| object      | {"a": [true], "b": 1}  |
			| list.#      | 2                      |`,
	},
	"the user's values in a table": {
		answers: answered(), sentence: `Then the response has:
			| path     | value              |
			| password | ${user.password}   |
			| password | "${user.password}" |
			| pin      | "${user.code}"     |`,
	},
	"the user's values in a table are text, whatever they look like": {
		answers: answered(), sentence: `Then the response has:
			| path     | value        |
			| pin      | ${user.code} |`,
	},
	"a value in a table is only the beginning of the user's": {
		answers: answering(says(200, `{"authorizeResponse":{},"password":"\"p\"a\\ss-1\""}`)),
		sentence: `Then the response has:
			| path     | value              |
			| password | "${user.password}" |`,
		want: "the response differs from the table:\n" +
			`  "password" is "\"[redacted]\"", want "[redacted]" (hop 1)`,
	},
	"every value that differs is named": {
		answers: answered(), sentence: `Then the response has:
			| path    | value     |
			| status  | FAILED    |
			| count   | "3"       |
			| id      | node000009 |
			| lists   | x         |
			| object  | {"a": []} |`,
		want: `the response differs from the table:
  "status" is "COMPLETED", want "FAILED" (hop 1, node node000009)
  "count" is 3, want "3": it is a number, want a string (hop 1, node node000009)
  "lists" matches nothing: nearest are list, id, status, big, empty and 13 more (hop 1, node node000009)
  "object" is {"b":1,"a":[true]}, want {"a": []} (hop 1, node node000009)`,
	},
	"a table of values without rows": {
		answers: answered(), sentence: `Then the response has:
			| path | value |`,
		want: `the table has no rows, want a first row with the columns path, value and a row for each value`,
	},
	"a table of values with another column": {
		answers: answered(), sentence: `Then the response has:
			| path   | is        |
			| status | COMPLETED |`,
		want: `the table has a column "is", want path, value; did you mean "value"?`,
	},
	"a table of values without the values": {
		answers: answered(), sentence: `Then the response has:
			| path   |
			| status |`,
		want: `the table has no column "value", want the columns path and value`,
	},
	"a table with what is not set": {
		answers: answered(), sentence: `Then the response has:
			| path   | value              |
			| status | ${env.NOT_SET}     |`,
		want: `${env.NOT_SET}: the environment variable NOT_SET is not set`,
	},
}

// twice answers two hops: a screen that is pressed and another one.
func twice(first, second string) []httpmock.Responder {
	body := func(value string) string {
		return strings.Replace(form(signOn), `"success":true`, value, 1)
	}
	return answering(says(http.StatusOK, body(first)), says(http.StatusOK, body(second)))
}

var pressed = []string{given, starts, signsOn}

var comparisons = map[string]sentence{
	"a text stays": {answers: twice(`"x":"a"`, `"x":"a"`), before: pressed, sentence: `Then "x" is unchanged`},
	"a number stays, however it is written": {
		answers: twice(`"x":10`, `"x":1e1`), before: pressed, sentence: `Then "x" is unchanged`,
	},
	"an object stays, whatever its order": {
		answers: twice(`"x":{"a":1,"b":[2]}`, `"x":{"b": [2], "a": 1}`), before: pressed, sentence: `Then "x" is unchanged`,
	},
	"a value stays that the hop between did not have": {
		answers: answering(signOnScreen(), says(400, refused), signOnScreen()), before: []string{given, starts, signsOn, signsOn},
		sentence: `Then "interactionToken" is unchanged`,
	},
	"a text does not stay": {
		answers: twice(`"x":"a"`, `"x":"b"`), before: pressed, sentence: `Then "x" is unchanged`,
		want: `"x" is "b", want "a" as at hop 1 (hop 2, node node000001, form "Sign On Form")`,
	},
	"the kind does not stay": {
		answers: twice(`"x":"1"`, `"x":1`), before: pressed, sentence: `Then "x" is unchanged`,
		want: `"x" is 1, want "1" as at hop 1 (hop 2, node node000001, form "Sign On Form")`,
	},
	"an array does not stay in another order": {
		answers: twice(`"x":[1,2]`, `"x":[2,1]`), before: pressed, sentence: `Then "x" is unchanged`,
		want: `"x" is [2,1], want [1,2] as at hop 1 (hop 2, node node000001, form "Sign On Form")`,
	},
	"nothing was there to stay": {
		answers: twice(`"y":1`, `"x":1`), before: pressed, sentence: `Then "x" is unchanged`,
		want: `no hop before this one has "x" to compare with (hop 2, node node000001, form "Sign On Form")`,
	},
	"nothing stayed": {
		answers: twice(`"x":1`, `"y":1`), before: pressed, sentence: `Then "form.nam" is unchanged`,
		want: `"form.nam" matches nothing: nearest below form are name, category, components, description ` +
			`(hop 2, node node000001, form "Sign On Form")`,
	},
	"there is no hop before the first": {
		answers: answering(signOnScreen()), sentence: `Then "id" is unchanged`,
		want: `no hop before this one has "id" to compare with (hop 1, node node000001, form "Sign On Form")`,
	},

	"a text changes": {answers: twice(`"x":"a"`, `"x":"b"`), before: pressed, sentence: `Then "x" has changed`},
	"the kind changes": {
		answers: twice(`"x":null`, `"x":false`), before: pressed, sentence: `Then "x" has changed`,
	},
	"a text does not change": {
		answers: twice(`"x":"a"`, `"x":"a"`), before: pressed, sentence: `Then "x" has changed`,
		want: `"x" is "a" as at hop 1, want another value (hop 2, node node000001, form "Sign On Form")`,
	},
	"a secret does not change": {
		answers: answering(signOnScreen()), before: pressed, sentence: `Then "interactionToken" has changed`,
		want: `"interactionToken" is "[redacted]" as at hop 1, want another value ` +
			`(hop 2, node node000001, form "Sign On Form")`,
	},
	"what is gone has not changed": {
		answers: answering(signOnScreen(), says(200, done)), before: pressed, sentence: `Then "interactionToken" has changed`,
		want: `"interactionToken" matches nothing: nearest are capabilityName, authorizeResponse, id ` +
			`(hop 2, node node000009)`,
	},
	"what is new has not changed": {
		answers: twice(`"y":1`, `"x":1`), before: pressed, sentence: `Then "x" has changed`,
		want: `no hop before this one has "x" to compare with (hop 2, node node000001, form "Sign On Form")`,
	},
}

var paths = map[string]sentence{
	"the first step is misspelt": {
		answers: answering(signOnScreen()), sentence: `Then "capabilityname2" is present`,
		want: `"capabilityname2" matches nothing: nearest are capabilityName, connectionId, _links, ` +
			`interactionId, interactionToken and 3 more (hop 1, node node000001, form "Sign On Form")`,
	},
	"upper and lower case are no mistake of their own": {
		answers: answering(signOnScreen()), sentence: `Then "FORM.Name" is present`,
		want: `"FORM.Name" matches nothing: nearest are form, id, _links, success, connectionId and 3 more ` +
			`(hop 1, node node000001, form "Sign On Form")`,
	},
	"a later step is misspelt": {
		answers: answering(signOnScreen()), sentence: `Then "form.components.field" is present`,
		want: `"form.components.field" matches nothing: nearest below form.components are fields ` +
			`(hop 1, node node000001, form "Sign On Form")`,
	},
	"an array is too short": {
		answers: answering(signOnScreen()), sentence: `Then "form.components.fields.9.key" is present`,
		want: `"form.components.fields.9.key" matches nothing: form.components.fields is an array of 4 ` +
			`(hop 1, node node000001, form "Sign On Form")`,
	},
	"a query fits nothing": {
		answers:  answering(signOnScreen()),
		sentence: `Then "form.components.fields.#(key==\"a.b\").type" is present`,
		want: `"form.components.fields.#(key==\"a.b\").type" matches nothing: form.components.fields is an array of 4 ` +
			`(hop 1, node node000001, form "Sign On Form")`,
	},
	"below an element of an array": {
		answers: answering(signOnScreen()), sentence: `Then "form.components.fields.0.keys" is present`,
		want: `"form.components.fields.0.keys" matches nothing: nearest below form.components.fields.0 are key, type, ` +
			`label, required (hop 1, node node000001, form "Sign On Form")`,
	},
	"below text there is nothing": {
		answers: answering(signOnScreen()), sentence: `Then "form.name.text" is present`,
		want: `"form.name.text" matches nothing: form.name has no properties ` +
			`(hop 1, node node000001, form "Sign On Form")`,
	},
	"a key with a dot is shown as a path has it": {
		answers: answering(says(200, sample)), sentence: `Then "dotted_key" is present`,
		want: `"dotted_key" matches nothing: nearest are dotted\.key, quoted, code, nothing, empty and 13 more (hop 1, node node000009)`,
	},
	"an escaped dot is not a step": {
		answers: answering(says(200, sample)), sentence: `Then "dotted\.keys" is present`,
		want: `"dotted\\.keys" matches nothing: nearest are dotted\.key, quoted, code, status, nothing and 13 more ` +
			`(hop 1, node node000009)`,
	},
	"an empty response": {
		answers: answering(says(200, `{}`)), sentence: `Then "id" is present`,
		want: `"id" matches nothing: the response has no properties (hop 1)`,
	},
	"a response that is a page": {
		answers: answering(says(200, `<p>Hello</p>`)), sentence: `Then "id" is present`,
		want: `"id" matches nothing: the response has no properties (hop 1)`,
	},
	"a path without anything": {
		answers: answering(says(200, `{"id":"node000001"}`)), sentence: `Then "" is present`,
		want: `the path is empty, want one such as form.name`,
	},
}
