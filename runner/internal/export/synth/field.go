package synth

import (
	"cmp"
	"strings"

	"flowtest/runner/internal/export"
)

func fieldsRead(screen *export.Screen, n *export.Node) (out []export.Field) {
	read, some := &export.Paths{}, false
	for _, r := range n.References() {
		if path, ok := r.Field(); ok && r.Node == screen.Node.ID && !r.Pressed() {
			read.Add(path)
			some = true
		}
	}
	if !some {
		return nil
	}
	for _, f := range screen.Fields {
		if f.Key != "" && read.Has(export.Dotted(f.Key)) {
			out = append(out, f)
		}
	}
	return out
}

func secret(f export.Field) bool { return f.Type == "PASSWORD" || f.Type == "PASSWORD_VERIFY" }

// text reports whether a person types text into a field of a type.
func text(kind string) bool { return kind == "TEXT" || kind == "PASSWORD" || kind == "PASSWORD_VERIFY" }

// types reports whether a client sends a value for a field of a type.
func types(kind string) bool {
	switch kind {
	case "TEXT", "PASSWORD", "PASSWORD_VERIFY", "DROPDOWN", "RADIO", "COMBOBOX", "CHECKBOX", "SINGLE_CHECKBOX",
		"PHONE_NUMBER", "FIDO2", "DEVICE_REGISTRATION", "DEVICE_AUTHENTICATION", "PROTECT", "POLLING":
		return true
	}
	return false
}

// Attribute returns the name of the user attribute for a field.
func Attribute(key string) string {
	switch key = strings.TrimPrefix(key, "user."); key {
	case "name.given":
		return "givenName"
	case "name.family":
		return "familyName"
	}
	var b strings.Builder
	upper := false
	for _, r := range key {
		switch {
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' && b.Len() > 0:
			if upper && b.Len() > 0 {
				b.WriteString(strings.ToUpper(string(r)))
			} else {
				b.WriteRune(r)
			}
			upper = false
		default:
			upper = true
		}
	}
	return cmp.Or(b.String(), "value")
}
