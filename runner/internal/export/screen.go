package export

import (
	"cmp"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

// screens are the capabilities at which a flow pauses for a person.
var screens = map[string]bool{
	"customHTMLTemplate": true, "customHtmlMessage": true, "customForm": true, "showForm": true,
}

// A Screen is the screen that a person sees at a node.
//
// Source: "Launching a flow with a Ping SDK" of the DaVinci documentation, and what
// Ping's device tests find at run time in the flows whose exports lie beside them.
type Screen struct {
	Node              *Node
	Name, Description string
	Category          string // CUSTOM_HTML or CUSTOM_FORM
	Fields            []Field
	Buttons           []*Button

	// Components counts the elements of the HTML that DaVinci drives, by their
	// data-skcomponent, without buttons.
	Components map[string]int

	// Inserted counts the components that the editor of the console inserted, by their names. The
	// HTML has each of them encoded, and not as an element.
	Inserted map[string]int

	// FormMissing says that the screen shows a form that is not in the file.
	FormMissing bool

	// Leaves are where the flow goes on from a screen without a button, and Fails where it
	// goes on if the screen itself fails.
	Leaves, Fails []*Outcome

	order []gjson.Result // the entries of a form in the export
	trunk *trunk         // nil if no comparison decides a button
}

// A Field is an entry of a screen that is not a button.
type Field struct {
	Type, Key, Label string
	Shown            string // the label as a person reads it
	Picture          bool   // in HTML: its element contains a picture
	Raw              gjson.Result
}

// A Button is a button of a screen.
type Button struct {
	Kind, Key, Label string
	Shown            string // the label as a person reads it
	Event            string // form-submit or next-event, "" of a form
	Conditional      bool   // the HTML shows it only under a condition
	Dynamic          bool   // it has no fixed value

	Decided  string // how its way is found: see the constants
	Outcomes []*Outcome
	Possible []*Outcome // the possible outcomes of an unresolved button

	raw gjson.Result
}

// screen reads the screen of a node.
func (f *Flow) screen(n *Node) *Screen {
	s := &Screen{Node: n, Name: n.Title, Description: n.Detail, Category: "CUSTOM_HTML"}
	switch n.Capability {
	case "customForm", "showForm":
		s.Category = "CUSTOM_FORM"
		form, ok := f.forms[formID(n)]
		if !ok {
			s.FormMissing = true
			return s
		}
		s.Name, s.Description = form.Get("name").String(), form.Get("description").String()
		f.form(s, form)
	case "customHTMLTemplate":
		n.Value("formFieldsList").ForEach(func(_, v gjson.Result) bool {
			key := v.Get("propertyName").String()
			if key == "buttonValue" || key == "" {
				return true
			}
			field := Field{Type: "TEXT", Key: key, Label: plain(v.Get("displayName")), Raw: v}
			if v.Get("hashedVisibility").Bool() {
				field.Type = "PASSWORD"
			}
			field.Shown = field.Label
			s.Fields = append(s.Fields, field)
			return true
		})
	}
	return s
}

// formID returns the id of the form that a node shows.
func formID(n *Node) string {
	v := n.Value("form")
	if v.IsObject() {
		return cmp.Or(v.Get("value").String(), v.Get("id").String())
	}
	return plain(v)
}

// form reads the entries of a form.
func (f *Flow) form(s *Screen, form gjson.Result) {
	s.order = form.Get("components.fields").Array()
	for _, v := range s.order {
		label, read := plain(v.Get("label")), shown(v.Get("label"))
		kind := v.Get("type").String()
		key := v.Get("key").String()
		if !f.presses(kind, v.Get("inputType").String()) {
			s.Fields = append(s.Fields, Field{Type: kind, Key: key, Label: fold(label), Shown: fold(read), Raw: v})
			continue
		}
		if kind == "SUBMIT_BUTTON" {
			key = cmp.Or(key, "submit") // the service's key for it
		}
		s.Buttons = append(s.Buttons, &Button{Kind: kind, Key: key, Label: fold(label), Shown: fold(read), raw: v})
	}
}

func fold(s string) string { return strings.Join(strings.Fields(s), " ") }

// presses reports whether a field of a type is a button.
func (f *Flow) presses(kind, input string) bool {
	at := kind + " " + input
	is, known := f.buttons[at]
	if !known {
		const next = `{"next":{"href":"https://flow.invalid/davinci/connections/c/capabilities/customForm"}}`
		body := `{"id":"n","_links":` + next + `,"form":` +
			`{"components":{"fields":[{"key":"k","type":` + davinci.Quote(kind) + `,"inputType":` +
			davinci.Quote(input) + `}]}}}`
		if s := (davinci.Reader{}).Read(200, nil, []byte(body)).Screen(); s != nil && len(s.Fields) > 0 {
			is = s.Fields[0].IsButton()
		}
		f.buttons[at] = is
	}
	return is
}
