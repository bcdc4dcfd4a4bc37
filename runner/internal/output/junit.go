package output

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"flowtest/runner/internal/output/digest"
	"flowtest/runner/report"
)

// A junit writes the XML that CI servers read: a suite for each feature file, a
// case for each scenario. What was skipped or did not run is skipped, what the
// environment failed is an error, everything else that did not pass a failure. It has
// only what the schema of Jenkins knows, so the lines of the cases, in
// their order, are a property of their suite.
//
// Source: junit-10.xsd of Jenkins' xUnit plugin.
type junit struct {
	w     *bufio.Writer
	tally *digest.Tally
	sizes []int64  // of the cases of each suite
	lines [][]byte // of the same, with blanks between them
	buf   bytes.Buffer
}

func newJUnit(w *bufio.Writer, t *digest.Tally) document { return &junit{w: w, tally: t} }

// open writes a start tag. Attributes are pairs; empty values are left out.
func (j *junit) open(name string, attributes ...string) {
	j.buf.WriteString("<" + name)
	for i := 0; i+1 < len(attributes); i += 2 {
		if attributes[i+1] != "" {
			j.buf.WriteString(" " + attributes[i] + `="`)
			j.text(attributes[i+1])
			j.buf.WriteByte('"')
		}
	}
	j.buf.WriteByte('>')
}

// text writes what XML can hold of a text; a bytes.Buffer takes everything.
func (j *junit) text(s string) { _ = xml.EscapeText(&j.buf, []byte(s)) }

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }

func isoTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05")
}

// Assemble implements [document]: a suite counts the results of its cases before
// the first of them.
func (j *junit) Assemble(out *bufio.Writer, body io.Reader) error {
	j.begin()
	for i, size := range j.sizes {
		j.suite(i)
		_, _ = j.buf.WriteTo(out)
		if _, err := io.CopyN(out, body, size); err != nil {
			return err
		}
		j.buf.WriteString("</testsuite>\n")
	}
	j.buf.WriteString("</testsuites>\n")
	_, err := j.buf.WriteTo(out)
	return err
}

func (j *junit) begin() {
	var all digest.Suite
	for i := range j.tally.Suites {
		u := &j.tally.Suites[i]
		all.Tests += u.Tests
		all.Failures += u.Failures
		all.Errors += u.Errors
	}
	j.buf.WriteString(xml.Header)
	j.open("testsuites", "name", "flowtest", "tests", strconv.Itoa(all.Tests), "failures", strconv.Itoa(all.Failures),
		"errors", strconv.Itoa(all.Errors), "time", seconds(j.tally.Run.Duration))
	j.buf.WriteByte('\n')
}

// suite opens a suite.
func (j *junit) suite(i int) {
	u := &j.tally.Suites[i]
	j.open("testsuite", "name", u.Feature, "file", u.File, "tests", strconv.Itoa(u.Tests),
		"failures", strconv.Itoa(u.Failures), "errors", strconv.Itoa(u.Errors), "skipped", strconv.Itoa(u.Skipped),
		"time", seconds(u.Duration), "timestamp", isoTime(u.Began), "id", strconv.Itoa(i))
	j.buf.WriteString("\n<properties>\n")
	p := j.tally.Plan
	for _, pair := range [][2]string{
		{"target", p.Target},
		{"live", strconv.FormatBool(p.Live)},
		{"run", p.Run},
		{"shard", digest.Shard(p)},
		{"flowtest", p.Version},
		{"where", p.Where},
		{"synthetic", strings.Join(p.Synthetic, ", ")},
		{"lines", string(j.lines[i])},
	} {
		if pair[1] != "" {
			j.open("property", "name", pair[0], "value", pair[1])
			j.buf.WriteString("</property>\n")
		}
	}
	j.buf.WriteString("</properties>\n")
}

