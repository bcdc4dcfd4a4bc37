package feature

import (
	"strings"

	messages "github.com/cucumber/messages/go/v34"

	"flowtest/runner/internal/suggest"
	"flowtest/steps"
)

// A Definition is a sentence of the vocabulary with its index. The caller's definitions
// come after ours; only godog knows which tables and texts they accept.
type Definition struct {
	*steps.Definition

	Index   int
	Own     bool     // the caller defined it
	Meaning *Meaning // its steps if it is a sentence of a file, otherwise nil
}

// A Matcher finds the definition of each step before anything runs. It caches results, because
// sentences are repeated.
type Matcher struct {
	Defs  []*Definition
	known map[sentence]found

	thesaurus *suggest.Thesaurus // nil until a step has no definition
}

type sentence struct {
	text       string
	kind       messages.PickleStepType
	arg, table bool // whether the step has an argument, and whether that is a table
}

type found struct {
	def   *Definition
	fault string
}

func newMatcher(defs []steps.Definition) *Matcher {
	m, ours := &Matcher{known: map[sentence]found{}}, len(steps.Definitions())
	for i := range defs {
		d := &Definition{Definition: &defs[i], Index: i, Own: i >= ours}
		m.Defs = append(m.Defs, d)
	}
	return m
}

// Define sets the definitions of the steps of scenarios, or the reason why there is none. It
// takes longer than reading the scenarios, so call it only for those that are used.
func (l *Loader) Define(list ...*Scenario) {
	for _, s := range list {
		if s.defined {
			continue
		}
		s.defined = true
		for i := range s.Steps {
			st := &s.Steps[i]
			l.Match.define(st)
			if st.Template != nil {
				st.fill(s.columns)
			}
		}
	}
}

// define finds the definition of a step, and the steps that it expands to.
func (m *Matcher) define(st *Step) {
	def, fault := m.find(st)
	var inner []Step
	if fault == "" {
		inner, fault = m.mean(st, def)
	}
	st.define(def, inner, fault)
}

// find returns the only definition of a step, or says why there is none.
func (m *Matcher) find(s *Step) (*Definition, string) {
	key := sentence{s.Text, s.Kind(), s.Arg != nil, s.Table() != nil}
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
		if !d.Matches(s.Text) {
			continue
		}
		if !d.Own || fits(d.Keyword, s.Kind()) {
			match = append(match, d)
		} else {
			other = d.Keyword
		}
	}
	if len(match) > 1 {
		var exprs []string
		for _, d := range match {
			exprs = append(exprs, d.Pattern)
		}
		return found{fault: "ambiguous: it has several definitions: " + strings.Join(exprs, " and ")}
	}
	if len(match) == 0 && other != "" {
		return found{fault: "undefined: this sentence begins with " + other}
	} else if len(match) == 0 {
		return found{fault: "undefined: " + m.suggest(s)}
	}
	switch def := match[0]; {
	case def.Own:
	case def.Columns != nil && s.Table() == nil:
		return found{fault: "undefined: this sentence needs a table below it, as in\n" + def.Example}
	case def.Block && (s.Arg == nil || s.Arg.DocString == nil):
		return found{fault: "undefined: this sentence needs a text block below it, as in\n" + def.Example}
	case def.Columns == nil && !def.Block && s.Arg != nil:
		return found{fault: "undefined: this sentence takes no table and no text block"}
	}
	return found{def: match[0]}
}

// keywordOf is the keyword of a definition that a step of each kind may use. A step of
// any other kind may use any.
var keywordOf = map[messages.PickleStepType]string{
	messages.PickleStepType_CONTEXT: "Given",
	messages.PickleStepType_ACTION:  "When",
	messages.PickleStepType_OUTCOME: "Then",
}

// fits reports whether a step of that kind may use a definition of the caller, by
// godog's rules. Our own may be used with any keyword.
func fits(keyword string, kind messages.PickleStepType) bool {
	want := keywordOf[kind]
	return keyword == "" || want == "" || keyword == want
}

// suggest returns a text with the sentences most similar to a step without a
// definition.
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
	var nearest []string
	for _, d := range m.thesaurus.Nearest(keywordOf[s.Kind()], s.Text) {
		nearest = append(nearest, example(d))
	}
	switch len(nearest) {
	case 0:
		return none + "flowtest steps lists them all"
	case 1:
		return none + "the nearest is: " + nearest[0]
	default:
		return none + "the nearest are: " + strings.Join(nearest, "; ")
	}
}

// example returns the first line of a sentence's example.
func example(d *steps.Definition) string {
	first, _, _ := strings.Cut(d.Example, "\n")
	return first
}
