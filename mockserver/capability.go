package mockserver

import (
	"net/http"
	"net/url"

	"github.com/tidwall/gjson"
)

// capability executes the next action of a flow: part is what stands behind
// /davinci/connections/.
//
// Source: "Step 2: Execute the next flow action".
func (c *call) capability(part []string) {
	if len(part) != 3 || part[1] != "capabilities" || c.r.Method != http.MethodPost {
		c.notFound()
		return
	}
	text, ok := c.body()
	if !ok {
		return
	}
	body := gjson.ParseBytes(text)
	if !gjson.ValidBytes(text) || !body.IsObject() {
		c.fail(http.StatusBadRequest, "INVALID_REQUEST", "The request body is not a JSON object.")
		return
	}
	in := c.interaction(body)
	if in == nil {
		c.unauthorized()
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.ended || c.handle("interactionToken") != in.token {
		c.unauthorized()
		return
	}
	if part[0] != in.at.connection || part[2] != in.at.capability {
		c.elsewhere(in, part)
		return
	}
	sent := readSent(body)
	sent.Query = url.Values{}
	choices := in.at.byAction[sent.Action]
	chosen := in.choose(choices, sent)
	if chosen == nil {
		c.miss(in, in.missed(sent))
		return
	}
	c.move(in, chosen, sent)
}

// interaction finds the sign-on that a request belongs to, or nil.
func (c *call) interaction(body gjson.Result) *interaction {
	id := c.handle("interactionId")
	if id == "" {
		id = body.Get("interactionId").String()
	}
	in, _ := c.s.open.get(id)
	return in
}

// elsewhere answers a request to a node at which the sign-on does not stand.
func (c *call) elsewhere(in *interaction, part []string) {
	c.s.log.Warn("wrong capability", "flow", in.flow.name, "at", in.at.hop.Name,
		"want", in.at.connection+"/"+in.at.capability)
	message := "The capability could not be found."
	c.json(http.StatusBadRequest, map[string]any{
		"interactionId": in.id, "companyId": in.environment, "connectionId": part[0], "capabilityName": part[2],
		"id": in.at.nodeID, "code": "capabilityNotFound", "message": message, "errorCategory": "InvalidData",
		"expected": false, "cause": nil, "httpResponseCode": http.StatusBadRequest, "correlationId": uuid(),
	})
}
