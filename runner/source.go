package runner

import (
	"io/fs"

	"flowtest/runner/report"
	"flowtest/steps"
	"flowtest/steps/secret"
)

// An origin is where a feature file was read.
type origin struct {
	fsys fs.FS
	path string
}

// sources reads feature files again, for reports that show them.
type sources struct {
	at    map[string]origin // by the name that reports show
	known *secret.Redactor  // the target's secrets
}

// text returns a feature file without the secrets that it types, "" where it
// cannot be read any more.
func (s *sources) text(file string) string {
	at, ok := s.at[file]
	if !ok {
		return ""
	}
	text, err := fs.ReadFile(at.fsys, at.path)
	if err != nil {
		return ""
	}
	known := &secret.Redactor{Parent: s.known}
	l := newLoader(nil)
	list, err := l.file(at.fsys, at.path, file)
	if err != nil {
		return ""
	}
	for _, sc := range list {
		known.Add(sc.typedSecrets()...)
	}
	return known.Redact(string(text))
}

func definitionsOf(list []steps.Definition) []report.Definition {
	out := make([]report.Definition, len(list))
	for i := range list {
		out[i] = report.Definition{Pattern: list[i].Expr.String()}
	}
	return out
}
