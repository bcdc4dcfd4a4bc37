package target

import (
	"maps"
	"regexp"
	"slices"

	"flowtest/steps/secret"
)

// Scrub says what a recording may hold and what not, beside what every
// recording is scrubbed of. The zero value says nothing.
type Scrub struct {
	// Allow lets strings be recorded that look like secrets and are none.
	Allow []Allowed

	// Secrets are further values that no recording may hold, and no report.
	Secrets []secret.Value
}

// Allowed is a place of a response, as the error names it that refuses a
// string, and what the string has to match there; nil is anything.
type Allowed struct {
	Path  string
	Match *regexp.Regexp
}

var scrubKeys = []string{"allow", "secrets"}

// scrub reads the section scrub.
func (f *File) readScrub(r reader, e entry) {
	entries, _ := r.entries(e.key, e.value)
	for _, e := range entries {
		switch e.key {
		case "allow":
			f.allow(r, e)
		case "secrets":
			for _, s := range r.list("scrub.secrets", e.value) {
				if text, ok := s.expand(f.said.lookup, r.m); ok && text != "" {
					f.Scrub.Secrets = append(f.Scrub.Secrets, secret.New(text))
				}
			}
		default:
			r.unknown("scrub", e, scrubKeys)
		}
	}
}

func (f *File) allow(r reader, e entry) {
	texts := r.texts("scrub.allow", e.value)
	for _, path := range slices.Sorted(maps.Keys(texts)) {
		s := texts[path]
		a := Allowed{Path: path}
		if text, ok := s.literal(); !ok {
			r.m.add(s.at, "%s has a reference, want a regular expression: write $${ for a plain ${", s.path)
			continue
		} else if text != "" {
			expr, err := regexp.Compile(text)
			if err != nil {
				r.m.add(s.at, "%s is %q, want a regular expression", s.path, text)
				continue
			}
			a.Match = expr
		}
		f.Scrub.Allow = append(f.Scrub.Allow, a)
	}
}
