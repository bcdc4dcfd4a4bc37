package diff

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// changedKeys are the keys of fields and buttons of a screen that changed.
type changedKeys struct {
	renamed     map[string]string
	gone, added map[string]bool
}

// hinder reports whether a request can no longer be sent: it presses a button or fills in a
// field that is gone or has another key.
func (k *changedKeys) hinder(r *request) bool {
	changed := func(key string) bool { return k.gone[key] || k.renamed[key] != "" }
	return changed(r.action) || slices.ContainsFunc(r.formData, func(m member) bool { return changed(m.key) })
}

// start compares the hops that start the flow.
func (c *comparing) start() {
	hopChanges{c, c.location("start")}.edges(c.begin)
}

// hopChanges adds what changed of the hops of one location.
type hopChanges struct {
	*comparing

	at *Location
}

// add adds a change of one hop.
func (c hopChanges) add(class Class, kind Kind, of *edge, before, after, text string) {
	c.at.add(Change{Class: class, Kind: kind, Hop: of.hop.Name, Before: before, After: after, Text: text})
}

// edges compares the hops that leave one place. It does not repeat what the changes of the
// screens say: that a hop pressed a button, led to a screen or filled in a field that is gone,
// or was added. A hop whose request was not sent again is not gone.
func (c hopChanges) edges(m *meeting) {
	keys := m.keys
	for _, p := range m.pairs {
		switch b, a := p.before, p.after; {
		case a == nil:
			if !b.toLoneScreen() && !keys.hinder(&b.request) && c.tried(b) {
				c.add(Breaking, HopGone, b, b.result(), "", b.whole()+" is gone: the flow "+b.did()+
					", and no such request gets this answer now")
			}
		case b == nil:
			if !a.toLoneScreen() && !keys.added[a.request.action] {
				c.add(Additive, HopAdded, a, "", a.result(), a.whole()+" was added: the flow "+a.does())
			}
		default:
			c.edge(b, a, keys)
		}
	}
}

// toLoneScreen reports whether the edge leads to a screen that the other
// recording does not have.
func (e *edge) toLoneScreen() bool { return e.to != nil && e.to.pair == nil }

// name names a hop in a sentence.
func (e *edge) name() string {
	if e.from == nil && len(e.request.query) == 0 {
		return plain(e.hop.Name) + " (the start)"
	}
	return plain(e.hop.Name) + " (" + e.request.short() + ")"
}

// whole names a hop with what was filled in.
func (e *edge) whole() string { return "hop " + plain(e.hop.Name) + " (" + e.request.words() + ")" }

// outcomes holds the words for each outcome: as the result of a hop, in the present and in the
// past.
var outcomes = map[davinci.Outcome]struct{ result, does, did string }{
	davinci.Completed: {"completes the flow", "completes", "completed"},
	davinci.Refused:   {"is refused", "refuses the request", "refused the request"},
	davinci.Failed:    {"ends the flow in failure", "ends in failure", "ended in failure"},
	davinci.Rewound:   {"leaves the flow where it is", "stays where it is", "stayed where it was"},
	davinci.Paused:    {"pauses the flow", "pauses", "paused"},
}

// result returns what a hop leads to, does what the flow answers, and did what it answered.
func (e *edge) result() string {
	return e.answered("leads to screen ", outcomes[e.answer.Outcome].result)
}
func (e *edge) does() string { return e.answered("shows screen ", outcomes[e.answer.Outcome].does) }
func (e *edge) did() string  { return e.answered("showed screen ", outcomes[e.answer.Outcome].did) }

func (e *edge) answered(shows, otherwise string) string {
	if e.answer.Outcome == davinci.Paused && e.to != nil {
		return shows + e.to.title()
	}
	return otherwise + e.withStatus()
}

// withStatus adds the status and the code of the answer.
func (e *edge) withStatus() string {
	out := " with status " + strconv.Itoa(e.answer.Status)
	if code := e.answer.Code(); code != "" && e.answer.Outcome != davinci.Completed {
		out += " and code " + quote(code)
	}
	return out
}

