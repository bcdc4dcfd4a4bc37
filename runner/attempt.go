package runner

import (
	"slices"

	"flowtest/runner/report"
	"flowtest/steps/flow"
	"flowtest/steps/secret"
)

// asAttempt is this attempt as a report shows it, while its world lives. It is
// not redacted yet: that is done when the scenario is handed on, with what all
// of its attempts know by then. One may have typed what another finds to be a
// secret, and an answer may name a token of the attempt before.
func (it *item) asAttempt(from flow.Origin) report.Attempt {
	it.keys.learn(it.world.Hops())
	s := *it.result
	it.evidence(&s)
	return report.Attempt{
		Origin: from.String(), Note: it.note.Text, Steps: slices.Clone(s.Steps), Hops: s.Hops, HopCount: s.HopCount,
		Began: s.Began, Duration: s.Duration,
	}
}

// toldBefore knows the secrets of the target, and of the attempts before.
func (it *item) toldBefore() *secret.Redactor {
	if it.before != nil {
		return it.before.redactor()
	}
	return it.side.redactor()
}

// redactEarlier hands on the attempts before this one, with the secrets of all
// of them taken out. The last attempt is redacted already.
func (it *item) redactEarlier(out *report.Scenario) {
	hide := it.hiding(it.redactor().Redact)
	for i := range it.earlier {
		a := &it.earlier[i]
		a.Note = hide(a.Note)
		it.redactJourney(a.Steps, a.Hops, hide, hide)
	}
	out.Earlier = it.earlier
}