// Scenario implements [document].
func (j *junit) Scenario(s *report.Scenario) {
	for len(j.sizes) < len(j.tally.Suites) {
		j.sizes, j.lines = append(j.sizes, 0), append(j.lines, nil)
	}
	last := len(j.lines) - 1
	if len(j.lines[last]) > 0 {
		j.lines[last] = append(j.lines[last], ' ')
	}
	j.lines[last] = strconv.AppendInt(j.lines[last], int64(s.Line), 10)
	j.open("testcase", "name", digest.Title(s), "classname", className(s.File), "time", seconds(s.Duration))
	j.buf.WriteByte('\n')
	switch {
	case s.Status.Bad():
		j.trouble(s)
	case s.Status != report.Passed && s.Status != report.Flaky:
		message := s.Status.String()
		if s.Status == report.Known {
			message = "known failure"
		}
		if _, text := digest.Trouble(s); text != "" {
			message += ": " + text
		}
		j.open("skipped", "message", message)
		j.buf.WriteString("</skipped>\n")
	}
	j.buf.WriteString("<system-out>")
	j.text(journeyText(s))
	j.buf.WriteString("</system-out>\n</testcase>\n")
	size, _ := j.buf.WriteTo(j.w)
	j.sizes[last] += size
}

// trouble writes why a scenario did not pass.
func (j *junit) trouble(s *report.Scenario) {
	name, kind := "failure", s.Status.String()
	if s.Environment {
		name, kind = "error", "environment"
	}
	_, text := digest.Trouble(s)
	j.open(name, "type", kind, "message", cmp.Or(digest.FirstLine(text), kind))
	j.text(digest.TroubleLines(s) + digest.Place(s) + "\nrepeat it: " + digest.Repeat(j.tally.Plan, s) + "\n")
	j.buf.WriteString("</" + name + ">\n")
}

// className is the file in the form in which CI servers make folders of it.
func className(file string) string {
	return strings.NewReplacer("/", ".", `\`, ".").Replace(strings.TrimSuffix(file, ".feature"))
}

// journeyText is a scenario for a terminal: its notes, and then attempt by
// attempt the steps, each with the hops that it sent below it.
func journeyText(s *report.Scenario) string {
	var b strings.Builder
	for _, n := range digest.OwnNotes(s) {
		fmt.Fprintf(&b, "%s: %s\n", n.Kind, n.Text)
	}
	for i := range s.Earlier {
		a := &s.Earlier[i]
		b.WriteString("attempt " + strconv.Itoa(i+1) + " failed")
		st := a.FailedStep()
		if st != nil {
			b.WriteString(" at line " + strconv.Itoa(st.Line))
		}
		if a.Origin != "" {
			b.WriteString(" (" + a.Origin + ")")
		}
		b.WriteString("  (" + digest.Short(a.Duration) + ")\n")
		if st == nil && a.Note != "" {
			b.WriteString(a.Note + "\n")
		}
		attemptText(&b, a, true)
	}
	if len(s.Earlier) > 0 {
		fmt.Fprintf(&b, "%s  (%s)\n", digest.LastAttempt(s), digest.Short(s.Duration))
	}
	attemptText(&b, &s.Attempt, false)
	return b.String()
}

// attemptText writes the steps and the hops of one attempt. The error of the
// last one is elsewhere in the file already.
func attemptText(b *strings.Builder, a *report.Attempt, errors bool) {
	below := func(step int) {
		for i := range a.Hops {
			h := &a.Hops[i]
			if h.Step == step || step == len(a.Steps) && (h.Step < 0 || h.Step >= step) {
				b.WriteString("    hop " + strconv.Itoa(h.Number) + "  " + h.Request + "\n")
				b.WriteString("           → " + h.Response + "\n")
				if h.Where != "" {
					fmt.Fprintf(b, "           at %s\n", h.Where)
				}
			}
		}
	}
	for i := range a.Steps {
		st := &a.Steps[i]
		word := st.Status.String()
		b.WriteString(word + strings.Repeat(" ", max(0, 10-len(word))) + st.Text)
		b.WriteString("  (" + digest.Short(st.Duration) + ")\n")
		for _, line := range digest.Argument(st) {
			b.WriteString("            " + line + "\n")
		}
		if text := strings.TrimSpace(st.Error); errors && text != "" {
			b.WriteString("            " + strings.ReplaceAll(text, "\n", "\n            ") + "\n")
		}
		below(i)
	}
	below(len(a.Steps))
}
