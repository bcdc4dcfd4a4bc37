package inspect

import (
	"slices"
	"time"

	"flowtest/recordings"
)

// inspectFormat is the version of the JSON. What is added to it changes no version; what is
// removed or means something else does.
const inspectFormat = 1

// An inspection is what [Source.Handler] shows, as JSON and as a page.
type inspection struct {
	Format  int          `json:"format"`
	Time    time.Time    `json:"time"`
	Flows   []seenFlow   `json:"flows"`
	SignOns []seenSignOn `json:"signOns"`
	Misses  []seenMiss   `json:"misses"`
}

// A seenFlow is a recording and how much of it was reached.
type seenFlow struct {
	Name    string       `json:"name"`
	Source  string       `json:"source"`
	About   string       `json:"description,omitempty"`
	Screens []seenScreen `json:"screens"`
	Hops    []seenHop    `json:"hops"`
	Reached reached      `json:"reached"`
	Never   []string     `json:"never"`
}

// reached says how much of a recording was reached.
type reached struct {
	Screens reach `json:"screens"`
	Buttons reach `json:"buttons"`
	Hops    reach `json:"hops"`
}

// A reach is how many of how many.
type reach struct {
	Count int `json:"count"`
	Of    int `json:"of"`
}

// see counts one more, which was reached so many times.
func (r *reach) see(times int) {
	r.Of++
	if times > 0 {
		r.Count++
	}
}

// All reports whether nothing is left to reach.
func (r reach) All() bool { return r.Count == r.Of }

// A seenScreen is a screen, how often it was shown and which of its recorded
// buttons were pressed.
type seenScreen struct {
	Name    string       `json:"name"`
	Shown   int          `json:"shown"`
	Buttons []seenButton `json:"buttons"`
}

// A seenButton is a recorded button of a screen.
type seenButton struct {
	Action  string `json:"action"`
	Pressed int    `json:"pressed"`
}

// A seenHop is a recorded hop and how often it was taken.
type seenHop struct {
	Name      string   `json:"name"`
	From      []string `json:"from"`
	Action    string   `json:"action"`
	EventType string   `json:"eventType,omitempty"`
	To        string   `json:"to"`
	Taken     int      `json:"taken"`
}

// Sent is what a request that takes the hop carries: its button where it has
// one, else its event type.
func (h *seenHop) Sent() string {
	switch {
	case h.Action != "":
		return h.Action
	case h.EventType != "":
		return h.EventType
	case len(h.From) == 0:
		return "authorize"
	default:
		return ""
	}
}

// The states of a sign-on.
const (
	running  = "running"
	finished = "finished"
	expired  = "expired"
)

// A seenSignOn is a sign-on and its hops.
type seenSignOn struct {
	ID      string    `json:"id"`
	Flow    string    `json:"flow"`
	State   string    `json:"state"`
	At      string    `json:"at"`
	Began   time.Time `json:"began"`
	Latest  time.Time `json:"latest"`
	Partial bool      `json:"partial,omitempty"`
	Hops    []pastHop `json:"hops"`
}

// Missed counts the requests that no recorded hop answered.
func (s *seenSignOn) Missed() int {
	n := 0
	for i := range s.Hops {
		if s.Hops[i].Hop == "" {
			n++
		}
	}
	return n
}

// A seenMiss is a request that no recorded hop answered, for there is none or it
// was refused before.
type seenMiss struct {
	Time    time.Time `json:"time"`
	SignOn  string    `json:"signOn"`
	Flow    string    `json:"flow"`
	At      string    `json:"at"`
	Sent    string    `json:"sent"`
	Status  int       `json:"status"`
	Problem string    `json:"problem"`
}

// inspect reads the journal against the recordings that are replayed now.
func (s *Source) inspect() *inspection {
	taken, signOns, misses := s.Journal.read()
	recs := s.Flows()
	v := &inspection{
		Format: inspectFormat, Time: instant(s.Now()),
		Flows: make([]seenFlow, 0, len(recs)), SignOns: make([]seenSignOn, 0, len(signOns)),
		Misses: make([]seenMiss, 0, len(misses)),
	}
	for _, rec := range recs {
		v.Flows = append(v.Flows, seeFlow(rec, taken))
	}
	for i := range signOns {
		v.SignOns = append(v.SignOns, s.seeSignOn(&signOns[i]))
	}
	for i := range misses {
		m := &misses[i]
		seen := seenMiss{m.Time, "", m.Flow, m.At, m.Sent, m.Status, m.Problem}
		if m.At != "" || m.Late {
			seen.SignOn = shortID(m.Journey)
		}
		v.Misses = append(v.Misses, seen)
	}
	return v
}

// seeFlow checks a recording against what was taken.
func seeFlow(rec *recordings.Flow, taken map[passage]int) seenFlow {
	f := seenFlow{
		Name: rec.Name, Source: string(rec.Source), About: rec.Description,
		Screens: []seenScreen{}, Hops: make([]seenHop, 0, len(rec.Hops)), Never: []string{},
	}
	shown := map[*recordings.Hop]int{}
	for _, h := range rec.Hops {
		seen := seenHop{
			Name: h.Name, From: []string{}, Action: h.Request.Action, EventType: h.Request.EventType,
			Taken: taken[passage{rec.Name, "", h.Name}],
		}
		for _, from := range h.From {
			seen.From = append(seen.From, from.Name)
			seen.Taken += taken[passage{rec.Name, from.Name, h.Name}]
		}
		if to := h.Screen(); to != nil {
			seen.To = to.Name
			shown[to] += seen.Taken
		}
		if seen.Taken == 0 {
			f.Never = append(f.Never, h.Name)
		}
		f.Reached.Hops.see(seen.Taken)
		f.Hops = append(f.Hops, seen)
	}
	for _, h := range rec.Hops {
		if h.Screen() != h {
			continue
		}
		screen := seenScreen{h.Name, shown[h], seeButtons(rec, h, taken)}
		f.Reached.Screens.see(screen.Shown)
		for _, b := range screen.Buttons {
			f.Reached.Buttons.see(b.Pressed)
		}
		f.Screens = append(f.Screens, screen)
	}
	return f
}

// seeButtons returns the buttons that recorded hops press at a screen, in the order
// of the recording.
func seeButtons(rec *recordings.Flow, at *recordings.Hop, taken map[passage]int) []seenButton {
	buttons := []seenButton{}
	for _, h := range rec.Hops {
		if h.Request.Action == "" || !slices.Contains(h.From, at) {
			continue
		}
		i := slices.IndexFunc(buttons, func(b seenButton) bool { return b.Action == h.Request.Action })
		if i < 0 {
			i, buttons = len(buttons), append(buttons, seenButton{Action: h.Request.Action})
		}
		buttons[i].Pressed += taken[passage{rec.Name, at.Name, h.Name}]
	}
	return buttons
}

// seeSignOn shows a sign-on. It has expired if it was not heard of for longer than an interaction
// may rest, and no request kept it awake either.
func (s *Source) seeSignOn(p *pastSignOn) seenSignOn {
	seen := seenSignOn{
		ID: shortID(p.id), Flow: p.flow, State: running, At: p.at,
		Began: p.began, Latest: instant(p.latest), Partial: p.partial, Hops: p.hops,
	}
	switch {
	case p.ended:
		seen.State = finished
	case s.Now().Sub(p.latest) > s.Idle && !s.Alive(p.id):
		seen.State = expired
	}
	return seen
}

// shortID is as much of an interactionId as people need; it is not a handle.
func shortID(id string) string { return id[:min(len(id), 8)] }

// instant is a time as it is shown: in UTC and to the millisecond.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
