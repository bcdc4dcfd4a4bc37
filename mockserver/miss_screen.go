package mockserver

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
)

// title is what a person calls the screen.
func (s *screen) title() string {
	r := &s.hop.Response
	for _, of := range []struct {
		body *recordings.Body
		path string
	}{
		{r.JSON, "form.name"},
		{r.Detailed, "screen.properties.nodeTitle.value"},
		{r.Detailed, "screen.properties.messageTitle.value"},
	} {
		if of.body == nil {
			continue
		}
		if title := gjson.GetBytes(of.body.Text, of.path).String(); title != "" {
			return title
		}
	}
	return ""
}

// offers lists what is recorded at the screen: each button once, with its label
// where that says more than its key.
func (s *screen) offers() []string {
	var out []string
	for _, c := range s.alternatives {
		text := c.request.Action
		switch {
		case text != "":
			if label := s.label(text); label != "" && label != text {
				text += " (" + strconv.Quote(label) + ")"
			}
		case c.request.EventType != "":
			text = happens(c.request.EventType)
		default:
			text = "a request without a button"
		}
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// label returns what stands on a button.
func (s *screen) label(action string) string {
	if s.hop.Response.JSON == nil {
		return ""
	}
	label := ""
	gjson.GetBytes(s.hop.Response.JSON.Text, "form.components.fields").ForEach(func(_, field gjson.Result) bool {
		if field.Get("key").String() == action {
			label = strings.Join(strings.Fields(field.Get("label").String()), " ")
		}
		return label == ""
	})
	return label
}

// hide takes out of how a request differs what is recorded for fields that take
// a secret, where somebody wrote one into the recording.
func (s *screen) hide(differs []string) {
	const before = ", recorded is "
	secrets := s.secrets()
	for i, text := range differs {
		said, value, ok := strings.Cut(text, before)
		key, _, _ := strings.Cut(said, " ")
		open := slices.ContainsFunc([]string{"any value", "${", "another value than ${"}, func(begin string) bool {
			return strings.HasPrefix(value, begin)
		})
		if ok && !open && slices.Contains(secrets, key) {
			differs[i] = said + before + "a value of its own"
		}
	}
}

// secrets lists the keys of the fields that take a secret.
func (s *screen) secrets() []string {
	var keys []string
	if b := s.hop.Response.JSON; b != nil {
		gjson.GetBytes(b.Text, "form.components.fields").ForEach(func(_, field gjson.Result) bool {
			if strings.Contains(field.Get("type").String(), "PASSWORD") {
				keys = append(keys, field.Get("key").String())
			}
			return true
		})
	}
	if b := s.hop.Response.Detailed; b != nil {
		list := gjson.GetBytes(b.Text, "screen.properties.formFieldsList.value")
		list.ForEach(func(_, field gjson.Result) bool {
			if field.Get("hashedVisibility").Bool() {
				keys = append(keys, field.Get("propertyName").String())
			}
			return true
		})
	}
	return keys
}
