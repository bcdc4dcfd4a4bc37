package runner_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner"
	"flowtest/runner/report"
	"flowtest/runner/target"
)

// replayTarget is the built-in replay target.
func replayTarget(tb testing.TB) *target.Target {
	tb.Helper()
	replay, err := target.Builtin().Choose("")
	require.NoError(tb, err)
	return replay
}

// feature is a source of one file.
func feature(name, text string) runner.Source {
	return runner.Source{FS: fstest.MapFS{name: {Data: []byte(text)}}, Path: name}
}

// at is a source with lines.
func at(src runner.Source, lines ...int) runner.Source {
	src.Lines = lines
	return src
}

// ran runs a suite, against the shipped recordings where it names no target.
func ran(tb testing.TB, s runner.Suite) (*report.Run, *collector) {
	tb.Helper()
	out := &collector{}
	s.Reporter = out
	if s.Target == nil {
		s.Target, s.Recordings = replayTarget(tb), shippedFlows(tb)
	}
	run, err := s.Run(tb.Context())
	require.NoError(tb, err)
	return run, out
}

// refused runs a suite that must not begin.
func refused(tb testing.TB, s runner.Suite) error {
	tb.Helper()
	out := &collector{}
	s.Reporter = out
	if s.Target == nil {
		s.Target, s.Recordings = replayTarget(tb), shippedFlows(tb)
	}
	run, err := s.Run(tb.Context())
	require.Error(tb, err)
	assert.Nil(tb, run)
	assert.Empty(tb, out.scenarios)
	return err
}

// chose lists what a run ran, as NAME:LINE.
func (c *collector) chose() []string {
	out := []string{}
	for _, s := range c.scenarios {
		out = append(out, fmt.Sprintf("%s:%d", s.Name, s.Line))
	}
	return out
}

const tagged = `@feature
Feature: Tags
  Background:
    Given the flow "sign-on"

  @a
  Scenario: a
    Given detailed responses

  @a @b
  Scenario: ab
    Given detailed responses

  Scenario: none
    Given detailed responses

  @c
  Scenario Outline: c<n>
    Given detailed responses
    @d
    Examples:
      | n |
      | 1 |
    Examples:
      | n |
      | 2 |

  @x(1)
  Scenario: parentheses
    Given detailed responses

  @x\y
  Scenario: a backslash
    Given detailed responses

  @rule
  Rule: Tags of a rule are those of its scenarios
    @a
    Scenario: in the rule
      Given detailed responses
`

func TestTagsChoose(t *testing.T) {
	for name, row := range map[string]struct {
		tags string
		want []string
	}{
		"a tag":                         {"@a", []string{"a:7", "ab:11", "in the rule:39"}},
		"the tag of the feature":        {"@feature and not @c and not @a", []string{"none:14", "parentheses:29", "a backslash:33"}},
		"the tag of an outline":         {"@c", []string{"c1 (row 1):23", "c2 (row 2):26"}},
		"the tag of its examples":       {"@d", []string{"c1 (row 1):23"}},
		"the examples without it":       {"@c and not @d", []string{"c2 (row 2):26"}},
		"the tag of a rule":             {"@rule", []string{"in the rule:39"}},
		"not binds closer than and":     {"not @a and not @c and @feature", []string{"none:14", "parentheses:29", "a backslash:33"}},
		"and binds closer than or":      {"@d or @a and @b", []string{"ab:11", "c1 (row 1):23"}},
		"parentheses":                   {"(@d or @a) and not (@b or @rule)", []string{"a:7", "c1 (row 1):23"}},
		"a tag with parentheses in it":  {`@x\(1\)`, []string{"parentheses:29"}},
		"a tag with a backslash in it":  {`@x\\y`, []string{"a backslash:33"}},
		"nothing asked for is everyone": {"", []string{"a:7", "ab:11", "none:14", "c1 (row 1):23", "c2 (row 2):26", "parentheses:29", "a backslash:33", "in the rule:39"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, out := ran(t, runner.Suite{Features: []runner.Source{feature("tags.feature", tagged)}, Tags: row.tags})
			assert.Equal(t, row.want, out.chose())
		})
	}
}

