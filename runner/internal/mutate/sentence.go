package mutate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// sentence returns the lines of an assertion about the change of a mutant, without a keyword;
// nil if none is known.
func (m *Mutant) sentence() []string {
	h := hop(m.of, m.Hop)
	if m.Group == Ways {
		return wayIs(h)
	}
	switch m.Operator {
	case "status":
		return one("the response status is %d", h.Response.Status)
	case "cookie-gone":
		return quoting(`the cookie %s is set`, strings.TrimPrefix(m.Property, "cookie "))
	case "cookie-weaker", "cookie-readable":
		return cookieHas(m.Property)
	}
	text := m.text(h)
	read := (davinci.Reader{}).Read(h.Response.Status, nil, text)
	if strings.HasPrefix(m.Property, customHTML+" ") || strings.HasPrefix(m.Property, "page ") {
		return m.pageSays(read)
	}
	switch m.Operator {
	case "button-gone", "button-renamed", "button-kind", "button-doubled", "field-gone", "field-renamed", "field-type",
		"order", "label", "password-shown":
		return hasFields(read.Screen())
	case "message", "error-tells":
		return quoting("the flow reports %s", read.Message())
	case "error-code":
		return quoting("the flow reports an error with code %s", read.Code())
	case "form-name":
		return quoting("the flow pauses at %s", read.Screen().Name)
	case "property-gone":
		return one("%q is present", m.Property)
	case "code-gone":
		return one("%q is a string", m.Property)
	case "token-not-refreshed":
		return one("%q has changed", m.Property)
	case "end-status":
		return one("the flow completes")
	case "required", "option-gone", "prefill":
		return m.fieldHas(read.Screen())
	case "content", "description":
		if s := quoting("%s", gjson.GetBytes(text, m.Property).String()); s != nil {
			return one("%q is %s", m.Property, s[0])
		}
	}
	return nil
}

// text returns the body of the hop that the mutant changes.
func (m *Mutant) text(h *recordings.Hop) []byte {
	for _, b := range []*recordings.Body{h.Response.JSON, h.Response.Detailed, h.Response.HTML} {
		if b != nil && b.File == m.file {
			return b.Text
		}
	}
	return nil
}

func one(format string, values ...any) []string { return []string{fmt.Sprintf(format, values...)} }

// quoting returns a sentence with a text in quotes, nil if a feature cannot quote the
// text.
func quoting(format, text string) []string {
	if text == "" || strings.ContainsAny(text, "\"\\\n") || strings.Contains(text, "${") ||
		strings.Contains(text, "{{") {
		return nil
	}
	return one(format, `"`+text+`"`)
}

func wayIs(h *recordings.Hop) []string {
	if name := screenName(h); name != "" {
		return quoting("the flow pauses at %s", name)
	}
	r := h.Answer()
	if r.Body(false) != nil && r.Outcome(false) == davinci.Completed {
		return one("the flow completes")
	}
	return one("the response status is %d", r.Status)
}

// cookieHas returns the assertion about the attributes of a session cookie, or of both session
// cookies.
func cookieHas(property string) []string {
	name := strings.TrimPrefix(property, "cookie ")
	s := quoting("the cookie %s has:", name)
	if name == "ST" || name == "ST-NO-SS" {
		s = one("the session cookies have:")
	}
	return append(s, table([][]string{{"attribute", "value"}, {"httponly", "true"}, {"secure", "true"}})...)
}

// hasFields returns the assertion about all entries of a form. It returns nil if a label is too
// long to read, such as that of a picture.
func hasFields(s *davinci.Screen) []string {
	const longest = 80
	if s == nil {
		return nil
	}
	rows := [][]string{{"key", "type", "label"}}
	for i := range s.Fields {
		f := &s.Fields[i]
		label := davinci.Read(f.Label)
		if strings.ContainsAny(f.Key+f.Type+label, "|\\\n") || strings.Contains(label, "${") || len(label) > longest {
			return nil
		}
		rows = append(rows, []string{f.Key, f.Type, label})
	}
	return append(one("the form has the fields:"), table(rows)...)
}

func (m *Mutant) fieldHas(s *davinci.Screen) []string {
	var f *davinci.Field
	for i := range s.Fields {
		if strings.HasPrefix(m.Property+".", fmt.Sprintf("%s.%d.", fieldsPath, i)) ||
			m.Property == "formData.value."+gjson.Escape(s.Fields[i].Key) {
			f = &s.Fields[i]
		}
	}
	if f == nil || quoting("%s", f.Key) == nil {
		return nil
	}
	switch {
	case m.Operator == "prefill" && empty(s):
		return one("every field comes empty")
	case m.Operator == "prefill" && f.Default.Type == gjson.String:
		return one("the field %q has the value %q", f.Key, f.Default.Str)
	case m.Operator == "required" && f.Required:
		return one("the field %q is required", f.Key)
	case m.Operator == "required":
		return one("the field %q is optional", f.Key)
	case m.Operator == "option-gone":
		rows := [][]string{{"label", "value"}}
		for _, o := range f.Options() {
			rows = append(rows, []string{o.Label, o.Value})
		}
		return append(one("the field %q has the options:", f.Key), table(rows)...)
	}
	return nil
}

// empty reports whether a screen has fields to fill in and all of them are empty.
func empty(s *davinci.Screen) bool {
	filled := func(f davinci.Field) bool { return f.Fills() && f.Default.String() != "" }
	return slices.ContainsFunc(s.Fields, func(f davinci.Field) bool { return f.Fills() }) &&
		!slices.ContainsFunc(s.Fields, filled)
}

// table returns rows with aligned columns.
func table(rows [][]string) []string {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, c := range row {
			width[i] = max(width[i], len([]rune(c)))
		}
	}
	var out []string
	for _, row := range rows {
		var line strings.Builder
		line.WriteString("  |")
		for i, c := range row {
			fmt.Fprintf(&line, " %-*s |", width[i], c)
		}
		out = append(out, line.String())
	}
	return out
}
