package feature

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"flowtest/steps/words"

	gherkin "github.com/cucumber/gherkin/go/v42"
)

// parserLine matches one mistake as the Gherkin parser prints it.
var parserLine = regexp.MustCompile(`\((\d+):(\d+)\): (.*)`)

// foundMark separates, in an error, the tokens that the parser expected from the line
// that it found.
const foundMark = ", got '"

// parseError returns the parser's mistakes in plain words, one line FILE:LINE:COLUMN
// for each.
func parseError(show string, text []byte, err error) error {
	lines := strings.Split(string(text), "\n")
	k := KeywordsOf(lines)
	var out []string
	for _, m := range parserLine.FindAllStringSubmatch(err.Error(), -1) {
		found := ""
		if n, err := strconv.Atoi(m[1]); err == nil && n >= 1 && n <= len(lines) {
			found = strings.TrimSpace(lines[n-1])
		}
		at := show + ":" + m[1]
		if m[2] != "0" { // the end of a file has no column
			at += ":" + m[2]
		}
		out = append(out, at+": "+k.mistake(m[3], found))
		if said, _, _ := strings.Cut(m[3], foundMark); strings.Contains(said, "#FeatureLine") {
			break // without its first line the parser understands no other
		}
	}
	if len(out) == 0 {
		return fmt.Errorf("%s: not a feature: %w", show, err)
	}
	return errors.New(strings.Join(out, "\n"))
}

// Keywords are the keywords of the language of a feature.
type Keywords struct {
	titles  []string // keywords before a colon, without it
	Steps   []string // step keywords; most end in a space
	Dialect *gherkin.Dialect
}

var languageLine = regexp.MustCompile(`^\s*#\s*language\s*:\s*([a-zA-Z\-_]+)\s*$`)

// KeywordsOf finds the language of a file as the parser does: from a comment that only
// comments precede.
func KeywordsOf(lines []string) *Keywords {
	language := gherkin.DefaultDialect
	for _, line := range lines {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, gherkin.CommentPrefix) {
			break
		}
		if m := languageLine.FindStringSubmatch(line); m != nil {
			language = m[1]
		}
	}
	d := gherkin.DialectsBuiltin().GetDialect(language)
	if d == nil {
		d = gherkin.DialectsBuiltin().GetDialect(gherkin.DefaultDialect)
	}
	k := &Keywords{Dialect: d}
	for _, kind := range []string{"feature", "background", "rule", "scenario", "scenarioOutline", "examples"} {
		k.titles = append(k.titles, d.Keywords[kind]...)
	}
	for _, kind := range stepKinds {
		k.Steps = append(k.Steps, d.Keywords[kind]...)
	}
	return k
}

var stepKinds = []string{"given", "when", "then", "and", "but"}

// mistake rewrites the parser's message about a line.
func (k *Keywords) mistake(said, found string) string {
	said, _, _ = strings.Cut(said, foundMark)
	at, list, isPlace := strings.Cut(said, "expected: ")
	language, isLanguage := strings.CutPrefix(said, "Language not supported: ")
	switch {
	case isPlace && strings.HasPrefix(at, "unexpected end of file"):
		return k.end(strings.Split(list, ", "))
	case isPlace:
		return k.misplaced(found, strings.Split(list, ", "))
	case isLanguage:
		return fmt.Sprintf("there is no language %q, want one such as en or de: "+
			"without a line # language the keywords are English", language)
	case strings.HasPrefix(said, "A tag may not contain whitespace"):
		return "a tag holds a space or a word has no @ before it, want tags such as @smoke @mfa"
	case strings.HasPrefix(said, "inconsistent cell count"):
		return "this row has another number of cells than the first row of its table, " +
			`want as many: write \| for a | that belongs to a value`
	default:
		return said
	}
}

// end says what is missing at the end of a file.
func (k *Keywords) end(want []string) string {
	if slices.Contains(want, "#DocStringSeparator") {
		return `the file ends inside a text block, want the """ or ` + "```" + ` that closes it`
	}
	if slices.Contains(want, "#FeatureLine") {
		return "the file ends here, want " + k.Places([]string{"#FeatureLine"})
	}
	tagged := k.Places([]string{"#ScenarioLine", "#RuleLine"})
	return "the file ends after a tag, want what the tag belongs to: " + tagged
}

