package har

import (
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"flowtest/recordings"
)

// An endpoint is one of those that a flow has.
type endpoint uint8

const (
	none endpoint = iota
	authorize
	pushed     // /as/par
	policy     // /davinci/policy/…/start
	capability // /davinci/connections/…/capabilities/…
	challenge  // /davinci/user/credentials/challenge/…/status
)

// endpointOf reads a path. It begins with the environment or, on a custom domain,
// does not.
func endpointOf(path string) endpoint {
	part := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if part[0] != "as" && part[0] != "davinci" {
		part = part[1:]
	}
	is := func(pattern ...string) bool {
		if len(part) != len(pattern) {
			return false
		}
		for i, want := range pattern {
			if want == "*" && part[i] == "" || want != "*" && want != part[i] {
				return false
			}
		}
		return true
	}
	switch {
	case is("as", "authorize"):
		return authorize
	case is("as", "par"):
		return pushed
	case is("davinci", "policy", "*", "start"):
		return policy
	case is("davinci", "connections", "*", "capabilities", "*"):
		return capability
	case is("davinci", "user", "credentials", "challenge", "*", "status"):
		return challenge
	default:
		return none
	}
}

// carries reports whether a method carries a flow on.
func carries(method string) bool { return method == http.MethodGet || method == http.MethodPost }

// kindOf says what is ignored of an exchange that is of no flow.
func kindOf(x *recordings.Exchange) string {
	switch path := "/" + strings.TrimPrefix(x.URL.Path, "/"); {
	case x.Method == http.MethodOptions:
		return Preflight
	case strings.HasPrefix(path, "/as/"), strings.Contains(path, "/as/") && !strings.HasSuffix(path, ".js"):
		return OAuth
	default:
		return Other
	}
}

// parameters returns the query, and over it the form that a request posts.
func parameters(x *recordings.Exchange) url.Values {
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
func starts(x *recordings.Exchange, at endpoint) bool {
	switch p := parameters(x); {
	case p.Get("response_mode") == "pi.flow":
		return true
	case at != authorize || !p.Has("request_uri") || p.Has("response_mode"):
		return false
	default: // what was pushed says so, and the answer shows it
		return x.Status < http.StatusMultipleChoices || x.Status >= http.StatusBadRequest
	}
}
