package mutate

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
	"golang.org/x/net/html"

	"flowtest/steps/davinci"
)

// customHTML is the path of the page in a detailed response.
const customHTML = "screen.properties.customHTML.value"

// An element is an element of a page, with its offsets in the text.
type element struct {
	name       string
	attrs      []html.Attribute
	start, end int    // of its tag
	close      int    // the offset after its end tag, or after its tag if it has none
	text       string // its text, if it has no child elements
}

func (e *element) attr(name string) string {
	for _, a := range e.attrs {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// has reports whether the element has an attribute.
func (e *element) has(name string) bool {
	return slices.ContainsFunc(e.attrs, func(a html.Attribute) bool { return a.Key == name })
}

// with returns the tag with an attribute set to a value.
func (e *element) with(name, value string) string {
	attrs := slices.Clone(e.attrs)
	i := slices.IndexFunc(attrs, func(a html.Attribute) bool { return a.Key == name })
	if i < 0 {
		i, attrs = len(attrs), append(attrs, html.Attribute{Key: name})
	}
	attrs[i].Val = value
	return e.tag(attrs)
}

// without returns the tag without an attribute.
func (e *element) without(name string) string {
	return e.tag(slices.DeleteFunc(slices.Clone(e.attrs), func(a html.Attribute) bool { return a.Key == name }))
}

func (e *element) tag(attrs []html.Attribute) string {
	var b strings.Builder
	b.WriteString("<" + e.name)
	for _, a := range attrs {
		fmt.Fprintf(&b, ` %s="%s"`, a.Key, html.EscapeString(a.Val))
	}
	return b.String() + ">"
}

// elements returns the elements of a page that a person fills in, presses or reads.
func elements(page string) (out []*element) {
	var open []*element
	z := html.NewTokenizer(strings.NewReader(page))
	for at := 0; z.Next() != html.ErrorToken; {
		raw, t := len(z.Raw()), z.Token()
		switch t.Type {
		case html.StartTagToken, html.SelfClosingTagToken:
			e := &element{name: t.Data, attrs: t.Attr, start: at, end: at + raw, close: at + raw}
			out = append(out, e)
			if t.Type == html.StartTagToken && t.Data != "input" {
				open = append(open, e)
			}
		case html.EndTagToken:
			for i := range slices.Backward(open) {
				if e := open[i]; e.name == t.Data {
					e.close, open = at+raw, open[:i]
					if inner := page[e.end:at]; !strings.Contains(inner, "<") {
						e.text = inner
					}
					break
				}
			}
		case html.TextToken, html.CommentToken, html.DoctypeToken, html.ErrorToken:
		}
		at += raw
	}
	return out
}

// The elements that a person fills in, and the elements that a person reads.
var (
	fillable = []string{"input", "select", "textarea"}
	readable = []string{"label", "h1", "h2", "h3", "p"}
)

// page makes the mutants of the HTML in a body, or of a body that is HTML.
func (m *bodyMutant) page() {
	page, at := string(m.text), "page"
	if path.Ext(m.file) == ".json" {
		page, at = gjson.GetBytes(m.text, customHTML).String(), customHTML
	}
	if !strings.Contains(page, "<") {
		return
	}
	p := &pageMutant{m, page, at}
	buttons, inputs := p.packed(), []*element(nil)
	for _, e := range elements(page) {
		switch name := e.attr("name"); {
		case e.attr("data-skcomponent") == "skbutton":
			buttons = append(buttons, e)
			p.button(e)
		case e.attr("data-skcomponent") == "skpolling":
			p.change(Fields, "field-gone", "polling", noPolling, e.start, e.close, "")
		case name != "" && slices.Contains(fillable, e.name) && e.attr("type") != "hidden":
			inputs = append(inputs, e)
			p.input(e, name)
		case e.name == "option" && len(inputs) > 0 && e.start < inputs[len(inputs)-1].close:
			of := inputs[len(inputs)-1].attr("name")
			p.change(Fields, "option-gone", "option "+of+" "+e.text,
				fmt.Sprintf("the option %q of the field %q of the page is gone", e.text, of), e.start, e.close, "")
		case slices.Contains(readable, e.name):
			p.read(e, "a text of the page", e.name)
		}
	}
	slices.SortStableFunc(buttons, func(a, b *element) int { return a.start - b.start })
	p.order("inputs", inputs)
	p.order("buttons", buttons)
}

// A pageMutant makes mutants of one page.
type pageMutant struct {
	*bodyMutant

	page string
	at   string // its path in the body, "page" if it is the body
}

// change adds the mutant in which a part of the page is replaced.
func (p *pageMutant) change(group, operator, what, change string, from, to int, put string) {
	edited := p.page[:from] + put + p.page[to:]
	p.edit(group, operator, p.at+" "+what, change, func(text []byte) ([]byte, error) {
		if p.at != customHTML {
			return []byte(edited), nil
		}
		if !bytes.Contains(text, []byte("<")) && !bytes.Contains(text, []byte(`\u003c`)) {
			return nil, errors.New("mutate: the page is gone")
		}
		return sjson.SetBytes(text, customHTML, edited)
	})
}

// What a button of a page has, and the attribute of its element with that.
const (
	valueOf = "value"
	kindOf  = "buttonType"
	submits = "form-submit"
)

var attributes = map[string]string{valueOf: "data-skbuttonvalue", kindOf: "data-skbuttontype"}

func (p *pageMutant) button(e *element) {
	key := e.attr(attributes[valueOf])
	p.pressed(e, key, e.attr(attributes[kindOf]), func(option, value string) string {
		return e.with(attributes[option], value)
	})
	p.read(e, fmt.Sprintf("the button %q of the page", key), "button "+key)
}

// pressed makes the mutants of a button, except for its text.
//
//	with  returns the tag, or the component, with another option
func (p *pageMutant) pressed(e *element, key, kind string, with func(option, value string) string) {
	what, place := fmt.Sprintf("the button %q of the page", key), "button "+key
	p.change(Buttons, "button-gone", place, what+" is gone", e.start, e.close, "")
	p.change(Buttons, "button-renamed", place, fmt.Sprintf("%s has the value %q", what, key+"_2"),
		e.start, e.end, with(valueOf, key+"_2"))
	if kind == submits {
		p.change(Buttons, "button-kind", place, what+" submits nothing: it is a next-event",
			e.start, e.end, with(kindOf, "next-event"))
	} else {
		p.change(Buttons, "button-kind", place, what+" submits the form", e.start, e.end, with(kindOf, submits))
	}
	p.change(Buttons, "button-doubled", place, what+" is there twice", e.close, e.close, p.page[e.start:e.close])
}

func (p *pageMutant) input(e *element, name string) {
	what, place := fmt.Sprintf("the field %q of the page", name), e.name+" "+name
	p.change(Fields, "field-gone", place, what+" is gone", e.start, e.close, "")
	p.change(Fields, "field-renamed", place, fmt.Sprintf("%s has the name %q", what, name+"_2"),
		e.start, e.end, e.with("name", name+"_2"))
	if e.has("required") {
		p.change(Fields, "required", place, what+" is not required", e.start, e.end, e.without("required"))
	} else {
		p.change(Fields, "required", place, what+" is required", e.start, e.end, e.with("required", ""))
	}
	if kind := e.attr("type"); e.name == "input" && kind != "checkbox" && kind != "radio" {
		p.change(Fields, "prefill", place, fmt.Sprintf("%s is filled in with %q", what, other),
			e.start, e.end, e.with("value", other))
	}
	if e.attr("type") == "password" {
		p.change(Security, "password-shown", place, what+" shows what is typed: its type is text",
			e.start, e.end, e.with("type", "text"))
	}
}

// order adds the mutant in which the first two inputs or buttons are swapped.
func (p *pageMutant) order(what string, list []*element) {
	if len(list) < 2 || list[1].start < list[0].close { //nolint:mnd // the first two
		return
	}
	a, b := list[0], list[1]
	p.change(Fields, "order", what, "the first two "+what+" of the page have changed places", a.start, b.close,
		p.page[b.start:b.close]+p.page[a.close:b.start]+p.page[a.start:a.close])
}

// read adds the mutant in which an element has another text.
func (p *pageMutant) read(e *element, what, place string) {
	text := davinci.Read(e.text)
	if text == "" || strings.Contains(text, "{{") {
		return
	}
	p.change(Texts, "content", place+" "+text, fmt.Sprintf("%s, %q, is %q", what, text, other),
		e.end, e.end+len(e.text), other)
}

// pageSays returns the assertion about the change of a mutant of a page.
func (m *Mutant) pageSays(read *davinci.Answer) []string {
	_, what, _ := strings.Cut(m.Property, " ")
	kind, name, _ := strings.Cut(what, " ")
	if what == "polling" {
		return hasFields(read.Screen(), true)
	}
	switch m.Operator {
	case "button-gone", "button-renamed":
		return quoting("the page has a button %s", name)
	case "field-gone", "field-renamed":
		return quoting("the page has an input %s", name)
	case "button-kind", "button-doubled":
		return hasFields(read.Screen(), true)
	case "order":
		if what == "buttons" {
			return hasFields(read.Screen(), true)
		}
		return hasInputs(read.Page().Inputs())
	case "required":
		return hasInputs(read.Page().Inputs(), "required")
	case "prefill":
		return hasInputs(read.Page().Inputs(), "value")
	case "option-gone":
		return hasInputs(read.Page().Inputs(), "options")
	case "password-shown":
		return hasInputs(read.Page().Inputs())
	case "content":
		if kind == "button" { // its key precedes its text
			_, name, _ = strings.Cut(name, " ")
		}
		const longest = 400
		if whole := read.Page().Text(); strings.Count(whole, name) > 1 && len(whole) < longest {
			name = whole // another text contains the words too
		}
		return quoting("the page shows %s", name)
	}
	return nil
}

// hasInputs returns the assertion about the inputs of a page: their names, types and
// more columns.
func hasInputs(list []davinci.Input, more ...string) []string {
	rows := [][]string{append([]string{"name", "type"}, more...)}
	for _, in := range list {
		if in.Hidden() {
			continue
		}
		cells := map[string]string{
			"required": strconv.FormatBool(in.Required), "value": in.Value, "options": strings.Join(in.Options, ", "),
		}
		row := []string{in.Name, in.Type}
		for _, column := range more {
			row = append(row, cells[column])
		}
		if text := strings.Join(row, ""); strings.Contains(text, "\n") || strings.Contains(text, "${") {
			return nil
		}
		rows = append(rows, row)
	}
	return append(one("the page has the inputs:"), table(rows)...)
}
