package runner

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	gherkin "github.com/cucumber/gherkin/go/v42"
	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v34"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/runner/internal/backend"
	"flowtest/runner/internal/feature"
	"flowtest/runner/internal/target"
	"flowtest/runner/report"
	"flowtest/steps"
)

// loaded reads a feature as a run does. It returns nil where it is none.
func loaded(text string) []*feature.Scenario {
	l := feature.NewLoader(nil)
	list, err := l.Load(fstest.MapFS{"a.feature": {Data: []byte(text)}}, "a.feature", "")
	if err != nil {
		return nil
	}
	return list
}

// itemsOf puts scenarios on their way through a batch, against a replay.
func itemsOf(tb testing.TB, list []*feature.Scenario) []*item {
	tb.Helper()
	t, err := target.Builtin().Choose("")
	require.NoError(tb, err)
	suite := &Suite{Target: t}
	suite.Recordings, err = recordings.LoadAll(recordings.Shipped(), "session")
	require.NoError(tb, err)
	side, err := backend.Open(tb.Context(), backend.Config{Target: t, Recordings: suite.Recordings})
	require.NoError(tb, err)
	r := &running{
		suite: suite, side: side, timeout: time.Minute,
		over: context.Background().Err, locks: newLocks(1),
		out: &ordered{to: report.Discard{}, run: &report.Run{}, waiting: map[int]*report.Scenario{}},
	}
	var items []*item
	for i, s := range list {
		items = append(items, &item{attempt: attempt{running: r, scenario: planned{Scenario: s}}, index: i})
	}
	return items
}

// handed is what godog is handed to run items.
func handed(items []*item) string {
	var b strings.Builder
	features, _ := contents(items)
	for _, f := range features {
		b.Write(f.Contents)
	}
	return b.String()
}

// A heard is what a step was called with.
type heard struct {
	text  string
	cells [][]string
	block string
}

// said is what a step should be called with.
func said(s *feature.Step) heard {
	h := heard{text: s.Text}
	if s.Arg == nil {
		return h
	}
	if t := s.Arg.DataTable; t != nil {
		for _, r := range t.Rows {
			var row []string
			for _, c := range r.Cells {
				row = append(row, c.Value)
			}
			h.cells = append(h.cells, row)
		}
	}
	if d := s.Arg.DocString; d != nil {
		h.block = d.Content
	}
	return h
}

// listen runs scenarios with godog, as a batch does, and returns what their
// steps were called with.
func listen(tb testing.TB, list []*feature.Scenario) []heard {
	tb.Helper()
	items := itemsOf(tb, list)
	var all []heard
	var kinds, want []messages.PickleStepType
	features, at := contents(items)
	for _, s := range list {
		for i := range s.Steps {
			want = append(want, s.Steps[i].Kind())
		}
	}
	code := godog.TestSuite{
		Name: "listen",
		ScenarioInitializer: func(sc *godog.ScenarioContext) {
			hook(&keeper{ScenarioContext: sc}, at, &steps.World{}, nil)
			sc.StepContext().Before(func(ctx context.Context, st *godog.Step) (context.Context, error) {
				all = append(all, said(&feature.Step{Text: st.Text, Arg: st.Argument}))
				kinds = append(kinds, st.Type)
				return ctx, nil
			})
			sc.Step(`^(?s:.*)$`, func() error { return nil })
		},
		Options: &godog.Options{
			Format: silent(), Output: io.Discard, NoColors: true, Concurrency: 1, FeatureContents: features,
		},
	}.Run()
	assert.Equal(tb, want, kinds, "a step keeps its kind")
	if code > 1 { // 1 is a step with an argument that the one definition does not take
		tb.Logf("godog ends with %d for\n%s", code, handed(items))
	}
	return all
}

// saidByAll lists what the steps of scenarios should be called with.
func saidByAll(list []*feature.Scenario) []heard {
	var out []heard
	for _, s := range list {
		for i := range s.Steps {
			out = append(out, said(&s.Steps[i]))
		}
	}
	return out
}

// withArgument is a feature with one cell and one text block.
func withArgument(cell, block string) string {
	var b strings.Builder
	b.WriteString("Feature: A\nScenario: A\n* a table\n| key | " + escapedCell(cell) + " |\n* a text\n\"\"\"\n")
	b.WriteString(strings.ReplaceAll(block, `"""`, `\"\"\"`) + "\n\"\"\"\n* an end\n")
	return b.String()
}

// FuzzArguments compares what a step is called with to what the feature says.
func FuzzArguments(f *testing.F) {
	for _, s := range []string{
		"", "plain", "a|b", `a\b`, `a\\b`, `\`, `\n`, "a\nb", "\n", `a\|b`, `"""`, `\"\"\"`, `""""`, "```", `"`, "'",
		"# no comment", "@tag", "Scenario: x", "Given y", "| c |", "* z", "${user.password}", "$${x}", "<x>", "日本語", "\u00a0", "a\tb",
		"  two\n    indented\n  lines", "Examples:", "%s%d", "\u2028", "\x00", `\"`, `{"a":"b\nc"}`, "a\rb", `<div class="x">&amp;</div>`,
	} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, cell, block string) {
		list := loaded(withArgument(cell, block))
		if len(list) != 1 || len(list[0].Steps) != 3 {
			t.Skip("the text broke out of its place, as it may in any feature file")
		}
		want := saidByAll(list)
		assert.Equal(t, want, listen(t, list))
		if strings.TrimSpace(cell) == cell && utf8.ValidString(cell) {
			assert.Equal(t, cell, want[0].cells[0][1])
		}
	})
}

