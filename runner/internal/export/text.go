package export

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

// A style is the markup of the text of describe.
type style struct {
	title, screen, item, sub string // prefixes of lines
	name, code               func(string) string
}

var (
	asText = style{item: "  ", sub: "    → ", name: func(s string) string { return davinci.Quote(cut(s)) }, code: cut}
	asMark = style{
		title: "## ", screen: "### ", item: "- ", sub: "  - ",
		name: func(s string) string { return `"` + escaped(cut(s)) + `"` },
		code: func(s string) string { return "`" + strings.ReplaceAll(cut(s), "`", "'") + "`" },
	}
)

// cut shortens a name for a person: a label may be a whole page.
func cut(name string) string { return words.Cut(name, 200) }

// escaped returns text in which Markdown and HTML find no markup.
func escaped(s string) string {
	return strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "<", "&lt;",
		"&", "&amp;", "|", "\\|", "#", "\\#", "@", "&#64;").Replace(s)
}

// Text writes a file for a person: its screens, and where each button leads under which
// conditions.
func (f *File) Text(w io.Writer) error { return f.write(w, asText) }

// Markdown writes the same as Text, in Markdown.
func (f *File) Markdown(w io.Writer) error { return f.write(w, asMark) }

// A pen writes a file in a style.
type pen struct {
	style
	strings.Builder
	file *File
	flow *Flow
}

func (p *pen) line(parts ...string) {
	for _, part := range parts {
		_, _ = p.WriteString(part)
	}
	_ = p.WriteByte('\n')
}

