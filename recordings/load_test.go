package recordings_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
)

// A mistake is a recording, the files beside it, and everything that the
// loader says about it. FILE stands for the path of recording.yaml, DIR for
// that of its folder.
type mistake struct {
	yaml  string
	files map[string]string
	want  string
}

type mistakes map[string]mistake

func (ms mistakes) run(t *testing.T) {
	t.Helper()
	for name, row := range ms {
		t.Run(name, func(t *testing.T) {
			f, err := recordings.Load(folder(row.yaml, row.files), dir)
			want := strings.NewReplacer("FILE:", dir+"/"+recordings.FileName+":", "DIR/", dir+"/").Replace(row.want)
			require.EqualError(t, err, want)
			assert.Nil(t, f)
		})
	}
}

const (
	asks    = "request: {action: GO}"
	answers = "response: {status: 400, json: error.json}"
	pauses  = "response: {status: 200, json: screen.json}"
)

// then is a recording whose start is followed by a hop, which is in line 8.
func then(lines ...string) string { return head + start + another(lines...) }

// another is one hop more.
func another(lines ...string) string { return "  - " + strings.Join(lines, "\n    ") + "\n" }

// starting is a recording whose only hop has another request.
func starting(request string) string {
	return strings.Replace(head+start, "{path: /as/authorize}", request, 1)
}

// social has a screen with a link for a client that comes back from an identity provider.
var social = map[string]string{"screen.json": strings.Replace(screenJSON, `"_links":{`,
	`"_links":{"continue":{"href":"{{authPath}}/{{envID}}/davinci/connections/{{connectionInstanceID}}/callback"},`, 1)}

var withError = map[string]string{"error.json": errorJSON}

