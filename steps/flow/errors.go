package flow

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

// noScreen reports something done to a screen while the flow waits at none.
func noScreen(last *Hop, act string) error {
	why := "it has not been started"
	if h := last; h != nil {
		why = fmt.Sprintf("hop %d %s", h.Number, h.Outcome)
		if h.Failure != nil {
			why += fmt.Sprintf(" (%s: %s)", h.Failure.Code, h.Failure.Message)
		}
		if h.Outcome == davinci.Refused {
			why += fmt.Sprintf(" at the start with status %d: %s", h.Status, h.Message())
		}
	}
	return fmt.Errorf("flow: %s: the flow waits at no screen: %s", act, why)
}

// unknownButton reports a button that the screen does not have. Same are the
// keys of those that share the label.
func unknownButton(s *davinci.Screen, name string, same []string) error {
	if len(same) > 1 {
		return fmt.Errorf("flow: press %q: the screen %q has several buttons with this label, "+
			"press one by its key: %s", name, s.Name, words.List(same, 0))
	}
	if _, types := s.Provider(name); len(types) > 0 {
		if p, _ := s.Provider(name); p != nil {
			return fmt.Errorf("flow: press %q: this leads from the screen %q to an identity provider, where a "+
				"browser signs on; write When I return from %q with the continue token \"…\"", name, s.Name, types[0])
		}
	}
	have := fieldsOf(s, (*davinci.Field).IsButton)
	text := fmt.Sprintf("flow: press %q: the screen %q has no such button, it has %s", name, s.Name, listed(have))
	if meant := meantBy(name, have); meant != nil {
		text += fmt.Sprintf("; did you mean %q?", meant.Key)
	}
	return errors.New(text)
}

// unknownField reports a field that the screen does not have.
func unknownField(s *davinci.Screen, act, key string) error {
	have := fieldsOf(s, (*davinci.Field).Fills)
	text := fmt.Sprintf("flow: %s: the screen %q has no such field, it has %s", act, s.Name, listed(have))
	meant := meantBy(key, have)
	switch {
	case meant == nil:
	case strings.EqualFold(meant.Label, fold(key)):
		text += fmt.Sprintf("; did you mean %q, the key of the field labelled %q?", meant.Key, meant.Label)
	default:
		text += fmt.Sprintf("; did you mean %q?", meant.Key)
	}
	return errors.New(text)
}

// A NetworkError reports a request without a complete response. It shows the path and
// never the query.
type NetworkError struct {
	Method string
	Path   string
	Err    error
}

// Error implements error.
func (e *NetworkError) Error() string { return fmt.Sprintf("flow: %s %s: %v", e.Method, e.Path, e.Err) }

// Unwrap returns the cause.
func (e *NetworkError) Unwrap() error { return e.Err }

// A RefusedError reports that an endpoint of the service refused a request of the app. It
// contains no secrets.
type RefusedError struct {
	Method, Path string
	Status       int    // 400 or more
	Code         string // such as invalid_grant; "" if the response has none
	Description  string // for developers; "" if the response has none
}

// Error implements error.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("flow: %s %s: %s", e.Method, e.Path, e.why())
}

func (e *RefusedError) why() string {
	why := fmt.Sprintf("refused with status %d", e.Status)
	if e.Code != "" {
		why += ", " + e.Code
	}
	if e.Description != "" {
		why += ": " + e.Description
	}
	return why
}

// named is a field or button as errors list it: by its key, which a feature
// writes, and its label, which a person sees.
type named struct {
	Key   string
	Label string // as a person reads it; "" if it has none
}

// fieldsOf returns the fields of one kind as errors list them.
func fieldsOf(s *davinci.Screen, kind func(*davinci.Field) bool) []named {
	var out []named
	for i := range s.Fields {
		if f := &s.Fields[i]; kind(f) {
			out = append(out, named{f.Key, davinci.Read(f.Label)})
		}
	}
	return out
}

// fold makes one blank of each run of white space.
func fold(s string) string { return strings.Join(strings.Fields(s), " ") }

// String writes the key, and the label where that says more.
func (n named) String() string {
	const most = 40 // characters of a label, which may be a paragraph
	if n.Label == "" || n.Label == n.Key {
		return n.Key
	}
	return n.Key + " (" + strconv.Quote(words.Cut(n.Label, most)) + ")"
}

// listed writes fields or buttons for a sentence.
func listed(have []named) string {
	texts := make([]string, len(have))
	for i, n := range have {
		texts[i] = n.String()
	}
	return words.List(texts, 0)
}

// meantBy returns the field or button that was probably meant, or nil if there is none or more
// than one. A key or label that differs only in capitals comes first, then one with a slip or
// two, then a part of a label.
func meantBy(name string, have []named) *named {
	name = fold(name)
	for _, alike := range []func(text string) bool{
		func(text string) bool { return strings.EqualFold(text, name) },
		func(text string) bool { _, near := words.Slips(name, text); return near && name != "" },
		func(text string) bool { return within(name, text) },
	} {
		found := -1
		for i, n := range have {
			if n.Key == "" || !alike(n.Key) && !alike(n.Label) {
				continue
			}
			if found >= 0 && have[found].Key != n.Key {
				return nil
			}
			found = i
		}
		if found >= 0 {
			return &have[found]
		}
	}
	return nil
}

// within reports whether a label has the name in it.
func within(name, label string) bool {
	const short = 3 // characters, of which many a label has some
	return utf8.RuneCountInString(name) >= short && strings.Contains(strings.ToLower(label), strings.ToLower(name))
}
