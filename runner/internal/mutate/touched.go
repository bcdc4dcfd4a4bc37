package mutate

import "slices"

// Touched has the hops and scenarios that a change touched.
type Touched struct {
	// Hops are the names of the changed hops, by flow. A nil set means that the whole
	// flow changed. Required.
	Hops map[string]map[string]bool

	// Scenario returns the changed lines of a feature file, by its name in reports, and
	// whether the whole file changed. Required.
	Scenario func(file string) (lines []int, whole bool)
}

// of returns the mutants of changed hops, and those that a changed scenario crosses.
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

// scenarios returns the traces of changed scenarios. A line belongs to the last scenario
// or step that begins at or above it; lines above the first scenario belong to all.
func (c *Touched) scenarios(traces []*trace) (out []*trace) {
	begins := map[string][]int{} // the lines at which a scenario or step begins, by file
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
