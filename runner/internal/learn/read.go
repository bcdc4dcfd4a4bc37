package learn

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// A step is one exchange of a journey.
type step struct {
	x        *davinci.Exchange
	j        *journey
	location // among the transcripts
	starts   bool
	detailed bool

	// Of the request.
	davinci.Sent

	from    *step // the screen that it leaves, nil at the start
	request recordings.Request
	extras  map[string]string // of a start: the parameters that not every client sends
	asks    *client           // once it is needed

	// Of the response.
	page     bool
	object   bool            // the body is a JSON object
	screen   string          // of a JSON body: see screenKey
	outcome  davinci.Outcome // of a JSON body
	code     string          // of an error
	doubt    bool            // it may be the environment's answer
	leaves   leaves
	node     string               // which node answered, for comparing
	history  string               // equal for steps that went the same way
	text     []byte               // the body with variables in it, which is shared
	response *recordings.Response // once it was made
}

// A reader sorts exchanges into journeys and steps.
type reader struct{ *learner }

// where returns the name of the step for people.
func (s *step) where() string {
	if s.x.Seen == "" {
		return s.place()
	}
	return fmt.Sprintf("%s, %s %s)", strings.TrimSuffix(s.place(), ")"), s.x.Method, lastOf(s.x.URL))
}

// place returns the name of the step without method and path.
func (s *step) place() string {
	at := fmt.Sprintf("journey %d, hop %d", s.j.number, s.number)
	if s.x.Seen != "" {
		at += " (" + s.x.Seen + ")"
	}
	return at
}

// endpointOf returns the endpoint of the flow to which an exchange goes. Authorize
// requests that the hosted pages answer are none of it, and neither are parameters
// that were pushed: the request that names them starts the flow.
func endpointOf(x *davinci.Exchange) davinci.Endpoint {
	at := x.Endpoint()
	if at == davinci.Pushed || at == davinci.Authorize && x.Parameters().Get("response_mode") != "pi.flow" {
		return davinci.NoEndpoint
	}
	return at
}

// read sorts exchanges into journeys.
func (l reader) read(transcripts []davinci.Exchanges) {
	for n, transcript := range transcripts {
		var open []*journey
		for i := range transcript {
			l.readOne(l.readable(&transcript[i]), n, i+1, &open)
		}
	}
	l.inOrder()
}

// inOrder puts the journeys in the order in which they began. Where they contradict each other, the
// first is kept: not the one that ended first, or is first in a file. Messages count them in this
// order.
func (l reader) inOrder() {
	var numbers []int
	for _, j := range l.journeys {
		numbers = append(numbers, j.number)
	}
	slices.Sort(numbers)
	slices.SortStableFunc(l.journeys, func(a, b *journey) int { return a.steps[0].x.Began.Compare(b.steps[0].x.Began) })
	l.steps = l.steps[:0]
	for i, j := range l.journeys {
		j.number = numbers[i]
		l.steps = append(l.steps, j.steps...)
	}
}

// readable returns an exchange as it is read: itself if that changes nothing, for all stay in memory.
func (l reader) readable(from *davinci.Exchange) *davinci.Exchange {
	x := *from
	twice := l.last(&x)
	asked, sent := canonical(x.Header)
	answered, got := canonical(x.ResponseHeader)
	if sent && got && !twice {
		return from
	}
	x.Header, x.ResponseHeader = asked, answered
	return &x
}

// last lets a name that is in one object twice have its last value, as every reader of
// JSON has it. The others are in no recording; what is a secret of them is one. It reports
// whether there is such a name.
func (l reader) last(x *davinci.Exchange) bool {
	sent, inRequest := davinci.Last(x.Body)
	if inRequest {
		kept := map[string]bool{}
		walk(gjson.ParseBytes(sent), func(_ string, v gjson.Result) { kept[v.String()] = true })
		walk(gjson.ParseBytes(x.Body), func(_ string, v gjson.Result) {
			if text := v.String(); !kept[text] && len(text) >= wholeSecret && !inputReader(l).anybodys(text) {
				l.noteTyped(text)
			}
		})
		x.Body = sent
	}
	answered, inAnswer := davinci.Last(x.Response)
	if inAnswer {
		kept := davinci.Reader{}.Read(x.Status, x.ResponseHeader, answered).Secrets()
		for _, text := range (davinci.Reader{}).Read(x.Status, x.ResponseHeader, x.Response).Secrets() {
			if !slices.Contains(kept, text) {
				l.noteTyped(text)
			}
		}
		x.Response = answered
	}
	return inRequest || inAnswer
}

