package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
)

func TestAWrongChoiceIsRefusedBeforeAnythingRuns(t *testing.T) {
	t.Parallel()
	const shard = `--shard %q, want I/N with I from 1 to N, as in 2/4`
	for name, row := range map[string]struct {
		args []string
		want string
	}{
		"shard 0":              {[]string{"--shard", "0/2"}, fmt.Sprintf(shard, "0/2")},
		"shard 3 of 2":         {[]string{"--shard", "3/2"}, fmt.Sprintf(shard, "3/2")},
		"a shard below 0":      {[]string{"--shard", "-1/2"}, fmt.Sprintf(shard, "-1/2")},
		"a shard of 0":         {[]string{"--shard", "1/0"}, fmt.Sprintf(shard, "1/0")},
		"half a shard":         {[]string{"--shard", "1"}, fmt.Sprintf(shard, "1")},
		"more than a shard":    {[]string{"--shard", "1/2/3"}, fmt.Sprintf(shard, "1/2/3")},
		"a shard with a blank": {[]string{"--shard", "1/ 2"}, fmt.Sprintf(shard, "1/ 2")},
		"a shard too large":    {[]string{"--shard", "1/99999999999999999999"}, fmt.Sprintf(shard, "1/99999999999999999999")},
		"only durations":       {[]string{"--durations", "d"}, "--durations balances shards, and there is no --shard"},
		"durations of nothing": {[]string{"--shard", "1/2", "--durations", "nowhere"}, "nowhere has no messages.ndjson"},
		"no run before":        {[]string{"--rerun", "nowhere/"}, "nowhere has no messages.ndjson"},
		"an invalid run":       {[]string{"--rerun", "odd"}, "odd: report: not a run of flowtest: the stream has no plan, want a messages.ndjson that flowtest wrote"},
		"an invalid seed":      {[]string{"--random=x"}, "--random=x is not a seed, want a number"},
		"no repetition":        {[]string{"--repeat", "0"}, "--repeat 0, want 1 or more"},
		"retries below 0":      {[]string{"--retries", "-1"}, "--retries -1, want 0 or more\n"},
		"no refusal at all":    {[]string{"--max-refused", "0"}, "--max-refused 0, want 1 or more\n"},
		"no rate":              {[]string{"--rate", "0"}, "--rate \"0\", want more than 0 requests a second, as in 10\nflowtest: hint: flowtest run --help shows what there is\n"},
		"a step in no time":    {[]string{"--step-timeout", "-1s"}, "--step-timeout -1s, want a time, as in 20s, or 0 for none of its own\n"},
		"a run in no time":     {[]string{"--run-timeout", "-1s"}, "--run-timeout -1s, want a time, as in 10m, or 0 for none\n"},
		"an invalid rate":      {[]string{"--rate", "NaN"}, "--rate \"NaN\", want more than 0 requests a second, as in 10\nflowtest: hint: flowtest run --help shows what there is\n"},
		"no time at all":       {[]string{"--timeout", "0s"}, "--timeout 0s, want a time above 0, as in 2m\n"},
		"fewer than none":      {[]string{"--concurrency", "-2"}, "--concurrency -2, want 1 or more, or 0 for as many as suit the target\n"},
		"an unknown origin":    {[]string{"--retry-on", "network,assertion"}, `--retry-on: "assertion" is unknown, want network, rate-limit, tenant or flow`},
		"an unknown format":    {[]string{"--format", "xml", "--quiet"}, `--format "xml", want pretty, progress, dots, github or json`},
		"a report on a file":   {[]string{"--report", "notes.txt"}, "report: the folder "},
		"a watch of nothing":   {[]string{"--watch"}, "--watch needs a flowtest.yaml: what flowtest ships does not change"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, map[string]string{"notes.txt": "no folder", "odd/messages.ndjson": "{}\n"})
			got := command(t.Context(), dir, nil, append([]string{"run"}, row.args...)...)
			assert.Equal(t, cli.ExitUsage, got.code, got.errors)
			assert.True(t, strings.HasPrefix(got.errors, "flowtest: error: "+row.want), got.errors)
			assert.Empty(t, got.out)
		})
	}
}

func TestEveryLimitThatMakesNoSenseIsNamed(t *testing.T) {
	t.Parallel()
	got := command(t.Context(), t.TempDir(), nil, "run", "--retries", "-1", "--concurrency", "-1", "--tags", "@a and")
	assert.Equal(t, said{cli.ExitUsage, "", "flowtest: error: --concurrency -1, want 1 or more, or 0 for as many as suit the target\n" +
		"flowtest: error: --retries -1, want 0 or more\n"}, got)
	dir := workspaceOf(t, map[string]string{"a.feature": signsOnTo(right)})
	assert.Equal(t, cli.ExitPassed, command(t.Context(), dir, nil, "run", "--concurrency", "0").code, "as the help says")
}

