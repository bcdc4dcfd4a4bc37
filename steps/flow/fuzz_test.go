package flow_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

// FuzzHop answers the start, and a button of a screen, with any status and
// body. A path is read from the answer and every act is tried at the screen
// where it leaves the journey.
func FuzzHop(f *testing.F) {
	for _, row := range outcomes {
		f.Add(row.status, []byte(row.body), "error.code")
	}
	for status, bodies := range map[int][]string{
		http.StatusOK: {
			detailed, form(), form(username, password, signOn, register), done, "\xef\xbb\xbf{}", `{"form":{"name":`,
			form(`{"type":"RADIO","key":"c","options":[{"id":1},null,"x"]}`, `{"type":"CHECKBOX","key":""}`, `7`, `null`),
			form(`{"type":"DEVICE_AUTHENTICATION","key":"d"}`, `{"type":"POLLING","key":"p","pollInterval":-1}`, signOn),
			form(`{"type":"SUBMIT_BUTTON"}`, `{"type":"SINGLE_CHECKBOX","key":"t"}`, `{"type":"PHONE_NUMBER","key":"n"}`),
			`{"_links":{"next":{"href":null}},"screen":[]}`, `{"_links":{"next":{"href":"https://auth.example.test/%zz"}}}`,
			`{"form":[[[]]],"_links":{"next":{"href":"https://auth.example.test/"}},"formData":{"value":[1]}}`,
			`{"screen":{"properties":{"enablePolling":{"value":true},"pollInterval":{"value":{"a":1}}}}}`,
			strings.Repeat(`{"a":`, 2000), `{"id":` + strings.Repeat("[", 2000),
		},
		http.StatusFound:              {"", "<p>moved</p>"},
		http.StatusBadRequest:         {`{"code":[1],"message":{"a":1}}`, `{"error":"text","error_description":"more"}`},
		http.StatusTooManyRequests:    {`{"capabilityName":"customForm"}`, ""},
		http.StatusServiceUnavailable: {`{"code":"UNEXPECTED_ERROR"}`, "<title>Down", "Down"},
		99:                            {"{}"},
		0:                             {"{}"},
		-1:                            {"{}"},
	} {
		for _, body := range bodies {
			f.Add(status, []byte(body), `form.components.fields.#(key=="x")#|@reverse.0.\.key`)
		}
	}
	f.Fuzz(func(t *testing.T, status int, body []byte, path string) {
		answer := httpmock.NewBytesResponder(status, body)
		for _, wantDetailed := range []bool{false, true} {
			before := says(http.StatusOK, form(username, signOn))
			if wantDetailed {
				before = says(http.StatusOK, detailed)
			}
			for _, s := range []*service{answering(answer), answering(before, answer)} {
				c := config(s)
				c.Detailed = wantDetailed
				j, err := flow.NewJourney(c)
				require.NoError(t, err)
				_, err = j.Start(t.Context())
				if len(s.answers) > 1 {
					require.NoError(t, err)
					_, err = j.Press(t.Context(), "SIGNON")
				}
				checkHop(t, j, path)
				if err == nil {
					useScreen(t, j)
				}
			}
		}
	})
}

// checkHop holds what is true of the last hop, whatever was answered.
func checkHop(t *testing.T, j *flow.Journey, path string) {
	t.Helper()
	h := j.Last()
	if h == nil {
		return // a network error: there is no hop
	}
	outcomes := []davinci.Outcome{davinci.Paused, davinci.Rewound, davinci.Refused, davinci.Completed, davinci.Failed}
	require.Contains(t, outcomes, h.Outcome)
	require.Equal(t, h.Outcome == davinci.Failed, h.Failure != nil, "Failed, and nothing else, has a Failure")
	require.Equal(t, h.Outcome == davinci.Paused, h.Screen() != nil, "Paused, and nothing else, has a Screen")
	switch h.Outcome {
	case davinci.Paused:
		require.Same(t, h.Screen(), j.Screen())
	case davinci.Rewound:
		require.NotNil(t, j.Screen(), "only a screen can be rewound to")
	case davinci.Completed:
		require.Nil(t, j.Screen())
		require.Less(t, h.Status, http.StatusBadRequest)
	case davinci.Failed:
		require.Nil(t, j.Screen())
		require.NotEqual(t, "unknown", h.Failure.Origin.String())
	case davinci.Refused:
		require.GreaterOrEqual(t, h.Status, http.StatusBadRequest)
	}
	h.Get(path)
	h.NodeID()
	h.Message()
	h.Code()
	readPage(t, h)
}

