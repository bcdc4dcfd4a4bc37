package cli_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/runner/internal/cli"
)

// A scenario that runs twice, to learn what is generated, is one scenario.
func TestAScenarioThatRunsTwiceIsCountedOnce(t *testing.T) {
	t.Parallel()
	s := editedStage(t, "", nil)
	copyRecordings(t, s.dir)
	for name, args := range map[string][]string{
		"record":        {"record", "--target", "staging", "features/session", "--fresh"},
		"run --compare": {"run", "features/session", "--compare", "--target", "staging", "--format", "progress", "--report", "report"},
	} {
		t.Run(name, func(t *testing.T) {
			got := s.run(t, args...)
			require.Equal(t, cli.ExitPassed, got.code, got.errors)
			assert.Regexp(t, `(?m)^\.{5}$`, got.out)
			assert.Regexp(t, `(?m)^5 scenarios: 5 passed · 5 hops`, got.out)
		})
	}
	text, err := os.ReadFile(filepath.Join(s.dir, "report", "report.json"))
	require.NoError(t, err)
	assert.Len(t, gjson.GetBytes(text, "scenarios").Array(), 5)
	lines := gjson.GetBytes(text, "scenarios.#.line").Array()
	assert.Len(t, lines, 5)
}

// The worse result of a scenario is reported.
func TestAScenarioThatFailsOnceOfTwiceFailed(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	s := editedStage(t, "", func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1) == 2 {
				w.WriteHeader(http.StatusTeapot)
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	got := s.run(t, "record", "--target", "staging", "features/session", "--tags", "@smoke", "--fresh")
	assert.Equal(t, cli.ExitFailed, got.code, got.errors)
	count := regexp.MustCompile(`(?m)^\d+ scenarios?: .* · `).FindString(got.out)
	assert.Regexp(t, `^1 scenario: 0 passed, 1 failed · 1 hop `, count, got.out)
}
