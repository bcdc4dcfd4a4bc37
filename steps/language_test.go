package steps_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/features"
	"flowtest/steps"
)

const languageFolder = "testdata/language"

// An editorsView is what an editor with the Cucumber extension makes of step
// files and features, as testdata/language/look.mjs prints it.
type editorsView struct {
	Expressions []struct {
		Source string
		Regexp bool
		File   string
		Line   int
	}
	Errors      []string
	Diagnostics []struct {
		File    string
		Line    int
		Message string
	}
}

// look hands files to the published Cucumber language service, or skips the
// test where that is not installed.
func look(t *testing.T, sources, shipped map[string]string) *editorsView {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	if _, err := os.Stat(filepath.Join(languageFolder, "node_modules", "@cucumber", "language-service")); err != nil {
		t.Skip("the Cucumber language service is not installed: (cd steps/" + languageFolder + " && npm ci --ignore-scripts)")
	}
	if testing.Short() {
		t.Skip("the program that it starts is built without the race detector")
	}
	input, err := json.Marshal(map[string]any{"sources": sources, "features": shipped})
	require.NoError(t, err)
	// The script is over before code that is optimized would pay.
	cmd := exec.CommandContext(t.Context(), node, "--no-wasm-tier-up", "--no-opt", "--max-semi-space-size=64", "look.mjs")
	cmd.Dir = languageFolder
	cmd.Stdin = bytes.NewReader(input)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	require.NoError(t, cmd.Run(), "%s", &said)
	var view editorsView
	require.NoError(t, json.Unmarshal(out.Bytes(), &view), "%s", &out)
	return &view
}

// found lists the regular expressions that the editor found.
func (v *editorsView) found() []string {
	var out []string
	for _, e := range v.Expressions {
		if e.Regexp {
			out = append(out, e.Source)
		}
	}
	slices.Sort(out)
	return out
}

// sourceFiles are the files of this package, tests apart.
func sourceFiles(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	out := map[string]string{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		out[name] = string(text)
	}
	return out
}

func shippedFeatures(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, fs.WalkDir(features.Shipped(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".feature" {
			return err
		}
		text, err := fs.ReadFile(features.Shipped(), name)
		out[name] = string(text)
		return err
	}))
	return out
}

func TestTheCucumberLanguageServiceFindsEveryDefinition(t *testing.T) {
	t.Parallel()
	const undefined = "undefined.feature"
	sources, shipped := sourceFiles(t), shippedFeatures(t)
	require.NotEmpty(t, shipped)
	shipped[undefined] = "Feature: A\n  Scenario: A\n    Given the flow \"a\"\n    When I begin the flow\n    Then the flow completes\n"
	view := look(t, sources, shipped)

	var want []string
	for _, d := range steps.Definitions() {
		want = append(want, d.Pattern)
	}
	slices.Sort(want)
	assert.Equal(t, want, view.found(), "the editor finds the vocabulary, all of it and nothing else")
	for _, e := range view.Expressions {
		if e.Regexp {
			line := strings.Split(sources[e.File], "\n")[e.Line-1]
			assert.Contains(t, line, "`"+e.Source+"`", "a click on the step leads to %s:%d", e.File, e.Line)
		}
	}

	require.Len(t, view.Diagnostics, 1, "the editor underlines nothing in the shipped features, and what is undefined")
	assert.Equal(t, undefined, view.Diagnostics[0].File)
	assert.Equal(t, 4, view.Diagnostics[0].Line)
	assert.Equal(t, "Undefined step: I begin the flow", view.Diagnostics[0].Message)
}
