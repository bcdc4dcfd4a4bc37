package local

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/recordings"
	"flowtest/runner/internal/tenant/fake"
	"flowtest/steps/davinci"
)

// A history is the execution log of the sign-ons: what a recording knows of the nodes that ran,
// those that answered.
type history struct {
	flows map[string]*recordings.Flow
	open  map[string]*fake.Interaction // by id, those that have not ended
	order []string                     // their ids, the oldest in front
}

// mostOpen bounds the sign-ons that have not ended.
const mostOpen = 1000

// follow returns the log of a sign-on after a step, nil where the step has no id.
func (h *history) follow(s *mockserver.Step, flow string) *fake.Interaction {
	if s.Interaction == "" || h.flows[s.Flow] == nil {
		return nil
	}
	i := h.open[s.Interaction]
	now := time.Now()
	if i == nil {
		if len(h.order) == mostOpen {
			delete(h.open, h.order[0])
			h.order = h.order[1:]
		}
		i = &fake.Interaction{
			ID: s.Interaction, Flow: flow, Name: s.Flow, Version: 12, Transaction: newID(), At: now,
			Events: []fake.Event{{At: now, Message: "Start Interaction"}},
		}
		h.open[s.Interaction] = i
		h.order = append(h.order, s.Interaction)
	} else if last := len(i.Events) - 1; i.Events[last].Message == "Send Response" { // the screen that was answered
		again := i.Events[last]
		again.At, again.Properties = now, map[string]any{"outputs": typed(s.Sent.FormData)}
		i.Events = append(i.Events, again)
	}
	i.Events = append(i.Events, answered(h.flows[s.Flow], s, now)...)
	if s.Completed {
		delete(h.open, s.Interaction)
		h.order = slices.DeleteFunc(h.order, func(id string) bool { return id == s.Interaction })
	}
	shown := *i
	shown.Events = slices.Clone(i.Events)
	return &shown
}

// answered returns the entries of the node that answered a step.
func answered(f *recordings.Flow, s *mockserver.Step, now time.Time) []fake.Event {
	at := slices.IndexFunc(f.Hops, func(h *recordings.Hop) bool { return h.Name == s.Hop })
	if at < 0 {
		return nil
	}
	answer := f.Hops[at].Answer()
	body := answer.Body(false)
	if body == nil {
		body = answer.Body(true)
	}
	if body == nil || answer.HTML != nil {
		return nil
	}
	node := gjson.ParseBytes(body.Text)
	e := fake.Event{
		At: now, Message: "Receive Request", Node: title(node), Connector: node.Get("connectorId").Str,
		Capability: node.Get("capabilityName").Str, Properties: map[string]any{},
	}
	s.Sent.FormData.ForEach(func(key, value gjson.Result) bool {
		e.Properties[key.Str] = map[string]any{"value": masked(key.Str, value)}
		return true
	})
	back := e
	back.Message, back.Success, back.Took = "Send Response", "true", 1
	read := davinci.Reader{Waits: true}.Read(answer.Status, nil, body.Text)
	if read.Outcome == davinci.Refused || read.Outcome == davinci.Failed {
		back.Message, back.Success = "Send Error Response", "false"
	}
	return []fake.Event{e, back}
}

// title returns the title of a node: that of its answer, else the name of its form, else its
// capability in words.
func title(node gjson.Result) string {
	for _, path := range []string{"nodeTitle", "nodeTitle.value", "screen.properties.nodeTitle.value", "form.name"} {
		if v := node.Get(path); v.Type == gjson.String && v.Str != "" {
			return v.Str
		}
	}
	var b strings.Builder
	for i, r := range node.Get("capabilityName").Str {
		switch {
		case i == 0:
			r = unicode.ToUpper(r)
		case unicode.IsUpper(r):
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// typed returns what a person typed, as the log shows it.
func typed(formData gjson.Result) map[string]any {
	out := map[string]any{}
	formData.ForEach(func(key, value gjson.Result) bool {
		out[key.Str] = masked(key.Str, value)
		return true
	})
	return out
}

// masked returns a value as the log shows it, which hides passwords and nothing else.
func masked(key string, value gjson.Result) any {
	if strings.Contains(strings.ToLower(key), "password") {
		return "********"
	}
	return value.Value()
}
