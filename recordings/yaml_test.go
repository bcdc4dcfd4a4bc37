package recordings_test

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
)

// What is read from the tree is what the decoder of the library reads.
func TestTheTreeIsReadAsTheLibraryReadsIt(t *testing.T) {
	t.Parallel()
	shipped := 0
	require.NoError(t, fs.WalkDir(recordings.Shipped(), ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, recordings.FileName) {
			return err
		}
		shipped++
		text, err := fs.ReadFile(recordings.Shipped(), name)
		require.NoError(t, err)
		quick, slow, err := recordings.ReadBoth(text)
		require.NoError(t, err)
		assert.Equal(t, slow, quick, name)
		return nil
	}))
	assert.Positive(t, shipped)
	for name, row := range map[string]struct {
		text  string
		quick bool // it is read without the decoder
	}{
		"numbers, dates and booleans as texts": {"format: 1\nflow: 12\npolicy: true\nsource: 2026-01-02\nclient: 0x1F\n", true},
		"nothing":                              {"format: 1\nflow:\npolicy: ~\n", true},
		"texts of several lines":               {"format: 1\ndescription: |\n  a\n  b\nflow: >\n  c\n  d\n", true},
		"quoted texts":                         {"format: 1\nflow: \"a\\tb\"\npolicy: 'it''s'\nclient: \"\"\n", true},
		"one screen and several":               {"format: 1\nhops:\n  - {name: a, from: b}\n  - {name: c, from: [d, 1]}\n", true},
		"values of all kinds": {
			"format: 1\nhops:\n  - name: a\n    request:\n      formData: {a: 1, b: [x, 2], c: {d: null}, e: true, f: 1.5, g: , h: \"1\"}\n", true,
		},
		"a query and headers": {
			"format: 1\nhops:\n  - request: {query: {max_age: 0, x: y}, session: true}\n    response: {status: 204, headers: {A: 1}, cookies: []}\n", true,
		},
		"no hops":             {"format: 1\nhops: []\nrecorded: {date: 2026-01-02, tool: x}\n", true},
		"hops of nothing":     {"format: 1\nhops:\n", false},
		"an unknown key":      {"format: 1\nflows: a\n", false},
		"a list as a text":    {"format: 1\nflow: [a]\n", false},
		"a number as a key":   {"format: 1\n1: a\n", false},
		"a request of a text": {"format: 1\nhops:\n  - {name: a, request: b}\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			quick, slow, err := recordings.ReadBoth([]byte(row.text))
			require.Equal(t, row.quick, quick != nil)
			if row.quick {
				require.NoError(t, err)
				assert.Equal(t, slow, quick)
			}
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
