package cli

import (
	_ "embed"
	"html/template"
	"io"
	"strings"
	"unicode"
)

//go:embed stepspage.html
var stepsPageText string

// stepsPage is the list of sentences as one page. It has no script and loads nothing.
var stepsPage = template.Must(template.New("steps").Funcs(template.FuncMap{
	"anchor": anchor, "sentence": sentenceParts, "table": tableOf,
}).Parse(stepsPageText))

func stepsHTML(w io.Writer, list []area) error {
	return stepsPage.Execute(w, struct {
		Version string
		Areas   []area
	}{version(), list})
}

// anchor turns text into a name that a link can have.
func anchor(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return strings.Join(words, "-")
}

// A part of a sentence is fixed, or a value that the writer of a feature chooses.
type part struct {
	Text  string
	Value bool
}

// sentenceParts takes the first line of an example apart: its keyword, and then
// what stands outside and between quotes.
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

// tableOf returns the rows below an example's sentence, not indented, "" where
// it takes none.
func tableOf(example string) string {
	_, table, _ := strings.Cut(example, "\n")
	return strings.ReplaceAll(strings.TrimPrefix(table, "  "), "\n  ", "\n")
}
