package diff

import (
	"fmt"
	"io"
	"strings"
)

// Markdown writes differences for a pull request: a heading a flow, a table a
// spot, the scenarios below it.
func Markdown(w io.Writer, ds ...*Difference) error {
	var b strings.Builder
	for i, d := range ds {
		if i > 0 {
			b.WriteString("\n")
		}
		d.markdown(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (d *Difference) markdown(b *strings.Builder) {
	fmt.Fprintf(b, "## Flow %s: %s\n", escape(d.Flow), d.Count())
	for i := range d.Spots {
		s := &d.Spots[i]
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
		b.WriteString("\nNot recorded again, for in the later recording nobody sent what leads here:\n\n")
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
