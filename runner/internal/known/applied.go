package known

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"flowtest/runner/internal/export/lint"
	"flowtest/steps/words"
)

// Export applies the list to findings in the exports of the named flows. It returns a line
// for every entry about these flows that is outdated.
func (k *List) Export(flows []string, found []lint.Finding) (stale []string) {
	if k == nil {
		return nil
	}
	looked := map[string]bool{}
	for _, name := range flows {
		looked[name] = true
	}
	for _, e := range k.exports {
		if !looked[*e.Flow] {
			continue
		}
		held := false
		for i := range found {
			f := &found[i]
			if f.Flow != *e.Flow || e.Node != cmp.Or(f.Node, "-") || f.Rule.ID != lint.Lookup(e.Requirement).ID {
				continue
			}
			held = true
			if k.now.Before(e.expires) {
				f.Known = fmt.Sprintf("%s (%s, until %s, %s:%d)", e.Reason, e.Owner, e.Expires, k.file, e.line)
			}
		}
		switch {
		case !k.now.Before(e.expires):
			stale = append(stale, fmt.Sprintf("%s:%d: the entry expired on %s: fix %s at the node %q of the "+
				"flow %q, or renew the entry",
				k.file, e.line, e.Expires, e.Requirement, e.Node, *e.Flow))
		case !held:
			stale = append(stale, fmt.Sprintf("%s:%d: the node %q of the flow %q no longer breaks %s: remove the entry",
				k.file, e.line, e.Node, *e.Flow, e.Requirement))
		}
	}
	return stale
}

// Mutants applies the list to mutants, by their ids. It returns the reason for each
// accepted mutant, and a line for every entry that is outdated.
//
//	noticed  whether the features noticed each mutant that was tried
//	whole    says that these are all mutants, so that an id that is not among them is none
func (k *List) Mutants(noticed map[string]bool, whole bool) (accepted map[string]string, stale []string) {
	accepted = map[string]string{}
	if k == nil {
		return accepted, nil
	}
	for _, e := range k.mutants {
		seen, tried := noticed[e.Mutant]
		var text string
		switch {
		case !k.now.Before(e.expires):
			text = fmt.Sprintf("the entry expired on %s: add an assertion that notices the "+
				"mutant %q, or renew the entry", e.Expires, e.Mutant)
		case tried && seen:
			text = fmt.Sprintf("the mutant %q is noticed, or does not count: remove the entry", e.Mutant)
		case !tried && whole:
			text = fmt.Sprintf("there is no mutant %q: remove the entry, or correct its name%s", e.Mutant,
				words.DidYouMean("; ", e.Mutant, slices.Sorted(maps.Keys(noticed))))
		case tried:
			until := "until " + e.Expires
			if e.Owner != "" {
				until = e.Owner + ", " + until
			}
			accepted[e.Mutant] = fmt.Sprintf("%s (%s, %s:%d)", e.Reason, until, k.file, e.line)
		}
		if text != "" {
			stale = append(stale, fmt.Sprintf("%s:%d: %s", k.file, e.line, text))
		}
	}
	return accepted, stale
}
