package recordings_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
)

func TestLoadReadsARecording(t *testing.T) {
	f := load(t, "format: 1\nsource: recorded\nflow: demo\ndescription: A demo\n"+
		"policy: 00112233445566778899aabbccddeeff\nclient: app\n"+start+
		another("name: refused", "from: start", "request: {action: GO, method: post, eventType: submit}",
			"response: {status: 400, json: error.json, headers: {Retry-After: \"1\"}, cookies: [ST]}")+
		another("name: back", "from: [start]", "request: {action: BACK}", "to: start"), withError)

	assert.Equal(t, []string{dir, "demo", "A demo", "00112233445566778899aabbccddeeff", "app"},
		[]string{f.Dir, f.Name, f.Description, f.Policy, f.Client})
	assert.Equal(t, recordings.Recorded, f.Source)
	require.Len(t, f.Hops, 3)
	first, refused, back := f.Hops[0], f.Hops[1], f.Hops[2]

	assert.Equal(t, []int{8, 11, 15}, []int{first.Line, refused.Line, back.Line})
	assert.True(t, first.Starts())
	assert.Equal(t, "GET", first.Request.Method)
	assert.Equal(t, "/as/authorize", first.Request.Path)
	assert.Same(t, first, first.Screen())
	assert.False(t, first.Stays())

	assert.False(t, refused.Starts())
	assert.Equal(t, []*recordings.Hop{first}, refused.From)
	assert.Equal(t, "POST", refused.Request.Method)
	assert.Equal(t, "GO", refused.Request.Action)
	assert.Equal(t, "submit", refused.Request.EventType)
	assert.Equal(t, 400, refused.Response.Status)
	assert.Equal(t, map[string]string{"Retry-After": "1"}, refused.Response.Headers)
	assert.Equal(t, []recordings.Cookie{{Name: "ST"}}, refused.Response.Cookies)
	assert.JSONEq(t, errorJSON, string(refused.Response.JSON.Text))
	assert.Nil(t, refused.Screen())
	assert.True(t, refused.Stays())

	assert.Same(t, first, back.To)
	assert.Same(t, first, back.Screen())
	assert.Same(t, &first.Response, back.Answer())
	assert.False(t, back.Stays())
}

func TestLoadReadsWhatEditorsWrite(t *testing.T) {
	for name, yaml := range map[string]string{
		"a document's begin":             "---\n" + head + start,
		"a comment before it":            "# The demo\n---\n" + head + start,
		"a document's end":               head + start + "...\n",
		"carriage returns":               strings.ReplaceAll(head+start, "\n", "\r\n"),
		"no line feed at the end":        strings.TrimSuffix(head+start, "\n"),
		"a byte order mark, as Windows'": "\ufeff" + head + start,
	} {
		t.Run(name, func(t *testing.T) {
			f, err := recordings.Load(folder(yaml, nil), dir)
			require.NoError(t, err)
			assert.Equal(t, "demo", f.Name)
			assert.Equal(t, 5+strings.Count(yaml[:strings.Index(yaml, "format")], "\n"), f.Hops[0].Line)
		})
	}
}

