package runner

import (
	"fmt"
	"net/http"
	"strings"
)

// astray returns a further line for the error of a step, where a live target
// answered the first request of a journey with 404: it is then the target's
// address that is wrong rather than the flow, and the address is shown.
func (it *item) astray() string {
	l, live := it.journey.(*live)
	if !live || it.world == nil || it.world.Journey == nil {
		return ""
	}
	h := it.world.Journey.Last()
	if h == nil || h.Status != http.StatusNotFound || h.Request.Action != "" ||
		!strings.HasSuffix(h.Request.URL.Path, "/authorize") {
		return ""
	}
	u := h.Request.URL
	return fmt.Sprintf("\nnothing is there: %s %s://%s%s was answered with 404; look at %s of the target %q in "+
		"flowtest.yaml, and at the variables that stand above it",
		h.Request.Method, u.Scheme, u.Host, u.Path, l.addressed(), l.target.Name)
}

// addressed names the settings that make up the address of the authorize endpoint.
func (l *live) addressed() string {
	switch {
	case l.authorize != l.config.Authorize:
		return "what discovery says below baseUrl or region"
	case l.config.Region() != "":
		return "region (or baseUrl) and environmentId"
	default:
		return "baseUrl"
	}
}
