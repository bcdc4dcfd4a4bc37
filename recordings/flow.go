// Package recordings reads, writes and matches recordings: the hops of a flow as a
// folder that a person can read, review and edit. It knows the files and how a
// request is matched; it does not know how requests are sent or answered.
//
// [LoadAll] loads the recordings of a folder, and [Shipped] has those of flowtest. A [Recorder]
// is a transport that keeps the exchanges of an app's own requests. [Flow.Files] returns a
// recording as files.
package recordings

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

// The words and limits of the format.
const (
	// FileName is the file that makes a folder a recording.
	FileName = "recording.yaml"

	// Format is the recording format that this package reads.
	Format = 1

	// MaxBody is the largest size of a body file, in bytes, and of a response that the
	// client reads.
	MaxBody = 1 << 20

	// Passkey is the value of formData for a passkey that answers the prompt of the
	// screen correctly. The replay verifies it, because it has the keys.
	Passkey = "${passkey}"

	// Braces replaces two opening braces that the service itself wrote in bodies and
	// headers, so that they are not read as a variable.
	Braces = "{{literal:braces}}"

	// Leftover is a part of the names of temporary files and folders beside a
	// recording. [LoadAll] skips them.
	Leftover = ".flowtest-"
)

// A Source says where a recording comes from. Reports always show it.
type Source string

// The sources.
const (
	Recorded   Source = "recorded"   // taken from a running flow
	documented Source = "documented" // made after the samples of the documentation
	Synthetic  Source = "synthetic"  // made from known behavior of the service, or from an export
)

// A Flow is one recording: a graph whose nodes are screens and whose edges are hops.
type Flow struct {
	// Dir is the folder within the file system it was loaded from.
	Dir string

	// Name is the flow's name, as features call it.
	Name string

	// Description is a line for people. Optional.
	Description string

	// Source says where the recording comes from.
	Source Source

	// Policy is the flow policy id in acr_values with which an authorize request starts
	// this flow. Optional; the name works too.
	Policy string

	// Client is the client id whose authorize requests start this flow if acr_values
	// does not choose one. Optional.
	Client string

	// Meta says when the recording was made, and from which flow. Nil means that it was
	// not recorded. Optional.
	Meta *Meta

	// Hops are in the order of the file. It is never empty. The first start hop answers unless a
	// query or a session asks for another one.
	Hops []*Hop

	// Logs are the execution logs of journeys through the flow. Optional.
	Logs []Log

	// ReusableCodes says that a replay exchanges an authorization code more than once, which no
	// service should do. Only mutation testing sets it; a file cannot. Optional.
	ReusableCodes bool

	// EarlierToken is the file of a body that a replay answers with the interactionToken of the answer
	// before it, which is no longer valid. A file cannot say so: mutation testing does. Optional.
	EarlierToken string
}

// Choices returns the requests that leave each screen, and under nil those that start the flow,
// in the order in which a replay tries them: the most specific first. Each is a list of the hops
// that answer the request: the first hop answers it the first time, and so on. The last one
// repeats.
func (f *Flow) Choices() map[*Hop][][]*Hop {
	type request struct {
		at  *Hop
		key string
	}
	all, places := map[*Hop][][]*Hop{}, map[request]int{}
	for _, h := range f.Hops {
		from := h.From
		if h.Starts() {
			from = []*Hop{nil}
		}
		key := h.Request.Key()
		for _, at := range from {
			i, known := places[request{at, key}]
			if !known {
				i = len(all[at])
				places[request{at, key}], all[at] = i, append(all[at], nil)
			}
			all[at][i] = append(all[at][i], h)
		}
	}
	for _, choices := range all {
		slices.SortStableFunc(choices, func(a, b []*Hop) int { return a[0].Request.compare(&b[0].Request) })
	}
	return all
}

