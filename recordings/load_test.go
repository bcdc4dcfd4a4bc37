package recordings_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
)

// hop is a hop that stands in line 8, behind start.
func hop(lines ...string) string {
	return head + start + "  - " + strings.Join(lines, "\n    ") + "\n"
}

const (
	requestLine  = "request: {action: GO}"
	responseLine = "response: {status: 400, json: error.json}"
)

var withError = map[string]string{"error.json": errorJSON}

// mistakes are what a person may do wrong, and everything that the loader says
// about it. "FILE" stands for the path of recording.yaml, "DIR" for its folder.
var mistakes = map[string]struct {
	yaml  string
	files map[string]string
	want  string
}{
	// The file as a whole.
	"an empty file":           {"", nil, "FILE:1: no format, want format: 1 in the first line"},
	"nothing but a comment":   {"# later\n", nil, "FILE:1: no format, want format: 1 in the first line"},
	"no format":               {strings.TrimPrefix(head+start, "format: 1\n"), nil, "FILE:1: no format, want format: 1 in the first line"},
	"a later format":          {"format: 2\n" + start, nil, "FILE:1: format 2 is later than this flowtest reads, which is 1: update flowtest"},
	"format 0":                {"format: 0\n" + start, nil, "FILE:1: format 0 does not exist, want 1"},
	"a negative format":       {"format: -1\n" + start, nil, "FILE:1: format -1 does not exist, want 1"},
	"a format that is a word": {"format: one\n" + start, nil, "TODO"},
	"a later format may have keys that this one lacks": {
		"format: 7\nscreens: []\n", nil,
		"FILE:1: format 7 is later than this flowtest reads, which is 1: update flowtest",
	},
	"prose":                         {"This is no recording.\n", nil, "TODO"},
	"a list":                        {"- a\n- b\n", nil, "TODO"},
	"YAML that is broken":           {head + "hops: [\n", nil, "TODO"},
	"a tab before a key":            {head + "hops:\n\t- name: start\n", nil, "TODO"},
	"JSON with a brace too few":     {`{"format": 1, "flow": "demo"`, nil, "TODO"},
	"binary":                        {"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xfe", nil, "TODO"},
	"a key twice":                   {head + "flow: again\n" + start, nil, "TODO"},
	"two documents in one file":     {head + start + "---\nformat: 1\nhops: []\n", nil, "TODO"},
	"an unknown key":                {head + "title: Demo\n" + start, nil, "FILE:4: unknown key \"title\", want the keys of recording format 1"},
	"an unknown key of a hop":       {hop("name: next", "when: later", "from: start", requestLine, "to: start"), nil, "FILE:9: unknown key \"when\", want the keys of recording format 1"},
	"an unknown key of a request":   {hop("name: next", "from: start", "request: {button: GO}", "to: start"), nil, "FILE:10: unknown key \"button\", want the keys of recording format 1"},
	"an unknown key of a response":  {hop("name: next", "from: start", requestLine, "response: {status: 400, body: error.json}"), withError, "FILE:11: unknown key \"body\", want the keys of recording format 1"},
	"a status that is a word":       {hop("name: next", "from: start", requestLine, "response: {status: fine, json: error.json}"), withError, "TODO"},
	"hops that are a word":          {head + "hops: none\n", nil, "TODO"},
	"a hop that is a word":          {head + "hops:\n  - start\n", nil, "TODO"},
	"from that is a mapping":        {hop("name: next", "from: {screen: start}", requestLine, "to: start"), nil, "TODO"},
	"an anchor":                     {head + "hops:\n  - &first\n    name: start\n", nil, "FILE:5: an anchor or alias, and a recording writes everything out"},
	"an alias":                      {hop("name: next", "from: start", "request: *again", "to: start"), nil, "TODO"},
	"a merge key":                   {hop("name: next", "<<: {from: start}", requestLine, "to: start"), nil, "FILE:9: an anchor or alias, and a recording writes everything out"},
	"an anchor deep inside a value": {hop("name: next", "from: start", "request:", "  formData:", "    a: [x, &b y]", "to: start"), nil, "FILE:12: an anchor or alias, and a recording writes everything out"},

	// Above the hops.
	"no flow name":       {"format: 1\nsource: synthetic\n" + start, nil, "FILE:1: no flow, want its name, as in \"flow: sign-on\""},
	"no source":          {"format: 1\nflow: demo\n" + start, nil, "FILE:1: no source, want recorded, documented or synthetic"},
	"an unknown source":  {"format: 1\nflow: demo\nsource: guessed\n" + start, nil, "FILE:1: source \"guessed\" is unknown, want recorded, documented or synthetic"},
	"a bad policy":       {head + "policy: demo-policy\n" + start, nil, "FILE:1: policy \"demo-policy\" is no flow policy id, want 32 hexadecimal digits in lower case"},
	"a policy too short": {head + "policy: \"0123\"\n" + start, nil, "FILE:1: policy \"0123\" is no flow policy id, want 32 hexadecimal digits in lower case"},
	"a policy in capitals": {
		head + "policy: ABCDEFABCDEFABCDEFABCDEFABCDEFAB\n" + start, nil,
		"FILE:1: policy \"ABCDEFABCDEFABCDEFABCDEFABCDEFAB\" is no flow policy id, want 32 hexadecimal digits in lower case",
	},
	"no hops":       {head, map[string]string{"screen.json": "-"}, "FILE:1: no hops, want at least the one that starts the flow"},
	"an empty hops": {head + "hops: []\n", map[string]string{"screen.json": "-"}, "FILE:1: no hops, want at least the one that starts the flow"},

	// The hops, each by itself.
	"an empty hop": {
		head + start + "  -\n", nil,
		"FILE:8: hop name \"\", want letters, digits, dots and dashes\n" +
			"FILE:8: hop \"\" has no request\n" +
			"FILE:8: hop \"\" has neither response nor to: it needs one of them",
	},
	"a hop without a name":     {hop("from: start", requestLine, "to: start"), nil, "FILE:8: hop name \"\", want letters, digits, dots and dashes"},
	"a hop name with a space":  {hop("name: my hop", "from: start", requestLine, "to: start"), nil, "FILE:8: hop name \"my hop\", want letters, digits, dots and dashes"},
	"a hop name with a slash":  {hop("name: a/b", "from: start", requestLine, "to: start"), nil, "FILE:8: hop name \"a/b\", want letters, digits, dots and dashes"},
	"a name twice":             {hop("name: start", "from: start", requestLine, "to: start"), nil, "FILE:8: hop \"start\" has the name of the hop in line 5: each needs its own"},
	"no request":               {hop("name: next", "from: start", "to: start"), nil, "FILE:8: hop \"next\" has no request"},
	"an empty request":         {hop("name: next", "from: start", "request:", "to: start"), nil, "FILE:8: hop \"next\" has no request"},
	"both response and to":     {hop("name: next", "from: start", requestLine, responseLine, "to: start"), withError, "FILE:8: hop \"next\" has both response and to: it needs one of them"},
	"neither response nor to":  {hop("name: next", "from: start", requestLine), nil, "FILE:8: hop \"next\" has neither response nor to: it needs one of them"},
	"an unknown eventType":     {hop("name: next", "from: start", "request: {eventType: click}", "to: start"), nil, "FILE:8: hop \"next\" has eventType \"click\", want submit, action or polling"},
	"another method":           {hop("name: next", "from: start", "request: {method: PUT}", "to: start"), nil, "FILE:8: hop \"next\": method \"PUT\", want GET or POST"},
	"a query on a later hop":   {hop("name: next", "from: start", "request: {query: {prompt: none}}", "to: start"), nil, "FILE:8: hop \"next\" leaves a screen and has a query: only a hop that starts the flow has one"},
	"${user} without a dot":    {hop("name: next", "from: start", "request: {formData: {name: \"${user}\"}}", "to: start"), nil, "FILE:8: hop \"next\": formData \"name\" is \"${user}\", want ${user.ATTRIBUTE}, \"*\" or the value itself"},
	"${user.} without a name":  {hop("name: next", "from: start", "request: {formData: {name: \"${user.}\"}}", "to: start"), nil, "FILE:8: hop \"next\": formData \"name\" is \"${user.}\", want ${user.ATTRIBUTE}, \"*\" or the value itself"},
	"${user.name left open":    {hop("name: next", "from: start", "request: {formData: {name: \"${user.name\"}}", "to: start"), nil, "FILE:8: hop \"next\": formData \"name\" is \"${user.name\", want ${user.ATTRIBUTE}, \"*\" or the value itself"},
	"${env.name}":              {hop("name: next", "from: start", "request: {formData: {name: \"${env.name}\"}}", "to: start"), nil, "FILE:8: hop \"next\": formData \"name\" is \"${env.name}\", want ${user.ATTRIBUTE}, \"*\" or the value itself"},
	"formData that is a word":  {hop("name: next", "from: start", "request: {formData: all}", "to: start"), nil, "TODO"},
	"formData that is no JSON": {hop("name: next", "from: start", "request: {formData: {size: .inf}}", "to: start"), nil, "FILE:8: hop \"next\": formData \"size\": json: unsupported value: +Inf"},
	"a start without a path":   {head + strings.Replace(start, "path: /as/authorize", "method: GET", 1), nil, "FILE:5: hop \"start\" starts the flow with path \"\", want /as/authorize; a later hop says with from: which screen it leaves"},
	"a start at another path":  {head + strings.Replace(start, "/as/authorize", "/as/token", 1), nil, "FILE:5: hop \"start\" starts the flow with path \"/as/token\", want /as/authorize; a later hop says with from: which screen it leaves"},
	"a start with an action": {
		head + strings.Replace(start, "{path: /as/authorize}", "{path: /as/authorize, action: GO}", 1), nil,
		"FILE:5: hop \"start\" starts the flow and has an action, eventType or formData: they need a screen, named by from:",
	},
	"a start with formData": {
		head + strings.Replace(start, "{path: /as/authorize}", "{path: /as/authorize, formData: {}}", 1), nil,
		"FILE:5: hop \"start\" starts the flow and has an action, eventType or formData: they need a screen, named by from:",
	},
	"a later hop that lost its from": {
		hop("name: next", requestLine, "to: start"), nil,
		"FILE:8: hop \"next\" starts the flow with path \"\", want /as/authorize; a later hop says with from: which screen it leaves\n" +
			"FILE:8: hop \"next\" starts the flow and has an action, eventType or formData: they need a screen, named by from:",
	},

	// The ways between them.
	"from names nothing":               {hop("name: next", "from: strat", requestLine, "to: start"), nil, "FILE:8: hop \"next\" leaves \"strat\", and no hop has that name"},
	"one from of several names naught": {hop("name: next", "from: [start, strat]", requestLine, "to: start"), nil, "FILE:8: hop \"next\" leaves \"strat\", and no hop has that name"},
	"to names nothing":                 {hop("name: next", "from: start", requestLine, "to: strat"), nil, "FILE:8: hop \"next\" goes to \"strat\", and no hop has that name"},
	"from names an error": {
		hop("name: next", "from: start", requestLine, responseLine, "") + "  - name: after\n    from: next\n    request: {action: GO}\n    to: start\n", withError,
		"FILE:13: hop \"after\" leaves \"next\", which is no screen: the flow does not pause there",
	},
	"from names the end": {
		hop("name: next", "from: start", requestLine, "response: {status: 200, json: end.json}", "") + "  - name: after\n    from: next\n    request: {action: GO}\n    to: start\n",
		map[string]string{"end.json": completedJSON},
		"FILE:13: hop \"after\" leaves \"next\", which is no screen: the flow does not pause there",
	},
	"from names a page": {
		hop("name: next", "from: start", requestLine, "response: {status: 200, html: page.html}", "") + "  - name: after\n    from: next\n    request: {action: GO}\n    to: start\n",
		map[string]string{"page.html": "<p>Hello</p>"},
		"FILE:13: hop \"after\" leaves \"next\", which is no screen: the flow does not pause there",
	},
	"from names a hop that goes elsewhere": {
		hop("name: next", "from: start", requestLine, "to: start", "") + "  - name: after\n    from: next\n    request: {action: GO}\n    to: start\n", nil,
		"FILE:13: hop \"after\" leaves \"next\", which has no response of its own",
	},
	"from names a redirect": {
		hop("name: next", "from: start", requestLine, "response: {status: 302, headers: {Location: \"https://example.com/\"}}", "") + "  - name: after\n    from: next\n    request: {action: GO}\n    to: start\n", nil,
		"FILE:13: hop \"after\" leaves \"next\", which is no screen: the flow does not pause there",
	},
	"from names an answer without content": {
		hop("name: next", "from: start", requestLine, "response: {status: 204}", "") + "  - name: after\n    from: next\n    request: {action: GO}\n    to: start\n", nil,
		"FILE:13: hop \"after\" leaves \"next\", which is no screen: the flow does not pause there",
	},
	"to names an error": {
		hop("name: next", "from: start", requestLine, responseLine, "") + "  - name: after\n    from: start\n    request: {action: BACK}\n    to: next\n", withError,
		"FILE:13: hop \"after\" goes to \"next\", which is no screen: the flow does not pause there",
	},
	"to names a redirect": {
		hop("name: next", "from: start", requestLine, "response: {status: 302, headers: {Location: \"https://example.com/\"}}", "") + "  - name: after\n    from: start\n    request: {action: BACK}\n    to: next\n", nil,
		"FILE:13: hop \"after\" goes to \"next\", which is no screen: the flow does not pause there",
	},
	"to names itself": {hop("name: next", "from: start", requestLine, "to: next"), nil, "FILE:8: hop \"next\" goes to \"next\", which has no response of its own"},
	"two screens that only reach each other": {
		hop("name: a", "from: b", requestLine, "response: {status: 200, json: screen.json}", "") +
			"  - name: b\n    from: a\n    request: {action: GO}\n    response: {status: 200, json: screen.json}\n", nil,
		"FILE:8: hop \"a\" cannot be reached: no way leads from a start hop to \"b\"\n" +
			"FILE:13: hop \"b\" cannot be reached: no way leads from a start hop to \"a\"",
	},
	"a screen that only reaches itself": {
		hop("name: a", "from: a", requestLine, "response: {status: 200, json: screen.json}"), nil,
		"FILE:8: hop \"a\" cannot be reached: no way leads from a start hop to \"a\"",
	},
	"no hop starts the flow": {
		head + "hops:\n  - name: a\n    from: a\n    request: {action: GO}\n    response: {status: 200, json: screen.json}\n", nil,
		"FILE:5: hop \"a\" cannot be reached: no way leads from a start hop to \"a\"",
	},

	// The responses.
	"a status too low":            {hop("name: next", "from: start", requestLine, "response: {status: 100, json: error.json}"), withError, "FILE:8: hop \"next\" has status 100, want one from 200 to 599"},
	"a status too high":           {hop("name: next", "from: start", requestLine, "response: {status: 600, json: error.json}"), withError, "FILE:8: hop \"next\" has status 600, want one from 200 to 599"},
	"no status":                   {hop("name: next", "from: start", requestLine, "response: {json: error.json}"), withError, "FILE:8: hop \"next\" has status 0, want one from 200 to 599"},
	"a redirect without Location": {hop("name: next", "from: start", requestLine, "response: {status: 302}"), nil, "FILE:8: hop \"next\" has status 302 and no Location among its headers"},
	"no body":                     {hop("name: next", "from: start", requestLine, "response: {status: 400}"), nil, "FILE:8: hop \"next\" has no body, want json, detailed or html"},

	// The bodies.
	"a body that is missing": {hop("name: next", "from: start", requestLine, responseLine), nil, "FILE:8: hop \"next\": body \"error.json\" is missing: DIR/error.json does not exist"},
	"a body outside the folder": {
		hop("name: next", "from: start", requestLine, "response: {status: 400, json: ../error.json}"),
		map[string]string{"../error.json": errorJSON},
		"FILE:8: hop \"next\": body \"../error.json\" is not a file of this folder: give its name alone",
	},
	"a body by way of the outside":     {hop("name: next", "from: start", requestLine, "response: {status: 400, json: ../demo/error.json}"), withError + nothing, "FILE:8: hop \"next\": body \"../demo/error.json\" is not a file of this folder: give its name alone"},
}
