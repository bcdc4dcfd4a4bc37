package learn

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
)

// A merge is a recording to which journeys are being added.
type merge struct {
	l       *learner
	flow    *recordings.Flow
	names   map[string]bool
	numbers map[string]int                        // the last that was tried after a name that hops have
	files   map[string]string                     // the text of each body file
	leaving map[*recordings.Hop][]*recordings.Hop // by the screen that they leave, nil for a start
	screens map[string][]*recordings.Hop          // by what identifies an answer
	fresh   map[*recordings.Hop]bool              // answered in this recording
	first   map[*recordings.Hop]*step             // the step that each answered first in this recording

	conflicts []conflict
	tries     []try
	origin    map[*recordings.Hop]*recordings.Hop // what each was in the recording before this one
}

// A conflict is one request that was answered in two ways.
type conflict struct {
	s     *step
	hop   *recordings.Hop
	first *step // whose answer the hop has, nil if it was recorded before
	order bool  // the two are of one journey, and their order distinguishes them
}

// graph adds all journeys to the recording. If only a text explains two different answers, they
// are merged again with that text as part of the request.
func (l *learner) graph() error {
	const attempts = 32
	var d *merge
	for range attempts {
		d = l.mergeAll()
		if !(failureFinder{d}).weigh() {
			return errors.New("the environment failed for a moment") // and all is learned without that
		}
		if l.lost != nil {
			return &FailedError{l.lost}
		}
		l.inConflict = map[*step]bool{}
		for i := range d.conflicts {
			l.inConflict[d.conflicts[i].s] = true
		}
		if !slices.ContainsFunc(d.conflicts, l.distinguish) {
			break
		}
		if err := (requestMaker{l}).matchers(); err != nil {
			return err
		}
	}
	for i := range d.conflicts {
		if err := l.ambiguous(&d.conflicts[i]); err != nil {
			return err
		}
	}
	finisher{d}.collapsed()
	l.strangers()
	finisher{d}.prune()
	finisher{d}.finish()
	l.result.Flow = d.flow
	return d.err()
}

// mergeAll adds all journeys to a copy of the previous recording.
func (l *learner) mergeAll() *merge {
	d := &merge{
		l: l, names: map[string]bool{}, numbers: map[string]int{}, files: map[string]string{},
		leaving: map[*recordings.Hop][]*recordings.Hop{}, screens: map[string][]*recordings.Hop{},
		fresh: map[*recordings.Hop]bool{}, first: map[*recordings.Hop]*step{},
		origin: map[*recordings.Hop]*recordings.Hop{},
	}
	l.result.Added, l.result.Changed = nil, nil
	l.merged = map[*step][]*recordings.Hop{}
	d.flow = &recordings.Flow{Source: recordings.Recorded, Name: l.o.Name}
	if l.o.Previous != nil {
		d.takeOver(l.o.Previous)
	}
	startFinder{d}.queries()
	for _, j := range l.journeys {
		d.journey(j)
	}
	return d
}

// takeOver copies the previous recording, so that it does not change.
func (d *merge) takeOver(previous *recordings.Flow) {
	f := *previous
	f.Hops = nil
	f.Source = recordings.Recorded
	copies := map[*recordings.Hop]*recordings.Hop{}
	for _, h := range previous.Hops {
		c := *h
		copies[h], d.origin[&c] = &c, h
		f.Hops = append(f.Hops, &c)
	}
	f.Name = d.l.o.Name
	d.flow = &f
	for _, h := range f.Hops {
		h.To = copies[h.To]
		h.From = slices.Clone(h.From)
		for i := range h.From {
			h.From[i] = copies[h.From[i]]
		}
		d.note(h)
	}
}

// note makes a hop findable.
func (d *merge) note(h *recordings.Hop) {
	d.names[h.Name] = true
	for _, b := range bodies(h) {
		d.files[b.File] = string(b.Text)
	}
	if h.Starts() {
		d.leaving[nil] = append(d.leaving[nil], h)
	}
	for _, from := range h.From {
		d.leaving[from] = append(d.leaving[from], h)
	}
	if h.To == nil && h.Screen() == h {
		id := identityOf(&h.Response)
		d.screens[id] = append(d.screens[id], h)
	}
}

