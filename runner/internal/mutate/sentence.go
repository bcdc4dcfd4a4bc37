package mutate

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// sentences returns assertions about the change of a mutant, the best first. Each is the lines of a
// sentence, with a keyword only if it also sends a request.
func (m *Mutant) sentences() [][]string {
	h := hop(m.of, m.Hop)
	var all [][]string
	switch {
	case m.Group == Ways:
		all = shows(h)
	case m.file == "":
		all = m.answerHas(h)
	default:
		text := m.text(h)
		read := (davinci.Reader{}).Read(h.Response.Status, nil, text)
		all = slices.Concat(m.bodySays(text, read), propertyIs(text, m.Property))
		if m.Group == Protocol {
			all = append(all, conforms)
		}
	}
	return slices.DeleteFunc(all, func(s []string) bool { return s == nil })
}

// answerHas returns the assertions about the status and the cookies of a response.
func (m *Mutant) answerHas(h *recordings.Hop) [][]string {
	switch m.Operator {
	case "status":
		return [][]string{one("the response status is %d", h.Response.Status)}
	case "cookie-gone":
		return [][]string{quoting(`the cookie %s is set`, strings.TrimPrefix(m.Property, "cookie "))}
	default:
		return [][]string{cookieHas(m.Property)}
	}
}

// bodySays returns the assertions about a body.
func (m *Mutant) bodySays(text []byte, read *davinci.Answer) [][]string {
	if strings.HasPrefix(m.Property, customHTML+" ") || strings.HasPrefix(m.Property, "page ") {
		return [][]string{m.pageSays(read)}
	}
	screen := read.Screen()
	switch m.Operator {
	case "button-gone", "button-renamed", "button-kind", "button-doubled", "field-gone", "field-renamed", "field-type",
		"order", "label", "password-shown":
		return [][]string{hasFields(screen, true), m.labelIs(screen), hasFields(screen, false)}
	case "message", "error-tells":
		return [][]string{quoting("the flow reports %s", read.Message())}
	case "error-code":
		return [][]string{quoting("the flow reports an error with code %s", read.Code())}
	case "form-name":
		return [][]string{quoting("the flow pauses at %s", screen.Name)}
	case "property-gone":
		return [][]string{one("%q is present", m.Property)}
	case "code-gone":
		return [][]string{one("%q is a string", m.Property)}
	case "token-not-refreshed":
		changed := one("%q has changed", m.Property)
		return [][]string{changed, {"When I start the flow again", "Then " + changed[0]}}
	case "next-host":
		return [][]string{conforms, startsWith}
	case "end-status":
		return [][]string{one("the flow completes")}
	case "content":
		if strings.HasPrefix(m.Property, ofScreen) {
			return [][]string{quoting("the page shows %s", davinci.Read(gjson.GetBytes(text, m.Property).String()))}
		}
	case "required", "option-gone", "prefill":
		return [][]string{m.fieldHas(screen)}
	}
	return nil
}

// shows returns the assertions about the response to which a hop leads.
func shows(h *recordings.Hop) [][]string {
	r := h.Answer()
	b := r.Body(false)
	if b == nil {
		b = r.Body(true)
	}
	if b == nil {
		return [][]string{one("the response status is %d", r.Status)}
	}
	read := (davinci.Reader{Waits: true}).Read(r.Status, nil, b.Text)
	if read.Outcome == davinci.Completed {
		return [][]string{one("the flow completes")}
	}
	var all [][]string
	if name := screenName(h); name != "" {
		all = append(all, quoting("the flow pauses at %s", name))
	} else {
		all = append(all, one("the response status is %d", r.Status))
	}
	all = append(all, quoting("the flow reports %s", read.Message()), hasFields(read.Screen(), true))
	return slices.Concat(all, propertyIs(b.Text, "form.description"), propertyIs(b.Text, "id"))
}

// propertyIs returns the assertion about the text of a property, or about a part of it.
func propertyIs(text []byte, property string) [][]string {
	v := gjson.GetBytes(text, property)
	if v.Type != gjson.String {
		return nil
	}
	if is := quoting("%s", v.Str); is != nil {
		return [][]string{one("%q is %s", property, is[0])}
	}
	part := ""
	for _, p := range generated.Split(v.Str, -1) {
		if len(p) > len(part) {
			part = p
		}
	}
	if part := quoting("%s", part); part != nil {
		return [][]string{one("%q contains %s", property, part[0])}
	}
	return nil
}

