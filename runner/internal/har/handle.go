package har

import (
	"bytes"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

// handles are what an exchange says of the sign-on that it is of.
type handles struct {
	sent   []string        // interactionIds of the request, the surest first
	came   []string        // and of the response
	left   string          // the id of the node that the request answers
	answer *davinci.Answer // the response
	link   string          // where it is answered, as connection/capabilities/name
}

func (h *handles) all() []string { return append(slices.Clone(h.came), h.sent...) }

// handlesOf reads the handles of an exchange. In the place of one that it does
// not have, the web SDK sends the word undefined.
func handlesOf(x *davinci.Exchange) handles {
	const name = "interactionId"
	starts := endpointOf(x) == davinci.Authorize
	h := handles{left: property(x.Body, "id")}
	h.answer = davinci.Reader{Waits: !starts}.Read(x.Status, x.ResponseHeader, x.Response)
	add := func(to *[]string, id string) {
		if id != "" && id != "undefined" && id != "null" && !slices.Contains(*to, id) {
			*to = append(*to, id)
		}
	}
	if !starts { // that one begins anew, whatever the browser still has
		add(&h.sent, x.Header.Get(name)) //nolint:canonicalheader // the documentation's spelling
		add(&h.sent, property(x.Body, name))
		for _, c := range (&http.Request{Header: x.Header}).CookiesNamed(name) {
			add(&h.sent, c.Value)
		}
	}
	add(&h.came, h.answer.InteractionID())
	for _, c := range h.answer.Cookies() {
		if c.Name == name && c.MaxAge >= 0 {
			add(&h.came, c.Value)
		}
	}
	if connection := h.answer.Property("connectionId").String(); connection != "" {
		h.link = path.Join(connection, "capabilities", h.answer.Capability())
	}
	return h
}

// property returns a property of a JSON object, "" where the text is none.
func property(text []byte, name string) string {
	if top := gjson.ParseBytes(text); top.IsObject() && gjson.ValidBytes(text) {
		return top.Get(name).String()
	}
	return ""
}

// find returns the journey of an exchange that starts none, or why there is none.
// The interactionId tells. Where the first answer did not name it, or the file
// lacks it, the journey is that whose screen the request answers.
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
		return nil, "it carries no interactionId, and several sign-ons stand at its screen: " +
			"save the file with sensitive data, because cookies are left out without it"
	case len(fit) > 1:
		return fit[len(fit)-1], "" // the one that was started last
	case len(h.sent) == 0:
		return nil, "it carries no interactionId and answers no screen of the file: " +
			"save the file with sensitive data, because cookies are left out without it, and from the start of the sign-on"
	default:
		return nil, "the start of its sign-on is not in the file: open the network panel before you sign on"
	}
}

// fits reports whether the journey stands where the request goes on.
func (j *journey) fits(x *davinci.Exchange, at davinci.Endpoint, h handles) bool {
	switch at {
	case davinci.Capability:
		return j.link != "" && strings.HasSuffix(x.URL.Path, "/davinci/connections/"+j.link) &&
			(h.left == "" || h.left == j.node)
	case davinci.Challenge:
		return bytes.Contains(j.shown, []byte(path.Base(path.Dir(x.URL.Path))))
	default:
		return false
	}
}

// endpointOf returns the endpoint of a flow to which an exchange goes.
func endpointOf(x *davinci.Exchange) davinci.Endpoint {
	return davinci.EndpointOf(x.Method, x.URL.Path)
}

// kindOf says what is ignored of an exchange that is of no flow.
func kindOf(x *davinci.Exchange) string {
	switch path := "/" + strings.TrimPrefix(x.URL.Path, "/"); {
	case x.Method == http.MethodOptions:
		return Preflight
	case x.Method == http.MethodGet && davinci.EndpointOf(http.MethodPost, path) != davinci.NoEndpoint:
		return Browser
	case strings.HasPrefix(path, "/as/"), strings.Contains(path, "/as/") && !strings.HasSuffix(path, ".js"):
		return OAuth
	default:
		return Other
	}
}

// parameters returns the query, and over it the form that a request posts.
func parameters(x *davinci.Exchange) url.Values {
	values := x.URL.Query()
	kind, _, _ := mime.ParseMediaType(x.Header.Get("Content-Type")) // "" is no form
	if x.Method != http.MethodPost || kind != "application/x-www-form-urlencoded" && kind != "" {
		return values
	}
	posted, _ := url.ParseQuery(string(x.Body)) // what can be read of it
	maps.Copy(values, posted)
	return values
}

// starts reports whether an authorize request or one that is pushed starts a
// flow. The other ones send the browser to pages of the service.
func starts(x *davinci.Exchange, at davinci.Endpoint) bool {
	switch p := parameters(x); {
	case p.Get("response_mode") == "pi.flow":
		return true
	case at != davinci.Authorize || !p.Has("request_uri") || p.Has("response_mode"):
		return false
	default: // what was pushed says so, and the answer shows it
		return x.Status < http.StatusMultipleChoices || x.Status >= http.StatusBadRequest
	}
}
