package cli_test

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
)

// What a file says cannot steer the terminal of the person who reads an error.
func TestErrorsDoNotSteerATerminal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "evil.feature"), []byte("\x1b]0;mine\x07\x1b[31mEvil\n"), 0o600))
	for _, args := range [][]string{{"run", "evil.feature"}, {"check", "evil.feature"}} {
		got := command(t.Context(), dir, nil, args...)
		assert.NotEqual(t, cli.ExitPassed, got.code)
		assert.Contains(t, got.out+got.errors, "Evil")
		assert.NotContains(t, got.out+got.errors, "\x1b", "%v", args)
	}
}

// A CI server reads commands to itself in what a job prints. What a service said and a
// person wrote is none, whatever prints it; only the annotations for GitHub are.
func TestNoCommandPrintsACommandOfACIServer(t *testing.T) {
	t.Parallel()
	const evil = "one\n::stop-commands::two\n##vso[task.setvariable variable=x]three\n##teamcity[four]"
	quoted := strings.ReplaceAll(evil, "\n", `\n`)
	dir := workspaceOf(t, map[string]string{
		"a.feature": "Feature: F\n  ::add-mask::five\n  Scenario: ##vso[task.complete]six\n    Given the flow \"sign-on\"\n    When I start the flow\n" +
			"    Then the flow completes\n    And ::add-mask::seven\n",
	})
	screen := filepath.Join("recordings", "sign-on", "sign-on-form.json")
	text := read(t, dir, screen)
	require.Contains(t, text, "Sign On Form")
	require.NoError(t, os.CopyFS(filepath.Join(dir, "before"), os.DirFS(filepath.Join(dir, "recordings"))))
	write(t, dir, map[string]string{screen: strings.ReplaceAll(text, "Sign On Form", quoted)})
	command(t.Context(), dir, nil, "run", "--report", "report")
	read := regexp.MustCompile(`(?im)^[\s\p{Z}\p{Cf}]*::|##\[|##vso\[|##teamcity\[`)
	for _, args := range [][]string{
		{"run"},
		{"run", "--format", "progress"},
		{"run", "--format", "dots"},
		{"run", "--quiet"},
		{"run", "--format", "json"},
		{"report", "report"},
		{"report", "report", "--format", "json"},
		{"check"},
		{"steps", "--format", "json"},
		{"requirements", "--format", "json"},
		{"diff", "before/sign-on", "recordings/sign-on"},
		{"diff", "before/sign-on", "recordings/sign-on", "--format", "json"},
		{"diff", "before/sign-on", "recordings/sign-on", "--format", "markdown"},
		{"export", "--har"},
		{"coverage", "recordings/sign-on", "recordings/sign-on"},
		{"coverage", "recordings/sign-on", "recordings/sign-on", "--format", "markdown"},
		{"scaffold", "recordings/sign-on", "-o", "made"},
		{"run", "--tags", evil},
	} {
		got := command(t.Context(), dir, nil, args...)
		assert.NotEmpty(t, got.out+got.errors, "%v", args)
		assert.NotContains(t, got.errors, "recordings:", "%v", args)
		assert.Empty(t, read.FindAllString(got.out+"\n"+got.errors, -1), "%v", args)
		if strings.Contains(strings.Join(args, " "), "json") || args[0] == "export" {
			d := json.NewDecoder(strings.NewReader(got.out))
			for n := 0; ; n++ {
				var v any
				if err := d.Decode(&v); err != nil {
					require.ErrorIs(t, err, io.EOF, "%v", args)
					assert.Positive(t, n, "%v: %s", args, got.errors)
					break
				}
			}
		}
	}
}
