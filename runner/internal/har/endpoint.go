package har

import (
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"flowtest/steps/davinci"
)

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
