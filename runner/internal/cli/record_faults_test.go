package cli_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	"flowtest/runner/internal/cli"
)

// faultyStage has a live side whose answers are changed by faults as long as they are to.
func faultyStage(t *testing.T, faults mockserver.Faults, edits ...edit) *stage {
	t.Helper()
	return editedStage(t, "", faults.Wrap, edits...)
}

// passing runs features against what is recorded, and returns which scenarios pass.
func (s *stage) passing(t *testing.T, paths ...string) map[string]bool {
	t.Helper()
	got := s.run(t, append([]string{"run", "--target", "replay", "--format", "json", "--conformance", "off"}, paths...)...)
	out := map[string]bool{}
	for line := range strings.Lines(got.out) {
		var event struct {
			Scenario *struct {
				File, Name, Status string
				Line               int
			}
		}
		require.NoError(t, json.Unmarshal([]byte(line), &event))
		if sc := event.Scenario; sc != nil && sc.Status == "passed" {
			out[fmt.Sprintf("%s:%d %s", sc.File, sc.Line, sc.Name)] = true
		}
	}
	return out
}

// Whatever an environment answers while it fails: what record leaves replays every
// feature that passed before.
func TestAFailingEnvironmentSpoilsNoRecording(t *testing.T) {
	t.Parallel()
	paths := []string{"features/sign-on/sign-on.feature"}
	s := editedStage(t, "", nil)
	copyRecordings(t, s.dir, "sign-on")
	before := s.passing(t, paths...)
	require.NotEmpty(t, before)
	for _, spec := range []string{"500@0.3", "html@0.3", "expired@0.3", "drop@0.02", "half@0.02"} {
		for _, fresh := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, fresh %t", spec, fresh), func(t *testing.T) {
				t.Parallel()
				faults, err := mockserver.ParseFaults(spec)
				require.NoError(t, err)
				faults.Seed = 1
				args := append([]string{"record", "--target", "staging"}, paths...)
				if fresh { // other requests fail
					faults.Seed, args = 2, append(args, "--fresh")
				}
				s := faultyStage(t, faults)
				copyRecordings(t, s.dir, "sign-on") // all that these features need
				files := own(s.recorded(t))
				got := s.run(t, args...)
				assert.Contains(t, []int{cli.ExitPassed, cli.ExitEnvironment}, got.code, "%s%s", got.out, got.errors)
				assert.Equal(t, before, s.passing(t, paths...), "%s%s", got.out, got.errors)
				if fresh || got.code == cli.ExitEnvironment && !strings.Contains(got.out, "recorded ") {
					return
				}
				for name := range files {
					assert.Contains(t, s.recorded(t), name, "no hop is lost")
				}
			})
		}
	}
}

// What only a failing environment answered is not taken for the flow, and it is
// said how to go on.
func TestAFailureOfAMomentIsLeftOutOrNothingIsWritten(t *testing.T) {
	t.Parallel()
	faults, err := mockserver.ParseFaults("500")
	require.NoError(t, err)
	faults.Seed = 2
	s := faultyStage(t, faults)
	copyRecordings(t, s.dir)
	before := s.recorded(t)
	for _, more := range []string{"", " --fresh"} {
		got := s.run(t, append([]string{"record", "--target", "staging", "features/session"}, strings.Fields(more)...)...)
		assert.Equal(t, cli.ExitEnvironment, got.code)
		assert.Contains(t, got.errors, "flowtest: session: record the flow again: flowtest record --target staging"+more+
			" features/session/session.feature\n")
		assert.Contains(t, got.errors, "flowtest: error: flow \"session\": the environment failed, and what is "+
			"recorded already stays\nflowtest: error:   journey 1, hop 1 was answered with status 500, and in the recording with completed\n")
		assert.Contains(t, got.errors, "flowtest: hint: record it again; where the flow answers so from now on, write another "+
			"recording with --out, or delete the one that is there first\n")
		assert.Equal(t, before, s.recorded(t))
	}
}

// Journeys recorded only once are listed in one line, and warnings come last.
func TestImportListsJourneysRecordedOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.har": signOnHAR(t)})
	got := command(t.Context(), dir, nil, "import", "a.har", "--flow", "sign-on", "--out", "recordings")
	require.Equal(t, cli.ExitPassed, got.code, got.errors)
	lines := strings.Split(strings.TrimSpace(got.errors), "\n")
	assert.Contains(t, lines[len(lines)-1], "flowtest: warning: sign-on: ")
	assert.Regexp(t, `(?m)^flowtest: recorded only once: sign-on \(\d+ of \d+ journeys\): values that the server generates could `+
		`not be distinguished from constant ones: record each path twice$`, got.errors)
}
