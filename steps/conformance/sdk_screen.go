package conformance

import (
	"slices"

	"flowtest/steps/davinci"
)

// sdkScreenRules say which screens an SDK can show, and go on from.
func sdkScreenRules() []sdkRule {
	return slices.Concat(
		forSDKs(onAll, Requirement{
			ID: "CAPABILITY", Section: sdkScreens, Outcomes: Screen,
			Sentence: "The flow pauses at customHTMLTemplate, customForm or showForm.",
		}, screenIsForm),
		forSDKs(onAll, Requirement{
			ID: "WAY-ON", Section: sdkScreens, Outcomes: Screen,
			Sentence: "A screen has a field by which the SDK gets on.",
		}, screenHasWayOn),
		forSDKs(onAll, Requirement{
			ID: "INPUTS", Section: sdkScreens, Outcomes: Screen,
			Sentence: "Nothing hangs on form.components.inputs.",
		}, hasNoInputs),
		forSDKs(onAll, Requirement{
			ID: "SK-POLLING", Section: sdkPolling, Shapes: BothShapes, Outcomes: Screen,
			Sentence: "A screen polls by a field POLLING, not by a component of its page.",
		}, pollsByField),
	)
}

func screenIsForm(v *sdkView, _ SDK) verdict {
	name := v.value(rowCapability)
	switch name.Str {
	case davinci.CustomHTMLTemplate, davinci.CustomForm, davinci.ShowForm:
		return ok
	}
	if v.value(rowForm).Exists() {
		return doubts("capabilityName", show(name),
			"customHTMLTemplate, customForm or showForm: the SDK shows the form and is said to support these alone")
	}
	return breaks("capabilityName", show(name),
		"customHTMLTemplate, customForm or showForm: the SDK has no form to show")
}

func screenHasWayOn(v *sdkView, s SDK) verdict {
	const path = "form.components.fields"
	if v.shown == nil || !v.value(rowForm).Exists() && screenIsForm(v, s).kind == broken {
		return none // said already
	}
	if !v.shown.form {
		return breaks(path, kindOf(v.value(rowFields)), "an array with a button: the SDK shows an empty screen")
	}
	unknown := ""
	for i := range v.shown.entries {
		e := &v.shown.entries[i]
		switch {
		case !e.acts(v.shown):
		case e.knownTo.has(s):
			return ok
		default:
			unknown = e.name()
		}
	}
	if unknown != "" {
		return breaks(path, unknown+" alone",
			"a button that the SDK knows: it makes nothing of this type, and the person is stuck")
	}
	return breaks(path, "no button", "a button or another way on: the person is stuck")
}

func hasNoInputs(v *sdkView, _ SDK) verdict {
	if v.shown == nil {
		return none
	}
	inputs := v.shown.inputs
	if !inputs.Exists() || inputs.Raw == "[]" || inputs.Raw == "null" {
		return ok
	}
	return doubts("form.components.inputs", show(inputs.Get("#.key")),
		"nothing: the SDK does not read it, and an app cannot get at it")
}

// pollsByField looks at detailed screens too: a component of the page is seen
// there alone, and no SDK drives it whichever the shape. There it has nothing
// to say of a page without one.
func pollsByField(v *sdkView, _ SDK) verdict {
	const why = "a field POLLING: no SDK drives a component of the page"
	if v.skPolling {
		path := "form.components.fields"
		if v.shape == Detailed {
			path = "screen.properties.customHTML.value"
		}
		return breaks(path, "a component skpolling", why)
	}
	if v.shape == Detailed || v.shown == nil {
		return none
	}
	asked := v.shown.polling
	if asked.String() != "true" || slices.ContainsFunc(v.shown.entries,
		func(e sdkEntry) bool { return e.Type == "POLLING" }) {
		return ok
	}
	return doubts("enablePolling", asked.Raw, why+", and this screen has none")
}
