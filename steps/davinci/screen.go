package davinci

import (
	"cmp"
	"strings"

	"github.com/tidwall/gjson"
)

// A Screen is what a person sees while the flow pauses.
type Screen struct {
	Name   string  // form.name, in detailed responses nodeTitle
	Fields []Field // all its entries in order, buttons included
}

// A Field is one entry of a screen: a value to fill in, a button, or a text. Fields of
// unknown types are kept too.
type Field struct {
	Key       string
	Type      string // TEXT, SUBMIT_BUTTON, …
	InputType string
	Label     string
	Required  bool
	Raw       gjson.Result // the JSON of the entry
	Default   gjson.Result // its value in formData.value

	kind  fieldType
	known bool
}

// Field returns the field whose key is key, or nil.
func (s *Screen) Field(key string) *Field {
	for i := range s.Fields {
		if s.Fields[i].Key == key && key != "" {
			return &s.Fields[i]
		}
	}
	return nil
}

// Button returns the button whose key is name or, if there is none, whose label is name. It is
// nil if there is no such button, or if several have the label: same then has their keys.
func (s *Screen) Button(name string) (b *Field, same []string) {
	read := Read(name)
	for i := range s.Fields {
		f := &s.Fields[i]
		if !f.IsButton() || name == "" {
			continue
		}
		if f.Key == name {
			return f, nil
		}
		if Read(f.Label) == read {
			b, same = f, append(same, f.Key)
		}
	}
	if len(same) > 1 {
		return nil, same
	}
	return b, nil
}

// Provider returns the field that leads to an identity provider. The name is its type, such as
// GOOGLE, its key or its label. It returns nil if no field has the name, or if several have it.
// Types are the types of all fields that lead to a provider.
func (s *Screen) Provider(name string) (f *Field, types []string) {
	found := 0
	for i := range s.Fields {
		at := &s.Fields[i]
		if at.Type != socialLogin {
			continue
		}
		provider := at.Raw.Get("idpType").String()
		types = append(types, cmp.Or(provider, at.Key, at.Label))
		if strings.EqualFold(provider, name) || at.Key == name || Read(at.Label) == Read(name) {
			f, found = at, found+1
		}
	}
	if found != 1 {
		return nil, types
	}
	return f, types
}

// socialLogin is the type of a field that leads to an identity provider.
const socialLogin = "SOCIAL_LOGIN_BUTTON"

// Screen returns the screen at which the flow pauses, nil unless Outcome is Paused. It
// is read on the first call.
func (a *Answer) Screen() *Screen {
	if a.screen == nil && a.Outcome == Paused {
		a.screen = newScreen(a)
	}
	return a.screen
}

// newScreen reads the screen of a paused answer.
func newScreen(a *Answer) *Screen {
	s := &Screen{}
	if form := a.Property("form"); form.Exists() {
		s.Name = form.Get("name").String()
		defaults := a.Property("formData").Get("value")
		const usual = 8 // fields of a screen
		s.Fields = make([]Field, 0, usual)
		form.Get("components.fields").ForEach(func(_, entry gjson.Result) bool {
			s.Fields = append(s.Fields, newField(entry, defaults))
			return true
		})
		return s
	}
	properties := a.Property("screen").Get("properties")
	s.Name = properties.Get("nodeTitle.value").String()
	if s.Name == "" {
		s.Name = properties.Get("messageTitle.value").String()
	}
	s.Fields = detailedFields(a, properties)
	return s
}

// newField reads one entry of form.components.fields.
func newField(entry, defaults gjson.Result) Field {
	var e struct{ key, kind, inputType, label, content, required gjson.Result } // read in one pass
	entry.ForEach(func(name, value gjson.Result) bool {
		var at *gjson.Result
		switch name.Str {
		case "key":
			at = &e.key
		case "type":
			at = &e.kind
		case "inputType":
			at = &e.inputType
		case "label":
			at = &e.label
		case "content":
			at = &e.content
		case "required":
			at = &e.required
		}
		if at != nil && !at.Exists() {
			*at = value
		}
		return true
	})
	f := Field{
		Key: e.key.String(), Type: e.kind.String(), InputType: e.inputType.String(), Label: e.label.String(),
		Required: e.required.Bool(), Raw: entry,
	}
	if f.Label == "" {
		f.Label = e.content.String()
	}
	f = f.typed()
	if f.Key != "" && f.Fills() && defaults.Exists() {
		// The keys are flat and dotted; a gjson path would read the dots as steps.
		f.Default = defaults.Get(gjson.Escape(f.Key))
	}
	return f
}

// buttonValue is listed among the output fields of a detailed response and is not a field: it
// receives the key of the button that was pressed.
const buttonValue = "buttonValue"

// detailedFields derives the fields from formFieldsList and from the HTML, as
// the service does for a JSON response.
func detailedFields(a *Answer, properties gjson.Result) []Field {
	var fields []Field
	properties.Get("formFieldsList.value").ForEach(func(_, entry gjson.Result) bool {
		f := Field{
			Key: entry.Get("propertyName").String(), Type: "TEXT", Label: entry.Get("displayName").String(), Raw: entry,
		}
		if entry.Get("hashedVisibility").Bool() {
			f.Type = "PASSWORD"
		}
		if f.Key != "" && f.Key != buttonValue {
			fields = append(fields, f.typed())
		}
		return true
	})
	fields = append(fields, a.Page().Buttons()...)
	if properties.Get("showContinueButton.value").Bool() {
		// The button of a message is not in its HTML: the screen draws it, and it has no key.
		label := cmp.Or(properties.Get("buttonText.value").String(), "Continue")
		fields = append(fields, Field{Type: "SUBMIT_BUTTON", Label: label}.typed())
	}
	if own := a.Page().polls(); own != nil || properties.Get("enablePolling.value").Bool() {
		fields = append(fields, Field{Key: "polling", Type: "POLLING", Raw: pollingEntry(properties, own)}.typed())
	}
	return fields
}

// pollSettings are those of a POLLING field.
var pollSettings = []string{"pollInterval", "pollRetries", "pollChallengeStatus", "challenge"}

// pollingEntry writes the settings of a detailed screen as a POLLING field of a
// JSON response has them. The page's own are those of its component skpolling.
func pollingEntry(properties gjson.Result, own map[string]string) gjson.Result {
	var parts []string
	for _, name := range pollSettings {
		if text, ok := own[name]; ok {
			parts = append(parts, Quote(name)+":"+Quote(text))
			continue
		}
		value := properties.Get(name)
		if value.IsObject() {
			value = value.Get("value")
		}
		switch value.Type {
		case gjson.String, gjson.Number, gjson.True, gjson.False:
			parts = append(parts, Quote(name)+":"+value.Raw)
		default:
		}
	}
	return gjson.Parse("{" + strings.Join(parts, ",") + "}")
}
