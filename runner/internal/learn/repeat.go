package learn

import (
	"crypto/sha256"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
)

// A place is a JSON path of the answers of one node in one shape.
type place struct {
	node     string
	detailed bool
	path     string
}

// A variation says which part of a value differs between journeys that went the same way.
type variation struct {
	whole bool         // all of it
	words map[int]look // else which of its tokens, and what they look like
	looks look         // of the whole
	prose bool         // what differs is not an id, token, number or time
}

var anyUUID = compiled(`[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}`)

// A comparison finds what differs between journeys that took the same path.
type comparison struct{ *learner }

// repeat compares the journeys that went the same way.
func (l comparison) repeat() error {
	if err := requestMaker(l).matchers(); err != nil {
		return err
	}
	groups := map[string][]*step{}
	apart := clients(l).apart()
	var order []string
	before := map[*journey]string{}
	for _, s := range l.steps {
		s.leaves = templater(l).leavesOf(s)
		way := before[s.j] + apart[clientOf(s)]
		if s.starts && s.Session {
			way += " with a session"
		}
		s.history = historyOf(s, way)
		before[s.j] = s.history
		key := s.history + " → " + strconv.Itoa(s.x.Status)
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], s)
	}
	l.places, l.varies, l.repeated = map[place]*variation{}, map[string]bool{}, map[place]bool{}
	once := map[*journey]bool{}
	for _, key := range order {
		if len(different(groups[key])) == 1 {
			once[groups[key][0].j] = true
		}
		l.compare(groups[key])
	}
	l.result.Once = len(once)
	return requestMaker(l).matchers() // what varies is now known
}

// historyOf returns a text that is equal for steps which journeys reached in the same way.
func historyOf(s *step, before string) string {
	shape := "json"
	if s.detailed {
		shape = "detailed"
	}
	var b strings.Builder
	b.WriteString(before + "\n" + shape)
	for _, name := range sorted(s.extras) {
		b.WriteString("&" + name + "=" + s.extras[name])
	}
	// An id within what was posted may be generated, which is to be found out.
	b.WriteString(anyUUID().ReplaceAllString(s.request.Key(), ""))
	sum := sha256.Sum256([]byte(b.String()))
	return string(sum[:])
}

// compare finds what differs between answers to journeys that went the same way.
func (l comparison) compare(group []*step) {
	first := group[0]
	node := l.nodeOf(group)
	for _, s := range group {
		s.node = node
	}
	if group = different(group); len(group) == 1 {
		return
	}
	for _, s := range group[1:] {
		if s.leaves.count() != first.leaves.count() {
			l.unsure(s.where(), "the answer has another form than that at %s, to which the same path led",
				first.where())
			return
		}
	}
	l.spread(place{node, first.detailed, ""}, group)
	for i := range first.leaves.count() {
		at := place{node, first.detailed, first.leaves.at(i).path}
		l.repeated[at] = true
		if v := l.vary(group, i); v != nil {
			l.places[at] = joined(l.places[at], v)
			for _, s := range group {
				if f := s.leaves.at(i); f.kind == gjson.String {
					l.varies[gjson.Parse(f.raw).String()] = true
				}
			}
		}
	}
}

// spread notes over how long a time the answers were given that are compared.
func (l comparison) spread(node place, group []*step) {
	first, last := momentOf(group[0]), momentOf(group[0])
	for _, s := range group[1:] {
		if m := momentOf(s); m.Before(first) {
			first = m
		} else if m.After(last) {
			last = m
		}
	}
	if l.spreads == nil {
		l.spreads = map[place]time.Duration{}
	}
	l.spreads[node] = max(l.spreads[node], last.Sub(first))
}

// different removes journeys that occur twice: comparing a journey with itself shows nothing.
func different(group []*step) []*step {
	if len(group) == 1 {
		return group
	}
	out := make([]*step, 0, len(group))
	seen := map[string]bool{}
	for _, s := range group {
		if runs := runsOf(s.j); !slices.ContainsFunc(runs, func(run string) bool { return seen[run] }) {
			out = append(out, s)
			for _, run := range runs {
				seen[run] = true
			}
		}
	}
	return out
}

// runsOf returns what identifies a journey: its interactionIds, or its state if it has none.
func runsOf(j *journey) []string {
	if len(j.id) > 0 {
		return slices.Collect(maps.Keys(j.id))
	}
	if state := j.steps[0].Query.Get("state"); state != "" {
		return []string{"state " + state} // no id has a space
	}
	return nil
}

// nodeOf names the node that answered. An id that differs is not a node's.
func (l comparison) nodeOf(group []*step) string {
	name := func(s *step) string { return s.top().Get("id").String() }
	id := name(group[0])
	for _, s := range group {
		if name(s) != id {
			id = ""
		}
	}
	return nodeName(id, group[0].top(), group[0].x.Status)
}

