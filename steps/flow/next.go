package flow

import (
	"context"
	"net/http"
	"slices"
	"strconv"

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
	f := j.screen.Field(key)
	if f == nil || !f.Fills() {
		return &UnknownFieldError{Key: key, Screen: j.screen.Name, have: fillable(j.screen)}
	}
	if f.Secret() {
		j.config.Redactor.Add(value)
	}
	raw, err := f.Encode(value)
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
	b, err := button(j.screen, name)
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
	var submit *davinci.Field
	var keys []string
	for i := range j.screen.Fields {
		if f := &j.screen.Fields[i]; f.Submits() {
			submit, keys = f, append(keys, f.Key)
		}
	}
	if len(keys) != 1 {
		return nil, &SubmitError{Screen: j.screen.Name, have: keys}
	}
	return j.next(ctx, submit)
}

// next posts what was filled in together with the button.
func (j *Journey) next(ctx context.Context, b *davinci.Field) (*Hop, error) {
	submit := b.Submits()
	eventType := "action"
	if submit {
		eventType = "submit"
	}
	values := j.screen.FormData(j.filled, submit)
	j.sent()
	return j.post(ctx, eventType, b.Key, values)
}

// post sends one next request.
func (j *Journey) post(ctx context.Context, eventType, action, formData string) (*Hop, error) {
	h := &j.handle
	if h.next == nil {
		return nil, h.broken
	}
	n := davinci.Next{
		NodeID: h.nodeID, EventName: h.eventName, InteractionID: h.interactionID,
		EventType: eventType, Action: action, FormData: formData,
	}
	return j.send(ctx, &Request{
		Method: http.MethodPost, URL: h.next, Action: action, EventType: eventType, Body: n.Body(),
	})
}

// button finds a button by its key, else by its label.
func button(s *davinci.Screen, name string) (*davinci.Field, error) {
	b, same := s.Button(name)
	if b != nil {
		return b, nil
	}
	var have []named
	for i := range s.Fields {
		if s.Fields[i].IsButton() {
			have = append(have, nameOf(&s.Fields[i]))
		}
	}
	return nil, &UnknownActionError{Action: name, Screen: s.Name, have: have, same: same}
}

func fillable(s *davinci.Screen) []named {
	var out []named
	for i := range s.Fields {
		if s.Fields[i].Fills() {
			out = append(out, nameOf(&s.Fields[i]))
		}
	}
	return out
}

// An Unsent is a field that was filled in and whose value no request has carried.
type Unsent struct {
	Key string

	// Lost says that the flow has left the screen, so that no request will carry
	// it. Otherwise the next button that is pressed sends it.
	Lost bool
}

// Unsent returns what was filled in and is not sent, in the order in which it
// was filled in. A poll sends nothing that was filled in. The slice is the
// journey's.
func (j *Journey) Unsent() []Unsent { return j.unsent }

// keepUnsent notes a field that was filled in.
func (j *Journey) keepUnsent(key string) {
	if !slices.Contains(j.unsent, Unsent{Key: key}) {
		j.unsent = append(j.unsent, Unsent{Key: key})
	}
}

// sent notes that a button takes along what was filled in at the screen.
func (j *Journey) sent() {
	j.unsent = slices.DeleteFunc(j.unsent, func(u Unsent) bool { return !u.Lost })
}

// left notes that the flow is at the screen no more.
func (j *Journey) left() {
	for i := range j.unsent {
		j.unsent[i].Lost = true
	}
}
