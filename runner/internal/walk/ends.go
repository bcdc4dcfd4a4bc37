package walk

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// An End says how a client comes to an end of a flow, for a person who does it by hand.
type End struct {
	What string // which end it is, as in "to its end"
	Way  string // what to send from screen to screen
}

// Ends says how a user comes to the end of a flow, and what makes the flow fail. Shown says
// that the values of the user may be shown; else they are ${user.ATTRIBUTE}.
func Ends(f *recordings.Flow, user map[string]string, shown bool) []End {
	say := narrator{user, shown}
	to := Way(f, user)
	way := say.way(to)
	switch {
	case to == nil:
		way = "no way: no recorded hop completes the flow"
	case way == "":
		way = "nothing to send: the start completes the flow"
	}
	ends := []End{{"to its end", way}}
	var failing []string
	for _, h := range f.Hops {
		if step := say.step(&h.Request); !h.Starts() && fails(h) && !slices.Contains(failing, step) {
			failing = append(failing, step)
		}
	}
	if len(failing) > 0 {
		ends = append(ends, End{"it fails at", strings.Join(failing, ", ")})
	}
	return ends
}

// fails reports whether a hop is the end of a flow without success.
func fails(h *recordings.Hop) bool {
	r := h.Answer()
	return r.Outcome(r.Body(false) == nil) == davinci.Failed
}

// A narrator says what a client sends.
type narrator struct {
	user  map[string]string
	shown bool
}

// way says what is sent on a way, "" if that is nothing.
func (n narrator) way(hops []*recordings.Hop) string {
	var steps []string
	for _, h := range hops {
		if !h.Starts() {
			steps = append(steps, n.step(&h.Request))
		}
	}
	return strings.Join(steps, ", then ")
}

// step says what a client sends for a recorded request.
func (n narrator) step(r *recordings.Request) string {
	what := cmp.Or(r.Action, "the form")
	switch {
	case r.ContinueToken != "":
		return "the " + cmp.Or(r.Native, "continue token") + " " + n.value(r.ContinueToken)
	case r.EventType == "polling":
		what = "a poll"
	}
	var values []string
	expects := r.FormData()
	for _, key := range slices.Sorted(maps.Keys(expects)) {
		values = append(values, key+" "+n.value(expects[key]))
	}
	if len(values) > 0 {
		what += " (" + strings.Join(values, ", ") + ")"
	}
	return what
}

// value says what a client sends for a value that a recorded request expects.
func (n narrator) value(expected any) string {
	text, ok := expected.(string)
	attribute, wrong := recordings.Attribute(expected)
	if name := recordings.Generated(expected); name != "" {
		return StandIns[name]
	}
	switch {
	case attribute != "" && !wrong && n.shown:
		return n.user[attribute]
	case text == "*" || wrong:
		return "anything"
	case text == recordings.Passkey:
		return "a passkey"
	case !ok:
		return fmt.Sprintf("%s", expected)
	default:
		return text
	}
}
