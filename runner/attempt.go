package runner

import (
	"slices"

	"flowtest/runner/report"
	"flowtest/steps/davinci"
)

// asAttempt is this attempt as a report shows it, while its world lives. It is
// redacted when the scenario is handed on, with the secrets of all attempts: a
// response may name a token of an earlier one.
func (it *item) asAttempt(from davinci.Origin) report.Attempt {
	s := *it.result
	it.evidence(&s)
	return report.Attempt{
		Origin: from.String(), Note: it.note.Text, Steps: slices.Clone(s.Steps), Hops: s.Hops, HopCount: s.HopCount,
		Began: s.Began, Duration: s.Duration,
	}
}
