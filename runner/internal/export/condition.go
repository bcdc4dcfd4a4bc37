package export

import (
	"slices"
	"strings"

	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

// Conditions describe in words the conditions of an outcome: each decision on its path that
// has another way, except the comparison of the pressed button.
func (o *Outcome) Conditions(f *Flow) []string {
	var out []string
	for i, w := range o.Path {
		if i == 0 && w.From.Screen != nil || comparesOrigin(f, o.Path[0].From, w.From) {
			continue
		}
		text := w.condition()
		if text != "" && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// comparesOrigin reports whether a node compares the button of the screen at which a path
// begins.
func comparesOrigin(f *Flow, origin, n *Node) bool {
	c := f.compared[n]
	return c != nil && c.screen == origin.ID
}

// condition says when a way is taken, "" if the node before it has only one.
func (w *Way) condition() string {
	n := w.From
	if _, elsewhere := jumps(w.From); elsewhere || always(w) {
		return ""
	}
	name := Quote(decision(n))
	if w.Branch != "" {
		if w.Branch == "-1" {
			return name + " is none of its values"
		}
		if value, ok := n.values[w.Branch]; ok {
			return name + " is " + Quote(fold(value))
		}
		return name + " takes its branch " + Quote(w.Branch)
	}
	fork := slices.ContainsFunc(n.Ways, func(other *Way) bool { return other.Fails() != w.Fails() && !always(other) })
	comparer := n.Compares()
	switch {
	case w.Fails() && comparer:
		return name + " is false"
	case w.Fails():
		return name + " fails"
	case fork && comparer:
		return name + " is true"
	case fork:
		return name + " succeeds"
	}
	return ""
}

// jumps reports whether a node jumps to another node of its flow, and to which.
func jumps(n *Node) (to string, is bool) {
	switch n.Capability {
	case "goToNode":
		return target(n), true
	case "returnBackToCallingNode":
		return "", true
	}
	return "", false
}

// decision returns the name of a node that decides: its title, or what it compares.
func decision(n *Node) string {
	if n.Title != "" || n.Capability != "AEqualsB" && n.Capability != "ANotEqualsB" {
		return n.Label()
	}
	sign := " = "
	if n.Capability == "ANotEqualsB" {
		sign = " ≠ "
	}
	return side(n.Text("leftValueA")) + sign + side(n.Text("rightValueB"))
}

// side returns one side of a comparison; a reference is shortened to its last name.
func side(text string) string {
	ref, ok := exactly(text)
	if !ok {
		return fold(text)
	}
	return ref.Path[strings.LastIndexByte(ref.Path, '.')+1:]
}

// Quote returns a text of the author in quotes, for a sentence. A long text is cut.
func Quote(text string) string { return davinci.Quote(words.Cut(text, 60)) }