// workspaceOf writes a folder with a flowtest.yaml and the shipped recording of
// the flow sign-on, and with these features.
func workspaceOf(t *testing.T, features map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	got := command(t.Context(), dir, nil, "init")
	require.Equal(t, 0, got.code, got.errors)
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "features")))
	for name, text := range features {
		write(t, dir, map[string]string{filepath.Join("features", name): text})
	}
	return dir
}

// signsOnTo writes a feature with a scenario for each of the names: it wants the
// flow to pause at that form, and so fails where that is not the first one.
func signsOnTo(forms ...string) string {
	var b strings.Builder
	b.WriteString("Feature: F\n")
	for i, form := range forms {
		fmt.Fprintf(&b, "\n  Scenario: s%d\n    Given the flow \"sign-on\"\n    When I start the flow\n    Then the flow pauses at %q\n", i, form)
	}
	return b.String()
}

const right = "Sign On Form"

var repeatIt = regexp.MustCompile(`(?m)^ *repeat it: flowtest (.*)$`)

// words splits a command line as a shell does.
func words(t *testing.T, line string) []string {
	t.Helper()
	var out []string
	var word strings.Builder
	quoted, begun := false, false
	for _, r := range line {
		switch {
		case r == '\'':
			quoted, begun = !quoted, true
		case r == ' ' && !quoted:
			if begun {
				out = append(out, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	require.False(t, quoted, line)
	return append(out, word.String())
}

// Of every failure the command is printed that repeats it, and it does.
func TestTheCommandThatRepeatsAFailureDoes(t *testing.T) {
	t.Parallel()
	const other = "  other:\n    type: replay\n    users:\n      alice: {username: bob}\n"
	for name, row := range map[string]struct {
		args []string
		env  map[string]string
		want string // of the command, between run and the place
	}{
		"plain":                  {nil, nil, ""},
		"another configuration":  {[]string{"--config", "my conf/other.yaml"}, nil, "--config 'my conf/other.yaml' "},
		"another target":         {[]string{"--target", "other"}, nil, "--target other "},
		"a target by variable":   {nil, map[string]string{"FLOWTEST_TARGET": "other"}, "--target other "},
		"faults":                 {[]string{"--fault", "500@0.5,latency=1ms~1ms", "--seed", "7"}, nil, "--fault '500@0.5,latency=1ms~1ms' --seed 7 "},
		"faults, random":         {[]string{"--fault", "500@0.5"}, nil, "--fault 500@0.5 --seed \\d+ "},
		"strict":                 {[]string{"--strict"}, nil, "--strict "},
		"nothing is checked":     {[]string{"--conformance", "off", "--step-timeout", "2s"}, nil, "--conformance off --step-timeout 2s "},
		"what it does not need":  {[]string{"--quiet", "--random=7", "--report", "r", "--concurrency", "1", "--repeat", "2"}, nil, ""},
		"quotes in the features": {[]string{"features/it's.feature"}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := workspaceOf(t, map[string]string{"a b.feature": signsOnTo(right, "Other", "Another"), "it's.feature": signsOnTo("Other")})
			text, err := os.ReadFile(filepath.Join(dir, "flowtest.yaml"))
			require.NoError(t, err)
			config := strings.Replace(string(text), "\n  # A live", other+"\n  # A live", 1)
			require.Contains(t, config, other)
			write(t, dir, map[string]string{
				"flowtest.yaml":      config,
				"my conf/other.yaml": "features: ../features\nrecordings: ../recordings\ntargets: {r: {type: replay}}\n",
			})
			first := command(t.Context(), dir, row.env, append([]string{"run"}, row.args...)...)
			require.Equal(t, cli.ExitFailed, first.code, first.errors)
			commands := repeatIt.FindAllStringSubmatch(first.out, -1)
			require.NotEmpty(t, commands, first.out)
			for _, c := range commands {
				args := words(t, strings.ReplaceAll(c[1], `'\''`, "’"))
				for i := range args {
					args[i] = strings.ReplaceAll(args[i], "’", "'")
				}
				if row.want != "" {
					assert.Regexp(t, "^run "+row.want, c[1])
				}
				again := command(t.Context(), dir, nil, args...)
				assert.Equal(t, cli.ExitFailed, again.code, "%s\n%s", c[1], again.errors)
				assert.Contains(t, again.out, "repeat it: flowtest "+c[1]+"\n")
				assert.Contains(t, again.out, "\n1 scenario: 0 passed, 1 failed")
				assert.Contains(t, first.out, failure(again.out), c[1])
			}
		})
	}
}

// failure is what was found and wanted, with the line after it.
func failure(out string) string {
	_, rest, _ := strings.Cut(out, "✗ ")
	_, rest, _ = strings.Cut(rest, "✗ ")
	lines := strings.SplitN(rest, "\n", 3)
	return strings.TrimSpace(lines[1])
}
