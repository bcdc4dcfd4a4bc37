package runner

import (
	"fmt"
	"strings"

	messages "github.com/cucumber/messages/go/v34"
)

// feature finds the lines of descriptions that look as if they were to be run:
// where a description may stand, Gherkin takes every line for one that begins
// with no keyword, so that a slip in it is no mistake for the parser, and the
// line is never run.
func (d *descriptions) feature(feature *messages.Feature) {
	d.read(feature.Location, feature.Description)
	for _, c := range feature.Children {
		d.parts(c.Background, c.Scenario)
		if c.Rule != nil {
			d.read(c.Rule.Location, c.Rule.Description)
			for _, rc := range c.Rule.Children {
				d.parts(rc.Background, rc.Scenario)
			}
		}
	}
}

type descriptions struct {
	found *Found
	match *matcher
	show  string
	lines []string // of the file
	words *keywords
}

func (d *descriptions) parts(b *messages.Background, s *messages.Scenario) {
	if b != nil {
		d.read(b.Location, b.Description)
	}
	if s == nil {
		return
	}
	d.read(s.Location, s.Description)
	for _, e := range s.Examples {
		d.read(e.Location, e.Description)
	}
}

// read looks at the description that stands below a title. Where steps follow a
// line of it that is like a title, they were to be the steps of that one.
func (d *descriptions) read(at *messages.Location, text string) {
	if text == "" {
		return
	}
	title, above := "", 0
	next := int(at.Line) // counts from 1, so it is the line below the title
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		for next < len(d.lines) && strings.TrimSpace(d.lines[next]) != line {
			next++
		}
		next++
		if meant := d.title(line); meant != "" {
			title, above = fmt.Sprintf("%s (did you mean %s?)", quoted(beginning(line)), quoted(meant)), next
			continue
		}
		meant, isStep := d.step(line)
		switch {
		case !isStep:
		case title != "":
			d.fault(above, "the steps below "+title+" are in a description and never run")
			return
		case meant == "":
			d.fault(next, "the step "+quoted(beginning(line))+" is in a description and never runs, want "+
				d.words.places([]string{"#BackgroundLine", "#ScenarioLine"})+" above it")
		default:
			d.fault(next, quoted(beginning(line))+" begins with no keyword, so it is in a description "+
				"and never runs: did you mean "+quoted(meant)+"?")
		}
	}
}

func (d *descriptions) fault(line int, text string) {
	d.found.misread[d.show] = true
	d.found.fault(fmt.Sprintf("%s:%d: %s", d.show, line, text))
}

// title returns the title that a line was to be, "" where it is none.
func (d *descriptions) title(line string) string {
	meant := d.words.nearestTitle(line)
	if strings.Contains(line, ":") || meant != "" && strings.HasPrefix(line, strings.TrimSuffix(meant, ":")) {
		return meant
	}
	return ""
}

// step reports whether a line says a sentence of the vocabulary, and which
// keyword it was to begin with where it begins with none.
func (d *descriptions) step(line string) (meant string, ok bool) {
	for _, s := range d.words.steps {
		if text, ok := strings.CutPrefix(line, s); ok && d.says(text) != "" {
			return "", true
		}
	}
	if keyword := d.says(line); keyword != "" {
		return keyword, true
	}
	_, text, _ := strings.Cut(line, " ")
	if meant = d.words.nearestStep(line); meant != "" && d.says(strings.TrimSpace(text)) != "" {
		return meant, true
	}
	return "", false
}

// says returns the keyword of the sentence that a text is, "" where it is none.
func (d *descriptions) says(text string) string {
	for _, def := range d.match.defs {
		if !def.own && def.Expr.MatchString(text) {
			return d.words.step(strings.ToLower(def.Keyword))
		}
	}
	return ""
}
