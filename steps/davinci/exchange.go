package davinci

import (
	"net/http"
	"net/url"
	"time"
)

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
