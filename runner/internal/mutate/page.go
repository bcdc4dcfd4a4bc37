package mutate

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
	"golang.org/x/net/html"

	"flowtest/steps/davinci"
)

// customHTML is where a detailed response carries its page.
const customHTML = "screen.properties.customHTML.value"

// An element is one of a page, with where it is in its text.
type element struct {
	name       string
	attrs      []html.Attribute
	start, end int    // of its tag
	close      int    // after its end tag, or its own tag if it has none
	text       string // within, if it has no elements
}

func (e *element) attr(name string) string {
	for _, a := range e.attrs {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// with returns the tag with another value of an attribute.
func (e *element) with(name, value string) string {
	var b strings.Builder
	b.WriteString("<" + e.name)
	for _, a := range e.attrs {
		if a.Key == name {
			a.Val = value
		}
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

// The elements that a person fills in, and those that a person reads.
var (
	fillable = []string{"input", "select", "textarea"}
	readable = []string{"label", "h1", "h2", "h3", "p"}
)

// page makes the mutants of the HTML that a body carries or is.
func (m *bodyMutant) page() {
	page, at := string(m.text), "page"
	if path.Ext(m.file) == ".json" {
		page, at = gjson.GetBytes(m.text, customHTML).String(), customHTML
	}
	if !strings.Contains(page, "<") {
		return
	}
	change := func(group, operator, what, change string, from, to int, put string) {
		edited := page[:from] + put + page[to:]
		m.edit(group, operator, at+" "+what, change, func(text []byte) ([]byte, error) {
			if at != customHTML {
				return []byte(edited), nil
			}
			if !bytes.Contains(text, []byte("<")) && !bytes.Contains(text, []byte(`\u003c`)) {
				return nil, errors.New("mutate: the page is gone")
			}
			return sjson.SetBytes(text, customHTML, edited)
		})
	}
	for _, e := range elements(page) {
		switch name := e.attr("name"); {
		case e.attr("data-skcomponent") == "skbutton":
			key := e.attr("data-skbuttonvalue")
			what := fmt.Sprintf("the button %q of the page", key)
			change(Buttons, "button-gone", "button "+key, what+" is gone", e.start, e.close, "")
			change(Buttons, "button-renamed", "button "+key, fmt.Sprintf("%s has the value %q", what, key+"_2"),
				e.start, e.end, e.with("data-skbuttonvalue", key+"_2"))
			m.read(e, what, "button "+key, change)
		case name != "" && slices.Contains(fillable, e.name) && e.attr("type") != "hidden":
			what := fmt.Sprintf("the field %q of the page", name)
			change(Fields, "field-gone", e.name+" "+name, what+" is gone", e.start, e.close, "")
			change(Fields, "field-renamed", e.name+" "+name, fmt.Sprintf("%s has the name %q", what, name+"_2"),
				e.start, e.end, e.with("name", name+"_2"))
			if e.attr("type") == "password" {
				change(Security, "password-shown", e.name+" "+name, what+" shows what is typed: its type is text",
					e.start, e.end, e.with("type", "text"))
			}
		case slices.Contains(readable, e.name):
			m.read(e, "a text of the page", e.name, change)
		}
	}
}

// read adds the mutant with another text of an element.
func (m *bodyMutant) read(e *element, what, place string,
	change func(group, operator, what, change string, from, to int, put string),
) {
	text := davinci.Read(e.text)
	if text == "" || strings.Contains(text, "{{") {
		return
	}
	change(Texts, "content", place+" "+text, fmt.Sprintf("%s, %q, is %q", what, text, other),
		e.end, e.end+len(e.text), other)
}

// pageSays returns the assertion on what a mutant of a page changes.
func (m *Mutant) pageSays(read *davinci.Answer) []string {
	_, what, _ := strings.Cut(m.Property, " ")
	kind, name, _ := strings.Cut(what, " ")
	switch m.Operator {
	case "button-gone", "button-renamed":
		return quoting("the page has a button %s", name)
	case "field-gone", "field-renamed":
		return quoting("the page has an input %s", name)
	case "password-shown":
		for _, e := range elements(read.HTML()) { // its attributes are in either order
			if plain := strings.ReplaceAll(name, ".", ""); e.attr("name") != name || regexp.QuoteMeta(plain) != plain {
				continue
			}
			first, second := "type=.password", "name=."+name+"."
			if e.before("name", "type") {
				first, second = second, first
			}
			return one("%q matches %q", customHTML, "<"+e.name+"[^>]*"+first+"[^>]*"+second)
		}
	case "content":
		if kind == "button" { // its key is before its text
			_, name, _ = strings.Cut(name, " ")
		}
		const longest = 400
		if whole := read.Page().Text(); strings.Count(whole, name) > 1 && len(whole) < longest {
			name = whole // another text has the words too
		}
		return quoting("the page shows %s", name)
	}
	return nil
}

// before reports whether one attribute is before another.
func (e *element) before(a, b string) bool {
	at := func(name string) int {
		return slices.IndexFunc(e.attrs, func(x html.Attribute) bool { return x.Key == name })
	}
	return at(a) < at(b)
}
