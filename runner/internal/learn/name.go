package learn

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
)

// longest is how long the name of a hop is at most.
const longest = 40

// nameOf names a hop for people: a screen after its title, a refusal after what
// was wrong, a way back after the button that leads there.
func nameOf(s *step, to *recordings.Hop) string {
	top := gjson.ParseBytes(s.text)
	if to != nil {
		return cmp.Or(slug(s.action), "again") + "-to-" + strings.TrimRight(to.Name, "-")
	}
	switch {
	case s.x.Status >= http.StatusMultipleChoices && s.x.Status < http.StatusBadRequest:
		return "redirected"
	case s.page || !s.top.Exists():
		return statusName(s.x.Status)
	case s.screen:
		return cmp.Or(title(top), "screen")
	case s.x.Status >= http.StatusBadRequest:
		return refusal(s, top)
	case strings.HasPrefix(top.Get("eventName").String(), "rewindStateTo"):
		return "pending"
	case top.Get("authorizeResponse").Exists():
		return "completed"
	case top.Get("error").Exists():
		return "failed"
	default:
		return cmp.Or(slug(top.Get("status").String()), slug(top.Get("capabilityName").String()), "ended")
	}
}

// title is what a screen calls itself.
func title(top gjson.Result) string {
	for _, path := range []string{
		"form.name", "screen.properties.nodeTitle.value", "screen.properties.messageTitle.value", "nodeTitle",
		"capabilityName",
	} {
		if name := slug(top.Get(path).String()); name != "" {
			return name
		}
	}
	return ""
}

// refusal names a refused hop after what was typed wrong, else after the code
// or the message.
func refusal(s *step, top gjson.Result) string {
	form := s.request.FormData()
	var wrong []string
	for _, key := range slices.Sorted(keysOf(form)) {
		text, _ := form[key].(string)
		if attr, ok := strings.CutPrefix(strings.TrimSuffix(text, "}"), "${user.wrong"); ok {
			wrong = append(wrong, slug(attr))
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return "wrong-" + strings.Join(slices.Compact(wrong), "-and-")
	}
	code := top.Get("code").String()
	if _, err := strconv.Atoi(code); err == nil || strings.Contains(strings.TrimSpace(code), " ") {
		code = ""
	}
	return cmp.Or(slug(code), slug(top.Get("message").String()), statusName(s.x.Status))
}

func statusName(status int) string {
	return cmp.Or(slug(http.StatusText(status)), "status-"+strconv.Itoa(status))
}

// slug writes a text as a name: small letters, digits and dashes. A variable in
// it is named by its last part.
func slug(text string) string {
	text = strings.NewReplacer("{{user.", " ", "{{minted.", " ", "{{", " ", "}}", " ").Replace(text)
	var b strings.Builder
	lower := false
	for _, r := range text {
		switch {
		case r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r):
			if b.Len() > 0 && !strings.HasSuffix(b.String(), "-") && r != '\'' {
				b.WriteByte('-')
			}
			lower = false
		case unicode.IsUpper(r):
			if lower {
				b.WriteByte('-')
			}
			b.WriteRune(unicode.ToLower(r))
			lower = false
		default:
			b.WriteRune(r)
			lower = unicode.IsLower(r)
		}
	}
	name := b.String()
	if len(name) > longest {
		name = name[:longest]
		if at := strings.LastIndexByte(name, '-'); at > longest/2 {
			name = name[:at]
		}
	}
	return strings.Trim(name, "-")
}