// wholeSecret is how many bytes of a text make it one that is not a word.
const wholeSecret = 8

// canonical is a header with its names in one spelling, and one cookie a value:
// a HAR has them as they came, and several in one. It reports whether it is h itself.
func canonical(h http.Header) (out http.Header, same bool) {
	same = h != nil
	for name, values := range h {
		several := func(value string) bool { return strings.Contains(value, "\n") }
		same = same && name == http.CanonicalHeaderKey(name) && !slices.ContainsFunc(values, several)
	}
	if same {
		return h, true
	}
	out = http.Header{}
	for name, values := range h {
		for _, value := range values {
			for line := range strings.SplitSeq(value, "\n") {
				out.Add(name, line)
			}
		}
	}
	return out, false
}

func (l reader) readOne(x *davinci.Exchange, transcript, number int, open *[]*journey) {
	at := endpointOf(x)
	if x.URL != nil {
		l.collect(x)
	}
	follows := at == davinci.Capability || at == davinci.Resume
	switch at {
	case davinci.NoEndpoint, davinci.Pushed:
		l.result.Ignored++
		return
	case davinci.Challenge:
		follower(l).challenge(x)
		return
	case davinci.Authorize, davinci.PolicyStart:
		l.started++
		*open = append(*open, &journey{l: l.learner, number: l.started, id: map[string]bool{}})
	case davinci.Capability, davinci.Resume:
	}
	j := l.belongs(x, *open, follows)
	if j == nil || j.over {
		if j == nil || !j.failed {
			l.result.Ignored++
		}
		return
	}
	if l.leaves(j, location{transcript, number}) {
		return
	}
	s := &step{
		x: x, j: j, location: location{transcript, number}, starts: !follows,
		detailed: x.Header.Get("X-Requested-With") != "ping-sdk",
	}
	s.readRequest()
	if err := s.readResponse(); err != nil {
		l.breaks(s, err)
		j.over = true // nothing follows what broke off
		return
	}
	if len(j.steps) == 0 {
		l.journeys = append(l.journeys, j)
	}
	j.steps = append(j.steps, s)
	l.steps = append(l.steps, s)
	for _, id := range s.interactionIDs() {
		if id != "" {
			j.id[id] = true
		}
	}
}

// belongs finds the journey of an exchange, which may have broken off: a start has one of its
// own, what follows names an interactionId, and if it does not the last one is meant.
func (l reader) belongs(x *davinci.Exchange, open []*journey, follows bool) *journey {
	if len(open) == 0 {
		return nil
	}
	last := open[len(open)-1]
	if !follows {
		return last
	}
	for _, id := range x.Handed(handleID) { // a header first: the cookie may be that of another tab
		for _, j := range slices.Backward(open) {
			if j.id[id] {
				return j
			}
		}
	}
	return last
}

// leaves reports whether an exchange is left out because the environment failed.
func (l reader) leaves(j *journey, at location) bool {
	f, ok := l.skipped[at]
	if !ok {
		return false
	}
	l.result.Passing = appendNew(l.result.Passing, f.text)
	l.cut(at.transcript, true)
	if !f.only {
		j.over, j.failed = true, true
	}
	return true
}

// cut notes that something of a transcript is not recorded, and whether that is the
// environment's fault.
func (l reader) cut(transcript int, environment bool) {
	if !slices.Contains(l.result.Cut, transcript) {
		l.result.Cut = append(l.result.Cut, transcript)
	}
	if environment && !slices.Contains(l.result.Failed, transcript) {
		l.result.Failed = append(l.result.Failed, transcript)
	}
}

