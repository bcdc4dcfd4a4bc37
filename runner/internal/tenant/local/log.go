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

// A history is the execution log of the sign-ons. As long as a sign-on follows a journey whose log
// was recorded, it is that log. From there on it has only the nodes that answered, which are the
// ones that a recording knows.
type history struct {
	flows map[string]*recordings.Flow
	open  map[string]*course // sign-ons that have not ended, by interactionId
	order []string           // their ids, the oldest first
}

// A course is a sign-on.
type course struct {
	*fake.Interaction

	way     []string
	hops    []int          // for each event, the number of the answer before which it happened, from 1
	subflow map[int]string // the interactionIds of subflows, by their indexes in the log
}

// mostOpen limits the sign-ons that have not ended.
const mostOpen = 1000

// follow returns the log of a sign-on after a step, with an interaction for each flow. It
// returns nil if the step has no id.
func (h *history) follow(s *mockserver.Step, flow string) []*fake.Interaction {
	f := h.flows[s.Flow]
	answer, read := hopOf(f, s.Hop)
	if s.Interaction == "" || read == nil {
		return nil
	}
	now := time.Now()
	c := h.open[s.Interaction]
	if c == nil {
		c = h.begin(s, flow, now)
	} else if last := len(c.Events) - 1; c.Events[last].Message == "Send Response" { // the person answered this screen
		again := c.Events[last]
		again.At, again.Properties = now, map[string]any{"outputs": typed(s.Sent.FormData)}
		c.add(again)
	}
	c.add(answered(answer, read, s, now)...)
	if read.Outcome != davinci.Rewound {
		c.way = append(c.way, recordings.Passed(s.Sent.Action, read))
	}
	if s.Completed {
		delete(h.open, s.Interaction)
		h.order = slices.DeleteFunc(h.order, func(id string) bool { return id == s.Interaction })
	}
	for known := len(c.way); known > 0; known-- {
		if log, err := f.LogOf(c.way[:known]); err == nil {
			return c.continued(c.recorded(log, s.User), known, len(log.Events))
		}
	}
	shown := *c.Interaction
	shown.Events = slices.Clone(c.Events)
	return []*fake.Interaction{&shown}
}

// add adds events that happened before the next answer.
func (c *course) add(events ...fake.Event) {
	for i := range events {
		c.Events, c.hops = append(c.Events, events[i]), append(c.hops, len(c.way)+1)
	}
}

// continued appends to a recorded log the events after the answers that it covers. The
// recorded log has the given number of events.
func (c *course) continued(log []*fake.Interaction, known, events int) []*fake.Interaction {
	for i := range c.Events {
		if c.hops[i] <= known {
			continue
		}
		e := c.Events[i]
		if after := c.At.Add(time.Duration(events) * time.Millisecond); e.At.Before(after) {
			e.At = after
		}
		log[0].Events = append(log[0].Events, e)
		events++
	}
	return log
}

// begin starts the log of a sign-on.
func (h *history) begin(s *mockserver.Step, flow string, now time.Time) *course {
	if len(h.order) == mostOpen {
		delete(h.open, h.order[0])
		h.order = h.order[1:]
	}
	c := &course{&fake.Interaction{
		ID: s.Interaction, Flow: flow, Name: s.Flow, Version: 12, Transaction: newID(), At: now,
	}, nil, nil, map[int]string{}}
	c.add(fake.Event{At: now, Message: "Start Interaction"})
	h.open[s.Interaction] = c
	h.order = append(h.order, s.Interaction)
	return c
}

// recorded returns a recorded log with the values of this sign-on.
func (c *course) recorded(log *davinci.Log, user map[string]string) []*fake.Interaction {
	all := make([]*fake.Interaction, len(log.Flows))
	for i := range log.Flows {
		f := &log.Flows[i]
		all[i] = &fake.Interaction{
			ID: c.ID, Flow: c.Flow, Name: f.Name, Version: int(f.Version), Transaction: c.Transaction, At: c.At,
		}
		if i > 0 {
			if c.subflow[i] == "" {
				c.subflow[i] = newID()
			}
			all[i].ID, all[i].Flow, all[i].SubFlow = c.subflow[i], fake.FlowID(f.Name), true
		}
	}
	for i := range log.Events {
		e := &log.Events[i]
		one := fake.Event{
			At: c.At.Add(time.Duration(i) * time.Millisecond), Message: e.Message, Node: e.Node, Connector: e.Connector,
			Capability: e.Capability, Success: e.Success, Took: e.Took, Properties: filled(e.Properties, user),
		}
		if _, starts := e.Starts(); starts {
			label := gjson.GetBytes(e.Properties, "subFlowId.value.label").Str
			one.Properties = map[string]any{"subFlowId": map[string]any{
				"value": map[string]any{"label": label, "value": fake.FlowID(label)},
			}}
		}
		all[e.Flow].Events = append(all[e.Flow].Events, one)
	}
	return all
}

// filled returns properties in which a user's attributes replace the placeholders.
func filled(properties []byte, user map[string]string) (out map[string]any) {
	text := string(properties)
	for name, value := range user {
		quoted := davinci.Quote(value)
		text = strings.ReplaceAll(text, "${user."+name+"}", quoted[1:len(quoted)-1])
	}
	out, _ = gjson.Parse(text).Value().(map[string]any)
	return out
}

// hopOf returns a hop's body and the answer read from it, nil if the body is not JSON.
func hopOf(f *recordings.Flow, name string) (node gjson.Result, read *davinci.Answer) {
	if f == nil {
		return node, nil
	}
	at := slices.IndexFunc(f.Hops, func(h *recordings.Hop) bool { return h.Name == name })
	if at < 0 {
		return node, nil
	}
	answer := f.Hops[at].Answer()
	body := answer.Body(false)
	if body == nil {
		body = answer.Body(true)
	}
	if body == nil || answer.HTML != nil {
		return node, nil
	}
	return gjson.ParseBytes(body.Text), davinci.Reader{Waits: true}.Read(answer.Status, nil, body.Text)
}

// answered returns the log entries of the node that answered a step.
func answered(node gjson.Result, read *davinci.Answer, s *mockserver.Step, now time.Time) []fake.Event {
	e := fake.Event{
		At: now, Message: "Receive Request", Node: title(node), Connector: node.Get("connectorId").Str,
		Capability: node.Get("capabilityName").Str, Properties: map[string]any{},
	}
	s.Sent.FormData.ForEach(func(key, value gjson.Result) bool {
		e.Properties[key.Str] = map[string]any{"value": masked(key.Str, value)}
		return true
	})
	took := int64(1)
	back := e
	back.Message, back.Success, back.Took = "Send Response", "true", &took
	if read.Outcome == davinci.Refused || read.Outcome == davinci.Failed {
		back.Message, back.Success = "Send Error Response", "false"
	}
	return []fake.Event{e, back}
}

// title returns the title of a node: the title in its answer, or the name of its form, or
// its capability in words.
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

// typed returns the values that a person typed, as the log shows them.
func typed(formData gjson.Result) map[string]any {
	out := map[string]any{}
	formData.ForEach(func(key, value gjson.Result) bool {
		out[key.Str] = masked(key.Str, value)
		return true
	})
	return out
}

// masked returns a value as the log shows it. The log hides only passwords.
func masked(key string, value gjson.Result) any {
	if strings.Contains(strings.ToLower(key), "password") {
		return "********"
	}
	return value.Value()
}
