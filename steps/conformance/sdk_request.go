package conformance

import (
	"slices"

	"github.com/tidwall/gjson"
)

// sdkRequestRules say whether an SDK could have sent what the journey sent.
func sdkRequestRules() []*Requirement {
	list := slices.Concat(
		sdkRule(onAll, "PRESSED", JSON, sdkRequests, atAny,
			"The SDK can do what the journey did at the screen: press this button, or poll.", actionIsOffered),
		sdkRule(onAll, "EVENT-TYPE", JSON, sdkRequests, atAny,
			"A submit button is pressed with eventType submit, a flow button with action.", eventFitsButton),
		sdkRule(onAll, "VALUES", JSON, sdkRequests, atAny,
			"Every value that the journey sent is of a field to which the SDK can give one.", valuesCanBeGiven),
		sdkRule(onWeb, "ACTION-VALUES", JSON, sdkRequests, atAny,
			"A flow button is pressed without values.", actionHasNoValues),
		sdkRule(onAll, "DEVICE", JSON, sdkRequests, atAny,
			"A device is chosen with the properties that the SDK sends: type, id and value on the web, type, id "+
				"and description on Android and iOS.", deviceIsSentSo),
	)
	for _, r := range list {
		check := r.checkSDK
		r.checkSDK = func(v *sdkView, s SDK) verdict {
			if v.open == nil || !v.sent.isJSON || !v.sent.data.IsObject() {
				return none // it answers no screen in the form of the pages
			}
			return check(v, s)
		}
	}
	return list
}

func actionIsOffered(v *sdkView, s SDK) verdict {
	if v.sent.eventType.Str == "polling" {
		return pollIsOffered(v, s)
	}
	e := v.open.find(v.sent.action.Str)
	if e == nil {
		return none // the catalogue of the protocol says so
	}
	const path = "parameters.data.actionKey"
	if !e.knownTo.has(s) {
		return breaks(path, e.name(), "a button that the SDK knows: it makes nothing to press of this type")
	}
	if s != Web || !e.Submits() {
		return ok
	}
	first := v.open.firstSubmit()
	if first == e {
		return ok
	}
	return doubts(path, quoted(e.Key), quoted(first.Key)+": next() of the SDK sends the first submit button of a "+
		"screen, whichever was pressed; an app has to pass it the request for another")
}

func pollIsOffered(v *sdkView, s SDK) verdict {
	i := slices.IndexFunc(v.open.entries, func(e sdkEntry) bool { return e.Type == "POLLING" })
	if i < 0 {
		return breaks("parameters.eventType", "polling at a screen without a field POLLING",
			"such a field: the SDK has nothing else to poll by")
	}
	return when(v.open.entries[i].knownTo.has(s), "parameters.eventType", "polling",
		"submit or action: the SDK does not poll")
}

// firstSubmit returns the first submit button. There is one.
func (s *sdkScreen) firstSubmit() *sdkEntry {
	i := slices.IndexFunc(s.entries, func(e sdkEntry) bool { return e.Submits() })
	return &s.entries[i]
}

func eventFitsButton(v *sdkView, _ SDK) verdict {
	e := v.open.find(v.sent.action.Str)
	if e == nil || !e.IsButton() || v.sent.eventType.Str == "polling" {
		return none
	}
	want := "action"
	if e.Submits() {
		want = "submit"
	}
	got := v.sent.eventType
	if got.Str == want {
		return ok
	}
	return doubts("parameters.eventType", show(got),
		want+": the SDK sends it for "+e.name()+", and the flow may take another way")
}

// valuesCanBeGiven passes over empty values, which Android and iOS leave out
// and the web sends of itself.
func valuesCanBeGiven(v *sdkView, s SDK) verdict {
	if v.sent.eventType.Str == "polling" {
		return none
	}
	out := none
	v.sent.fields.ForEach(func(key, value gjson.Result) bool {
		if emptyValue(value) {
			return true
		}
		e := v.open.find(key.Str)
		switch {
		case e == nil:
			out = breaks(attributePath(key.Str), "no field of this name on the screen",
				"the key of a field: the SDK sends nothing else")
		case !e.knownTo.has(s):
			out = breaks(attributePath(key.Str), e.name(),
				"a field that the SDK knows: it can give no value to one of this type")
		default:
			out = ok
		}
		return out.kind != broken
	})
	return out
}

func emptyValue(r gjson.Result) bool {
	switch r.Raw {
	case `""`, "[]", "{}", "null", "false":
		return true
	default:
		return false
	}
}

func actionHasNoValues(v *sdkView, _ SDK) verdict {
	if v.sent.eventType.Str != "action" {
		return none
	}
	out := ok
	v.sent.fields.ForEach(func(key, value gjson.Result) bool {
		if e := v.open.find(key.Str); emptyValue(value) || e != nil && e.Type == "METADATA" {
			return true
		}
		out = breaks(attributePath(key.Str), "a value",
			"nothing: the SDK sends no values with a flow button")
		return false
	})
	return out
}

func deviceIsSentSo(v *sdkView, s SDK) verdict {
	want, why := "description", ": the SDK sends it instead of value"
	if s == Web {
		want, why = "value", ": the SDK sends it instead of description"
	}
	out := none
	for i := range v.open.entries {
		e := &v.open.entries[i]
		if e.Type != "DEVICE_AUTHENTICATION" {
			continue
		}
		sent := v.sent.fields.Get(gjson.Escape(e.Key))
		switch {
		case !sent.IsObject() || sent.Raw == "{}":
		case sent.Get(want).Exists():
			out = ok
		default:
			return doubts(attributePath(e.Key), "no "+want,
				want+why+", and the flow has to take both")
		}
	}
	return out
}
