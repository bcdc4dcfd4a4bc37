package recordings_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// anyBody has a valid body under whatever name a recording gives it.
type anyBody struct{ fstest.MapFS }

// ReadFile implements [fs.ReadFileFS].
func (a anyBody) ReadFile(name string) ([]byte, error) {
	text, err := a.MapFS.ReadFile(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return text, err
	}
	switch {
	case strings.HasSuffix(name, ".html"):
		return []byte("<p>Hello</p>"), nil
	case strings.HasSuffix(name, "completed.json"):
		return []byte(completedJSON), nil
	case strings.HasSuffix(name, ".json"):
		return []byte(screenJSON), nil
	default:
		return nil, err
	}
}

// shippedFiles returns the shipped files with that ending.
func shippedFiles(f *testing.F, ending string) [][]byte {
	f.Helper()
	var texts [][]byte
	err := fs.WalkDir(recordings.Shipped(), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ending) {
			return err
		}
		text, err := fs.ReadFile(recordings.Shipped(), p)
		texts = append(texts, text)
		return err
	})
	require.NoError(f, err)
	require.NotEmpty(f, texts)
	return texts
}

func FuzzLoad(f *testing.F) {
	for _, text := range shippedFiles(f, recordings.FileName) {
		f.Add(text)
	}
	f.Add([]byte(head + start))
	f.Add([]byte(then("name: next", "from: start", `request: {action: GO, formData: {a: "${user.wrongX}", b: "*", c: [1, {d: true}], e: null}}`, answers)))
	f.Add([]byte(then("name: a", "from: b", asks, pauses) + another("name: b", "from: [a, start]", asks, pauses)))
	f.Add([]byte(then("name: next", "from: start", asks, `response: {status: 302, headers: {Location: "/"}}`)))
	f.Add([]byte(then("name: next", "from: start", `request: {continueToken: "${user.token}", platform: ios, language: fr-CA}`, "to: start")))
	f.Add([]byte("td REGISTER and TROUBLE are our own\n...w:")) // a second document that nothing begins
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<13 {
			t.Skip("the YAML parser needs a time that grows with the square of the depth")
		}
		flow, err := recordings.Load(anyBody{fstest.MapFS{"demo/recording.yaml": {Data: text}}}, "demo")
		if err != nil {
			require.Nil(t, flow)
			require.NotEmpty(t, err.Error())
			return
		}
		checkFlow(t, flow)
	})
}

// checkFlow checks what a server answers from a recording relies on.
func checkFlow(t *testing.T, flow *recordings.Flow) {
	t.Helper()
	require.NotEmpty(t, flow.Name)
	require.NotEmpty(t, flow.Hops)
	reached := map[*recordings.Hop]bool{}
	for range flow.Hops {
		for _, h := range flow.Hops {
			for _, from := range h.From {
				require.Same(t, from, from.Screen(), "hop %q leaves %q", h.Name, from.Name)
				reached[h] = reached[h] || reached[from]
			}
			reached[h] = reached[h] || h.Starts()
		}
	}
	for _, h := range flow.Hops {
		require.True(t, reached[h], "hop %q cannot be reached", h.Name)
		require.Positive(t, h.Line, "hop %q", h.Name)
		require.False(t, h.Stays() && h.Screen() != nil, "hop %q stays and goes on", h.Name)
		if h.To != nil {
			require.Same(t, h.To, h.To.Screen(), "hop %q goes to %q", h.Name, h.To.Name)
		}
		status := h.Answer().Status
		require.True(t, status >= 200 && status <= 599, "hop %q has status %d", h.Name, status)
		require.NotEmpty(t, h.Request.Key())
		sent := &davinci.Sent{Action: "x", FormData: object(`{"a":"b"}`)}
		differs := h.Request.Differs(sent, nobody)
		require.Equal(t, len(differs) == 0, h.Request.Matches(sent, nobody), "hop %q: %q", h.Name, differs)
	}
}

func FuzzBody(f *testing.F) {
	for _, text := range shippedFiles(f, ".json") {
		f.Add(text)
	}
	for _, text := range []string{
		"null", "{}", "[]", `{"a":"{{html:page.html}}"}`, `{"a":"{{user.email}} {{envID}}"}`,
		`{"a":{{html:page.html}}}`, `{"a":"{{html:page.html}}","{{html:page.html}}":1}`,
		`{"a":25e2000}`,
	} {
		f.Add([]byte(text))
	}
	const yaml = "format: 1\nsource: synthetic\nflow: demo\nhops:\n" +
		"  - name: start\n    request: {path: /as/authorize}\n    response: {status: 200, json: body.json}\n"
	f.Fuzz(func(t *testing.T, text []byte) {
		fsys := fstest.MapFS{
			"demo/recording.yaml": {Data: []byte(yaml)},
			"demo/body.json":      {Data: text},
		}
		if strings.Contains(string(text), "page.html") {
			fsys["demo/page.html"] = &fstest.MapFile{Data: []byte("<p class=\"a\">\\\n</p>")}
		}
		flow, err := recordings.Load(fsys, "demo")
		if err != nil {
			require.Nil(t, flow)
			require.True(t, strings.HasPrefix(err.Error(), "demo/"), "%v", err)
			return
		}
		checkFlow(t, flow)
		var object map[string]json.RawMessage // a number may be larger than any of Go's
		require.NoError(t, json.Unmarshal(flow.Hops[0].Response.JSON.Text, &object))
		require.NotNil(t, object, "a response body is a JSON object")
	})
}
