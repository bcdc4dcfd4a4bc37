package execlog

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
	"flowtest/steps/secret"
)

// scrubbed calls [Scrub] with the secrets of the run.
func (r *Reader) scrubbed(log *davinci.Log) *davinci.Log { return Scrub(log, r.known.Redact) }

// Scrub removes secrets from a log: those that hide knows, values whose names say that they
// are secret, and texts that look like a token or contain a code. It changes the log and
// returns it.
func Scrub(log *davinci.Log, hide func(string) string) *davinci.Log {
	for i := range log.Flows {
		log.Flows[i].Name = hide(log.Flows[i].Name)
	}
	for i := range log.Events {
		e := &log.Events[i]
		e.Node, e.Message = hide(e.Node), hide(e.Message)
		if len(e.Properties) > 0 {
			e.Properties = append(json.RawMessage(nil), scrub(nil, gjson.ParseBytes(e.Properties), "", hide)...)
		}
	}
	for i := range log.Gaps {
		log.Gaps[i] = hide(log.Gaps[i])
	}
	return log
}

// described lists names that say nothing about the value below them. They appear in an
// object that describes a property.
var described = []string{"value", "data", "default", "raw", "rawresponse", "body", "properties"}

// scrub appends a value to out.
//
//	name  the name of the value, or of the property that an object around it describes
func scrub(out []byte, v gjson.Result, name string, hide func(string) string) []byte {
	switch {
	case v.IsObject() || v.IsArray():
		opens, closes := byte('['), byte(']')
		if v.IsObject() {
			opens, closes = '{', '}'
		}
		out = append(out, opens)
		first := true
		v.ForEach(func(key, value gjson.Result) bool {
			if !first {
				out = append(out, ',')
			}
			first = false
			below := name
			if v.IsObject() {
				out = append(append(out, davinci.Quote(hide(key.Str))...), ':')
				if !slices.Contains(described, strings.ToLower(key.Str)) {
					below = key.Str
				}
			}
			out = scrub(out, value, below, hide)
			return true
		})
		return append(out, closes)
	case v.Type == gjson.Null, v.Type == gjson.True, v.Type == gjson.False:
		return append(out, v.Raw...)
	}
	text := v.String()
	switch {
	case text == "":
	case secretName(name, text), tokenLike(text):
		text = secret.Redacted
	default:
		text = hide(codes(embedded(text, hide)))
	}
	if v.Type == gjson.Number && text == v.String() {
		return append(out, v.Raw...)
	}
	return append(out, davinci.Quote(text)...)
}

// embedded scrubs JSON that a text holds.
func embedded(text string, hide func(string) string) string {
	if trimmed := strings.TrimSpace(text); len(trimmed) > 1 && (trimmed[0] == '{' || trimmed[0] == '[') &&
		gjson.Valid(trimmed) {
		return string(scrub(nil, gjson.Parse(trimmed), "", hide))
	}
	return text
}

var (
	// secretWord matches the name of a value that is a secret.
	secretWord = regexp.MustCompile(`(?i)passw|passcode|passphrase|secret|token|credential|assertion|cookie|` +
		`authorization|signature|challenge|recoverycode|(^|[^a-z])otp|[a-z]Otp|(api|private|access|secret)_?key|` +
		`^pin$|[a-z]Pin$|session_?id|keyuri|^dvresponse$`)

	// codeName matches the name of a code; harmless matches those of codes that are not
	// sent to a person.
	codeName = regexp.MustCompile(`(?i)code$`)
	harmless = regexp.MustCompile(`(?i)(error|status|response|country|postal|zip|language|locale|reason|result|` +
		`product|color|area)_?code$`)

	// aCode matches a value that can only be a person's code or an OAuth code.
	aCode = regexp.MustCompile(`^(\d{4,10}|[0-9a-fA-F-]{32,}|[A-Za-z0-9_.~-]{20,})$`)

	// opaque matches a text that is not a word: a token, a hash, a key.
	opaque = regexp.MustCompile(`[A-Za-z0-9_.~+/=-]{40,}`)

	jwt = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+`)

	speaksOfCode = regexp.MustCompile(`(?i)\b(code|passcode|otp|pin)\b`)
	digits       = regexp.MustCompile(`\b\d{4,10}\b`)
	link         = regexp.MustCompile(`https?://[^\s"'<>]+`)
)

// secretName reports whether a value is a secret by its name.
func secretName(name, value string) bool {
	return secretWord.MatchString(name) ||
		codeName.MatchString(name) && !harmless.MatchString(name) && aCode.MatchString(value)
}

// tokenLike reports whether a text looks like a token or a key, and not like the words
// of a person.
func tokenLike(text string) bool {
	return jwt.MatchString(text) && !strings.ContainsAny(text, " \n") ||
		opaque.FindString(text) == text && strings.ContainsAny(text, "0123456789")
}

// codes removes codes, tokens and the queries of links from a text for a person.
func codes(text string) string {
	text = jwt.ReplaceAllString(text, secret.Redacted)
	text = link.ReplaceAllStringFunc(text, func(url string) string {
		if at := strings.IndexAny(url, "?#"); at >= 0 {
			return url[:at+1] + secret.Redacted
		}
		return url
	})
	text = opaque.ReplaceAllStringFunc(text, func(word string) string {
		if strings.ContainsAny(word, "0123456789") && !strings.ContainsAny(word, "/.") {
			return secret.Redacted
		}
		return word
	})
	if speaksOfCode.MatchString(text) {
		text = digits.ReplaceAllString(text, secret.Redacted)
	}
	return text
}
