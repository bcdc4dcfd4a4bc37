package diff

import (
	"maps"
	"slices"
)

// A Verdict is what a conformance check says of one recorded hop.
type Verdict struct {
	// Requirement is the id of the requirement.
	Requirement string

	// Result is what came of it, as reports write it: passed, review, warning
	// or failed. "" and any other word mean that it was not exercised.
	Result string
}

// gravity sorts results: what was not exercised is as good as passed.
var gravity = map[string]int{"passed": 0, "review": 1, "warning": 2, "failed": 3}

func (c *comparing) judge() {
	if c.options.Judge != nil {
		c.verdicts[0], c.verdicts[1] = c.options.Judge(c.before.flow), c.options.Judge(c.after.flow)
	}
}

// compareVerdicts compares what conformance checks say of a hop. A requirement
// that is broken now is breaking, one that is only in doubt or a SHOULD is
// cosmetic, and one that holds again is additive.
func (c *comparing) compareVerdicts(spot *Spot, b, a *edge) {
	was, is := worstOf(c.verdicts[0][b.hop]), worstOf(c.verdicts[1][a.hop])
	ids := slices.Collect(maps.Keys(was))
	for id := range is {
		if _, ok := was[id]; !ok {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		x, y := was[id], is[id]
		class := Cosmetic
		switch {
		case gravity[x] == gravity[y]:
			continue
		case y == "failed":
			class = Breaking
		case gravity[y] < gravity[x]:
			class = Additive
		}
		spot.add(Change{
			Class: class, Kind: VerdictChanged, Hop: b.hop.Name, Before: exercised(x), After: exercised(y),
			Text: "requirement " + plain(id) + " at hop " + b.name() + ": it was " + exercised(x) +
				" and is now " + exercised(y),
		})
	}
}

func exercised(result string) string {
	if result == "" {
		return "not exercised"
	}
	return result
}

// worstOf holds the gravest result of each requirement.
func worstOf(verdicts []Verdict) map[string]string {
	m := map[string]string{}
	for _, v := range verdicts {
		if known, ok := m[v.Requirement]; !ok || gravity[v.Result] > gravity[known] {
			m[v.Requirement] = v.Result
		}
	}
	return m
}
