package runner_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner"
	"flowtest/runner/internal/target"
	"flowtest/runner/report"
)

// replayTarget is the built-in replay target.
func replayTarget(tb testing.TB) *target.Target {
	tb.Helper()
	return runner.Replay()
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
		s.Target, s.Recordings = replayTarget(tb), shipped.Flows(tb)
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
		s.Target, s.Recordings = replayTarget(tb), shipped.Flows(tb)
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

// The number of a row is flowtest's, and no part of the name that the author gave; the name
// that reports show chooses a row all the same.
func TestTheNameIsTheOneThatTheAuthorGave(t *testing.T) {
	_, out := ran(t, runner.Suite{Features: []runner.Source{feature("tags.feature", tagged)}, Name: "^c1$"})
	assert.Equal(t, []string{"c1 (row 1):23"}, out.chose())
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
			runner.Suite{Name: "a("}, "name \"a(\" is not a regular expression: error parsing regexp: missing closing ): `a(`",
		},
		"a file that does not exist": {
			runner.Suite{Features: []runner.Source{{FS: fstest.MapFS{}, Path: "gone.feature", Show: "f/gone.feature"}}},
			"f/gone.feature does not exist, want a feature file or a folder of them",
		},
		"a file of another kind": {
			runner.Suite{Features: []runner.Source{feature("a.txt", "")}},
			"a.txt is not a feature file, want a name that ends in .feature",
		},
		"features that do not parse, all of them": {
			runner.Suite{Features: []runner.Source{
				feature("a.feature", "Feature: A\n  Scenario: A\n    * detailed responses\n    Gvien x\n"),
				feature("ok.feature", tagged),
				feature("b.feature", "# language: xx\nFeature: A\n"),
			}},
			`a.feature:4:5: "Gvien x" begins with no keyword (did you mean "Given"?), want ` + mayFollowStep + "\n" +
				`b.feature:1:1: there is no language "xx", want one such as en or de: without a line # language the keywords are English`,
		},
		"a table whose rows differ in length": {
			runner.Suite{Features: []runner.Source{
				feature("a.feature", "Feature: A\n  Scenario: A\n    When I fill in:\n      | a | b |\n      | c |\n"),
			}},
			`a.feature:5:7: this row has another number of cells than the first row of its table, ` +
				`want as many: write \| for a | that belongs to a value`,
		},
		"a text block that is not closed": {
			runner.Suite{Features: []runner.Source{feature("a.feature", "Feature: A\n  Scenario: A\n    When I fill in:\n    \"\"\"\n    x\n")}},
			`a.feature:6: the file ends inside a text block, want the """ or ` + "```" + ` that closes it`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if row.suite.Features == nil {
				row.suite.Features = []runner.Source{feature("tags.feature", tagged)}
			}
			err := refused(t, row.suite)
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
		"only a background": {
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
