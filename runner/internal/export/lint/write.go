package lint

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"flowtest/runner/internal/export"
	"flowtest/steps/words"
)

// A Report has the findings in one file.
type Report struct {
	Name     string // of the file, as the user wrote it, with slashes
	File     *export.File
	Findings []Finding
}

// Failed counts the findings that fail a check.
func Failed(reports []Report) (n int) {
	for _, r := range reports {
		for i := range r.Findings {
			if r.Findings[i].Fails() {
				n++
			}
		}
	}
	return n
}

// Text writes reports for a person, a finding a line, and a line that counts.
func Text(w io.Writer, reports []Report) error {
	var b strings.Builder
	flows, screens, warnings, known := 0, 0, 0, 0
	for _, r := range reports {
		for _, flow := range r.File.Flows {
			flows++
			screens += len(flow.Screens)
		}
		for _, note := range r.File.Notes {
			fmt.Fprintf(&b, "%s: note: %s\n", r.Name, note)
		}
		for i := range r.Findings {
			f := &r.Findings[i]
			level := string(f.Rule.Level)
			switch {
			case f.Known != "":
				level = "known"
				known++
			case f.Rule.Level == Warning:
				warnings++
			}
			fmt.Fprintf(&b, "%s:%d: %s: %s: %s\n", r.Name, f.Line, level, f.Rule.ID, f.where())
			if f.Known != "" {
				fmt.Fprintf(&b, "    known: %s\n", f.Known)
			} else {
				fmt.Fprintf(&b, "    %s\n", f.Rule.Fix)
			}
		}
	}
	verdict := "nothing to fix"
	if n := Failed(reports); n > 0 {
		verdict = fmt.Sprintf("%d to fix", n)
	}
	if warnings > 0 {
		verdict += ", " + words.Count(warnings, "warning")
	}
	if known > 0 {
		verdict += fmt.Sprintf(", %d known", known)
	}
	fmt.Fprintf(&b, "%s with %s in %s: %s\n", words.Count(flows, "flow"), words.Count(screens, "screen"),
		words.Count(len(reports), "export"), verdict)
	_, err := io.WriteString(w, b.String())
	return err
}

// where returns the finding and its place, as a sentence without a full stop.
func (f *Finding) where() string {
	text := f.Text + ", in the flow " + export.Quote(f.Flow)
	if f.Node != "" {
		text = "node " + export.Quote(f.Name) + " (" + f.Node + "): " + text
	}
	return text
}

// JSON writes reports for a program: an array of findings.
func JSON(w io.Writer, reports []Report) error {
	type finding struct {
		Rule     string `json:"rule"`
		Level    Level  `json:"level"`
		File     string `json:"file"`
		Line     int    `json:"line"`
		Flow     string `json:"flow"`
		FlowID   string `json:"flowId"`
		Node     string `json:"node,omitempty"`
		Title    string `json:"title,omitempty"`
		Found    string `json:"found"`
		Sentence string `json:"sentence"`
		Source   string `json:"source"`
		Mend     string `json:"mend"`
		Known    string `json:"known,omitempty"`
	}
	out := struct {
		Failed   int       `json:"failed"`
		Findings []finding `json:"findings"`
		Notes    []string  `json:"notes,omitempty"`
	}{Failed: Failed(reports), Findings: []finding{}}
	for _, r := range reports {
		for _, f := range r.Findings {
			out.Findings = append(out.Findings, finding{
				f.Rule.ID, f.Rule.Level, r.Name, f.Line, f.Flow, f.ID, f.Node, f.Name, f.Text,
				f.Rule.Sentence, f.Rule.Source, f.Rule.Fix, f.Known,
			})
		}
		out.Notes = append(out.Notes, r.File.Notes...)
	}
	return indented(w, out)
}

func indented(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// GitHub writes reports as commands of GitHub Actions, which shows them at the lines of the
// files. Path returns the path of a file in the repository, and plain removes commands from a
// text.
func GitHub(w io.Writer, reports []Report, path, plain func(string) string) error {
	text := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	var b strings.Builder
	for _, r := range reports {
		for _, f := range r.Findings {
			level := map[Level]string{Error: "error", Warning: "warning"}[f.Rule.Level]
			if f.Known != "" {
				level = "notice"
			}
			fmt.Fprintf(&b, "::%s file=%s,line=%d,title=%s::%s\n", level, property.Replace(path(r.Name)), f.Line,
				property.Replace(f.Rule.ID), text.Replace(plain(f.where()+". "+cmp.Or(f.Known, f.Rule.Fix))))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// RulesText writes rules for a person.
func RulesText(w io.Writer, list []Rule) error {
	var b strings.Builder
	b.WriteString("Exports of flows\n")
	for _, r := range list {
		fmt.Fprintf(&b, "  %-7s %s\n          %s\n          to fix it: %s\n          source: %s\n",
			r.Level, r.ID, r.Sentence, r.Fix, r.Source)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// RulesMarkdown writes rules as a table.
func RulesMarkdown(w io.Writer, list []Rule) error {
	var b strings.Builder
	b.WriteString("| id | level | rule for exports | to fix it | source |\n|---|---|---|---|---|\n")
	for _, r := range list {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", r.ID, r.Level, r.Sentence, r.Fix, r.Source)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
