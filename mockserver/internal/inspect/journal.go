// Package inspect remembers what a replay was asked, and shows it to people and
// tests. It holds no value that a person typed, no cookie, no token and no code.
package inspect

import (
	"container/list"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// The bounds of a journal. Together they keep it below some 30 MiB, whatever
// clients send.
const (
	journalSignOns = 1_000  // the sign-ons that are kept: those heard of last
	journalHops    = 200    // the hops that are kept of each: the last ones
	journalAll     = 20_000 // the hops that are kept of all together
	journalMisses  = 200    // the misses that are kept: the last ones
	journalText    = 500    // bytes that are kept of a text in which a client has a say
)

// A Journal remembers what happened to the last sign-ons, and counts every
// recorded hop that was taken. It may be used by several goroutines at once.
//
// What it forgets, it forgets from the oldest on; the counts are complete. They
// go by names, so that a recording that takes the place of another goes on with
// the counts of the hops that are still in it.
type Journal struct {
	now  func() time.Time
	hide func(text string) string

	mu     sync.Mutex
	taken  map[passage]int
	byID   map[string]*list.Element
	order  list.List // of *pastSignOn; the one heard of longest ago first
	hops   int       // the hops of all sign-ons
	misses []pastHop // the oldest first
}

// An Event is one thing that happened to a sign-on. It holds no value that a person
// typed and no token.
type Event struct {
	Journey string `json:"-"` // the interaction's id, "" if there is none
	Late    bool   `json:"-"` // no sign-on of that id, which a client made up or kept, is running
	Flow    string `json:"-"`
	At      string `json:"at"`   // the screen it left, "" at the start
	Sent    string `json:"sent"` // action, event type and keys
	Hop     string `json:"hop"`  // the recorded hop that answered, "" if none did
	To      string `json:"to"`   // the screen that it shows afterwards, unless it has ended
	Status  int    `json:"status"`
	Ended   bool   `json:"-"`                 // by this; a sign-on that never came to a screen has ended, too
	Problem string `json:"problem,omitempty"` // why nothing recorded answered
}

// A passage is a hop taken from one of the screens that it leaves.
type passage struct{ flow, at, hop string }

// A pastSignOn is what is remembered of a sign-on.
type pastSignOn struct {
	id      string
	flow    string
	at      string // the screen that it shows now, "" if it has ended
	began   time.Time
	latest  time.Time
	ended   bool
	partial bool // its first hops are missing
	hops    []pastHop
}

// A pastHop is an event and its time, as it is shown.
type pastHop struct {
	Time time.Time `json:"time"`

	Event
}

// New returns an empty journal, whose clock is now. What hide takes out of a text of a client
// is not remembered; it may be nil.
func New(now func() time.Time, hide func(text string) string) *Journal {
	if hide == nil {
		hide = func(text string) string { return text }
	}
	return &Journal{now: now, hide: hide, taken: map[passage]int{}, byID: map[string]*list.Element{}}
}

// Add adds an event. A miss before the first screen starts no sign-on, and
// one after the end changes none.
func (j *Journal) Add(e Event) {
	e.Sent, e.Problem = short(j.hide(e.Sent)), short(j.hide(e.Problem))
	j.mu.Lock()
	defer j.mu.Unlock()
	if e.Late {
		e = j.named(e)
	}
	if e.Ended {
		e.To = ""
	}
	when := j.now()
	now := pastHop{instant(when), e}
	if e.Hop == "" {
		j.misses = last(append(j.misses, now), journalMisses)
	} else {
		j.taken[passage{e.Flow, e.At, e.Hop}]++
	}
	if e.At == "" && e.Hop == "" {
		return
	}
	c := j.of(now)
	c.latest, c.ended, c.at = when, e.Ended, e.To
	before := len(c.hops)
	c.hops = last(append(c.hops, now), journalHops)
	c.partial = c.partial || len(c.hops) == before
	j.hops += len(c.hops) - before
	for j.order.Len() > journalSignOns || j.hops > journalAll {
		oldest := pastOf(j.order.Front())
		j.hops -= len(oldest.hops)
		j.order.Remove(j.order.Front())
		delete(j.byID, oldest.id)
	}
}

// named keeps the id that a client sent where it is one that was handed out.
func (j *Journal) named(e Event) Event {
	past := j.byID[e.Journey]
	if past == nil {
		e.Journey = ""
		return e
	}
	e.Flow = pastOf(past).flow
	return e
}

// of returns the sign-on that a hop belongs to, as the one heard of last.
func (j *Journal) of(h pastHop) *pastSignOn {
	if e := j.byID[h.Journey]; e != nil {
		j.order.MoveToBack(e)
		return pastOf(e)
	}
	c := &pastSignOn{id: h.Journey, flow: h.Flow, began: h.Time, partial: h.At != ""}
	j.byID[h.Journey] = j.order.PushBack(c)
	return c
}

// read returns copies of everything: the sign-ons and the misses with the newest first.
func (j *Journal) read() (taken map[passage]int, signOns []pastSignOn, misses []pastHop) {
	j.mu.Lock()
	defer j.mu.Unlock()
	taken = maps.Clone(j.taken)
	signOns = make([]pastSignOn, 0, j.order.Len())
	for e := j.order.Back(); e != nil; e = e.Prev() {
		c := *pastOf(e)
		c.hops = slices.Clone(c.hops)
		signOns = append(signOns, c)
	}
	misses = slices.Clone(j.misses)
	slices.Reverse(misses)
	return taken, signOns, misses
}

// last keeps the last hops, up to the limit. Nothing is moved: that is left to
// append, which does it once for many.
func last(hops []pastHop, limit int) []pastHop {
	for len(hops) > limit {
		hops[0] = pastHop{} // lets go of its texts
		hops = hops[1:]
	}
	return hops
}

// short cuts a text to what is kept of it. The rest is let go of.
func short(text string) string {
	if len(text) <= journalText {
		return text
	}
	return strings.ToValidUTF8(text[:journalText], "") + "…"
}

func pastOf(e *list.Element) *pastSignOn {
	return e.Value.(*pastSignOn) //nolint:forcetypeassert,errcheck // nothing else is put into the list
}