// useScreen tries every act. What comes back may be an error.
func useScreen(t *testing.T, j *flow.Journey) {
	t.Helper()
	s := j.Screen()
	if s == nil {
		assert.Error(t, j.Fill("username", "x"))
		return
	}
	j.PollRetries()
	for i := range s.Fields {
		field := &s.Fields[i]
		err := j.Fill(field.Key, "x")
		if !field.Fills() {
			require.Error(t, err, "a field that takes no value was filled in")
		}
		s.Button(field.Key)
		s.Button(field.Label)
	}
	sent := len(j.Hops())
	var err error
	isButton := func(f davinci.Field) bool { return f.IsButton() }
	if i := slices.IndexFunc(s.Fields, isButton); i >= 0 {
		_, err = j.Press(t.Context(), s.Fields[i].Key)
	} else {
		_, err = j.Submit(t.Context())
	}
	if err == nil {
		assert.Len(t, j.Hops(), sent+1)
		assert.True(t, json.Valid(j.Last().Exchange.Body), "what is posted is JSON: %s", j.Last().Exchange.Body)
	}
}

func readPage(t *testing.T, h *flow.Hop) {
	t.Helper()
	p := h.Page()
	p.Inputs()
	assert.Equal(t, strings.Join(strings.Fields(p.Text()), " "), p.Text(), "white space is folded")
	for _, b := range p.Buttons() {
		assert.True(t, b.IsButton())
		assert.Equal(t, b.Submits(), b.Type == "SUBMIT_BUTTON")
	}
}

// FuzzPage reads any HTML: out of a detailed response, and as a body of its own.
func FuzzPage(f *testing.F) {
	for _, html := range []string{
		"", " ", "text", "<", "<html", "<!doctype html><title>Down</title><p>Back soon", "<title></title>",
		`<form><input name='username'><input id='password' type='password'><select name=c><option>A</select></form>`,
		`<button data-skcomponent='skbutton' data-skbuttontype='form-submit' data-skbuttonvalue='SIGNON'>Sign` + "\n" + `On</button>`,
		`<input data-skcomponent="skbutton" type=submit value=Go>`, `<textarea name=a><b></textarea>`,
		`<script>if (a < b) {}</script><style>p{}</style><template><p>x</p></template><noscript><p>y</p></noscript>`,
		`<table><form><tr><input name=a></form><svg><title>t</title><foreignObject><p>`, `<frameset><frame>`,
		strings.Repeat("<b>", 600), "\x00\xff&#0;&amp;&nbsp;\u2028", `<p data-skcomponent=skbutton><p data-skcomponent=skbutton>`,
		`{{ username }} <a href="{{authPath}}">`,
	} {
		f.Add(html)
	}
	f.Fuzz(func(t *testing.T, html string) {
		value, err := json.Marshal(html)
		require.NoError(t, err)
		body := `{"connectionId":"c","capabilityName":"n","screen":{"properties":{"customHTML":{"value":` + string(value) + `}}}}`
		c := config(answering(says(http.StatusOK, body)))
		c.Detailed = true
		j, err := flow.NewJourney(c)
		require.NoError(t, err)
		h, err := j.Start(t.Context())
		require.NoError(t, err)
		require.Equal(t, davinci.Paused, h.Outcome)
		readPage(t, h)
		assert.Len(t, j.Screen().Fields, len(h.Page().Buttons()), "every button of the page is on the screen")

		own := &flow.Hop{Answer: davinci.Reader{}.Read(http.StatusOK, nil, []byte(html))}
		readPage(t, own)
	})
}
