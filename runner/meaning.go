package runner

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"flowtest/runner/internal/feature"
	"flowtest/runner/report"
)

// meaning notes what a scenario that passed does not show: one without a Then
// asserts nothing, neither does a hop that was not looked at, and what was filled
// in and never sent was not tried.
func (it *item) meaning(out *report.Scenario) {
	if out.Status != report.Passed {
		return
	}
	add := func(format string, args ...any) {
		out.Notes = append(out.Notes, report.Note{Kind: report.Meaningless, Text: fmt.Sprintf(format, args...)})
	}
	if !slices.ContainsFunc(it.scenario.Steps, func(s feature.Step) bool { return s.Asserts() }) {
		add("the scenario has no Then, so its pass shows little: say what has to hold")
	}
	if never := it.unsent.never(); never != "" {
		add("%s", never)
	}
	if it.world == nil || it.suite.Record != nil && it.suite.Conformance == OffBroken {
		return // who records without a catalogue asserts nothing and means to
	}
	judged := it.judged()
	var blind []string
	for i, h := range it.world.Hops() {
		looked := i < len(it.trail.asserted) && len(it.trail.asserted[i]) > 0
		if !looked && (!judged || !it.world.Verdicts()[i].Applied()) {
			blind = append(blind, strconv.Itoa(h.Number))
		}
	}
	switch len(blind) {
	case 0:
	case 1:
		add("nothing was asserted on hop %s, and no requirement was held against it", blind[0])
	default:
		add("nothing was asserted on the hops %s, and no requirement was held against them", strings.Join(blind, ", "))
	}
}

// refused counts the hops that were answered with 401.
func (it *item) refused() int {
	if it.world == nil {
		return 0
	}
	n := 0
	for _, h := range it.world.Hops() {
		if h.Status == http.StatusUnauthorized {
			n++
		}
	}
	return n
}

// strict fails a scenario whose pass means little.
func strict(out *report.Scenario) {
	if out.Status == report.Passed && slices.ContainsFunc(out.Notes, meaningless) {
		out.Status = report.Failed
	}
}

func meaningless(n report.Note) bool { return n.Kind == report.Meaningless }
