package conformance

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// sdkFieldRules say of which fields an SDK makes a collector, and what the
// collector needs.
func sdkFieldRules() []sdkRule {
	return slices.Concat(
		forSDKs(onAll, Requirement{
			ID: "FIELD-TYPE", Section: sdkScreens, Outcomes: Screen,
			Sentence: "The SDK makes a collector of every field, by its type and, on Android and iOS, by its " +
				"inputType first.",
		}, typesAreKnown),
		forSDKs(onWeb, Requirement{
			ID: "FIELD-KIND", Section: sdkScreens, Outcomes: Screen,
			Sentence: "Every field is an object with a type, a string.",
		}, typesAreStrings),
		forSDKs(onAll, Requirement{
			ID: "REGEX", Section: sdkScreens, Outcomes: Screen,
			Sentence: "The pattern of a field's validation begins with ^ and ends with $.",
		}, patternsAreAnchored),
		forSDKs(onAll, Requirement{
			ID: "SOCIAL", Section: sdkProvider, Outcomes: Screen,
			Sentence: "A field SOCIAL_LOGIN_BUTTON has links.authenticate.href, and its screen _links.continue.href.",
		}, providerIsReached),
		forSDKs(onAll, Requirement{
			ID: "FIDO2", Section: sdkPasskeys, Outcomes: Screen,
			Sentence: "A field FIDO2 has the action REGISTER or AUTHENTICATE and the options of that action, " +
				"in which challenge is an array.",
		}, passkeyHasOptions),
		forSDKs(onAndroid, Requirement{
			ID: "METADATA", Section: sdkScreens, Outcomes: Screen,
			Sentence: "A field METADATA has TYPE and OPERATION beside its key.",
		}, metadataIsRead),
	)
}

// worstEntry returns the gravest verdict on the entries of the screen, the
// first of them. An entry to which the check does not apply gives none.
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

// typesAreKnown names every field that is lost, since a person mends them together.
func typesAreKnown(v *sdkView, s SDK) verdict {
	var lost []string
	worst := v.worstEntry(func(e *sdkEntry) verdict {
		why := "a type that the SDK knows: it leaves the field out without a word"
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
		return breaks(entryPath(e.place, "type"), kindOf(e.Raw.Get("type")),
			"a string: the SDK breaks off at any other kind without a word, and the old screen stays")
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
				"a pattern from ^ to $: the SDK holds the whole value against it, web and iOS look for a part of it")
		default:
			return doubts(entryPath(e.place, "validation.regex"), pattern,
				"a pattern from ^ to $: the SDK looks for a part of it, Android holds the whole value against it")
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

func providerIsReached(v *sdkView, s SDK) verdict {
	return v.worstEntry(func(e *sdkEntry) verdict {
		switch {
		case e.Type != "SOCIAL_LOGIN_BUTTON" || e.Raw.Get("idpEnabled").Raw == "false":
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
	})
}

func passkeyHasOptions(v *sdkView, s SDK) verdict {
	return v.worstEntry(func(e *sdkEntry) verdict {
		if e.Type != "FIDO2" {
			return none
		}
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
			return v.hampered(e, s, entryPath(e.place, options), kindOf(got),
				"an object: the SDK cannot ask for a passkey without it")
		}
		if got := e.Raw.Get(options + ".challenge"); !got.IsArray() {
			return v.hampered(e, s, entryPath(e.place, options+".challenge"), kindOf(got),
				"an array of bytes: the SDK makes an empty challenge of anything else, or throws")
		}
		return ok
	})
}

func metadataIsRead(v *sdkView, _ SDK) verdict {
	return v.worstEntry(func(e *sdkEntry) verdict {
		if e.Type != "METADATA" {
			return none
		}
		for _, name := range []string{"TYPE", "OPERATION"} {
			if e.Raw.Get(name).Type != gjson.String {
				return doubts(entryPath(e.place, name), kindOf(e.Raw.Get(name)),
					"a string: the newest SDK reads it there, and not from payload, as that for the web will")
			}
		}
		return ok
	})
}