func (f *File) write(w io.Writer, s style) error {
	p := &pen{style: s, file: f}
	for _, flow := range f.Flows {
		p.flow = flow
		p.head()
		for _, screen := range flow.Screens {
			p.screenOf(screen)
		}
		p.calls()
		p.rest()
	}
	for _, note := range f.Notes {
		p.line("note: ", p.plainly(note))
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// plainly escapes a text if the style has a markup.
func (p *pen) plainly(s string) string {
	if p.title != "" {
		return escaped(s)
	}
	return s
}

// head writes the kind of the flow and how it begins.
func (p *pen) head() {
	f := p.flow
	kind := "a subflow, or a flow that is started by other means"
	switch {
	case p.file.Shape == Snippet:
		kind = "copied nodes"
	case f.IsPingOne():
		kind = "a PingOne flow"
	case f.Trigger != "":
		kind = "a flow with the trigger " + f.Trigger
	}
	p.line(p.title, "Flow ", p.name(f.Name), ", ", kind)
	p.paragraph()
	part := partOf(f)
	t := part.totals(p.file)
	p.line(words.Count(t["connections"], "node"), ", ", words.Count(t["screens"], "screen"), ", ",
		words.Count(t["fields"], "field"), ", ", words.Count(t["buttons"], "button"), ", ",
		words.Count(t["errors"], "error"), ", ", words.Count(t["terminals"], "end"))
	p.paragraph()
	p.line("begins with")
	p.outcomes(p.item, f.Begin)
	if len(f.Begin) == 0 {
		p.line(p.item, "nothing: every node has a way into it")
	}
}

// paragraph ends a paragraph where the style has them.
func (p *pen) paragraph() {
	if p.title != "" {
		p.line()
	}
}

// screenOf writes a screen.
func (p *pen) screenOf(s *Screen) {
	p.line()
	name := p.name(s.Name)
	if s.Name == "" {
		name = "without a name"
	}
	p.line(p.screen, "Screen ", name, " (", p.code(s.Node.ID), ", ", s.Node.Capability, ")")
	p.paragraph()
	if s.Description != "" {
		p.line(p.plainly(fold(s.Description)))
		p.paragraph()
	}
	if s.FormMissing {
		p.line(p.item, "its form is not in the file")
	}
	if !s.Node.reached {
		p.line(p.item, "nothing leads here")
	}
	for _, f := range s.Fields {
		text := p.item + "field " + f.Type
		if f.Key != "" {
			text += " " + p.code(f.Key)
		}
		if label := cmp.Or(f.Shown, f.Label); label != "" {
			text += " " + p.name(label)
		}
		p.line(text)
	}
	for _, b := range s.Buttons {
		p.button(b)
	}
	if len(s.Buttons) == 0 {
		p.line(p.item, "without a button, goes on to")
		p.outcomes(p.sub, s.Leaves)
	}
	if len(s.Fails) > 0 {
		p.line(p.item, "when the screen fails")
		p.outcomes(p.sub, s.Fails)
	}
}

// button writes a button and where it leads.
func (p *pen) button(b *Button) {
	key := p.code(b.Key)
	if b.Key == "" {
		key = "without a value"
	}
	kind := "action"
	if b.Kind == "SUBMIT_BUTTON" {
		kind = "submit"
	}
	text := p.item + "button " + key
	if label := cmp.Or(b.Shown, b.Label); label != "" {
		text += " " + p.name(label)
	}
	text += ", " + kind
	if b.Conditional {
		text += ", shown under a condition"
	}
	switch b.Decided {
	case Shared:
		text += ", leads where every button of the screen does"
	case Otherwise:
		text += ", no comparison names it"
	case Dynamic:
		text += ", its value is not fixed: it may lead to"
	case Unresolved:
		text += ", code decides: it may lead to"
	}
	p.line(text)
	p.outcomes(p.sub, b.Outcomes)
	p.outcomes(p.sub, b.Possible)
	if len(b.Outcomes)+len(b.Possible) == 0 {
		p.line(p.sub, "nothing")
	}
}

// outcomes writes where the flow may go on, the likely way first.
func (p *pen) outcomes(before string, list []*Outcome) {
	for _, o := range slices.SortedStableFunc(slices.Values(list), fewerFailures) {
		text := before + p.outcome(o)
		if conditions := o.Conditions(p.flow); len(conditions) > 0 {
			text += p.plainly(", if " + words.And(conditions))
		}
		p.line(text)
	}
}

// fewerFailures orders outcomes by the number of failures on their paths.
func fewerFailures(a, b *Outcome) int { return cmp.Compare(a.failures(), b.failures()) }

func (o *Outcome) failures() (n int) {
	for _, w := range o.Path {
		if w.Fails() {
			n++
		}
	}
	return n
}

// outcome returns the text of an outcome.
func (p *pen) outcome(o *Outcome) string {
	n := o.Node
	switch o.Kind {
	case ToScreen:
		return "screen " + p.name(cmp.Or(n.Screen.Name, n.ID))
	case ToError:
		return "error " + p.name(cmp.Or(fold(n.Text("errorMessage")), n.Label()))
	case ToTerminal:
		return "end " + n.Capability + " " + p.name(n.Label())
	case ToCall:
		return "subflow " + p.name(cmp.Or(n.Call().Label, n.Call().FlowID))
	case ToPause:
		return "wait " + n.Capability + " " + p.name(n.Label())
	}
	return "nothing after " + p.name(n.Label()) + " (" + p.code(n.ID) + ")"
}

// calls writes the subflows that the flow starts, and what follows each.
func (p *pen) calls() {
	for _, c := range p.flow.Calls {
		if !c.UI {
			continue
		}
		p.line()
		where := "which is not in the file"
		if p.file.Callee(c.FlowID, c.Label) != nil {
			where = "which is in the file"
		}
		p.line(p.screen, "Subflow ", p.name(cmp.Or(c.Label, c.FlowID)), " (", p.code(c.Node.ID), "), ", where)
		p.paragraph()
		p.line(p.item, "goes on to")
		p.outcomes(p.sub, c.Then)
		if len(c.Then) == 0 {
			p.line(p.sub, "nothing")
		}
	}
}

// rest writes what no client sees: the capabilities used, and unreachable nodes.
func (p *pen) rest() {
	var lost []string
	for _, n := range p.flow.Nodes {
		if n.Kind == Connection && !n.reached {
			lost = append(lost, fmt.Sprintf("%s (%s)", p.name(n.Label()), p.code(n.ID)))
		}
	}
	p.line()
	if len(lost) > 0 {
		p.line("nothing leads to ", words.List(lost, 12))
		p.line()
	}
}
