package known

import (
	"cmp"
	"fmt"

	"flowtest/runner/internal/export/lint"
)

// Export applies the list to what was found in the exports of some flows, by their names. It
// returns a line for every entry about them that no longer holds.
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
