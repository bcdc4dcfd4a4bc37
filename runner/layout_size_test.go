package runner_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The bounds that keep a package readable: how many source files it has, over how many of
// them the methods of one type are spread, and how many lines of constants and variables its
// documentation begins with.
const (
	mostFiles       = 16
	mostMethodFiles = 4
	mostHead        = 2
)

// public are the packages that an importer is promised. Every other one is below a
// folder called internal, or is a program.
var public = []string{
	"features", "mockserver", "recordings", "recordings/strictyaml", "runner", "runner/gotest", "runner/report",
	"steps", "steps/conformance", "steps/davinci", "steps/flow", "steps/generated", "steps/secret", "steps/words",
}

// isInternal reports whether a package is hidden from importers.
func isInternal(folder string) bool {
	return slices.Contains(strings.Split(folder, "/"), "internal")
}

// sprawl returns a sentence for each bound that the source files of a package exceed.
// The files are given by name, with their text.
func sprawl(folder string, files map[string]string) ([]string, error) {
	var found []string
	if len(files) > mostFiles {
		found = append(found, fmt.Sprintf("%s has %d source files, want at most %d: make it two packages",
			folder, len(files), mostFiles))
	}
	methods := map[string]map[string]bool{} // the files of each type's methods
	for name, text := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil {
				of := receiver(fn.Recv.List[0].Type)
				if methods[of] == nil {
					methods[of] = map[string]bool{}
				}
				methods[of][name] = true
			}
		}
	}
	for _, of := range slices.Sorted(maps.Keys(methods)) {
		if n := len(methods[of]); n > mostMethodFiles {
			found = append(found, fmt.Sprintf("%s: the methods of %s are in %d files, want at most %d",
				folder, of, n, mostMethodFiles))
		}
	}
	return found, nil
}

// head returns how many lines of constants and variables go doc prints of the files of a
// package before its functions and types. A constant of a type of the package is printed
// below its type.
func head(files map[string]string) (lines int, err error) {
	for name, text := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			return 0, err
		}
		for _, d := range f.Decls {
			group, ok := d.(*ast.GenDecl)
			if ok && (group.Tok == token.CONST || group.Tok == token.VAR) && slices.ContainsFunc(group.Specs, shownFirst) {
				lines++
			}
		}
	}
	return lines, nil
}

// shownFirst reports whether a constant or variable is exported and of a basic type.
func shownFirst(s ast.Spec) bool {
	v, _ := s.(*ast.ValueSpec)
	return v.Type == nil && len(v.Values) > 0 && slices.ContainsFunc(v.Names, (*ast.Ident).IsExported)
}

// receiver returns the name of the type that a method belongs to.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	default:
		return fmt.Sprintf("%T", e)
	}
}

func TestLayoutPackagesStaySmall(t *testing.T) {
	t.Parallel()
	for _, u := range units(t) {
		found, err := sprawl(u.path, sources(t, u.path))
		require.NoError(t, err)
		assert.Empty(t, found)
	}
}

// sources returns the text of each source file of a package, by its name.
func sources(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	names, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(folder), "*.go"))
	require.NoError(t, err)
	for _, name := range names {
		if !strings.HasSuffix(name, "_test.go") {
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			files[filepath.Base(name)] = string(text)
		}
	}
	return files
}

func TestLayoutGoDocBeginsWithWhatAnImporterNeeds(t *testing.T) {
	t.Parallel()
	for _, folder := range public {
		lines, err := head(sources(t, folder))
		require.NoError(t, err)
		assert.LessOrEqual(t, lines, mostHead, "go doc of %s prints so many lines of constants and variables "+
			"before its functions and types: group them, or give them a type of the package", folder)
	}
}

func TestLayoutPublicPackages(t *testing.T) {
	t.Parallel()
	var found []string
	for _, u := range units(t) {
		if !isInternal(u.path) && !strings.Contains(u.path, "cmd/") {
			found = append(found, u.path)
		}
	}
	assert.ElementsMatch(t, public, found, "what no importer is promised belongs below an internal folder")
}

func TestLayoutSprawl(t *testing.T) {
	t.Parallel()
	spread := map[string]string{}
	for i := range mostMethodFiles + 1 {
		spread[fmt.Sprintf("%d.go", i)] = fmt.Sprintf("package p\nfunc (x *T) m%d() {}\nfunc (y U[int]) n() {}", i)
	}
	got, err := sprawl("p", spread)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"p: the methods of T are in 5 files, want at most 4", "p: the methods of U are in 5 files, want at most 4",
	}, got)

	many := map[string]string{}
	for i := range mostFiles + 1 {
		many[fmt.Sprintf("%d.go", i)] = "package p"
	}
	got, err = sprawl("p", many)
	require.NoError(t, err)
	assert.Equal(t, []string{"p has 17 source files, want at most 16: make it two packages"}, got)

	delete(many, "0.go")
	got, err = sprawl("p", many)
	require.NoError(t, err)
	assert.Empty(t, got)
}
