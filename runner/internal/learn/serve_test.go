package learn_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner/internal/walk"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

// canaries are the users of the live side: none of their values may be written.
var canaries = map[string]map[string]string{
	"carol": {
		"username": "carol.canary", "password": "Kq7'<x>&9\"zQ pass", "newPassword": "Nn8%next/pass+word",
		"email": "Carol.Canary@canary-mail.io", "givenName": "Carolinda", "familyName": "O'Canary",
		"otp": "739182", "phone": "+49 151 2345678",
	},
}

// flows are the shipped recordings; with -short one of them, since nothing here runs at
// the same time as anything else.
func flows(tb testing.TB) []*recordings.Flow {
	tb.Helper()
	return slices.DeleteFunc(shipped.Flows(tb), func(f *recordings.Flow) bool { return testing.Short() && f.Name != "sign-on" })
}

// A site answers as the live side does, over TLS.
type site struct {
	authorize string
	policy    string
	transport http.RoundTripper
}

func serve(tb testing.TB, f *recordings.Flow) *site {
	tb.Helper()
	server, err := mockserver.New(mockserver.Config{Flows: []*recordings.Flow{f}, Users: canaries})
	require.NoError(tb, err)
	s := httptest.NewTLSServer(server)
	tb.Cleanup(s.Close)
	return &site{s.URL + "/" + mockserver.DefaultEnvironment + "/as/authorize", f.Policy, s.Client().Transport}
}

// A camera is a transport that keeps what goes through it.
type camera struct {
	through http.RoundTripper
	take    davinci.Exchanges
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
	c.take = append(c.take, x)
	return p, nil
}

// A plan is what a person does in one journey.
type plan struct {
	name     string
	detailed bool
	query    map[string]string
	acts     []act
}

// An act is one request of a plan.
type act struct {
	eventType, action string
	form              gjson.Result
}

// plans are the journeys that reach every hop of a recording.
func plans(f *recordings.Flow, detailed bool) []plan {
	takes, _ := walk.Journeys(f, walk.Options{Detailed: detailed, User: canaries["carol"]})
	var all []plan
	for _, take := range takes {
		p := plan{detailed: detailed, query: map[string]string{}}
		for name, values := range take[0].URL.Query() {
			switch name {
			case "prompt", "request_uri", "max_age", "response_type":
				p.query[name] = values[0]
			}
		}
		var way []string
		for _, x := range take[1:] {
			way = append(way, x.Hop)
			body := gjson.ParseBytes(x.Body)
			p.acts = append(p.acts, act{
				body.Get("parameters.eventType").String(), body.Get("parameters.data.actionKey").String(),
				body.Get("parameters.data.formData"),
			})
		}
		p.name = strings.Join(append([]string{take[0].Hop}, way...), " ")
		all = append(all, p)
	}
	return all
}

// A sight is what a person and an app see of a hop.
type sight struct {
	Outcome          davinci.Outcome
	Capability, Node string
	Message          string
	Status           int
	Fields           []string
}

// drive does a journey and returns what was seen and what went over the wire.
func drive(tb testing.TB, s *site, p plan) ([]sight, davinci.Exchanges) {
	tb.Helper()
	film := &camera{through: s.transport}
	j, err := flow.NewJourney(flow.Config{
		Transport: film, Authorize: s.authorize, ClientID: "app", Policy: s.policy, Detailed: p.detailed, Parameters: p.query,
		RedirectURI: "https://app.example.com/back",
	})
	require.NoError(tb, err)
	h, err := j.Start(tb.Context())
	require.NoError(tb, err)
	seen := []sight{look(h)}
	for _, a := range p.acts {
		a.form.ForEach(func(key, value gjson.Result) bool {
			if a.eventType == "polling" || value.String() == "" {
				return true
			}
			text := value.Raw
			if value.Type == gjson.String {
				text = value.Str
			}
			require.NoError(tb, j.Fill(key.Str, text), "%s %s", p.name, key.Str)
			return true
		})
		switch {
		case a.eventType == "polling":
			h, err = j.Poll(tb.Context())
		case a.action == "":
			h, err = j.Submit(tb.Context())
		default:
			h, err = j.Press(tb.Context(), a.action)
		}
		require.NoError(tb, err, "%s", p.name)
		seen = append(seen, look(h))
	}
	return seen, film.take
}

func look(h *flow.Hop) sight {
	s := sight{Outcome: h.Outcome, Capability: h.Capability(), Node: h.NodeID(), Message: h.Message(), Status: h.Status}
	if h.Outcome != davinci.Paused {
		if h.Capability() == "" {
			s.Node = "" // an id that is minted
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
