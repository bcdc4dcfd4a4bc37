package mockserver

import (
	"net/http"
	"net/url"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
)

// capability executes the next action of a flow.
//
// Source: "Step 2: Execute the next flow action".
func (c *call) capability(connection, name string) {
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
	sent := recordings.ReadSent(body)
	sent.Query = url.Values{}
	in, id := c.interaction(body)
	if in == nil {
		c.gone(id, sent)
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if token := c.handle(tokenHeader, tokenCookie); in.ended || token != in.token {
		c.stale(in, token, sent)
		return
	}
	if connection != in.at.connection || name != in.at.capability {
		c.elsewhere(in, connection, name, sent)
		return
	}
	choices := in.at.byAction[sent.Action]
	chosen, user := in.choose(choices, sent)
	if chosen == nil {
		c.miss(in, sent)
		return
	}
	c.move(in, chosen, user, sent)
}

// interaction finds the sign-on that a request belongs to, or nil, and returns
// the id by which it was looked for.
func (c *call) interaction(body gjson.Result) (*interaction, string) {
	id := c.handle(idHeader, idCookie)
	if id == "" {
		id = body.Get("interactionId").String()
	}
	in, _ := c.s.open.get(id)
	return in, id
}

// gone answers a request that names no sign-on that is under way.
func (c *call) gone(id string, sent *recordings.Sent) {
	problem := "no interactionId was sent: want it in a header, a cookie or the body"
	if id != "" {
		problem = "the interactionId is unknown, or its sign-on has ended or rested for too long: start the flow again"
	}
	c.s.log.Warn("unauthorized", "why", problem)
	c.unauthorized()
	c.s.note(func() event {
		return event{
			journey: id, late: true, sent: describe(sent), status: c.status, problem: problem,
		}
	})
}

// stale answers a request whose token is not the one of the last answer.
func (c *call) stale(in *interaction, token string, sent *recordings.Sent) {
	problem := "the interactionToken is not the one of the last answer, which is the one to hand back"
	switch {
	case in.ended:
		problem = "the sign-on has ended: start the flow again"
	case token == "":
		problem = "no interactionToken was sent: want it in a header or a cookie"
	}
	c.s.log.Warn("unauthorized", "flow", in.flow.name, "at", in.place(), "why", problem)
	c.unauthorized()
	c.noteRefused(in, sent, problem)
}

// noteRefused tells of a request that was refused before any hop was looked for.
func (c *call) noteRefused(in *interaction, sent *recordings.Sent, problem string) {
	c.s.note(func() event {
		return event{
			journey: in.id, flow: in.flow.name, at: in.place(), sent: describe(sent), to: in.place(),
			status: c.status, ended: in.ended, problem: problem,
		}
	})
}

// elsewhere answers a request to a node at which the sign-on does not stand.
func (c *call) elsewhere(in *interaction, connection, name string, sent *recordings.Sent) {
	message := "The capability could not be found."
	c.json(http.StatusBadRequest, map[string]any{
		"interactionId": in.id, "companyId": in.environment, "connectionId": connection, "capabilityName": name,
		"id": in.at.nodeID, "code": "capabilityNotFound", "message": message, "errorCategory": "InvalidData",
		"expected": false, "cause": nil, "httpResponseCode": http.StatusBadRequest, "correlationId": uuid(),
	})
	what := "capability"
	if connection != in.at.connection {
		what = "connection"
	}
	problem := "sent to another " + what + " than the screen's, want connection " + in.at.connection +
		" and capability " + in.at.capability + ": follow the next link of the last answer"
	c.s.log.Warn("wrong capability", "flow", in.flow.name, "at", in.at.hop.Name, "why", problem)
	c.noteRefused(in, sent, problem)
}
