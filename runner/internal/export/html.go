package export

import (
	"encoding/base64"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// submits are the values of buttons that submit the form, whatever their type.
//
// Source: "Launching a flow with a Ping SDK" of the DaVinci documentation.
var submits = []string{"continue", "submit", "proceed", "next"}

// html reads what the HTML of a node shows in addition to its declared fields. HTML that is
// nested too deeply is an error.
func (s *Screen) html(n *Node) error {
	if n.Capability != "customHTMLTemplate" {
		return nil
	}
	text := n.Text("customHTML")
	s.Inserted = inserted(text)
	if !strings.Contains(text, "data-skcomponent") {
		return nil
	}
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return err
	}
	depth := 0 // of the conditions of the template around an element
	var protect, social []Field
	for e := range doc.Descendants() {
		switch e.Type {
		case html.TextNode:
			depth = max(0, depth+strings.Count(e.Data, "{{#")-strings.Count(e.Data, "{{/"))
			continue
		case html.ElementNode:
		default:
			continue
		}
		switch component := attribute(e, "data-skcomponent"); component {
		case "":
			continue
		case "skbutton":
			s.Buttons = append(s.Buttons, htmlButton(n, e, depth > 0))
			continue
		case "skrisk":
			protect = append(protect, Field{Type: "PROTECT", Key: "protectsdk"})
			s.count(component)
		case "skIDP", "skidp":
			label := filled(n, inner(e))
			key := attribute(e, "data-skbuttonvalue")
			social = append(social, Field{
				Type: "SOCIAL_LOGIN_BUTTON", Key: key, Label: label, Shown: label,
				Picture: pictured(e),
			})
			s.count(component)
		default:
			s.count(component)
		}
	}
	s.Fields = slices.Concat(s.Fields, social, protect)
	return nil
}

// inserted counts the components that the editor of the console inserted into HTML. Each has its name and its
// attributes in base64.
func inserted(text string) map[string]int {
	var out map[string]int
	for {
		_, rest, more := strings.Cut(text, "[[[skcomponent###")
		if !more {
			return out
		}
		encoded, after, _ := strings.Cut(rest, "###")
		text = after
		tag, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			continue
		}
		if _, name, _ := strings.Cut(string(tag), `skcomponent "`); name != "" {
			name, _, _ = strings.Cut(name, `"`)
			if out == nil {
				out = map[string]int{}
			}
			out[name]++
		}
	}
}

func (s *Screen) count(component string) {
	if s.Components == nil {
		s.Components = map[string]int{}
	}
	s.Components[component]++
}

// pictured reports whether an element contains a picture.
func pictured(e *html.Node) bool {
	for c := range e.Descendants() {
		if c.Type == html.ElementNode && (c.Data == "img" || c.Data == "svg") {
			return true
		}
	}
	return false
}

// htmlButton reads an element that is a button.
func htmlButton(n *Node, e *html.Node, conditional bool) *Button {
	b := &Button{
		Kind: "FLOW_BUTTON", Key: filled(n, attribute(e, "data-skbuttonvalue")), Label: filled(n, inner(e)),
		Event: attribute(e, "data-skbuttontype"), Conditional: conditional,
	}
	if b.Label == "" {
		b.Label = filled(n, attribute(e, "value"))
	}
	b.Shown = b.Label
	b.Dynamic = b.Key == "" || strings.Contains(b.Key, "{{")
	if strings.EqualFold(attribute(e, "type"), "submit") || slices.Contains(submits, strings.ToLower(b.Key)) {
		b.Kind = "SUBMIT_BUTTON"
	}
	return b
}

// filled replaces the names in a template with the properties of the node, and folds
// white space.
func filled(n *Node, text string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "{{")
		b.WriteString(before)
		if !ok {
			return fold(b.String())
		}
		name, after, ok := strings.Cut(rest, "}}")
		value := ""
		if ok && bare(name) {
			value = n.Text(strings.TrimSpace(name))
		}
		if value == "" {
			b.WriteString("{{")
			text = rest
			continue
		}
		b.WriteString(value)
		text = after
	}
}

// bare reports whether a name in a template is an identifier, as the names of
// properties are.
func bare(name string) bool {
	name = strings.TrimSpace(name)
	return name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

func attribute(e *html.Node, name string) string {
	for _, a := range e.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// inner returns the text of an element.
func inner(e *html.Node) string {
	var b strings.Builder
	for c := range e.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}
