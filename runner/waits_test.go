package runner_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/runner"
	"flowtest/runner/internal/output"
	"flowtest/runner/report"
)

// A waits is an activity that notes what it says between the calls.
type waits struct {
	output.Activity

	said []string
}

// Wait says for what a scenario waits.
func (w *waits) Wait(number int, what string) {
	w.Activity.Wait(number, what)
	w.said = append(w.said, w.Now().Waiting)
}

// The next one-time code of a user may be 30 seconds off: what follows a run can say so.
func TestAScenarioSaysThatItWaitsForAOneTimeCode(t *testing.T) {
	w := &waits{}
	_, out := ran(t, runner.Suite{Watcher: w, Features: scenarios(
		"Given the flow \"sign-on\"\nWhen I start the flow\nAnd I fill in \"username\" with \"${user.totp}\"\nThen the flow pauses")})
	assert.Equal(t, []report.Status{report.Passed}, out.statuses())
	assert.Equal(t, []string{"waits for the next one-time code", ""}, slices.Compact(w.said))
}
