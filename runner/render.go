package runner

import (
	"fmt"
	"strings"

	"github.com/cucumber/godog"
)

// itemTag marks a scenario that godog runs with its number in the batch. It
// is the first tag, so that no tag of a feature can be taken for it.
const itemTag = "@flowtest.item."

// render writes scenarios as a feature of their own: godog can be handed text
// alone, and it selects by rules that are not ours. The steps stand as places
// alone; [step.put] fills them before godog looks at them, so that nothing has
// to be written in a way that survives being read again.
func render(b *strings.Builder, feature string, items []*item) {
	fmt.Fprintf(b, "Feature: %s\n", oneLine(feature))
	for _, it := range items {
		fmt.Fprintf(b, "\n%s%d", itemTag, it.number)
		for _, t := range it.scenario.tags {
			b.WriteString(" " + t)
		}
		fmt.Fprintf(b, "\nScenario: %s\n", oneLine(it.scenario.name))
		b.WriteString(strings.Repeat("* .\n", len(it.scenario.steps)))
	}
}

// put fills a place with the step: its text, its kind and its argument.
func (s *step) put(into *godog.Step) { into.Text, into.Type, into.Argument = s.text, s.kind, s.arg }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
