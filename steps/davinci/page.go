package davinci

import (
	"cmp"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"github.com/tidwall/gjson"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/unicode/norm"
)

// A Page is the HTML of an answer: of a detailed response, or of a body that is a page.
// The zero value is an empty page.
type Page struct{ doc *goquery.Document }

// Page returns the HTML of the answer. It is read on the first call.
func (a *Answer) Page() *Page {
	if a.page == nil {
		a.page = &Page{}
		if doc, err := goquery.NewDocumentFromReader(strings.NewReader(a.HTML())); err == nil {
			a.page.doc = doc
		}
	}
	return a.page
}

// HTML returns the HTML of the answer that a person sees, "" if there is none.
func (a *Answer) HTML() string {
	text := string(a.Body)
	if beginsAsObject(a.Body) {
		text = htmlOf(a.Property("screen").Get("properties"))
	}
	return unpack(text)
}

// htmlOf returns the HTML of a detailed screen: that of its author, or the title and
// the text of a message, which has no other.
func htmlOf(properties gjson.Result) string {
	if own := properties.Get("customHTML.value"); own.Exists() {
		return own.String()
	}
	title, message := properties.Get("messageTitle.value").String(), properties.Get("message.value").String()
	if title+message == "" {
		return ""
	}
	return "<h1>" + html.EscapeString(title) + "</h1><div>" + message + "</div>"
}

// packed are the components that an author put into the HTML Template of a node. DaVinci
// sends them as they are, and its widget puts elements in their place before a person sees
// the page. The second part is Base64 of a JSON object with the name of the component and
// its options.
//
// Source: exported flows; Ping's page "SK-Components reference" on the widget.
var packed = regexp.MustCompile(`(?s)\[\[\[\s*skcomponent###(.*?)\]\]\]`)

// A Packed is a packed component of a page.
type Packed struct {
	Start, End int          // its offsets in the page
	JSON       gjson.Result // its name and options; it does not exist if it is not valid

	before string // its first part
}

// Option returns the value of an option, "" if there is none.
func (c *Packed) Option(name string) string { return c.JSON.Get("options." + name).String() }

// With returns the text of the component with another JSON object.
func (c *Packed) With(object string) string {
	return "[[[skcomponent###" + c.before + "###" + base64.StdEncoding.EncodeToString([]byte(object)) + "]]]"
}

// AllPacked returns the packed components of a page in their order.
func AllPacked(page string) []Packed {
	var out []Packed
	for _, at := range packed.FindAllStringSubmatchIndex(page, -1) {
		before, text, _ := strings.Cut(page[at[2]:at[3]], "###")
		c := Packed{Start: at[0], End: at[1], before: before}
		if raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text)); err == nil {
			c.JSON = gjson.ParseBytes(raw)
		}
		out = append(out, c)
	}
	return out
}

// unpack puts the buttons and the polling of packed components into a page, as the widget
// does. Others are for scripts, and a person sees nothing of them.
func unpack(page string) string {
	all := AllPacked(page)
	if len(all) == 0 {
		return page
	}
	var b strings.Builder
	done := 0
	for i := range all {
		b.WriteString(page[done:all[i].Start])
		b.WriteString(all[i].element())
		done = all[i].End
	}
	return b.String() + page[done:]
}

// element returns the element that the widget puts in the place of a component.
func (c *Packed) element() string {
	option := func(name string) string { return html.EscapeString(c.Option(name)) }
	switch c.JSON.Get("name").Str {
	case "skbutton":
		return `<button data-skcomponent="skbutton" data-skbuttontype="` + option("buttonType") +
			`" data-skbuttonvalue="` + option("value") + `">` + cmp.Or(option("label"), "Button") + `</button>`
	case "skpolling":
		element := []string{`<div data-skcomponent="skpolling"`}
		for _, name := range pollSettings {
			if value := option(name); value != "" {
				element = append(element, `data-sk`+name+`="`+value+`"`)
			}
		}
		return strings.Join(element, " ") + `></div>`
	default:
		return ""
	}
}

