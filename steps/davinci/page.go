package davinci

import (
	"bytes"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// A Page is the HTML of an answer: what a detailed response carries, or a body
// that is a page. Its zero value is a page without anything.
type Page struct{ doc *goquery.Document }

// Page returns the HTML of the answer. It is read when it is first asked for.
func (a *Answer) Page() *Page {
	if a.page == nil {
		text := []byte(a.Get("screen.properties.customHTML.value").String())
		if !a.beginsAsObject() {
			text = a.Body
		}
		a.page = newPage(text)
	}
	return a.page
}

func newPage(text []byte) *Page {
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(text))
	if err != nil {
		return &Page{}
	}
	return &Page{doc: doc}
}

// A PageButton is an element with data-skcomponent="skbutton".
type PageButton struct {
	Key    string // data-skbuttonvalue
	Type   string // data-skbuttontype: form-submit, next-event, …
	Label  string
	Submit bool
}

// Buttons returns the buttons in the order of the page.
func (p *Page) Buttons() []PageButton {
	if p.doc == nil {
		return nil
	}
	var out []PageButton
	p.doc.Find(`[data-skcomponent="skbutton"]`).Each(func(_ int, s *goquery.Selection) {
		b := PageButton{Label: fold(s.Text())}
		b.Key, _ = s.Attr("data-skbuttonvalue")
		b.Type, _ = s.Attr("data-skbuttontype")
		b.Submit = b.Type == "form-submit"
		if b.Label == "" {
			b.Label, _ = s.Attr("value")
		}
		out = append(out, b)
	})
	return out
}

// Inputs returns the names of the inputs in the order of the page.
func (p *Page) Inputs() []string {
	if p.doc == nil {
		return nil
	}
	var out []string
	p.doc.Find("input, select, textarea").Each(func(_ int, s *goquery.Selection) {
		name, ok := s.Attr("name")
		if !ok {
			name, ok = s.Attr("id")
		}
		if kind, _ := s.Attr("type"); ok && kind != "submit" && kind != "button" {
			out = append(out, name)
		}
	})
	return out
}

// Text returns what a person reads on the page, with white space folded.
func (p *Page) Text() string {
	if p.doc == nil {
		return ""
	}
	body := p.doc.Find("body").Clone()
	body.Find("script, style, template, noscript").Remove()
	// Text of neighboring elements must not run together.
	body.Find("*").Each(func(_ int, s *goquery.Selection) { s.AppendHtml(" ") })
	return fold(body.Text())
}

// Title returns the page's title, or "".
func (p *Page) Title() string {
	if p.doc == nil {
		return ""
	}
	return fold(p.doc.Find("title").First().Text())
}

func fold(s string) string { return strings.Join(strings.Fields(s), " ") }
