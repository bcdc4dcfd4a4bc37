package strictyaml_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/recordings/strictyaml"
)

// read reads a text as a value of any kind, and returns the mistakes.
func read(text string) (any, []string) {
	r := &strictyaml.Reader{File: "f.yaml"}
	root := r.Parse([]byte(text), strictyaml.Limits{Bytes: 1 << 20, Brackets: 10})
	if root == nil {
		return nil, r.Mistakes()
	}
	return r.Any("", root), r.Mistakes()
}

func TestAny(t *testing.T) {
	t.Parallel()
	value, mistakes := read(`{a: [1, -2, 1.5, true, null, ~, "x", ${user.name}], "": {b: "\u007f", "${c}": yes}}` + "\n")
	assert.Empty(t, mistakes)
	assert.Equal(t, map[string]any{
		"a": []any{uint64(1), int64(-2), 1.5, true, nil, nil, "x", "${user.name}"},
		"":  map[string]any{"b": "\u007f", "${c}": "yes"},
	}, value)
}

func TestAnyNotesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a: {b: 1, b: 2}":  "f.yaml:1:11: a.b is given twice, first at 1:5, want it once: remove one",
		"a: [x, &y z]":     "f.yaml:1:8: a[1] is an anchor, an alias or a tag, want text: write the value out, in quotes where it begins with &, * or !",
		"a: {secret: x,y}": "f.yaml:1:15: a has a key without a value, want both: put a text with a comma in quotes",
	} {
		_, mistakes := read(text)
		assert.Equal(t, []string{want}, mistakes)
	}
}

// The parser takes time with the square of the keys of a mapping, so they are counted before.
func TestKeysOfOneMappingAreBounded(t *testing.T) {
	t.Parallel()
	keys := func(indent string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "%sk%d: x\n", indent, i)
		}
		return b.String()
	}
	const want = "f.yaml:%d:1: the file has more than 1000 keys in one place, want fewer"
	for name, row := range map[string]struct {
		text string
		line int // 0 for no mistake
	}{
		"of the file":               {keys("", 50_000), 1001},
		"of a value":                {"a:\n" + keys("  ", 50_000), 1002},
		"with explicit keys":        {strings.Repeat("? a\n: x\n", 50_000), 2001},
		"as many as are allowed":    {keys("", 1000), 0},
		"in two places":             {"a:\n" + keys("  ", 700) + "b:\n" + keys("  ", 700), 0},
		"of the elements of a list": {strings.Repeat("- a: 1\n  b: 2\n", 1500), 0},
		"in a comment or a list":    {strings.Repeat("# a: b\n", 2000) + "a:\n" + strings.Repeat("  - b\n", 2000), 0},
		"in a text without colons":  {"a: |\n" + strings.Repeat("  b\n", 2000), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, mistakes := read(row.text)
			if row.line == 0 {
				assert.Empty(t, mistakes)
			} else {
				assert.Equal(t, []string{fmt.Sprintf(want, row.line)}, mistakes)
			}
		})
	}
}

// Brackets nest where YAML sees them, and not in a text in quotes.
func TestBracketsAreBounded(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 200)
	for text, bounded := range map[string]bool{
		`a: "` + deep + `"`: false,
		`a: '` + deep + `'`: false,
		`a: {b: "x\"` + deep + `", c: ["` + deep + `"]}`: false,
		`a: 'it''s ` + deep + `'`:                        false,
		"a:\n  - \"" + deep + "\"\n  - '" + deep + "'":   false,
		"a: " + deep:                             true,
		`a: [b "` + deep + `"]`:                  true, // the quote is within a plain text
		`a: ['b, "', ` + deep + `"]`:             true,
		`a: [b - "` + deep + `"]`:                true,
		`a: ["` + deep:                           true, // where the text ends is not sure
		`a: ["b\", ` + deep + `"]` + "\n" + deep: true,
		`a: [b:"` + deep + `"]`:                  true,
	} {
		_, mistakes := read(text + "\n")
		if bounded {
			assert.Contains(t, strings.Join(mistakes, "\n"), "brackets, want less nesting", text)
		} else {
			assert.Empty(t, mistakes, text)
		}
	}
}
