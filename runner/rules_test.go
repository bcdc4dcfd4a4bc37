package runner_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// maxLines is the length at which a Go file asks to be two.
const maxLines = 400

// machinePath finds a path of one machine. What is before it may not be the end of a
// host or of a variable: the path of a URL is no such path.
var machinePath = regexp.MustCompile(`(?m)(?:^|[^\w.}-])(/(?:` + strings.Join(machineFolders, "|") + `)/\S*)`)

var machineFolders = []string{"work", "home", "root"}

// files lists the repository's files by their paths from root: what is in the
// tree, less what git ignores. Without git nothing is ignored.
func files(t *testing.T) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules"):
			return fs.SkipDir
		case d.Name() == ".git" || d.IsDir(): // in a worktree .git is a file
			return nil
		}
		name, err = filepath.Rel(root, name)
		found = append(found, filepath.ToSlash(name))
		return err
	})
	require.NoError(t, err)

	// The error says that nothing is ignored, or that there is no git.
	git := exec.CommandContext(t.Context(), "git", "-C", root, "check-ignore", "-z", "--stdin")
	git.Stdin = strings.NewReader(strings.Join(found, "\x00"))
	out, _ := git.Output()
	ignored := strings.Split(string(out), "\x00")
	return slices.DeleteFunc(found, func(name string) bool { return slices.Contains(ignored, name) })
}

// A rule looks at one file and says what is wrong with it, a sentence each.
type rule func(name string, text []byte) []string

// short refuses Go files that are too long.
func short(name string, text []byte) []string {
	lines := bytes.Count(text, []byte("\n"))
	if lines <= maxLines || path.Ext(name) != ".go" {
		return nil
	}
	return []string{fmt.Sprintf("%s has %d lines, at most %d: make it two files", name, lines, maxLines)}
}

// movable refuses text that names a path of one machine.
func movable(name string, text []byte) []string {
	has := func(folder string) bool { return bytes.Contains(text, []byte("/"+folder+"/")) }
	if bytes.IndexByte(text, 0) >= 0 || !slices.ContainsFunc(machineFolders, has) {
		return nil
	}
	var found []string
	for i, line := range strings.Split(string(text), "\n") {
		if m := machinePath.FindStringSubmatch(line); m != nil {
			found = append(found, fmt.Sprintf("%s:%d names a path of a machine: %s", name, i+1, m[1]))
		}
	}
	return found
}

// chosenTransport refuses Go code, tests apart, that would send through a
// transport that was not chosen: net/http's own client, transport and shorthands,
// and an http.Client literal without a Transport, which falls back to them.
func chosenTransport(name string, text []byte) []string {
	if path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || strings.Contains(name, "testdata/") ||
		!bytes.Contains(text, []byte("net/http")) { // most files do not import it, and are not parsed
		return nil
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, 0)
	if err != nil {
		return []string{err.Error()}
	}
	http := localName(file, "net/http")
	isHTTP := func(e ast.Expr, names ...string) bool {
		selector, ok := e.(*ast.SelectorExpr)
		if !ok || !slices.Contains(names, selector.Sel.Name) {
			return false
		}
		qualifier, ok := selector.X.(*ast.Ident)
		return ok && http != "" && qualifier.Name == http
	}
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if isHTTP(n, "DefaultClient", "DefaultTransport", "Get", "Head", "Post", "PostForm") {
				found = append(found, fmt.Sprintf("%s uses http.%s: take an http.RoundTripper", set.Position(n.Pos()), n.Sel.Name))
			}
		case *ast.CompositeLit:
			if isHTTP(n.Type, "Client") && !hasKey(n, "Transport") {
				found = append(found, fmt.Sprintf("%s makes an http.Client without a Transport: it would use the default one", set.Position(n.Pos())))
			}
		}
		return true
	})
	return found
}

// ownName finds an error that begins with a word and a colon.
var ownName = regexp.MustCompile(`(?:errors\.New|fmt\.Errorf)\("([a-z]+): `)

// spoken are names of packages that a person at a terminal knows: commands, git and the proxy.
var spoken = []string{"check", "git", "mutate", "proxy", "record"}

// nameless refuses an error of a package below runner/internal that begins with the name of the
// package: only a person at a terminal reads it, who does not know that package.
func nameless(name string, text []byte) []string {
	if !strings.HasPrefix(name, "runner/internal/") || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
		return nil
	}
	var found []string
	for _, m := range ownName.FindAllSubmatch(text, -1) {
		if pkg := string(m[1]); pkg == path.Base(path.Dir(name)) && !slices.Contains(spoken, pkg) {
			found = append(found, fmt.Sprintf("%s has an error that begins with %q: leave that out", name, pkg+": "))
		}
	}
	return found
}

