package mutate

import "slices"

// Touched says what a change touched.
type Touched struct {
	// Hops are the names of the hops that changed, by the names of their flows. A flow
	// with a nil set changed as a whole. Required.
	Hops map[string]map[string]bool

	// Scenario returns which lines of a feature file changed, by the name that reports
	// show, and whether the whole file did. Required.
	Scenario func(file string) (lines []int, whole bool)
}

// of returns the mutants of hops that changed, and those that scenarios cross that did.
func (c *Touched) of(list []*Mutant, traces []*trace) []*Mutant {
	changed := c.scenarios(traces)
	return slices.DeleteFunc(list, func(m *Mutant) bool {
		hops, flow := c.Hops[m.Flow]
		if flow && (hops == nil || hops[m.Hop]) {
			return false
		}
		return !slices.ContainsFunc(changed, func(t *trace) bool {
			crosses, ok := t.crosses[m.Flow]
			return ok && m.seen(crosses)
		})
	})
}

// scenarios returns those that changed. A line belongs to the scenario or step that begins
// in it or above it; those above the first belong to all.
func (c *Touched) scenarios(traces []*trace) (out []*trace) {
	begins := map[string][]int{} // the lines in which something begins, by file
	for _, t := range traces {
		begins[t.file] = append(begins[t.file], t.lines...)
	}
	for file, list := range begins {
		slices.Sort(list)
		begins[file] = slices.Compact(list)
	}
	for _, t := range traces {
		lines, whole := c.Scenario(t.file)
		if whole || slices.ContainsFunc(lines, func(line int) bool {
			list := begins[t.file]
			i, exact := slices.BinarySearch(list, line)
			if !exact {
				i--
			}
			return i < 0 || slices.Contains(t.lines, list[i])
		}) {
			out = append(out, t)
		}
	}
	return out
}
