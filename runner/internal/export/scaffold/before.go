package scaffold

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/runner/internal/walk"
	"flowtest/steps/davinci"
)

// earlier finds the shortest journeys that end with a session, and with a passkey. Other journeys
// may need one of them first.
func (w *writer) earlier(ways [][]walk.Leg) {
	w.signOn, w.register = nil, nil
	for _, way := range ways {
		if r := &way[0].Hop.Request; r.Session || len(r.Query) > 0 {
			continue
		}
		for i, l := range way {
			if r := &l.Hop.Request; r.ContinueToken != "" || r.Platform != "" || r.Language != "" || signsOn(l) {
				break
			}
			if l.Answer.Outcome == davinci.Completed && (w.signOn == nil || i+1 < len(w.signOn)) {
				w.signOn = way[:i+1]
			}
			if registers(l) && l.Answer.Outcome != davinci.Refused && (w.register == nil || i+1 < len(w.register)) {
				w.register = way[:i+1]
			}
		}
	}
}

// before returns the journey that another one needs first, nil if there is none, and the sentence
// that starts the other one.
func (w *writer) before(way []walk.Leg) (before []walk.Leg, start string) {
	switch {
	case way[0].Hop.Request.Session:
		return w.signOn, "    When I start the flow again\n"
	case slices.ContainsFunc(way, signsOn):
		return w.register, "    When I start the flow in a new browser\n"
	}
	return nil, "    When I start the flow\n"
}

// order sorts journeys that need another one after those that do not.
func (w *writer) order(way []walk.Leg) int {
	if before, _ := w.before(way); before != nil {
		return 1
	}
	return 0
}

// sayable reports whether there are sentences for all requests of a journey, and of the journey
// that it needs first.
func (w *writer) sayable(way []walk.Leg) bool {
	session, passkey := way[0].Hop.Request.Session, slices.ContainsFunc(way, signsOn)
	if session || passkey {
		before, _ := w.before(way)
		if before == nil || session && passkey || len(way[0].Hop.Request.Query) > 0 {
			return false
		}
	}
	c := clientOf(way)
	return !slices.ContainsFunc(way, func(l walk.Leg) bool {
		r := &l.Hop.Request
		return r.ContinueToken != "" || r.Platform != "" && r.Platform != c.platform ||
			r.Language != "" && r.Language != c.language
	})
}

// A client has the platform and language that a recording expects.
type client struct{ platform, language string }

// clientOf returns the first client that a journey expects.
func clientOf(way []walk.Leg) (c client) {
	for _, l := range way {
		if c.platform == "" {
			c.platform = l.Hop.Request.Platform
		}
		if c.language == "" {
			c.language = l.Hop.Request.Language
		}
	}
	return c
}

// given writes what a scenario needs before it starts the flow.
func (w *writer) given(b *strings.Builder, way []walk.Leg, detailed bool) {
	if detailed {
		b.WriteString("    Given detailed responses\n")
	}
	c := clientOf(way)
	if c.platform != "" && c.platform != davinci.JavaScript {
		fmt.Fprintf(b, "    Given the platform %s\n", quote(c.platform))
	}
	if c.language != "" {
		b.WriteString("    Given the request headers:\n")
		table(b, "name", [][2]string{{"Accept-Language", c.language}})
	}
	if query := way[0].Hop.Request.Query; len(query) > 0 {
		var rows [][2]string
		for name, value := range query {
			rows = append(rows, [2]string{name, value})
		}
		b.WriteString("    Given the authorize parameters:\n")
		table(b, "name", rows)
	}
	before, _ := w.before(way)
	if slices.ContainsFunc(slices.Concat(before, way), func(l walk.Leg) bool { return registers(l) || signsOn(l) }) {
		b.WriteString("    Given the user has an authenticator\n")
	}
}

// registers reports whether a request contains a new passkey.
func registers(l walk.Leg) bool { return brings(l, "attestationValue") }

// signsOn reports whether a request contains a passkey registered before.
func signsOn(l walk.Leg) bool { return brings(l, "assertionValue") }

func brings(l walk.Leg, name string) bool {
	return slices.ContainsFunc(l.Hop.Request.Passkeys(), func(key string) bool {
		return l.Sent.FormData.Get(gjson.Escape(key)).Get(name).Exists()
	})
}

// passkey returns the step that answers a passkey prompt, "" if l does not answer one, and the
// words for it in the name of the scenario.
func passkey(screen *davinci.Screen, l walk.Leg) (text, as string) {
	switch {
	case registers(l):
		return "    When I register a passkey\n", "a new passkey"
	case signsOn(l):
		return "    When I sign on with a passkey\n", "the passkey"
	case l.Sent.Action == "" || screen.Field(l.Sent.Action) != nil || !slices.ContainsFunc(screen.Fields,
		func(f davinci.Field) bool { return f.Type == "FIDO2" }):
		return "", ""
	case l.Sent.Action == "NotAllowedError":
		return "    When I cancel the passkey prompt\n", l.Sent.Action
	}
	return fmt.Sprintf("    When the passkey prompt fails with %s\n", quote(l.Sent.Action)), l.Sent.Action
}
