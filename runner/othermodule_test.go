package runner_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// otherModule writes testdata/othermodule as a module of its own that requires
// this one, and what this one requires, so that it builds from the module cache.
func otherModule(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "othermodule"))))
	here, err := filepath.Abs(root)
	require.NoError(t, err)
	ours, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	theirs := strings.Replace(string(ours), "module "+module+"\n", "module example.com/welcome\n", 1)
	theirs += fmt.Sprintf("\nrequire %s v0.0.0\n\nreplace %s => %q\n", module, module, filepath.ToSlash(here))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(theirs), 0o600))
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o600))
	return dir
}

// goCommand is the go command in the other module; it fetches nothing.
func goCommand(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOPROXY=off", "GOWORK=off")
	return cmd
}

// subtest is a line of go test -v.
var subtest = regexp.MustCompile(`(?m)^ *--- (\w+): (\S+)`)

// A suite is a library call: another module tests its flows with our sentences
// and its own.
func TestAnotherModuleAddsItsOwnSentences(t *testing.T) {
	t.Parallel()
	dir := otherModule(t)
	for name, test := range map[string]struct {
		env  []string
		code int
		want []string // the verdicts, in the order in which go test prints them
		says []string
	}{
		"its sentences and ours hold": {
			[]string{"CHOOSE=not @broken"}, 0, []string{
				"PASS TestFlows", "PASS TestFlows/Welcome/Whoever_signs_on_gets_a_mail",
				"PASS TestFlows/Welcome/Whoever_does_not_sign_on_gets_none",
			}, nil,
		},
		"what fails says found and wanted, and what is undefined the nearest of both": {
			nil, 1, []string{
				"FAIL TestFlows", "PASS TestFlows/Welcome/Whoever_signs_on_gets_a_mail",
				"PASS TestFlows/Welcome/Whoever_does_not_sign_on_gets_none",
				"FAIL TestFlows/Welcome/A_sentence_of_the_other_module_that_does_not_hold",
				"FAIL TestFlows/Welcome/A_sentence_that_neither_knows",
			}, []string{
				`✗ And the welcome mail to "${user.email}" was sent`, `the mails are to [], want one to alice@example.com`,
				`undefined: no sentence is like this; the nearest is: * the welcome mail to "…" was sent`,
			},
		},
		"a dry run knows them all": {
			[]string{"DRY_RUN=1"}, 1, []string{
				"FAIL TestFlows", "SKIP TestFlows/Welcome/Whoever_signs_on_gets_a_mail",
				"SKIP TestFlows/Welcome/Whoever_does_not_sign_on_gets_none",
				"SKIP TestFlows/Welcome/A_sentence_of_the_other_module_that_does_not_hold",
				"FAIL TestFlows/Welcome/A_sentence_that_neither_knows",
			}, []string{"not run"},
		},
		"a run that was stopped is no pass": {
			[]string{"LIMIT=1ns", "CHOOSE=not @broken"}, 1, []string{
				"FAIL TestFlows", "SKIP TestFlows/Welcome/Whoever_signs_on_gets_a_mail",
				"SKIP TestFlows/Welcome/Whoever_does_not_sign_on_gets_none",
			}, []string{"the run was stopped before its end; 2 of 2 scenarios did not run"},
		},
		"a choice that leaves nothing is no pass": {
			[]string{"CHOOSE=@nobody"}, 1, []string{"FAIL TestFlows"}, []string{"@nobody"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := goCommand(t, dir, "test", "-count=1", "-v", "./...")
			cmd.Env = append(cmd.Env, test.env...)
			out, err := cmd.CombinedOutput()
			require.Equal(t, test.code, cmd.ProcessState.ExitCode(), "%v\n%s", err, out)
			var got []string
			for _, m := range subtest.FindAllStringSubmatch(string(out), -1) {
				got = append(got, m[1]+" "+m[2])
			}
			assert.Equal(t, test.want, got, "%s", out)
			for _, text := range test.says {
				assert.Contains(t, string(out), text)
			}
		})
	}
}

// The README's test is whole but for its imports and the mailbox.
func TestTheReadmesGoTestCompiles(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(readme), "\n## For Go people\n")
	require.True(t, ok)
	_, rest, ok = strings.Cut(rest, "```go\n")
	require.True(t, ok)
	code, _, ok := strings.Cut(rest, "```")
	require.True(t, ok)
	dir := otherModule(t)
	text := `package welcome

import (
	"embed"
	"testing"

	"github.com/cucumber/godog"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/gotest"
	"flowtest/runner/target"
	"flowtest/steps"
)

type box struct{}

func (box) Has(string) error { return nil }

var mailbox box

` + code
	require.NoError(t, os.WriteFile(filepath.Join(dir, "flows_test.go"), []byte(text), 0o600))
	out, err := goCommand(t, dir, "vet", "./...").CombinedOutput()
	assert.NoError(t, err, "%s", out)
}