// misplaced says why a line is not allowed: it does not begin with a keyword, or begins
// with one that belongs elsewhere.
func (k *Keywords) misplaced(found string, want []string) string {
	places := k.Places(want)
	if begins := k.begins(found); begins != "" {
		return fmt.Sprintf("%s is not allowed here, want %s", Quoted(begins), places)
	}
	near := cmp.Or(k.NearestTitle(found), k.NearestStep(found))
	if near != "" {
		near = fmt.Sprintf(" (did you mean %s?)", Quoted(near))
	}
	return fmt.Sprintf("%s begins with no keyword%s, want %s", Quoted(Beginning(found)), near, places)
}

// begins returns the keyword or mark that a line begins with, "" for none.
func (k *Keywords) begins(line string) string {
	for _, sign := range []string{gherkin.TagPrefix, string(gherkin.TableCellSeparator), `"""`, "```"} {
		if strings.HasPrefix(line, sign) {
			return sign
		}
	}
	for _, t := range k.titles {
		if strings.HasPrefix(line, t+gherkin.TitleKeywordSeparator) {
			return t + gherkin.TitleKeywordSeparator
		}
	}
	best := ""
	for _, s := range k.Steps {
		if strings.HasPrefix(line, s) && len(s) > len(best) {
			best = s
		}
	}
	return strings.TrimSpace(best)
}

// NearestTitle returns the keyword with a colon that is most similar to the beginning of a line.
// The colon may be missing in the line.
func (k *Keywords) NearestTitle(line string) string {
	word, _, colon := strings.Cut(line, gherkin.TitleKeywordSeparator)
	best, least := "", 0
	for _, t := range k.titles {
		begin := word
		if !colon { // compare as many words as the keyword has
			begin = strings.Join(firstWords(line, len(strings.Fields(t))), " ")
		}
		if d, near := words.Slips(begin, t); near && (best == "" || d < least || d == least && len(t) >= len(best)) {
			best, least = t+gherkin.TitleKeywordSeparator, d
		}
	}
	return best
}

// NearestStep returns the step keyword that is most similar to the first word of a
// line.
func (k *Keywords) NearestStep(line string) string {
	first := firstWords(line, 1)
	if len(first) == 0 || strings.HasSuffix(first[0], gherkin.TitleKeywordSeparator) {
		return ""
	}
	best, least := "", 0
	for _, s := range k.Steps {
		s = strings.TrimSpace(s)
		if d, near := words.Slips(first[0], s); near && s != "*" && (best == "" || d < least) {
			best, least = s, d
		}
	}
	return best
}

func firstWords(line string, n int) []string {
	all := strings.Fields(line)
	return all[:min(n, len(all))]
}

// The parser's names for the tokens that are allowed at a place: keywords with a colon,
// and others. Tokens without a keyword are not listed.
var (
	titleAt = map[string]string{
		"#FeatureLine": "feature", "#BackgroundLine": "background", "#RuleLine": "rule", "#ExamplesLine": "examples",
	}
	otherAt = map[string]string{
		"#TableRow": "a row of a table (|)", "#DocStringSeparator": `a text block (""")`, "#TagLine": "a tag (@)",
		"#Language": "# language:",
	}
)

// Places returns the list of tokens that are allowed at a place, in the language of the
// feature.
func (k *Keywords) Places(want []string) string {
	title := func(kind string) string { return k.Dialect.Keywords[kind][0] + gherkin.TitleKeywordSeparator }
	var list []string
	for _, w := range want {
		switch {
		case titleAt[w] != "":
			list = append(list, title(titleAt[w]))
		case otherAt[w] != "":
			list = append(list, otherAt[w])
		case w == "#ScenarioLine":
			plain := k.Dialect.Keywords["scenario"] // its first keyword is that for an example
			list = append(list, plain[len(plain)-1]+gherkin.TitleKeywordSeparator, title("scenarioOutline"))
		case w == "#StepLine":
			list = append(list, "a step ("+k.stepList()+")")
		}
	}
	return words.Or(list)
}

// stepList returns one keyword of each kind of step.
func (k *Keywords) stepList() string {
	var list []string
	for _, kind := range stepKinds {
		list = append(list, k.Step(kind))
	}
	return strings.Join(append(list, "*"), ", ")
}

// Step returns the first keyword, of a kind of step, that is a word.
func (k *Keywords) Step(kind string) string {
	for _, s := range k.Dialect.Keywords[kind] {
		if s = strings.TrimSpace(s); s != "*" {
			return s
		}
	}
	return "*"
}

// Quoted puts a text between quotes as it is.
func Quoted(s string) string { return `"` + s + `"` }

// Beginning returns the beginning of a line for an error.
func Beginning(line string) string {
	const most = 60
	return words.Cut(line, most)
}
