package steps

import (
	"context"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v34"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

func TestEveryValueOfASentenceHasAKnownKind(t *testing.T) {
	used := map[Kind]bool{}
	for i := range Definitions() {
		d := &Definitions()[i]
		assert.Len(t, d.Params, d.Expr().NumSubexp(), "%s: a kind for each group", d.Pattern)
		for _, k := range d.Params {
			used[k] = true
			assert.Contains(t, readings, k, "%s", d.Pattern)
			escaped := strings.Contains(d.Pattern, `"((?:[^"\\]|\\.)*)"`)
			if readings[k] == bothEscapes && k != ErrorCode {
				assert.True(t, escaped, "%s: a value of kind %q may hold an escaped quote", d.Pattern, k)
			}
		}
		assert.Equal(t, d.Columns != nil || d.Block, strings.HasSuffix(d.Pattern, ":$"), "%s", d.Pattern)
		if d.Block {
			used[d.below] = true
			assert.Contains(t, readings, d.below, "%s", d.Pattern)
		}
		for _, c := range d.Columns {
			used[c.Kind] = true
			assert.Contains(t, readings, c.Kind, "%s: column %s", d.Pattern, c.Name)
		}
	}
	for k := range readings {
		assert.True(t, used[k], "no sentence has a value of the kind %q", k)
	}
}

// What a check, a hint or an editor knows of a sentence comes from its
// definition: it is the same of a sentence in other words.
func TestARewordedSentenceIsReadAsBefore(t *testing.T) {
	for i := range Definitions() {
		d := &Definitions()[i]
		t.Run(d.Example, func(t *testing.T) {
			reworded := *d
			reworded.Pattern = strings.Replace(d.Pattern, "^", "^in other words, ", 1)
			reworded.Expr = func() *regexp.Regexp { return regexp.MustCompile(reworded.Pattern) }
			_, said, _ := strings.Cut(strings.Split(d.Example, "\n")[0], " ")
			table := tableIn(d.Example)
			assert.Equal(t, d.Values(said, table), reworded.Values("in other words, "+said, table))
			for _, started := range []bool{false, true} {
				for _, chosen := range []bool{false, true} {
					a := Order{chosen: chosen, started: started}
					b := a
					assert.Equal(t, a.Next(d, said), b.Next(&reworded, "in other words, "+said))
					assert.Equal(t, a, b)
				}
			}
		})
	}
}

// tableIn reads the table below the first line of an example.
func tableIn(example string) *messages.PickleStepArgument {
	lines := strings.Split(example, "\n")[1:]
	if len(lines) == 0 {
		return nil
	}
	t := &godog.Table{}
	for _, line := range lines {
		r := &messages.PickleTableRow{}
		for cell := range strings.SplitSeq(strings.Trim(strings.TrimSpace(line), "|"), "|") {
			r.Cells = append(r.Cells, &messages.PickleTableCell{Value: strings.TrimSpace(cell)})
		}
		t.Rows = append(t.Rows, r)
	}
	return &messages.PickleStepArgument{DataTable: t}
}

func TestTheValuesOfAStep(t *testing.T) {
	keys := &messages.PickleStepArgument{DataTable: &godog.Table{Rows: []*messages.PickleTableRow{
		{Cells: []*messages.PickleTableCell{{Value: "value"}, {Value: "key"}, {Value: "colour"}}},
		{Cells: []*messages.PickleTableCell{{Value: `a\"b`}, {Value: "username"}, {Value: "red"}}},
		{Cells: []*messages.PickleTableCell{{Value: "${env.X}"}}},
	}}}
	for sentence, want := range map[string][]Value{
		`I fill in "a" with "b \"c\" \\"`: {
			{Kind: FieldKey, Text: "a", Written: "a"}, {Kind: TypedValue, Text: `b "c" \`, Written: `b \"c\" \\`},
		},
		`I press "Say \"yes\""`:       {{Kind: ButtonName, Text: `Say "yes"`, Written: `Say \"yes\"`}},
		`the flow "sign-on"`:          {{Kind: FlowName, Text: "sign-on", Written: "sign-on"}},
		`the form does not offer "A"`: {{Kind: AbsentName, Text: "A", Written: "A"}},
		`"a\.\"b\"" is absent`:        {{Kind: AbsentPath, Text: `a\."b"`, Written: `a\.\"b\"`}},
		`the response status is 400`:  nil,
		`I start the flow`:            nil,
		`I fill in:`: {
			{Kind: TypedValue, Text: `a\"b`, Written: `a\"b`},
			{Kind: FieldKey, Text: "username", Written: "username"},
			{Kind: TypedValue, Text: "${env.X}", Written: "${env.X}"},
		},
		`the form has the fields:`: {{Kind: RowKey, Text: "username", Written: "username"}},
	} {
		found := false
		for i := range Definitions() {
			if d := &Definitions()[i]; d.Matches(sentence) {
				found = true
				assert.Equal(t, want, d.Values(sentence, keys), sentence)
			}
		}
		require.True(t, found, sentence)
	}
}

func TestEveryHandlerHasTheParametersOfItsSentence(t *testing.T) {
	for _, d := range Definitions() {
		t.Run(d.Pattern, func(t *testing.T) {
			f := reflect.TypeOf(d.Handler)
			require.Equal(t, reflect.Func, f.Kind())
			require.Equal(t, 1, f.NumOut())
			assert.Equal(t, reflect.TypeFor[error](), f.Out(0))

			got := make([]reflect.Type, 0, f.NumIn())
			for in := range f.Ins() {
				got = append(got, in)
			}
			want := []reflect.Type{reflect.TypeFor[context.Context]()}
			for range d.Expr().NumSubexp() {
				want = append(want, reflect.TypeFor[string]())
			}
			if d.Columns != nil {
				want = append(want, reflect.TypeFor[*godog.Table]())
			}
			if d.Block {
				want = append(want, reflect.TypeFor[*godog.DocString]())
			}
			assert.Equal(t, want, got)
		})
	}
}

// A text that an expression matches begins as was found without compiling it.
func TestBeginning(t *testing.T) {
	for expr, want := range map[string]string{
		`^the flow "([^"]*)"$`:  `the flow "`,
		`^it is over$`:          `it is over`,
		`^colou?r$`:             `colo`,
		`^naïve*$`:              `naïv`,
		`^ab{2}$`:               `a`,
		`^x (a|b)$`:             `x `,
		`^x|y$`:                 ``,
		`^x [(]|y$`:             ``,
		`^(?i)the flow$`:        ``,
		`the flow$`:             ``,
		`^says \(loud\|soft\)$`: `says `,
	} {
		assert.Equal(t, want, beginning(expr), expr)
	}
	for i := range Definitions() {
		if d := &Definitions()[i]; !strings.HasPrefix(d.Pattern, "^(all of )?") {
			assert.NotEmpty(t, beginning(d.Pattern), "%s is compiled in every run", d.Pattern)
		}
	}
}

// Each step with a path checks it, in each scenario.
func TestAPathWithoutAModifierIsComparedWithNone(t *testing.T) {
	few := testing.AllocsPerRun(10, func() { _ = pathRight("form.components.fields") })
	assert.LessOrEqual(t, few, 4.0)
}

// godog calls it at each step of each scenario.
func TestAStepIsCalledWithoutReflection(t *testing.T) {
	d := &Definition{Params: []Kind{text, text}}
	values := ""
	do, ok := forGodog(d, func(_ context.Context, _ *godog.Table, v ...string) error {
		values = v[0] + v[1]
		return nil
	}).(func(context.Context, string, string) error)
	require.True(t, ok)
	few := testing.AllocsPerRun(10, func() { _ = do(t.Context(), "", "b") })
	assert.LessOrEqual(t, few, 1.0)
	assert.Equal(t, "b", values)
}

// A path is refused for a modifier that is nearly one of these and none.
func TestTheModifiersOfPathsAreThoseOfGjson(t *testing.T) {
	for _, name := range modifiers {
		assert.True(t, gjson.ModifierExists(name, nil), name)
		require.NoError(t, pathRight("form.@"+name+":{\"a\":[\"(\"]}|0"))
	}
	for _, path := range []string{`\@revers`, `@context`, `a\.b`, `a\(b`, `#(a=="(.")#.b`, `{a,"b":c.d}`, `[a,b].0`, `a.#(b.#(c=="d"))`} {
		require.NoError(t, pathRight(path), path)
	}
	assert.EqualError(t, pathRight(`@revers:{"a":1}`), `the path "@revers:{\"a\":1}" has the modifier @revers, which gjson does not have; `+
		`did you mean "@reverse"? A key that begins so is written \@revers`)
}

func TestTheNearestNamesComeFirst(t *testing.T) {
	t.Parallel()
	known := []string{"code", "third", "Status", "id"}
	assert.Equal(t, []string{"Status", "third", "id", "code"}, nearestFirst("statis", known))
	assert.Equal(t, []string{"code", "third", "Status", "id"}, known, "the list itself stays")
}
