package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The pull request job of the page about exports, line by line, in a repository with its flow and its
// features: for a flow that was edited, and for one that is new.
func TestThePullRequestJobOfTheDocsRuns(t *testing.T) {
	t.Parallel()
	withoutRace(t, itBuilds)
	needsBash(t)
	text, err := os.ReadFile(repository + "/.github/docs/exports.md")
	require.NoError(t, err)
	block := func(first string) string {
		_, rest, ok := strings.Cut(string(text), first)
		require.True(t, ok, "exports.md has no block that begins with %q", first)
		block, _, ok := strings.Cut(rest, "\n```\n")
		require.True(t, ok)
		return block
	}
	var job struct {
		Jobs struct {
			Flow struct{ Steps []struct{ Run string } }
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(block("# .github/workflows/flow-change.yml\n")), &job))
	export := block("<!-- test: file pin.json -->\n```json\n")
	feature := strings.ReplaceAll(block("# features/pin.feature\n"), `the flow "pin"`, `the flow "sign-on"`) + `

  Scenario: Help
    When I press "Forgot your PIN?"
    And I press "Back"
    Then the flow pauses at "PIN Form"
`
	for name, row := range map[string]struct {
		old  map[string]string // what the base branch has
		want []string          // in the comment
	}{
		"a flow that was edited": {
			map[string]string{"flows/sign-on.json": strings.Replace(export, "Wrong PIN", "No", 1)},
			[]string{`it reports "Wrong PIN", it reported "No"`, `features/pin.feature:12 "A wrong PIN"`, "## Coverage"},
		},
		"a flow that is new": {map[string]string{"README.md": "Flows"}, []string{"The flow is new.", "## Coverage"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &machine{t: t, workspace: t.TempDir()}
			write := func(files map[string]string) {
				for file, text := range files {
					file = filepath.Join(m.workspace, filepath.FromSlash(file))
					require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
					require.NoError(t, os.WriteFile(file, []byte(text), 0o700))
				}
			}
			require.NoError(t, os.CopyFS(filepath.Join(m.workspace, "bin"), os.DirFS(theBuilt(t))))
			env := map[string]string{
				"PATH": filepath.Join(m.workspace, "bin") + string(filepath.ListSeparator) + os.Getenv("PATH"),
				"BASE": "base", "FLOW": "flows/sign-on.json", "PR": "7", "HOME": m.workspace,
			}
			write(row.old)
			m.shell([]string{
				"git init -q -b base", "git add --all -- ':!bin'", "git -c user.name=a -c user.email=a@example.com commit -q -m base",
			}, env)
			write(map[string]string{
				"flowtest.yaml": "target" + block("# flowtest.yaml\ntarget"), "features/pin.feature": feature, "flows/sign-on.json": export,
				"bin/gh": "#!/bin/sh\ncp change.md comment.md\n",
			})
			ran := 0
			for _, step := range job.Jobs.Flow.Steps {
				if step.Run != "" && !strings.HasPrefix(step.Run, "go ") {
					m.shell([]string{step.Run}, env)
					ran++
				}
			}
			assert.Equal(t, 6, ran)
			comment, err := os.ReadFile(filepath.Join(m.workspace, "comment.md"))
			require.NoError(t, err)
			for _, want := range row.want {
				assert.Contains(t, string(comment), want)
			}
			m.left("report/report.html")
		})
	}
}
