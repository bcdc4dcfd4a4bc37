package conformance

import (
	"slices"
	"strings"

	"flowtest/steps/davinci"
)

// sdkScreenRules say which screens an SDK can show, and go on from.
func sdkScreenRules() []*Requirement {
	return slices.Concat(
		sdkRule(onAll, "CAPABILITY", JSON, sdkScreens, atScreen,
			"The flow pauses at customHTMLTemplate, customForm or showForm.", screenIsForm),
		sdkRule(onAll, "WAY-ON", JSON, sdkScreens, atScreen,
			"A screen has a field with which the SDK can continue.", screenHasWayOn),
		sdkRule(onAll, "INPUTS", JSON, sdkScreens, atScreen,
			"Nothing depends on form.components.inputs.", hasNoInputs),
		sdkRule(onAll, "SK-POLLING", BothShapes, sdkPolling, atScreen,
			"A screen polls by a field POLLING, not by a component of its page.", pollsByField),
	)
}

func screenIsForm(v *sdkView, _ SDK) verdict {
	name := v.value(rowCapability)
	switch name.Str {
	case customHTMLTemplate, customForm, showForm:
		return ok
	}
	if v.value(rowForm).Exists() {
		return doubts("capabilityName", show(name),
			"customHTMLTemplate, customForm or showForm: the SDK shows the form and is documented to support "+
				"only these")
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
		return breaks(path, davinci.KindOf(v.value(rowFields)), "an array with a button: the SDK shows an empty screen")
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

// sdkFieldRules say of which fields an SDK makes a collector, and what the
// collector needs.
func sdkFieldRules() []*Requirement {
	return slices.Concat(
		sdkRule(onAll, "FIELD-TYPE", JSON, sdkScreens, atScreen,
			"The SDK makes a collector of every field, by its type and, on Android and iOS, by its inputType first.",
			typesAreKnown),
		sdkRule(onWeb, "FIELD-KIND", JSON, sdkScreens, atScreen,
			"Every field is an object with a type, a string.", typesAreStrings),
		sdkRule(onAll, "REGEX", JSON, sdkScreens, atScreen,
			"The pattern of a field's validation begins with ^ and ends with $.", patternsAreAnchored),
		sdkRule(onAll, "SOCIAL", JSON, sdkProvider, atScreen,
			"A field SOCIAL_LOGIN_BUTTON has links.authenticate.href, and its screen _links.continue.href.",
			ofType("SOCIAL_LOGIN_BUTTON", providerIsReached)),
		sdkRule(onAll, "FIDO2", JSON, sdkPasskeys, atScreen,
			"A field FIDO2 has the action REGISTER or AUTHENTICATE and the options of that action, in which "+
				"challenge is an array.", ofType("FIDO2", passkeyHasOptions)),
	)
}

// worstEntry returns the most severe verdict on the entries of the screen, the first of them. An
// entry to which the check does not apply gives none.
func (v *sdkView) worstEntry(check func(e *sdkEntry) verdict) verdict {
	worst := none
	if v.shown == nil {
		return none
	}
	for i := range v.shown.entries {
		if got := check(&v.shown.entries[i]); got.kind > worst.kind {
			worst = got
		}
	}
	return worst
}

// ofType returns the check of a screen that checks each entry of a type against one.
func ofType(kind string, check func(v *sdkView, e *sdkEntry, s SDK) verdict) func(*sdkView, SDK) verdict {
	return func(v *sdkView, s SDK) verdict {
		return v.worstEntry(func(e *sdkEntry) verdict {
			if e.Type != kind {
				return none
			}
			return check(v, e, s)
		})
	}
}

// typesAreKnown names every field that is lost, since a person fixes them together.
func typesAreKnown(v *sdkView, s SDK) verdict {
	var lost []string
	worst := v.worstEntry(func(e *sdkEntry) verdict {
		why := "a type that the SDK knows: it leaves the field out without an error"
		if s == Web {
			why = "a type that the SDK knows: it makes an unknown collector of it, to which no value can be given"
		}
		switch {
		case !e.typed && s == Web:
			return none // a requirement of its own
		case e.knownTo.has(s) || harmless(e.Type):
			return ok
		case e.Required:
			lost = append(lost, e.name()+", required")
			return breaks(entryPath(e.place, "type"), "", why+", and the form needs one")
		default:
			lost = append(lost, e.name())
			return doubts(entryPath(e.place, "type"), "", why)
		}
	})
	worst.found = strings.Join(lost, "; ")
	return worst
}

func typesAreStrings(v *sdkView, _ SDK) verdict {
	return v.worstEntry(func(e *sdkEntry) verdict {
		if e.typed {
			return ok
		}
		return breaks(entryPath(e.place, "type"), davinci.KindOf(e.Raw.Get("type")),
			"a string: the SDK stops at any other kind without an error, and the old screen stays")
	})
}

func patternsAreAnchored(v *sdkView, s SDK) verdict {
	return v.worstEntry(func(e *sdkEntry) verdict {
		pattern := e.pattern
		switch {
		case pattern == "" || !e.knownTo.has(s):
			return none
		case strings.HasPrefix(pattern, "^") && strings.HasSuffix(pattern, "$") && !strings.HasSuffix(pattern, `\$`):
			return ok
		case s == Android:
			return doubts(entryPath(e.place, "validation.regex"), pattern,
				"a pattern from ^ to $: the SDK matches the whole value against it, web and iOS look for a part of it")
		default:
			return doubts(entryPath(e.place, "validation.regex"), pattern,
				"a pattern from ^ to $: the SDK looks for a part of it, Android matches the whole value against it")
		}
	})
}

// hampered is the verdict on a field by which nothing can be done: not carried
// where the form needs it or nothing else leads on, else a limit.
func (v *sdkView) hampered(e *sdkEntry, s SDK, path, found, wanted string) verdict {
	other := slices.ContainsFunc(v.shown.entries, func(o sdkEntry) bool {
		return o.place != e.place && o.knownTo.has(s) && o.acts(v.shown)
	})
	if e.Required || !other {
		return breaks(path, found, wanted)
	}
	return doubts(path, found, wanted)
}

func providerIsReached(v *sdkView, e *sdkEntry, s SDK) verdict {
	switch {
	case e.Raw.Get("idpEnabled").Raw == "false":
		return none
	case e.provider(v.shown):
		return ok
	case !v.shown.goesOn:
		return v.hampered(e, s, "_links.continue.href", "nothing",
			"a link: the SDK has nowhere to resume the flow when the person comes back from "+e.name())
	default:
		href := e.Raw.Get("links.authenticate.href")
		return v.hampered(e, s, entryPath(e.place, "links.authenticate.href"), show(href),
			"an absolute URL: the SDK has nowhere to send the person")
	}
}

func passkeyHasOptions(v *sdkView, e *sdkEntry, s SDK) verdict {
	var options string
	switch action := e.Raw.Get("action"); action.Str {
	case "REGISTER":
		options = "publicKeyCredentialCreationOptions"
	case "AUTHENTICATE":
		options = "publicKeyCredentialRequestOptions"
	default:
		return v.hampered(e, s, entryPath(e.place, "action"), show(action),
			"REGISTER or AUTHENTICATE: the SDK makes no collector of any other")
	}
	if got := e.Raw.Get(options); !got.IsObject() {
		return v.hampered(e, s, entryPath(e.place, options), davinci.KindOf(got),
			"an object: the SDK cannot ask for a passkey without it")
	}
	if got := e.Raw.Get(options + ".challenge"); !got.IsArray() {
		return v.hampered(e, s, entryPath(e.place, options+".challenge"), davinci.KindOf(got),
			"an array of bytes: the SDK makes an empty challenge of anything else, or throws")
	}
	return ok
}

// collectors are the types of fields of which SDKs make something.
//
// Source: the collectors that each SDK registers, and the release notes of Android
// 2.1.0. That of iOS is the table of December 2025, which had neither POLLING,
// SINGLE_CHECKBOX, AGREEMENT nor QR_CODE. IMAGE came to Android and iOS after that,
// and METADATA, the SDK connector, to all three.
var collectors = madeBy(map[sdkSet]string{
	onAll: "TEXT PASSWORD PASSWORD_VERIFY SUBMIT_BUTTON FLOW_BUTTON FLOW_LINK LABEL DROPDOWN RADIO COMBOBOX CHECKBOX " +
		"PHONE_NUMBER DEVICE_REGISTRATION DEVICE_AUTHENTICATION SOCIAL_LOGIN_BUTTON PROTECT FIDO2",
	onWeb | onAndroid: "SINGLE_CHECKBOX POLLING QR_CODE AGREEMENT",
	onWeb:             "IMAGE",
})

// inputTypes are those by which the mobile SDKs choose before they look at the type.
var inputTypes = madeBy(map[sdkSet]string{
	onMobile:  "ACTION SINGLE_SELECT MULTI_SELECT",
	onAndroid: "BOOLEAN READ_ONLY_TEXT",
})

// madeBy returns the SDKs by the types that are listed for each set of them.
func madeBy(types map[sdkSet]string) map[string]sdkSet {
	out := map[string]sdkSet{}
	for on, list := range types {
		for kind := range strings.FieldsSeq(list) {
			out[kind] = on
		}
	}
	return out
}

// knowing returns the SDKs that make a collector of a field. The web SDK goes by the type, and
// makes a plain button of a type with BUTTON or LINK in it; the others go by inputType if there
// is one.
func knowing(kind, inputType string) sdkSet {
	known := collectors[kind]
	web := known & onWeb
	if strings.Contains(kind, "BUTTON") || strings.Contains(kind, "LINK") {
		web = onWeb
	}
	if inputType == "" {
		return web | known&onMobile
	}
	return web | (inputTypes[inputType]|collectors[inputType])&onMobile
}

// harmless reports whether nothing is lost where an SDK makes no collector of
// a type: what ERROR_DISPLAY would show comes with the error.
func harmless(kind string) bool { return kind == "ERROR_DISPLAY" }

// acts reports whether a person or the app gets on from a screen by a field: a
// device that was chosen, a passkey or the signals of PROTECT send the form themselves.
func (e *sdkEntry) acts(s *sdkScreen) bool {
	switch e.Type {
	case "SUBMIT_BUTTON", "FLOW_BUTTON", "FLOW_LINK", "POLLING", "FIDO2", "DEVICE_REGISTRATION",
		"DEVICE_AUTHENTICATION", "PROTECT", "METADATA":
		return true
	case "SOCIAL_LOGIN_BUTTON":
		return e.provider(s)
	default:
		return e.InputType == "ACTION" || strings.Contains(e.Type, "BUTTON") || strings.Contains(e.Type, "LINK")
	}
}

// provider reports whether an identity provider can be reached by a field and
// the flow be resumed afterwards.
func (e *sdkEntry) provider(s *sdkScreen) bool {
	return s.goesOn && absolute(e.Raw.Get("links.authenticate.href")) != nil
}
