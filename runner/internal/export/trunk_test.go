package export_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/export"
)

// compared is a flow of comparisons of the button of one screen, each of which leads to two nodes: others
// of them, or one of four errors. With a second way behind the screen nothing is common to all buttons.
func compared(random *rand.Rand, second bool) *sketch {
	const buttons, comparisons, errors = 5, 7, 4
	s, html := &sketch{}, strings.Builder{}
	for i := range buttons {
		html.WriteString(button(fmt.Sprint("B", i)))
	}
	s.screen("menu", html.String()).way("menu", "c0")
	for i := range errors {
		s.node(fmt.Sprint("e", i), "customErrorMessage")
	}
	to := func(i int) string {
		if n := random.IntN(comparisons + errors); n >= comparisons {
			return fmt.Sprint("e", n-comparisons)
		} else if n > i || random.IntN(3) == 0 {
			return fmt.Sprint("c", n)
		}
		return fmt.Sprint("c", min(i+1, comparisons-1))
	}
	for i := range comparisons {
		id := fmt.Sprint("c", i)
		value := fmt.Sprint("B", random.IntN(buttons))
		switch kind := random.IntN(4); kind {
		case 0:
			s.compare(id, "menu", value).way(id, to(i)+"@"+value, to(i)+"@-1")
		case 1:
			s.node(id, "setVariable").way(id, to(i))
		default:
			s.node(id, []string{"AEqualsB", "ANotEqualsB"}[kind-2], "rightValueB", slate(value),
				"leftValueA", slate("{{local.menu.payload.output.buttonValue}}")).way(id, to(i), to(i)+"!")
		}
	}
	if second {
		s.node("second", "customErrorMessage").way("menu", "second")
	}
	return s
}

// compares reports whether a node compares the button of the screen.
func compares(n *export.Node) bool { return strings.Contains(n.Text("leftValueA"), ".buttonValue}}") }

// leads lists where each button leads, with how much fails on the way besides comparisons of the button,
// except behind the second way.
func leads(f *export.Flow) (out []string) {
	for _, b := range f.Screens[0].Buttons {
		for _, o := range b.Outcomes {
			fails := 0
			for _, w := range o.Path {
				if w.Fails() && !compares(w.From) {
					fails++
				}
			}
			if o.Node.ID != "second" {
				out = append(out, fmt.Sprint(b.Key, " ", o.String(), " ", fails))
			}
			if len(o.Path) == 0 || o.Path[0].From.ID != "menu" || o.Path[len(o.Path)-1].To != o.Node {
				out = append(out, "a path is not from the screen to the outcome")
			}
			for i := 1; i < len(o.Path); i++ {
				if last := o.Path[i-1].To; o.Path[i].From != last && !compares(last) {
					out = append(out, "a path has a gap")
				}
			}
		}
	}
	return out
}

// What the buttons have in common changes nothing about where each leads.
func TestTheTrunkChangesNothing(t *testing.T) {
	t.Parallel()
	several := 0
	for seed := range uint64(400) {
		plain := compared(rand.New(rand.NewPCG(seed, 1)), false).read(t)
		split := compared(rand.New(rand.NewPCG(seed, 1)), true).read(t)
		found := leads(plain)
		require.Equal(t, leads(split), found, "seed %d", seed)
		if len(slices.Compact(found)) > len(plain.Screens[0].Buttons)/2 {
			several++
		}
	}
	assert.Greater(t, several, 100)
}

// A chain of comparisons is gone once, and not for each button: the work is counted in allocations.
func TestAChainOfComparisons(t *testing.T) { //nolint:paralleltest // it counts what the process allocates
	work := func(n int) float64 {
		s, html := &sketch{}, strings.Builder{}
		for i := range n {
			html.WriteString(button(fmt.Sprint("B", i)))
			id, value, to := fmt.Sprint("c", i), fmt.Sprint("B", i), fmt.Sprint("e", i)
			pressed := slate("{{local.menu.payload.output.buttonValue}}")
			s.node(id, "AEqualsB", "rightValueB", slate(value), "leftValueA", pressed).
				node(to, "customErrorMessage").way(id, to, fmt.Sprint("c", i+1)+"!")
		}
		s.node(fmt.Sprint("c", n), "customErrorMessage").screen("menu", html.String()).way("menu", "c0")
		text, err := json.Marshal(s.json())
		require.NoError(t, err)
		var file *export.File
		allocations := testing.AllocsPerRun(1, func() { file, err = export.Parse(text) })
		require.NoError(t, err)
		last := file.Flows[0].Screens[0].Buttons[n-1].Outcomes
		require.Len(t, last, 1)
		assert.Len(t, last[0].Path, 2, "from the screen, and to the error")
		return allocations
	}
	assert.Less(t, work(800)/work(50), 32.0, "sixteen times as many")
}
