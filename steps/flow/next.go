package flow

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"flowtest/steps/davinci"
)

// Fill notes a value for the field whose key is key; the next button that is
// pressed posts it. The value is kept until the flow moves on, so that after a
// refusal only what was wrong has to be filled in again.
//
//	value  text; for lists a JSON array or values with commas between them; true
//	       or false for a single checkbox; a JSON object where the field posts one
//
// The error is an *[UnknownFieldError] where the screen has no such field, a
// *[NoScreenError] where the flow waits at none, or says what the field takes.
func (j *Journey) Fill(key, value string) error {
	if j.screen == nil {
		return j.noScreen("fill in " + strconv.Quote(key))
	}
	f := j.screen.field(key)
	if f == nil || !f.Fills() {
		return &UnknownFieldError{Key: key, Screen: j.screen.Name, Have: j.screen.fillable()}
	}
	if f.Secret() {
		j.config.Redactor.Add(value)
	}
	raw, err := f.encode(value)
	if err != nil {
		return &ValueError{Key: key, Err: err}
	}
	j.filled[key] = raw
	j.keepUnsent(key)
	return nil
}

// Press answers the current screen with a button, named by its key or, where
// no key fits, by its label, and returns the hop that came back.
//
// A status of 400 or more is a hop, not an error: a scenario may expect it. The
// error is an *[UnknownActionError] where the screen offers no such button, a
// *[NoScreenError] where the flow waits at none, and otherwise a
// *[NetworkError], *[TooLargeError] or *[LinkError].
//
// Source: "Step 2: Execute the next flow action".
func (j *Journey) Press(ctx context.Context, name string) (*Hop, error) {
	if j.screen == nil {
		return nil, j.noScreen("press " + strconv.Quote(name))
	}
	b, err := j.screen.button(name)
	if err != nil {
		return nil, err
	}
	return j.next(ctx, b)
}

// Submit presses the only submit button of the screen.
func (j *Journey) Submit(ctx context.Context) (*Hop, error) {
	if j.screen == nil {
		return nil, j.noScreen("submit the form")
	}
	var submit []*Field
	for i := range j.screen.Fields {
		if j.screen.Fields[i].Button() == davinci.SubmitButton {
			submit = append(submit, &j.screen.Fields[i])
		}
	}
	if len(submit) != 1 {
		return nil, &SubmitError{Screen: j.screen.Name, Have: keys(submit)}
	}
	return j.next(ctx, submit[0])
}

// next posts what was filled in together with the button.
func (j *Journey) next(ctx context.Context, b *Field) (*Hop, error) {
	eventType, values := "action", j.values(false)
	if b.Button() == davinci.SubmitButton {
		eventType, values = "submit", j.values(true)
	}
	j.sent()
	return j.post(ctx, eventType, b.Key, values)
}

// post sends one next request.
//
// Source: the body and headers that the documentation and the SDKs agree on.
func (j *Journey) post(ctx context.Context, eventType, action, formData string) (*Hop, error) {
	h := &j.handle
	if h.next == nil {
		return nil, h.broken
	}
	var b strings.Builder
	b.WriteString(`{"id":` + quote(h.nodeID) + `,"eventName":` + quote(h.eventName))
	if h.interactionID != "" {
		b.WriteString(`,"interactionId":` + quote(h.interactionID))
	}
	b.WriteString(`,"parameters":{"eventType":` + quote(eventType) + `,"data":{`)
	if action != "" {
		b.WriteString(`"actionKey":` + quote(action))
		if formData != "" {
			b.WriteByte(',')
		}
	}
	if formData != "" {
		b.WriteString(`"formData":` + formData)
	}
	b.WriteString(`}}}`)
	return j.send(ctx, &Request{
		Method: http.MethodPost, URL: h.next, Action: action, EventType: eventType, Body: []byte(b.String()),
	})
}

// values returns formData as JSON: what was filled in, and on a submit the
// defaults that the screen came with. On an action without any it is empty.
func (j *Journey) values(submit bool) string {
	var parts []string
	posted := map[string]bool{} // a key that stands there twice would make JSON that is read in two ways
	for i := range j.screen.Fields {
		f := &j.screen.Fields[i]
		if posted[f.Key] {
			continue
		}
		raw, filled := j.filled[f.Key]
		if !filled && submit && f.Fills() && !emptyDefault(f.Default.Raw) {
			raw, filled = f.Default.Raw, true
		}
		if filled {
			posted[f.Key] = true
			parts = append(parts, quote(f.Key)+":"+raw)
		}
	}
	if len(parts) == 0 && !submit {
		return ""
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func emptyDefault(raw string) bool {
	return slices.Contains([]string{"", `""`, "null", "[]", "{}"}, strings.TrimSpace(raw))
}

// field finds a field by its key.
func (s *Screen) field(key string) *Field {
	for i := range s.Fields {
		if s.Fields[i].Key == key && key != "" {
			return &s.Fields[i]
		}
	}
	return nil
}

// Field returns the field whose key is key, or nil.
func (s *Screen) Field(key string) *Field { return s.field(key) }

// Offers reports whether the screen has a button with that key or label.
func (s *Screen) Offers(name string) bool {
	_, err := s.button(name)
	unknown, ok := errors.AsType[*UnknownActionError](err)
	return !ok || len(unknown.Same) > 0
}

// button finds a button by its key, else by its label.
func (s *Screen) button(name string) (*Field, error) {
	var buttons, labeled []*Field
	for i := range s.Fields {
		f := &s.Fields[i]
		if f.Button() == davinci.NotButton {
			continue
		}
		if f.Key == name && name != "" {
			return f, nil
		}
		buttons = append(buttons, f)
		if fold(f.Label) == fold(name) && name != "" {
			labeled = append(labeled, f)
		}
	}
	if len(labeled) == 1 {
		return labeled[0], nil
	}
	return nil, &UnknownActionError{Action: name, Screen: s.Name, Have: names(buttons), Same: keys(labeled)}
}

// Buttons returns the keys of the buttons.
func (s *Screen) Buttons() []string {
	var out []string
	for i := range s.Fields {
		if s.Fields[i].Button() != davinci.NotButton {
			out = append(out, s.Fields[i].Key)
		}
	}
	return out
}

func (s *Screen) fillable() []Named {
	var out []Named
	for i := range s.Fields {
		if s.Fields[i].Fills() {
			out = append(out, s.Fields[i].name())
		}
	}
	return out
}

func names(fields []*Field) []Named {
	var out []Named
	for _, f := range fields {
		out = append(out, f.name())
	}
	return out
}

func keys(fields []*Field) []string {
	var out []string
	for _, f := range fields {
		out = append(out, f.Key)
	}
	return out
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(b)
}