// What a hop's response says about where the flow is afterwards.
func TestHopScreenAndStays(t *testing.T) {
	const rewind = `{"eventName":"rewindStateToSpecificRenderedUI","id":"other"}`
	for name, row := range map[string]struct {
		response      string
		body          string
		screen, stays bool
	}{
		"a form pauses":                           {"{status: 200, json: x.json}", screenJSON, true, false},
		"a detailed screen pauses":                {"{status: 200, detailed: x.json}", `{"capabilityName":"customHTMLTemplate","screen":{}}`, true, false},
		"a next link pauses":                      {"{status: 200, json: x.json}", `{"capabilityName":"customHtmlMessage","_links":{"next":{"href":"/"}}}`, true, false},
		"the end ends, next link or not":          {"{status: 200, json: x.json}", completedJSON, false, false},
		"an error in a 200 ends":                  {"{status: 200, json: x.json}", `{"capabilityName":"x","form":{},"error":{"code":"x"}}`, false, false},
		"no capability is not a screen":           {"{status: 200, json: x.json}", `{"form":{}}`, false, false},
		"a rewind stays":                          {"{status: 200, json: x.json}", rewind, false, true},
		"a rewind beside a form stays":            {"{status: 200, json: x.json}", `{"eventName":"rewindStateToLastRenderedUI","capabilityName":"x","form":{}}`, false, true},
		"a rewind in detailed stays":              {"{status: 200, detailed: x.json}", rewind, false, true},
		"a refusal stays":                         {"{status: 400, json: x.json}", errorJSON, false, true},
		"a refusal with a form stays":             {"{status: 403, json: x.json}", screenJSON, false, true},
		"a server error ends":                     {"{status: 500, json: x.json}", errorJSON, false, false},
		"a redirect ends":                         {"{status: 302, headers: {Location: /}, json: x.json}", errorJSON, false, false},
		"a sign-on that looks finished also ends": {"{status: 200, json: x.json}", `{"capabilityName":"createSuccessResponse","success":true}`, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := load(t, then("name: next", "from: start", asks, "response: "+row.response), map[string]string{"x.json": row.body})
			h := f.Hops[1]
			assert.Equal(t, row.screen, h.Screen() == h)
			assert.Equal(t, row.stays, h.Stays())
		})
	}
}

func TestResponseBody(t *testing.T) {
	const screen, detailed, refusal, end, page = screenJSON, `{"capabilityName":"customHTMLTemplate","screen":{}}`, errorJSON, completedJSON, "<p>Hello</p>"
	for name, row := range map[string]struct {
		response   string
		files      map[string]string
		json, full string // "" where the shape was not recorded
	}{
		"a screen in both shapes":      {"{status: 200, json: a.json, detailed: b.json}", map[string]string{"a.json": screen, "b.json": detailed}, screen, detailed},
		"only a screen in JSON":        {"{status: 200, json: a.json}", map[string]string{"a.json": screen}, screen, ""},
		"only a screen in detailed":    {"{status: 200, detailed: b.json}", map[string]string{"b.json": detailed}, "", detailed},
		"a refusal serves both":        {"{status: 400, json: a.json}", map[string]string{"a.json": refusal}, refusal, refusal},
		"the end serves both":          {"{status: 200, json: a.json}", map[string]string{"a.json": end}, end, end},
		"a detailed end serves both":   {"{status: 200, detailed: b.json}", map[string]string{"b.json": end}, end, end},
		"a detailed refusal does, too": {"{status: 400, detailed: b.json}", map[string]string{"b.json": refusal}, refusal, refusal},
		"a page is a page":             {"{status: 503, html: p.html}", map[string]string{"p.html": page}, page, page},
		"nothing":                      {"{status: 204}", nil, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := load(t, then("name: next", "from: start", asks, "response: "+row.response), row.files)
			r := &f.Hops[1].Response
			text := func(b *recordings.Body) string {
				if b == nil {
					return ""
				}
				return string(b.Text)
			}
			assert.Equal(t, row.json, text(r.Body(false)), "JSON")
			assert.Equal(t, row.full, text(r.Body(true)), "detailed")
		})
	}
}

func TestLoadPutsHTMLIntoItsJSON(t *testing.T) {
	f := load(t, then("name: next", "from: start", asks, answers), map[string]string{
		"error.json":  `{"html":"{{html:page.html}}","again":"{{html: page.html}}"}`,
		"page.html":   "<p class=\"a\">\\ {{user.email}}</p>\n",
		"README.md":   "kept",
		"notes.txt":   "kept",
		"sub/x.json":  "kept",
		"sub/y.html":  "kept",
		"picture.png": "kept",
	})
	b := f.Hops[1].Response.JSON
	assert.Equal(t, "error.json", b.File)
	assert.JSONEq(t, `{"html":"<p class=\"a\">\\ {{user.email}}</p>\n","again":"<p class=\"a\">\\ {{user.email}}</p>\n"}`, string(b.Text))
}

