package mockserver

import (
	"fmt"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
)

// MissHeader marks an answer that no recording holds. Its presence is what a
// run looks at: a miss is a fault of feature or recording, whatever a step says.
const MissHeader = "Flowtest-Miss"

// A MissError reports a request that the recording does not have at this point.
type MissError struct {
	Flow    string   // the flow's name
	Journey string   // the id of the sign-on, shortened; "" at the start
	At      string   // the name of the screen it stands at; "" at the start
	Sent    string   // method, action and keys; never a value that a person typed
	Nearest string   // the nearest recorded hop, "" where there is none
	Differs []string // how what was sent differs from it
}

// Error implements error.
func (e *MissError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "replay: flow %q", e.Flow)
	if e.Journey != "" {
		fmt.Fprintf(&b, " (sign-on %s) stands at %q", e.Journey, e.At)
	}
	fmt.Fprintf(&b, " and no recorded hop answers %s", e.Sent)
	if e.Nearest == "" {
		b.WriteString("; no hop leaves this screen")
	} else {
		fmt.Fprintf(&b, "; nearest is %q: %s", e.Nearest, strings.Join(e.Differs, ", "))
	}
	return b.String()
}

// missed describes what nothing answered.
func (in *interaction) missed(sent *recordings.Sent) *MissError {
	e := &MissError{Flow: in.flow.name, Journey: in.id[:8], At: in.at.hop.Name, Sent: describe(sent)}
	for _, c := range in.at.alternatives {
		differs := c.request.Differs(sent, in.attribute)
		if e.Nearest == "" || len(differs) < len(e.Differs) {
			e.Nearest, e.Differs = c.answers[0].hop.Name, differs
		}
	}
	return e
}

// describe says what was sent without any value.
func describe(sent *recordings.Sent) string {
	var parts []string
	if sent.Action != "" {
		parts = append(parts, fmt.Sprintf("action %q", sent.Action))
	}
	if sent.EventType != "" {
		parts = append(parts, fmt.Sprintf("eventType %q", sent.EventType))
	}
	var keys []string
	sent.FormData.ForEach(func(key, _ gjson.Result) bool {
		keys = append(keys, key.Str)
		return true
	})
	if len(keys) > 0 {
		parts = append(parts, "fields "+strings.Join(keys, " "))
	}
	if len(parts) == 0 {
		return "a request without action and fields"
	}
	return strings.Join(parts, ", ")
}
