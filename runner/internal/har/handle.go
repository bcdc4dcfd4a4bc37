package har

import (
	"bytes"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

// handles is what identifies the sign-on of an exchange.
type handles struct {
	sent   []string        // interactionIds of the request, the surest first
	came   []string        // and of the response
	left   string          // the id of the node that the request answers
	answer *davinci.Answer // the response
	link   string          // where it is answered, as connection/capabilities/name
}

func (h *handles) all() []string { return append(slices.Clone(h.came), h.sent...) }

// handlesOf reads the handles of an exchange.
func handlesOf(x *davinci.Exchange) handles {
	const name = "interactionId"
	starts := x.Endpoint() == davinci.Authorize
	h := handles{left: property(x.Body, "id")}
	h.answer = davinci.Reader{Waits: !starts}.Read(x.Status, x.ResponseHeader, x.Response)
	if !starts { // a start begins a new sign-on, whatever cookies the browser has
		h.sent = x.Handed(name)
	}
	if id := h.answer.Property("interactionId").String(); id != "" {
		h.came = append(h.came, id)
	}
	for _, c := range h.answer.Cookies() {
		if c.Name == name && c.MaxAge >= 0 && c.Value != "" {
			h.came = append(h.came, c.Value)
		}
	}
	if connection := h.answer.Property("connectionId").String(); connection != "" {
		h.link = path.Join(connection, "capabilities", h.answer.Capability())
	}
	return h
}

// property returns a property of a JSON object, "" if the text is none.
func property(text []byte, name string) string {
	text, _ = davinci.Last(text)
	if top := gjson.ParseBytes(text); top.IsObject() && gjson.ValidBytes(text) {
		return top.Get(name).String()
	}
	return ""
}

// find returns the journey of an exchange that starts none, or why there is none. The
// interactionId decides. If the first answer did not name it, or the file lacks it, it is the
// journey whose screen the request answers.
func (g *grouping) find(x *davinci.Exchange, at davinci.Endpoint, h handles) (*journey, string) {
	for _, id := range h.sent {
		if j := g.byID[id]; j != nil {
			return j, ""
		}
	}
	var fit []*journey
	for _, j := range g.journeys {
		if (len(h.sent) == 0 || !j.known) && j.fits(x, at, h) {
			fit = append(fit, j)
		}
	}
	switch {
	case len(fit) == 1:
		return fit[0], ""
	case len(fit) > 1 && len(h.sent) == 0:
		return nil, "it carries no interactionId, and several sign-ons are at its screen: " +
			"save the file with sensitive data, because cookies are left out without it"
	case len(fit) > 1:
		return fit[len(fit)-1], "" // the one that was started last
	case len(h.sent) == 0:
		return nil, "it carries no interactionId and answers no screen of the file: " +
			"save the file with sensitive data, because cookies are left out without it, " +
			"and from the start of the sign-on"
	default:
		return nil, "the start of its sign-on is not in the file: open the network panel before you sign on"
	}
}

// fits reports whether the request continues the journey.
func (j *journey) fits(x *davinci.Exchange, at davinci.Endpoint, h handles) bool {
	switch at {
	case davinci.Capability:
		return j.link != "" && strings.HasSuffix(x.URL.Path, "/davinci/connections/"+j.link) &&
			(h.left == "" || h.left == j.node)
	case davinci.Resume:
		if property, _ := davinci.NativeToken(x.Body); property != "" {
			// Where the link of the provider led to is not in the file.
			return j.leads() && davinci.SameHost(j.exchanges[0].URL, x.URL)
		}
		return j.back != "" && sameLink(j.back, x.URL)
	case davinci.Challenge:
		return bytes.Contains(j.shown, []byte(path.Base(path.Dir(x.URL.Path))))
	default:
		return false
	}
}

// leads reports whether the screen of the journey leads to an identity provider.
func (j *journey) leads() bool {
	s := davinci.Reader{}.Read(http.StatusOK, nil, j.shown).Screen()
	if s == nil {
		return false
	}
	_, providers := s.Provider("")
	return len(providers) > 0
}

// sameLink reports whether a link leads to a URL.
func sameLink(link string, to *url.URL) bool {
	u, err := url.Parse(link)
	return err == nil && davinci.SameHost(u, to) && davinci.SamePath(u.Path, to.Path) && u.RawQuery == to.RawQuery
}

// mayReturn reports whether a client may come back with a request from an identity
// provider: some programs leave its token out of what they save.
func mayReturn(x *davinci.Exchange) bool {
	body := string(bytes.TrimSpace(x.Body))
	return x.Method == http.MethodPost && x.Endpoint() == davinci.NoEndpoint && (body == "" || body == "{}") &&
		strings.Contains(x.URL.Path, "/davinci/")
}

// kindOf returns the kind of an exchange that belongs to no flow.
func kindOf(x *davinci.Exchange) string {
	switch at := "/" + strings.TrimPrefix(x.URL.Path, "/"); {
	case x.Method == http.MethodOptions:
		return Preflight
	case x.Method == http.MethodGet && davinci.EndpointOf(http.MethodPost, at) != davinci.NoEndpoint:
		return Browser
	case strings.HasPrefix(at, "/as/"), strings.Contains(at, "/as/") && !strings.HasSuffix(at, ".js"):
		return OAuth
	default:
		return Other
	}
}

// starts reports whether an authorize request or a pushed one starts a flow. Others send the
// browser to pages of the service.
func starts(x *davinci.Exchange, at davinci.Endpoint) bool {
	switch p := x.Parameters(); {
	case p.Get("response_mode") == "pi.flow":
		return true
	case at != davinci.Authorize || !p.Has("request_uri") || p.Has("response_mode"):
		return false
	default: // what was pushed says so, and the answer shows it
		return x.Status < http.StatusMultipleChoices || x.Status >= http.StatusBadRequest
	}
}
