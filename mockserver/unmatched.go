package mockserver

import (
	"cmp"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

// An unmatchedError reports a request that the recording does not have at this point.
// It never holds a value that a person typed.
type unmatchedError struct {
	flow    string   // the flow's name
	journey string   // the id of the sign-on, shortened, for a log; "" at the start
	at      string   // the hop that brought the current screen; "" at the start
	screen  string   // what a person calls that screen, "" if it has no name
	sent    string   // the button and the keys of the fields, as a part of a sentence
	offers  []string // what is recorded at that screen: buttons with their labels, or a poll
	nearest string   // the nearest recorded hop, "" if there is none
	differs []string // how what was sent differs from it
	advice  string   // what to do
}

// Error implements error: first what was sent and where, then what is recorded
// there, and last what to do, a line each.
func (e *unmatchedError) Error() string { return strings.Join(append(e.found(), e.advice), "\n") }

// mostOffers is how many of the recorded hops an error lists.
const mostOffers = 6

// line is the error without advice on one line, for a log.
func (e *unmatchedError) line() string { return strings.Join(e.found(), "; ") }

func (e *unmatchedError) found() []string {
	first := fmt.Sprintf("the recording of the flow %q has no answer to %s", e.flow, e.sent)
	lines := []string{first}
	if e.at != "" {
		lines[0] += " at the screen " + e.place()
		if len(e.offers) == 0 {
			lines = append(lines, "no recorded hop leaves this screen")
		} else {
			lines = append(lines, "recorded there: "+words.List(e.offers, mostOffers))
		}
	}
	if e.nearest != "" {
		differs := strings.Join(e.differs, ", ")
		lines = append(lines, fmt.Sprintf("the nearest recorded hop is %q: %s", e.nearest, differs))
	}
	return lines
}

// place names the screen as a person sees it and as the recording calls it.
func (e *unmatchedError) place() string {
	if e.screen == "" || e.screen == e.at {
		return strconv.Quote(e.at)
	}
	return fmt.Sprintf("%q (%s)", e.screen, e.at)
}

// unmatched answers a request that no recorded hop answers, in the shape of a flow's error.
func unmatched(c *call, in *interaction, sent *davinci.Sent) {
	err := in.missed(sent)
	c.s.log.Warn("miss", "flow", err.flow, "journey", err.journey, "message", err.line(), "hint", err.advice)
	c.w.Header().Set(UnmatchedHeader, err.flow)
	c.json(http.StatusNotFound, in.failure(http.StatusNotFound, "notRecorded", err.Error()))
	c.noteUnmatched(in, sent, err.line())
}

// missed describes what nothing answered.
func (in *interaction) missed(sent *davinci.Sent) *unmatchedError {
	e := &unmatchedError{
		flow: in.flow.name, journey: in.id[:8], at: in.at.hop.Name, screen: in.at.title(), sent: pressed(sent),
		offers: in.at.offers(),
	}
	e.near(in, in.at.alternatives, sent)
	in.at.hide(e.differs)
	first := "choose one of these, "
	switch {
	case len(e.offers) == 0:
		first = ""
	case len(in.at.byAction[sent.Action]) > 0:
		first = "send what is recorded, "
	case len(e.offers) == 1:
		first = "choose what is recorded, "
	}
	e.advice = in.flow.advice(first)
	return e
}

// near finds the recorded hop from which what was sent differs least, and of
// several the one whose button is most like the one that was pressed.
func (e *unmatchedError) near(in *interaction, choices []*choice, sent *davinci.Sent) {
	least := 0
	for _, c := range choices {
		differs := c.request.Differs(sent, in.attribute)
		if len(differs) == 0 && len(c.passkeys) > 0 {
			if err := in.passkeyFault(c, sent); err != nil {
				differs = []string{err.Error()}
			}
		}
		unlike, _ := words.Slips(sent.Action, c.request.Action)
		if fewer := len(differs) - len(e.differs); e.nearest == "" || fewer < 0 || fewer == 0 && unlike < least {
			e.nearest, e.differs, least = c.answers[0].hop.Name, differs, unlike
		}
	}
}

// advice says what to do if the recording has no answer.
func (f *flow) advice(first string) string {
	return first + "record this path with flowtest record, or add a hop to " + f.file
}

// fileOf is the path of a recording below the folder of recordings.
func fileOf(rec *recordings.Flow) string {
	return path.Join(cmp.Or(rec.Dir, rec.Name), recordings.FileName)
}

// pressed says what a person did, without any value.
func pressed(sent *davinci.Sent) string {
	what := "a request without a button"
	switch {
	case sent.ContinueToken != "":
		what = comesBack
	case sent.Action != "":
		what = "pressing " + strconv.Quote(sent.Action)
	case sent.EventType != "":
		what = happens(sent.EventType)
	}
	if keys := keysOf(sent); len(keys) > 0 {
		what += " with the fields " + strings.Join(keys, ", ")
	}
	return what
}

// comesBack is what a client does that resumes a flow.
const comesBack = "returning from an identity provider"

// happens says what an event without a button is.
func happens(eventType string) string {
	if eventType == "polling" {
		return "a poll"
	}
	return "an event of the type " + strconv.Quote(eventType)
}

// describe says what was sent without any value, as a log does.
func describe(sent *davinci.Sent) string {
	var parts []string
	if sent.ContinueToken != "" {
		parts = append(parts, comesBack)
	}
	if sent.Action != "" {
		parts = append(parts, fmt.Sprintf("action %q", sent.Action))
	}
	if sent.EventType != "" {
		parts = append(parts, fmt.Sprintf("eventType %q", sent.EventType))
	}
	if keys := keysOf(sent); len(keys) > 0 {
		parts = append(parts, "fields "+strings.Join(keys, " "))
	}
	if len(parts) == 0 {
		return "a request without action and fields"
	}
	return strings.Join(parts, ", ")
}

// keysOf lists what was filled in, in the order in which it came.
func keysOf(sent *davinci.Sent) []string {
	var keys []string
	sent.FormData.ForEach(func(key, _ gjson.Result) bool {
		keys = append(keys, key.Str)
		return true
	})
	return keys
}

// shown returns the screen as a client reads it, in each of its shapes.
func shown(h *recordings.Hop) (out []*davinci.Screen) {
	for _, b := range []*recordings.Body{h.Response.JSON, h.Response.Detailed} {
		if b != nil {
			if s := (davinci.Reader{}).Read(http.StatusOK, nil, b.Text).Screen(); s != nil {
				out = append(out, s)
			}
		}
	}
	return out
}

// title is what a person calls the screen.
func (s *screen) title() string {
	for _, shape := range s.shown() {
		if shape.Name != "" {
			return shape.Name
		}
	}
	return ""
}

// offers lists what is recorded at the screen: each button once, with its label
// where that says more than its key.
func (s *screen) offers() []string {
	var out []string
	for _, c := range s.alternatives {
		text := c.request.Action
		switch {
		case text != "":
			if label := s.label(text); label != "" && label != text {
				text += " (" + strconv.Quote(label) + ")"
			}
		case c.request.ContinueToken != "":
			text = comesBack
		case c.request.EventType != "":
			text = happens(c.request.EventType)
		default:
			text = "a request without a button"
		}
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// label returns the label of a button.
func (s *screen) label(action string) string {
	for _, shape := range s.shown() {
		if f := shape.Field(action); f != nil && f.Label != "" {
			return strings.Join(strings.Fields(f.Label), " ")
		}
	}
	return ""
}

// hide removes, from the differences of a request, the recorded values of fields that
// take a secret, in case the recording contains one.
func (s *screen) hide(differs []string) {
	const before = ", recorded is "
	secrets := s.secrets()
	for i, text := range differs {
		said, value, ok := strings.Cut(text, before)
		key, _, _ := strings.Cut(said, " ")
		open := slices.ContainsFunc([]string{"any value", "${", "another value than ${"}, func(begin string) bool {
			return strings.HasPrefix(value, begin)
		})
		if ok && !open && slices.Contains(secrets, key) {
			differs[i] = said + before + "a value of its own"
		}
	}
}

// secrets lists the keys of the fields that take a secret.
func (s *screen) secrets() []string {
	var keys []string
	for _, shape := range s.shown() {
		for i := range shape.Fields {
			if f := &shape.Fields[i]; f.Secret() {
				keys = append(keys, f.Key)
			}
		}
	}
	return keys
}