// generated is what a sentence cannot quote of a text.
var generated = regexp.MustCompile(`\{\{[^}]*\}\}|\$\{|\{\{|\s*\n\s*`)

// conforms requires what the catalogue does. It does not look at the link of an end.
var (
	conforms   = one("the response conforms")
	startsWith = one(`"_links.next.href" starts with "https://auth."`)
)

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

// quoting returns a sentence with a text in quotes, nil if a feature cannot quote the text. Where the
// text of a recording has {{user.email}}, the sentence has ${user.email}.
func quoting(format, text string) []string {
	if text == "" || strings.ContainsAny(text, "\n") || strings.Contains(text, "${") {
		return nil
	}
	text = ofPerson.ReplaceAllString(text, "$${$1}")
	if strings.Contains(text, "{{") {
		return nil
	}
	return one(format, `"`+inQuotes.Replace(text)+`"`)
}

var (
	ofPerson = regexp.MustCompile(`\{\{((?:user|unique)(?:\.[A-Za-z]+)*)\}\}`)
	inQuotes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)
)

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

// hasFields returns the assertion about all entries of a form, with their labels if labels is set. It
// returns nil if a label is too long to read, such as that of a picture.
func hasFields(s *davinci.Screen, labels bool) []string {
	if s == nil {
		return nil
	}
	rows := [][]string{{"key", "type"}}
	if labels {
		rows[0] = append(rows[0], "label")
	}
	for i := range s.Fields {
		f := &s.Fields[i]
		row := []string{f.Key, f.Type}
		if labels {
			row = append(row, davinci.Read(f.Label))
		}
		for i, cell := range row {
			quoted := quoting("%s", cell) // as there, a feature cannot have all texts
			if cell != "" && quoted == nil || len(cell) > longest {
				return nil
			}
			row[i] = ofPerson.ReplaceAllString(cell, "$${$1}")
		}
		rows = append(rows, row)
	}
	return append(one("the form has the fields:"), table(rows)...)
}

// longest is how many bytes a label may have in a table.
const longest = 80

// labelIs returns the assertion about the label that a mutant changes, nil if it changes none.
func (m *Mutant) labelIs(s *davinci.Screen) []string {
	f := m.field(s)
	if f == nil || m.Operator != "label" || quoting("%s", f.Key) == nil {
		return nil
	}
	label := quoting("%s", davinci.Read(f.Label))
	if label == nil {
		return nil
	}
	return one("the field %q has the label %s", f.Key, label[0])
}

// field returns the entry of a form that a mutant changes, or nil.
func (m *Mutant) field(s *davinci.Screen) *davinci.Field {
	if s == nil {
		return nil
	}
	for i := range s.Fields {
		if strings.HasPrefix(m.Property+".", fmt.Sprintf("%s.%d.", fieldsPath, i)) ||
			m.Property == "formData.value."+gjson.Escape(s.Fields[i].Key) {
			return &s.Fields[i]
		}
	}
	return nil
}

func (m *Mutant) fieldHas(s *davinci.Screen) []string {
	f := m.field(s)
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

// table returns rows as they are below a sentence, with aligned columns.
func table(rows [][]string) []string {
	for _, row := range rows {
		for i := range row {
			row[i] = inCell.Replace(row[i])
		}
	}
	out := even(rows)
	for i := range out {
		out[i] = "  " + out[i]
	}
	return out
}

var inCell = strings.NewReplacer(`\`, `\\`, "|", `\|`)

// even returns rows with aligned columns.
func even(rows [][]string) []string {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, c := range row[:min(len(row), len(width))] {
			width[i] = max(width[i], len([]rune(c)))
		}
	}
	var out []string
	for _, row := range rows {
		var line strings.Builder
		line.WriteString("|")
		for i, c := range row[:min(len(row), len(width))] {
			fmt.Fprintf(&line, " %-*s |", width[i], c)
		}
		out = append(out, line.String())
	}
	return out
}
