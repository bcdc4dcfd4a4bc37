package check_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner"
	"flowtest/runner/internal/check"
)

// What a run refuses whatever the flow answers, a check says before.
func TestACheckFindsValuesThatEveryRunRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`the cookie "ST" has:~| HttpOnli | true |`: `a cookie has no attribute "HttpOnli", want value, domain, path, expires, max-age, samesite, ` +
			`secure, httponly or partitioned; did you mean "httponly"?`,
		`the session cookies have:~| sekure | true |`: `a cookie has no attribute "sekure", want value, domain, path, expires, max-age, samesite, ` +
			`secure, httponly or partitioned; did you mean "secure"?`,
		`"id" matches "[a-"`:                                          "\"[a-\" is not a regular expression: error parsing regexp: missing closing ]: `[a-`",
		`the response took less than "fast"`:                          `"fast" is not a time, want one such as 500ms, 3s or 1m`,
		`I wait "3 seconds"`:                                          `"3 seconds" is not a time, want one such as 500ms, 3s or 1m`,
		`the platform "iOS"`:                                          `"iOS" is not a platform, want javascript, android or ios; did you mean "ios"?`,
		`the request headers:~| Host | a |`:                           `the header Host is set by the client itself`,
		`the form has the fields:~| key | type |~| username | TXET |`: `the type "TXET" is unknown; did you mean "TEXT"?`,
		`the screen polls until the challenge is "Aproved"`:           `no challenge ends "Aproved", want approved, rejected, expired, timedOut, error; did you mean "approved"?`,
		`the response has:~| path | Notes | value |~| id | why | x |`: `the table has a column "Notes", want path, value; did you mean "note"?`,
		`I register a passkey`:                                        `the user has no authenticator: write "Given the user has an authenticator" before this step`,
		`I sign on with a passkey`:                                    `the user has no authenticator: write "Given the user has an authenticator" before this step`,
		`the authenticator has 1 passkey`:                             `the user has no authenticator: write "Given the user has an authenticator" before this step`,
		"the user has an authenticator~    * the user \"bob\"~    * I register a passkey": `the user has no authenticator: write "Given the user has an authenticator" before this step`,
		"the user has an authenticator~    * a new user~    * I register a passkey":       `the user has no authenticator: write "Given the user has an authenticator" before this step`,
		`the user has 1 active "EMIAL" device`:                                            `"EMIAL" is not a type of a device, did you mean "EMAIL"?`,
		`a new user with:~| givenNam | Ada |`:                                             `the table sets "givenNam", which no user has: did you mean "givenName"?`,
		`a new user with:~| totp | ABC |`:                                                 `the table sets "totp", which a device brings: write "Given a new user with a TOTP device"`,
		`the form has the fields:~| key | required |~| username | yes |`:                  `"yes" is neither true nor false`,
		`"id" is "C:\dir"`: `"C:\dir" is not a JSON value`,
		"I answer \"username\" with:~\"\"\"~[1]~\"\"\"": `[1] is not a JSON object`,
		`the passkey prompt fails with "TimeOutError"`: `"TimeOutError" is not an error of a passkey prompt, want NotAllowedError, AbortError, InvalidStateError, ` +
			`NotSupportedError, SecurityError, TimeoutError or UnknownError; did you mean "TimeoutError"?`,
		"I fill in \"username\" with the text:~\"\"\"~${user.usernme}~\"\"\"": `${user.usernme}: the user "alice" has no such attribute, there are ` +
			`email, facebookToken, familyName, givenName, googleToken, newPassword, otp, password, phone, totp, username; did you mean "username"?`,
	} {
		got := checks(t, onSignOn("    * "+strings.ReplaceAll(text, "~", "\n")+"\n    Then the flow pauses\n")).Faults
		line := 5
		if strings.Contains(text, "~    * ") {
			line += strings.Count(text, "~")
		}
		if assert.NotEmpty(t, got, text) {
			assert.Equal(t, fmt.Sprintf("a.feature:%d: %s", line, want), got[0], text)
		}
	}
	assert.Empty(t, checks(t, onSignOn("    * the cookie \"ST\" has:\n| ${env.NAME} | true |\n    Then the response took less than \"${env.T}\"\n")).Faults,
		"what they are, a run finds out")
	assert.Equal(t, []string{`a.feature:10: "soon" is not a time, want one such as 500ms, 3s or 1m`}, checks(t,
		strings.Replace(onSignOn("    And I wait \"<time>\"\n    Then the flow pauses\n    Examples:\n|time|\n|1s|\n|soon|\n"),
			"Scenario:", "Scenario Outline:", 1)).Faults[:1], "the row has it")
}

