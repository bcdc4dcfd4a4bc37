package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"flowtest/runner/internal/feature"

	messages "github.com/cucumber/messages/go/v34"
)

// descriptions finds stray steps: lines of descriptions that look like steps. Below a title,
// Gherkin reads every line that does not begin with a keyword as a description. So the parser
// accepts a misspelt keyword, and the line never runs.
type descriptions struct {
	found *Found
	match *feature.Matcher
	show  string
	lines []string // of the file
	words *feature.Keywords
}

func (d *descriptions) all(f *messages.Feature) {
	d.read(f.Location, f.Description)
	for _, c := range f.Children {
		if c.Rule != nil {
			d.read(c.Rule.Location, c.Rule.Description)
		}
		for _, part := range feature.Parts(c) {
			if b := part.Background; b != nil {
				d.read(b.Location, b.Description)
			}
			if s := part.Scenario; s != nil {
				d.read(s.Location, s.Description)
				for _, e := range s.Examples {
					d.read(e.Location, e.Description)
				}
			}
		}
	}
}

// read checks the description below a title. If steps follow a line that looks like a
// title, they were meant as the steps of that scenario.
func (d *descriptions) read(at *messages.Location, text string) {
	if text == "" {
		return
	}
	title, above := "", 0
	next := int(at.Line) // lines count from 1, so this is the line below the title
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		for next < len(d.lines) && strings.TrimSpace(d.lines[next]) != line {
			next++
		}
		next++
		begins := feature.Quoted(feature.Beginning(line))
		if meant := d.title(line); meant != "" {
			title, above = fmt.Sprintf("%s (did you mean %q?)", begins, meant), next
			continue
		}
		meant, isStep := d.step(line)
		switch {
		case !isStep:
		case title != "":
			d.fault(above, "the steps below "+title+" are in a description and never run")
			return
		case meant == "":
			d.fault(next, "the step "+begins+" is in a description and never runs, want "+
				d.words.Places([]string{"#BackgroundLine", "#ScenarioLine"})+" above it")
		default:
			d.fault(next, begins+" does not begin with a keyword, so it is in a description "+
				"and never runs: did you mean "+feature.Quoted(meant)+"?")
		}
	}
}

func (d *descriptions) fault(line int, text string) {
	d.found.strayed[d.show] = true
	d.found.fault(fmt.Sprintf("%s:%d: %s", d.show, line, text))
}

// title returns the title that a line was meant as, "" if it does not look like one.
func (d *descriptions) title(line string) string {
	meant := d.words.NearestTitle(line)
	if strings.Contains(line, ":") || meant != "" && strings.HasPrefix(line, strings.TrimSuffix(meant, ":")) {
		return meant
	}
	return ""
}

// step reports whether a line is a sentence of the vocabulary. If the line has no
// keyword, meant is the one that it should begin with.
func (d *descriptions) step(line string) (meant string, ok bool) {
	for _, s := range d.words.Steps {
		if text, ok := strings.CutPrefix(line, s); ok && d.says(text) != "" {
			return "", true
		}
	}
	if meant = d.says(line); meant != "" {
		return meant, true
	}
	_, text, _ := strings.Cut(line, " ")
	meant = d.words.NearestStep(line)
	return meant, meant != "" && d.says(strings.TrimSpace(text)) != ""
}

// says returns the keyword of the sentence that a text is, "" if it is not a sentence.
func (d *descriptions) says(text string) string {
	for _, def := range d.match.Defs {
		if !def.Own && def.Matches(text) {
			return d.words.Step(strings.ToLower(cmp.Or(def.Keyword, "given"))) // a sentence of a file has no keyword
		}
	}
	return ""
}

// empty finds the parts of a file that look as if they run but do not: a feature
// without scenarios, an outline without rows.
func (f *Found) empty(show string, doc *messages.Feature, k *feature.Keywords) {
	if doc == nil {
		f.warning(show + ":1: the file has no feature, so nothing of it runs")
		return
	}
	scenarios := 0
	for _, c := range doc.Children {
		for _, part := range feature.Parts(c) {
			s := part.Scenario
			if s == nil {
				continue
			}
			scenarios++
			if text := withoutRows(s, k); text != "" {
				f.warning(fmt.Sprintf("%s:%d: %s", show, s.Location.Line, text))
			}
		}
	}
	if scenarios == 0 {
		f.warning(fmt.Sprintf("%s:%d: the feature %q has no scenarios, so nothing of it runs",
			show, doc.Location.Line, doc.Name))
	}
}

// withoutRows says what is wrong with an outline that has no rows, "" if s is none.
func withoutRows(s *messages.Scenario, k *feature.Keywords) string {
	hasRows := func(e *messages.Examples) bool { return len(e.TableBody) > 0 }
	want := k.Places([]string{"#ExamplesLine"}) + " with a row for each run"
	switch name := firstPlace(s); {
	case slices.ContainsFunc(s.Examples, hasRows):
		return ""
	case len(s.Examples) > 0:
		return fmt.Sprintf("the outline %q has no row of examples, so it never runs: want %s", s.Name, want)
	case name != "":
		return fmt.Sprintf("the scenario %q has no examples, so it runs once with <%s> as the value: want %s",
			s.Name, name, want)
	case slices.Contains(k.Dialect.Keywords["scenarioOutline"], strings.TrimSpace(s.Keyword)):
		return fmt.Sprintf("the outline %q has no examples, so it runs once: want %s", s.Name, want)
	}
	return ""
}

// firstPlace returns the first <name> in the steps of a scenario that looks like the
// name of a column.
func firstPlace(s *messages.Scenario) string {
	for _, st := range s.Steps {
		for _, text := range feature.TextsOf(st) {
			if name := feature.Missing(text, nil); name != "" {
				return name
			}
		}
	}
	return ""
}