// The handles that a client hands back, in headers or cookies of these names.
//
// Source: "Step 2: Execute the next flow action".
const (
	handleID    = "interactionId"
	handleToken = "interactionToken"
)

// interactionIDs returns the ids by which a later request may name the journey.
func (s *step) interactionIDs() []string {
	out := []string{strings.Clone(s.top().Get(handleID).String())}
	for _, c := range s.x.SetCookies() {
		if c.Name == handleID {
			out = append(out, c.Value)
		}
	}
	return out
}

// readRequest reads what was sent, in either shape.
func (s *step) readRequest() {
	if s.starts {
		s.Query = s.x.Parameters()
		s.ReadHeader(s.x.Header)
		return
	}
	if n := len(s.j.steps); n > 0 {
		last := s.j.steps[n-1]
		s.from = last.from
		if last.outcome == davinci.Paused {
			s.from = last
		}
	}
	sent := &davinci.Sent{ContinueToken: s.x.ContinueToken()}
	sent.Native, _ = davinci.NativeToken(s.x.Body)
	if sent.ContinueToken == "" {
		sent = davinci.ReadSent(gjson.ParseBytes(s.x.Body))
	}
	sent.ReadHeader(s.x.Header)
	s.Sent = *sent
}

// readResponse reads the answer. The error says why it is not an answer of a flow.
func (s *step) readResponse() error {
	x := s.x
	s.doubt = doubtful(x)
	fault := func(format string, args ...any) error {
		return fmt.Errorf("%s %s "+format, slices.Concat([]any{x.Method, lastOf(x.URL)}, args)...)
	}
	redirects := x.Status >= 300 && x.Status < 400
	body := s.body()
	switch {
	case x.Status == 0:
		return fault("got no answer")
	case x.Status < 200 || x.Status > 599:
		return fault("was answered with status %d, want one from 200 to 599", x.Status)
	case s.from == nil && !s.starts:
		return fault("leaves no screen: the flow does not wait at one")
	case s.ContinueToken != "" && s.Native == "" && !s.from.top().Get("_links.continue.href").Exists():
		return fault("comes back from an identity provider, and the screen has no _links.continue.href")
	case !s.starts && s.ContinueToken == "" && !gjson.ValidBytes(x.Body):
		return fault("was sent a body that is not JSON")
	case redirects && x.ResponseHeader.Get("Location") == "":
		return fault("was answered with status %d and no Location", x.Status)
	case len(body) == 0 && (redirects || x.Status == http.StatusNoContent):
		return nil
	case len(body) == 0:
		return fault("was answered with status %d and no body", x.Status)
	case len(x.Response) > recordings.MaxBody:
		return fault("was answered with %d bytes, want at most %d", len(x.Response), recordings.MaxBody)
	case isPage(x.Response):
		s.page = true
		return nil
	case body[0] != '{' || !json.Valid(body):
		return fault("was answered with a body that is neither JSON nor HTML, or was cut off")
	}
	a := davinci.Reader{Waits: !s.starts}.Read(x.Status, x.ResponseHeader, body)
	s.object, s.outcome, s.code = true, a.Outcome, strings.Clone(a.Code())
	s.screen = a.Property("id").String() + " " + a.Property("capabilityName").String()
	if s.code == notRecorded && x.Status == http.StatusNotFound {
		return fault("was answered by a replay, which has no such request")
	}
	return nil
}

// body is what was answered, without space around it.
func (s *step) body() []byte { return bytes.TrimSpace(s.x.Response) }

// top is a JSON body. It is a copy each time, which what is taken of it keeps in memory: all
// bodies are there once already.
func (s *step) top() gjson.Result {
	if !s.object {
		return gjson.Result{}
	}
	return gjson.ParseBytes(s.body())
}

// isPage reports whether a body is a page.
func isPage(body []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) }

// notRecorded is the code of a replay for an unmatched request: no flow has it.
const notRecorded = "notRecorded"

// lastOf returns the last part of a URL's path, without what may be secret in the URL.
func lastOf(u *url.URL) string { return "…/" + path.Base(u.Path) }