func TestLoadRefusesAFile(t *testing.T) {
	mistakes{
		"empty":                          {"", nil, "FILE:1:1: no format, want format: 1 in the first line"},
		"of nothing but a comment":       {"# later\n", nil, "FILE:1:1: no format, want format: 1 in the first line"},
		"without a format":               {strings.TrimPrefix(head+start, "format: 1\n"), nil, "FILE:1:1: no format, want format: 1 in the first line"},
		"of a later format":              {"format: 2\n" + start, nil, "FILE:1:1: format 2 is later than this flowtest reads, which is 1: update flowtest"},
		"of a later format and its keys": {"format: 7\nscreens: []\n", nil, "FILE:1:1: format 7 is later than this flowtest reads, which is 1: update flowtest"},
		"of format 0":                    {"format: 0\n" + start, nil, "FILE:1:1: format 0 does not exist, want 1"},
		"of a negative format":           {"format: -1\n" + start, nil, "FILE:1:1: format -1 does not exist, want 1"},
		"of prose":                       {"This is no recording.\n", nil, "FILE:1:1: the file is text, want a mapping"},
		"that is a list":                 {"- a\n- b\n", nil, "FILE:1:1: the file is a list, want a mapping"},
		"that is broken YAML":            {head + "hops: [\n", nil, "FILE:4:7: the file is not YAML, sequence end token ']' not found"},
		"with a tab before a key":        {head + "hops:\n\t- name: start\n", nil, "FILE:5:1: the file is not YAML, found character '\\t' that cannot start any token"},
		"of JSON with a brace too few":   {`{"format": 1, "flow": "demo"`, nil, "FILE:1:1: the file is not YAML, could not find flow mapping end token '}'"},
		"that is binary":                 {"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xfe", nil, "FILE:1:1: the file holds a byte that is not UTF-8, want text: save it as UTF-8"},
		"with a key twice":               {head + "flow: again\n" + start, nil, "FILE:4:1: flow is given twice, first at 3:1, want it once: remove one"},
		"of two documents":               {head + start + "---\nformat: 1\nhops: []\n", nil, "FILE:8:1: the file has a second document, want one: remove what follows the first"},
		"of one document and another":    {head + start + "...\nformat: 1\n", nil, "FILE:9:1: the file has a second document, want one: remove what follows the first"},
		"with an unknown key":            {head + "title: Demo\n" + start, nil, `FILE:4:1: the file has the unknown key "title", want one of format, source, flow, description, policy, client, recorded, hops`},
		"with an unknown key of a hop": {
			then("name: next", "when: later", "from: start", asks, "to: start"), nil,
			`FILE:9:5: hops[1] has the unknown key "when", want one of name, from, to, request, response`,
		},
		"with an unknown key of a request": {
			then("name: next", "from: start", "request: {button: GO}", "to: start"), nil,
			`FILE:10:15: hops[1].request has the unknown key "button", want one of method, path, query, eventType, action, formData, continueToken, idToken, accessToken, platform, language, session`,
		},
		"with an unknown key of a response": {
			then("name: next", "from: start", asks, "response: {status: 400, body: error.json}"), withError,
			`FILE:11:29: hops[1].response has the unknown key "body", want one of status, json, detailed, html, headers, cookies`,
		},
		"with hops that are a word":      {head + "hops: none\n", nil, "FILE:4:7: hops is text, want a list: put it in square brackets"},
		"with a hop that is a word":      {head + "hops:\n  - start\n", nil, "FILE:5:5: hops[0] is text, want a mapping"},
		"with from that is a mapping":    {then("name: next", "from: {screen: start}", asks, "to: start"), nil, "FILE:9:11: hops[1].from is a mapping, want text"},
		"with formData that is a word":   {then("name: next", "from: start", "request: {formData: all}", "to: start"), nil, "FILE:10:25: hops[1].request.formData is text, want a mapping"},
		"with an anchor":                 {head + "hops:\n  - &first\n    name: start\n", nil, "FILE:5:5: hops[0] is an anchor, an alias or a tag, want a mapping: write the value out, in quotes where it begins with &, * or !"},
		"with an alias":                  {then("name: next", "from: start", "request: *again", "to: start"), nil, "FILE:10:14: hops[1].request is an anchor, an alias or a tag, want a mapping: write the value out, in quotes where it begins with &, * or !"},
		"with a merge key":               {then("name: next", "<<: {from: start}", asks, "to: start"), nil, "FILE:9:5: hops[1] has a merge key <<, want none: write the keys out"},
		"with an anchor inside a value":  {then("name: next", "from: start", "request:", "  formData:", "    a: [x, &b y]", "to: start"), nil, "FILE:12:16: hops[1].request.formData.a[1] is an anchor, an alias or a tag, want text: write the value out, in quotes where it begins with &, * or !"},
		"without the name of the flow":   {"format: 1\nsource: synthetic\n" + start, nil, `FILE:1: no flow, want its name, as in "flow: sign-on"`},
		"without a source":               {"format: 1\nflow: demo\n" + start, nil, "FILE:1: no source, want recorded, documented or synthetic"},
		"with an unknown source":         {"format: 1\nflow: demo\nsource: guessed\n" + start, nil, `FILE:1: source "guessed" is unknown, want recorded, documented or synthetic`},
		"with a policy of several lines": {head + "policy: \"a\\ndemo\"\n" + start, nil, `FILE:1: policy "a\ndemo" is not a flow policy, want its id or its name: a line without any of {}$*`},
		"without hops":                   {head, map[string]string{"screen.json": "-"}, "FILE:1: no hops, want at least the one that starts the flow"},
		"with a list of hops of nothing": {head + "hops: []\n", map[string]string{"screen.json": "-"}, "FILE:1: no hops, want at least the one that starts the flow"},
	}.run(t)
}

