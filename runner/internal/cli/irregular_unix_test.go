//go:build unix

package cli_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
)

// What is not a regular file is refused with its name wherever a file is read or written:
// to open a pipe waits for ever.
func TestWhatIsNoRegularFileIsRefused(t *testing.T) {
	withoutRace(t, itPrints)
	t.Parallel()
	made := t.TempDir()
	write(t, made, map[string]string{
		"flowtest.yaml": "target: replay\ntargets:\n  replay: {type: replay, users: {alice: {username: a, password: b}}}\n" +
			"  live: {type: live, baseUrl: 'https://127.0.0.1:9/x/as', ca: ca.pem, clientId: c, flows: {sign-on: f}}\n",
		"features/a.feature": signsOnTo(right), "known-failures.yaml": "[]\n", "a.har": "{}",
	})
	copyRecordings(t, made, "sign-on", "mfa")
	for _, args := range [][]string{{"run", "--report", "rep", "--dry-run"}, {"export", "--har", "--out", "b.har", "sign-on"}} {
		ran := command(t.Context(), made, nil, args...)
		require.Equal(t, cli.ExitPassed, ran.code, ran.errors)
	}
	pipe := func(name string) error { return syscall.Mkfifo(name, 0o600) }
	for what, put := range map[string]func(name string) error{
		"pipe": pipe,
		"regular file": func(name string) error { // which says less of where a link leads
			return os.Symlink("/dev/null", name)
		},
		"folder": func(name string) error { return os.Mkdir(name, 0o700) },
		"file": func(name string) error {
			if err := pipe(name + ".pipe"); err != nil {
				return err
			}
			return os.Symlink(filepath.Base(name)+".pipe", name)
		},
	} {
		for name, row := range map[string]struct {
			file string
			args []string
		}{
			"the configuration":           {"flowtest.yaml", []string{"run"}},
			"the configuration, by name":  {"flowtest.yaml", []string{"check", "--config", "flowtest.yaml"}},
			"a feature":                   {"features/a.feature", []string{"run", "features/a.feature"}},
			"a recording":                 {"recordings/sign-on/recording.yaml", []string{"run"}},
			"a recording that is checked": {"recordings/sign-on/recording.yaml", []string{"check"}},
			"a recording to compare":      {"recordings/sign-on/recording.yaml", []string{"diff", "recordings/sign-on", "recordings/mfa"}},
			"a recording to serve":        {"recordings/sign-on/recording.yaml", []string{"serve", "--listen", "127.0.0.1:0"}},
			"a body":                      {"recordings/sign-on/completed.json", []string{"run"}},
			"an execution log":            {"recordings/sign-on/execution-log.json", []string{"run"}},
			"own sentences":               {"sentences.yaml", []string{"run"}},
			"mutants that are accepted":   {"mutants.yaml", []string{"mutate"}},
			"an export to compare":        {"a.json", []string{"diff", "a.json", "b.har"}},
			"an export to cover":          {"a.json", []string{"coverage", "rep", "a.json"}},
			"an export of a feature":      {"a.json", []string{"scaffold", "a.json", "-o", "made"}},
			"a scaffold":                  {"made/sign-on.feature", []string{"scaffold", "recordings/sign-on", "-o", "made"}},
			"known failures":              {"known-failures.yaml", []string{"run"}},
			"known failures, by name":     {"known-failures.yaml", []string{"run", "--known-failures", "known-failures.yaml"}},
			"a HAR":                       {"a.har", []string{"import", "a.har"}},
			"an export":                   {"a.har", []string{"describe", "a.har"}},
			"messages":                    {"rep/messages.ndjson", []string{"report", "rep"}},
			"messages of a rerun":         {"rep/messages.ndjson", []string{"run", "--rerun", "rep"}},
			"the lock of a report":        {"rep/.flowtest.lock", []string{"run", "--report", "rep"}},
			"a report":                    {"rep/junit.xml", []string{"run", "--report", "rep"}},
			"the lock of a recording":     {"recordings/.sign-on.flowtest-lock", []string{"import", "b.har", "--flow", "sign-on"}},
			"the matrix":                  {"m.json", []string{"run", "--conformance", "m.json"}},
			"a HAR to write":              {"c.har", []string{"export", "--har", "--out", "c.har"}},
			"the CA to write":             {"own.pem", []string{"serve", "--tls", "--write-ca", "own.pem", "--listen", "127.0.0.1:0"}},
			"a CA":                        {"ca.pem", []string{"run", "--target", "live"}},
		} {
			t.Run(name+", "+what, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				linked(t, dir, made)
				require.NoError(t, os.RemoveAll(filepath.Join(dir, row.file)))
				require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(row.file)), 0o700))
				require.NoError(t, put(filepath.Join(dir, row.file)))
				got := command(t.Context(), dir, nil, row.args...)
				assert.Contains(t, []int{cli.ExitUsage, cli.ExitFailed}, got.code, got.errors+got.out)
				assert.Contains(t, got.errors+got.out, filepath.Base(row.file))
			})
		}
	}
}
