package mockserver

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"flowtest/mockserver/internal/inspect"
	"flowtest/mockserver/internal/oauth"
	"flowtest/mockserver/internal/wire"
	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// authorize starts a flow.
//
// Source: "Step 1: Initiate the flow through a PingOne authorize request".
func authorize(c *call) {
	query, ok := oauth.Parameters(c.w, c.r)
	if !ok {
		return
	}
	uri := query.Get("request_uri")
	if query = c.s.oauth.Resolve(query); query == nil {
		unknownRequest(c)
		return
	}
	if why := oauth.Invalid(query); why != "" {
		signOnPage(c, "invalid_request", why)
		return
	}
	switch piFlow := query.Get("response_mode") == "pi.flow"; {
	case !piFlow && uri != "":
		unknownRequest(c)
	case !piFlow: // without it PingOne sends the browser to its own pages
		signOnPage(c, "", "")
	default:
		if f := chooseFlow(c, query); f != nil {
			start(c, f, query)
		}
	}
}

// start begins a sign-on.
func start(c *call, f *flow, query url.Values) {
	in := &interaction{
		keys: c.s.keys,
		id:   wire.UUID(), flow: f, environment: c.s.environment, users: c.s.people(),
		asked: oauth.NewRequest(c.base()+"/as", query),
	}
	sent := &davinci.Sent{Query: query}
	sent.ReadHeader(c.r.Header)
	session := c.s.oauth.Session(c.r)
	sent.Session = sent.Session && session != nil && !older(c.s.now().Sub(session.At), query.Get("max_age"))
	chosen, user := in.choose(f.starts(), sent)
	shows := chosen == nil || chosen.request.Query["prompt"] == "" && chosen.answers[0].next != nil
	silent := query.Get("prompt") == "none" && shows
	if chosen != nil && chosen.request.Session {
		in.session, user = session, session.User
	}
	switch {
	case silent && session != nil:
		signedOn(c, in, session)
	case chosen == nil:
		noStart(c, in, sent)
	case query.Has("request_uri") && chosen.request.Query["request_uri"] == "":
		unknownRequest(c)
	case silent:
		loginRequired(c)
	default:
		move(c, in, chosen, user, sent)
	}
}

// older reports whether a session is older than max_age, in seconds, lets it be.
func older(age time.Duration, maxAge string) bool {
	seconds, err := strconv.ParseUint(maxAge, 10, 31)
	return err == nil && age > time.Duration(seconds)*time.Second
}

// signedOn answers a request that wants no screen where the session is live, which the
// cookie of an earlier sign-on names.
//
// Source: the short form of a completed response, as PingOne has it for a live session.
func signedOn(c *call, in *interaction, session *oauth.Session) {
	v := &values{s: c.s, in: in, user: session.User, sessionID: session.ID, since: session.At}
	response := map[string]any{"code": v.get("code", recordings.Form{})}
	if in.asked.State != "" {
		response["state"] = in.asked.State
	}
	c.json(http.StatusOK, map[string]any{
		"environment": map[string]any{"id": c.s.environment}, "session": map[string]any{"id": session.ID},
		"status": "COMPLETED", "authorizeResponse": response,
	})
}

// loginRequired answers a request that wants no screen where the flow has to show one.
//
// Source: what PingOne answers to a refused silent sign-on.
func loginRequired(c *call) {
	c.json(http.StatusOK, map[string]any{
		"environment": map[string]any{"id": c.s.environment}, "status": "FAILED",
		"error": map[string]any{
			"code":    "login_required",
			"message": "The request could not be completed. There was an issue processing the request",
		},
	})
}

// unknownRequest answers a request_uri that is unknown, spent or expired.
func unknownRequest(c *call) {
	signOnPage(c, "invalid_request", "request_uri is unknown, used or expired")
}

// startPolicy starts a flow by nothing but its policy, as the widget does.
func startPolicy(c *call, policy string) {
	f := c.s.catalog.Load().byChoice[policy]
	if f == nil || f.policy != policy && f.name != policy || c.r.Method != http.MethodPost {
		c.notFound()
		return
	}
	start(c, f, url.Values{})
}