// bodies returns a hop's own bodies.
func bodies(h *recordings.Hop) []*recordings.Body {
	var out []*recordings.Body
	for _, s := range slots(&h.Response) {
		if *s.body != nil && h.To == nil {
			out = append(out, *s.body)
		}
	}
	return out
}

// hopKey names the screen of a hop as screenKey does.
func hopKey(h *recordings.Hop) string {
	b := cmp.Or(h.Response.JSON, h.Response.Detailed)
	if b == nil {
		return ""
	}
	top := gjson.ParseBytes(b.Text)
	return top.Get("id").String() + " " + top.Get("capabilityName").String()
}

// journey adds one journey to the recording.
func (d *merge) journey(j *journey) {
	var at *recordings.Hop
	sent := map[*recordings.Hop]map[string][]*step{}
	for i, s := range j.steps {
		if !s.starts && at == nil {
			d.l.result.Ignored += len(j.steps) - i
			d.l.unsure(s.where(), "the flow had ended, and what was sent afterwards is not recorded")
			return
		}
		key := s.request.Key()
		if sent[at] == nil {
			sent[at] = map[string][]*step{}
		}
		before := sent[at][key]
		failureFinder{d}.attempted(at, s, len(before))
		h := d.observe(at, s, before)
		sent[at][key] = append(before, s)
		if h == nil {
			return
		}
		if d.first[h] == nil {
			d.first[h] = s
		}
		if d.l.merged[s] = []*recordings.Hop{h}; h.To != nil {
			d.l.merged[s] = append(d.l.merged[s], h.To) // which has the body
		}
		d.ordered(s, h, before)
		switch screen := h.Screen(); {
		case screen != nil:
			at = screen
		case !h.Stays():
			at = nil
		}
	}
}

// observe adds one step to the recording: the journey sent this request at this screen before,
// in those steps. It returns the hop, or nil if the step does not fit.
func (d *merge) observe(at *recordings.Hop, s *step, before []*step) *recordings.Hop {
	n := len(before)
	answer, err := answerMerger{d}.answer(s)
	if err != nil {
		d.l.breaks(s, err)
		return nil
	}
	list := d.sameRequest(at, s)
	if h := (clients{d.l}).foreign(d, list, s, n, answer); h != nil {
		d.conflicts = append(d.conflicts, conflict{s: s, hop: h})
		return nil
	}
	if len(list) == 0 || at == nil {
		if h := d.covered(at, s, answer); h != nil {
			return h
		}
	}
	if last := min(n, len(list)-1); last >= 0 && (answerMerger{d}).join(list[last], answer) {
		return list[last] // and the last answer repeats
	}
	if h, known := (answerMerger{d}).polled(list, s, before, answer); known {
		return h
	}
	if n >= len(list) {
		for len(list) > 0 && len(list) < n {
			list = append(list, d.repeatLast(at, list[len(list)-1]))
		}
		return d.add(at, s, answer)
	}
	if d.origin[list[n]] != nil && !d.fresh[list[n]] {
		answerMerger{d}.replace(list[n], answer)
		return list[n]
	}
	if s.polls() {
		return list[n]
	}
	d.conflicts = append(d.conflicts, conflict{s: s, hop: list[n], first: d.first[list[n]]})
	if identityOf(list[n].Answer()) != identityOf(answer) {
		return nil // what followed was sent elsewhere
	}
	return list[n]
}

// ordered notes that a journey of an unknown user sent other values the last time that it sent
// the same request: the order of the two then distinguishes their answers.
func (d *merge) ordered(s *step, h *recordings.Hop, before []*step) {
	if len(before) == 0 || s.j.matches > 0 || s.polls() {
		return
	}
	last := before[len(before)-1]
	if d.first[h] == s && len(typedOtherwise(last, s)) > 0 {
		d.conflicts = append(d.conflicts, conflict{s: s, hop: h, first: last, order: true})
	}
}

// matches reports whether the step sent a request that the hop means.
func (s *step) matches(h *recordings.Hop) bool {
	return h.Request.Matches(&s.Sent, func(name string) (string, bool) { v, ok := s.j.user[name]; return v, ok })
}

