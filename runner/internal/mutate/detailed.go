package mutate

import (
	"fmt"
	"strconv"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"flowtest/steps/davinci"
)

// packed makes the mutants of the components that a page has packed for Ping's widget, and returns
// its buttons.
func (p *pageMutant) packed() (buttons []*element) {
	all := davinci.AllPacked(p.page)
	for i := range all {
		c := &all[i]
		e := &element{start: c.Start, end: c.End, close: c.End}
		with := func(option, value string) string {
			object, err := sjson.Set(c.JSON.Raw, "options."+option, value)
			if err != nil {
				return p.page[c.Start:c.End] // which changes nothing
			}
			return c.With(object)
		}
		switch c.JSON.Get("name").Str {
		case "skbutton":
			buttons = append(buttons, e)
			key, label := c.Option(valueOf), davinci.Read(c.Option("label"))
			p.pressed(e, key, c.Option(kindOf), with)
			if label != "" {
				what := fmt.Sprintf("the button %q of the page, %q, is %q", key, label, other)
				p.change(Texts, "content", "button "+key+" "+label, what, e.start, e.end, with("label", other))
			}
		case "skpolling":
			p.change(Fields, "field-gone", "polling", noPolling, e.start, e.end, "")
		}
	}
	return buttons
}

const noPolling = "the polling of the page is gone"

// ofScreen is where a detailed response has its screen.
const ofScreen = "screen.properties."

// screen makes the mutants of what a detailed screen has outside of its page: the fields that the flow
// reads, the polling, and the title, the text and the button of a message.
func (m *bodyMutant) screen(s *davinci.Screen) {
	value := func(name string) gjson.Result { return gjson.GetBytes(m.text, ofScreen+name+".value") }
	const list = ofScreen + "formFieldsList.value"
	fields := value("formFieldsList").Array()
	var read []int
	for i := range fields {
		at, key := list+"."+strconv.Itoa(i), fields[i].Get("propertyName").String()
		if f := s.Field(key); f != nil {
			read = append(read, i)
			m.listed(at, fmt.Sprintf("the field %q that the flow reads", key), f)
		}
	}
	m.order(list, read)
	for _, name := range []string{"messageTitle", "message"} {
		if text := davinci.Read(value(name).String()); text != "" && !value("customHTML").Exists() {
			m.set(Texts, "content", ofScreen+name+".value", other,
				fmt.Sprintf("the text %q of the message is %q", text, other))
		}
	}
	if value("showContinueButton").Bool() {
		const what = "the button of the message"
		m.set(Buttons, "button-gone", ofScreen+"showContinueButton.value", false, what+" is gone")
		if text := value("buttonText").String(); text != "" {
			m.set(Texts, "label", ofScreen+"buttonText.value", other, fmt.Sprintf("the label of %s is %q", what, other))
		}
	}
	if value("enablePolling").Bool() {
		m.set(Fields, "field-gone", ofScreen+"enablePolling.value", false, noPolling)
	}
}

// listed makes the mutants of a field in the list of those that the flow reads.
func (m *bodyMutant) listed(at, what string, f *davinci.Field) {
	m.remove(Fields, "field-gone", at, what+" is gone")
	m.set(Fields, "field-renamed", at+".propertyName", f.Key+"_2", fmt.Sprintf("%s has the name %q", what, f.Key+"_2"))
	if f.Label != "" {
		m.set(Texts, "label", at+".displayName", other, fmt.Sprintf("the label of %s is %q", what, other))
	}
	if f.Secret() {
		m.set(Security, "password-shown", at+".hashedVisibility", false, what+" shows what is typed")
	}
}
