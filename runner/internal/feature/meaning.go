package feature

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Use adds the sentences of a file to the loader, whose definitions must end with theirs.
// The error has a line "FILE:LINE: …" for each of their steps without a definition, and for
// each sentence that uses itself.
func (l *Loader) Use(s *Sentences) error {
	if s == nil {
		return nil
	}
	m := l.Match
	mine := m.Defs[len(m.Defs)-len(s.list):]
	var list []*Meaning // of this loader: others may use the file at the same time
	for i, def := range mine {
		one := *s.list[i]
		def.Own, def.Meaning = false, &one
		list = append(list, &one)
	}
	var mistakes []error
	for _, meaning := range list {
		mistakes = append(mistakes, meaning.resolve(m))
	}
	if err := errors.Join(mistakes...); err != nil {
		return err
	}
	done := map[*Meaning]bool{}
	for _, meaning := range list {
		if round := meaning.around(nil, done); round != nil {
			mistakes = append(mistakes, fmt.Errorf("%s:%d: the sentence uses itself: %s", s.file,
				round[0].definition.Line, names(round)))
			break // others may be in the same cycle
		}
	}
	return errors.Join(mistakes...)
}

func names(list []*Meaning) string {
	var out []string
	for _, m := range list {
		_, text, _ := strings.Cut(m.definition.Example, " ")
		out = append(out, text)
	}
	return strings.Join(out, " → ")
}

// resolve finds the definitions of the steps, with sample values for the parameters.
func (m *Meaning) resolve(match *Matcher) error {
	var mistakes []error
	m.inner = nil
	for i := range m.steps {
		def, fault := match.sample(&m.steps[i])
		if def == nil {
			mistakes = append(mistakes, fmt.Errorf("%s:%d: step %q is %s", m.definition.File, m.steps[i].Line,
				m.steps[i].Text, fault))
			continue
		}
		m.inner = append(m.inner, def)
	}
	return errors.Join(mistakes...)
}

// sample finds the definition of a step whose parameters have no values yet. It tries the step
// unchanged, which works for parameters between quotes, and then with a number or a text for
// each other parameter.
func (m *Matcher) sample(st *Step) (*Definition, string) {
	const most = 8 // parameters of one step
	var names []string
	fillStep(st, func(name string, at location) (string, bool) {
		if at == unquoted && !slices.Contains(names, name) && len(names) < most {
			names = append(names, name)
		}
		return "", false
	})
	def, first := m.find(st)
	for texts := 0; def == nil && texts < 1<<len(names); texts++ {
		with := fillStep(st, func(name string, at location) (string, bool) {
			if i := slices.Index(names, name); i >= 0 && texts>>i&1 == 1 {
				return `"x"`, at == unquoted
			}
			return "1", at == unquoted
		})
		def, _ = m.find(&with)
	}
	return def, first
}

// isNumber matches a value that a sentence may have without quotes.
var isNumber = regexp.MustCompile(`^-?\d+$`)

// around returns a cycle of sentences that use each other, nil if there is none.
func (m *Meaning) around(path []*Meaning, done map[*Meaning]bool) []*Meaning {
	if i := slices.Index(path, m); i >= 0 {
		return append(path[i:], m)
	}
	if done[m] {
		return nil
	}
	path = append(path, m)
	for _, def := range m.inner {
		if def.Meaning != nil {
			if round := def.Meaning.around(path, done); round != nil {
				return round
			}
		}
	}
	done[m] = true
	return nil
}

// CallsOwn reports whether the definition is a sentence of a file with a step that the
// caller defined.
func (d *Definition) CallsOwn() bool {
	return d.Own || d.Meaning != nil && slices.ContainsFunc(d.Meaning.inner, (*Definition).CallsOwn)
}

// mean returns the steps of a sentence of a file, nil for any other sentence. The fault says
// which of the steps has no definition.
func (m *Matcher) mean(st *Step, def *Definition) (inner []Step, fault string) {
	meaning := def.Meaning
	if meaning == nil {
		return nil, ""
	}
	values := map[string]string{} // in the notation of the sentence
	for i, text := range def.Expr().FindStringSubmatch(st.Text)[1:] {
		values[meaning.params[i]] = strings.TrimSuffix(strings.TrimPrefix(text, `"`), `"`)
	}
	for i := range meaning.steps {
		in := fillStep(&meaning.steps[i], func(name string, at location) (string, bool) {
			v := values[name]
			switch {
			case at == inCell:
				v = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(v)
			case at == unquoted && !isNumber.MatchString(v):
				v = `"` + v + `"`
			}
			return v, true
		})
		def, fault := m.find(&in)
		if fault != "" {
			return nil, fmt.Sprintf("undefined: its step %q (%s:%d) is %s", in.Text, meaning.definition.File, in.Line,
				fault)
		}
		its, fault := m.mean(&in, def)
		if fault != "" {
			return nil, fault
		}
		in.define(def, its, "")
		inner = append(inner, in)
	}
	return inner, ""
}

// Plain returns the steps that a step expands to: the step itself unless it is a sentence of a
// file.
func (s *Step) Plain() []*Step {
	inner := s.Inner()
	if inner == nil {
		return []*Step{s}
	}
	var out []*Step
	for i := range inner {
		out = append(out, inner[i].Plain()...)
	}
	return out
}

// Expanded returns the scenario with its steps expanded. Expanded steps keep the lines
// of the original ones.
func (s *Scenario) Expanded() *Scenario {
	if !slices.ContainsFunc(s.Steps, func(st Step) bool { return st.Inner() != nil }) {
		return s
	}
	out := *s
	out.Steps = nil
	for i := range s.Steps {
		st := &s.Steps[i]
		for _, in := range st.Plain() {
			plain := *in
			if in != st {
				plain.Line, plain.Template = st.Line, nil
			}
			out.Steps = append(out.Steps, plain)
		}
	}
	return &out
}