// polls returns the settings of the element with data-skcomponent="skpolling", those of a
// POLLING field, nil where there is none. No public source shows the names of its
// attributes: any that ends with the name of a setting is taken for it, which is our reading.
//
// Source: the names of the settings are those of packed components in the flows that Ping
// publishes, and of "SK-Components"; "SK attributes in custom HTML" has none for skpolling.
func (p *Page) polls() map[string]string {
	if p.doc == nil {
		return nil
	}
	e := p.doc.Find(`[data-skcomponent="skpolling"]`).First()
	if e.Length() == 0 {
		return nil
	}
	settings := map[string]string{}
	for _, a := range e.Nodes[0].Attr {
		for _, name := range pollSettings {
			if strings.HasSuffix(a.Key, strings.ToLower(name)) {
				settings[name] = a.Val
			}
		}
	}
	return settings
}

// Buttons returns the elements with data-skcomponent="skbutton" in the order of the
// page, as fields of type SUBMIT_BUTTON or FLOW_BUTTON.
func (p *Page) Buttons() []Field {
	if p.doc == nil {
		return nil
	}
	var out []Field
	p.doc.Find(`[data-skcomponent="skbutton"]`).Each(func(_ int, s *goquery.Selection) {
		f := Field{Key: s.AttrOr("data-skbuttonvalue", ""), Type: "FLOW_BUTTON", Label: fold(s.Text())}
		if s.AttrOr("data-skbuttontype", "") == "form-submit" { // others are next-event, …
			f.Type = "SUBMIT_BUTTON"
		}
		if f.Label == "" {
			f.Label = s.AttrOr("value", "")
		}
		out = append(out, f.typed())
	})
	return out
}

// An Input is an input, select or text area of a page.
type Input struct {
	Name     string // its name or, without one, its id
	Type     string // the type of an input, "text" by default; otherwise "select" or "textarea"
	Value    string // the initial value; for a select, that of the selected option
	Required bool
	Options  []string // of a select, the texts that a person reads
}

// Hidden reports whether a person does not see the input.
func (i *Input) Hidden() bool { return i.Type == "hidden" }

// Inputs returns the inputs with a name, without buttons, in the order of the page.
func (p *Page) Inputs() []Input {
	if p.doc == nil {
		return nil
	}
	var out []Input
	p.doc.Find("input, select, textarea").Each(func(_ int, s *goquery.Selection) {
		name, ok := s.Attr("name")
		if !ok {
			name, ok = s.Attr("id")
		}
		in := Input{Name: name, Type: goquery.NodeName(s), Value: s.AttrOr("value", "")}
		_, in.Required = s.Attr("required")
		switch in.Type {
		case "input":
			in.Type = strings.ToLower(s.AttrOr("type", "text"))
		case "textarea":
			in.Value = s.Text()
		default:
			options := s.Find("option")
			options.Each(func(_ int, o *goquery.Selection) { in.Options = append(in.Options, fold(o.Text())) })
			chosen := options.Filter("[selected]").AddSelection(options).First()
			in.Value = chosen.AttrOr("value", fold(chosen.Text()))
		}
		if ok && in.Type != "submit" && in.Type != "button" {
			out = append(out, in)
		}
	})
	return out
}

// Text returns the text that a person reads on the page, with white space folded.
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

// title returns the page's title, or "".
func (p *Page) title() string {
	if p.doc == nil {
		return ""
	}
	return fold(p.doc.Find("title").First().Text())
}

func fold(s string) string { return strings.Join(strings.Fields(s), " ") }

// Read returns the text of a label as a person reads it. A label may contain HTML of a
// template: Read removes tags, decodes entities, composes letters with their accents
// (NFC), and folds white space.
func Read(label string) string {
	label = packed.ReplaceAllString(label, " ")
	if strings.ContainsAny(label, "<&") {
		var b strings.Builder
		z := html.NewTokenizer(strings.NewReader(label))
		for z.Next() != html.ErrorToken {
			switch t := z.Token(); {
			case t.Type == html.TextToken:
				b.WriteString(t.Data)
			case slices.Contains(blocks, t.DataAtom):
				b.WriteByte(' ')
			}
		}
		label = b.String()
	}
	return fold(norm.NFC.String(label))
}

// blocks are the elements that part words.
var blocks = []atom.Atom{atom.Br, atom.P, atom.Div, atom.Li, atom.Td, atom.Tr, atom.H1, atom.H2, atom.H3, atom.H4}
