package davinci

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// A Next is the request that answers a screen.
type Next struct {
	NodeID        string // of the screen
	EventName     string // of the screen, as [Answer.EventName] returns it
	InteractionID string // of the journey, "" where no answer has named it
	EventType     string // submit, action or polling
	Action        string // the key of the button, "" where none was pressed
	FormData      string // JSON, "" where nothing is sent
}

// Body returns the body of the request.
//
// Source: "Step 2: Execute the next flow action", as far as the documentation and
// the SDKs agree.
func (n *Next) Body() []byte {
	var b strings.Builder
	b.WriteString(`{"id":` + Quote(n.NodeID) + `,"eventName":` + Quote(n.EventName))
	if n.InteractionID != "" {
		b.WriteString(`,"interactionId":` + Quote(n.InteractionID))
	}
	b.WriteString(`,"parameters":{"eventType":` + Quote(n.EventType) + `,"data":{`)
	if n.Action != "" {
		b.WriteString(`"actionKey":` + Quote(n.Action))
		if n.FormData != "" {
			b.WriteByte(',')
		}
	}
	if n.FormData != "" {
		b.WriteString(`"formData":` + n.FormData)
	}
	b.WriteString(`}}}`)
	return []byte(b.String())
}

// FormData returns as JSON what pressing a button of the screen sends.
//
//	filled  what was filled in: JSON by the keys of the fields
//	submit  whether the button submits the form: then the defaults that the
//	        screen came with are sent too
//
// It is "" where an action has nothing to send.
func (s *Screen) FormData(filled map[string]string, submit bool) string {
	var parts []string
	posted := map[string]bool{} // a key that is there twice would make JSON that is read in two ways
	for i := range s.Fields {
		f := &s.Fields[i]
		if posted[f.Key] {
			continue
		}
		raw, ok := filled[f.Key]
		if !ok && submit && f.Fills() && !emptyDefault(f.Default.Raw) {
			raw, ok = f.Default.Raw, true
		}
		if ok {
			posted[f.Key] = true
			parts = append(parts, Quote(f.Key)+":"+raw)
		}
	}
	if len(parts) == 0 && !submit {
		return ""
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func emptyDefault(raw string) bool {
	return slices.Contains([]string{"", `""`, "null", "[]", "{}"}, strings.TrimSpace(raw))
}

// What a poll says to the flow. A challenge that is complete may say more.
//
// Source: what the SDKs post for a POLLING field.
const (
	PollContinue = "continue" // of a field without a challenge
	PollTimedOut = "timedOut"
	pollExpired  = "expired"
	pollFailed   = "error"
)

// A Polling is what a screen asks of a client that polls.
type Polling struct {
	Key       string // of the field that takes what the poll says
	Challenge string // whose state decides what it says, "" for none
	Interval  time.Duration
	Retries   int // how often a client may poll
}

// Polling returns what the screen asks of a client that polls, nil where it has
// no field of type POLLING.
//
// Source: how the SDKs drive a POLLING field, with their values where it has none.
func (s *Screen) Polling() *Polling {
	i := slices.IndexFunc(s.Fields, func(f Field) bool { return f.Type == "POLLING" })
	if i < 0 {
		return nil
	}
	f := &s.Fields[i]
	p := &Polling{Key: f.Key, Interval: 2 * time.Second, Retries: 60}
	if f.Raw.Get("pollChallengeStatus").Bool() {
		p.Challenge = f.Raw.Get("challenge").String()
	}
	// More than 31 bits is 24 days, and would overflow a Duration before 64.
	if ms, err := strconv.ParseUint(f.Raw.Get("pollInterval").String(), 10, 31); err == nil {
		p.Interval = time.Duration(ms) * time.Millisecond
	}
	if n, err := strconv.Atoi(f.Raw.Get("pollRetries").String()); err == nil && n > 0 {
		p.Retries = n
	}
	return p
}

// ReadChallenge returns what the state of a challenge says to the flow, or ""
// where the challenge is not complete. It takes the answer to a status request.
//
// Source: how the web SDK reads that answer.
func ReadChallenge(status int, body []byte) string {
	top := gjson.ParseBytes(body)
	switch valid := gjson.ValidBytes(body) && top.IsObject(); {
	case valid && status == http.StatusBadRequest && top.Get("serviceName").Str == "challengeExpired":
		return pollExpired
	case !valid || status >= http.StatusBadRequest:
		return pollFailed
	case !top.Get("isChallengeComplete").Bool():
		return ""
	case top.Get("status").Str != "":
		return top.Get("status").Str
	default:
		return pollFailed
	}
}

// Quote writes a text as a JSON string.
func Quote(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		return `""` // a string can always be written
	}
	return string(b)
}
