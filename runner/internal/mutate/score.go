package mutate

import (
	"fmt"
	"slices"
	"strings"

	"flowtest/runner/internal/known"
)

// A Score counts mutants by their verdicts.
type Score struct {
	Name       string  `json:"name"`    // of the group or flow
	Mutants    int     `json:"mutants"` // that count: not those accepted or not counted
	Step       int     `json:"step"`
	Catalogue  int     `json:"conformance"`
	Miss       int     `json:"miss"`
	Survived   int     `json:"survived"`
	NotCovered int     `json:"notCovered"`
	Accepted   int     `json:"accepted"`
	NotCounted int     `json:"notCounted"`
	Percent    float64 `json:"score"` // percentage of mutants that were noticed; 100 if none counts
}

func (s *Score) add(v Verdict) {
	s.Mutants++
	const hundred = 100
	switch v {
	case ByStep:
		s.Step++
	case ByCatalogue:
		s.Catalogue++
	case ByMiss:
		s.Miss++
	case Survived:
		s.Survived++
	case NotCovered:
		s.NotCovered++
	case Accepted:
		s.Accepted++
		s.Mutants--
	case NotCounted:
		s.NotCounted++
		s.Mutants--
	}
	s.Percent = hundred
	if s.Mutants > 0 {
		s.Percent *= float64(s.Step+s.Catalogue+s.Miss) / float64(s.Mutants)
	}
}

// String returns the score for an error.
func (s *Score) String() string { return s.Name + " " + s.Percentage() }

// A Report is the results of a run of mutants.
type Report struct {
	Format int     `json:"format"` // 1; it is increased when a key is removed or changes its meaning
	Total  Score   `json:"total"`
	Groups []Score `json:"groups"` // those with a mutant
	Flows  []Score `json:"flows"`

	// Interrupted says that the run was stopped before its end.
	Interrupted bool `json:"interrupted,omitempty"`

	// Stale has a line for each outdated entry of the list of accepted mutants.
	Stale []string `json:"stale,omitempty"`

	Mutants []Result `json:"mutants"`
}

// NewReport counts results. Survivors that are in the list are accepted.
//
//	k      the list, nil for none
//	whole  says that every mutant there is was tried
func NewReport(results []Result, k *known.List, whole bool) *Report {
	noticed := map[string]bool{}
	for i := range results {
		noticed[results[i].ID] = results[i].Verdict.Noticed() || results[i].Verdict == NotCounted
	}
	accepted, stale := k.Mutants(noticed, whole)
	for i := range results {
		if why, ok := accepted[results[i].ID]; ok {
			results[i].Verdict, results[i].Why, results[i].Add = Accepted, why, nil
		}
	}
	r := &Report{
		Format: 1, Total: Score{Name: "total"}, Mutants: results, Stale: stale, Groups: []Score{}, Flows: []Score{},
	}
	count := func(list *[]Score, name string, v Verdict) {
		i := slices.IndexFunc(*list, func(s Score) bool { return s.Name == name })
		if i < 0 {
			i = len(*list)
			*list = append(*list, Score{Name: name})
		}
		(*list)[i].add(v)
	}
	for _, m := range results {
		r.Total.add(m.Verdict)
		count(&r.Groups, m.Group, m.Verdict)
		count(&r.Flows, m.Flow, m.Verdict)
	}
	slices.SortFunc(r.Groups, func(a, b Score) int {
		return slices.Index(Groups(), a.Name) - slices.Index(Groups(), b.Name)
	})
	return r
}

// Below returns the groups whose score is below a percentage, "" if there are none.
func (r *Report) Below(percent float64) string {
	var low []string
	for i := range r.Groups {
		if s := &r.Groups[i]; s.Percent < percent {
			low = append(low, s.String())
		}
	}
	return strings.Join(low, ", ")
}

// Percentage returns the score rounded down.
func (s *Score) Percentage() string {
	const tenths = 10
	return fmt.Sprintf("%.1f %%", float64(int(s.Percent*tenths))/tenths)
}