func TestTagsAndNameBothHaveToChoose(t *testing.T) {
	_, out := ran(t, runner.Suite{
		Features: []runner.Source{feature("tags.feature", tagged)}, Tags: "@a", Name: "^a",
	})
	assert.Equal(t, []string{"a:7", "ab:11"}, out.chose())
}

func TestAWrongSelectionIsAUsageError(t *testing.T) {
	for name, row := range map[string]struct {
		suite runner.Suite
		want  string
	}{
		"a tag expression": {
			runner.Suite{Tags: "@a and"}, `tag expression "@a and": it ends where a tag is expected`,
		},
		"a name": {
			runner.Suite{Name: "a("}, "name \"a(\" is no regular expression: error parsing regexp: missing closing ): `a(`",
		},
		"a file that is not there": {
			runner.Suite{Features: []runner.Source{{FS: fstest.MapFS{}, Path: "gone.feature", Show: "f/gone.feature"}}},
			"f/gone.feature does not exist, want a feature file or a folder of them",
		},
		"a file of another kind": {
			runner.Suite{Features: []runner.Source{feature("a.txt", "")}},
			"a.txt is no feature file, want a name that ends in .feature",
		},
		"features that do not parse, all of them": {
			runner.Suite{Features: []runner.Source{
				feature("a.feature", "Feature: A\n  Scenario: A\n    * detailed responses\n    Gvien x\n"),
				feature("ok.feature", tagged),
				feature("b.feature", "# language: xx\nFeature: A\n"),
			}},
			"a.feature:4:5: want one of the end of the file, a table row, \"\"\", a step, a tag, Examples:, " +
				"Scenario:, Rule:, a comment, an empty line, found 'Gvien x'\n" +
				"b.feature:1:1: Language not supported: xx",
		},
		"a table whose rows differ in length": {
			runner.Suite{Features: []runner.Source{
				feature("a.feature", "Feature: A\n  Scenario: A\n    When I fill in:\n      | a | b |\n      | c |\n"),
			}},
			"a.feature:5:7: inconsistent cell count within the table",
		},
		"a text block that is not closed": {
			runner.Suite{Features: []runner.Source{feature("a.feature", "Feature: A\n  Scenario: A\n    When I fill in:\n    \"\"\"\n    x\n")}},
			`a.feature:6:0: unexpected end of file, want one of """, text`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if row.suite.Features == nil {
				row.suite.Features = []runner.Source{feature("tags.feature", tagged)}
			}
			err := refused(t, row.suite)
			_, ok := errors.AsType[*runner.UsageError](err)
			assert.True(t, ok, "%T", err)
			assert.EqualError(t, err, row.want)
		})
	}
}

func TestNothingChosenIsAnErrorThatSaysWhatThereIs(t *testing.T) {
	tags := feature("tags.feature", tagged)
	for name, row := range map[string]struct {
		suite runner.Suite
		want  string
	}{
		"by tag":      {runner.Suite{Tags: "@zz"}, `no scenario has the tags "@zz"; there are 8 to choose from`},
		"by name":     {runner.Suite{Name: "^zz$"}, `no scenario has the name "^zz$"; there are 8 to choose from`},
		"by both":     {runner.Suite{Tags: "@b", Name: "^a$"}, `no scenario has the tags "@b" and the name "^a$"; there are 8 to choose from`},
		"by a line":   {runner.Suite{Features: []runner.Source{at(tags, 9)}}, "no scenario at tags.feature:9, there are scenarios at the lines 7, 11, 14, 23, 26, 29, 33, 39"},
		"by a line 0": {runner.Suite{Features: []runner.Source{at(tags, 0)}}, "no scenario at tags.feature:0, there are scenarios at the lines 7, 11, 14, 23, 26, 29, 33, 39"},
		"one of two lines": {
			runner.Suite{Features: []runner.Source{at(tags, 7, 99)}},
			"no scenario at tags.feature:99, there are scenarios at the lines 7, 11, 14, 23, 26, 29, 33, 39",
		},
		"a line of a shown path": {
			runner.Suite{Features: []runner.Source{{FS: tags.FS, Path: tags.Path, Show: "f/t.feature", Lines: []int{99}}}},
			"no scenario at f/t.feature:99, there are scenarios at the lines 7, 11, 14, 23, 26, 29, 33, 39",
		},
		"no feature at all":     {runner.Suite{Features: []runner.Source{{FS: fstest.MapFS{"a/b.txt": {}}, Path: "."}}}, "no scenario found: the features have none"},
		"an empty feature file": {runner.Suite{Features: []runner.Source{feature("a.feature", "")}}, "no scenario found: the features have none"},
		"a background alone": {
			runner.Suite{Features: []runner.Source{feature("a.feature", "Feature: A\n  Background:\n    Given detailed responses\n")}},
			"no scenario found: the features have none",
		},
		"an outline without examples": {
			runner.Suite{Features: []runner.Source{feature("a.feature", "Feature: A\n  Scenario Outline: A\n    Given detailed responses\n    Examples:\n      | a |\n")}},
			"no scenario found: the features have none",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if row.suite.Features == nil {
				row.suite.Features = []runner.Source{tags}
			}
			err := refused(t, row.suite)
			_, ok := errors.AsType[*runner.NothingError](err)
			assert.True(t, ok, "%T", err)
			assert.EqualError(t, err, row.want)
		})
	}
}

