package har

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"flowtest/steps/davinci"
)

// An item is an exchange of a flow, with what is known about it.
type item struct {
	number     int
	exchange   davinci.Exchange
	defect     string // why it cannot be used, ""
	unanswered bool   // it was aborted, or kept back by the browser
	returns    bool   // a client may come back with it from an identity provider, and its token is not there
}

// Group groups exchanges by sign-on, as Read does. They may be in any order. It keeps the bodies
// and headers that it is given.
func Group(exchanges []davinci.Exchange) Groups {
	s := newSorter()
	for i := range exchanges {
		x := exchanges[i]
		if x.URL == nil {
			s.ignore("no host", Other)
			continue
		}
		x.Method = strings.ToUpper(x.Method)
		one := item{number: i + 1, exchange: x, unanswered: x.Status == 0, returns: mayReturn(&x)}
		if x.Endpoint() == davinci.NoEndpoint && !one.returns {
			s.ignore(x.URL.Host, kindOf(&x))
			continue
		}
		s.add(&one)
	}
	return s.groups()
}

// A sorter collects exchanges one by one and groups them at the end.
type sorter struct {
	items   []*item
	last    time.Time       // when the exchange before began
	ignored map[Ignored]int // by sort
	texts   texts           // of headers
}

func newSorter() *sorter { return &sorter{ignored: map[Ignored]int{}, texts: texts{}} }

// ignore counts a request that belongs to no flow.
func (s *sorter) ignore(host, kind string) {
	sort := Ignored{Host: short(host), Kind: kind}
	if _, known := s.ignored[sort]; !known && len(s.ignored) >= maxCounted {
		sort = Ignored{Host: "other hosts", Kind: Other}
	}
	s.ignored[sort]++
}

// add adds an exchange with one of the endpoints of flows.
func (s *sorter) add(i *item) {
	x := &i.exchange
	if x.Began.IsZero() { // it stays where it was
		x.Began = s.last
	}
	s.last = x.Began
	at := x.Endpoint()
	if at == davinci.Authorize || at == davinci.Pushed && i.defect == "" {
		if !starts(x, at) {
			s.ignore(x.URL.Host, Redirect)
			return
		}
	}
	s.items = append(s.items, i)
}

// groups returns the exchanges that were added, by sign-on.
func (s *sorter) groups() Groups {
	slices.SortStableFunc(s.items, func(a, b *item) int {
		return a.exchange.Began.Compare(b.exchange.Began)
	})
	g := &grouping{byID: map[string]*journey{}, sorter: s}
	for _, i := range s.items {
		g.place(i)
	}
	for _, i := range g.pushes {
		g.problem(i, "no authorize request with its request_uri follows")
	}
	out := Groups{Problems: g.problems}
	for _, j := range g.journeys {
		if len(j.exchanges) > 0 {
			out.Journeys = append(out.Journeys, j.exchanges)
		}
	}
	slices.SortStableFunc(out.Problems, func(a, b Problem) int { return cmp.Compare(a.Entry, b.Entry) })
	for sort, n := range s.ignored {
		sort.Count = n
		out.Ignored = append(out.Ignored, sort)
	}
	slices.SortFunc(out.Ignored, func(a, b Ignored) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Host, b.Host), cmp.Compare(a.Kind, b.Kind))
	})
	return out
}

// A journey is a sign-on to which exchanges are being added.
type journey struct {
	exchanges davinci.Exchanges
	known     bool   // whether an interactionId of it was seen
	node      string // the id of the screen at which it is
	link      string // connection and capability of that screen
	cut       bool   // an exchange is missing, so none can follow
	shown     []byte // that screen, in which a challenge would be
	back      string // the URL for a client that returns from an identity provider, "" if it cannot
}

// A grouping finds the journey of each exchange.
type grouping struct {
	sorter   *sorter
	journeys []*journey
	byID     map[string]*journey
	pushes   []*item
	problems []Problem
}

func (g *grouping) problem(i *item, why string) {
	g.problems = append(g.problems, Problem{
		Entry: i.number, Request: i.exchange.Method + " " + i.exchange.URL.Path, Why: why,
	})
}