// A schema that cannot be read is the file's fault, and not that of the answer.
func TestACheckReadsTheSchemas(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"{\n  \"required\": [\"id\",]\n}": "schemas/x.json:2: it is not JSON: invalid character ']' looking for beginning of value",
		"":                                "schemas/x.json:1: it is not JSON: unexpected end of JSON input",
		"[]":                              "schemas/x.json:1: the top is an array, want a schema: an object, true or false",
		"{\n\"type\": \"objekt\"}":        `schemas/x.json:2: /type is "objekt", want one of null, boolean, object, array, number, string, integer; did you mean "object"?`,
		"{\n\"type\": [\"object\", 1]}":   `schemas/x.json:2: /type is ["object",1], want one of null, boolean, object, array, number, string, integer`,
		"{\"properties\": {\n\"a\": {\"minLength\": -1}}}":           `schemas/x.json:2: /properties/a/minLength is -1, want a whole number of 0 or more`,
		"{\"properties\": {\"a\":\n\n 5}}":                           `schemas/x.json:3: /properties/a is a number, want a schema: an object, true or false`,
		"{\"properties\": []}":                                       `schemas/x.json:1: /properties is [], want an object of schemas`,
		"{\"allOf\": {}}":                                            `schemas/x.json:1: /allOf is {}, want an array of schemas`,
		"{\"items\": {\"required\": \"a\"}}":                         `schemas/x.json:1: /items/required is "a", want an array of names`,
		"{\"not\": {\"pattern\": \"[\"}}":                            "schemas/x.json:1: /not/pattern is \"[\", want a regular expression (error parsing regexp: missing closing ]: `[`)",
		"{\"anyOf\": [{\"uniqueItems\": 1}]}":                        `schemas/x.json:1: /anyOf/0/uniqueItems is 1, want true or false`,
		"{\"properties\": {\n\"id\": {\"$ref\": \"#/$defs/a\"}}}":    `schemas/x.json:2: a $ref leads to "#/$defs/a", and nothing is there`,
		"{\"$ref\": \"other.json\"}":                                 `a $ref: schemas/other.json does not exist`,
		"{\"$ref\": \"bad.json\"}":                                   `a $ref: schemas/bad.json:2: /enum is 1, want an array`,
		"{\"$schema\": \"http://json-schema.org/draft-04/schema#\"}": `schemas/x.json: its $schema is "http://json-schema.org/draft-04/schema#", want that of draft 2020-12 or draft-07`,
		"{\n\"requird\": [\"id\"]}":                                  `schemas/x.json:2: /requird is not a keyword of JSON Schema; did you mean "required"? A keyword of your own begins with x-`,
		"{\"properties\": {\n\"a\": {\"minlength\": 1}}}":            `schemas/x.json:2: /properties/a/minlength is not a keyword of JSON Schema; did you mean "minLength"? A keyword of your own begins with x-`,
		"{\"ref\": \"other.json\"}":                                  `schemas/x.json:1: /ref is not a keyword of JSON Schema; did you mean "$ref"? A keyword of your own begins with x-`,
		"{\"item\": {}}":                                             `schemas/x.json:1: /item is not a keyword of JSON Schema; did you mean "items"? A keyword of your own begins with x-`,
		"{\"type\": [\"object\"], \"items\": [true], \"maximum\": 1.5, \"x\": 1, \"titel\": 1, \"example\": 1, \"x-requird\": 1, \"nullable\": 1, \"note\": 1}": "",
		"{\"properties\": {\"requird\": {\"const\": 1}, \"ref\": true}, \"$defs\": {\"item\": {}}, \"dependentRequired\": {\"a\": [\"b\"]}}":                    "",
	} {
		files := fstest.MapFS{
			"features/a.feature": {Data: []byte(onSignOn("    Then the response matches the schema \"../schemas/x.json\"\n"))},
			"schemas/x.json":     {Data: []byte(text)},
			"schemas/bad.json":   {Data: []byte("{\n\"enum\": 1}")},
		}
		got := check.Features(&runner.Suite{
			Features: []runner.Source{{FS: files, Path: "features"}}, Target: replayTarget(t), Recordings: shipped.Flows(t),
		})
		if want == "" {
			assert.Empty(t, got.Faults, text)
			continue
		}
		assert.Equal(t, []string{`features/a.feature:5: the schema "../schemas/x.json": ` + want}, got.Faults, text)
	}
	assert.Equal(t, []string{`a.feature:5: the schema "none.json": none.json does not exist`},
		checks(t, onSignOn("    Then the response matches the schema \"none.json\"\n")).Faults)
}

