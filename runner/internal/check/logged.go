package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"flowtest/runner/internal/feature"
	"flowtest/steps"
)

// logged warns of titles of nodes that the execution logs of the recording do not contain. A
// sentence that a node did not run would pass for a misspelt title.
func logged(r *reading, st *feature.Step, values []steps.Value) {
	if !slices.ContainsFunc(values, func(v steps.Value) bool { return v.Kind == steps.NodeTitle }) {
		return // few steps name a node, and a recording may have many logs
	}
	titles := r.titles(r.chosen)
	if len(titles) == 0 {
		return
	}
	for _, v := range values {
		if v.Kind != steps.NodeTitle || strings.Contains(v.Text, "${") || slices.Contains(titles, v.Text) {
			continue
		}
		text := fmt.Sprintf("no execution log of the recording of %q has a node %q", r.chosen, v.Text)
		if near := nearestOf(v.Text, titles); near != "" {
			text += ", did you mean " + strconv.Quote(near) + "?"
		} else {
			text += ", so nothing shows that the title is right: record a journey that runs it"
		}
		r.say(r.found.warning, st, !st.Writes(v.Written), text)
	}
}

// titles returns the titles of the nodes in the execution logs of a recording.
func (n *lookup) titles(name string) (titles []string) {
	for _, f := range n.suite.Recordings {
		if f.Name != name {
			continue
		}
		for i := range f.Logs {
			for j := range f.Logs[i].Events {
				if title := f.Logs[i].Events[j].Node; title != "" && !slices.Contains(titles, title) {
					titles = append(titles, title)
				}
			}
		}
	}
	return titles
}