// place puts an exchange into its journey.
func (g *grouping) place(i *item) {
	if i.returns && i.exchange.ContinueToken() == "" {
		g.cutOff(i)
		return
	}
	if i.unanswered {
		g.problem(i, "it was not answered: the browser aborted it or kept it back, "+
			"because of CORS or because the page was left")
		return
	}
	x, at := &i.exchange, i.exchange.Endpoint()
	if at == davinci.Pushed {
		if i.defect != "" {
			g.problem(i, i.defect)
		} else {
			g.pushes = append(g.pushes, i)
		}
		return
	}
	h := handlesOf(x)
	var j *journey
	if at != davinci.Authorize {
		var why string
		j, why = g.find(x, at, h)
		_, native := davinci.NativeToken(x.Body)
		switch {
		case j == nil && native != "": // the app's own sign-on at another service looks like this
			g.sorter.ignore(x.URL.Host, Other)
			return
		case j == nil && at != davinci.PolicyStart:
			g.problem(i, why)
			return
		}
	}
	if j == nil {
		j = &journey{}
		g.journeys = append(g.journeys, j)
		if at == davinci.Authorize {
			g.unfold(x)
		}
	}
	g.append(j, i, h, at)
}

// cutOff ends the journey whose screen led to an identity provider, and to which a client
// came back without a token that the file has. A request to elsewhere belongs to no flow.
func (g *grouping) cutOff(i *item) {
	for _, j := range slices.Backward(g.journeys) {
		if j.back != "" && sameLink(j.back, i.exchange.URL) {
			j.cut = true
			g.problem(i, "it comes back from an identity provider and has no continue token: save the file with "+
				"sensitive data, because the header Authorization is left out without it; "+
				"its sign-on is kept up to here")
			return
		}
	}
	g.sorter.ignore(i.exchange.URL.Host, kindOf(&i.exchange))
}

// unfold replaces an authorize request whose parameters were pushed by one that has these
// parameters itself. If the push is missing, because a server sent it, the request still starts a
// flow.
func (g *grouping) unfold(x *davinci.Exchange) {
	p := x.Parameters()
	uri := p.Get("request_uri")
	if uri == "" {
		return
	}
	// A refused name decides the answer.
	found, accepted := false, x.Status < http.StatusMultipleChoices
	p.Set("response_mode", "pi.flow")
	for n, push := range g.pushes {
		if property(push.exchange.Response, "request_uri") == uri {
			maps.Copy(p, push.exchange.Parameters())
			g.pushes = slices.Delete(g.pushes, n, n+1)
			found = true
			break
		}
	}
	for _, name := range onlyPushed {
		if name != "request_uri" || found || accepted {
			p.Del(name)
		}
	}
	to := *x.URL
	to.RawQuery = p.Encode()
	x.Method, x.URL, x.Body = http.MethodGet, &to, nil
}

// onlyPushed holds the parameters that an authorize request does not need: the name of the
// pushed parameters, and the credentials of the app that pushed them.
var onlyPushed = []string{"request_uri", "request", "client_secret", "client_assertion", "client_assertion_type"}

// append adds an exchange to a journey, unless an exchange before it is missing.
func (g *grouping) append(j *journey, i *item, h handles, at davinci.Endpoint) {
	for _, id := range h.all() {
		g.byID[id], j.known = j, true
	}
	switch {
	case j.cut:
		g.problem(i, "an exchange before it is missing, and its sign-on is kept up to that one")
		return
	case i.defect != "":
		j.cut = true
		g.problem(i, i.defect+"; its sign-on is kept up to here")
		return
	}
	j.exchanges = append(j.exchanges, i.exchange)
	switch {
	case at == davinci.Challenge || h.answer.Stays():
	case h.answer.Outcome == davinci.Paused:
		j.node, j.link, j.shown = h.answer.NodeID(), h.link, i.exchange.Response
		j.back = h.answer.Get("_links.continue.href").Str
	default: // the flow is over
		j.node, j.link, j.shown, j.back = "", "", nil, ""
	}
}
