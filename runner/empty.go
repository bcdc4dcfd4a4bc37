package runner

import (
	"fmt"
	"slices"
	"strings"

	messages "github.com/cucumber/messages/go/v34"
)

// empty finds the parts of a file that look as if they ran and do not: it has
// no scenario at all, or an outline has no rows.
func (f *Found) empty(show string, feature *messages.Feature, k *keywords) {
	if feature == nil {
		f.warning(show + ":1: the file has no feature, so nothing of it runs")
		return
	}
	e := &empties{found: f, show: show, words: k}
	for _, c := range feature.Children {
		e.scenario(c.Scenario)
		if c.Rule != nil {
			for _, rc := range c.Rule.Children {
				e.scenario(rc.Scenario)
			}
		}
	}
	if e.scenarios == 0 {
		text := fmt.Sprintf("the feature %q has no scenarios, so nothing of it runs", feature.Name)
		e.warning(int(feature.Location.Line), text)
	}
}

type empties struct {
	found     *Found
	show      string
	words     *keywords
	scenarios int
}

func (e *empties) warning(line int, text string) {
	e.found.warning(fmt.Sprintf("%s:%d: %s", e.show, line, text))
}

func (e *empties) scenario(s *messages.Scenario) {
	if s == nil {
		return
	}
	e.scenarios++
	rows := 0
	for _, x := range s.Examples {
		rows += len(x.TableBody)
	}
	line := int(s.Location.Line)
	want := e.words.places([]string{"#ExamplesLine"}) + " with a row for each run"
	switch name := firstPlace(s); {
	case rows > 0:
	case len(s.Examples) > 0:
		e.warning(line, fmt.Sprintf("the outline %q has no row of examples, so it never runs: want %s", s.Name, want))
	case name != "":
		text := "the scenario %q has no examples, so it runs once and takes <%s> for the value: want %s"
		e.warning(line, fmt.Sprintf(text, s.Name, name, want))
	case slices.Contains(e.words.dialect.Keywords["scenarioOutline"], strings.TrimSpace(s.Keyword)):
		e.warning(line, fmt.Sprintf("the outline %q has no examples, so it runs once: want %s", s.Name, want))
	}
}

// firstPlace returns the first name in the steps of a scenario that looks like
// that of a column.
func firstPlace(s *messages.Scenario) string {
	for _, st := range s.Steps {
		for _, text := range textsOf(st) {
			if name := missing(text, nil); name != "" {
				return name
			}
		}
	}
	return ""
}
