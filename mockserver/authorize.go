package mockserver

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"flowtest/recordings"
)

// authorize starts a flow.
//
// Source: "Step 1: Initiate the flow through a PingOne authorize request".
func (c *call) authorize() {
	query, ok := c.parameters()
	if !ok {
		return
	}
	uri := query.Get("request_uri")
	if query = c.unpushed(query); query == nil {
		c.unknownRequest()
		return
	}
	if why := c.unfit(query); why != "" {
		c.signOnPage("invalid_request", why)
		return
	}
	if query.Get("response_mode") != "pi.flow" && uri != "" {
		c.unknownRequest()
		return
	}
	if query.Get("response_mode") != "pi.flow" {
		// Without it PingOne sends the browser to its own pages.
		c.signOnPage("", "")
		return
	}
	if f := c.flow(query); f != nil {
		c.start(f, query)
	}
}

// start begins a sign-on.
func (c *call) start(f *flow, query url.Values) {
	in := &interaction{
		id: uuid(), flow: f, environment: c.s.environment, users: c.s.users,
		asked: newRequest(c.base()+"/as", query),
	}
	sent := &recordings.Sent{Query: query}
	chosen, user := in.choose(f.starts(), sent)
	switch {
	case chosen == nil:
		c.noStart(in, sent)
	case query.Has("request_uri") && chosen.request.Query["request_uri"] == "":
		c.unknownRequest()
	default:
		c.move(in, chosen, user, sent)
	}
}

// unknownRequest answers a request_uri that nobody pushed, or not any more.
func (c *call) unknownRequest() {
	c.signOnPage("invalid_request", "request_uri is unknown, spent or over")
}

// The PKCE methods.
const (
	methodS256  = "S256"
	methodPlain = "plain"
)

// kept returns a parameter as a string of its own, so that what is kept does
// not hold on to the whole query.
func kept(query url.Values, name string) string { return strings.Clone(query.Get(name)) }

// unpushed returns the request that a request_uri stands for, or the query as
// it is where it has none of ours; nil where what it names is not there.
func (c *call) unpushed(query url.Values) url.Values {
	uri := query.Get("request_uri")
	if !strings.HasPrefix(uri, pushedPrefix) {
		return query
	}
	pushed, ok := c.s.pushed.look(uri)
	if !ok || pushed.Get("client_id") != query.Get("client_id") {
		return nil
	}
	if _, first := c.s.pushed.take(uri); !first {
		return nil
	}
	pushed.Set("response_mode", "pi.flow")
	return pushed
}

// newRequest copies what is needed later into one string.
func newRequest(issuer string, query url.Values) request {
	parts := [...]string{
		issuer, query.Get("client_id"), query.Get("redirect_uri"), query.Get("scope"), query.Get("state"),
		query.Get("nonce"), query.Get("code_challenge"),
	}
	text := strings.Join(parts[:], "")
	for i, part := range parts {
		parts[i], text = text[:len(part)], text[len(part):]
	}
	r := request{
		issuer: parts[0], clientID: parts[1], redirect: parts[2], scope: parts[3], state: parts[4],
		nonce: parts[5], challenge: parts[6], method: methodPlain,
	}
	if query.Get("code_challenge_method") == methodS256 {
		r.method = methodS256
	}
	return r
}

// keptParameters are those that are kept until the flow ends.
var keptParameters = []string{
	"client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method",
}

// unfit says why an authorize request is none, or "".
func (c *call) unfit(query url.Values) string {
	if query.Get("client_id") == "" {
		return "client_id is missing"
	}
	if m := query.Get("code_challenge_method"); m != "" && m != methodS256 && m != methodPlain {
		return "code_challenge_method is unknown"
	}
	for _, name := range keptParameters {
		if len(query.Get(name)) > maxValue {
			return name + " is too long"
		}
	}
	return ""
}

// startPolicy starts a flow by its policy alone, as the widget does.
func (c *call) startPolicy(policy string) {
	f := c.s.catalog.Load().byChoice[policy]
	if f == nil || f.policy != policy && f.name != policy || c.r.Method != http.MethodPost {
		c.notFound()
		return
	}
	c.start(f, url.Values{})
}

// parameters returns the authorize parameters of a GET or of a posted form.
func (c *call) parameters() (url.Values, bool) {
	if !c.takes(http.MethodGet, http.MethodPost) {
		return nil, false
	}
	if c.r.Method == http.MethodGet {
		return c.r.URL.Query(), true
	}
	if !c.readForm() {
		c.fail(http.StatusBadRequest, "INVALID_REQUEST", "The form could not be read.")
		return nil, false
	}
	return c.r.Form, true
}