// FuzzExcerpts cuts any feature into its scenarios: each is found again at its
// line, with its name, its tags and its steps.
func FuzzExcerpts(f *testing.F) {
	for _, text := range features {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list := loaded(text)
		if len(list) == 0 {
			return
		}
		sameWhenCut(t, list)
		slices.Reverse(list)
		sameWhenCut(t, list[:(len(list)+1)/2])
		if !slices.ContainsFunc(list, func(s *feature.Scenario) bool { return len(s.Steps) == 0 }) {
			listen(t, list)
		}
	})
}

// sameWhenCut cuts scenarios out of their file, and reads them again.
func sameWhenCut(tb testing.TB, list []*feature.Scenario) {
	tb.Helper()
	items := itemsOf(tb, list)
	cut, at := contents(items)
	require.Len(tb, at, len(items))
	found := 0
	for _, c := range cut {
		newID := (&messages.Incrementing{}).NewId
		doc, err := gherkin.ParseGherkinDocument(strings.NewReader(string(c.Contents)), newID)
		require.NoError(tb, err, "%s", c.Contents)
		for _, p := range gherkin.Pickles(*doc, c.Name, newID) {
			it := at[location{c.Name, p.Location.Line}]
			require.NotNil(tb, it, "%s:%d of\n%s", c.Name, p.Location.Line, c.Contents)
			found++
			var tags []string
			for _, tag := range p.Tags {
				tags = append(tags, tag.Name)
			}
			assert.Equal(tb, it.scenario.Tags, tags)
			name, _, _ := strings.Cut(it.scenario.Name, " (row ")
			assert.Equal(tb, name, strings.Split(p.Name, " (row ")[0])
			require.Len(tb, p.Steps, len(it.scenario.Steps))
			for i, st := range p.Steps {
				want := &it.scenario.Steps[i]
				assert.Equal(tb, said(want), said(&feature.Step{Text: st.Text, Arg: st.Argument}))
				assert.Equal(tb, want.Kind(), st.Type)
			}
		}
	}
	assert.Equal(tb, len(items), found)
}

// features are those that are hard to cut.
var features = map[string]string{
	"another language": "# language: de\n@x\nFunktionalität: F\nSzenariogrundriss: <a>\nWenn <a>\n|<a>|\nAber x\n\"\"\"json\n<a>\n\"\"\"\nBeispiele:\n|a|\n|1|\n",
	"a rule":           "Feature: F\nRule: R\n@a\nScenario: S\n* x\n```md\n\\`\\`\\`\n```\n",
	"rules and backgrounds": "# one\n@f\nFeature: F\nWords.\n\nBackground: B\nGiven a\n\n@s\nScenario: S\n* b\n@r\nRule: R\nMore words.\nBackground:\nGiven c\n" +
		"Scenario: T\n* d\n# two\n@o @p\n@q\nScenario Outline: <v>\n* <v>\n@e\nExamples: X\nwords\n| v |\n\n| 1 |\n# three\n| 2 |\n@e2\n# four\n@e3\nExamples:\n| v |\n" +
		"| 3 |\nExamples: none\nRule: Q\n@z\nScenario: U\n* e\nRule: empty\nScenario: V\n* f",
	"line ends of Windows":       "Feature: F\r\n  Background:\r\n    Given a\r\n\r\n  Scenario Outline: <v>\r\n    * x\r\n      \"\"\"\r\n      a\r\n      \"\"\"\r\n    Examples:\r\n      | v |\r\n      | 1 |\r\n      | 2 |\r\n  Scenario: S\r\n    * y\r\n",
	"a byte order mark":          "\ufeffFeature: F\nScenario: S\n* x\nScenario: S\n* y\n",
	"what looks like a scenario": "Feature: F\nScenario: S\n* x\n\"\"\"\n@tag\nScenario: T\n* y\n\"\"\"\nScenario: U\n* z\n",
	"a tag without a name":       "Feature: F\nScenario: S\n* x\n @ \n# c\n\n@a\nScenario: T\n* y\n@\nExamples:\n|v|\n|1|\n",
	"scenarios without steps":    "Feature: F\nBackground:\nScenario: S\nScenario Outline: T\nExamples:\n| v |\nScenario: U\n* x\n",
}

func TestScenariosAreCutOutOfTheirFile(t *testing.T) {
	for name, text := range features {
		t.Run(name, func(t *testing.T) {
			list := loaded(text)
			require.NotEmpty(t, list)
			sameWhenCut(t, list)
			for i := range list {
				sameWhenCut(t, list[i:i+1])
				sameWhenCut(t, []*feature.Scenario{list[i], list[0], list[i]})
			}
		})
	}
}

