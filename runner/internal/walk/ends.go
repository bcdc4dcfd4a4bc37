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

// An End says how to reach an end of a flow, for a person who does it by hand.
type End struct {
	What string // which end it is, as in "to its end"
	Way  string // what to send from screen to screen
}

// Ends says how a user reaches the end of a flow, and what makes the flow fail. If shown is
// set, it shows the user's values, otherwise ${user.ATTRIBUTE}.
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

// fails reports whether a hop ends a flow without success.
func fails(h *recordings.Hop) bool {
	r := h.Answer()
	return r.Outcome(r.Body(false) == nil) == davinci.Failed
}

// A narrator describes in words what a client sends.
type narrator struct {
	user  map[string]string
	shown bool
}

// way describes the requests of a way, "" if there are none.
func (n narrator) way(hops []*recordings.Hop) string {
	var steps []string
	for _, h := range hops {
		if !h.Starts() {
			steps = append(steps, n.step(&h.Request))
		}
	}
	return strings.Join(steps, ", then ")
}

// step describes a recorded request.
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

// value describes the value that a client sends where a recorded request expects one.
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
