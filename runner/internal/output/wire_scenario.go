package output

import (
	"flowtest/runner/report"
	"strconv"
	"time"
)

// appendScenario writes what [wireScenario] reads.
func appendScenario(t *jsonText, s *report.Scenario, sdk []wireVerdicts) {
	t.raw("{")
	t.string("feature", s.Feature)
	t.string("name", s.Name)
	t.string("file", s.File)
	t.number("line", int64(s.Line))
	t.strings("tags", s.Tags)
	t.string("status", s.Status.String())
	t.list("steps", len(s.Steps), func(i int) { appendStep(t, &s.Steps[i]) })
	t.number("hopCount", int64(s.HopCount))
	t.moment("began", s.Began)
	t.number("nanoseconds", int64(s.Duration))
	t.some("number", s.Number)
	t.some("repeat", s.Repeat)
	t.some("attempts", s.Attempts)
	t.some("earlier", len(s.Earlier))
	t.text("flow", s.Flow)
	t.yes("environment", s.Environment)
	if len(s.Notes) > 0 {
		t.key("notes")
		*t = appendJSON(*t, s.Notes)
	}
	t.number("attached", int64(len(s.Hops)))
	t.list("sdk", len(sdk), func(i int) { appendVerdicts(t, &sdk[i]) })
	t.raw("}")
}

// appendAttempt writes what [wireAttempt] reads.
func appendAttempt(t *jsonText, a *report.Attempt) {
	t.raw("{")
	t.text("origin", a.Origin)
	t.text("note", a.Note)
	t.list("steps", len(a.Steps), func(i int) { appendStep(t, &a.Steps[i]) })
	t.number("hopCount", int64(a.HopCount))
	t.moment("began", a.Began)
	t.number("nanoseconds", int64(a.Duration))
	t.number("attached", int64(len(a.Hops)))
	t.raw("}")
}

func appendStep(t *jsonText, st *report.Step) {
	t.raw("{")
	t.string("text", st.Text)
	t.number("line", int64(st.Line))
	t.string("status", st.Status.String())
	t.text("error", st.Error)
	t.number("nanoseconds", int64(st.Duration))
	if len(st.Table) > 0 {
		t.key("table")
		*t = appendJSON(*t, st.Table)
	}
	if st.DocString != nil {
		t.string("docString", *st.DocString)
	}
	t.some("definition", st.Definition)
	t.raw("}")
}

func appendVerdicts(t *jsonText, v *wireVerdicts) {
	t.raw("{")
	t.text("passed", v.Passed)
	t.some("passedAs", v.PassedAs)
	if len(v.Findings) > 0 {
		t.key("findings")
		*t = appendJSON(*t, v.Findings)
	}
	t.some("hop", v.Hop)
	t.raw("}")
}

func appendScreen(t *jsonText, s *report.Screen) {
	t.raw("{")
	t.text("name", s.Name)
	t.text("node", s.Node)
	t.text("capability", s.Capability)
	t.list("fields", len(s.Fields), func(i int) {
		f := &s.Fields[i]
		t.raw("{")
		t.text("key", f.Key)
		t.text("type", f.Type)
		t.text("label", f.Label)
		t.yes("required", f.Required)
		t.yes("button", f.Button)
		t.strings("options", f.Options)
		t.raw("}")
	})
	t.text("html", s.HTML)
	t.raw("}")
}

// string adds a member that stands there even where it is empty.
func (t *jsonText) string(name, value string) {
	t.key(name)
	t.quote(value)
}

// list adds a list of n items that is left out where it is empty.
func (t *jsonText) list(name string, n int, item func(i int)) {
	if n == 0 {
		return
	}
	t.key(name)
	t.raw("[")
	for i := range n {
		t.comma()
		item(i)
	}
	t.raw("]")
}

func (t *jsonText) strings(name string, list []string) {
	t.list(name, len(list), func(i int) { t.quote(list[i]) })
}

func (t *jsonText) numbers(name string, list []int) {
	t.list(name, len(list), func(i int) { *t = strconv.AppendInt(*t, int64(list[i]), 10) })
}

// moment adds a time that is left out where it is none, or none of JSON, which
// has years of four digits.
func (t *jsonText) moment(name string, at time.Time) {
	if year := at.Year(); at.IsZero() || year < 0 || year > 9999 {
		return
	}
	t.key(name)
	*t = append(at.AppendFormat(append(*t, '"'), time.RFC3339Nano), '"')
}