// localName returns what file calls the package at importPath, "" where it does
// not import it.
func localName(file *ast.File, importPath string) string {
	for _, spec := range file.Imports {
		if spec.Path.Value != strconv.Quote(importPath) {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(importPath)
	}
	return ""
}

// hasKey reports whether a struct literal sets the field key.
func hasKey(literal *ast.CompositeLit, key string) bool {
	return slices.ContainsFunc(literal.Elts, func(e ast.Expr) bool {
		pair, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return false
		}
		field, ok := pair.Key.(*ast.Ident)
		return ok && field.Name == key
	})
}

func TestRulesHoldForEveryFile(t *testing.T) {
	t.Parallel()
	names := files(t)
	require.NotEmpty(t, names)
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		require.NoError(t, err)
		for _, check := range []rule{short, movable, chosenTransport, nameless, plain} {
			assert.Empty(t, check(name, text))
		}
	}
}

func TestRulesReject(t *testing.T) {
	t.Parallel()
	const slash = "/" // so that this file does not break the rule that it tests
	code := func(body string) string {
		return "package x\n\nimport \"net/http\"\n\nfunc f(rt http.RoundTripper) any {\n\treturn " + body + "\n}\n"
	}
	for name, test := range map[string]struct {
		check rule
		file  string
		text  string
		want  []string
	}{
		"a file of 400 lines is fine":             {short, "a.go", strings.Repeat("\n", 400), nil},
		"a file of 401 lines":                     {short, "a.go", strings.Repeat("\n", 401), []string{"a.go has 401 lines, at most 400: make it two files"}},
		"a long test":                             {short, "a_test.go", strings.Repeat("\n", 401), []string{"a_test.go has 401 lines, at most 400: make it two files"}},
		"a long recording is fine":                {short, "a.json", strings.Repeat("\n", 401), nil},
		"a path at the start of a line":           {movable, "a.md", "see\n" + slash + "home/me/x", []string{"a.md:2 names a path of a machine: " + slash + "home/me/x"}},
		"a path in quotes":                        {movable, "a.go", `x = "` + slash + `work/main"`, []string{"a.go:1 names a path of a machine: " + slash + `work/main"`}},
		"a path after a colon":                    {movable, "a.yml", "file:" + slash + "root/x", []string{"a.yml:1 names a path of a machine: " + slash + "root/x"}},
		"the path of a URL is fine":               {movable, "a.md", "https://example.com" + slash + "home/x", nil},
		"a path after a variable is fine":         {movable, "a.json", "{{apiPath}}" + slash + "home/x", nil},
		"a path from the repository is fine":      {movable, "a.md", "steps" + slash + "work/x", nil},
		"a picture is not text":                   {movable, "a.png", "\x00 " + slash + "home/x", nil},
		"the default client":                      {chosenTransport, "a.go", code("http.DefaultClient"), []string{"a.go:6:9 uses http.DefaultClient: take an http.RoundTripper"}},
		"the default transport":                   {chosenTransport, "a.go", code("http.DefaultTransport"), []string{"a.go:6:9 uses http.DefaultTransport: take an http.RoundTripper"}},
		"a shorthand of the default client":       {chosenTransport, "a.go", code("http.Get"), []string{"a.go:6:9 uses http.Get: take an http.RoundTripper"}},
		"the default client under another name":   {chosenTransport, "a.go", "package x\n\nimport web \"net/http\"\n\nvar c = web.DefaultClient\n", []string{"a.go:5:9 uses http.DefaultClient: take an http.RoundTripper"}},
		"a client without a transport":            {chosenTransport, "a.go", code("&http.Client{Timeout: 1}"), []string{"a.go:6:10 makes an http.Client without a Transport: it would use the default one"}},
		"a client with a transport is fine":       {chosenTransport, "a.go", code("&http.Client{Transport: rt}"), nil},
		"the default client in a test":            {chosenTransport, "a_test.go", code("http.DefaultClient"), nil},
		"another package's DefaultClient":         {chosenTransport, "a.go", "package x\n\nimport \"y/live\"\n\nvar c = live.DefaultClient\n", nil},
		"the word in a comment is fine":           {chosenTransport, "a.go", "package x\n\n// Not http.DefaultClient.\n", nil},
		"an error with the name of its package":   {nameless, "runner/internal/har/a.go", `errors.New("har: no entries")`, []string{`runner/internal/har/a.go has an error that begins with "har: ": leave that out`}},
		"an error with the name of a command":     {nameless, "runner/internal/record/a.go", `errors.New("record: stopped")`, nil},
		"an error of a public package":            {nameless, "mockserver/a.go", `errors.New("mockserver: no recordings")`, nil},
		"code that does not parse cannot be seen": {chosenTransport, "a.go", `package "net/http"`, []string{"a.go:1:9: expected 'IDENT', found \"net/http\""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, test.check(test.file, []byte(test.text)))
		})
	}
}
