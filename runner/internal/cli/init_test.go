package cli_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
	"flowtest/steps"
)

// initialized returns a folder that flowtest init wrote.
func initialized(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	var out, talk bytes.Buffer
	code := cli.Main(t.Context(), cli.Process{
		Args: []string{"init"}, Stdout: &out, Stderr: &talk, Env: func(string) (string, bool) { return "", false }, Dir: dir,
	})
	require.Zero(t, code, "%s", &talk)
	return dir
}

// vocabulary lists the expressions of all definitions.
func vocabulary() []string {
	var out []string
	for _, d := range steps.Definitions() {
		out = append(out, d.Pattern)
	}
	slices.Sort(out)
	return out
}

// fromSettings reads the editor's settings as the Cucumber extension does, and
// returns the files that they lead to.
func fromSettings(t *testing.T, dir string) (features, glue map[string]string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, ".vscode", "settings.json"))
	require.NoError(t, err)
	var settings struct {
		Features []string `json:"cucumber.features"`
		Glue     []string `json:"cucumber.glue"`
		Schemas  any      `json:"yaml.schemas"` // of another extension
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&settings))
	read := func(patterns []string) map[string]string {
		out := map[string]string{}
		for _, pattern := range patterns {
			// Glob knows no **; one folder is what init writes.
			for _, p := range []string{pattern, filepath.Join(filepath.Dir(filepath.Dir(pattern)), filepath.Base(pattern))} {
				names, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(p)))
				require.NoError(t, err)
				for _, name := range names {
					text, err := os.ReadFile(name)
					require.NoError(t, err)
					out[filepath.Base(name)] = string(text)
				}
			}
		}
		require.NotEmpty(t, out, "%q leads to nothing", patterns)
		return out
	}
	return read(settings.Features), read(settings.Glue)
}

func TestTheStepsForEditorsAreGoAndTheVocabulary(t *testing.T) {
	t.Parallel()
	_, glue := fromSettings(t, initialized(t))
	var got []string
	for name, text := range glue {
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				literal, ok := call.Args[0].(*ast.BasicLit)
				require.True(t, ok)
				expr, err := strconv.Unquote(literal.Value)
				require.NoError(t, err)
				got = append(got, expr)
			}
			return true
		})
	}
	slices.Sort(got)
	assert.Equal(t, vocabulary(), got)
}

func TestTheCucumberExtensionUnderstandsWhatInitWrites(t *testing.T) {
	t.Parallel()
	withoutRace(t, itBuilds)
	folder := filepath.Join("..", "..", "..", "steps", "testdata", "language")
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "@cucumber", "language-service")); err != nil {
		t.Skip("the Cucumber language service is not installed: (cd steps/testdata/language && npm ci --ignore-scripts)")
	}
	features, glue := fromSettings(t, initialized(t))
	input, err := json.Marshal(map[string]any{"sources": glue, "features": features})
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), node, "look.mjs")
	cmd.Dir, cmd.Stdin = folder, bytes.NewReader(input)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	require.NoError(t, cmd.Run(), "%s", &said)
	var view struct {
		Expressions         []struct{ Source string }
		Errors, Diagnostics []any
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &view))
	var got []string
	for _, e := range view.Expressions {
		got = append(got, e.Source)
	}
	slices.Sort(got)
	assert.Equal(t, vocabulary(), got, "the editor offers the vocabulary and nothing else")
	assert.Empty(t, view.Errors)
	assert.Empty(t, view.Diagnostics, "it underlines nothing")
}
