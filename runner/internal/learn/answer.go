package learn

import (
	"bytes"
	"cmp"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// An answerMerger merges the answers of a hop.
type answerMerger struct{ *merge }

// answer makes the recorded response of a step. Its bodies have no names yet.
func (d answerMerger) answer(s *step) (*recordings.Response, error) {
	if s.response != nil {
		return s.response, nil
	}
	r := &recordings.Response{Status: s.x.Status, Headers: templater{d.l}.headers(s), Cookies: d.cookies(s)}
	if len(s.text) > 0 {
		name := "body.json"
		if s.page {
			name = "body.html"
		}
		b, err := d.body(name, s.text)
		if err != nil {
			return nil, err
		}
		switch {
		case s.page:
			r.HTML = b
		case s.detailed && (s.outcome == davinci.Paused || gjson.GetBytes(s.text, "screen").Exists()):
			r.Detailed = b
		default:
			r.JSON = b // what is not a screen looks the same in both shapes
		}
	}
	s.response = r
	return r, nil
}

// body makes a body of a text, once for all answers that have it.
func (d answerMerger) body(name string, text []byte) (*recordings.Body, error) {
	key := name + string(text)
	if b := d.l.bodies[key]; b != nil {
		return b, nil
	}
	b, err := recordings.NewBody(name, text)
	if err != nil {
		return nil, err
	}
	if d.l.bodies == nil {
		d.l.bodies = map[string]*recordings.Body{}
	}
	d.l.bodies[key] = b
	return b, nil
}

// identityOf returns a text that is equal for answers of one node with one outcome, in
// either shape.
func identityOf(r *recordings.Response) string {
	kind, top := "page", gjson.Result{}
	if b := cmp.Or(r.JSON, r.Detailed); b != nil {
		kind, top = "json", gjson.ParseBytes(b.Text)
	} else if r.HTML == nil {
		kind = "empty " + r.Headers["Location"]
	}
	return strings.Join([]string{
		strconv.Itoa(r.Status), kind, top.Get("id").String(), top.Get("capabilityName").String(),
		strconv.FormatBool(r.Outcome(false) == davinci.Rewound),
	}, " ")
}

// fits reports whether two answers can be the same one: they are of one node, and equal
// in each shape that both have.
func fits(a, b *recordings.Response) bool {
	return identityOf(a) == identityOf(b) &&
		agree(a.JSON, b.JSON) && agree(a.Detailed, b.Detailed) && agree(a.HTML, b.HTML)
}

func agree(a, b *recordings.Body) bool { return a == nil || b == nil || bytes.Equal(a.Text, b.Text) }

// join makes a hop the answer to a step too, and reports false if the answers do not fit.
func (d answerMerger) join(h *recordings.Hop, a *recordings.Response) bool {
	have := h.Answer()
	if identityOf(have) != identityOf(a) {
		return false
	}
	owner := cmp.Or(h.To, h) // of the answer
	if !fits(have, a) {
		if d.origin[owner] == nil || d.fresh[owner] {
			return false
		}
		d.l.result.Changed = appendNew(d.l.result.Changed, owner.Name)
		d.renew(owner, a)
	}
	d.unite(have, a)
	d.fresh[owner] = true
	d.nameBodies(owner)
	return true
}

// renew replaces the bodies of a hop by those of an answer.
func (d answerMerger) renew(h *recordings.Hop, a *recordings.Response) {
	have := slots(&h.Response)
	for i, now := range slots(a) {
		if b := *now.body; b != nil {
			name := h.Name + now.ext
			if was := *have[i].body; was != nil {
				name = was.File
			}
			*have[i].body = b.Rename(name)
		}
	}
}

// unite adds to have each shape that only a has.
func (d answerMerger) unite(have, a *recordings.Response) {
	have.JSON, have.Detailed = cmp.Or(have.JSON, a.JSON), cmp.Or(have.Detailed, a.Detailed)
	if have.HTML == nil && have.JSON == nil && have.Detailed == nil {
		have.HTML = a.HTML
	}
	if len(have.Cookies) == 0 {
		have.Cookies = a.Cookies
	}
}

// replace gives a hop of the previous recording the answer that it has now.
func (d answerMerger) replace(h *recordings.Hop, a *recordings.Response) {
	d.l.result.Changed = appendNew(d.l.result.Changed, h.Name)
	if screen := d.screenLike(a); screen != nil && screen != h {
		h.To, h.Response = screen, recordings.Response{}
		d.unite(&screen.Response, a)
		d.nameBodies(screen)
	} else {
		h.To, h.Response = nil, *a
		d.nameBodies(h)
		if h.Screen() == h {
			id := identityOf(&h.Response)
			d.screens[id] = append(d.screens[id], h)
		}
	}
	d.fresh[h] = true
}

// screenLike finds the screen that an answer shows again, or nil.
func (d answerMerger) screenLike(a *recordings.Response) *recordings.Hop {
	probe := recordings.Hop{Response: *a}
	if probe.Screen() == nil {
		return nil
	}
	var candidate *recordings.Hop
	for _, h := range d.screens[identityOf(a)] {
		if h.To != nil || !fits(&h.Response, a) {
			continue
		}
		if shared(&h.Response, a) {
			return h
		}
		candidate = cmp.Or(candidate, h)
	}
	return candidate
}

func shared(a, b *recordings.Response) bool {
	return a.JSON != nil && b.JSON != nil || a.Detailed != nil && b.Detailed != nil
}

// nameBodies gives the bodies of a hop files of their own, or of another hop
// where that has the same text.
func (d answerMerger) nameBodies(h *recordings.Hop) {
	for _, each := range slots(&h.Response) {
		b := *each.body
		if b == nil || !unnamed(b) {
			continue
		}
		*each.body = b.Rename(d.file(h, string(b.Text), each.ext))
	}
}

// file returns the name of the file for a text.
func (d answerMerger) file(h *recordings.Hop, text, ext string) string {
	if h.Screen() == nil {
		for _, name := range sorted(d.files) {
			if d.files[name] == text && strings.HasSuffix(name, ext) {
				return name
			}
		}
	}
	name := numbered(strings.ToLower(h.Name), ext, func(name string) bool { _, taken := d.files[name]; return taken })
	d.files[name] = text
	return name
}

// kept are the headers of an answer that a client acts on.
var kept = []string{"Location", "Retry-After"}

// headers returns the headers of an answer that are recorded.
func (l templater) headers(s *step) map[string]string {
	var out map[string]string
	for _, name := range kept {
		value := s.x.ResponseHeader.Get(name)
		if value == "" {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[name] = render(l.location(s, s.j.replace(unmarked(value), "")), false)
	}
	return out
}

// location puts variables into the parameters of a redirect that a completion has too.
func (l templater) location(s *step, text string) string {
	text = l.link(s, text)
	before, query, ok := strings.Cut(text, "?")
	if !ok {
		return text
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		if v := completion["authorizeResponse."+name]; v != "" && !strings.HasPrefix(value, markOpen) {
			pairs[i] = name + "=" + mark(v)
		}
	}
	return before + "?" + strings.Join(pairs, "&")
}

// cookies returns the cookies that an answer sets, without the handles, which every
// answer of a flow sets. A cookie that a recording cannot hold is skipped with a warning.
func (d answerMerger) cookies(s *step) []recordings.Cookie {
	for _, line := range s.x.ResponseHeader["Set-Cookie"] {
		if _, err := davinci.ParseSetCookie(line); err != nil {
			d.l.odd.add("a Set-Cookie line is left out: "+err.Error(), s.where())
		}
	}
	var out []recordings.Cookie
	for _, c := range s.x.SetCookies() {
		if c.Name == handleID || c.Name == handleToken {
			continue
		}
		as := *c //nolint:gosec // the attributes are the service's
		if !as.Expires.IsZero() {
			// A date passes; the lifetime of the cookie is what matters.
			if as.MaxAge == 0 {
				as.MaxAge = lifetime(s, as.Expires)
			}
			as.Expires = time.Time{}
		}
		as.Name, as.Value, as.Quoted, as.Domain, as.Raw, as.RawExpires, as.Unparsed = "", "", false, "", "", "", nil
		cookie := recordings.Cookie{Name: c.Name, As: &as}
		if usual(cookie, s.x.URL.Scheme == "https") {
			cookie.As = nil
		}
		if d.l.finder.in(cookie.String()) {
			d.l.odd.add("a cookie is left out whose name or path holds a secret", s.where())
			continue
		}
		out = append(out, cookie)
	}
	return out
}

// usual reports whether a cookie has the attributes that the service usually
// sets, which a recording need not name.
//
// Source: the session cookies seen on the wire: SameSite=None, except for the copy
// for browsers that do not know it.
func usual(c recordings.Cookie, secure bool) bool {
	want := http.Cookie{Path: "/", HttpOnly: true, Secure: secure} //nolint:gosec // it is only compared
	if secure && c.Name != "ST-NO-SS" {
		want.SameSite = http.SameSiteNoneMode
	}
	return strings.HasPrefix(c.Name, "ST") && reflect.DeepEqual(*c.As, want)
}

// lifetime returns how many seconds a cookie lives, or -1 if it has expired.
func lifetime(s *step, expires time.Time) int {
	lives := expires.Sub(momentOf(s))
	if lives <= 0 {
		return -1
	}
	return max(1, int(rounded(lives)/time.Second))
}

// polled returns the hop of a poll that was answered otherwise than as many polls were in another
// journey, and reports whether it is known: that one waited longer, or this one did. Polls of a
// screen are all alike, so that of ends that differ the first is kept.
func (d answerMerger) polled(
	list []*recordings.Hop, s *step, before []*step, a *recordings.Response,
) (h *recordings.Hop, known bool) {
	ended := func(b *step) bool { return b.outcome != davinci.Rewound }
	waits := func(h *recordings.Hop) bool { return h.Stays() && h.Response.Status < http.StatusMultipleChoices }
	end := slices.IndexFunc(list, func(h *recordings.Hop) bool { return !waits(h) })
	switch {
	case !s.polls() || end < 0 || slices.ContainsFunc(before, ended):
		return nil, false
	case !ended(s):
		if end == 0 {
			return nil, false
		}
		return list[end-1], true
	case d.join(list[end], a):
		return list[end], true
	case d.origin[list[end]] != nil && !d.fresh[list[end]]: // it ends otherwise by now
		d.replace(list[end], a)
		return list[end], true
	}
	d.l.odd.add("a poll was answered with "+nameOf(s, nil)+" here and with "+list[end].Name+" in another journey, and "+
		"the polls of a screen are all alike: the recording keeps "+list[end].Name+", and what followed the other is "+
		"lost: record that journey into another folder, with --out", s.where())
	return nil, true
}
