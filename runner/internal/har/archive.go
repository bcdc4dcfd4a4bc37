// Package har turns HAR 1.2, the format in which browsers' developer tools and
// test drivers save what they sent, into exchanges, and exchanges into HAR. It
// finds the exchanges of DaVinci flows, and groups those of one sign-on. It does not
// know what a flow answers, nor how a recording is learned from it.
package har

import (
	"errors"
	"fmt"
	"strings"

	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

// The bounds of what is read.
const (
	MaxFile    = 256 << 20 // a whole file
	MaxBody    = 1 << 20   // a body of a request or response, decoded
	maxEntry   = 32 << 20  // one entry, when its longest strings have been cut
	maxEntries = 500_000   // entries of a file
	maxCounted = 1_000     // kinds of ignored requests that are counted one by one
)

// An Archive is what a HAR has of DaVinci flows. It holds secrets: keep it in memory, never on
// a disk.
type Archive struct {
	// Legend is what flowtest wrote into a file of its own.
	Legend Legend

	Groups
}

// Groups are exchanges, sorted.
type Groups struct {
	// Journeys are the sign-ons in the order in which they were started. None is empty.
	// One whose parameters were pushed starts with an authorize request that has these
	// parameters itself.
	Journeys []davinci.Exchanges

	// Ignored counts what belongs to no flow, the most frequent first.
	Ignored []Ignored

	// Problems are the exchanges of a flow that could not be used, in their order. Every
	// exchange of a flow that is left out has one.
	Problems []Problem
}

// Ignored counts requests of one sort.
type Ignored struct {
	Host  string
	Kind  string // one of the kinds below
	Count int
}

// The kinds of what is ignored.
const (
	Preflight = "CORS preflight"
	Redirect  = "sign-on by redirect"           // an authorize request without response_mode=pi.flow
	OAuth     = "OAuth endpoint"                // discovery, token, userinfo, signoff, …
	Browser   = "a browser sent through a flow" // as for a sign-on with another provider
	Other     = "other"
)

// A Problem is an exchange of a flow that could not be used. It holds no secret
// and no query.
type Problem struct {
	Entry   int    // its number in the file or list, from 1
	Request string // method and path
	Why     string // what is wrong, and what to do if a person can fix it
}

// String returns the problem as a line for a person.
func (p Problem) String() string {
	return fmt.Sprintf("entry %d, %s: %s", p.Entry, p.Request, p.Why)
}

// A Legend describes a HAR that flowtest wrote, so that import can make a recording of it again:
// it has the made-up people whose values were typed. The zero value is that of a file of
// another program.
//
// It is below log._flowtest: HAR 1.2 leaves the names that begin with an
// underscore to programs.
type Legend struct {
	// Users are the made-up people who go through the flows: attributes by name.
	// No value belongs to a real person.
	Users map[string]map[string]string `json:"users"`

	// Flows are the names of the flows by the ids of their flow policies.
	Flows map[string]string `json:"flows"`
}

// legendKey is the member of log that holds the legend.
const legendKey = "_flowtest"

// Policy returns the flow policy that the start of a journey names, "" if it names none: then the
// application has one of its own. It may be a list with spaces.
func Policy(t davinci.Exchanges) string {
	if len(t) == 0 {
		return ""
	}
	x := &t[0]
	at := x.Endpoint()
	if at == davinci.PolicyStart {
		_, rest, _ := strings.Cut(x.URL.Path, "/davinci/policy/")
		id, _, _ := strings.Cut(rest, "/")
		return id
	}
	if at == davinci.Authorize {
		return strings.TrimSpace(x.Parameters().Get("acr_values"))
	}
	return ""
}

// noFlow reports an archive of so many entries without a sign-on that could be used.
func noFlow(entries int, g *Groups) error {
	const want = "want requests to /as/authorize with response_mode=pi.flow and what follows them"
	if entries == 0 {
		return errors.New("it has no entries, " + want + ": open the network panel before you sign on")
	}
	count := plural(entries, "entry", "entries")
	if len(g.Problems) == 0 {
		return errors.New(count + ", none of a DaVinci flow: " + listed(g.Ignored) + "; " + want)
	}
	const most = 10
	lines := []string{count + ", and no sign-on that could be used:"}
	for _, p := range g.Problems[:min(len(g.Problems), most)] {
		lines = append(lines, p.String())
	}
	if more := len(g.Problems) - most; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return errors.New(strings.Join(lines, "\n\t"))
}

// listed returns how many requests went where, in words.
func listed(ignored []Ignored) string {
	const most = 5
	var parts []string
	for _, g := range ignored[:min(len(ignored), most)] {
		parts = append(parts, fmt.Sprintf("%d of %s (%s)", g.Count, g.Host, g.Kind))
	}
	if more := len(ignored) - most; more > 0 {
		parts = append(parts, "and "+words.Count(more, "sort")+" more")
	}
	return strings.Join(parts, ", ")
}

// plural counts things.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
