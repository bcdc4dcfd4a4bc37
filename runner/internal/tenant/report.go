package tenant

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"flowtest/steps/words"
)

// A Verdict is the result of a check.
type Verdict string

// The verdicts.
const (
	Holds   Verdict = "holds"
	Warning Verdict = "warning"
	Fails   Verdict = "fails"
	Unseen  Verdict = "not looked at"
)

// A Check is one requirement on the set-up of an environment.
type Check struct {
	ID      string  `json:"id"`      // for example "app.redirectUris"
	About   string  `json:"about"`   // its subject, for a person
	Request string  `json:"request"` // its method and its path below the environment
	Verdict Verdict `json:"verdict"`
	Found   string  `json:"found"`
	Want    string  `json:"want,omitempty"`
	Mend    string  `json:"mend,omitempty"` // what to change in the console; empty if it holds
}

// A Difference is a fact that differs between two environments.
type Difference struct {
	About string `json:"about"`
	Here  string `json:"here"`
	There string `json:"there"`
}

// A Report is the result of checking an environment. It contains no secrets.
type Report struct {
	Target      string       `json:"target"`
	Environment string       `json:"environment"` // the base of its authorize endpoint
	Checks      []Check      `json:"checks"`
	Against     string       `json:"against,omitempty"` // the target it was compared with
	Differences []Difference `json:"differences,omitempty"`

	// Blind says that a request was refused or had no answer. Checks skipped because
	// there is no worker app do not count.
	Blind bool `json:"-"`
}

// Count returns how many checks have a verdict.
func (r *Report) Count(v Verdict) (n int) {
	for i := range r.Checks {
		if r.Checks[i].Verdict == v {
			n++
		}
	}
	return n
}

// Summary returns the counts in one line.
func (r *Report) Summary() string {
	parts := []string{words.Count(len(r.Checks), "check") + ": " + strconv.Itoa(r.Count(Holds)) + " hold"}
	for _, v := range []Verdict{Warning, Fails, Unseen} {
		if n := r.Count(v); n > 0 {
			what := map[Verdict]string{Warning: "with a warning", Fails: "failed", Unseen: "not looked at"}[v]
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	if r.Against != "" {
		parts = append(parts, words.Count(len(r.Differences), "difference")+" from "+r.Against)
	}
	return strings.Join(parts, " · ")
}

// Write writes the report as text, markdown, json or junit.
func (r *Report) Write(w io.Writer, format string) error {
	var text string
	switch format {
	case "text":
		text = r.text()
	case "markdown":
		text = r.markdown()
	case "json":
		b, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return err
		}
		text = string(b) + "\n"
	case "junit":
		b, err := xml.MarshalIndent(r.junit(), "", "  ")
		if err != nil {
			return err
		}
		text = xml.Header + string(b) + "\n"
	default:
		return fmt.Errorf("format %q is unknown, want text, markdown, json or junit", format)
	}
	_, err := io.WriteString(w, text)
	return err
}

// sign returns the sign at the start of a check's line.
func (v Verdict) sign() string {
	return map[Verdict]string{Holds: "✓", Warning: "!", Fails: "✗", Unseen: "?"}[v]
}

func (c *Check) sentence() string {
	text := c.Found
	if c.Want != "" && c.Verdict != Holds {
		text += ", want " + c.Want
	}
	return text
}

func (r *Report) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (live) at %s\n\n", r.Target, r.Environment)
	for i := range r.Checks {
		c := &r.Checks[i]
		fmt.Fprintf(&b, "%s %s: %s (%s)\n", c.Verdict.sign(), c.About, c.sentence(), c.Request)
		if c.Mend != "" {
			fmt.Fprintf(&b, "    %s\n", c.Mend)
		}
	}
	if len(r.Differences) > 0 {
		fmt.Fprintf(&b, "\n%s and %s differ:\n", r.Target, r.Against)
	}
	for _, d := range r.Differences {
		fmt.Fprintf(&b, "≠ %s: %s here, %s there\n", d.About, d.Here, d.There)
	}
	fmt.Fprintf(&b, "\n%s\n", r.Summary())
	return b.String()
}

// cell returns a text as a table cell.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;", "`", "'").Replace(text)
}

func (r *Report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## Tenant check of %s\n\n| | check | found | to do | request |\n|---|---|---|---|---|\n",
		cell(r.Target))
	for i := range r.Checks {
		c := &r.Checks[i]
		fmt.Fprintf(&b, "| %s | %s | %s | %s | `%s` |\n", c.Verdict.sign(), cell(c.About), cell(c.sentence()),
			cell(c.Mend),
			cell(c.Request))
	}
	if len(r.Differences) > 0 {
		fmt.Fprintf(&b, "\n| differs | %s | %s |\n|---|---|---|\n", cell(r.Target), cell(r.Against))
	}
	for _, d := range r.Differences {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", cell(d.About), cell(d.Here), cell(d.There))
	}
	fmt.Fprintf(&b, "\n%s\n", cell(r.Summary()))
	return b.String()
}

// The elements of a JUnit file.
type (
	suiteXML struct {
		XMLName  xml.Name  `xml:"testsuite"`
		Name     string    `xml:"name,attr"`
		Tests    int       `xml:"tests,attr"`
		Failures int       `xml:"failures,attr"`
		Skipped  int       `xml:"skipped,attr"`
		Cases    []caseXML `xml:"testcase"`
	}
	caseXML struct {
		Class   string      `xml:"classname,attr"`
		Name    string      `xml:"name,attr"`
		Failure *messageXML `xml:"failure,omitempty"`
		Skipped *messageXML `xml:"skipped,omitempty"`
		Out     string      `xml:"system-out,omitempty"`
	}
	messageXML struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

func (r *Report) junit() suiteXML {
	s := suiteXML{
		Name: "flowtest doctor " + r.Target, Tests: len(r.Checks) + len(r.Differences),
		Failures: r.Count(Fails) + len(r.Differences), Skipped: r.Count(Unseen),
	}
	for i := range r.Checks {
		c := &r.Checks[i]
		one := caseXML{Class: r.Target + "." + c.ID, Name: c.About}
		message := &messageXML{c.sentence(), strings.TrimSpace(c.Mend + "\n" + c.Request)}
		switch c.Verdict {
		case Fails:
			one.Failure = message
		case Unseen:
			one.Skipped = message
		default:
			one.Out = c.sentence()
		}
		s.Cases = append(s.Cases, one)
	}
	for _, d := range r.Differences {
		message := &messageXML{Message: d.Here + " here, " + d.There + " there"}
		s.Cases = append(s.Cases, caseXML{Class: r.Target + ".against." + r.Against, Name: d.About, Failure: message})
	}
	return s
}
