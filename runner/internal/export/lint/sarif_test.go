package lint_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif" // its source holds the schema
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/export"
	"flowtest/runner/internal/export/lint"
)

// sarifSchema compiles the schema of OASIS for SARIF 2.1.0. Only the constant "schema" of the
// module has it: what the module writes of a log has members that the log has not.
func sarifSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.Dir}}",
		"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif").Output()
	require.NoError(t, err)
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "schema.go"), nil, 0)
	require.NoError(t, err)
	text := ""
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			text, err = strconv.Unquote(lit.Value)
		}
		return true
	})
	require.NoError(t, err)
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	require.NoError(t, c.AddResource("file:///sarif.json", doc))
	s, err := c.Compile("file:///sarif.json")
	require.NoError(t, err)
	return s
}

// Code scanning refuses a log that the schema does not allow.
func TestSARIFIsValid(t *testing.T) {
	t.Parallel()
	schema := sarifSchema(t)
	valid := func(text string) error {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		require.NoError(t, err)
		return schema.Validate(doc)
	}
	odd := reports(t)
	odd[0].Name = "a:b c/ü%41.json"
	for name, list := range map[string][]lint.Report{
		"findings": reports(t), "no findings": {{Name: "a.json", File: &export.File{}}}, "nothing": nil,
		"a name that has to be escaped": odd,
	} {
		got := written(t, func(w io.Writer) error { return lint.SARIF(w, list, "1.0", same) })
		require.NoError(t, valid(got), name)
		require.Error(t, valid(strings.Replace(got, `"text"`, `"txt"`, 1)), "the schema refuses what it does not know")
	}
	got := written(t, func(w io.Writer) error { return lint.SARIF(w, odd, "1.0", same) })
	assert.Contains(t, got, `"uri": "./a:b%20c/%C3%BC%2541.json"`, "no scheme, and no variable")
}