const lined = `Feature: Lines
  About them.

  Background:
    Given the flow "sign-on"

  @one
  @two
  Scenario: first
    When I start the flow
    # a comment
    And I fill in:
      | key      | value |
      | username | x     |

  Scenario Outline: <key>
    When I start the flow
    Then the form offers "<key>"

    Examples: Some
      | key      |
      | REGISTER |
      | TROUBLE  |

    Examples: Others
      | key    |
      | SIGNON |

  Rule: A rule
    Background:
      Given the user "alice"

    Example: in the rule
      When I start the flow
`

func TestLinesChoose(t *testing.T) {
	src := feature("lines.feature", lined)
	rows := []string{"REGISTER (row 1):22", "TROUBLE (row 2):23", "SIGNON (row 3):27"}
	all := append(append([]string{"first:9"}, rows...), "in the rule:33")
	for name, row := range map[string]struct {
		lines []int
		want  []string
	}{
		"a scenario":                     {[]int{9}, []string{"first:9"}},
		"its first tag":                  {[]int{7}, []string{"first:9"}},
		"its last tag":                   {[]int{8}, []string{"first:9"}},
		"a step":                         {[]int{10}, []string{"first:9"}},
		"a comment among the steps":      {[]int{11}, []string{"first:9"}},
		"a row of a step's table":        {[]int{14}, []string{"first:9"}},
		"an outline":                     {[]int{16}, rows},
		"a step of an outline":           {[]int{18}, rows},
		"a row of its examples":          {[]int{23}, rows[1:2]},
		"a row of its second examples":   {[]int{27}, rows[2:]},
		"the feature":                    {[]int{1}, all},
		"the description of the feature": {[]int{2}, all},
		"the background":                 {[]int{4}, all},
		"a step of the background":       {[]int{5}, all},
		"an example in a rule":           {[]int{33}, all[4:]},
		"its step":                       {[]int{34}, all[4:]},
		"several lines":                  {[]int{9, 27}, []string{"first:9", "SIGNON (row 3):27"}},
		"the same line twice":            {[]int{9, 9, 10}, []string{"first:9"}},
		"an outline and one of its rows": {[]int{16, 22}, rows},
		"the feature and one of its own": {[]int{1, 33}, all},
	} {
		t.Run(name, func(t *testing.T) {
			run, out := ran(t, runner.Suite{Features: []runner.Source{at(src, row.lines...)}})
			assert.Equal(t, row.want, out.chose())
			assert.Equal(t, len(row.want), run.Total())
			assert.Equal(t, len(row.want), run.Plan.Scenarios)
			assert.Equal(t, run.Total(), run.Counts[report.Passed], strings.Join(out.verdicts(), "\n"))
		})
	}
}