func TestLoadRefusesAHop(t *testing.T) {
	mistakes{
		"that is empty": {
			head + start + "  -\n", nil,
			"FILE:8: hop name \"\", want letters, digits, dots and dashes\n" +
				"FILE:8: hop \"\" has no request\n" +
				"FILE:8: hop \"\" has neither response nor to: it needs one of them",
		},
		"without a name":         {then("from: start", asks, "to: start"), nil, `FILE:8: hop name "", want letters, digits, dots and dashes`},
		"with a space in it":     {then("name: my hop", "from: start", asks, "to: start"), nil, `FILE:8: hop name "my hop", want letters, digits, dots and dashes`},
		"with a slash in it":     {then("name: a/b", "from: start", asks, "to: start"), nil, `FILE:8: hop name "a/b", want letters, digits, dots and dashes`},
		"with another's name":    {then("name: start", "from: start", asks, "to: start"), nil, `FILE:8: hop "start" has the name of the hop in line 5: each needs its own`},
		"without a request":      {then("name: next", "from: start", "to: start"), nil, `FILE:8: hop "next" has no request`},
		"with an empty request":  {then("name: next", "from: start", "request:", "to: start"), nil, `FILE:8: hop "next" has no request`},
		"with response and to":   {then("name: next", "from: start", asks, answers, "to: start"), withError, `FILE:8: hop "next" has both response and to: it needs one of them`},
		"with neither":           {then("name: next", "from: start", asks), nil, `FILE:8: hop "next" has neither response nor to: it needs one of them`},
		"of an unknown platform": {then("name: next", "from: start", "request: {platform: web}", "to: start"), nil, `FILE:8: hop "next": platform "web", want javascript, android or ios`},
		"of no language":         {then("name: next", "from: start", "request: {language: fr_CA!}", "to: start"), nil, `FILE:8: hop "next": language "fr_CA!", want a language, as in fr or fr-CA`},
		"with a continue token": {
			then("name: next", "from: start", "request: {continueToken: eyJhbGciOiJ}", "to: start"), social,
			`FILE:8: hop "next": continueToken is a value, which a recording never has: want ${user.ATTRIBUTE}, or "*" for any token`,
		},
		"with a broken continue token": {
			then("name: next", "from: start", `request: {continueToken: "${token}"}`, "to: start"), social,
			`FILE:8: hop "next": continueToken is a value, which a recording never has: want ${user.ATTRIBUTE}, or "*" for any token`,
		},
		"with a button beside a continue token": {
			then("name: next", "from: start", `request: {action: GO, continueToken: "*"}`, "to: start"), social,
			`FILE:8: hop "next" has a continueToken beside an action, eventType or formData: a client that comes back from an identity provider sends only the token`,
		},
		"with a continue token where there is no link": {
			then("name: next", "from: start", `request: {continueToken: "*"}`, "to: start"), nil,
			`FILE:8: hop "next" leaves "start" by a continue token, and the body of "start" has no _links.continue.href`,
		},
		"at the start with a continue token": {
			starting(`{path: /as/authorize, continueToken: "*"}`), nil,
			`FILE:5: hop "start" starts the flow and has an action, eventType, formData or continueToken: they need a screen, named by from:`,
		},
		"of an unknown type":     {then("name: next", "from: start", "request: {eventType: click}", "to: start"), nil, `FILE:8: hop "next" has eventType "click", want submit, action or polling`},
		"of another method":      {then("name: next", "from: start", "request: {method: PUT}", "to: start"), nil, `FILE:8: hop "next": method "PUT", want GET or POST`},
		"with a query, later":    {then("name: next", "from: start", "request: {query: {prompt: none}}", "to: start"), nil, `FILE:8: hop "next" leaves a screen and has a query or a session: only a hop that starts the flow has them`},
		"with ${user}":           {then("name: next", "from: start", `request: {formData: {name: "${user}"}}`, "to: start"), nil, `FILE:8: hop "next": formData "name" is "${user}", want ${user.ATTRIBUTE}, ${unique.email}, "*" or the value itself`},
		"with ${user.}":          {then("name: next", "from: start", `request: {formData: {name: "${user.}"}}`, "to: start"), nil, `FILE:8: hop "next": formData "name" is "${user.}", want ${user.ATTRIBUTE}, ${unique.email}, "*" or the value itself`},
		"with ${user.x open":     {then("name: next", "from: start", `request: {formData: {name: "${user.x"}}`, "to: start"), nil, `FILE:8: hop "next": formData "name" is "${user.x", want ${user.ATTRIBUTE}, ${unique.email}, "*" or the value itself`},
		"with ${env.x}":          {then("name: next", "from: start", `request: {formData: {name: "${env.x}"}}`, "to: start"), nil, `FILE:8: hop "next": formData "name" is "${env.x}", want ${user.ATTRIBUTE}, ${unique.email}, "*" or the value itself`},
		"with what JSON has not": {then("name: next", "from: start", "request: {formData: {size: .inf}}", "to: start"), nil, `FILE:8: hop "next": formData "size": json: unsupported value: +Inf`},
		"at the start without a path": {
			starting("{method: GET}"), nil,
			`FILE:5: hop "start" starts the flow with path "", want /as/authorize; a later hop says with from: which screen it leaves`,
		},
		"at the start with another path": {
			starting("{path: /as/token}"), nil,
			`FILE:5: hop "start" starts the flow with path "/as/token", want /as/authorize; a later hop says with from: which screen it leaves`,
		},
		"at the start with an action": {
			starting("{path: /as/authorize, action: GO}"), nil,
			`FILE:5: hop "start" starts the flow and has an action, eventType, formData or continueToken: they need a screen, named by from:`,
		},
		"at the start with an eventType": {
			starting("{path: /as/authorize, eventType: submit}"), nil,
			`FILE:5: hop "start" starts the flow and has an action, eventType, formData or continueToken: they need a screen, named by from:`,
		},
		"at the start with formData": {
			starting("{path: /as/authorize, formData: {a: b}}"), nil,
			`FILE:5: hop "start" starts the flow and has an action, eventType, formData or continueToken: they need a screen, named by from:`,
		},
		"that lost its from": {
			then("name: next", asks, "to: start"), nil,
			"FILE:8: hop \"next\" starts the flow with path \"\", want /as/authorize; a later hop says with from: which screen it leaves\n" +
				"FILE:8: hop \"next\" starts the flow and has an action, eventType, formData or continueToken: they need a screen, named by from:",
		},
	}.run(t)
}

