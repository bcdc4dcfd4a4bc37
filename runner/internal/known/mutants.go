package known

import (
	"fmt"
	"maps"
	"slices"

	"flowtest/steps/words"
)

// Mutants applies the list to mutants, by their ids. It returns why those are accepted that
// are listed, and a line for every entry that no longer holds.
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
			text = fmt.Sprintf("the entry expired on %s: add an assertion that notices the mutant %q, or renew the entry",
				e.Expires, e.Mutant)
		case tried && seen:
			text = fmt.Sprintf("the mutant %q is noticed: remove the entry", e.Mutant)
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
