package learn

import (
	"net/http"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
	"golang.org/x/text/language"

	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// A client is what a request says about its sender that a flow may depend on.
type client struct{ platform, language string }

// clientOf returns the client that sent the request of a step: without a platform it is
// the web's, and of its languages the first counts, without a region.
func clientOf(s *step) client {
	if s.asks != nil {
		return *s.asks
	}
	c := client{platform: davinci.JavaScript}
	if slices.Contains(davinci.Platforms(), s.Platform) {
		c.platform = s.Platform
	}
	if tags, _, err := language.ParseAcceptLanguage(s.AcceptLanguage); err == nil && len(tags) > 0 {
		if base, sure := tags[0].Base(); sure != language.No {
			c.language = base.String()
		}
	}
	s.asks = &c
	return c
}

// clients finds out where a flow answers by platform or language.
type clients struct{ *learner }

// The prefixes of the keys that note which clients get another answer at a screen.
const (
	byPlatform = "\x00platform"
	byLanguage = "\x00language"
)

// apart distinguishes clients that have more than one journey each, so that their answers
// are not compared. The answers of the other clients may show which values are generated.
func (l clients) apart() map[client]string {
	journeys := map[client]int{}
	for _, j := range l.journeys {
		journeys[clientOf(j.steps[0])]++
	}
	names := map[client]string{}
	for c, n := range journeys {
		if n > 1 {
			names[c] = c.platform + " " + c.language
		}
	}
	return names
}

// usual returns the client that a recording does not name: the web client if there was one,
// without a language or else with the language of most journeys.
func (l clients) usual() client {
	if l.usualClient != nil {
		return *l.usualClient
	}
	platforms, languages := map[string]int{}, map[string]int{}
	for _, j := range l.journeys {
		c := clientOf(j.steps[0])
		platforms[c.platform]++
		languages[c.language]++
	}
	u := client{platform: davinci.JavaScript}
	if platforms[u.platform] == 0 && l.o.Previous == nil {
		u.platform = most(platforms)
	}
	if languages[""] == 0 && !strings.HasPrefix(l.steps[0].x.Header.Get("User-Agent"), "flowtest/") {
		u.language = most(languages) // flowtest has none unless a feature says so
	}
	l.usualClient = &u
	return u
}

// most returns the key with the highest count.
func most(count map[string]int) string {
	best := ""
	for _, key := range sorted(count) {
		if best == "" || count[key] > count[best] {
			best = key
		}
	}
	return best
}

// expected returns the platform and language that a recording expects of the request of a step.
func (l clients) expected(s *step) (platform, lang string) {
	screen, c, usual := screenKey(s.from), clientOf(s), l.usual()
	own := l.recorded(screen)
	if c.platform != usual.platform && l.distinct[field{screen, byPlatform + c.platform}] || own[c.platform] {
		platform = c.platform
	}
	if c.language != usual.language && l.distinct[field{screen, byLanguage + c.language}] || own[c.language] {
		lang = c.language
	}
	return platform, lang
}

// recorded returns the platforms and languages for which the previous recording has hops of
// their own at a screen.
func (l clients) recorded(screen string) map[string]bool {
	if l.ownHops == nil {
		l.ownHops = map[string]map[string]bool{}
		l.readOwn()
	}
	return l.ownHops[screen]
}

func (l clients) readOwn() {
	if l.o.Previous == nil {
		return
	}
	for _, h := range l.o.Previous.Hops {
		if h.Request.Platform+h.Request.Language == "" {
			continue
		}
		screens := []string{""}
		for i, from := range h.From {
			screens = append(screens[:i], hopKey(from))
		}
		for _, screen := range screens {
			if l.ownHops[screen] == nil {
				l.ownHops[screen] = map[string]bool{}
			}
			l.ownHops[screen][h.Request.Platform], l.ownHops[screen][h.Request.Language] = true, true
		}
	}
}

// distinguish makes the client part of a request where only it explains two different
// answers, and reports whether that is new.
func (l clients) distinguish(c *conflict) bool {
	usual := l.usual()
	this, other, found := clientOf(c.s), usual, false
	if c.first != nil {
		other = clientOf(c.first)
	} else if requestMaker(l).answersConnector(c.s) {
		return false // what it said makes the difference
	}
	mark := func(key, usual, a, b string) {
		for _, value := range []string{a, b} {
			at := field{screenKey(c.s.from), key + value}
			if a != b && value != usual && !l.distinct[at] {
				l.distinct[at], found = true, true
			}
		}
	}
	platform, lang := l.alike(c.hop, this, other)
	if !platform || lang {
		mark(byPlatform, usual.platform, this.platform, other.platform)
	}
	if !lang || platform {
		mark(byLanguage, usual.language, this.language, other.language)
	}
	return found
}

// alike reports whether the hop answers clients of the two platforms that have one language, and
// whether it answers those of the two languages that have one platform: then that does not
// explain another answer.
func (l clients) alike(h *recordings.Hop, a, b client) (platform, lang bool) {
	answered := map[client]bool{}
	for s, hops := range l.merged {
		if hops[0] == h && !l.inConflict[s] {
			answered[clientOf(s)] = true
		}
	}
	for c := range answered {
		platform = platform || a.platform != b.platform &&
			answered[client{a.platform, c.language}] && answered[client{b.platform, c.language}]
		lang = lang || a.language != b.language &&
			answered[client{c.platform, a.language}] && answered[client{c.platform, b.language}]
	}
	return platform, lang
}

// foreign returns the hop of the previous recording that answers the request of every client, if
// the client of a step is not the usual one, or is an app whose SDK connector may have sent
// something else, and got another answer. It is nil if the hop may have the answer of the step.
func (l clients) foreign(d *merge, list []*recordings.Hop, s *step, n int, a *recordings.Response) *recordings.Hop {
	if len(list) == 0 {
		return nil
	}
	h, c, usual, screen := list[min(n, len(list)-1)], clientOf(s), l.usual(), screenKey(s.from)
	platform := c.platform != usual.platform && !l.distinct[field{screen, byPlatform + c.platform}]
	lang := c.language != usual.language && !l.distinct[field{screen, byLanguage + c.language}]
	connector := requestMaker(l).answersConnector(s) && !l.distinct[field{screen, s.Action}] &&
		identityOf(h.Answer()) != identityOf(a) // the one that was recorded may have answered with anything
	if !platform && !lang && !connector || d.origin[h] == nil || d.fresh[h] || fits(h.Answer(), a) {
		return nil
	}
	return h
}

// connectorSays reports whether an app answered an SDK connector with values that choose a
// way of the flow, and with nothing private.
func (l requestMaker) connectorSays(s *step, in *input, value gjson.Result) bool {
	says := in.kind == "METADATA" && l.distinct[field{screenKey(s.from), s.Action}] && !in.secret
	walk(value, func(_ string, v gjson.Result) { says = says && !private(v.String()) })
	return says
}

// answersPrompt reports whether a value is a passkey for what its screen asked.
func answersPrompt(s *step, key string, value gjson.Result) bool {
	if s.from == nil {
		return false
	}
	screen := (davinci.Reader{}).Read(http.StatusOK, nil, s.from.body()).Screen()
	if screen == nil {
		return false
	}
	f := screen.Field(key)
	if f == nil || !f.Prompts() {
		return false
	}
	prompt, err := f.Prompt()
	if err != nil {
		return false
	}
	_, err = prompt.CheckClientData(value)
	return err == nil
}

// empties makes an empty text part of a request if another text, recorded as a wrong value,
// got another answer: a wrong value is any text but the user's own, the empty one too.
func (l requestMaker) empties() error {
	place := func(s *step, key string) field { return field{screenKey(s.from) + " " + s.Action, key} }
	wrong := map[field][]*step{}
	for _, s := range l.steps {
		for key, value := range s.request.FormData() {
			if _, isWrong := recordings.Attribute(value); isWrong {
				wrong[place(s, key)] = append(wrong[place(s, key)], s)
			}
		}
	}
	for _, s := range l.steps {
		form, found := s.request.FormData(), false
		if s.starts || len(wrong) == 0 || form == nil || l.asked[s.x.Hop] != nil {
			continue
		}
		s.FormData.ForEach(func(key, value gjson.Result) bool {
			other := func(o *step) bool {
				return o.code != s.code || o.outcome != s.outcome ||
					o.top().Get("message").Str != s.top().Get("message").Str
			}
			if value.Type == gjson.String && value.Str == "" && slices.ContainsFunc(wrong[place(s, key.Str)], other) {
				form[key.Str], found = "", true
			}
			return true
		})
		if !found {
			continue
		}
		var err error
		if s.request, err = recordings.NewRequest(s.request, form); err != nil {
			return err
		}
	}
	return nil
}
