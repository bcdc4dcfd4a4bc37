package execlog

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

// Write writes a log as text or json.
func Write(w io.Writer, log *davinci.Log, format string) error {
	var text string
	switch format {
	case "text":
		text = textOf(log)
	case "json":
		b, err := json.MarshalIndent(log, "", "  ")
		if err != nil {
			return err
		}
		text = string(b) + "\n"
	default:
		return fmt.Errorf("format %q is unknown, want text or json", format)
	}
	_, err := io.WriteString(w, text)
	return err
}

// maxShown limits the shown characters of a node's inputs and outputs.
const maxShown = 1000

func textOf(log *davinci.Log) string {
	var b strings.Builder
	for i := range log.Flows {
		f := &log.Flows[i]
		what := "flow"
		if f.Subflow {
			what = "subflow"
		}
		fmt.Fprintf(&b, "%s %q", what, f.Name)
		if f.Version > 0 {
			fmt.Fprintf(&b, ", version %d", f.Version)
		}
		fmt.Fprintf(&b, ", interaction %s\n", cmp.Or(f.Interaction, "unknown"))
	}
	if len(log.Flows) > 0 && log.Flows[0].Transaction != "" {
		fmt.Fprintf(&b, "transaction %s\n", log.Flows[0].Transaction)
	}
	b.WriteString("\n")
	nodes := log.Nodes()
	width := 0
	for i := range nodes {
		width = max(width, len([]rune(nodes[i].Title)))
	}
	for i := range nodes {
		n := &nodes[i]
		in := ""
		if len(log.Flows) > 0 && n.Flow != log.Flows[0].Name {
			in = fmt.Sprintf(" in %q", n.Flow)
		}
		began := ""
		if !n.Began.IsZero() {
			began = n.Began.UTC().Format("15:04:05.000") + " "
		}
		fmt.Fprintf(&b, "%s%s %-*s  %s%s%s\n", began, sign(n), width, n.Title, cmp.Or(n.Capability, "?"), took(n), in)
		if n.Failed && n.Properties() != "" {
			fmt.Fprintf(&b, "    %s\n", words.Cut(n.Properties(), maxShown))
		}
	}
	if len(nodes) == 0 {
		b.WriteString("no node\n")
	}
	if all := signals(log, nodes); len(all) > 0 {
		b.WriteString("\n" + strings.Join(all, "\n") + "\n")
	}
	return b.String()
}

// sign returns the sign at the start of a node's line.
func sign(n *davinci.LoggedNode) string {
	switch {
	case n.Failed:
		return "✗"
	case !n.Answered:
		return "…"
	case n.Success == "false":
		return "○" // a comparison that was false
	}
	return "✓"
}

func took(n *davinci.LoggedNode) string {
	if !n.Timed {
		return ""
	}
	return ", " + n.Took.String()
}

// signals returns a sentence for each thing in a log that a person should look at.
func signals(log *davinci.Log, nodes []davinci.LoggedNode) (all []string) {
	const often, slow, half = 3, time.Second, 2
	runs, total := map[string]int{}, time.Duration(0)
	for i := range nodes {
		total += nodes[i].Took
	}
	for i := range nodes {
		n := &nodes[i]
		why := cause(n)
		if n.Failed && i+1 < len(nodes) {
			all = append(all, fmt.Sprintf("%q failed%s, and the flow went on", n.Title, why))
		} else if n.Failed {
			all = append(all, fmt.Sprintf("%q failed%s, and no node ran after it", n.Title, why))
		}
		if n.Took >= slow && n.Took*half >= total {
			all = append(all, fmt.Sprintf("%q was slow: it took %s of the %s of all nodes", n.Title, n.Took, total))
		}
		if runs[n.Flow+"\n"+n.Title]++; runs[n.Flow+"\n"+n.Title] == often {
			all = append(all, fmt.Sprintf("%q ran %d times or more", n.Title, often))
		}
	}
	if n := len(nodes); n > 0 && !nodes[n-1].Answered {
		all = append(all, fmt.Sprintf("%q has not answered", nodes[n-1].Title))
	}
	return append(slices.Compact(all), log.Gaps...)
}

// cause says why a node failed, "" if unknown.
func cause(n *davinci.LoggedNode) string {
	if n.TimedOut() {
		return " because of a timeout"
	}
	return ""
}

// Story returns lines of text for the report of a failed scenario: which node failed, its
// inputs and outputs, and which nodes ran before it.
func Story(log *davinci.Log) string {
	const before = 3
	nodes := log.Nodes()
	if len(nodes) == 0 {
		return "the execution log has no node: " + strings.Join(log.Gaps, "; ")
	}
	at := davinci.LastFailed(nodes)
	var b strings.Builder
	if at < 0 {
		at = len(nodes) - 1
		fmt.Fprintf(&b, "no node failed in the execution log; the last was %s", named(log, &nodes[at]))
	} else {
		fmt.Fprintf(&b, "%s failed in the execution log%s", named(log, &nodes[at]), cause(&nodes[at]))
		if p := nodes[at].Properties(); p != "" {
			fmt.Fprintf(&b, "\ninputs and outputs: %s", words.Cut(p, maxShown))
		}
	}
	if first := max(0, at-before); first < at {
		var titles []string
		for i := first; i < at; i++ {
			titles = append(titles, sign(&nodes[i])+" "+named(log, &nodes[i]))
		}
		fmt.Fprintf(&b, "\nbefore it: %s", strings.Join(titles, " → "))
	}
	for _, gap := range log.Gaps {
		b.WriteString("\n" + gap)
	}
	return b.String()
}

// named returns the title of a node, with its flow if that is a subflow.
func named(log *davinci.Log, n *davinci.LoggedNode) string {
	text := fmt.Sprintf("%q", n.Title)
	if len(log.Flows) > 0 && n.Flow != log.Flows[0].Name {
		text += fmt.Sprintf(" in the flow %q", n.Flow)
	}
	if n.Took >= time.Second {
		text += " (" + n.Took.String() + ")"
	}
	return text
}