func (s *step) polls() bool { return s.EventType == "polling" }

// sameRequest returns the hops that answer the request, in their order.
func (d *merge) sameRequest(at *recordings.Hop, s *step) []*recordings.Hop {
	var same []*recordings.Hop
	for _, h := range d.leaving[at] {
		if h.Request.Key() == s.request.Key() {
			same = append(same, h)
		}
	}
	return same
}

// covered returns the hop of the previous recording that matches the request and has the same
// answer, though a person wrote its request in another way.
func (d *merge) covered(at *recordings.Hop, s *step, a *recordings.Response) *recordings.Hop {
	for _, h := range d.leaving[at] {
		if len(s.request.Query) > 0 && len(h.Request.Query) == 0 {
			continue // the plain start has another answer
		}
		if s.request.Platform != h.Request.Platform || s.request.Language != h.Request.Language ||
			s.request.Session != h.Request.Session {
			continue // what every client gets is another answer
		}
		same := d.origin[h] != nil && s.matches(h) && identityOf(h.Answer()) == identityOf(a)
		if same && (answerMerger{d}).join(h, a) {
			return h
		}
	}
	return nil
}

// repeatLast adds a hop that gives the last answer once more.
func (d *merge) repeatLast(at, last *recordings.Hop) *recordings.Hop {
	h := &recordings.Hop{Name: d.unique(last.Name), Request: last.Request, To: last.To, Response: last.Response}
	if at != nil {
		h.From = []*recordings.Hop{at}
	}
	d.insert(h)
	return h
}

// insert puts a new hop at the end.
func (d *merge) insert(h *recordings.Hop) {
	d.flow.Hops = append(d.flow.Hops, h)
	d.fresh[h] = true
	d.note(h)
	d.l.result.Added = append(d.l.result.Added, h.Name)
}

// add adds a hop for a step that no hop answers.
func (d *merge) add(at *recordings.Hop, s *step, a *recordings.Response) *recordings.Hop {
	screen := answerMerger{d}.screenLike(a)
	if screen != nil && at != nil {
		if h := d.alike(at, s, screen); h != nil {
			return h
		}
	}
	h := &recordings.Hop{Request: s.request}
	if at != nil {
		h.From = []*recordings.Hop{at}
	}
	name := nameOf(s, screen)
	if d.l.asked[s.x.Hop] != nil {
		name = s.x.Hop
	}
	h.Name = d.unique(name)
	if screen != nil {
		h.To = screen
		answerMerger{d}.unite(&screen.Response, a)
		answerMerger{d}.nameBodies(screen)
	} else {
		h.Response = *a
		answerMerger{d}.nameBodies(h)
	}
	d.insert(h)
	return h
}

// alike finds a hop that leaves another screen with the same request to the
// same screen: one hop then leaves both.
func (d *merge) alike(at *recordings.Hop, s *step, to *recordings.Hop) *recordings.Hop {
	for _, h := range d.flow.Hops {
		if h.To != to || h.Request.Key() != s.request.Key() || h.Starts() || slices.Contains(h.From, at) {
			continue
		}
		only := true
		for _, from := range h.From {
			n := 0
			for _, o := range d.leaving[from] {
				n += number(o.Request.Key() == h.Request.Key())
			}
			only = only && n == 1
		}
		if only {
			h.From = append(h.From, at)
			d.leaving[at] = append(d.leaving[at], h)
			return h
		}
	}
	return nil
}

// unique returns a name that no hop has.
func (d *merge) unique(name string) string {
	base := strings.TrimRight(name, "-.")
	if base == "" {
		base = "hop"
	}
	for d.names[name] || name == "" { // a number that was taken stays so
		d.numbers[base] = max(d.numbers[base], 1) + 1
		name = base + "-" + strconv.Itoa(d.numbers[base])
	}
	d.names[name] = true
	return name
}

// err returns why what was merged is not a recording.
func (d *merge) err() error {
	if len(d.flow.Hops) == 0 {
		return errors.New("no hop is left to record: " + d.l.brokenOff())
	}
	return nil
}
