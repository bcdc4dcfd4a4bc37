// Package vocabulary lists the sentences that features may use, for people, programs and
// editors. It runs none of them.
package vocabulary

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"unicode"

	"flowtest/runner/internal/suggest"
	"flowtest/steps"
)

// An Area is a part of the vocabulary.
type Area struct {
	Name      string     `json:"area"`
	Sentences []Sentence `json:"sentences"`
}

// A Sentence is an entry of the list.
type Sentence struct {
	Keyword    string `json:"keyword"`    // Given, When or Then
	Expression string `json:"expression"` // the regular expression that a step must match
	Example    string `json:"example"`    // a step that matches, with its table where it takes one
	Doc        string `json:"doc"`        // its meaning

	Params  []steps.Kind `json:"params,omitempty"`  // what each group of the expression captures
	Columns []column     `json:"columns,omitempty"` // of the table below it
}

// A column is one of the table below a sentence.
type column struct {
	Name     string     `json:"name"`
	Kind     steps.Kind `json:"kind"`
	Required bool       `json:"required"` // every table has it
}

// Areas groups definitions by their areas, keeping their order.
func Areas(defs []steps.Definition) []Area {
	var out []Area
	for i := range defs {
		d := &defs[i]
		if len(out) == 0 || out[len(out)-1].Name != d.Area {
			out = append(out, Area{Name: d.Area})
		}
		last := &out[len(out)-1]
		entry := Sentence{
			Keyword: d.Keyword, Expression: d.Pattern, Example: d.Example, Doc: d.Doc, Params: d.Params,
		}
		for _, c := range d.Columns {
			entry.Columns = append(entry.Columns, column{c.Name, c.Kind, c.Required})
		}
		last.Sentences = append(last.Sentences, entry)
	}
	return out
}

// Search returns, grouped as by [Areas], the definitions that contain every word, ignoring
// case, in their text, their meaning or the name of their area. If there are none, the error
// names the most similar ones.
func Search(defs []steps.Definition, words []string) ([]Area, error) {
	var found []steps.Definition
	for i := range defs {
		d := &defs[i]
		text := strings.ToLower(strings.Join([]string{d.Area, d.Example, d.Doc, d.Pattern}, "\n"))
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, strings.ToLower(w)) }) {
			found = append(found, *d)
		}
	}
	if len(found) > 0 {
		return Areas(found), nil
	}
	list := make([]*steps.Definition, len(defs))
	for i := range defs {
		list[i] = &defs[i]
	}
	asked := strings.Join(words, " ")
	var near []string
	for _, d := range suggest.New(list).Nearest("", asked) {
		first, _, _ := strings.Cut(d.Example, "\n")
		near = append(near, first)
	}
	hint := ""
	if len(near) > 0 {
		hint = "; the nearest: " + strings.Join(near, "; ")
	}
	return nil, fmt.Errorf("no sentence has the words %q%s", asked, hint)
}

// Text writes the list for a terminal.
func Text(w io.Writer, list []Area) error {
	var b strings.Builder
	for _, a := range list {
		fmt.Fprintf(&b, "\n%s\n", a.Name)
		for _, s := range a.Sentences {
			fmt.Fprintf(&b, "  %s\n      %s\n", strings.ReplaceAll(s.Example, "\n", "\n  "), s.Doc)
		}
	}
	_, err := fmt.Fprint(w, b.String())
	return err
}

// Markdown writes the list in Markdown.
func Markdown(w io.Writer, list []Area) error {
	var b strings.Builder
	b.WriteString("# The sentences of flowtest\n")
	for _, a := range list {
		fmt.Fprintf(&b, "\n## %s\n", a.Name)
		for _, s := range a.Sentences {
			fmt.Fprintf(&b, "\n```gherkin\n%s\n```\n%s\n", s.Example, s.Doc)
		}
	}
	_, err := fmt.Fprint(w, b.String())
	return err
}

// format is the version of the JSON list. It is increased by changes that break
// existing readers.
const format = 1

// JSON writes the list for programs.
func JSON(w io.Writer, list []Area) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Format int    `json:"format"`
		Areas  []Area `json:"areas"`
	}{format, list})
}

//go:embed page.html
var pageText string

// page is the template of the list as a page. It has no script and loads nothing.
var page = template.Must(template.New("steps").Funcs(template.FuncMap{
	"anchor": anchor, "sentence": sentenceParts, "table": tableOf,
}).Parse(pageText))

// HTML writes the list as a self-contained page. Version is the version of flowtest.
func HTML(w io.Writer, version string, list []Area) error {
	return page.Execute(w, struct {
		Version string
		Areas   []Area
	}{version, list})
}

// anchor turns the first line of a text into a name for a link. It keeps the colon of a
// sentence with a text block, so that "reports:" differs from `reports "…"`.
func anchor(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	words := strings.FieldsFunc(strings.ToLower(first), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return strings.Join(words, "-")
}

// A part of a sentence is fixed text or a value that the author of a feature chooses.
type part struct {
	Text  string
	Value bool
}

// sentenceParts splits the first line of an example into its keyword and the parts
// outside and between quotes.
func sentenceParts(example string) (out struct {
	Keyword string
	Parts   []part
},
) {
	first, _, _ := strings.Cut(example, "\n")
	keyword, rest, _ := strings.Cut(first, " ")
	out.Keyword = keyword
	for i, text := range strings.Split(rest, `"`) {
		if i%2 == 1 {
			text = `"` + text + `"`
		}
		if text != "" {
			out.Parts = append(out.Parts, part{text, i%2 == 1})
		}
	}
	return out
}

// tableOf returns the rows below an example's sentence without indentation, "" if there
// are none.
func tableOf(example string) string {
	_, table, _ := strings.Cut(example, "\n")
	return strings.ReplaceAll(strings.TrimPrefix(table, "  "), "\n  ", "\n")
}

// Glue writes definitions as Go source for editors, which find steps by reading calls
// with a literal expression. The source does not have to compile to a program.
func Glue(defs []steps.Definition) string {
	var b strings.Builder
	b.WriteString("//go:build ignore\n\n// Package glue tells editors the steps of flowtest; nothing runs it.\n" +
		"// Written by flowtest init and flowtest steps --format go.\npackage glue\n\n" +
		"func steps(flowtest vocabulary) {\n")
	for _, d := range defs {
		keyword := cmp.Or(d.Keyword, "Given") // a sentence of a file takes any keyword
		fmt.Fprintf(&b, "\tflowtest.%s(`%s`) // %s\n", keyword, d.Pattern, strings.Join(strings.Fields(d.Doc), " "))
	}
	b.WriteString("}\n")
	return b.String()
}
