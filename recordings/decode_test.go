package recordings_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
)

// values returns what was read as JSON, without the fields that nothing was read into.
func values(t *testing.T, read any) string {
	t.Helper()
	text, err := json.Marshal(read)
	require.NoError(t, err)
	var plain any
	require.NoError(t, json.Unmarshal(text, &plain))
	text, err = json.Marshal(filled(plain))
	require.NoError(t, err)
	return string(text)
}

func filled(value any) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			v[i] = filled(v[i])
		}
	case map[string]any:
		for key, below := range v {
			if v[key] = filled(below); slices.Contains([]any{nil, "", 0.0, false}, below) && key[0] < 'a' {
				delete(v, key)
			}
		}
	}
	return value
}

func TestValuesAreReadAsTheyAreMeant(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ text, want string }{
		"numbers, dates and booleans as texts": {
			"flow: 12\npolicy: true\nsource: 2026-01-02\nclient: 0x1F\n",
			`{"Client":"31","Flow":"12","Format":1,"Policy":"true","Source":"2026-01-02"}`,
		},
		"nothing": {"flow:\npolicy: ~\nhops:\nrecorded:\n", `{"Format":1}`},
		"texts of several lines": {
			"description: |\n  a\n  b\nflow: >\n  c\n  d\n", `{"Description":"a\nb\n","Flow":"c d\n","Format":1}`,
		},
		"quoted texts": {"flow: \"a\\tb\"\npolicy: 'it''s'\nclient: \"\"\n", `{"Flow":"a\tb","Format":1,"Policy":"it's"}`},
		"one screen and several": {
			"hops:\n  - {name: a, from: b}\n  - {name: c, from: [d, 1]}\n",
			`{"Format":1,"Hops":[{"From":["b"],"Name":"a"},{"From":["d","1"],"Name":"c"}]}`,
		},
		"values of all kinds": {
			"hops:\n  - name: a\n    request:\n      formData: {a: 1, b: [x, 2], c: {d: null}, e: true, f: 1.5, g: null, h: \"1\"}\n",
			`{"Format":1,"Hops":[{"Name":"a","Request":{"FormData":{"a":1,"b":["x",2],"c":{"d":null},"e":true,"f":1.5,"g":null,"h":"1"}}}]}`,
		},
		"references without quotes": {
			"hops:\n  - request: {formData: {a: ${user.x}, b: [${user.y}]}}\n",
			`{"Format":1,"Hops":[{"Request":{"FormData":{"a":"${user.x}","b":["${user.y}"]}}}]}`,
		},
		"a query and headers": {
			"hops:\n  - request: {query: {max_age: 0, x: y}, session: true}\n    response: {status: 204, headers: {A: 1}, cookies: []}\n",
			`{"Format":1,"Hops":[{"Request":{"Query":{"max_age":"0","x":"y"},"Session":true},"Response":{"Headers":{"A":"1"},"Status":204}}]}`,
		},
		"no hops": {"hops: []\nrecorded: {date: 2026-01-02, tool: x}\n", `{"Format":1,"Recorded":{"Date":"2026-01-02","Tool":"x"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := recordings.Decode([]byte("format: 1\n" + row.text))
			require.NoError(t, err)
			assert.JSONEq(t, row.want, values(t, got))
		})
	}
}

func TestVariablesAreFoundWithoutTheExpression(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "{{", "{{}}", "{{a}}", "{{{a}}}", "{{a}}{{b}}", "{{1}}{{a1}}", "{{a {{b}}", "{{a}", "{{a}}}", "x{{html: a-b.html}}y",
		"{{minted.a:time in 5m as 15:04, 2/1}}", "{{a\n}}", "{{ä}}", "{{aä}}", "{{_a}}", "{{literal:braces}}", "{{{{{{a}}",
	} {
		var want [][2]int
		for _, m := range recordings.Variable.FindAllStringIndex(text, -1) {
			want = append(want, [2]int{m[0], m[1]})
		}
		assert.Equal(t, want, recordings.Variables(text), text)
	}
}
