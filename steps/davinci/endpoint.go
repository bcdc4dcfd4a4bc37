package davinci

import (
	"bytes"
	"cmp"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// An Endpoint is an endpoint of the protocol.
type Endpoint uint8

// The endpoints of a flow.
const (
	NoEndpoint  Endpoint = iota // not an endpoint of a flow
	Authorize                   // …/as/authorize: it starts a flow, or sends a browser to the hosted pages
	Pushed                      // …/as/par: it takes the parameters of an authorize request beforehand
	PolicyStart                 // …/davinci/policy/ID/start: it starts a flow by its policy
	Capability                  // …/davinci/connections/ID/capabilities/NAME: it executes the next action
	Challenge                   // …/davinci/user/credentials/challenge/ID/status: it returns the state of a challenge
	Resume                      // _links.continue.href of a screen: a client comes back there from an identity provider
)

// EndpointOf returns the endpoint of a request by its method and path. /as and /davinci
// follow the environment or, on a custom domain, the host. [Authorize] accepts GET and
// POST, the others only POST. The path of [Resume] is not fixed; only
// [Exchange.Endpoint] finds it.
//
// Source: "Step 1: Initiate the flow through a PingOne authorize request", "Step 2:
// Execute the next flow action", and how the SDKs poll a challenge.
func EndpointOf(method, path string) Endpoint {
	part := strings.Split(path, "/")
	is := func(pattern ...string) bool {
		if len(part) <= len(pattern) { // a path begins with a slash
			return false
		}
		for i, name := range part[len(part)-len(pattern):] {
			if want := pattern[i]; name == "" || want != "*" && want != name {
				return false
			}
		}
		return true
	}
	post := strings.EqualFold(method, http.MethodPost)
	switch {
	case is("as", "authorize") && (post || strings.EqualFold(method, http.MethodGet)):
		return Authorize
	case !post:
		return NoEndpoint
	case is("as", "par"):
		return Pushed
	case is("davinci", "policy", "*", "start"):
		return PolicyStart
	case is("davinci", "connections", "*", "capabilities", "*"):
		return Capability
	case is("davinci", "user", "credentials", "challenge", "*", "status"):
		return Challenge
	default:
		return NoEndpoint
	}
}

// SameHost reports whether two URLs have the same host and port. It ignores the case of
// the host, and a missing port means the default port of the scheme.
func SameHost(a, b *url.URL) bool {
	return strings.EqualFold(a.Hostname(), b.Hostname()) && (a.Port() == b.Port() || port(a) == port(b))
}

// port returns the port of a URL, which is that of its scheme where it names none.
func port(u *url.URL) string {
	defaults := map[string]string{"http": "80", "https": "443"}
	return cmp.Or(u.Port(), defaults[strings.ToLower(u.Scheme)])
}

// SamePath reports whether two paths are equal. It ignores the case of environment ids
// in them.
func SamePath(a, b string) bool {
	return a == b || strings.EqualFold(a, b) &&
		environmentID.ReplaceAllStringFunc(a, strings.ToLower) == environmentID.ReplaceAllStringFunc(b, strings.ToLower)
}

var environmentID = regexp.MustCompile(`[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}`)

// An Exchange is one request and its response. It may contain secrets: keep it in
// memory, and never write it to a disk.
type Exchange struct {
	Began time.Time
	Took  time.Duration

	Method string
	URL    *url.URL
	Header http.Header // of the request
	Body   []byte      // of the request, nil if there is none

	Status         int
	ResponseHeader http.Header
	Response       []byte // the body, decoded

	// Seen says where a person finds the exchange, such as "entry 7" of a HAR file. Optional.
	Seen string

	// Hop is the name of the recorded hop from which the exchange was made, "" if it was sent.
	Hop string
}

// Exchanges are the exchanges of one journey, in order.
type Exchanges []Exchange

// Endpoint returns the endpoint to which the request went.
func (x *Exchange) Endpoint() Endpoint {
	if x.URL == nil {
		return NoEndpoint
	}
	if x.ContinueToken() != "" {
		return Resume
	}
	return EndpointOf(x.Method, x.URL.Path)
}

// ContinueToken returns the token with which a client comes back from an identity provider,
// in whichever way it is posted, "" for any other request. It is a secret.
//
// Source: the resume request of the SDKs: a POST to _links.continue.href with the token
// as the bearer and an empty body or object; and [NativeToken].
func (x *Exchange) ContinueToken() string {
	if x.URL == nil || !strings.EqualFold(x.Method, http.MethodPost) {
		return ""
	}
	at := EndpointOf(x.Method, x.URL.Path)
	if _, token := NativeToken(x.Body); token != "" && (at == NoEndpoint || at == Capability) {
		return token
	}
	empty := slices.Contains([]string{"", "{}"}, string(bytes.TrimSpace(x.Body)))
	if !empty || at != NoEndpoint && at != Capability || !strings.Contains(x.URL.Path, "/davinci/") {
		return ""
	}
	return BearerToken(x.Header)
}

// nativeTokens are the properties in which a mobile app posts the token of a provider whose
// own SDK signed the person on.
var nativeTokens = []string{"idToken", "accessToken"}

// NativeToken returns the token of a native sign-on with an identity provider that the body of
// a request posts, and the property that has it. Both are "" for any other body.
//
// Source: the external identity providers of the Android SDK, which asks the link of the
// field for JSON and posts to its _links.next.href an object with idToken for Google and
// accessToken for Facebook.
func NativeToken(body []byte) (property, token string) {
	if len(body) < len(`{"idToken":""}`) || body[0] != '{' || !gjson.ValidBytes(body) {
		return "", ""
	}
	n := 0
	gjson.ParseBytes(body).ForEach(func(key, value gjson.Result) bool {
		if n++; n == 1 && slices.Contains(nativeTokens, key.Str) && value.Type == gjson.String {
			property, token = key.Str, value.Str
		}
		return n == 1
	})
	if n != 1 || token == "" {
		return "", ""
	}
	return property, token
}

// Parameters returns the query and the posted form, whose values replace those of the
// query. It leaves out unreadable parts of a form.
func (x *Exchange) Parameters() url.Values {
	values := x.URL.Query()
	kind, _, _ := mime.ParseMediaType(x.Header.Get("Content-Type")) // "" is not a form
	if x.Method == http.MethodPost && (kind == "application/x-www-form-urlencoded" || kind == "") {
		posted, _ := url.ParseQuery(string(x.Body)) // what can be read of it
		maps.Copy(values, posted)
	}
	return values
}

// Handed returns the values that the request sends for a handle, interactionId or
// interactionToken: from a header, the body and cookies, in this order, each value once. It
// ignores the word undefined, which the web SDK sends if it does not have a handle.
//
// Source: "Step 2: Execute the next flow action", and what the SDKs send.
func (x *Exchange) Handed(name string) []string {
	values := slices.Clone(x.Header.Values(name))
	if v := gjson.GetBytes(x.Body, name); v.Exists() && gjson.ValidBytes(x.Body) {
		values = append(values, v.String())
	}
	for _, c := range (&http.Request{Header: x.Header}).CookiesNamed(name) {
		values = append(values, c.Value)
	}
	var out []string
	for _, v := range values {
		if v != "" && v != "undefined" && v != "null" && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// SetCookies returns the cookies that the response sets, without lines that are not cookies.
func (x *Exchange) SetCookies() []*http.Cookie { return setCookies(x.ResponseHeader) }