func TestLinesAndTagsBothHaveToChoose(t *testing.T) {
	_, out := ran(t, runner.Suite{Features: []runner.Source{at(feature("tags.feature", tagged), 17)}, Tags: "@d"})
	assert.Equal(t, []string{"c1 (row 1):23"}, out.chose())
	err := refused(t, runner.Suite{Features: []runner.Source{at(feature("tags.feature", tagged), 7)}, Tags: "@d"})
	assert.EqualError(t, err, `no scenario has the tags "@d"; there are 8 to choose from`)
}

func TestNamesChooseRowsToo(t *testing.T) {
	for name, row := range map[string]struct {
		expr string
		want []string
	}{
		"a part of a name":     {"rule", []string{"in the rule:33"}},
		"a whole name":         {"^first$", []string{"first:9"}},
		"what a row put there": {"^REGISTER", []string{"REGISTER (row 1):22"}},
		"the number of a row":  {`\(row [23]\)$`, []string{"TROUBLE (row 2):23", "SIGNON (row 3):27"}},
		"upper and lower case": {"(?i)trouble", []string{"TROUBLE (row 2):23"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, out := ran(t, runner.Suite{Features: []runner.Source{feature("lines.feature", lined)}, Name: row.expr})
			assert.Equal(t, row.want, out.chose())
		})
	}
}

func TestSeveralSources(t *testing.T) {
	one := "Feature: One\n  Scenario: one\n    Given detailed responses\n"
	two := "Feature: Two\n  Scenario: two\n    Given detailed responses\n  Scenario: three\n    Given detailed responses\n"
	folder := fstest.MapFS{"z.feature": {Data: []byte(one)}, "a/y.feature": {Data: []byte(two)}, "a/readme.md": {}, "b/x.feature": {Data: []byte(one)}}
	for name, row := range map[string]struct {
		sources []runner.Source
		want    []string
	}{
		"a folder, in the order of its paths": {
			[]runner.Source{{FS: folder, Path: ".", Show: "f"}},
			[]string{"f/a/y.feature:2", "f/a/y.feature:4", "f/b/x.feature:2", "f/z.feature:2"},
		},
		"a folder below": {
			[]runner.Source{{FS: folder, Path: "a"}}, []string{"a/y.feature:2", "a/y.feature:4"},
		},
		"files in the order in which they are named": {
			[]runner.Source{{FS: folder, Path: "z.feature"}, {FS: folder, Path: "b/x.feature"}},
			[]string{"z.feature:2", "b/x.feature:2"},
		},
		"a file and its folder: once": {
			[]runner.Source{{FS: folder, Path: "a/y.feature", Lines: []int{4}}, {FS: folder, Path: "."}},
			[]string{"a/y.feature:4", "a/y.feature:2", "b/x.feature:2", "z.feature:2"},
		},
		"the same file twice: once": {
			[]runner.Source{{FS: folder, Path: "z.feature"}, {FS: folder, Path: "z.feature"}}, []string{"z.feature:2"},
		},
		"lines of two files": {
			[]runner.Source{{FS: folder, Path: "a/y.feature", Lines: []int{2}}, {FS: folder, Path: "z.feature", Lines: []int{3}}},
			[]string{"a/y.feature:2", "z.feature:2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, out := ran(t, runner.Suite{Features: row.sources})
			got := []string{}
			for _, s := range out.scenarios {
				got = append(got, fmt.Sprintf("%s:%d", s.File, s.Line))
			}
			assert.Equal(t, row.want, got)
		})
	}
}

func TestRulesAndBackgrounds(t *testing.T) {
	_, out := ran(t, runner.Suite{Features: []runner.Source{feature("rules.feature", `Feature: Rules
  Background:
    Given the flow "sign-on"

  Rule: One
    Background:
      And the user "alice"
    Scenario: both backgrounds come first
      When I start the flow

  Rule: Two
    Scenario: of another rule only the feature's
      When I start the flow
`)}})
	require.Len(t, out.scenarios, 2)
	assert.Equal(t, []report.Step{
		{Text: `Given the flow "sign-on"`, Line: 3, Status: report.Passed},
		{Text: `And the user "alice"`, Line: 7, Status: report.Passed},
		{Text: `When I start the flow`, Line: 9, Status: report.Passed},
	}, timeless(out.scenarios[0].Steps))
	assert.Equal(t, []report.Step{
		{Text: `Given the flow "sign-on"`, Line: 3, Status: report.Passed},
		{Text: `When I start the flow`, Line: 13, Status: report.Passed},
	}, timeless(out.scenarios[1].Steps))
	assert.Equal(t, "Rules", out.scenarios[0].Feature)
}