func TestACheckFindsPathsThatNoRecordedAnswerHas(t *testing.T) {
	t.Parallel()
	const nothing = `a.feature:5: no recorded answer of the flow "sign-on" has a value at `
	for text, want := range map[string][]string{
		`"capabilitName" is "x"`:                                       {nothing + `"capabilitName"; did you mean "capabilityName"?`},
		"the response has:\n| form.nme | Sign On Form |":               {nothing + `"form.nme"; did you mean "form.name"?`},
		`"form.componets.fields.#" is at least 1`:                      {nothing + `"form.componets.fields.#"; did you mean "form.components.fields.#"?`},
		`I remember "interactionID2" as "a"`:                           {nothing + `"interactionID2"; did you mean "interactionId"?`},
		`all of "form.components.fields.#.kee" is "a"`:                 {nothing + `"form.components.fields.#.kee"; did you mean "form.components.fields.#.key"?`},
		`"form.components.fields.#.tpye" does not contain "QR_CODE"`:   {nothing + `"form.components.fields.#.tpye"; did you mean "form.components.fields.#.type"?`},
		`"form.components.fields.#(kye==\"username\").type" is "TEXT"`: {nothing + `"form.components.fields.#(kye==\"username\").type"; did you mean "form.components.fields.#(key==\"username\").type"?`},
		`"form.components.fields.#(key==\"usernam\").type" is "TEXT"`:  {nothing + `"form.components.fields.#(key==\"usernam\").type"; did you mean "form.components.fields.#(key==\"username\").type"?`},
		`"form.components.fields.#(key==usernam).type" is "TEXT"`:      {nothing + `"form.components.fields.#(key==usernam).type"; did you mean "form.components.fields.#(key==username).type"?`},
		`"form.components.fields.#(key==\"username\").tipe" is "TEXT"`: {nothing + `"form.components.fields.#(key==\"username\").tipe"; did you mean "form.components.fields.#(key==\"username\").type"?`},
		`"form.componets.fields.#(key==\"username\").type" is "TEXT"`:  {nothing + `"form.componets.fields.#(key==\"username\").type"; did you mean "form.components.fields.#(key==\"username\").type"?`},
		`"form.components.fields.#(key==\"username\").type" is "TEXT"`: nil,
		`"form.components.fields.#(key%\"user*\")#.type" has 1 item`:   nil,
		`"form.components.fields.#(key==\"usernam\")#" has 0 items`:    nil, // that there is none may be what is looked for
		`"form.components.fields.#(key==).type" is "TEXT"`:             {nothing + `"form.components.fields.#(key==).type"`},
		`"form.components.fields.@reverse.0.kee" is "a"`:               nil, // a modifier may make anything
		`"formData.value.user\.x" is present`:                          {nothing + `"formData.value.user\.x"`},
		`"form.@revers" is an object`: {`a.feature:5: the path "form.@revers" has the modifier @revers, which gjson does not have; did you mean "@reverse"? ` +
			`A key that begins so is written \@revers`},
		`"form.components.fields.#(key==\"a\"" is absent`: {`a.feature:5: the path "form.components.fields.#(key==\"a\"" has a ( that is not closed`},
		`"form..name" is "a"`:                             {`a.feature:5: the path "form..name" has an empty name, want one on each side of a dot`},
		`"" is absent`:                                    {`a.feature:5: the path is empty, want one such as form.name`},
		"I sent:\n| parameters.@kes | 1 |": {`a.feature:5: the path "parameters.@kes" has the modifier @kes, which gjson does not have; did you mean "@keys"? ` +
			`A key that begins so is written \@kes`},
		`"something.quite.else" is present`:            {nothing + `"something.quite.else"`},
		`"form.components.fields.0.key" is "username"`: nil,
		`"authorizeResponse.code" is a string`:         nil,
		`"@this" is an object`:                         nil,
		`"${env.PATH}" is present`:                     nil,
		"I sent:\n| parameters.x | 1 |":                nil,
		`"something" is absent`:                        nil,
	} {
		assert.Equal(t, want, checks(t, onSignOn("    * "+text+"\n    Then the flow pauses\n")).Faults, text)
	}
	assert.Equal(t, []string{nothing + `"authorizeRespons", so this can never fail; did you mean "authorizeResponse"?`},
		checks(t, onSignOn("    Then \"authorizeRespons\" is absent\n")).Warnings)
}
