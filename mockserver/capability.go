package mockserver

import (
	"net/http"

	"github.com/tidwall/gjson"

	"flowtest/mockserver/internal/inspect"
	"flowtest/mockserver/internal/wire"
	"flowtest/steps/davinci"
)

// capability executes the next action of a flow.
//
// Source: "Step 2: Execute the next flow action".
func capability(c *call, connection, name string) {
	if c.r.Method != http.MethodPost {
		c.notFound()
		return
	}
	text, ok := c.body()
	if !ok {
		return
	}
	body := gjson.Parse(text)
	if !gjson.Valid(text) || !body.IsObject() {
		c.fail(http.StatusBadRequest, "INVALID_REQUEST", "The request body is not a JSON object.")
		return
	}
	sent := davinci.ReadSent(body)
	sent.ReadHeader(c.r.Header)
	in, id := find(c, body)
	if in == nil {
		gone(c, id, sent)
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if token := wire.Handle(c.r, wire.TokenHeader, wire.TokenCookie); in.ended || token != in.token {
		stale(c, in, token, sent)
		return
	}
	if connection != in.at.connection || name != in.at.capability {
		elsewhere(c, in, connection, name, sent)
		return
	}
	if chosen, user := in.choose(in.at.byAction[sent.Action], sent); chosen != nil {
		move(c, in, chosen, user, sent)
	} else {
		unmatched(c, in, sent)
	}
}

// find finds the sign-on that a request belongs to, or nil, and returns
// the id by which it was looked for.
func find(c *call, body gjson.Result) (*interaction, string) {
	id := wire.Handle(c.r, wire.IDHeader, wire.IDCookie)
	if id == "" {
		id = body.Get("interactionId").String()
	}
	in, _ := c.s.open.Get(id)
	return in, id
}

// gone answers a request that names no sign-on that is under way.
func gone(c *call, id string, sent *davinci.Sent) {
	problem := "no interactionId was sent: want it in a header, a cookie or the body"
	if id != "" {
		problem = "the interactionId is unknown, or its sign-on has ended or expired: start the flow again"
	}
	c.s.log.Warn("unauthorized", "why", problem)
	c.unauthorized()
	c.s.note(func() inspect.Event {
		return inspect.Event{
			Journey: id, Late: true, Sent: describe(sent), Status: c.status, Problem: problem,
		}
	})
}

// stale answers a request whose token is not the one of the last answer.
func stale(c *call, in *interaction, token string, sent *davinci.Sent) {
	problem := "the interactionToken is not the one of the last answer: send that one"
	switch {
	case in.ended:
		problem = "the sign-on has ended: start the flow again"
	case token == "":
		problem = "no interactionToken was sent: want it in a header or a cookie"
	}
	c.s.log.Warn("unauthorized", "flow", in.flow.name, "at", in.place(), "why", problem)
	c.unauthorized()
	c.noteUnmatched(in, sent, problem)
}

// elsewhere answers a request to a node at which the sign-on is not.
func elsewhere(c *call, in *interaction, connection, name string, sent *davinci.Sent) {
	body := in.failure(http.StatusBadRequest, "capabilityNotFound", "The capability could not be found.")
	body["connectionId"], body["capabilityName"] = connection, name
	body["errorCategory"], body["correlationId"] = "InvalidData", wire.UUID()
	c.json(http.StatusBadRequest, body)
	what := "capability"
	if connection != in.at.connection {
		what = "connection"
	}
	problem := "sent to another " + what + " than the screen's, want connection " + in.at.connection +
		" and capability " + in.at.capability + ": follow the next link of the last answer"
	c.s.log.Warn("wrong capability", "flow", in.flow.name, "at", in.at.hop.Name, "why", problem)
	c.noteUnmatched(in, sent, problem)
}

// failure is the body of a flow's error at the screen of the sign-on.
func (in *interaction) failure(status int, code, message string) map[string]any {
	return map[string]any{
		"interactionId": in.id, "companyId": in.environment, "connectionId": in.at.connection,
		"capabilityName": in.at.capability, "id": in.at.nodeID, "code": code, "message": message,
		"errorCategory": "NotSet", "expected": false, "cause": nil, "httpResponseCode": status,
	}
}
