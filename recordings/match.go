package recordings

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/tidwall/gjson"
	"golang.org/x/text/language"

	"flowtest/steps/davinci"
	"flowtest/steps/generated"
)

// Matches reports whether a request matches r. attr returns the attributes of the user
// who signs on.
func (r *Request) Matches(s *davinci.Sent, attr func(name string) (string, bool)) bool {
	for i := range r.query {
		if !r.query[i].asked(s, attr) {
			return false
		}
	}
	if r.Action != s.Action || r.EventType != "" && r.EventType != s.EventType ||
		r.Platform != "" && r.Platform != s.Platform || r.Language != "" && !r.prefers(s.AcceptLanguage) ||
		r.Session && !s.Session || !r.returns(s, attr) {
		return false
	}
	if !r.looksAt {
		return true
	}
	for i := range r.fields {
		if !r.fields[i].matches(get(s.FormData, r.fields[i].key), attr) {
			return false
		}
	}
	return !r.hasMore(s)
}

// returns reports whether the continue token is as the recording has it: one where a
// client comes back from an identity provider, and none otherwise.
func (r *Request) returns(s *davinci.Sent, attr func(name string) (string, bool)) bool {
	if r.ContinueToken == "" || s.ContinueToken == "" {
		return r.ContinueToken == s.ContinueToken
	}
	return r.Native == s.Native && r.token.matches(gjson.Result{Type: gjson.String, Str: s.ContinueToken}, attr)
}

// prefers reports whether an Accept-Language header puts the language of r first, with
// or without a region.
func (r *Request) prefers(header string) bool {
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil || len(tags) == 0 {
		return false
	}
	first := tags[0].String()
	return first == r.Language || strings.HasPrefix(first, r.Language+"-")
}

// hasMore reports whether a value was sent that r does not know. Clients send
// what was left empty too, so that does not count.
func (r *Request) hasMore(s *davinci.Sent) bool {
	more := false
	s.FormData.ForEach(func(key, value gjson.Result) bool {
		more = !r.knows(key.String()) && !davinci.Untouched(value)
		return !more
	})
	return more
}

func (r *Request) knows(key string) bool {
	for i := range r.fields {
		if r.fields[i].key == key {
			return true
		}
	}
	return false
}

// Differs describes for people how a request differs from r: keys and the values
// expected under them, never a value that a person typed.
func (r *Request) Differs(s *davinci.Sent, attr func(name string) (string, bool)) []string {
	var out []string
	for i := range r.query {
		if f := &r.query[i]; !f.asked(s, attr) {
			out = append(out, fmt.Sprintf("parameter %s is not %q", f.key, r.Query[f.key]))
		}
	}
	out = append(out, r.otherClient(s, attr)...)
	if r.Action != s.Action {
		out = append(out, fmt.Sprintf("action is %q, recorded is %q", s.Action, r.Action))
	}
	if r.EventType != "" && r.EventType != s.EventType {
		out = append(out, fmt.Sprintf("eventType is %q, recorded is %q", s.EventType, r.EventType))
	}
	if !r.looksAt {
		return out
	}
	for i := range r.fields {
		f := &r.fields[i]
		if value := get(s.FormData, f.key); !f.matches(value, attr) {
			out = append(out, f.differs(value))
		}
	}
	s.FormData.ForEach(func(key, value gjson.Result) bool {
		if k := key.String(); !r.knows(k) && !davinci.Untouched(value) {
			out = append(out, k+" was sent, and is not recorded")
		}
		return true
	})
	return out
}

// otherClient says how the client differs from the one that r means.
func (r *Request) otherClient(s *davinci.Sent, attr func(name string) (string, bool)) (out []string) {
	if r.Platform != "" && r.Platform != s.Platform {
		out = append(out, fmt.Sprintf("platform is %q, recorded is %q", s.Platform, r.Platform))
	}
	if r.Language != "" && !r.prefers(s.AcceptLanguage) {
		out = append(out, fmt.Sprintf("Accept-Language is %q, recorded is %q", s.AcceptLanguage, r.Language))
	}
	if r.Session && !s.Session {
		out = append(out, "recorded is a browser whose session lives, and this one has none")
	}
	if r.returns(s, attr) {
		return out
	}
	switch {
	case s.ContinueToken == "":
		out = append(out, "recorded is that a client comes back from an identity provider")
	case r.ContinueToken == "":
		out = append(out, "recorded is not a return from an identity provider")
	case r.Native != s.Native:
		const usual = "continueToken"
		out = append(out, fmt.Sprintf("the token is posted as %s, recorded is %s",
			cmp.Or(s.Native, usual), cmp.Or(r.Native, usual)))
	default:
		out = append(out, r.token.differs(gjson.Result{Type: gjson.String, Str: s.ContinueToken}))
	}
	return out
}

// asked reports whether a parameter of the query is as the recording has it.
func (f *field) asked(s *davinci.Sent, attr func(name string) (string, bool)) bool {
	want, ok := f.parameter(attr)
	return ok && s.Query.Get(f.key) == want
}

func (f *field) matches(value gjson.Result, attr func(name string) (string, bool)) bool {
	switch f.is {
	case anything:
		return !davinci.Untouched(value)
	case passkey:
		return davinci.IsPasskey(value)
	case user:
		want, ok := attr(f.attr)
		return ok && f.equals(value.String(), want)
	case notUser:
		other, ok := attr(f.attr)
		return ok && !f.equals(value.String(), other)
	case made:
		return !davinci.Untouched(value) && generated.Like(f.attr, typedText(value))
	default:
		if davinci.Untouched(value) {
			return f.none
		}
		if f.json {
			return sameJSON(value.Raw, f.text)
		}
		return value.Type == gjson.String && value.Str == f.text
	}
}

// equals reports whether a value is that of the attribute: of a key of one-time codes, a
// current code.
func (f *field) equals(value, attribute string) bool {
	if f.attr == generated.TOTP {
		if key, err := generated.ParseKey(attribute); err == nil {
			return key.Accepts(value, time.Now())
		}
	}
	return value == attribute
}

// typedText is the text of a value as a person typed it: of a phone number the digits.
func typedText(value gjson.Result) string {
	if number := value.Get("phoneNumber"); value.IsObject() && number.Exists() {
		return number.String()
	}
	return value.String()
}

func (f *field) differs(value gjson.Result) string {
	want := fmt.Sprintf("%q", f.text)
	switch f.is {
	case anything:
		want = "any value"
	case passkey:
		want = "a passkey"
	case user:
		want = "${user." + f.attr + "}"
	case notUser:
		want = "another value than ${user." + f.attr + "}"
	case made:
		want = "one like ${" + f.attr + "}"
	case literal:
		if f.json {
			want = f.text
		}
	}
	if !value.Exists() {
		return f.key + " was not sent, recorded is " + want
	}
	return f.key + " has another value, recorded is " + want
}

// get looks up a key of formData literally: the keys are flat and dotted,
// and a gjson path would read the dots as steps.
func get(object gjson.Result, key string) gjson.Result {
	var found gjson.Result
	object.ForEach(func(k, v gjson.Result) bool {
		if k.Str == key {
			found = v
			return false
		}
		return true
	})
	return found
}

func sameJSON(a, b string) bool {
	return a == b || reflect.DeepEqual(gjson.Parse(a).Value(), gjson.Parse(b).Value())
}
