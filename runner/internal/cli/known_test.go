package cli_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
)

// The entries that run writes are for the file, whatever the names of scenarios and steps
// hold: a secret that reports hide, nothing, or what YAML reads in another way.
func TestCheckAcceptsTheKnownFailuresThatRunWrites(t *testing.T) {
	t.Parallel()
	const wrong = "\n    Given the flow \"sign-on\"\n    When I start the flow\n    Then \"id\" is \"x # y: demo-Passw0rd-1\"\n"
	dir := workspaceOf(t, map[string]string{
		"a.feature": "Feature: F\n" +
			"  Scenario: the password demo-Passw0rd-1 is refused" + wrong +
			"  Scenario:" + wrong +
			"  Scenario: true" + wrong +
			"  Scenario: 2026-01-01" + wrong +
			"  Scenario: a: \"b\" # c 'd' - [e] {f} | & * ! % @" + wrong +
			"  Rule: R\n  Scenario Outline: in a rule, <password>" + wrong +
			"    Examples:\n      | password        |\n      | demo-Passw0rd-1 |\n      | other           |\n",
	})
	got := command(t.Context(), dir, nil, "run", "--write-known-failures")
	require.Equal(t, cli.ExitFailed, got.code, got.errors)
	write(t, dir, map[string]string{"known-failures.yaml": got.out})
	got = command(t.Context(), dir, nil, "check")
	assert.Equal(t, cli.ExitPassed, got.code, got.out+got.errors)
	got = command(t.Context(), dir, nil, "run")
	assert.Equal(t, cli.ExitPassed, got.code, got.out+got.errors)
	assert.Contains(t, got.out, "7 scenarios: 0 passed, 7 known")
}

// Without a flowtest.yaml the lists beside it are those of the folder where flowtest was started, which
// need not be the one of the process.
func TestTheFilesBesideAConfigurationThatIsNotThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for file, args := range map[string][]string{
		"known-failures.yaml": {"run"}, "mutants.yaml": {"mutate", "--flow", "session"},
	} {
		write(t, dir, map[string]string{file: "a: 1\n"})
		got := command(t.Context(), dir, nil, args...)
		assert.Equal(t, cli.ExitUsage, got.code, file)
		assert.Contains(t, got.errors, "flowtest: error: "+file+":1:1: ", file)
		require.NoError(t, os.Remove(filepath.Join(dir, file)))
	}
}
