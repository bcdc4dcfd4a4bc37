package feature

import (
	"strings"

	messages "github.com/cucumber/messages/go/v34"

	"flowtest/runner/internal/suggest"
	"flowtest/steps"
)

// A Definition is a sentence of the vocabulary with its place in it. Those of
// [Suite.Steps] come behind ours; what they take below them, godog knows.
type Definition struct {
	*steps.Definition

	Index int
	Own   bool // it is the caller's
}

// A Matcher finds the definition of each step before anything runs. What it
// found it remembers, for sentences recur.
type Matcher struct {
	Defs  []*Definition
	known map[sentence]found

	thesaurus *suggest.Thesaurus // nil until a step has no definition
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

func argumentOf(s *Step) argument {
	switch {
	case s.Arg == nil:
		return noArgument
	case s.Arg.DataTable != nil:
		return table
	default:
		return textBlock
	}
}

type found struct {
	def   *Definition
	fault string
}

func newMatcher(defs []steps.Definition) *Matcher {
	m, ours := &Matcher{known: map[sentence]found{}}, len(steps.Definitions())
	for i := range defs {
		m.Defs = append(m.Defs, &Definition{&defs[i], i, i >= ours})
	}
	return m
}

// find returns the step's only definition, or says why there is none.
func (m *Matcher) find(s *Step) (*Definition, string) {
	key := sentence{s.Text, s.Kind, argumentOf(s)}
	f, ok := m.known[key]
	if !ok {
		f = m.look(s)
		m.known[key] = f
	}
	return f.def, f.fault
}

func (m *Matcher) look(s *Step) found {
	var match []*Definition
	other := ""
	for _, d := range m.Defs {
		if !d.Expr.MatchString(s.Text) {
			continue
		}
		if fits(d.Keyword, s.Kind) {
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
	case len(match) == 1 && match[0].Own:
		return found{def: match[0]}
	case len(match) == 1 && takesTable(match[0]) && argumentOf(s) != table:
		return found{fault: "undefined: this sentence needs a table below it, as in\n" + match[0].Example}
	case len(match) == 1 && !takesTable(match[0]) && s.Arg != nil:
		return found{fault: "undefined: this sentence takes no table and no text block"}
	case len(match) == 1:
		return found{def: match[0]}
	case other != "":
		return found{fault: "undefined: this sentence begins with " + other}
	}
	return found{fault: "undefined: " + m.suggest(s)}
}

// takesTable reports whether a definition takes a table.
func takesTable(d *Definition) bool { return d.Columns != nil }

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

// suggest names the sentences that are most like one that has no definition.
func (m *Matcher) suggest(s *Step) string {
	const none = "no sentence is like this; "
	if len(m.Defs) == 0 {
		return "there are no sentences"
	}
	if m.thesaurus == nil {
		list := make([]*steps.Definition, len(m.Defs))
		for i, d := range m.Defs {
			list[i] = d.Definition
		}
		m.thesaurus = suggest.New(list)
	}
	if d, say := m.thesaurus.Slip(s.Text); d != nil {
		return say + ", as in: " + example(d)
	}
	switch near := m.thesaurus.Nearest(keywordOf(s.Kind), s.Text); len(near) {
	case 0:
		return none + "flowtest steps lists them all"
	case 1:
		return none + "the nearest is: " + example(near[0])
	default:
		var nearest []string
		for _, d := range near {
			nearest = append(nearest, example(d))
		}
		return none + "the nearest are: " + strings.Join(nearest, "; ")
	}
}

// example is the first line of a sentence's example.
func example(d *steps.Definition) string {
	first, _, _ := strings.Cut(d.Example, "\n")
	return first
}

// keywordOf returns the keyword that the definition of such a step has, "" where
// any will do.
func keywordOf(kind messages.PickleStepType) string {
	for _, keyword := range []string{"Given", "When", "Then"} {
		if kind != messages.PickleStepType_UNKNOWN && fits(keyword, kind) {
			return keyword
		}
	}
	return ""
}
