package known

import (
	"fmt"
	"slices"
	"strings"

	"flowtest/runner/internal/feature"
	"flowtest/steps/words"
)

// expired returns the message that the entry has expired.
func (e *entry) expired() string {
	return fmt.Sprintf("the entry expired on %s: fix %q in the journey %q, or renew the entry",
		e.Expires, e.Requirement+e.Step, e.Journey)
}

// gone returns the message that no journey has the names of the entry.
func (e *entry) gone() string {
	return fmt.Sprintf("there is no journey %q of the flow %q: remove the entry, or correct its names",
		e.Journey, *e.Flow)
}

// Mistaken returns a line for every entry that a run of all these scenarios would
// report as stale, as far as their text shows it.
func (k *List) Mistaken(all []*feature.Scenario) []string {
	if k == nil {
		return nil
	}
	var out []string
	for _, e := range k.entries {
		if text := e.mistake(k, all); text != "" {
			out = append(out, fmt.Sprintf("%s:%d: %s", k.file, e.line, text))
		}
	}
	return out
}

func (e *entry) mistake(k *List, all []*feature.Scenario) string {
	var mine []*feature.Scenario
	var flows []string // of the scenarios with that name
	for _, s := range all {
		if !HiddenMatch(e.Journey, s.Name) {
			continue
		}
		if s.MayDrive(*e.Flow) {
			mine = append(mine, s)
		}
		flows = append(flows, s.Flows()...)
	}
	switch {
	case !k.now.Before(e.expires):
		return e.expired()
	case len(mine) == 0 && len(flows) > 0:
		return e.gone() + "; the journey of that name is of the flow " + strings.Join(slices.Compact(flows), ", ")
	case len(mine) == 0:
		var there []string
		for _, s := range all {
			there = append(there, s.Name)
		}
		return e.gone() + didYouMean(e.Journey, there)
	case e.Step == "":
		return ""
	}
	var there []string
	for _, s := range mine {
		for _, sentence := range s.Sentences() {
			if e.isStep(sentence) {
				return ""
			}
			_, text, _ := strings.Cut(sentence, " ") // the keyword is optional
			there = append(there, sentence, text)
		}
	}
	return fmt.Sprintf("the journey %q has no step %q, so it never fails so: remove the entry, or correct it",
		e.Journey, e.Step) + didYouMean(e.Step, there)
}

func didYouMean(name string, there []string) string {
	return words.DidYouMean("; ", name, slices.Sorted(slices.Values(there)))
}

// ListsStep reports whether an entry lists a failure of the step.
func (k *List) ListsStep(s *feature.Scenario, st *feature.Step) bool {
	return k != nil && slices.ContainsFunc(k.entries, func(e *entry) bool {
		return HiddenMatch(e.Journey, s.Name) && k.now.Before(e.expires) && s.MayDrive(*e.Flow) &&
			e.isStep(strings.TrimSpace(st.Keyword+st.Text))
	})
}
