package runner

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	messages "github.com/cucumber/messages/go/v21"

	"flowtest/steps"
)

// A definition is a sentence of the vocabulary with its place in it. Those of
// [Suite.Steps] stand behind ours; what they begin with and take, godog knows.
type definition struct {
	*steps.Definition

	index int
	own   bool // it is the caller's
}

// A matcher finds the definition of each step before anything runs. What it
// found it remembers, for sentences recur.
type matcher struct {
	defs  []*definition
	known map[sentence]found
}

type sentence struct {
	text string
	kind messages.PickleStepType
	arg  argument
}

// An argument is what stands below a step.
type argument uint8

const (
	noArgument argument = iota
	table
	textBlock
)

func argumentOf(s *step) argument {
	switch {
	case s.arg == nil:
		return noArgument
	case s.arg.DataTable != nil:
		return table
	default:
		return textBlock
	}
}

type found struct {
	def   *definition
	fault string
}

func newMatcher(defs []steps.Definition) *matcher {
	m := &matcher{known: map[sentence]found{}}
	for i := range defs {
		m.defs = append(m.defs, &definition{&defs[i], i, defs[i].Keyword == ""})
	}
	return m
}

// find returns the step's only definition, or says why there is none.
func (m *matcher) find(s *step) (*definition, string) {
	key := sentence{s.text, s.kind, argumentOf(s)}
	f, ok := m.known[key]
	if !ok {
		f = m.look(s)
		m.known[key] = f
	}
	return f.def, f.fault
}

func (m *matcher) look(s *step) found {
	var match []*definition
	other := ""
	for _, d := range m.defs {
		if !d.Expr.MatchString(s.text) {
			continue
		}
		if fits(d.Keyword, s.kind) {
			match = append(match, d)
		} else {
			other = d.Keyword
		}
	}
	switch {
	case len(match) > 1:
		var exprs []string
		for _, d := range match {
			exprs = append(exprs, d.Expr.String())
		}
		return found{fault: "ambiguous: it has several definitions: " + strings.Join(exprs, " and ")}
	case len(match) == 1 && match[0].own:
		return found{def: match[0]}
	case len(match) == 1 && takesTable(match[0]) && argumentOf(s) != table:
		return found{fault: "undefined: this sentence needs a table below it, as in\n" + match[0].Example}
	case len(match) == 1 && !takesTable(match[0]) && s.arg != nil:
		return found{fault: "undefined: this sentence takes no table and no text block"}
	case len(match) == 1:
		return found{def: match[0]}
	case other != "":
		return found{fault: "undefined: this sentence begins with " + other}
	}
	return found{fault: "undefined: " + m.suggest(s.text)}
}

// takesTable reports whether a definition takes a table: its sentence ends in a colon.
func takesTable(d *definition) bool { return strings.HasSuffix(d.Expr.String(), ":$") }

// fits reports whether a step of that kind may use a definition, as godog rules.
func fits(keyword string, kind messages.PickleStepType) bool {
	if keyword == "" {
		return true
	}
	switch kind {
	case messages.PickleStepType_CONTEXT:
		return keyword == "Given"
	case messages.PickleStepType_ACTION:
		return keyword == "When"
	case messages.PickleStepType_OUTCOME:
		return keyword == "Then"
	case messages.PickleStepType_UNKNOWN:
		return true
	default:
		return true
	}
}

// suggest names the sentence that is most like one that has no definition.
func (m *matcher) suggest(text string) string {
	if len(m.defs) == 0 {
		return "there are no sentences"
	}
	plain := strings.ToLower(unquote(text))
	unlike := func(d *definition) int {
		return levenshtein.ComputeDistance(strings.ToLower(unquote(sentenceOf(d))), plain)
	}
	best := slices.MinFunc(m.defs, func(a, b *definition) int { return unlike(a) - unlike(b) })
	first, _, _ := strings.Cut(best.Example, "\n")
	return "no sentence is like this; the nearest is: " + first
}

// sentenceOf is the first line of an example without its keyword.
func sentenceOf(d *definition) string {
	first, _, _ := strings.Cut(d.Example, "\n")
	_, text, _ := strings.Cut(first, " ")
	return text
}

// unquote empties what stands between quotes: it is not the sentence.
func unquote(text string) string {
	parts := strings.Split(text, `"`)
	for i := 1; i < len(parts); i += 2 {
		parts[i] = ""
	}
	return strings.Join(parts, `"`)
}
