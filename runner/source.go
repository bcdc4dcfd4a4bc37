package runner

import (
	"bytes"
	"hash/maphash"
	"io/fs"

	"flowtest/runner/report"
	"flowtest/steps"
)

// An origin is where a feature file was read, and a sum of what was in it.
type origin struct {
	fsys fs.FS
	path string
	sum  uint64
}

var sumSeed = maphash.MakeSeed()

func sumOf(text []byte) uint64 { return maphash.Bytes(sumSeed, text) }

// sources reads feature files again, for reports that show them.
type sources struct {
	at   map[string]origin   // by the name that reports show
	hide func(string) string // takes out the target's secrets
}

// text returns a feature file as its author wrote it, without the target's
// secrets. It returns "" if the file has changed since it was read: its lines
// are others then.
func (s *sources) text(file string) string {
	at, ok := s.at[file]
	if !ok {
		return ""
	}
	text, err := fs.ReadFile(at.fsys, at.path)
	if err != nil || sumOf(text) != at.sum {
		return ""
	}
	return s.hide(string(bytes.TrimPrefix(text, []byte("\ufeff"))))
}

func definitionsOf(list []steps.Definition) []report.Definition {
	out := make([]report.Definition, len(list))
	for i := range list {
		out[i] = report.Definition{Pattern: list[i].Expr.String()}
	}
	return out
}
