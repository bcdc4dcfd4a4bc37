package davinci

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// Sent is the data that a client sends to start a flow or to answer a screen.
type Sent struct {
	Query url.Values // of a request that starts a flow, nil of any other

	NodeID        string       // of the screen
	EventName     string       // of the screen, as [Answer.EventName] returns it
	InteractionID string       // of the journey, "" if no answer has named it
	EventType     string       // submit, action or polling
	Action        string       // the key of the button, "" if it has no key or none was pressed
	FormData      gjson.Result // an object with flat keys, or absent

	// ContinueToken is the token of a client that comes back from an identity provider;
	// then all fields above are empty. It is a secret.
	ContinueToken string

	// Native is the property in which a mobile app posts that token, one of [NativeToken]; "" if
	// it is the bearer token.
	Native string

	Platform       string // the X-Requested-Platform of the request, "" if it has none
	AcceptLanguage string // its Accept-Language

	// Session says that the browser has the session cookie of an earlier sign-on, and
	// that the request does not ask for a new sign-on.
	Session bool
}

// Platforms returns the platforms that a flow can distinguish.
//
// Source: the header X-Requested-Platform of Ping's web, Android and iOS SDKs.
func Platforms() []string { return []string{JavaScript, android, ios} }

// JavaScript is the platform of the web SDK.
const JavaScript = "javascript"

const (
	android = "android"
	ios     = "ios"
)

// ReadHeader reads the client's properties from the header of a request: its platform,
// its languages, and whether it has a session cookie. The query must be set before.
func (s *Sent) ReadHeader(header http.Header) {
	s.Platform = header.Get("X-Requested-Platform")
	s.AcceptLanguage = strings.Join(header.Values("Accept-Language"), ",")
	s.Session = hasSession(header) && s.Query.Get("prompt") != "login" && s.Query.Get("max_age") != "0"
}

// BearerToken returns the token of an Authorization header, "" if it has none.
func BearerToken(header http.Header) string {
	scheme, token, _ := strings.Cut(header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// Body returns the body of a request that answers a screen.
//
// Source: "Step 2: Execute the next flow action", as far as the documentation and
// the SDKs agree.
func (s *Sent) Body() []byte {
	switch {
	case s.ContinueToken != "" && s.Native != "":
		return []byte("{" + Quote(s.Native) + ":" + Quote(s.ContinueToken) + "}")
	case s.ContinueToken != "":
		return []byte("{}")
	}
	var b strings.Builder
	b.WriteString(`{"id":` + Quote(s.NodeID) + `,"eventName":` + Quote(s.EventName))
	if s.InteractionID != "" {
		b.WriteString(`,"interactionId":` + Quote(s.InteractionID))
	}
	b.WriteString(`,"parameters":{"eventType":` + Quote(s.EventType) + `,"data":{`)
	if s.Action != "" || s.EventType != "polling" {
		b.WriteString(`"actionKey":` + Quote(s.Action))
		if s.FormData.Exists() {
			b.WriteByte(',')
		}
	}
	if s.FormData.Exists() {
		b.WriteString(`"formData":` + s.FormData.Raw)
	}
	b.WriteString(`}}}`)
	return []byte(b.String())
}

// ReadSent reads the body of a request that answers a screen, in either of two
// dialects: that of the SDKs, and that of the widget, which has the fields directly in
// parameters. Of a repeated name the last value counts.
//
// Source: "Step 2: Execute the next flow action", and what the widget posts.
func ReadSent(body gjson.Result) *Sent {
	sent := &Sent{}
	if strings.HasPrefix(body.Raw, "{") && gjson.Valid(body.Raw) {
		if last, twice := lastOf(body.Raw); twice {
			body = gjson.Parse(last)
		}
	}
	var parameters gjson.Result
	body.ForEach(func(name, value gjson.Result) bool {
		switch name.Str {
		case "id":
			sent.NodeID = value.Str
		case "eventName":
			sent.EventName = value.Str
		case "interactionId":
			sent.InteractionID = value.Str
		case "parameters":
			parameters = value
		}
		return true
	})
	sent.EventType = parameters.Get("eventType").Str
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

// FormData returns, as JSON, the formData that pressing a button of the screen sends.
//
//	filled  what was filled in: JSON by the keys of the fields
//	submit  whether the button submits the form: then the defaults that the
//	        screen came with are sent too
//
// It returns "" if an action has no data to send.
func (s *Screen) FormData(filled map[string]string, submit bool) string {
	var parts []string
	posted := map[string]bool{} // a key that is there twice would make JSON that is read in two ways
	for i := range s.Fields {
		f := &s.Fields[i]
		if posted[f.Key] {
			continue
		}
		raw, ok := filled[f.Key]
		if !ok && submit && f.Fills() && !emptyDefault(f.Default.Raw) {
			raw, ok = f.Default.Raw, true
		}
		if ok {
			posted[f.Key] = true
			parts = append(parts, Quote(f.Key)+":"+raw)
		}
	}
	if len(parts) == 0 && !submit {
		return ""
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func emptyDefault(raw string) bool {
	return slices.Contains([]string{"", `""`, "null", "[]", "{}"}, strings.TrimSpace(raw))
}

// Untouched reports whether a value is one that a client sends for a field that a
// person did not change: nothing, false, or an empty text, list or object.
func Untouched(v gjson.Result) bool {
	switch v.Type {
	case gjson.Null, gjson.False:
		return true
	case gjson.String:
		return v.Str == ""
	case gjson.JSON:
		inside := strings.TrimSpace(v.Raw)
		return len(inside) >= 2 && strings.TrimSpace(inside[1:len(inside)-1]) == ""
	default:
		return false
	}
}

// Quote returns a text as a JSON string.
func Quote(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		return `""` // a string can always be written
	}
	return string(b)
}
