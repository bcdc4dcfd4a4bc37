package mockserver

import (
	"github.com/tidwall/gjson"

	"flowtest/recordings"
)

// choose returns the choice that answers what was sent, or nil, and the user
// whom the request names or who signs on already.
func (in *interaction) choose(choices []*choice, sent *recordings.Sent) (*choice, map[string]string) {
	if in.user != nil || len(in.users.list) == 0 {
		for _, c := range choices {
			if c.request.Matches(sent, in.attribute) {
				return c, in.user
			}
		}
		return nil, nil
	}
	for _, c := range choices {
		for _, user := range in.users.list {
			attr := func(name string) (string, bool) {
				value, ok := user[name]
				return value, ok
			}
			if !c.request.Matches(sent, attr) {
				continue
			}
			if c.request.NamesUser() {
				return c, user
			}
			return c, nil
		}
	}
	return nil, nil
}

// readSent reads the body of a next request in either of its two dialects: the
// one of the SDKs, and the one of the widget, which puts the fields flat into
// parameters.
func readSent(body gjson.Result) *recordings.Sent {
	parameters := body.Get("parameters")
	sent := &recordings.Sent{EventType: parameters.Get("eventType").Str}
	if data := parameters.Get("data"); data.Exists() {
		sent.Action = data.Get("actionKey").Str
		sent.FormData = data.Get("formData")
		return sent
	}
	sent.Action = parameters.Get("buttonValue").Str
	switch parameters.Get("buttonType").String() {
	case "form-submit":
		sent.EventType = "submit"
	case "next-event":
		sent.EventType = "action"
	}
	sent.FormData = widgetFields(parameters)
	return sent
}

// widgetFields returns parameters without what is not a field.
func widgetFields(parameters gjson.Result) gjson.Result {
	out := []byte{'{'}
	parameters.ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "eventType", "buttonType", "buttonValue":
		default:
			if len(out) > 1 {
				out = append(out, ',')
			}
			out = append(append(append(out, key.Raw...), ':'), value.Raw...)
		}
		return true
	})
	return gjson.ParseBytes(append(out, '}'))
}