func TestLoadRefusesAWay(t *testing.T) {
	const (
		redirects = `response: {status: 302, headers: {Location: "https://example.com/"}}`
		leaves    = `FILE:12: hop "after" leaves "next", `
		goes      = `FILE:12: hop "after" goes to "next", `
		noScreen  = "which is not a screen: "
	)
	from := another("name: after", "from: next", "request: {action: ON}", "to: start")
	to := another("name: after", "from: start", "request: {action: ON}", "to: next")
	next := func(response string) string { return then("name: next", "from: start", asks, response) }
	mistakes{
		"from nowhere":                {then("name: next", "from: strat", asks, "to: start"), nil, `FILE:8: hop "next" leaves "strat", and no hop has that name`},
		"from somewhere and nowhere":  {then("name: next", "from: [start, strat]", asks, "to: start"), nil, `FILE:8: hop "next" leaves "strat", and no hop has that name`},
		"to nowhere":                  {then("name: next", "from: start", asks, "to: strat"), nil, `FILE:8: hop "next" goes to "strat", and no hop has that name`},
		"from an error":               {next(answers) + from, withError, leaves + noScreen + "error.json has the status 400"},
		"to an error":                 {next(answers) + to, withError, goes + noScreen + "error.json has the status 400"},
		"from the end":                {next("response: {status: 200, json: end.json}") + from, map[string]string{"end.json": completedJSON}, leaves + noScreen + "end.json has authorizeResponse, with which a flow ends"},
		"to the end":                  {next("response: {status: 200, json: end.json}") + to, map[string]string{"end.json": completedJSON}, goes + noScreen + "end.json has authorizeResponse, with which a flow ends"},
		"from a page":                 {next("response: {status: 200, html: page.html}") + from, map[string]string{"page.html": "<p>Hello</p>"}, leaves + noScreen + "page.html is a page and no JSON"},
		"from a rewind":               {next("response: {status: 200, json: wait.json}") + from, map[string]string{"wait.json": `{"eventName":"rewindStateToLastRenderedUI","capabilityName":"x","form":{}}`}, leaves + noScreen + "wait.json has an eventName that goes back to the screen before it"},
		"from a screen with an error": {next("response: {status: 400, json: screen.json}") + from, nil, leaves + noScreen + "screen.json has the status 400"},
		"from a screen without a link": {
			next("response: {status: 200, json: next.json}") + from,
			map[string]string{"next.json": `{"capabilityName":"customForm","form":{}}`},
			leaves + noScreen + "next.json has neither _links.next.href nor, as a detailed response, screen",
		},
		"from a redirect":         {next(redirects) + from, nil, leaves + noScreen + "its response has no body"},
		"to a redirect":           {next(redirects) + to, nil, goes + noScreen + "its response has no body"},
		"from no content":         {next("response: {status: 204}") + from, nil, leaves + noScreen + "its response has no body"},
		"to no content":           {next("response: {status: 204}") + to, nil, goes + noScreen + "its response has no body"},
		"from a hop that goes on": {next("to: start") + from, nil, leaves + "which has no response of its own"},
		"to a hop that goes on":   {next("to: start") + to, nil, goes + "which has no response of its own"},
		"to itself":               {next("to: next"), nil, `FILE:8: hop "next" goes to "next", which has no response of its own`},
		"only between two screens": {
			then("name: a", "from: b", asks, pauses) + another("name: b", "from: a", asks, pauses), nil,
			"FILE:8: hop \"a\" cannot be reached: no path leads from a start hop to \"b\"\n" +
				"FILE:12: hop \"b\" cannot be reached: no path leads from a start hop to \"a\"",
		},
		"only from itself": {then("name: a", "from: a", asks, pauses), nil, `FILE:8: hop "a" cannot be reached: no path leads from a start hop to "a"`},
		"without a start": {
			head + "hops:\n" + another("name: a", "from: a", asks, pauses), nil,
			`FILE:5: hop "a" cannot be reached: no path leads from a start hop to "a"`,
		},
	}.run(t)
}

