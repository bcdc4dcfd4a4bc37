package runner

import (
	"bytes"
	"hash/maphash"
	"io/fs"
	"strings"
	"unicode"

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
	prose map[string][]typed // what its comments and descriptions type, by their lines
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
// not any more what was read: its lines are others then, and its secrets too. A
// reporter asks when the first scenario of the file has ended, and what the
// fields of the others take nobody knows by then: what is typed into a field that
// was not seen yet is hidden like a secret.
func (s *sources) text(file string) string {
	at, ok := s.at[file]
	if !ok {
		return ""
	}
	text, err := fs.ReadFile(at.fsys, at.path)
	if err != nil || sumOf(text) != at.sum {
		return ""
	}
	h := hider{alone: map[string]bool{}, prose: map[string]string{}}
	known := &secret.Redactor{Parent: s.known}
	for i := range at.typed {
		t := &at.typed[i]
		if !s.hides(t) {
			continue
		}
		h.alone[t.value] = true
		if !t.brief && (t.told() || s.keys.has(t.key) || strings.ContainsFunc(t.value, notLetter)) {
			known.Add(t.value)
		}
	}
	for line, list := range at.prose {
		h.prose[line] = s.proseLine(line, list)
	}
	return known.Redact(h.text(string(bytes.TrimPrefix(text, []byte("\ufeff")))))
}

// hides reports whether a value may be a secret, as far as is known by now.
func (s *sources) hides(t *typed) bool { return t.told() || !s.keys.open(t.key) }

// notLetter reports whether a character makes a value more than a word, which a
// feature may use for what it says.
func notLetter(r rune) bool { return !unicode.IsLetter(r) }

// proseLine hides what a line types that never runs.
func (s *sources) proseLine(line string, list []typed) string {
	known := &secret.Redactor{}
	for i := range list {
		if s.hides(&list[i]) {
			known.Add(list[i].value)
		}
	}
	return known.RedactTyped(line)
}

func definitionsOf(list []steps.Definition) []report.Definition {
	out := make([]report.Definition, len(list))
	for i := range list {
		out[i] = report.Definition{Pattern: list[i].Expr.String()}
	}
	return out
}
