package recordings

import "github.com/tidwall/gjson"

// ReadSent reads the body of a next request in either of its two dialects: the
// one of the SDKs, and the one of the widget, which puts the fields flat into
// parameters.
//
// Source: "Step 2: Execute the next flow action", and what the widget posts.
func ReadSent(body gjson.Result) *Sent {
	parameters := body.Get("parameters")
	sent := &Sent{EventType: parameters.Get("eventType").Str}
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
