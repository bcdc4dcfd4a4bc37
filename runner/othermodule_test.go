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

// subtest is a line of go test -v.
var subtest = regexp.MustCompile(`(?m)^ *--- (\w+): (\S+)`)

// A suite is a library call: another module tests its flows with our sentences
// and its own.
func TestAnotherModuleAddsItsOwnSentences(t *testing.T) {
	t.Parallel()
	dir := otherModule(t)
	for name, test := range map[string]struct {
		choose string
		code   int
		want   []string // the verdicts, in the order in which go test prints them
		says   []string
	}{
		"its sentences and ours hold": {
			"not @broken", 0, []string{
				"PASS TestFlows", "PASS TestFlows/Welcome/Whoever_signs_on_gets_a_mail",
				"PASS TestFlows/Welcome/Whoever_does_not_sign_on_gets_none",
			}, nil,
		},
		"what fails says found and wanted, and what is undefined the nearest of both": {
			"", 1, []string{
				"FAIL TestFlows", "PASS TestFlows/Welcome/Whoever_signs_on_gets_a_mail",
				"PASS TestFlows/Welcome/Whoever_does_not_sign_on_gets_none",
				"FAIL TestFlows/Welcome/A_sentence_of_the_other_module_that_does_not_hold",
				"FAIL TestFlows/Welcome/A_sentence_that_neither_knows",
			}, []string{
				`✗ And the welcome mail to "${user.email}" was sent`, `the mails are to [], want one to alice@example.com`,
				`undefined: no sentence is like this; the nearest is: * the welcome mail to "…" was sent`,
			},
		},
		"a choice that leaves nothing is no pass": {
			"@nobody", 1, []string{"FAIL TestFlows"}, []string{"@nobody"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-v", "./...")
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOPROXY=off", "GOWORK=off", "CHOOSE="+test.choose)
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
