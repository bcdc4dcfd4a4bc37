package conformance

import "strings"

// collectors are the types of fields of which SDKs make something.
//
// Source: the collectors that each SDK registers. That of iOS is the table of
// December 2025, which had neither POLLING, SINGLE_CHECKBOX, AGREEMENT,
// QR_CODE, IMAGE nor METADATA.
var collectors = map[string]sdkSet{
	"TEXT":                  onAll,
	"PASSWORD":              onAll,
	"PASSWORD_VERIFY":       onAll,
	"SUBMIT_BUTTON":         onAll,
	"FLOW_BUTTON":           onAll,
	"FLOW_LINK":             onAll,
	"LABEL":                 onAll,
	"DROPDOWN":              onAll,
	"RADIO":                 onAll,
	"COMBOBOX":              onAll,
	"CHECKBOX":              onAll,
	"PHONE_NUMBER":          onAll,
	"DEVICE_REGISTRATION":   onAll,
	"DEVICE_AUTHENTICATION": onAll,
	"SOCIAL_LOGIN_BUTTON":   onAll,
	"PROTECT":               onAll,
	"FIDO2":                 onAll,
	"SINGLE_CHECKBOX":       onWeb | onAndroid,
	"POLLING":               onWeb | onAndroid,
	"QR_CODE":               onWeb | onAndroid,
	"AGREEMENT":             onWeb | onAndroid,
	"IMAGE":                 onWeb | onAndroid,
	"METADATA":              onAndroid,
}

// inputTypes are those by which the mobile SDKs choose before they look at the type.
var inputTypes = map[string]sdkSet{
	"ACTION":         onMobile,
	"SINGLE_SELECT":  onMobile,
	"MULTI_SELECT":   onMobile,
	"BOOLEAN":        onAndroid,
	"READ_ONLY_TEXT": onAndroid,
	"METADATA":       onAndroid,
}

// knowing returns the SDKs that make a collector of a field. The web SDK goes
// by the type, and makes a plain button of a type with BUTTON or LINK in it;
// the others go by inputType where there is one.
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

// acts reports whether a person or the app gets on from a screen by a field.
func (e *sdkEntry) acts(s *sdkScreen) bool {
	switch e.Type {
	case "SUBMIT_BUTTON", "FLOW_BUTTON", "FLOW_LINK", "POLLING", "FIDO2", "DEVICE_REGISTRATION",
		"DEVICE_AUTHENTICATION", "METADATA":
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
