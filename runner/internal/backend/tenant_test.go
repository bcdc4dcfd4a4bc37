package backend_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/backend"
	"flowtest/runner/target"
)

// What the configuration lacks for cleaning is said before anything is sent, and for a command.
func TestCleaningNeedsASetUp(t *testing.T) {
	t.Parallel()
	worker := &target.Worker{API: "https://api.example.test/v1", Token: "https://auth.example.test/token"}
	for name, row := range map[string]struct {
		live target.Live
		dry  bool
		want string
	}{
		"readOnly without a worker app": {target.Live{ReadOnly: true}, true, `the target "staging" has no worker app`},
		"readOnly without a population": {target.Live{ReadOnly: true, Worker: worker}, true, `the target "staging" names no population`},
		"readOnly": {
			target.Live{ReadOnly: true, Worker: worker, Population: "flowtest"}, false,
			`the target "staging" is readOnly, so nothing was sent: --dry-run says what would be removed`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := backend.CleanUsers(t.Context(), &target.Target{Name: "staging", Live: &row.live}, time.Now(), row.dry, nil)
			var setup *backend.SetupError
			require.ErrorAs(t, err, &setup)
			assert.Contains(t, err.Error(), row.want)
		})
	}
}
