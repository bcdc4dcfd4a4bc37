package davinci

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// A Reader reads an answer of a journey. The zero value reads the first answer.
type Reader struct {
	// Waits says that the journey waits at a screen, to which a refusal or a rewind
	// goes back. Optional.
	Waits bool

	// Hide removes secrets from a text that a failure quotes: those that the caller knows, and
	// the given secrets of the answer. Nil removes only the secrets of the answer, as they are
	// written there. Optional.
	Hide func(text string, secrets []string) string
}

// Read reads an answer: what it means for the journey and, if the journey ends, why.
// Every body can be read; one that is not a JSON object is a failure. The answer keeps
// header and body, which the caller must not change. Header may be nil.
//
// Source: how Ping's web, Android and iOS SDKs decide. If they differ, [Outcome] says which
// client the decision follows.
func (r Reader) Read(status int, header http.Header, body []byte) *Answer {
	a := &Answer{Status: status, Header: header, Body: body, cookies: setCookies(header), hide: r.Hide}
	if beginsAsObject(body) && gjson.ValidBytes(body) {
		const usual = 18 // properties of a screen or an end
		a.text, a.properties = string(body), make([]property, 0, usual)
		a.text, a.twice = lastOf(a.text)
		gjson.Parse(a.text).ForEach(func(name, value gjson.Result) bool {
			a.properties = append(a.properties, property{name.Str, value})
			return true
		})
	}
	a.Outcome, a.Failure = classify(a, r.Waits)
	return a
}

// An Answer is a response of the service. [Reader.Read] makes it. It must not be used
// by several goroutines at once.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte

	Outcome Outcome
	Failure *Failure // nil unless Outcome is Failed

	text       string // of a JSON object as it is read, "" if the body is none
	twice      bool   // the body has a name twice in one object
	properties []property
	cookies    []*http.Cookie
	page       *Page   // once it is needed
	screen     *Screen // once it is needed
	hide       func(text string, secrets []string) string
}

// A property is one at the top of a body.
type property struct {
	name  string
	value gjson.Result
}

// IsObject reports whether the body is a JSON object, as every answer of a flow is.
func (a *Answer) IsObject() bool { return a.text != "" }

// Get returns the value at a gjson path of the body. If an object has a name twice, the last
// value counts, as for other readers of JSON. The result does not exist if the value is missing
// or the body is not a JSON object.
func (a *Answer) Get(path string) gjson.Result {
	if path == "" || a.text == "" {
		return gjson.Result{}
	}
	return gjson.Get(a.text, path)
}

// Property returns the property of the body with that name, which is not a path. It does not
// exist if the body is not a JSON object.
func (a *Answer) Property(name string) gjson.Result {
	for i := range a.properties {
		if p := &a.properties[i]; p.name == name {
			return p.value
		}
	}
	return gjson.Result{}
}

// Cookies returns the cookies that the response sets, in order, without lines that are not
// cookies. The slice and the cookies are the answer's.
func (a *Answer) Cookies() []*http.Cookie { return a.cookies }

// Secrets returns the values of the answer that must not be shown: tokens, codes and
// sessions, all values of a repeated name, and the values of secret cookies.
func (a *Answer) Secrets() []string {
	var out []string
	text := ""
	if a.twice || !a.IsObject() { // one that broke off, and a page with an object in it, hold secrets too
		text = firstObject(string(a.Body))
	}
	for _, path := range secretPaths {
		if text != "" {
			out = everyAt(text, path, out)
			// What breaks off can be read in two ways, and is hidden in both.
			if v := gjson.GetBytes(a.Body, path); v.Type == gjson.String && !slices.Contains(out, v.Str) {
				out = append(out, v.Str)
			}
			continue
		}
		name, rest, deep := strings.Cut(path, ".")
		v := a.Property(name)
		if deep && v.Type == gjson.JSON { // in a string gjson would look at its text
			v = v.Get(rest)
		} else if deep {
			continue
		}
		if v.Type == gjson.String {
			out = append(out, v.Str)
		}
	}
	for _, c := range a.cookies {
		if c.Name != "interactionId" && SecretCookie(c.Name, c.Value) {
			out = append(out, c.Value)
		}
	}
	return out
}

// SecretCookie reports whether the value of a cookie must not be shown: it is a session or
// interaction cookie, or the value has 16 characters or more. A shorter value, as in lang=en,
// is a setting.
func SecretCookie(name, value string) bool {
	const long = 16
	switch name {
	case "ST", "ST-NO-SS", "interactionToken":
		return true
	default:
		return utf8.RuneCountInString(value) >= long
	}
}

// NodeID returns the id of the node that answered, or "". An error of PingOne itself, which has no
// capability, has a new UUID there each time; a recording has a variable instead.
func (a *Answer) NodeID() string {
	id := a.Property("id").String()
	if (a.Outcome == Refused || a.Outcome == Failed) && a.Capability() == "" && strings.ContainsAny(id, "-{") {
		return ""
	}
	return id
}

// Capability returns the name of the capability that answered, or "".
func (a *Answer) Capability() string { return a.Property("capabilityName").String() }

// EventName returns the event with which a client leaves the screen of the answer. It
// is "continue" if the answer has none, as with customForm and detailed screens.
func (a *Answer) EventName() string {
	name := a.Property("eventName").String()
	if click := a.Property("screen").Get("properties.button.onClick.eventName"); click.Exists() {
		name = click.String()
	}
	if name == "" {
		return "continue"
	}
	return name
}

// Message returns what the flow reports to the person, trimmed: many messages
// of the service begin with a blank.
func (a *Answer) Message() string {
	for _, m := range []gjson.Result{
		a.Property("message"), a.Property("error").Get("message"), a.Property("errorMessage"),
		a.Property("error_description"),
	} {
		if m.Type == gjson.String {
			return strings.TrimSpace(m.Str)
		}
	}
	return ""
}

// Code returns the code of an error as text, trimmed: on the wire it is a
// string or a number.
func (a *Answer) Code() string {
	for _, c := range []gjson.Result{a.Property("code"), a.Property("error").Get("code")} {
		if c.Exists() && !c.IsObject() && !c.IsArray() {
			return strings.TrimSpace(c.String())
		}
	}
	return ""
}

// beginsAsObject reports whether a body is JSON by its first character.
func beginsAsObject(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{"))
}
