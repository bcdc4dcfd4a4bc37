package davinci

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// An Endpoint is one of those through which a client goes through a flow.
type Endpoint uint8

// The endpoints of a flow.
const (
	NoEndpoint  Endpoint = iota // none of a flow
	Authorize                   // …/as/authorize: it starts a flow, or sends a browser to the hosted pages
	Pushed                      // …/as/par: it takes the parameters of an authorize request beforehand
	PolicyStart                 // …/davinci/policy/ID/start: it starts a flow by its policy
	Capability                  // …/davinci/connections/ID/capabilities/NAME: it executes the next action
	Challenge                   // …/davinci/user/credentials/challenge/ID/status: it tells how a challenge stands
)

// EndpointOf returns the endpoint to which a request goes, as method and path
// tell, which is all that the protocol fixes: before /as and /davinci stands the
// environment, on a custom domain nothing. [Authorize] is reached by GET and POST,
// the others by POST alone.
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

// An Exchange is one request and its response, as they went over the wire. It
// may hold secrets: it is for memory, never for a disk.
type Exchange struct {
	Began time.Time
	Took  time.Duration

	Method string
	URL    *url.URL
	Header http.Header // of the request
	Body   []byte      // of the request, nil where there is none

	Status         int
	ResponseHeader http.Header
	Response       []byte // the body, decoded

	// Seen says where a person finds the exchange, as in "entry 7" of a HAR file; ""
	// where nowhere.
	Seen string

	// Hop is the name of the recorded hop that the exchange was made from,
	// "" where it went over a wire.
	Hop string
}

// A Take is the exchanges of one journey, in their order.
type Exchanges []Exchange