// A Hop is one request of a flow and its response.
type Hop struct {
	Name     string
	From     []*Hop // the screens that it leaves; empty for a hop that starts the flow
	To       *Hop   // the screen that is shown again, instead of Response; or nil
	Request  Request
	Response Response
	Line     int // in recording.yaml
}

// Answer returns the response to the hop: its own or that of the screen to which it
// goes back.
func (h *Hop) Answer() *Response {
	if h.To != nil {
		return &h.To.Response
	}
	return &h.Response
}

// Starts reports whether the hop starts the flow.
func (h *Hop) Starts() bool { return len(h.From) == 0 }

// Screen returns the screen that the flow shows after the hop, or nil if the flow stays where it
// was or has ended.
func (h *Hop) Screen() *Hop {
	switch {
	case h.To != nil:
		return h.To
	case h.Response.is(davinci.Paused):
		return h
	default:
		return nil
	}
}

// Stays reports whether the flow stays at the screen that the hop left, because it
// refused the request or rewound.
func (h *Hop) Stays() bool {
	r := &h.Response
	switch {
	case h.To != nil:
		return false
	case r.Status >= http.StatusBadRequest && r.Status < http.StatusInternalServerError:
		return r.JSON.refuses() || r.Detailed.refuses()
	default:
		return !h.Starts() && r.is(davinci.Rewound)
	}
}

// A Response is the service's response to a hop.
type Response struct {
	Status  int
	Headers map[string]string
	Cookies []Cookie // the session cookies that it sets

	JSON     *Body // the answer to X-Requested-With: ping-sdk, and to both if it is not a screen
	Detailed *Body // the answer without that header
	HTML     *Body // a page
}

// Body returns the body for the shape that was requested, or nil if that shape was not recorded.
// An answer that is not a screen looks the same in both.
func (r *Response) Body(detailed bool) *Body {
	switch {
	case r.HTML != nil:
		return r.HTML
	case detailed:
		return shape(r.Detailed, r.JSON)
	default:
		return shape(r.JSON, r.Detailed)
	}
}

// shape returns the body that was requested, or the other if that is not a screen.
func shape(asked, other *Body) *Body {
	if asked == nil && other != nil && other.outcome != davinci.Paused {
		return other
	}
	return asked
}

// resume returns the link to which a client posts that comes back from an identity provider, ""
// if the response has none.
func (r *Response) resume() string {
	for _, b := range []*Body{r.JSON, r.Detailed} {
		if b != nil {
			if href := gjson.GetBytes(b.Text, "_links.continue.href").Str; href != "" {
				return href
			}
		}
	}
	return ""
}

// empty reports whether the response has no body in any shape.
func (r *Response) empty() bool { return r.JSON == nil && r.Detailed == nil && r.HTML == nil }

// Outcome returns the outcome of the response after a screen, in the shape that was
// requested. A response without a body counts as an empty one.
func (r *Response) Outcome(detailed bool) davinci.Outcome {
	b := r.Body(detailed)
	switch {
	case b == nil:
		return davinci.Reader{Waits: true}.Read(r.Status, nil, nil).Outcome
	case b.outcome != 0 && r.succeeds():
		return b.outcome // every such status is read as 200
	default:
		return davinci.Reader{Waits: true}.Read(r.Status, nil, b.Text).Outcome
	}
}

// is reports whether the response has a 2xx status and that outcome in one of its shapes.
func (r *Response) is(o davinci.Outcome) bool {
	return r.succeeds() && (r.JSON != nil && r.JSON.outcome == o || r.Detailed != nil && r.Detailed.outcome == o)
}

func (r *Response) succeeds() bool {
	return r.Status >= http.StatusOK && r.Status < http.StatusMultipleChoices
}

// noScreen says why a flow does not pause at the response.
func (r *Response) noScreen() string {
	switch body := cmp.Or(r.JSON, r.Detailed); {
	case body != nil:
		return body.File + " " + (davinci.Reader{}).Read(r.Status, nil, body.Text).NoScreen()
	case r.HTML != nil:
		return r.HTML.File + " is a page and no JSON"
	default:
		return "its response has no body"
	}
}

