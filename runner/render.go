package runner

import (
	"fmt"
	"strings"

	messages "github.com/cucumber/messages/go/v21"
)

// itemTag marks a scenario that godog runs with its number in the batch. It
// is the first tag, so that no tag of a feature can be taken for it.
const itemTag = "@flowtest.item."

// render writes scenarios as a feature of their own: godog can be handed text
// alone, and it selects by rules that are not ours. Backgrounds and outlines
// are resolved already.
func render(b *strings.Builder, feature string, items []*item) {
	fmt.Fprintf(b, "Feature: %s\n", oneLine(feature))
	for _, it := range items {
		fmt.Fprintf(b, "\n%s%d", itemTag, it.number)
		for _, t := range it.scenario.tags {
			b.WriteString(" " + t)
		}
		fmt.Fprintf(b, "\nScenario: %s\n", oneLine(it.scenario.name))
		for i := range it.scenario.steps {
			renderStep(b, &it.scenario.steps[i])
		}
	}
}

func renderStep(b *strings.Builder, s *step) {
	keyword := "* "
	switch s.kind {
	case messages.PickleStepType_CONTEXT:
		keyword = "Given "
	case messages.PickleStepType_ACTION:
		keyword = "When "
	case messages.PickleStepType_OUTCOME:
		keyword = "Then "
	case messages.PickleStepType_UNKNOWN:
	}
	b.WriteString(keyword + s.text + "\n")
	if s.arg == nil {
		return
	}
	if t := s.arg.DataTable; t != nil {
		for _, row := range t.Rows {
			for _, cell := range row.Cells {
				b.WriteString("| " + cellEscaper.Replace(cell.Value) + " ")
			}
			b.WriteString("|\n")
		}
	}
	if d := s.arg.DocString; d != nil {
		fmt.Fprintf(b, "\"\"\"%s\n%s\n\"\"\"\n", d.MediaType, strings.ReplaceAll(d.Content, `"""`, `\"\"\"`))
	}
}

var cellEscaper = strings.NewReplacer(`\`, `\\`, `|`, `\|`, "\n", `\n`)

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