// chooseFlow chooses by acr_values, else by client_id, else takes the only one.
func chooseFlow(c *call, query url.Values) *flow {
	flows := c.s.catalog.Load()
	if acr := query.Get("acr_values"); acr != "" {
		f := flows.byChoice[acr]
		if f == nil {
			c.s.log.Warn("no recording answers to these acr_values: send the name of one of the flows, or its policy",
				"acr_values", acr, "flows", strings.Join(flows.names, ", "))
			c.fail(http.StatusBadRequest, "INVALID_REQUEST", "Invalid DV Flow Policy ID: "+acr)
		}
		return f
	}
	if f := flows.byChoice[query.Get("client_id")]; f != nil {
		return f
	}
	if flows.only == nil && query.Has("request_uri") {
		unknownRequest(c)
		return nil
	}
	if flows.only == nil {
		c.s.log.Warn("several flows and nothing chooses one: send the name of one of them as acr_values",
			"flows", strings.Join(flows.names, ", "))
		signOnPage(c, "", "")
	}
	return flows.only
}

// signOnPage answers as PingOne does for an app without a flow policy: with a
// redirect to the hosted sign-on page.
func signOnPage(c *call, code, description string) {
	query := url.Values{}
	if code != "" {
		query.Set("error", code)
		query.Set("error_description", description)
	}
	c.w.Header().Set("Location", c.base()+"/signon/?"+query.Encode())
	c.answered(http.StatusFound, nil)
}

// noStart answers an authorize request that no start hop of the flow means.
func noStart(c *call, in *interaction, sent *davinci.Sent) {
	err := &unmatchedError{
		flow: in.flow.name, sent: "this authorize request", advice: in.flow.advice("send the recorded parameters, "),
	}
	err.near(in, in.flow.starts(), sent)
	c.s.log.Warn("miss", "flow", err.flow, "message", err.line(), "hint", err.advice)
	c.w.Header().Set(UnmatchedHeader, err.flow)
	c.fail(http.StatusBadRequest, "INVALID_REQUEST", err.Error())
	c.noteUnmatched(in, sent, err.line())
}

// move sends the answer whose turn it is and puts the interaction where it leads. From then on
// user, if there is one, is who signs on; a hop that stays where it was, as one that is refused,
// leaves that open.
func move(c *call, in *interaction, chosen *choice, user map[string]string, sent *davinci.Sent) {
	a := in.next(chosen)
	if a.body[c.shape()] == nil && (a.body[0] != nil || a.body[1] != nil) {
		otherShape(c, in, a, sent)
		return
	}
	in.took(chosen)
	for name, value := range chosen.request.Typed(sent) {
		if in.made == nil {
			in.made = map[string]string{}
		}
		in.made[name] = value
	}
	left, fresh := in.place(), in.at == nil
	before := in.token
	if a.tokens || a.next != nil {
		in.token = wire.Token()
	}
	if user != nil && !a.stays {
		in.user = user
	}
	if user == nil {
		user = in.person()
	}
	v := &values{s: c.s, in: in, user: user, base: c.base(), token: in.token}
	if a.earlier[c.shape()] {
		v.token = before
	}
	if in.session != nil {
		v.sessionID = in.session.ID
		if fresh && a.next == nil { // the person has done nothing
			v.since = in.session.At
		}
	}
	switch {
	case a.next != nil:
		in.at = a.next
		if fresh {
			c.s.open.Put(in.id, in)
		}
	case !a.stays:
		in.ended = true
		c.s.open.Take(in.id)
	}
	c.s.note(func() inspect.Event {
		return inspect.Event{
			Journey: in.id, Flow: in.flow.name, At: left, Sent: asked(left, sent), Hop: a.hop.Name, To: in.place(),
			Status: a.status, Ended: in.ended || in.at == nil,
		}
	})
	c.s.observe(in, a, sent)
	c.answer(a, v)
}

// otherShape answers where the hop was recorded only in the other shape.
func otherShape(c *call, in *interaction, a *answer, sent *davinci.Sent) {
	has, asks := "JSON", "detailed"
	hint := `leave out "Given detailed responses" (an app: send the header X-Requested-With: ping-sdk)`
	if !c.detailed {
		has, asks = asks, has
		hint = `write "Given detailed responses" (an app: leave out the header X-Requested-With: ping-sdk)`
	}
	problem := fmt.Sprintf("the recording of the flow %q has the hop %q as a %s response only, "+
		"and this request asks for a %s one", in.flow.name, a.hop.Name, has, asks)
	hint += ", or record this shape too with flowtest record"
	c.s.log.Warn("miss", "flow", in.flow.name, "message", problem, "hint", hint)
	c.w.Header().Set(UnmatchedHeader, in.flow.name)
	c.fail(http.StatusNotFound, "notRecorded", problem+"\n"+hint)
	c.noteUnmatched(in, sent, problem)
}