// edge compares a hop with what it has become.
func (c hopChanges) edge(b, a *edge, keys *changedKeys) {
	c.requests(b, a, keys)
	elsewhere := b.to != nil && a.to != nil && b.to.pair != a.to
	outcome := b.answer.Outcome != a.answer.Outcome
	if elsewhere || outcome {
		kind := OutcomeChanged
		if !outcome {
			kind = HopRedirected
		}
		c.add(Breaking, kind, b, b.result(), a.result(),
			"hop "+b.name()+": the flow "+b.did()+", and now it "+a.does())
	}
	pair := [2]*recordings.Hop{b.hop, a.hop}
	if c.done[pair] {
		return // the same hop leaves several screens
	}
	c.done[pair] = true
	c.compareVerdicts(b, a)
	if b.answer.Status != a.answer.Status && !outcome {
		was, is := strconv.Itoa(b.answer.Status), strconv.Itoa(a.answer.Status)
		c.add(Breaking, StatusChanged, b, was, is, "status of hop "+b.name()+": "+was+" is now "+is)
	}
	if b.hop.To == nil || a.hop.To == nil {
		c.cookies(b, a)
		c.headers(b, a)
	}
	if b.to == nil && a.to == nil && !outcome {
		c.answers(b, a)
	}
}

// requests compares what a hop sends. An added key is breaking: the flow now needs it. Another
// value is cosmetic: the person who recorded typed it, and the outcome is compared too.
func (c hopChanges) requests(b, a *edge, keys *changedKeys) {
	add := func(class Class, kind Kind, key, before, after, text string) {
		c.at.add(Change{
			Class: class, Kind: kind, Hop: b.hop.Name, Before: before, After: after,
			Text: "hop " + b.name() + " " + text, Path: key,
		})
	}
	if x, y := b.request.eventType, a.request.eventType; x != y && x != "" && y != "" {
		add(Breaking, EventTypeChanged, "", x, y, "was sent with eventType "+plain(x)+" and is now sent with "+plain(y))
	}
	later := map[string]gjson.Result{}
	for _, m := range a.request.formData {
		later[m.key] = m.value
	}
	for _, m := range b.request.formData {
		key := m.key
		if _, still := later[key]; !still && keys.renamed[key] != "" {
			key = keys.renamed[key] // the clients that were recorded follow the rename
		}
		value, ok := later[key]
		delete(later, key)
		path := "parameters.data.formData." + gjson.Escape(key)
		switch {
		case ok && m.value.Raw != value.Raw:
			add(Cosmetic, FormDataChanged, path, say(m.value), say(value),
				"was sent with "+plain(key)+" "+say(m.value)+" and is now sent with "+say(value))
		case !ok && !keys.gone[key] && a.request.looksAt:
			add(Additive, FormDataChanged, path, say(m.value), "", "no longer needs "+plain(key))
		}
	}
	for _, m := range a.request.formData {
		if _, fresh := later[m.key]; fresh && !keys.added[m.key] && b.request.looksAt {
			add(Breaking, FormDataChanged, "parameters.data.formData."+gjson.Escape(m.key), "", say(m.value),
				"now also needs "+plain(m.key))
		}
	}
}

// cookies compares which cookies a hop sets. Attributes are compared where both
// recordings hold them.
func (c hopChanges) cookies(b, a *edge) {
	was, is := cookieMap(b.response), cookieMap(a.response)
	for _, name := range unionOf(was, is) {
		before, had := was[name]
		now, has := is[name]
		x, y := attributes(before), attributes(now)
		switch {
		case !has:
			c.add(Breaking, CookieGone, b, name, "", "hop "+b.name()+" no longer sets the cookie "+plain(name))
		case !had:
			c.add(Additive, CookieAdded, b, "", name, "hop "+b.name()+" now sets the cookie "+plain(name))
		case before.As != nil && now.As != nil && x != y:
			if lasting(before) == lasting(now) && aboutAsLong(before, now) {
				continue
			}
			class := Breaking
			if lasting(before) == lasting(now) {
				class = Cosmetic // only its lifetime changed
			}
			c.add(class, CookieChanged, b, x, y, "cookie "+plain(name)+" of hop "+b.name()+": "+isNow(x, y))
		}
	}
}

// cookieMap holds the cookies that an answer sets by their names, and by their paths too if there
// are several of a name.
func cookieMap(r *recordings.Response) map[string]recordings.Cookie {
	m := map[string]recordings.Cookie{}
	for _, k := range r.Cookies {
		name := k.Name
		if _, twice := m[name]; twice && k.As != nil {
			name += "; Path=" + k.As.Path
		}
		m[name] = k
	}
	return m
}