// A Meta says when a recording was made, from which flow, and with which program.
type Meta struct {
	// Date is when the last journey of the recording was recorded. It may be
	// only a day, at midnight UTC.
	Date time.Time

	// Flow is the flow policy id that was recorded. Optional.
	Flow string

	// Region is the region of the environment, as in "EU". Optional.
	Region string

	// Shape is the requested response shape: json, detailed, or both if the journeys
	// requested different ones. Optional.
	Shape string

	// Tool is the program that recorded, and its version. Optional.
	Tool string
}

// meta reads what the recording says about itself.
func (l *loading) meta() *Meta {
	y := l.file.Recorded
	if y == nil {
		return nil
	}
	date, ok := parseDate(y.Date)
	if !ok {
		l.mistake(1, "recorded: date %q, want a day or a time, as in 2026-11-23 or 2026-11-23T09:30:00Z", y.Date)
	}
	if y.Flow != "" && !IsPolicy(y.Flow) {
		l.mistake(1, "recorded: flow %q is not a flow policy, want its id or its name: "+
			"a line without any of {}$*", y.Flow)
	}
	if !slices.Contains([]string{"", "json", "detailed", "both"}, y.Shape) {
		l.mistake(1, "recorded: shape %q, want json, detailed or both", y.Shape)
	}
	return &Meta{Date: date, Flow: y.Flow, Region: y.Region, Shape: y.Shape, Tool: y.Tool}
}

func parseDate(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// formatDate writes a date as parseDate reads it, to the second.
func formatDate(t time.Time) string {
	return strings.TrimSuffix(t.UTC().Format(time.RFC3339), "T00:00:00Z")
}

// A Cookie is a cookie that a hop sets: its name, and its attributes if the recording
// has them, as in "ST; Path=/; HttpOnly; SameSite=None". Its value is generated in each
// run and never recorded.
type Cookie struct {
	Name string

	// As holds the attributes as they were recorded, without name, value and
	// domain. Nil means the attributes that the service usually sets.
	As *http.Cookie
}

// newCookie reads an entry of cookies.
func newCookie(text string) (Cookie, error) {
	head, attributes, has := strings.Cut(text, ";")
	name, _, hasValue := strings.Cut(strings.TrimSpace(head), "=") // a value may be a secret: no error shows it
	if name == "" || hasValue || strings.ContainsAny(name, " \t") {
		return Cookie{}, fmt.Errorf("cookie %q, want its name and no value, with attributes after it where they "+
			"were recorded, as in \"ST; Path=/; HttpOnly; SameSite=None\"", name)
	}
	as, err := davinci.ParseSetCookie(name + "=value;" + attributes)
	if err != nil {
		return Cookie{}, fmt.Errorf("cookie %q: %w", name, err)
	}
	if len(as.Unparsed) > 0 {
		return Cookie{}, fmt.Errorf("cookie %q has the unknown attribute %q", name, as.Unparsed[0])
	}
	if !has {
		return Cookie{Name: name}, nil
	}
	as.Value, as.Domain, as.Raw, as.RawExpires = "", "", "", ""
	return Cookie{Name: name, As: as}, nil
}

// String returns the cookie in the form of an entry of cookies.
func (c Cookie) String() string {
	if c.As == nil {
		return c.Name
	}
	as := *c.As //nolint:gosec // the attributes are the service's
	as.Name, as.Value, as.Quoted = c.Name, "", false
	text := strings.Replace(davinci.FormatSetCookie(&as), "=", "", 1)
	if text == c.Name {
		text += ";" // recorded without attributes, which is not the usual ones
	}
	return text
}

//go:embed */recording.yaml */*.json */*.html
var shipped embed.FS

// Shipped returns the recordings that come with flowtest.
func Shipped() fs.FS { return shipped }