// timeless takes the durations out of steps.
func timeless(steps []report.Step) []report.Step {
	out := []report.Step{}
	for _, s := range steps {
		s.Duration, s.Definition = 0, 0
		out = append(out, s)
	}
	return out
}

func TestLocalizedFeaturesKeepTheirKeywords(t *testing.T) {
	_, out := ran(t, runner.Suite{Features: []runner.Source{feature("de.feature", `# language: de
Funktionalität: Anmeldung
  Grundlage:
    Angenommen the flow "sign-on"
    Und the user "alice"

  Szenario: Alice meldet sich an
    Wenn I start the flow
    Dann the flow pauses at "Sign On Form"
    Aber the form does not offer "RESEND"
    Und the form offers "SIGNON"

  Szenariogrundriss: <Taste>
    Wenn I start the flow
    * the form offers "<Taste>"

    Beispiele:
      | Taste   |
      | TROUBLE |
`), feature("ja.feature", `# language: ja
機能: サインオン
  シナリオ: 最初の画面
    前提the flow "sign-on"
    もしI start the flow
    ならばthe flow pauses at "Sign On Form"
    かつthe form offers "SIGNON"
`)}})
	assert.Equal(t, []string{"Alice meldet sich an:7", "TROUBLE (row 1):19", "最初の画面:3"}, out.chose())
	for _, s := range out.scenarios {
		assert.Equal(t, report.Passed, s.Status, s.FailedStep())
	}
	assert.Equal(t, "Anmeldung", out.scenarios[0].Feature)
	var texts []string
	for _, s := range out.scenarios {
		for i := range s.Steps {
			texts = append(texts, s.Steps[i].Text)
		}
	}
	assert.Equal(t, []string{
		`Angenommen the flow "sign-on"`, `Und the user "alice"`, `Wenn I start the flow`,
		`Dann the flow pauses at "Sign On Form"`, `Aber the form does not offer "RESEND"`, `Und the form offers "SIGNON"`,
		`Angenommen the flow "sign-on"`, `Und the user "alice"`, `Wenn I start the flow`, `* the form offers "TROUBLE"`,
		`前提the flow "sign-on"`, `もしI start the flow`, `ならばthe flow pauses at "Sign On Form"`, `かつthe form offers "SIGNON"`,
	}, texts)
}

func TestAndButAndStarTakeTheKindOfTheStepBefore(t *testing.T) {
	for name, row := range map[string]struct {
		steps string
		want  report.Status
		fault string
	}{
		"and after given":         {"Given the flow \"sign-on\"\nAnd the user \"alice\"", report.Passed, ""},
		"but after then":          {"Given the flow \"sign-on\"\nWhen I start the flow\nThen the form offers \"SIGNON\"\nBut the form does not offer \"X\"", report.Passed, ""},
		"a star is of any kind":   {"* the flow \"sign-on\"\n* I start the flow\n* the form offers \"SIGNON\"", report.Passed, ""},
		"and after a star":        {"* the flow \"sign-on\"\nAnd I start the flow", report.Passed, ""},
		"and after the wrong one": {"Given the flow \"sign-on\"\nAnd I start the flow", report.Undefined, "undefined: this sentence begins with When"},
		"when in place of then":   {"Given the flow \"sign-on\"\nWhen the flow completes", report.Undefined, "undefined: this sentence begins with Then"},
		"then in place of given":  {"Then the flow \"sign-on\"", report.Undefined, "undefined: this sentence begins with Given"},
	} {
		t.Run(name, func(t *testing.T) {
			_, out := ran(t, runner.Suite{Features: []runner.Source{
				feature("a.feature", "Feature: A\nScenario: A\n"+row.steps+"\n"),
			}})
			assert.Equal(t, row.want, out.scenarios[0].Status, out.scenarios[0].FailedStep())
			if row.fault != "" {
				assert.Equal(t, row.fault, out.scenarios[0].FailedStep().Error)
			}
		})
	}
}
