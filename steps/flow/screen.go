package flow

import (
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

// A Screen is a hop at which the flow pauses for a person.
type Screen struct {
	Name       string // form.name, in detailed responses nodeTitle
	NodeID     string
	Capability string
	Fields     []Field // everything on it in its order, buttons included
}

// A Field is one entry of a screen: a value to fill in, a button, or a text.
// One of an unknown type is kept like any other.
type Field struct {
	Key       string
	Type      string // TEXT, SUBMIT_BUTTON, …
	InputType string
	Label     string
	Required  bool
	Raw       gjson.Result // the entry as it came
	Default   gjson.Result // what formData.value holds for it

	kind  davinci.FieldType
	known bool
}

// Known reports whether the field's type is one that this client knows.
func (f *Field) Known() bool { return f.known }

// Button returns what pressing the field does.
func (f *Field) Button() davinci.Button { return f.kind.Button }

// Fills reports whether the field takes a value. One of an unknown type may.
func (f *Field) Fills() bool {
	return f.Key != "" && f.kind.Button == davinci.NotButton && (f.kind.Value != davinci.NoValue || !f.known)
}

// Secret reports whether what a person types into the field is a secret.
func (f *Field) Secret() bool { return f.kind.Secret }

// Takes returns the JSON kind of what the field posts, "" where it posts nothing
// or its type is unknown.
func (f *Field) Takes() string {
	switch f.kind.Value {
	case davinci.StringValue:
		return "string"
	case davinci.ArrayValue:
		return "array"
	case davinci.BooleanValue:
		return "boolean"
	case davinci.ObjectValue:
		return "object"
	default:
		return ""
	}
}

// newScreen reads the screen of a paused hop.
func newScreen(h *Hop) *Screen {
	s := &Screen{NodeID: h.NodeID(), Capability: h.Capability()}
	if form := h.body().get("form"); form.Exists() {
		s.Name = form.Get("name").String()
		defaults := h.body().get("formData").Get("value")
		const usual = 8 // fields of a screen
		s.Fields = make([]Field, 0, usual)
		form.Get("components.fields").ForEach(func(_, entry gjson.Result) bool {
			s.Fields = append(s.Fields, newField(entry, defaults))
			return true
		})
		return s
	}
	properties := h.body().get("screen").Get("properties")
	s.Name = properties.Get("nodeTitle.value").String()
	if s.Name == "" {
		s.Name = properties.Get("messageTitle.value").String()
	}
	s.Fields = detailedFields(h, properties)
	return s
}

// newField reads one entry of form.components.fields.
func newField(entry, defaults gjson.Result) Field {
	var e fieldEntry
	entry.ForEach(func(name, value gjson.Result) bool {
		if at := e.place(name.Str); at != nil && !at.Exists() {
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
	f.kind, f.known = davinci.LookupField(f.Type)
	if f.Key != "" && f.Fills() && defaults.Exists() {
		// The keys are flat and dotted; a gjson path would read the dots as steps.
		f.Default = defaults.Get(gjson.Escape(f.Key))
	}
	return f
}

// A fieldEntry is what a client reads of an entry, all of it in one pass.
type fieldEntry struct{ key, kind, inputType, label, content, required gjson.Result }

// place returns where a property is kept, or nil where it is not.
func (e *fieldEntry) place(name string) *gjson.Result {
	switch name {
	case "key":
		return &e.key
	case "type":
		return &e.kind
	case "inputType":
		return &e.inputType
	case "label":
		return &e.label
	case "content":
		return &e.content
	case "required":
		return &e.required
	default:
		return nil
	}
}

// buttonValue is listed among the output fields of a detailed response and is
// no field: it receives the key of the button that was pressed.
const buttonValue = "buttonValue"

// detailedFields derives the fields from formFieldsList and from the HTML, as
// the service does for a JSON response.
func detailedFields(h *Hop, properties gjson.Result) []Field {
	var fields []Field
	add := func(f Field) {
		f.kind, f.known = davinci.LookupField(f.Type)
		fields = append(fields, f)
	}
	properties.Get("formFieldsList.value").ForEach(func(_, entry gjson.Result) bool {
		key := entry.Get("propertyName").String()
		if key == "" || key == buttonValue {
			return true
		}
		kind := "TEXT"
		if entry.Get("hashedVisibility").Bool() {
			kind = "PASSWORD"
		}
		add(Field{Key: key, Type: kind, Label: entry.Get("displayName").String(), Raw: entry})
		return true
	})
	for _, b := range h.Page().Buttons() {
		kind := "FLOW_BUTTON"
		if b.Submit {
			kind = "SUBMIT_BUTTON"
		}
		add(Field{Key: b.Key, Type: kind, Label: b.Label})
	}
	if properties.Get("enablePolling.value").Bool() {
		add(Field{Key: "polling", Type: "POLLING", Raw: pollingEntry(properties)})
	}
	return fields
}

// pollingEntry writes the settings of a detailed screen as a POLLING field of a
// JSON response has them.
func pollingEntry(properties gjson.Result) gjson.Result {
	var parts []string
	for _, name := range []string{"pollInterval", "pollRetries", "pollChallengeStatus", "challenge"} {
		value := properties.Get(name + ".value")
		switch value.Type {
		case gjson.String, gjson.Number, gjson.True, gjson.False:
			parts = append(parts, quote(name)+":"+value.Raw)
		default:
		}
	}
	return gjson.Parse("{" + strings.Join(parts, ",") + "}")
}
