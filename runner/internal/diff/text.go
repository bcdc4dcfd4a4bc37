package diff

import (
	"fmt"
	"io"
	"strings"
)

// Text writes differences for a terminal: a flow, below it its spots, below
// each its changes and the scenarios that touch it, and the count at the end.
func Text(w io.Writer, ds ...*Difference) error {
	var b strings.Builder
	for i, d := range ds {
		if i > 0 {
			b.WriteString("\n")
		}
		d.text(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (d *Difference) text(b *strings.Builder) {
	name := "flow " + quote(d.Flow)
	if len(d.Spots) == 0 {
		fmt.Fprintf(b, "%s: no difference\n", name)
	} else {
		fmt.Fprintf(b, "%s\n", name)
	}
	for i := range d.Spots {
		s := &d.Spots[i]
		fmt.Fprintf(b, "  %s\n", s.Title())
		for _, change := range s.Changes {
			fmt.Fprintf(b, "    %-8s  %s\n", change.Class, change.Text)
		}
		for _, p := range s.Touched {
			fmt.Fprintf(b, "    %s touches it\n", p)
		}
	}
	if len(d.NotRecorded) > 0 {
		b.WriteString("  not recorded again: in the later recording nobody sent what leads here\n")
	}
	for _, one := range d.NotRecorded {
		fmt.Fprintf(b, "    %s\n", one.Text)
	}
	for _, note := range d.Notes {
		fmt.Fprintf(b, "  not compared: %s\n", note)
	}
	if len(d.Spots) > 0 {
		fmt.Fprintf(b, "  %s\n", d.Count())
	}
}

// Title names the spot as a person would.
func (s *Spot) Title() string {
	node := ""
	if s.Node != "" {
		node = " (node " + plain(s.Node) + ")"
	}
	switch {
	case s.Screen != "":
		return "screen " + quote(s.Screen) + node
	case s.isScreen:
		return "screen without a name" + node
	case s.Start:
		return "the start of the flow"
	default:
		return "the flow itself"
	}
}

// String writes where a scenario stands and its name.
func (p Place) String() string {
	at := p.File
	if p.Line > 0 {
		at = fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	if p.Scenario == "" {
		return at
	}
	return at + " " + quote(p.Scenario)
}

// Count says how many changes of each class there are, "no difference" for none.
func (d *Difference) Count() string {
	n := d.counts()
	var out []string
	for _, c := range []Class{Breaking, Additive, Cosmetic} {
		if n[c] > 0 {
			out = append(out, fmt.Sprintf("%d %s", n[c], c))
		}
	}
	if len(out) == 0 {
		return "no difference"
	}
	return strings.Join(out, ", ")
}

func (d *Difference) counts() map[Class]int {
	n := map[Class]int{}
	for _, change := range d.Changes() {
		n[change.Class]++
	}
	return n
}
