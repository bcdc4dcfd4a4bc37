package mockserver

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"flowtest/mockserver/internal/wire"
	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// A challenge is something that a person answers elsewhere while the client asks for
// its state.
type challenge struct {
	flow  *flow
	at    *screen
	end   string   // what a client then says to the flow
	ends  []string // what it says in all that was recorded
	open  bool     // whether the recording takes any end
	asked atomic.Int32
}

// challengeHeader is the end that a client wants of a challenge whose state it asks for: an app
// that is tested, in place of the person who would answer on another device.
const challengeHeader = "Flowtest-Challenge"

// endsAfter is how often a client asks before the challenge has ended.
const endsAfter = 2

// How a challenge ends of which the recording says nothing, and the ends that no
// person brings about.
//
// Source: what the SDKs say to a flow.
const (
	approved = "approved"
	timedOut = "timedOut"
	expired  = "expired"
	troubled = "error"
)

// newChallenge makes the next challenge of the screen of the sign-on, which is locked. It ends
// as wanted where that was recorded, and otherwise as the recording has it that was not taken
// yet, in the order of the recording.
func newChallenge(in *interaction, want string) *challenge {
	ch := &challenge{flow: in.flow, at: in.at, end: approved}
	if in.at == nil {
		return ch
	}
	turn := false
	for _, c := range in.at.byAction[""] {
		ends, open := recordedEnds(c.request)
		ch.ends, ch.open = append(ch.ends, ends...), ch.open || open
		if len(ends) > 0 && !turn {
			ch.end = ends[len(ends)-1]
		}
		turn = turn || (len(ends) > 0 || open) && in.taken[c] < len(c.answers)
	}
	if ch.has(want) {
		ch.end = want
	}
	return ch
}

// has reports whether the challenge can end so.
func (ch *challenge) has(end string) bool {
	return end != "" && (ch.open || slices.Contains(ch.ends, end))
}

// recordedEnds returns how a challenge ended before a recorded poll, and whether the poll takes any end.
func recordedEnds(r *recordings.Request) (ends []string, open bool) {
	if r.EventType != "polling" {
		return nil, false
	}
	for _, value := range r.FormData() {
		switch text, ok := value.(string); {
		case !ok:
		case text == "*" || strings.HasPrefix(text, "${"):
			open = true
		default:
			ends = append(ends, text)
		}
	}
	return ends, open
}

// checkChallenge refuses an end that no challenge of the recordings has.
func checkChallenge(want string, recs []*recordings.Flow) error {
	var there []string
	for _, rec := range recs {
		for _, h := range rec.Hops {
			ends, open := recordedEnds(&h.Request)
			if open || want == "" || slices.Contains(ends, want) {
				return nil
			}
			there = append(there, ends...)
		}
	}
	there = slices.DeleteFunc(there, func(end string) bool { return end == "continue" }) // of polls without a challenge
	if len(there) == 0 {
		return fmt.Errorf("mockserver: no challenge of the recordings ends %q: they have none", want)
	}
	slices.Sort(there)
	return fmt.Errorf("mockserver: no challenge of the recordings ends %q, want one of %s", want,
		strings.Join(slices.Compact(there), ", "))
}

// answerChallenge answers whether a challenge is complete.
//
// Source: how the SDKs poll a POLLING field with a challenge.
func answerChallenge(c *call, id string) {
	if c.r.Method != http.MethodPost {
		c.notFound()
		return
	}
	ch, ok := c.s.challenges.Get(id)
	if !ok {
		refuseChallenge(c, "", "Invalid challenge")
		return
	}
	want := cmp.Or(davinci.WantedEnd(c.r.Context()), c.r.Header.Get(challengeHeader))
	if want != "" && !ch.has(want) {
		ch.unmatched(c, want)
		return
	}
	switch end := cmp.Or(want, ch.end); {
	case ch.asked.Add(1) < endsAfter || end == timedOut:
		c.json(http.StatusOK, map[string]any{"isChallengeComplete": false})
	case end == expired:
		refuseChallenge(c, "challengeExpired", "The challenge has expired")
	case end == troubled:
		refuseChallenge(c, "", "The challenge has failed")
	default:
		c.json(http.StatusOK, map[string]any{"isChallengeComplete": true, "status": end})
	}
}

// unmatched answers a client that wants an end of a challenge that was not recorded.
func (ch *challenge) unmatched(c *call, want string) {
	e := &unmatchedError{
		flow: ch.flow.name, at: ch.at.hop.Name, screen: ch.at.title(),
		sent: "a challenge that is " + strconv.Quote(want), advice: ch.flow.advice(""),
	}
	for _, end := range ch.ends {
		e.offers = append(e.offers, "a challenge that is "+strconv.Quote(end))
	}
	c.s.log.Warn("miss", "flow", e.flow, "message", e.line(), "hint", e.advice)
	c.w.Header().Set(UnmatchedHeader, e.flow)
	c.json(http.StatusNotFound, wire.Failure("notRecorded", e.Error()))
}

// refuseChallenge answers that there is no state of a challenge to tell.
func refuseChallenge(c *call, service, message string) {
	body := map[string]any{
		"code": 4019, "message": message, "httpResponseCode": http.StatusBadRequest, "success": false,
	}
	if service != "" {
		body["serviceName"] = service
	}
	c.json(http.StatusBadRequest, body)
}
