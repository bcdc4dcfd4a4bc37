package show

import (
	"io"
	"strconv"
	"strings"

	"flowtest/runner/internal/mutate"
	"flowtest/runner/internal/output"
)

// GitHub writes workflow commands. Each survivor is a warning at the line after which the
// suggested sentence belongs, or without one at the scenario that crosses the change. Each
// outdated entry of the list of accepted mutants is an error.
//
//	w      what the runner of the job reads
//	place  returns where a file is for GitHub, which begins at the root of the repository
func GitHub(w io.Writer, r *mutate.Report, place func(file string) string) error {
	var b strings.Builder
	for i := range r.Mutants {
		m := &r.Mutants[i]
		if m.Verdict != mutate.Survived {
			continue
		}
		a := output.Annotation{
			Kind: "warning", Title: m.Operator + " survived in " + m.Flow, Message: m.Change + "\n" + named(m),
		}
		if i := strings.LastIndexByte(m.By, ':'); i >= 0 {
			a.File, a.Line = m.By[:i], number(m.By[i+1:])
		}
		if m.Add != nil {
			a.File, a.Line = m.Add.File, m.Add.Line
		}
		a.File = place(a.File)
		b.WriteString(a.String())
	}
	for _, line := range r.Stale {
		b.WriteString((&output.Annotation{Kind: "error", Title: "accepted mutants", Message: line}).String())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func number(text string) int {
	n, _ := strconv.Atoi(text) // a place ends with a number
	return n
}
