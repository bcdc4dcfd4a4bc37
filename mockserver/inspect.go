package mockserver

import (
	"net/http"

	"flowtest/mockserver/internal/inspect"
	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// Inspect returns a handler that shows what the server was asked since it was made: the
// page at / for people, and its twin at /inspect.json for tests. Without
// [Config.Inspect] it answers 404. It may be mounted below any path that ends with a
// slash, behind [http.StripPrefix].
//
// It answers only requests from this machine with this machine as their host, so that
// no page of another site can read it through the browser. Any other request, and one
// that a proxy passes on, gets 403.
//
// The page and the JSON contain no typed value, no cookie, no token and no code. Of a
// request they show only the button, the event type and the names of the fields.
//
// The JSON is one object. Times are RFC 3339 in UTC; a list is never null.
//
//	format   1; it grows when a key goes away or changes its meaning
//	time     when this was read
//	flows    the recordings that are replayed now, in the order in which they were given:
//	  name, source, description
//	  screens  name; shown: how often; buttons: action, and pressed: how often
//	  hops     name; from: the screens that it leaves, none if it starts the flow;
//	           action and eventType as recorded; to: the screen that it leads to, "" where
//	           it leads to none; taken: how often
//	  reached  screens, buttons and hops: each a count and, as of, how many there are
//	  never    the names of the hops that were never taken
//	signOns  the last ones, the one heard of last at first:
//	  id       the beginning of the interactionId
//	  flow
//	  state    running, finished, or expired: it rested for longer than it may
//	  at       the screen that it shows now, "" if it has finished
//	  began, latest
//	  partial  true if the first hops are not kept
//	  hops     time; at: the screen that the request was sent from, "" at the start; sent;
//	           hop: the recorded one that answered, "" if none did; to: the screen it
//	           showed then, "" if none; status; problem: why nothing answered
//	misses   the last requests that no recorded hop answered, the newest first: 404 where there
//	         is none, 401 if the handles were missing or stale, 400 where it was sent to
//	         another capability or connection than the screen's:
//	  time, signOn (its id, "" if none had begun or it is unknown), flow, at, sent, status,
//	  problem
//
// The counts are complete. Only the last 1,000 sign-ons are kept, with up to 200 hops
// each and 20,000 in all, and the last 200 misses.
func (s *Server) Inspect() http.Handler {
	source := &inspect.Source{
		Journal: s.journal, Flows: func() []*recordings.Flow { return s.catalog.Load().recs },
		Alive: s.open.Holds, Idle: s.open.Idle(), Now: s.now, Log: s.log,
	}
	return source.Handler()
}

// note adds an event to the journal. Without a journal the event is never made.
func (s *Server) note(happened func() inspect.Event) {
	if s.journal != nil {
		s.journal.Add(happened())
	}
}

// noteUnmatched notes a request of a sign-on that nothing recorded answered, and the
// status that it got.
func (c *call) noteUnmatched(in *interaction, sent *davinci.Sent, problem string) {
	c.s.note(func() inspect.Event {
		at := in.place()
		return inspect.Event{
			Journey: in.id, Flow: in.flow.name, At: at, Sent: asked(at, sent), To: at,
			Status: c.status, Ended: in.ended, Problem: problem,
		}
	})
}

// asked says what was sent at a screen, without any value. If there is no screen yet, that is the
// request that starts the flow.
func asked(at string, sent *davinci.Sent) string {
	if at == "" {
		return "authorize request"
	}
	return describe(sent)
}
