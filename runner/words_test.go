package runner_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// oddWords make English read like a translation, or are invented metaphors. A plain word says the
// same: see CONTRIBUTING.md.
var oddWords = []string{
	"nobody", "somebody", "whoever", "befall", "befalls", "befell", "ordeal", "ordeals", "astray", "any more", "as it were",
	"came of", "comes of it", "at fault", "but for", "as good as", "of one's own", "tell apart", "tells apart", "told apart",
	"hand on", "hands on", "handed on", "goes without saying", "vouch for", "vouches for", "was asked for", "is looked at", "says of",
}

var oddWord = regexp.MustCompile(`(?i)\b(` + strings.Join(oddWords, "|") + `)\b`)

// plain refuses odd words in the documentation, and in the comments and texts of Go code. In test
// files only comments count: their texts may be what a service or a person says.
func plain(name string, text []byte) []string {
	lower := bytes.ToLower(text)
	has := func(word string) bool { return bytes.Contains(lower, []byte(word)) }
	if strings.Contains(name, "testdata/") || !slices.ContainsFunc(oddWords, has) { // most files are not parsed
		return nil
	}
	var found []string
	note := func(line int, text string) {
		for i, one := range strings.Split(text, "\n") {
			for _, word := range oddWord.FindAllString(one, -1) {
				found = append(found, fmt.Sprintf("%s:%d says %q: use plain words", name, line+i, word))
			}
		}
	}
	switch path.Ext(name) {
	case ".md":
		note(1, string(text))
	case ".go":
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, text, parser.ParseComments)
		if err != nil {
			return []string{err.Error()}
		}
		for _, group := range file.Comments {
			for _, c := range group.List {
				note(set.Position(c.Pos()).Line, c.Text)
			}
		}
		if strings.HasSuffix(name, "_test.go") {
			break
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
				note(set.Position(l.Pos()).Line, l.Value)
			}
			return true
		})
	}
	return found
}

func TestPlainWords(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file string
		text string
		want []string
	}{
		"an odd word in a comment":         {"a.go", "package x\n\n// Nobody knows.\n", []string{`a.go:3 says "Nobody": use plain words`}},
		"an odd word in an error":          {"a.go", "package x\n\nvar e = \"the flow is at fault\"\n", []string{`a.go:3 says "at fault": use plain words`}},
		"an odd word in the documentation": {"a.md", "# A\nall but for one\n", []string{`a.md:2 says "but for": use plain words`}},
		"an odd word in a comment of a test": {
			"a_test.go", "package x\n\n// It hands on.\n", []string{`a_test.go:3 says "hands on": use plain words`},
		},
		"a text of a test is fine":   {"a_test.go", "package x\n\nvar user = \"nobody\"\n", nil},
		"an identifier is fine":      {"a.go", "package x\n\nimport \"net/http\"\n\nvar b = http.NoBody\n", nil},
		"a part of a word is fine":   {"a.md", "The trumpet was told to stand alone.\n", nil},
		"a sample of a file is fine": {"a/testdata/a.md", "nobody\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, plain(test.file, []byte(test.text)))
		})
	}
}
