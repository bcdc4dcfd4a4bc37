package runner_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"

	"flowtest/runner"
	"flowtest/runner/report"
)

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
