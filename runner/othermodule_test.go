package runner_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pageBlock is a block of code that begins with a comment that names its file.
var pageBlock = regexp.MustCompile("(?ms)^```(go|gherkin)\n(?://|#) ([\\w./]+)\n(.*?)^```\n")

// otherModule compiles the module that .github/docs/go.md shows, file for file, against
// this checkout, and with it what testdata/othermodule has: a test that takes its choice
// from the environment.
var otherModule = sync.OnceValues(func() (dir string, err error) {
	top, err := os.MkdirTemp("", "othermodule")
	if err != nil {
		return "", err
	}
	dir = filepath.Join(top, "welcome")
	here, err := filepath.Abs(root)
	if err != nil {
		return "", err
	}
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "othermodule"))); err != nil {
		return "", err
	}
	page, err := os.ReadFile(filepath.Join(root, ".github", "docs", "go.md"))
	if err != nil {
		return "", err
	}
	for _, m := range pageBlock.FindAllStringSubmatch(string(page), -1) {
		file := filepath.Join(dir, filepath.FromSlash(m[2]))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return "", err
		}
		if err := os.WriteFile(file, []byte(m[3]), 0o600); err != nil {
			return "", err
		}
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o600); err != nil {
		return "", err
	}
	// The page's replace names the checkout beside the module. Here it names this checkout
	// itself, so that the packages come from the build cache: to the go command a package in
	// another folder is another package.
	file := filepath.Join(dir, "go.mod")
	mod, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	const beside = "=> ../flowtest\n"
	if !strings.Contains(string(mod), beside) {
		return "", fmt.Errorf("%s: it has no line that ends in %q", file, beside)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(mod), beside, "=> "+here+"\n", 1)), 0o600); err != nil {
		return "", err
	}
	// -mod=mod adds the indirect requirements, as go mod tidy does; nothing is fetched.
	cmd := exec.Command("go", "test", "-c", "-mod=mod", "-ldflags=-s -w", "-o", "welcome.test", ".") // it is compiled for every test
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = &compileError{err, string(out)}
	}
	return dir, err
})

// A compileError says what the go command said.
type compileError struct {
	err error
	out string
}

func (e *compileError) Error() string { return e.err.Error() + "\n" + e.out }

// subtest is a line of go test -v.
var subtest = regexp.MustCompile(`(?m)^ *--- (\w+): (\S+)`)

// A suite is a library call: another module tests its flows with our sentences
// and its own.
func TestAnotherModuleAddsItsOwnSentences(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the program that it starts is built without the race detector")
	}
	dir, err := otherModule()
	t.Cleanup(func() { _ = os.RemoveAll(filepath.Dir(dir)) })
	require.NoError(t, err)
	for name, test := range map[string]struct {
		run  string
		env  []string
		code int
		want []string // the verdicts, in the order in which go test prints them
		says []string
	}{
		"the page's own test passes": {
			"TestFlows", nil, 0, []string{"PASS TestFlows", "PASS TestFlows/Welcome/A_person_who_signs_on_gets_a_mail"}, nil,
		},
		"its sentences and ours hold": {
			"TestMore", []string{"CHOOSE=not @broken"}, 0, []string{
				"PASS TestMore", "PASS TestMore/Welcome/A_person_who_signs_on_gets_a_mail",
				"PASS TestMore/Welcome/A_person_who_does_not_sign_on_gets_none",
			}, nil,
		},
		"what fails says found and wanted, and what is undefined the nearest of both": {
			"TestMore", nil, 1, []string{
				"FAIL TestMore", "PASS TestMore/Welcome/A_person_who_signs_on_gets_a_mail",
				"PASS TestMore/Welcome/A_person_who_does_not_sign_on_gets_none",
				"FAIL TestMore/Welcome/A_sentence_of_the_other_module_that_does_not_hold",
				"FAIL TestMore/Welcome/A_sentence_that_neither_knows",
			}, []string{
				`✗ And the welcome mail to "${user.email}" was sent`, `the mails are to [], want one to alice@example.com`,
				`undefined: no sentence is like this; the nearest is: Then the welcome mail to "…" was sent`,
			},
		},
		"a dry run knows them all": {
			"TestMore", []string{"DRY_RUN=1"}, 1, []string{
				"FAIL TestMore", "SKIP TestMore/Welcome/A_person_who_signs_on_gets_a_mail",
				"SKIP TestMore/Welcome/A_person_who_does_not_sign_on_gets_none",
				"SKIP TestMore/Welcome/A_sentence_of_the_other_module_that_does_not_hold",
				"FAIL TestMore/Welcome/A_sentence_that_neither_knows",
			}, []string{"not run"},
		},
		"the run is returned, and the caller's reporter called": {
			"TestRunReturnsTheRunAndCallsTheReporter", nil, 0, []string{
				"PASS TestRunReturnsTheRunAndCallsTheReporter", "PASS TestRunReturnsTheRunAndCallsTheReporter/A/one",
				"PASS TestRunReturnsTheRunAndCallsTheReporter/A/two",
			}, nil,
		},
		"a run that was stopped is not a pass": {
			"TestMore", []string{"LIMIT=1ns", "CHOOSE=not @broken"}, 1, []string{
				"FAIL TestMore", "SKIP TestMore/Welcome/A_person_who_signs_on_gets_a_mail",
				"SKIP TestMore/Welcome/A_person_who_does_not_sign_on_gets_none",
			}, []string{"the run was stopped before its end; 2 of 2 scenarios did not run"},
		},
		"a choice that leaves nothing is not a pass": {
			"TestMore", []string{"CHOOSE=@missing"}, 1, []string{"FAIL TestMore"}, []string{"@missing"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "welcome.test"), "-test.v", "-test.run", "^"+test.run+"$")
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), test.env...)
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
