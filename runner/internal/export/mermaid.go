package export

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"flowtest/steps/words"
)

// Mermaid writes a file as a flowchart: screens, errors and ends, with buttons on the
// arrows.
func (f *File) Mermaid(w io.Writer) error {
	var b strings.Builder
	b.WriteString("flowchart TD\n")
	for i, flow := range f.Flows {
		d := &diagram{Builder: &b, flow: flow, at: i, drawn: map[*Node]bool{}}
		fmt.Fprintf(&b, "  subgraph f%d[\"%s\"]\n", i, quoted(flow.Name))
		for _, o := range flow.Begin {
			fmt.Fprintf(&b, "    f%dstart((start)) --> %s\n", i, d.node(o))
		}
		for _, s := range flow.Screens {
			d.screen(s)
		}
		for _, c := range flow.Calls {
			if !c.UI {
				continue
			}
			for _, o := range c.Then {
				fmt.Fprintf(&b, "    %s --> %s\n", d.node(&Outcome{Kind: ToCall, Node: c.Node}), d.node(o))
			}
		}
		b.WriteString("  end\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// A diagram is the flowchart of a flow.
type diagram struct {
	*strings.Builder
	flow  *Flow
	at    int
	drawn map[*Node]bool
}

// screen draws the arrows from a screen. An error, which leads back to the screen, is drawn as
// an end.
func (d *diagram) screen(s *Screen) {
	from := d.node(&Outcome{Kind: ToScreen, Node: s.Node})
	for _, o := range append(s.Leaves, s.Fails...) {
		fmt.Fprintf(d.Builder, "    %s --> %s\n", from, d.node(o))
	}
	for _, b := range s.Buttons {
		label := quoted(cmp.Or(b.Shown, b.Label, b.Key, "button"))
		for _, o := range b.Outcomes {
			fmt.Fprintf(d.Builder, "    %s -->|\"%s\"| %s\n", from, label, d.node(o))
		}
		for _, o := range b.Possible {
			fmt.Fprintf(d.Builder, "    %s -.->|\"%s\"| %s\n", from, label, d.node(o))
		}
	}
}

// node returns the name of a node, with its shape if it is drawn for the first time.
func (d *diagram) node(o *Outcome) string {
	id := fmt.Sprintf("f%dn%d", d.at, o.Node.index)
	if d.drawn[o.Node] {
		return id
	}
	d.drawn[o.Node] = true
	label := o.Node.Label()
	open, shut := "[", "]"
	switch o.Kind {
	case ToScreen:
		label = cmp.Or(o.Node.Screen.Name, o.Node.ID)
	case ToError:
		label = cmp.Or(fold(o.Node.Text("errorMessage")), label)
		open, shut = "{{", "}}"
	case ToTerminal:
		open, shut = "([", "])"
	case ToCall:
		label = cmp.Or(o.Node.Call().Label, label)
		open, shut = "[[", "]]"
	}
	return id + open + `"` + quoted(label) + `"` + shut
}

// quoted escapes a text for Mermaid's quotation marks.
func quoted(s string) string {
	s = words.Cut(fold(s), 80)
	return strings.NewReplacer(`"`, "#quot;", "<", "#lt;", ">", "#gt;", "`", "'", "#", "#35;", "\\", "/").Replace(s)
}
