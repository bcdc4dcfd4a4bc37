package steps

import (
	"fmt"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
	"flowtest/steps/words"
)

// rejected writes a failed assertion: what was found and wanted, then at which
// hop, node and form.
func (w *World) rejected(h *flow.Hop, format string, args ...any) error {
	return fmt.Errorf("%s (%s)", fmt.Sprintf(format, args...), where(w.Journey, h))
}

// where names a hop as people find it again.
func where(j *flow.Journey, h *flow.Hop) string {
	parts := []string{fmt.Sprintf("hop %d", h.Number)}
	if id := h.NodeID(); id != "" {
		parts = append(parts, "node "+id)
	}
	if s := j.Screen(); s != nil {
		parts = append(parts, fmt.Sprintf("form %q", s.Name))
	}
	return strings.Join(parts, ", ")
}

// happened says how a hop ended, as the beginning of a sentence.
func happened(j *flow.Journey, h *flow.Hop) string {
	switch h.Outcome {
	case davinci.Paused:
		return fmt.Sprintf("the flow pauses at %q", h.Screen().Name)
	case davinci.Rewound:
		return fmt.Sprintf("the flow waits at %q", j.Screen().Name)
	case davinci.Completed:
		return "the flow completed"
	case davinci.Refused:
		text := fmt.Sprintf("the flow refused this with status %d", h.Status)
		if m := h.Message(); m != "" {
			text += fmt.Sprintf(" and reports %q", m)
		}
		return text
	default:
		text := fmt.Sprintf("the flow failed with %q", h.Failure.Code)
		if h.Failure.Message != "" {
			text += ": " + h.Failure.Message
		}
		return text + " [" + h.Failure.Origin.String() + "]"
	}
}

// show writes a value of a response for a failure text: redacted first, for a
// secret that is cut off would not be found, and then shortened.
func (w *World) show(r gjson.Result) string {
	const most = 200
	if !r.Exists() {
		return "nothing"
	}
	return words.Cut(w.redactor.Redact(r.Raw), most)
}

// nearest names the existing keys that are most like the first step of a path
// that matches nothing.
func nearest(h *flow.Hop, path string) string {
	steps := split(path)
	prefix := ""
	for _, step := range steps {
		next := step
		if prefix != "" {
			next = prefix + "." + step
		}
		if h.Get(next).Exists() {
			prefix = next
			continue
		}
		return closest(h, prefix, step)
	}
	return ""
}

// closest lists the keys below prefix, the most alike first.
func closest(h *flow.Hop, prefix, step string) string {
	const most = 5
	at := "@this"
	if prefix != "" {
		at = prefix
	}
	object := h.Get(at)
	var keys []string
	if object.IsObject() {
		object.ForEach(func(k, _ gjson.Result) bool {
			keys = append(keys, gjson.Escape(k.Str))
			return true
		})
	}
	switch {
	case object.IsArray():
		return fmt.Sprintf("%s is an array of %d", at, len(object.Array()))
	case len(keys) == 0 && prefix == "":
		return "the response has no properties"
	case len(keys) == 0:
		return prefix + " has no properties"
	}
	near := words.List(words.Sorted(step, keys), most)
	if prefix == "" {
		return "nearest are " + near
	}
	return fmt.Sprintf("nearest below %s are %s", prefix, near)
}

// split cuts a gjson path at its dots, but not at escaped ones nor inside a query.
func split(path string) []string {
	var out []string
	var b strings.Builder
	depth := 0
	for i := 0; i < len(path); i++ {
		c := path[i]
		switch {
		case c == '\\' && i+1 < len(path):
			b.WriteByte(c)
			i++
			b.WriteByte(path[i])
			continue
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case c == '.' && depth == 0:
			out = append(out, b.String())
			b.Reset()
			continue
		}
		b.WriteByte(c)
	}
	return append(out, b.String())
}
