package export_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/runner/internal/export"
)

// A flow that goes round in circles is read like any other, and what is not followed is named.
func TestHugeFlows(t *testing.T) {
	t.Parallel()
	ring := (&sketch{}).screen("form", button("GO")).way("form", "n0")
	const size = 10_000
	for i := range size {
		ring.node(fmt.Sprintf("n%d", i), "setVariable").way(fmt.Sprintf("n%d", i), fmt.Sprintf("n%d", (i+1)%size))
	}
	f := parse(t, ring.json())
	assert.Empty(t, f.Notes)
	assert.Empty(t, f.Flows[0].Screens[0].Buttons[0].Outcomes, "it never stops again")
	write(t, f)

	teleports := (&sketch{}).screen("form", button("GO")).way("form", "go0")
	const jumps = 400
	for i := range jumps {
		to, start, back := fmt.Sprintf("go%d", i), fmt.Sprintf("start%d", i), fmt.Sprintf("back%d", i)
		teleports.node(to, "goToNode", "nodeInstanceId", fmt.Sprintf("start%d", (i+1)%jumps)).node(start, "startNode").
			node(back, "returnBackToCallingNode").way(start, to).way(to, back)
	}
	f = parse(t, teleports.json())
	assert.Equal(t, []string{
		`flow "sketch": there are more than 50000 ways by which a node returns to a goToNode; the others are ignored`,
	}, f.Notes)
	write(t, f)

	calls := (&sketch{}).node("call", "startUiSubFlow", "subFlowId", object{"value": "f", "label": "F"}).json()
	calls["flowId"], calls["name"] = "f", "F"
	f = parse(t, calls)
	assert.Same(t, f.Flows[0], f.Callee("f", "F"))
	assert.Same(t, f.Flows[0], export.Main(f), "a flow that calls itself is still the main one")
	write(t, f)
}

// Where code decides, each button may lead to each stop: those of the first buttons are listed, and of each
// other button one, so that none of them leads nowhere. A note says so.
func TestManyOutcomes(t *testing.T) {
	t.Parallel()
	const size = 200
	var html strings.Builder
	s := &sketch{}
	for i := range size {
		html.WriteString(button(fmt.Sprintf("B%d", i)))
		s.node(fmt.Sprintf("e%d", i), "customErrorMessage").way("code", fmt.Sprintf("e%d", i))
	}
	s.screen("menu", html.String()).way("menu", "code").
		node("code", "customFunction", "pressed", "{{local.menu.payload.output.buttonValue}}")
	f := parse(t, s.json())
	assert.Equal(t, []string{
		`flow "sketch": there are more than 20000 ways from a button to where the flow stops next; of each of the other ` +
			`buttons one is listed`,
	}, f.Notes)
	buttons := f.Flows[0].Screens[0].Buttons
	assert.Len(t, buttons[0].Possible, size)
	assert.Len(t, buttons[size-1].Possible, 1)
}