func TestLoadRefusesAResponse(t *testing.T) {
	next := func(response string) string { return then("name: next", "from: start", asks, "response: "+response) }
	body := func(text string) map[string]string { return map[string]string{"error.json": text} }
	const bad = "{status: 400, json: error.json}"
	variables := "want one of authPath, envID, connectionInstanceID, capabilityName, davinciFlowPolicyID, " +
		"interactionId, interactionToken, correlationId, challenge, " +
		"code, state, sessionId, sessionToken, accessToken, idToken, minted.NAME, user.ATTRIBUTE, unique.email, html:FILE or literal:braces"
	mistakes{
		"of status 100":              {next("{status: 100, json: error.json}"), withError, `FILE:8: hop "next" has status 100, want one from 200 to 599`},
		"of status 600":              {next("{status: 600, json: error.json}"), withError, `FILE:8: hop "next" has status 600, want one from 200 to 599`},
		"without a status":           {next("{json: error.json}"), withError, `FILE:8: hop "next" has status 0, want one from 200 to 599`},
		"that redirects nowhere":     {next("{status: 302}"), nil, `FILE:8: hop "next" has status 302 and no Location among its headers`},
		"without a body":             {next("{status: 400}"), nil, `FILE:8: hop "next" has no body, want json, detailed or html`},
		"without status and body":    {next("{}"), nil, "FILE:8: hop \"next\" has status 0, want one from 200 to 599\nFILE:8: hop \"next\" has no body, want json, detailed or html"},
		"whose body is missing":      {next(bad), nil, `FILE:8: hop "next": body "error.json" is missing: DIR/error.json does not exist`},
		"whose page is missing":      {next("{status: 503, html: page.html}"), nil, `FILE:8: hop "next": body "page.html" is missing: DIR/page.html does not exist`},
		"whose body is a folder":     {next("{status: 400, json: bodies}"), map[string]string{"bodies/error.json": errorJSON}, "FILE:8: hop \"next\": body \"bodies\" cannot be read: it is not a regular file"},
		"whose body is in a folder":  {next("{status: 400, json: bodies/error.json}"), map[string]string{"bodies/error.json": errorJSON}, `FILE:8: hop "next": body "bodies/error.json" is not a file of this folder: give only its name`},
		"whose body is outside":      {next("{status: 400, json: ../error.json}"), map[string]string{"../error.json": errorJSON}, `FILE:8: hop "next": body "../error.json" is not a file of this folder: give only its name`},
		"whose body is a way around": {next("{status: 400, json: ../demo/error.json}"), nil, `FILE:8: hop "next": body "../demo/error.json" is not a file of this folder: give only its name`},
		"whose body is absolute":     {next("{status: 400, json: /etc/passwd}"), nil, `FILE:8: hop "next": body "/etc/passwd" is not a file of this folder: give only its name`},
		"whose body has backslashes": {next(`{status: 400, json: '..\error.json'}`), nil, `FILE:8: hop "next": body "..\\error.json" is not a file of this folder: give only its name`},
		"whose body is empty":        {next(bad), body(""), "DIR/error.json:1: not JSON: unexpected end of JSON input"},
		"whose body is not JSON":     {next(bad), body("{\n  \"code\": 1,\n  \"message\" \"Invalid\"\n}\n"), "DIR/error.json:3: not JSON: invalid character '\"' after object key"},
		"whose body is cut off":      {next(bad), body("{\n  \"code\": 1,\n"), "DIR/error.json:3: not JSON: unexpected end of JSON input"},
		"whose body goes on":         {next(bad), body("{}\n{}\n"), "DIR/error.json:2: not JSON: invalid character '{' after top-level value"},
		"whose body is a page":       {next(bad), body("<p>Hello</p>"), "DIR/error.json:1: not JSON: invalid character '<' looking for beginning of value"},
		"whose body is an array":     {next(bad), body("[]"), "DIR/error.json:1: not a JSON object, and a response body is one"},
		"whose body is a string":     {next(bad), body(`"invalid"`), "DIR/error.json:1: not a JSON object, and a response body is one"},
		"whose body is null":         {next(bad), body("null"), "DIR/error.json:1: not a JSON object, and a response body is one"},
		"whose body is over 1 MiB":   {next(bad), body(`{"message":"` + strings.Repeat("x", 1<<20) + `"}`), `FILE:8: hop "next": body "error.json" cannot be read: it has 1048590 bytes, want at most 1048576`},
		"whose page is over 1 MiB":   {next("{status: 503, html: page.html}"), map[string]string{"page.html": strings.Repeat("x", 1<<20+1)}, `FILE:8: hop "next": body "page.html" cannot be read: it has 1048577 bytes, want at most 1048576`},
		"with an unknown variable":   {next(bad), body(`{"id":"{{interactionid}}"}`), "DIR/error.json: unknown variable {{interactionid}}, " + variables},
		"whose page has an unknown":  {next("{status: 503, html: page.html}"), map[string]string{"page.html": "<p>{{name}}</p>"}, "DIR/page.html: unknown variable {{name}}, " + variables},
		"whose HTML has an unknown":  {next(bad), map[string]string{"error.json": `{"html":"{{html:a.html}}"}`, "a.html": "{{name}}"}, "DIR/error.json: unknown variable {{name}}, " + variables},
		"whose HTML is missing":      {next(bad), body(`{"html":"{{html:a.html}}"}`), `DIR/error.json: body "a.html" is missing: DIR/a.html does not exist`},
		"whose HTML is outside":      {next(bad), body(`{"html":"{{html:../a.html}}"}`), `DIR/error.json: body "../a.html" is not a file of this folder: give only its name`},
		"whose HTML has no name":     {next(bad), body(`{"html":"{{html:}}"}`), `DIR/error.json: body "" is not a file of this folder: give only its name`},
		"whose HTML has HTML of its own": {
			next(bad),
			map[string]string{"error.json": `{"html":"{{html:a.html}}"}`, "a.html": "{{html:b.html}}", "b.html": ""},
			"DIR/error.json: unknown variable {{html:b.html}}, " + variables + "\nDIR/b.html: no hop names this body: name it in a hop or delete it",
		},
		"that another body was meant for": {
			then("name: next", "from: start", asks, "to: start"),
			map[string]string{"spare.json": "{}", "spare.html": "", "notes.md": "kept"},
			"DIR/spare.html: no hop names this body: name it in a hop or delete it\nDIR/spare.json: no hop names this body: name it in a hop or delete it",
		},
	}.run(t)
}
