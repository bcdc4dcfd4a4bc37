package learn_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner/internal/walk"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

func TestMain(m *testing.M) { shipped.Main(m) }

// hourly is a key whose codes last for an hour: a plan of a journey has the code in it, and
// it is followed later.
const hourly = "otpauth://totp/x?secret=MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK&period=3600"

// canaries are the users of the live side: none of their values may be written.
var canaries = map[string]map[string]string{
	"carol": {
		"username": "carol.canary", "password": "Kq7'<x>&9\"zQ pass", "newPassword": "Nn8%next/pass+word",
		"email": "Carol.Canary@canary-mail.io", "givenName": "Carolinda", "familyName": "O'Canary",
		"otp": "739182", "totp": hourly, "phone": "+49 151 2345678",
		"googleToken": "ya29.canary-0f-google-1729", "facebookToken": "EAAG-canary-0f-facebook-9182",
	},
}

// flows are the shipped recordings; with -short one of them, since nothing here runs at
// the same time as anything else.
func flows(tb testing.TB) []*recordings.Flow {
	tb.Helper()
	return slices.DeleteFunc(shipped.Flows(tb), func(f *recordings.Flow) bool { return testing.Short() && f.Name != "sign-on" })
}

// A site answers as the live side does, within this process.
type site struct {
	authorize string
	policy    string
	transport http.RoundTripper
	signedOn  http.CookieJar // of a browser that is signed on, once there is one
}

func serve(tb testing.TB, f *recordings.Flow) *site {
	tb.Helper()
	return sited(tb, f, mockserver.Faults{})
}

// sited is a site whose answers are changed by faults.
func sited(tb testing.TB, f *recordings.Flow, faults mockserver.Faults) *site {
	tb.Helper()
	server, err := mockserver.New(mockserver.Config{Flows: []*recordings.Flow{f}, Users: canaries})
	require.NoError(tb, err)
	return &site{
		"https://auth.example.com/" + mockserver.DefaultEnvironment + "/as/authorize", f.Policy, faults.Transport(server), nil,
	}
}

// A camera is a transport that keeps what goes through it.
type camera struct {
	through   http.RoundTripper
	exchanges davinci.Exchanges
}

// RoundTrip implements [http.RoundTripper].
func (c *camera) RoundTrip(r *http.Request) (*http.Response, error) {
	x := davinci.Exchange{Began: time.Now(), Method: r.Method, URL: r.URL, Header: r.Header.Clone()}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		x.Body = body
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	p, err := c.through.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(p.Body)
	if err != nil {
		return nil, err
	}
	p.Body = io.NopCloser(bytes.NewReader(body))
	x.Status, x.ResponseHeader, x.Response = p.StatusCode, p.Header.Clone(), body
	c.exchanges = append(c.exchanges, x)
	return p, nil
}

// A plan is what a person does in one journey.
type plan struct {
	name      string
	detailed  bool
	query     map[string]string
	exchanges davinci.Exchanges // whose requests are sent
	jar       http.CookieJar    // of its browser, once it was started
}

// plans are the journeys that reach every hop of a recording.
func plans(f *recordings.Flow, detailed bool) []plan {
	transcripts, _ := walk.Journeys(f, walk.Options{Detailed: detailed, User: canaries["carol"]})
	var all []plan
	for _, transcript := range transcripts {
		p := plan{detailed: detailed, query: map[string]string{}, exchanges: transcript}
		for name, values := range transcript[0].URL.Query() {
			switch name {
			case "prompt", "request_uri", "max_age", "response_type":
				p.query[name] = values[0]
			}
		}
		for _, x := range transcript {
			p.name = strings.TrimSpace(p.name + " " + x.Hop)
		}
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(a, b plan) int { // a session is left behind by those before
		return map[bool]int{true: 1}[a.hasSession()] - map[bool]int{true: 1}[b.hasSession()]
	})
	return all
}

// hasSession reports whether the journey starts in a browser that is signed on.
func (p *plan) hasSession() bool { return p.exchanges[0].Header.Get("Cookie") != "" }

// A sight is what a person and an app see of a hop.
type sight struct {
	Outcome          davinci.Outcome
	Capability, Node string
	Message          string
	Status           int
	Fields           []string
}

// journey is one that has yet to start, and what films it.
func (p *plan) journey(tb testing.TB, s *site) (*flow.Journey, *camera) {
	tb.Helper()
	film := &camera{through: s.transport}
	c := flow.Config{
		Transport: film, Authorize: s.authorize, ClientID: "app", Policy: s.policy, Detailed: p.detailed, Parameters: p.query,
		RedirectURI: "https://app.example.com/back",
	}
	walk.AsClient(&c, &p.exchanges[0])
	jar, err := cookiejar.New(nil)
	require.NoError(tb, err)
	if c.Jar, p.jar = jar, jar; p.hasSession() && s.signedOn != nil {
		c.Jar = s.signedOn
	}
	j, err := flow.NewJourney(c)
	require.NoError(tb, err)
	return j, film
}

// drive does a journey and returns what was seen and what went over the wire.
func drive(tb testing.TB, s *site, p plan) ([]sight, davinci.Exchanges) {
	tb.Helper()
	j, film := p.journey(tb, s)
	h, err := j.Start(tb.Context())
	require.NoError(tb, err)
	seen := []sight{look(h)}
	for i := range p.exchanges[1:] {
		require.NoError(tb, walk.Answer(tb.Context(), j, &p.exchanges[1+i]), "%s", p.name)
		seen = append(seen, look(j.Last()))
	}
	if !p.hasSession() && j.Last().Outcome == davinci.Completed {
		s.signedOn = p.jar
	}
	return seen, film.exchanges
}

func look(h *flow.Hop) sight {
	s := sight{Outcome: h.Outcome, Capability: h.Capability(), Node: h.NodeID(), Message: h.Message(), Status: h.Status}
	if h.Outcome != davinci.Paused {
		if h.Capability() == "" {
			s.Node = "" // an id that is generated
		}
		return s
	}
	for _, f := range h.Screen().Fields {
		s.Fields = append(s.Fields, f.Type+" "+f.Key+" "+f.Label)
	}
	return s
}

func encoded(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // the tests make their own values
	}
	return string(text)
}