// vary compares one leaf, and returns nil if it is the same in all.
func (l comparison) vary(group []*step, i int) *variation {
	first := group[0].leaves.at(i)
	var found *variation
	for _, s := range group[1:] {
		other := s.leaves.at(i)
		switch {
		case other.path != first.path || other.kind != first.kind:
			return &variation{prose: true}
		case first.kind == gjson.String && other.text != first.text:
			found = joined(found, differ(first.text, other.text, momentOf(group[0]), momentOf(s)))
		case first.kind != gjson.String && other.raw != first.raw:
			looks := lookAt(first.raw, momentOf(group[0])).and(lookAt(other.raw, momentOf(s)))
			found = joined(found, &variation{whole: true, looks: looks})
		}
	}
	return found
}

// joined joins two variations of one place.
func joined(a, b *variation) *variation {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	both := &variation{whole: a.whole || b.whole, prose: a.prose || b.prose, words: maps.Clone(a.words), looks: a.looks}
	if a.whole && b.whole {
		both.looks = a.looks.and(b.looks)
	} else if b.whole {
		both.looks = b.looks
	}
	for i, l := range b.words {
		if have, ok := both.words[i]; ok {
			l = l.and(have)
		}
		if both.words == nil {
			both.words = map[int]look{}
		}
		both.words[i] = l
	}
	return both
}

// differ finds the tokens in which two texts of those times differ. Texts that have only a few
// words in common differ as a whole.
func differ(a, b string, then, later time.Time) *variation {
	x, y := token().FindAllStringIndex(a, -1), token().FindAllStringIndex(b, -1)
	asWhole := func() *variation {
		v := &variation{whole: true, looks: lookAt(a, then).and(lookAt(b, later))}
		v.prose = v.looks.is == 0 && (!looksGenerated(a) || !looksGenerated(b))
		return v
	}
	if len(x) != len(y) || token().ReplaceAllString(a, "") != token().ReplaceAllString(b, "") {
		return asWhole()
	}
	if strings.HasSuffix(a, "=") && strings.HasSuffix(b, "=") { // the filling of base64 is not text beside it
		if whole := asWhole(); whole.looks.is&isBase64 != 0 {
			return whole
		}
	}
	v := &variation{words: map[int]look{}}
	for i := range x {
		p, q := a[x[i][0]:x[i][1]], b[y[i][0]:y[i][1]]
		if p == q {
			continue
		}
		l, m := lookAt(p, then), lookAt(q, later)
		v.words[i] = l.and(m)
		v.prose = v.prose || !generated(p, l) || !generated(q, m)
	}
	if len(v.words) == len(x) && len(x) > 3 {
		v.whole = true
	}
	if v.prose && looksGenerated(a) && looksGenerated(b) { // base64 may have its signs at the same places
		if whole := asWhole(); whole.looks.is != 0 {
			return whole
		}
	}
	return v
}

// looksGenerated reports whether a text looks like one that a machine made: an id, a token,
// a challenge.
func looksGenerated(text string) bool {
	if uuidForm().MatchString(text) {
		return true
	}
	if len(text) < minLength || strings.ContainsAny(text, " \n") {
		return false
	}
	d, letters := digitsAndLetters(text)
	return d > 0 && letters > 0 || len(text) >= longToken && letters == len(text)
}

// digitsAndLetters counts those of ASCII.
func digitsAndLetters(text string) (d, letters int) {
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			d++
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			letters++
		}
	}
	return d, letters
}

// longToken is the least length of a word without digits that no person wrote.
const longToken = 24

// wholeVariable is a text that is a variable and nothing else.
var wholeVariable = compiled("^(?:" + recordings.Variable.String() + ")$")

// variableBefore returns the variable that the previous recording has at a place, "" if it has
// none: a value that was generated then is generated now, even if no second journey shows it.
func (l comparison) variableBefore(at place) string {
	if l.before == nil {
		l.before = map[place]string{}
		if l.o.Previous != nil {
			l.readBefore()
		}
	}
	return l.before[at]
}

func (l comparison) readBefore() {
	for _, h := range l.o.Previous.Hops {
		if h.To != nil {
			continue
		}
		for detailed, body := range map[bool]*recordings.Body{false: h.Response.JSON, true: h.Response.Detailed} {
			if body == nil || !gjson.ValidBytes(body.Text) {
				continue
			}
			top := gjson.ParseBytes(body.Text)
			node := nodeName(top.Get("id").String(), top, h.Response.Status)
			walk(top, func(path string, v gjson.Result) {
				if m := wholeVariable().FindStringSubmatch(strings.Trim(v.Raw, `"`)); m != nil {
					l.before[place{node, detailed, path}] = m[1]
				}
			})
		}
	}
}

// nodeName identifies the node that answered: by its id, unless that is generated, its
// capability and its status.
func nodeName(id string, top gjson.Result, status int) string {
	if uuidForm().MatchString(id) || strings.Contains(id, "{{") {
		id = "" // a node has a short id; an error of the platform has one of its own
	}
	return id + " " + top.Get("capabilityName").String() + " " + strconv.Itoa(status)
}
