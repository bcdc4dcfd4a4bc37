package runner

import (
	"hash/maphash"
	"io/fs"

	"flowtest/runner/report"
	"flowtest/steps"
	"flowtest/steps/secret"
)

// An origin is where a feature file was read, and what stood there.
type origin struct {
	fsys  fs.FS
	path  string
	sum   uint64
	typed []typed
}

var sumSeed = maphash.MakeSeed()

func sumOf(text []byte) uint64 { return maphash.Bytes(sumSeed, text) }

// sources reads feature files again, for reports that show them.
type sources struct {
	at    map[string]origin // by the name that reports show
	known *secret.Redactor  // the target's secrets
	keys  *secretKeys
}

// text returns a feature file without the secrets that it types, "" where it is
// not any more what was read: its lines are others then, and its secrets too.
func (s *sources) text(file string) string {
	at, ok := s.at[file]
	if !ok {
		return ""
	}
	text, err := fs.ReadFile(at.fsys, at.path)
	if err != nil || sumOf(text) != at.sum {
		return ""
	}
	known := &secret.Redactor{Parent: s.known}
	known.Add(secretsIn(at.typed, secretKey)...)
	known.Add(learnedIn(at.typed, s.keys)...)
	return known.Redact(string(text))
}

func definitionsOf(list []steps.Definition) []report.Definition {
	out := make([]report.Definition, len(list))
	for i := range list {
		out[i] = report.Definition{Pattern: list[i].Expr.String()}
	}
	return out
}
