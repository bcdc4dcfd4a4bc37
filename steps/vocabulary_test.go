package steps_test

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"

	"github.com/cucumber/godog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps"
)

func TestEveryDefinitionIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range steps.Definitions() {
		t.Run(d.Pattern, func(t *testing.T) {
			assert.NotEmpty(t, d.Doc)
			assert.NotEmpty(t, d.Area)
			assert.NotEmpty(t, d.Example)
			assert.Contains(t, []string{"Given", "When", "Then"}, d.Keyword)
			assert.True(t, strings.HasPrefix(d.Example, d.Keyword+" "), "the example begins with %s", d.Keyword)
			assert.True(t, strings.HasSuffix(d.Doc, "."), "the doc is a sentence")
			assert.False(t, seen[d.Pattern], "no expression stands there twice")
			seen[d.Pattern] = true
		})
	}
}

// javaScriptLacks finds syntax of Go's regular expressions that JavaScript's
// RegExp, which editors use, lacks or reads in another way.
var javaScriptLacks = regexp.MustCompile(`\(\?(?:P|[a-zA-Z-]+[:)]|<)|\\[AzQEaCpP]|\\x\{|\[\[:|[*+?}]\+`)

func TestEveryExpressionIsAnchoredAndPlain(t *testing.T) {
	for _, d := range steps.Definitions() {
		t.Run(d.Pattern, func(t *testing.T) {
			expr := d.Pattern
			assert.Empty(t, javaScriptLacks.FindString(expr), "JavaScript reads every part of it as Go does")
			// The text itself would not show that ^a|b$ is two halves, each with one anchor.
			tree, err := syntax.Parse(expr, syntax.Perl)
			require.NoError(t, err)
			require.Equal(t, syntax.OpConcat, tree.Op, "it is one sequence")
			assert.Equal(t, syntax.OpBeginText, tree.Sub[0].Op, "it begins with ^")
			assert.Equal(t, syntax.OpEndText, tree.Sub[len(tree.Sub)-1].Op, "it ends with $")
		})
	}
}

func TestWhatJavaScriptLacksIsFound(t *testing.T) {
	for _, expr := range []string{
		`^(?P<name>a)$`, `^(?i)a$`, `^(?i:a)$`, `^(?-s)a$`, `\Aa\z`, `^\pL$`, `^[[:alpha:]]$`, `^\x{1F600}$`, `^a++$`,
	} {
		assert.NotEmpty(t, javaScriptLacks.FindString(expr), expr)
	}
	assert.Empty(t, javaScriptLacks.FindString(`^"((?:[^"\\]|\\.)*)" is an? (\d+)$`))
}

func TestEveryExampleIsMatchedByItsOwnDefinitionOnly(t *testing.T) {
	for _, d := range steps.Definitions() {
		t.Run(d.Example, func(t *testing.T) {
			var got []string
			for _, other := range steps.Definitions() {
				if other.Matches(text(d.Example)) {
					got = append(got, other.Keyword+" "+other.Pattern)
				}
			}
			assert.Equal(t, []string{d.Keyword + " " + d.Pattern}, got)
		})
	}
}

// No sentence of the tests may be read in two ways either.
func TestEverySentenceIsMatchedOnce(t *testing.T) {
	for name, row := range thens() {
		n := 0
		for _, d := range steps.Definitions() {
			if d.Matches(text(row.sentence)) {
				n++
			}
		}
		assert.Equal(t, 1, n, "%s: %s", name, row.sentence)
	}
}

func TestTheExampleOfASentenceWithATableHasTheTable(t *testing.T) {
	for _, d := range steps.Definitions() {
		first, table, _ := strings.Cut(d.Example, "\n")
		assert.Equal(t, strings.HasSuffix(first, ":"), table != "", d.Example)
		assert.Equal(t, d.Columns != nil, strings.HasPrefix(strings.TrimSpace(table), "|"), d.Example)
		assert.Equal(t, d.Block, strings.HasPrefix(strings.TrimSpace(table), `"""`), d.Example)
	}
}

// godog finds out what is wrong with a handler only when a step calls it.
func TestGodogCallsEveryHandler(t *testing.T) {
	answers := answering(says(200, form(username, password, signOn, polling)))
	for _, d := range steps.Definitions() {
		t.Run(d.Example, func(t *testing.T) {
			before := []string{given, detailed, `Given the user "alice"`}
			p := play(t, answers, append(before, d.Example)...)
			require.NotErrorIs(t, p.err, godog.ErrUndefined)
			require.NotErrorIs(t, p.err, godog.ErrAmbiguous)
			for _, complaint := range []string{"expected more arguments", "cannot convert", "unsupported parameter"} {
				assert.NotContains(t, fmt.Sprint(p.err), complaint)
			}
		})
	}
}

func TestASentenceWithoutADefinition(t *testing.T) {
	p := play(t, nil, `Then the flow is a success`)
	assert.ErrorIs(t, p.err, godog.ErrUndefined)
}

func TestAWorldTravelsInAContext(t *testing.T) {
	w := &steps.World{}
	assert.Nil(t, steps.FromContext(t.Context()))
	assert.Same(t, w, steps.FromContext(w.Context(t.Context())))
}