func TestArgumentsReachTheStepUnchanged(t *testing.T) {
	for name, row := range map[string]struct {
		feature string
		want    []heard
	}{
		"a pipe in a cell":      {"* x\n| a\\|b |\n", []heard{{text: "x", cells: [][]string{{"a|b"}}}}},
		"a backslash in a cell": {"* x\n| a\\\\b | \\d |\n", []heard{{text: "x", cells: [][]string{{`a\b`, `\d`}}}}},
		"a line break in a cell": {
			"* x\n| a\\nb | \\\\n |\n", []heard{{text: "x", cells: [][]string{{"a\nb", `\n`}}}},
		},
		"line breaks at the ends of a cell": {"* x\n| \\na\\n |\n", []heard{{text: "x", cells: [][]string{{"\na\n"}}}}},
		"empty cells":                       {"* x\n|  | a |  |\n", []heard{{text: "x", cells: [][]string{{"", "a", ""}}}}},
		"quotes in a cell":                  {"* x\n| \"\"\" | ``` |\n", []heard{{text: "x", cells: [][]string{{`"""`, "```"}}}}},
		"a comment sign in a cell":          {"* x\n| # a |\n", []heard{{text: "x", cells: [][]string{{"# a"}}}}},
		"a text block":                      {"* x\n\"\"\"\na\n  b\n\nc | d \\ e\n\"\"\"\n", []heard{{text: "x", block: "a\n  b\n\nc | d \\ e"}}},
		"a text block that is indented": {
			"* x\n    \"\"\"\n    a\n      b\n    \"\"\"\n", []heard{{text: "x", block: "a\n  b"}},
		},
		"an empty text block":                  {"* x\n\"\"\"\n\"\"\"\n", []heard{{text: "x"}}},
		"quotes in a text block":               {"* x\n\"\"\"\na\n\\\"\\\"\\\"\nb \" \"\" c\n\"\"\"\n", []heard{{text: "x", block: "a\n\"\"\"\nb \" \"\" c"}}},
		"a text block between backquotes":      {"* x\n```\n\"\"\"\n\\`\\`\\`\n```\n", []heard{{text: "x", block: "\"\"\"\n```"}}},
		"escaped quotes between backquotes":    {"* x\n```\n\\\"\\\"\\\"\n```\n", []heard{{text: "x", block: `\"\"\"`}}},
		"a text block of a type":               {"* x\n\"\"\"json\n{}\n\"\"\"\n", []heard{{text: "x", block: "{}"}}},
		"a text block that looks like Gherkin": {"* x\n\"\"\"\nScenario: y\n# language: de\n@z\n\"\"\"\n* y\n", []heard{{text: "x", block: "Scenario: y\n# language: de\n@z"}, {text: "y"}}},
	} {
		t.Run(name, func(t *testing.T) {
			list := loaded("Feature: A\nScenario: A\n" + row.feature)
			require.Len(t, list, 1)
			require.Equal(t, row.want, saidByAll(list))
			assert.Equal(t, row.want, listen(t, list))
		})
	}
}

// What the row of an outline puts into a sentence or a cell is not trimmed and
// may hold a line break.
func TestWhatARowPutsInReachesTheStepUnchanged(t *testing.T) {
	for name, row := range map[string]struct{ step, value string }{
		"a line break in a table":     {"* x\n| <v> |\n", `a\nb`},
		"a line break in a text":      {"* x\n\"\"\"\n<v>\n\"\"\"\n", `a\nb`},
		"a line break in a sentence":  {"* I fill in \"a\" with \"<v>\"\n", `a\nb`},
		"blanks at the end of a cell": {"* x\n| a <v> |\n", ""},
		"blanks at its beginning":     {"* x\n| <v> a |\n", ""},
		"only a blank":                {"* x\n| <v> <v> |\n", ""},
		"a pipe in a table":           {"* x\n| <v> |\n", `\|`},
		"a pipe in a sentence":        {"* I fill in \"a\" with \"<v>\"\n", `\|`},
		"a backslash in a sentence":   {"* I fill in \"a\" with \"<v>\"\n", `\\`},
		"quotes in a text":            {"* x\n\"\"\"\n<v>\n\"\"\"\n", `"""`},
		"a comment in a sentence":     {"* I fill in \"a\" with \"<v>\"\n", "x # y"},
	} {
		t.Run(name, func(t *testing.T) {
			list := loaded("Feature: A\nScenario Outline: <v>\n" + row.step + "* the end\nExamples:\n| v |\n| " + row.value + " |\n")
			require.Len(t, list, 1)
			assert.Equal(t, saidByAll(list), listen(t, list))
		})
	}
}

// escapedCell writes a cell as a feature has it.
func escapedCell(s string) string {
	return strings.NewReplacer(`\`, `\\`, `|`, `\|`, "\n", `\n`).Replace(s)
}
