package diff

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Text writes differences for a terminal: a flow, below it its locations, below
// each its changes and the scenarios that touch it, and the count at the end.
func Text(w io.Writer, ds ...*Difference) error {
	return write(w, ds, (*Difference).text)
}

// write writes differences one after the other, with an empty line between them.
func write(w io.Writer, ds []*Difference, one func(*Difference, *strings.Builder)) error {
	var b strings.Builder
	for i, d := range ds {
		if i > 0 {
			b.WriteString("\n")
		}
		one(d, &b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (d *Difference) text(b *strings.Builder) {
	name := "flow " + quote(d.Flow)
	if len(d.Locations) == 0 {
		fmt.Fprintf(b, "%s: %s\n", name, d.Count())
	} else {
		fmt.Fprintf(b, "%s\n", name)
	}
	for i := range d.Locations {
		s := &d.Locations[i]
		fmt.Fprintf(b, "  %s\n", s.Title())
		for _, change := range s.Changes {
			fmt.Fprintf(b, "    %-8s  %s\n", change.Class, change.Text)
		}
		for _, p := range s.Touched {
			fmt.Fprintf(b, "    %s touches it\n", p)
		}
	}
	if len(d.NotRecorded) > 0 {
		b.WriteString("  not recorded again: the later recording has no request that leads here\n")
	}
	for _, one := range d.NotRecorded {
		fmt.Fprintf(b, "    %s\n", one.Text)
	}
	for _, note := range d.Notes {
		fmt.Fprintf(b, "  not compared: %s\n", note)
	}
	if len(d.Locations) > 0 {
		fmt.Fprintf(b, "  %s\n", d.Count())
	}
}

// Title names the location as a person would.
func (s *Location) Title() string {
	node := ""
	if s.Node != "" {
		node = " (node " + plain(s.Node) + ")"
	}
	switch {
	case s.At == "node":
		return "node " + quote(s.Screen) + node
	case s.Screen != "":
		return "screen " + quote(s.Screen) + node
	case s.At == "screen":
		return "screen without a name" + node
	case s.At == "start":
		return "the start of the flow"
	default:
		return "the flow itself"
	}
}

// String writes where a scenario is and its name.
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

// Count returns how many changes of each class there are, "no difference" for none. It also says
// if there are hops that were not recorded again, which may differ.
func (d *Difference) Count() string {
	n := d.counts()
	var out []string
	for _, c := range []Class{Breaking, Additive, Cosmetic} {
		if n[c] > 0 {
			out = append(out, fmt.Sprintf("%d %s", n[c], c))
		}
	}
	if len(out) == 0 && len(d.NotRecorded)+len(d.Notes) > 0 {
		return "no difference in what was recorded again"
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

// JSONVersion is the version of what [JSON] writes. It grows with a change that a program which
// reads the present version would not understand.
const JSONVersion = 1

// JSON writes differences for programs, as one object: version, worst and differences. Every list
// is there, empty if it holds nothing.
func JSON(w io.Writer, ds ...*Difference) error {
	out := jsonAll{Version: JSONVersion, Worst: Worst(ds).String(), Differences: []jsonDifference{}}
	for _, d := range ds {
		out.Differences = append(out.Differences, d.json())
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

type (
	jsonAll struct {
		Version     int              `json:"version"`
		Worst       string           `json:"worst"`
		Differences []jsonDifference `json:"differences"`
	}
	jsonDifference struct {
		Flow      string     `json:"flow"`
		Worst     string     `json:"worst"`
		Breaking  int        `json:"breaking"`
		Additive  int        `json:"additive"`
		Cosmetic  int        `json:"cosmetic"`
		Locations []Location `json:"spots"`
		Notes     []string   `json:"notes"`

		// What was not recorded again: it is in no location and counts as no change.
		NotRecorded []Change `json:"notRecorded"`
	}
)

func (d *Difference) json() jsonDifference {
	n := d.counts()
	return jsonDifference{
		Flow: d.Flow, Worst: d.Worst().String(), Breaking: n[Breaking], Additive: n[Additive], Cosmetic: n[Cosmetic],
		Locations: append([]Location{}, d.Locations...), Notes: append([]string{}, d.Notes...),
		NotRecorded: append([]Change{}, d.NotRecorded...),
	}
}

// Markdown writes differences for a pull request: a heading a flow, a table a
// location, the scenarios below it.
func Markdown(w io.Writer, ds ...*Difference) error {
	return write(w, ds, (*Difference).markdown)
}

func (d *Difference) markdown(b *strings.Builder) {
	fmt.Fprintf(b, "## Flow %s: %s\n", escape(d.Flow), d.Count())
	for i := range d.Locations {
		s := &d.Locations[i]
		title := s.Title()
		fmt.Fprintf(b, "\n### %s\n\n| class | change |\n| --- | --- |\n", escape(strings.ToUpper(title[:1])+title[1:]))
		for _, change := range s.Changes {
			class := change.Class.String()
			if change.Class == Breaking {
				class = "**" + class + "**"
			}
			fmt.Fprintf(b, "| %s | %s |\n", class, escape(change.Text))
		}
		if len(s.Touched) > 0 {
			b.WriteString("\nTouched by:\n\n")
		}
		for _, p := range s.Touched {
			fmt.Fprintf(b, "- %s\n", escape(p.String()))
		}
	}
	if len(d.NotRecorded) > 0 {
		b.WriteString("\nNot recorded again: the later recording has no request that leads here:\n\n")
	}
	for _, one := range d.NotRecorded {
		fmt.Fprintf(b, "- %s\n", escape(one.Text))
	}
	if len(d.Notes) > 0 {
		b.WriteString("\nNot compared:\n\n")
	}
	for _, note := range d.Notes {
		fmt.Fprintf(b, "- %s\n", escape(note))
	}
}

// escape keeps a text from being read as Markdown or HTML: it may hold what a
// flow's author wrote into a label.
func escape(s string) string { return markdownEscaper.Replace(s) }

var markdownEscaper = strings.NewReplacer(
	"\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "|", "\\|", "~", "\\~",
	"<", "&lt;", ">", "&gt;", "&", "&amp;", "@", "&#64;", "\r", " ", "\n", " ",
)
