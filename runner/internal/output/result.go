package output

import (
	"flowtest/runner/report"
	"time"

	messages "github.com/cucumber/messages/go/v34"
)

// A stepResult is what came of a step.
type stepResult struct {
	status  messages.TestStepResultStatus
	message string
	took    time.Duration
}

// result is what came of a step of the scenario's last attempt.
func result(s *report.Scenario, i int) stepResult {
	r := resultIn(s.Steps, i)
	switch {
	case i >= len(s.Steps) && s.Status == report.NotRun:
		r.message = "not run: the run had ended"
	case i == len(s.Steps)-1 && s.Status.Bad() && s.FailedStep() == nil:
		// It failed as a whole, and a reader of messages knows steps alone.
		_, r.message = trouble(s)
		r.status = messages.TestStepResultStatus_FAILED
	}
	return r
}

// resultIn is what came of a step of one attempt.
func resultIn(steps []report.Step, i int) stepResult {
	r := stepResult{status: messages.TestStepResultStatus_SKIPPED}
	if i >= len(steps) {
		return r
	}
	st := &steps[i]
	r.took, r.message = st.Duration, st.Error
	switch st.Status {
	case report.Passed:
		r.status = messages.TestStepResultStatus_PASSED
	case report.Failed:
		r.status = messages.TestStepResultStatus_FAILED
	case report.Undefined:
		r.status = messages.TestStepResultStatus_UNDEFINED
	case report.Ambiguous:
		r.status = messages.TestStepResultStatus_AMBIGUOUS
	case report.NotRun:
		if r.message == "" {
			r.message = "not run: the run had ended"
		}
	default:
	}
	return r
}
