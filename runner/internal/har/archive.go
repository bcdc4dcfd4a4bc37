// Package har turns HAR 1.2, the format in which browsers' developer tools and
// test drivers save what they sent, into exchanges, and exchanges into HAR. It
// sorts out which exchanges are of a DaVinci flow and which of them are one
// sign-on. It knows neither what a flow answers nor how a recording is learned
// from it.
package har

import (
	"fmt"

	"flowtest/steps/davinci"
)

// The bounds of what is read.
const (
	MaxFile    = 256 << 20 // a whole file
	MaxBody    = 1 << 20   // a body of a request or response, decoded
	maxEntry   = 32 << 20  // one entry, when its longest strings have been cut
	maxEntries = 500_000   // entries of a file
	maxCounted = 1_000     // sorts of ignored requests that are told apart
)

// An Archive is what a HAR held of DaVinci flows. It holds secrets: it is for
// memory, never for a disk.
type Archive struct {
	// Creator is the program that wrote the file, with its version, or "".
	Creator string

	// Legend is what flowtest wrote into a file of its own.
	Legend Legend

	// Entries is how many there were, whatever they are.
	Entries int

	Groups
}

// Groups are exchanges, sorted.
type Groups struct {
	// Takes are the sign-ons in the order in which they were started. None is empty.
	// One whose parameters were pushed starts with the authorize request that would
	// have had them itself.
	Takes []davinci.Exchanges

	// Ignored counts what is of no flow, the most frequent first.
	Ignored []Ignored

	// Problems are the exchanges that are of a flow and could not be used, in
	// their order. Nothing of a flow is left out without one.
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
	Why     string // what is the matter, and what to do where a person can mend it
}

// String returns the problem as a line for a person.
func (p Problem) String() string {
	return fmt.Sprintf("entry %d, %s: %s", p.Entry, p.Request, p.Why)
}
