package show

import (
	_ "embed" // the parts of the page
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"

	"flowtest/runner/internal/mutate"
	"flowtest/runner/internal/output/page"
)

//go:embed page.html
var pageTemplate string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

var pageParts = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"class": func(v mutate.Verdict) string { return strings.ReplaceAll(string(v), " ", "-") },
		"bar": func(s mutate.Score) template.CSS {
			return template.CSS(fmt.Sprintf("width:%.1f%%", s.Percent)) //nolint:gosec // a number
		},
	}).Parse(pageTemplate))
})

// A pageView is what the page shows.
type pageView struct {
	*mutate.Report

	Sum            string
	Policy, Script string
	Style          template.CSS
	Tables         []tableView
	Verdicts       []verdictView // those with a mutant
	Flows, Groups  []string
	Sections       []*sectionView
}

type tableView struct {
	Title  string
	Scores []mutate.Score
}

type verdictView struct {
	Name    mutate.Verdict
	Count   int
	Checked bool
}

// A sectionView is one screen of a flow, or a hop without one, with its mutants.
type sectionView struct {
	Flow, Name string
	Open       int // mutants that nothing noticed
	Cards      []cardView
}

// A cardView is one mutant. A noticed mutant shows no screen.
type cardView struct {
	*mutate.Result

	Line   string
	Screen *screenView
}

// HTML writes the report as a page that loads nothing. It shows the mutants by screen and, for each
// mutant that nothing noticed, the screen with the change marked on it or below it. Only the
// filters need JavaScript.
func HTML(w io.Writer, r *mutate.Report) error {
	v := &pageView{
		Report: r, Sum: sum(r), Policy: page.Policy(pageScript), Script: pageScript,
		Style: template.CSS(page.Style() + pageStyle), //nolint:gosec // they are embedded
	}
	for i, list := range tables(r) {
		v.Tables = append(v.Tables, tableView{[]string{"Group", "Flow"}[i], list})
	}
	for i := range r.Groups {
		v.Groups = append(v.Groups, r.Groups[i].Name)
	}
	for i := range r.Flows {
		v.Flows = append(v.Flows, r.Flows[i].Name)
	}
	v.mutants()
	var b strings.Builder
	if err := pageParts().Execute(&b, v); err != nil {
		return err
	}
	_, err := io.WriteString(w, page.Shown(b.String())+"\n<script>"+pageScript+"</script>\n</body>\n</html>\n")
	return err
}

// mutants adds each mutant to the section of its screen, and counts them.
func (v *pageView) mutants() {
	counts := map[mutate.Verdict]int{}
	sections := map[string]*sectionView{}
	for i := range v.Mutants {
		m := &v.Mutants[i]
		c := cardView{Result: m, Line: line(m)}
		counts[c.Kind()]++
		name := screenOf(m.Mutant)
		at := sections[m.Flow+"\x00"+name]
		if at == nil {
			at = &sectionView{Flow: m.Flow, Name: name}
			sections[m.Flow+"\x00"+name] = at
			v.Sections = append(v.Sections, at)
		}
		if c.Kind() != noticed {
			c.Screen = draw(m.Mutant)
		}
		if m.Verdict == mutate.Survived || m.Verdict == mutate.NotCovered {
			at.Open++
		}
		at.Cards = append(at.Cards, c)
	}
	for _, kind := range []mutate.Verdict{
		mutate.Survived, mutate.NotCovered, mutate.Accepted, mutate.NotCounted, noticed,
	} {
		if n := counts[kind]; n > 0 {
			v.Verdicts = append(v.Verdicts, verdictView{kind, n, kind == mutate.Survived || kind == mutate.NotCovered})
		}
	}
}

// screenOf returns the name of the screen that a mutant changes, or that of its hop.
func screenOf(m *mutate.Mutant) string {
	from, _ := m.Way()
	switch {
	case from != nil && from.Name != "":
		return from.Name
	case m.Screen != "":
		return m.Screen
	default:
		return "hop " + m.Hop
	}
}

// noticed is one name for all verdicts of noticed mutants.
const noticed mutate.Verdict = "noticed"

// Kind returns the verdict as in the filter of the page.
func (c cardView) Kind() mutate.Verdict {
	if c.Verdict.Noticed() {
		return noticed
	}
	return c.Verdict
}
