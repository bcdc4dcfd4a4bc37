package recordings

import (
	"cmp"
	"encoding/json"
	"strings"
	"unicode"

	"github.com/tidwall/gjson"
)

// eventType is the eventType with which a client sends a request: it follows
// from the button, and where that is not known from what is sent.
func eventType(from *Hop, r *Request) string {
	if r.EventType != "" {
		return r.EventType
	}
	kind := fieldType(from, r.Action)
	switch {
	case kind == "SUBMIT_BUTTON" || len(r.fields) > 0:
		return "submit"
	case kind == "" && r.looksAt:
		return "submit"
	case r.Action == "" && kind == "":
		return "submit"
	default:
		return "action"
	}
}

// fieldType returns the type of a field of a screen, or "".
func fieldType(screen *Hop, key string) string {
	if screen.Response.JSON == nil {
		return ""
	}
	kind := ""
	gjson.GetBytes(screen.Response.JSON.Text, "form.components.fields").ForEach(func(_, field gjson.Result) bool {
		if field.Get("key").Str == key {
			kind = field.Get("type").Str
		}
		return kind == ""
	})
	return kind
}

// formData is what a client posts that r means, as JSON; "" where it posts none.
func (w *walker) formData(from *Hop, r *Request) string {
	if !r.looksAt {
		return ""
	}
	var b strings.Builder
	b.WriteByte('{')
	for i := range r.fields {
		f := &r.fields[i]
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(asJSON(f.key) + ":" + w.value(f, fieldType(from, f.key)))
	}
	b.WriteByte('}')
	return b.String()
}

// value is a value that a field means, as JSON.
func (w *walker) value(f *field, kind string) string {
	switch f.is {
	case user:
		value, _ := w.attribute(f.attr)
		return asJSON(value)
	case notUser:
		value, _ := w.attribute(f.attr)
		return asJSON(unlike(value))
	case anything:
		return w.someValue(kind, f.key)
	default:
		if f.json {
			return f.text
		}
		return asJSON(f.text)
	}
}

// unlike returns another value of the same form: digits stay digits, and an
// email address stays one.
func unlike(value string) string {
	var b strings.Builder
	for i, r := range value {
		switch {
		case r >= '0' && r <= '8':
			b.WriteRune(r + 1)
		case r == '9':
			b.WriteRune('0')
		case unicode.IsLetter(r) && i == 0:
			b.WriteString("un" + string(r))
		default:
			b.WriteRune(r)
		}
	}
	if b.String() == value {
		return "unlike"
	}
	return b.String()
}

// someValue is a value for a field that takes any, in the form in which its
// type is posted.
//
// Source: what the SDKs post for each type of field.
func (w *walker) someValue(kind, key string) string {
	switch kind {
	case "PHONE_NUMBER":
		return phoneNumber(w.walk.User)
	case "FIDO2":
		return `{"attestationValue":{"id":"c3RhbmQtaW4","rawId":"c3RhbmQtaW4","type":"public-key"}}`
	case "COMBOBOX", "CHECKBOX":
		return `["some"]`
	case "SINGLE_CHECKBOX":
		return "true"
	case "POLLING":
		return `"continue"`
	case "DEVICE_AUTHENTICATION":
		return `{"type":"EMAIL","id":"00000000-0000-4000-8000-000000000000","value":"some device"}`
	default:
		return asJSON(cmp.Or(w.walk.Any, "some ") + key)
	}
}

// callingCodes are those of countries whose numbers are told apart by them.
//
// Source: ITU-T E.164.
var callingCodes = map[string]string{
	"1": "US", "31": "NL", "32": "BE", "33": "FR", "34": "ES", "39": "IT", "41": "CH", "43": "AT",
	"44": "GB", "45": "DK", "46": "SE", "47": "NO", "48": "PL", "49": "DE", "52": "MX", "55": "BR",
	"61": "AU", "64": "NZ", "65": "SG", "81": "JP", "82": "KR", "86": "CN", "91": "IN",
}

// phoneNumber is the phone number of a user as a field for one posts it, or a
// number that nobody has.
func phoneNumber(user map[string]string) string {
	country, number := "US", "5550199"
	for _, name := range sortedKeys(user) {
		digits, ok := strings.CutPrefix(user[name], "+")
		if !ok || !strings.Contains(strings.ToLower(name), "phone") {
			continue
		}
		for _, length := range []int{1, 2} {
			if code := digits[:min(length, len(digits))]; callingCodes[code] != "" {
				country, number = callingCodes[code], strings.TrimPrefix(digits, code)
			}
		}
	}
	return `{"countryCode":` + asJSON(country) + `,"phoneNumber":` + asJSON(number) + `}`
}

func asJSON(s string) string { return `"` + string(quotedInside(s)) + `"` }

// A stand-in that a signed token looks like: none of it is a token.
func standInToken(of string) string {
	part := func(v any) string {
		text, err := json.Marshal(v)
		if err != nil {
			return "" // a map of strings can always be written
		}
		return base64url(text)
	}
	return part(map[string]string{"alg": "none", "typ": "JWT"}) + "." +
		part(map[string]string{"sub": "stand-in", "use": of}) + "." + base64url([]byte("not a signature"))
}