// flow chooses by acr_values, else by client_id, else takes the only one.
func (c *call) flow(query url.Values) *flow {
	flows := c.s.catalog.Load()
	if acr := query.Get("acr_values"); acr != "" {
		f := flows.byChoice[acr]
		if f == nil {
			c.s.log.Warn("no recording answers to these acr_values: send the name of one of the flows, or its policy",
				"acr_values", acr, "flows", flows.list())
			c.fail(http.StatusBadRequest, "INVALID_REQUEST", "Invalid DV Flow Policy ID: "+acr)
		}
		return f
	}
	if f := flows.byChoice[query.Get("client_id")]; f != nil {
		return f
	}
	if flows.only == nil && query.Has("request_uri") {
		c.unknownRequest()
		return nil
	}
	if flows.only == nil {
		c.s.log.Warn("several flows and nothing chooses one: send the name of one of them as acr_values",
			"flows", flows.list())
		c.signOnPage("", "")
	}
	return flows.only
}

// signOnPage answers as PingOne does for an app without a flow policy: with a
// redirect to the hosted sign-on page.
func (c *call) signOnPage(code, description string) {
	query := url.Values{}
	if code != "" {
		query.Set("error", code)
		query.Set("error_description", description)
	}
	c.w.Header().Set("Location", c.base()+"/signon/?"+query.Encode())
	c.answered(http.StatusFound, nil)
}

// noStart answers an authorize request that no start hop of the flow means.
func (c *call) noStart(in *interaction, sent *recordings.Sent) {
	err := &MissError{
		Flow: in.flow.name, Sent: "this authorize request", Advice: in.flow.advice("send the recorded parameters"),
	}
	err.near(in, in.flow.starts(), sent)
	c.s.log.Warn("miss", "flow", err.Flow, "message", err.line(), "hint", err.Advice)
	c.s.note(func() event {
		return event{flow: err.Flow, sent: asked("", sent), status: http.StatusBadRequest, problem: err.line()}
	})
	c.w.Header().Set(MissHeader, err.Flow)
	c.fail(http.StatusBadRequest, "INVALID_REQUEST", err.Error())
}

// move sends the answer whose turn it is and puts the interaction where it leads.
// From then on user, where there is one, is who signs on; a hop that stays where
// it was, as one that is refused, leaves that open.
func (c *call) move(in *interaction, chosen *choice, user map[string]string, sent *recordings.Sent) {
	a := in.next(chosen)
	shape := 0
	if c.detailed {
		shape = 1
	}
	if a.body[shape] == nil && (a.body[0] != nil || a.body[1] != nil) {
		c.otherShape(in, a, sent)
		return
	}
	in.took(chosen)
	left, fresh := in.place(), in.at == nil
	if a.tokens || a.next != nil {
		in.token = token()
	}
	if user != nil && !a.stays {
		in.user = user
	}
	if user == nil {
		user = in.person()
	}
	v := &values{s: c.s, in: in, user: user, base: c.base(), token: in.token}
	switch {
	case a.next != nil:
		in.at = a.next
		if fresh {
			c.s.open.put(in.id, in)
		}
	case !a.stays:
		in.ended = true
		c.s.open.take(in.id)
	}
	c.s.note(func() event {
		return event{
			journey: in.id, flow: in.flow.name, at: left, sent: asked(left, sent), hop: a.hop.Name, to: in.place(),
			status: a.status, ended: in.ended || in.at == nil,
		}
	})
	c.answer(a, v)
}

// otherShape answers where the hop was recorded in the other shape alone.
func (c *call) otherShape(in *interaction, a *answer, sent *recordings.Sent) {
	problem := fmt.Sprintf("the recording of the flow %q has the hop %q as a JSON response alone, "+
		"and this request asks for a detailed one", in.flow.name, a.hop.Name)
	hint := `leave out "Given detailed responses" (an app: send the header X-Requested-With: ping-sdk)`
	if !c.detailed {
		problem = fmt.Sprintf("the recording of the flow %q has the hop %q as a detailed response alone, "+
			"and this request asks for a JSON one", in.flow.name, a.hop.Name)
		hint = `write "Given detailed responses" (an app: leave out the header X-Requested-With: ping-sdk)`
	}
	hint += ", or record this shape too with flowtest record"
	c.s.log.Warn("miss", "flow", in.flow.name, "message", problem, "hint", hint)
	c.s.note(func() event {
		at := in.place()
		return event{
			journey: in.id, flow: in.flow.name, at: at, sent: asked(at, sent), to: at,
			status: http.StatusNotFound, problem: problem,
		}
	})
	c.w.Header().Set(MissHeader, in.flow.name)
	c.fail(http.StatusNotFound, "notRecorded", problem+"\n"+hint)
}
