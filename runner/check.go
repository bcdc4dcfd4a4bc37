package runner

import (
	"fmt"
	"slices"
	"strings"

	"flowtest/mockserver"
	"flowtest/steps"
	"flowtest/steps/secret"
)

// Found is what a check found without running anything.
type Found struct {
	Scenarios int
	Steps     int
	Faults    []string // a line each: FILE:LINE: what is wrong and what to do
}

// Check parses features and finds steps that have no definition or several.
func Check(features []Source) *Found {
	f := &Found{Faults: unanchored(steps.Definitions())}
	l := newLoader(steps.Definitions())
	for _, src := range features {
		list, err := l.load(src)
		if err != nil {
			f.Faults = append(f.Faults, strings.Split(err.Error(), "\n")...)
		}
		f.Scenarios += len(list)
		for _, s := range list {
			f.scenario(s)
		}
	}
	return f
}

func (f *Found) scenario(s *scenario) {
	f.Steps += len(s.steps)
	if len(s.steps) == 0 {
		f.Faults = append(f.Faults, fmt.Sprintf("%s:%d: the scenario %q has no steps", s.file, s.line, s.name))
	}
	if _, _, err := mockserver.TaggedFaults(s.tags); err != nil {
		f.Faults = append(f.Faults, fmt.Sprintf("%s:%d: %v", s.file, s.line, err))
	}
	known := &secret.Redactor{}
	known.Add(s.typedSecrets()...)
	for i := range s.steps {
		if st := &s.steps[i]; st.def == nil {
			fault := known.Redact(fmt.Sprintf("%s:%d: step %q is %s", s.file, st.line, st.text, st.fault))
			if !slices.Contains(f.Faults, fault) { // a background's step stands in every scenario
				f.Faults = append(f.Faults, fault)
			}
		}
	}
}

// unanchored finds expressions that would match a part of a sentence.
func unanchored(defs []steps.Definition) []string {
	var out []string
	for i := range defs {
		expr := defs[i].Expr.String()
		if !strings.HasPrefix(expr, "^") || !strings.HasSuffix(expr, "$") {
			out = append(out, fmt.Sprintf("step definition %s is not anchored, want ^ and $ at its ends", expr))
		}
	}
	return out
}