// attributes writes the attributes of a cookie.
func attributes(c recordings.Cookie) string {
	_, out, _ := strings.Cut(c.String(), ";")
	return strings.TrimSpace(out)
}

// lasting writes the attributes of a cookie without its lifetime.
func lasting(c recordings.Cookie) string {
	var kept []string
	for part := range strings.SplitSeq(attributes(c), "; ") {
		if name, _, _ := strings.Cut(part, "="); name != "Max-Age" && name != "Expires" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "; ")
}

// aboutAsLong reports whether two cookies have about the same lifetime: many services count
// down.
func aboutAsLong(a, b recordings.Cookie) bool {
	const seconds, percent = 10, 100
	x, y := a.As.MaxAge, b.As.MaxAge
	return x > 0 && y > 0 && max(x-y, y-x) <= max(seconds, x/percent)
}

// headers compares the headers that a recording holds.
func (c hopChanges) headers(b, a *edge) {
	was, is := headerMap(b.response), headerMap(a.response)
	for _, name := range unionOf(was, is) {
		x, had := was[name]
		y, has := is[name]
		change := Change{Class: Cosmetic, Hop: b.hop.Name, Before: cut(x), After: cut(y)}
		if name == "Location" {
			change.Class = Breaking // it is where the client goes
		}
		of := "header " + plain(name) + " of hop " + b.name()
		switch {
		case had && has && !sameText(x, y):
			change.Kind, change.Text = HeaderChanged, of+": "+isNow(x, y)
		case had && !has:
			change.Kind, change.Text = HeaderGone, of+" is gone (it was "+quote(x)+")"
		case has && !had:
			change.Class = min(change.Class, Additive)
			change.Kind, change.Text = HeaderAdded, of+" was added ("+quote(y)+")"
		default:
			continue
		}
		c.at.add(change)
	}
}

func headerMap(r *recordings.Response) map[string]string {
	m := map[string]string{}
	for name, value := range r.Headers {
		m[http.CanonicalHeaderKey(name)] = value
	}
	return m
}

// answers compares the bodies of a hop that leads to no screen.
func (c hopChanges) answers(b, a *edge) {
	var compared [2]*shapeCompared
	pairs := [2][2]*recordings.Body{{b.response.JSON, a.response.JSON}, {b.response.Detailed, a.response.Detailed}}
	// An answer that is not a screen is the same in both shapes: it may have been recorded as
	// either.
	if (pairs[0][0] == nil) != (pairs[0][1] == nil) && (pairs[1][0] == nil) != (pairs[1][1] == nil) {
		pairs = [2][2]*recordings.Body{{b.response.Body(false), a.response.Body(false)}}
	}
	for i, pair := range pairs {
		if pair[0] != nil && pair[1] != nil {
			w := walk{of: "of hop " + b.name()}
			w.objects(bodyOf(pair[0].Text), bodyOf(pair[1].Text))
			compared[i] = &shapeCompared{found: w.found}
		}
	}
	for _, change := range merge(compared) {
		change.Hop = b.hop.Name
		if compared[0] == nil || compared[1] == nil {
			change.Shape = "" // the answer to a request of either shape
		}
		c.at.add(change)
	}
	if x, y := b.response.HTML, a.response.HTML; x != nil && y != nil {
		c.pages(b, string(x.Text), string(y.Text))
		return
	}
	if was, is := bodyKind(b.response), bodyKind(a.response); was != is {
		c.add(Breaking, KindChanged, b, was, is, "body of hop "+b.name()+" was "+was+" and is now "+is)
	}
}

func bodyKind(r *recordings.Response) string {
	switch {
	case r.HTML != nil:
		return "HTML"
	case r.JSON == nil && r.Detailed == nil:
		return "empty"
	default:
		return "JSON"
	}
}

// pages compares an answer that is a page.
func (c hopChanges) pages(b *edge, was, is string) {
	x, y := newPage(was), newPage(is)
	switch {
	case sameText(was, is):
	case sameText(x.text, y.text):
		c.add(Cosmetic, HTMLChanged, b, "", "", "the HTML of hop "+b.name()+" changed, but no word of it")
	default:
		before, after := apart(x.text, y.text)
		c.add(Cosmetic, TextChanged, b, before, after,
			"text of the HTML of hop "+b.name()+": "+isNow(x.text, y.text))
	}
}
