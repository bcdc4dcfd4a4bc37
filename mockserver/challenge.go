package mockserver

import (
	"net/http"
	"sync/atomic"
)

// A challenge is something that a person approves elsewhere while the client
// asks for its state.
type challenge struct{ asked atomic.Int32 }

// approvedAfter is how often a client asks before the person has approved.
const approvedAfter = 2

// challenge answers whether a challenge is complete.
//
// Source: how the SDKs poll a POLLING field with a challenge.
func (c *call) challenge(id string) {
	if c.r.Method != http.MethodPost {
		c.notFound()
		return
	}
	ch, ok := c.s.challenges.get(id)
	if !ok {
		c.json(http.StatusBadRequest, map[string]any{
			"code": 4019, "message": "Invalid challenge", "httpResponseCode": http.StatusBadRequest, "success": false,
		})
		return
	}
	if ch.asked.Add(1) < approvedAfter {
		c.json(http.StatusOK, map[string]any{"isChallengeComplete": false})
		return
	}
	c.json(http.StatusOK, map[string]any{"isChallengeComplete": true, "status": "approved"})
}
