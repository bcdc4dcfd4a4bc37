package steps

import (
	"slices"
	"strings"

	"flowtest/steps/conformance"
	"flowtest/steps/flow"
)

func conforms(v *vocabulary) {
	v.area = "Conformance"
	v.Then(`^the response conforms$`, (*World).conforms,
		"Every requirement of the documented protocol that applies to this hop holds. A run checks "+
			"every hop by itself; this sentence demands it here, whatever --conformance says.",
		`Then the response conforms`)
}

// begin takes a journey in the place of the one before it, whose hops stay.
func (w *World) begin(j *flow.Journey) {
	if w.Journey != nil {
		w.Verdicts()
		w.left = w.Driven()
	}
	w.judge = conformance.Judge{SDKs: w.SDKs}
	w.Journey = j
	w.driving = Driven{Flow: w.flowName, User: w.UserName(), Detailed: w.detailed}
}

// Driven is one journey of a scenario.
type Driven struct {
	Flow, User string
	Detailed   bool
	Hops       []*flow.Hop
}

// Driven returns the journeys of the scenario, in their order.
func (w *World) Driven() []Driven {
	if w.Journey == nil {
		return nil
	}
	last := w.driving
	last.Hops = w.Journey.Hops()
	return append(slices.Clip(w.left), last)
}

// Hops returns the hops of all journeys of the scenario, in their order.
func (w *World) Hops() []*flow.Hop {
	if w.Journey != nil && len(w.left) == 0 {
		return w.Journey.Hops()
	}
	var out []*flow.Hop
	for _, d := range w.Driven() {
		out = append(out, d.Hops...)
	}
	return out
}

// FlowName returns the name of the flow that was chosen last, or "".
func (w *World) FlowName() string { return w.flowName }

// Verdicts returns what the catalogue of requirements says of each of
// [World.Hops], and what the second catalogue says where w.SDKs is set.
func (w *World) Verdicts() []conformance.Verdicts {
	for _, h := range w.Hops()[len(w.verdicts):] {
		w.verdicts = append(w.verdicts, w.judge.Hop(h))
	}
	return w.verdicts
}

func (w *World) conforms() error {
	h, err := w.last()
	if err != nil {
		return err
	}
	if h.Failure != nil && h.Failure.Origin.Environmental() {
		return w.rejected(h, "%s, want a response of the flow", happened(w.Journey, h))
	}
	all := w.Verdicts()
	v := &all[len(all)-1]
	var broken []string
	for i := range v.Findings {
		if f := v.Findings[i]; f.Result == conformance.Violated {
			f.Hide(w.Redact)
			broken = append(broken, f.String()+"\n    "+f.Requirement.Sentence)
		}
	}
	if len(broken) > 0 {
		return w.rejected(h, "the response does not conform:\n  %s\n ", strings.Join(broken, "\n  "))
	}
	return nil
}
