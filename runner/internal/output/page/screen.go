package page

import (
	"html/template"
	"strconv"

	"flowtest/runner/internal/safehtml"
	"flowtest/runner/report"
)

// A screenView is a screen as the page shows it.
type screenView struct {
	*report.Screen

	Inputs, Buttons []report.Field
	Frame           string // its HTML, where it has any
}

func (p *Writer) screen(s *report.Screen) template.HTML {
	p.key = appendKey(append(p.key[:0], "screen "...), s.Name, s.Node, s.Capability, s.HTML)
	for i := range s.Fields {
		f := &s.Fields[i]
		p.key = appendKey(p.key, f.Key, f.Type, f.Label, strconv.FormatBool(f.Required), strconv.FormatBool(f.Button))
		p.key = appendKey(appendKey(p.key, strconv.Itoa(len(f.Options))), f.Options...)
	}
	return p.once("screen", p.key, func() any {
		v := screenView{Screen: s, Frame: safehtml.Frame(s.HTML)}
		for _, f := range s.Fields {
			f.Label = safehtml.Text(f.Label)
			if f.Button {
				v.Buttons = append(v.Buttons, f)
			} else {
				v.Inputs = append(v.Inputs, f)
			}
		}
		return v
	})
}