func TestLoadLeavesTheLinksOfARichText(t *testing.T) {
	body := `{"capabilityName":"customForm","form":{"components":{"fields":[{"type":"LABEL","richContent":` +
		`{"content":"Read {{terms}} and {{a.b}}","replacements":{"terms":{"type":"link"},"a.b":{"type":"link"}}}}]}}}`
	f := load(t, then("name: next", "from: start", asks, "response: {status: 200, json: x.json}"), map[string]string{"x.json": body})
	assert.Equal(t, body, string(f.Hops[1].Response.JSON.Text))
}

func TestIsVariable(t *testing.T) {
	for name, want := range map[string]bool{
		"authPath": true, "envID": true, "interactionToken": true, "user.email": true,
		"envid": false, "": false, "user": false, "html:page.html": false, "base": false,
	} {
		assert.Equal(t, want, recordings.IsVariable(name), name)
	}
}

// What an answer means is decided in steps/davinci: these are the bodies about
// which recordings and client disagreed before.
func TestAHopMeansWhatTheClientReads(t *testing.T) {
	const (
		form = `"form":{"components":{"fields":[]}}`
		next = `"_links":{"next":{"href":"https://auth.example.test/next"}}`
	)
	for name, row := range map[string]struct {
		body          string
		status        int
		screen, stays bool
	}{
		"a form without a next link":               {`{"capabilityName":"customForm",` + form + `}`, 200, false, false},
		"a next link without capabilityName":       {`{` + form + `,` + next + `}`, 200, true, false},
		"a form, a next link and error null":       {`{"capabilityName":"customForm",` + form + `,` + next + `,"error":null}`, 200, true, false},
		"a rewind, with a next link":               {`{"eventName":"rewindStateToLastRenderedUI",` + next + `}`, 200, false, true},
		"a rewind that no SDK knows, with a link":  {`{"eventName":"rewindStateToX",` + next + `}`, 200, true, false},
		"an authorizeResponse that is a string":    {`{"authorizeResponse":"code",` + next + `}`, 200, false, false},
		"a form that is refused":                   {`{"capabilityName":"customForm",` + form + `,` + next + `}`, 400, false, true},
		"a refusal of an interaction that is over": {`{"code":1999}`, 401, false, false},
		"a service in trouble":                     {`{"eventName":"rewindStateToLastRenderedUI"}`, 500, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := load(t, head+start+"  - name: next\n    from: start\n    request: {}\n"+
				"    response: {status: "+strconv.Itoa(row.status)+", json: next.json}\n", map[string]string{"next.json": row.body})
			assert.Equal(t, row.screen, f.Hops[1].Screen() != nil, "a screen")
			assert.Equal(t, row.stays, f.Hops[1].Stays(), "stays")
		})
	}
	t.Run("a rewind at the start", func(t *testing.T) {
		f := load(t, head+start, map[string]string{"screen.json": `{"eventName":"rewindStateToLastRenderedUI"}`})
		assert.Nil(t, f.Hops[0].Screen())
		assert.False(t, f.Hops[0].Stays(), "there is no screen to stay at")
	})
}

// A body that many hops answer with is read once.
func TestHopsShareABody(t *testing.T) {
	f := load(t, "format: 1\nsource: synthetic\nflow: demo\n"+start+
		another("name: refused", "from: start", "request: {action: GO}", "response: {status: 400, json: error.json}")+
		another("name: again", "from: start", "request: {action: AGAIN}", "response: {status: 400, json: error.json}"), withError)
	assert.Same(t, f.Hops[1].Response.JSON, f.Hops[2].Response.JSON)
}

func TestAnyValueOtherThanAnAttribute(t *testing.T) {
	for _, name := range []string{"pin", "password", "newPassword", "x"} {
		got, wrong := recordings.Attribute(recordings.OtherThan(name))
		assert.Equal(t, []any{name, true}, []any{got, wrong})
	}
	got, wrong := recordings.Attribute("${user.wrongly}")
	assert.Equal(t, []any{"wrongly", false}, []any{got, wrong}, "an attribute of that name")
}
