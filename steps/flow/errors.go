package flow

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

// A NoScreenError reports something done to a screen while the flow waits at none.
type NoScreenError struct {
	act string // what was tried
	why string
}

// Error implements error.
func (e *NoScreenError) Error() string {
	return fmt.Sprintf("flow: %s: the flow waits at no screen: %s", e.act, e.why)
}

func (j *Journey) noScreen(act string) error {
	why := "it has not been started"
	if h := j.Last(); h != nil {
		why = fmt.Sprintf("hop %d %s", h.Number, h.Outcome)
		if h.Failure != nil {
			why += fmt.Sprintf(" (%s: %s)", h.Failure.Code, h.Failure.Message)
		}
		if h.Outcome == davinci.Refused {
			why += fmt.Sprintf(" at the start with status %d: %s", h.Status, h.Message())
		}
	}
	return &NoScreenError{act, why}
}

// An UnknownActionError reports a button that the screen does not have.
type UnknownActionError struct {
	Action string
	Screen string
	have   []named  // its buttons
	same   []string // the keys of those that share the label, where it is not one alone
}

// Error implements error.
func (e *UnknownActionError) Error() string {
	if len(e.same) > 1 {
		return fmt.Sprintf("flow: press %q: the screen %q has several buttons with this label, "+
			"press one by its key: %s", e.Action, e.Screen, words.List(e.same, 0))
	}
	text := fmt.Sprintf("flow: press %q: the screen %q has no such button, it has %s",
		e.Action, e.Screen, listed(e.have))
	if meant := meantBy(e.Action, e.have); meant != nil {
		text += fmt.Sprintf("; did you mean %q?", meant.Key)
	}
	return text
}

// An UnknownFieldError reports a field that the screen does not have.
type UnknownFieldError struct {
	Key    string
	Screen string
	have   []named // the fields that take a value
}

// Error implements error.
func (e *UnknownFieldError) Error() string {
	text := fmt.Sprintf("flow: fill in %q: the screen %q has no such field, it has %s", e.Key, e.Screen, listed(e.have))
	meant := meantBy(e.Key, e.have)
	switch {
	case meant == nil:
	case strings.EqualFold(meant.Label, fold(e.Key)):
		text += fmt.Sprintf("; did you mean %q, the key of the field labelled %q?", meant.Key, meant.Label)
	default:
		text += fmt.Sprintf("; did you mean %q?", meant.Key)
	}
	return text
}

// A SubmitError reports a screen that has not exactly one submit button.
type SubmitError struct {
	Screen string
	have   []string
}

// Error implements error.
func (e *SubmitError) Error() string {
	if len(e.have) == 0 {
		return fmt.Sprintf("flow: submit the form: the screen %q has no submit button, want one", e.Screen)
	}
	return fmt.Sprintf("flow: submit the form: the screen %q has several submit buttons, press one by its key: %s",
		e.Screen, words.List(e.have, 0))
}

// A NotPollingError reports a poll at a screen that does not ask for one.
type NotPollingError struct{ Screen string }

// Error implements error.
func (e *NotPollingError) Error() string {
	return fmt.Sprintf("flow: poll: the screen %q has no field of type POLLING", e.Screen)
}

// A ValueError reports a value that a field cannot take. It does not hold the value.
type ValueError struct {
	Key string
	Err error
}

// Error implements error.
func (e *ValueError) Error() string { return fmt.Sprintf("flow: fill in %q: %v", e.Key, e.Err) }

// Unwrap returns what the field takes.
func (e *ValueError) Unwrap() error { return e.Err }

// A NetworkError reports a request without a whole response. It names the path
// and never the query.
type NetworkError struct {
	Method string
	Path   string
	Err    error
}

// Error implements error.
func (e *NetworkError) Error() string { return fmt.Sprintf("flow: %s %s: %v", e.Method, e.Path, e.Err) }

// Unwrap returns the cause.
func (e *NetworkError) Unwrap() error { return e.Err }

// A TooLargeError reports a response over [MaxResponse].
type TooLargeError struct {
	Method string
	Path   string
}

// Error implements error.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("flow: %s %s: the response has more than 1 MiB, which no DaVinci answer has", e.Method, e.Path)
}

// A LinkError reports a next link that must not be followed. It holds no query.
type LinkError struct {
	Link string
	why  string
}

// Error implements error.
func (e *LinkError) Error() string {
	if e.Link == "" {
		return "flow: " + e.why
	}
	return fmt.Sprintf("flow: next link %s: %s", e.Link, e.why)
}

// timeLimitError says that one hop took too long.
type timeLimitError struct{ limit time.Duration }

// Error implements error.
func (e *timeLimitError) Error() string { return fmt.Sprintf("no answer within %s", e.limit) }

// named is a field or button as errors list it: by its key, which a feature
// writes, and its label, which a person sees.
type named struct {
	Key   string
	Label string // its white space folded; "" where it has none
}

// nameOf returns how errors list a field.
func nameOf(f *davinci.Field) named { return named{f.Key, fold(f.Label)} }

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

// meantBy returns the one that somebody seems to have meant, or nil where that is
// none or more than one. How keys and labels are alike comes first: as they are
// but for capitals, then with a slip or two, then as a part of a label.
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
