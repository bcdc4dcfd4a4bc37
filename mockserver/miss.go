package mockserver

import (
	"cmp"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/steps/words"
)

// MissHeader marks an answer that no recording holds. Its presence is what a
// run looks at: a miss is a fault of feature or recording, whatever a step says.
const MissHeader = "Flowtest-Miss"

// A MissError reports a request that the recording does not have at this point.
// It never holds a value that a person typed.
type MissError struct {
	Flow    string   // the flow's name
	Journey string   // the id of the sign-on, shortened, for a log; "" at the start
	At      string   // the name of the hop that brought the screen it stands at; "" at the start
	Screen  string   // what a person calls that screen, "" where it has no name
	Sent    string   // the button and the keys of the fields, as a part of a sentence
	Offers  []string // what is recorded at that screen: buttons with their labels, or a poll
	Nearest string   // the nearest recorded hop, "" where there is none
	Differs []string // how what was sent differs from it
	Advice  string   // what to do
}

// Error implements error: first what was sent and where, then what is recorded
// there, and last what to do, a line each.
func (e *MissError) Error() string { return strings.Join(append(e.found(), e.Advice), "\n") }

// mostOffers is how many of the recorded hops an error lists.
const mostOffers = 6

// line is the error without advice on one line, for a log.
func (e *MissError) line() string { return strings.Join(e.found(), "; ") }

func (e *MissError) found() []string {
	first := fmt.Sprintf("the recording of the flow %q has no answer to %s", e.Flow, e.Sent)
	if e.At != "" {
		first += " at the screen " + e.place()
	}
	lines := []string{first}
	switch {
	case e.At == "":
	case len(e.Offers) == 0:
		lines = append(lines, "no recorded hop leaves this screen")
	default:
		lines = append(lines, "recorded there: "+words.List(e.Offers, mostOffers))
	}
	if e.Nearest != "" {
		differs := strings.Join(e.Differs, ", ")
		lines = append(lines, fmt.Sprintf("the nearest recorded hop is %q: %s", e.Nearest, differs))
	}
	return lines
}

// place names the screen as a person sees it and as the recording calls it.
func (e *MissError) place() string {
	if e.Screen == "" || e.Screen == e.At {
		return strconv.Quote(e.At)
	}
	return fmt.Sprintf("%q (%s)", e.Screen, e.At)
}

// missed describes what nothing answered.
func (in *interaction) missed(sent *recordings.Sent) *MissError {
	e := &MissError{
		Flow: in.flow.name, Journey: in.id[:8], At: in.at.hop.Name, Screen: in.at.title(), Sent: pressed(sent),
		Offers: in.at.offers(),
	}
	e.near(in, in.at.alternatives, sent)
	in.at.hide(e.Differs)
	first := ""
	switch {
	case len(e.Offers) == 0:
	case len(in.at.byAction[sent.Action]) > 0:
		first = "send what is recorded"
	case len(e.Offers) == 1:
		first = "choose what is recorded"
	default:
		first = "choose one of these"
	}
	e.Advice = in.flow.advice(first)
	return e
}

// near finds the recorded hop from which what was sent differs least, and of
// several the one whose button is most like the one that was pressed.
func (e *MissError) near(in *interaction, choices []*choice, sent *recordings.Sent) {
	least := 0
	for _, c := range choices {
		differs := c.request.Differs(sent, in.attribute)
		unlike, _ := words.Slips(sent.Action, c.request.Action)
		if fewer := len(differs) - len(e.Differs); e.Nearest == "" || fewer < 0 || fewer == 0 && unlike < least {
			e.Nearest, e.Differs, least = c.answers[0].hop.Name, differs, unlike
		}
	}
}

// advice says what to do where the recording has no answer.
func (f *flow) advice(first string) string {
	if first != "" {
		first += ", "
	}
	return first + "record this way with flowtest record, or add a hop to " + f.file
}

// fileOf is where a recording stands, below the folder of recordings.
func fileOf(rec *recordings.Flow) string {
	return path.Join(cmp.Or(rec.Dir, rec.Name), recordings.FileName)
}

// pressed says what a person did, without any value.
func pressed(sent *recordings.Sent) string {
	what := "a request without a button"
	switch {
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

// happens says what an event without a button is.
func happens(eventType string) string {
	if eventType == "polling" {
		return "a poll"
	}
	return "an event of the type " + strconv.Quote(eventType)
}

// describe says what was sent without any value, as a log does.
func describe(sent *recordings.Sent) string {
	var parts []string
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
func keysOf(sent *recordings.Sent) []string {
	var keys []string
	sent.FormData.ForEach(func(key, _ gjson.Result) bool {
		keys = append(keys, key.Str)
		return true
	})
	return keys
}
