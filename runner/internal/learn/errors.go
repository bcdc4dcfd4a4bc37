package learn

import (
	"fmt"
	"strings"
)

// A Suspect is a string that looks like a secret of which nothing is known.
type Suspect struct {
	Where  string // the journey and hop, or the file and line
	Path   string // the JSON path, which an allowing [Rule] names
	Kind   string // what it looks like
	Length int

	// From are the exchanges that brought it, as a person finds them. It is empty
	// where the recording held it before.
	From []string

	steps []*step
}

// looks says where a suspect stands and what it looks like.
func (s *Suspect) looks() string {
	return fmt.Sprintf("%s: %s: %s of %d characters", s.Where, s.Path, s.Kind, s.Length)
}

// A SecretError reports strings that look like secrets. It never holds one.
type SecretError struct{ Suspects []Suspect }

func (e *SecretError) Error() string {
	var b strings.Builder
	b.WriteString("learn: nothing is recorded, since there may be secrets in it")
	for _, s := range e.Suspects {
		b.WriteString("\n  " + s.looks())
		if len(s.From) > 0 {
			b.WriteString(", from " + listed(s.From))
		}
	}
	b.WriteString("\n  name the value as a secret or as an attribute of a user, or allow its path where it is none")
	return b.String()
}

// An AmbiguousError reports requests that a recording cannot tell apart and
// that were answered differently.
type AmbiguousError struct {
	Screen  string   // where they were sent
	Action  string   // the button, "" where none was pressed
	Fields  []string // the keys whose values differ
	Answers []string // how they were answered
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("learn: screen %s answers action %q with %s, and only what was typed into %s makes the "+
		"difference: give the user an attribute with the value that is right",
		e.Screen, e.Action, strings.Join(e.Answers, " and with "), strings.Join(e.Fields, ", "))
}

// A FailedError reports answers of an environment that failed, to requests that the
// recording that is there answers as the flow does and no journey got answered so.
type FailedError struct{ Lost []Lost }

// A Lost is one such answer.
type Lost struct {
	Where  string // the journey and hop
	Status int
	Hop    string // of the recording that is there
}

func (e *FailedError) Error() string {
	var b strings.Builder
	b.WriteString("learn: the environment failed, and what is recorded already stays")
	for _, l := range e.Lost {
		fmt.Fprintf(&b, "\n  %s was answered with status %d, and in the recording with %s", l.Where, l.Status, l.Hop)
	}
	return b.String()
}

// A LeftError reports secrets that were found in written files. It never holds one.
type LeftError struct{ Found []Left }

// A Left is a place at which a secret was found.
type Left struct {
	File string
	Line int
}

func (e *LeftError) Error() string {
	parts := make([]string, 0, len(e.Found))
	for _, f := range e.Found {
		parts = append(parts, fmt.Sprintf("%s:%d", f.File, f.Line))
	}
	return "learn: a secret is left at " + strings.Join(parts, ", ") + ": the files must not be kept"
}
