package report

import (
	"time"

	messages "github.com/cucumber/messages/go/v22"
)

// A stepResult is what came of a step.
type stepResult struct {
	status  messages.TestStepResultStatus
	message string
	took    time.Duration
}

func result(s *Scenario, i int) stepResult {
	r := stepResult{status: messages.TestStepResultStatus_SKIPPED}
	if i >= len(s.Steps) {
		if s.Status == NotRun {
			r.message = "not run: the run had ended"
		}
		return r
	}
	st := &s.Steps[i]
	r.took, r.message = st.Duration, st.Error
	switch st.Status {
	case Passed:
		r.status = messages.TestStepResultStatus_PASSED
	case Failed:
		r.status = messages.TestStepResultStatus_FAILED
	case Undefined:
		r.status = messages.TestStepResultStatus_UNDEFINED
	case Ambiguous:
		r.status = messages.TestStepResultStatus_AMBIGUOUS
	case NotRun:
		if r.message == "" {
			r.message = "not run: the run had ended"
		}
	default:
	}
	if i == len(s.Steps)-1 && s.Status.Bad() && s.FailedStep() == nil {
		// It failed as a whole, and a reader of messages knows steps alone.
		_, r.message = s.trouble()
		r.status = messages.TestStepResultStatus_FAILED
	}
	return r
}
