package mockserver_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	websdk "flowtest/mockserver/testdata/sdk"
	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
)

// A site is a replay of the shipped recordings and what it was asked.
type site struct {
	*httptest.Server
	flows map[string]*recordings.Flow
	mock  *mockserver.Server

	mu       sync.Mutex
	requests []request
}

// A request is one that reached the site, without what a person typed.
type request struct {
	method, path, origin string
	cookies              []string // their names
	headers              http.Header
	status               int
	answer               http.Header
}

func (r request) String() string {
	return r.method + " " + r.path + " → " + http.StatusText(r.status)
}

// newSite starts a replay of the shipped recordings on a port of this machine.
func newSite(t *testing.T) *site {
	t.Helper()
	return newSiteOf(t, shipped.Flows(t), "")
}

// newSiteOf starts a replay of recordings whose challenges end in that way, "" for any.
func newSiteOf(t *testing.T, flows []*recordings.Flow, challenge string) *site {
	t.Helper()
	mock, err := mockserver.New(mockserver.Config{
		Flows: flows, Users: map[string]map[string]string{"alice": alice}, Challenge: challenge,
	})
	require.NoError(t, err)
	s := &site{flows: map[string]*recordings.Flow{}, mock: mock}
	for _, f := range flows {
		s.flows[f.Name] = f
	}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

// ServeHTTP passes a request on to the replay and notes it.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	seen := request{method: r.Method, path: r.URL.Path, origin: r.Header.Get("Origin"), headers: r.Header}
	for _, c := range r.Cookies() {
		seen.cookies = append(seen.cookies, c.Name)
	}
	noting := &noting{ResponseWriter: w, status: http.StatusOK}
	s.mock.ServeHTTP(noting, r)
	seen.status, seen.answer = noting.status, w.Header().Clone()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, seen)
}

// A noting response writer remembers the status.
type noting struct {
	http.ResponseWriter
	status int
}

func (n *noting) WriteHeader(status int) {
	n.status = status
	n.ResponseWriter.WriteHeader(status)
}

// environment is the address in front of /as and /davinci.
func (s *site) environment() string { return s.URL + "/" + mockserver.DefaultEnvironment }

// seen returns the requests so far.
func (s *site) seen() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// explain shows with a failed test what the site was asked.
func (s *site) explain(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		if t.Failed() {
			for _, r := range s.seen() {
				t.Log(r)
			}
		}
	})
}

// An sdkPlan is a journey at a site.
type sdkPlan struct {
	websdk.Plan

	issuer string
}

// plan says for the script how to go through a journey at this site.
func (s *site) plan(name string, j sdkJourney) *sdkPlan {
	issuer := s.environment() + "/as"
	if j.customDomain {
		issuer = s.URL + "/as"
	}
	flow := s.flows[j.flow]
	plan := &sdkPlan{issuer: issuer, Plan: websdk.Plan{
		Name: name, WellKnown: issuer + "/.well-known/openid-configuration",
		ClientID: flow.Client, RedirectURI: appRedirect, Scope: "openid profile email",
		Query: j.query,
	}}
	for _, step := range j.steps {
		plan.Steps = append(plan.Steps, step.Step)
	}
	if j.byPolicy {
		plan.ClientID = "an-app-of-several-flows"
		plan.Query = map[string]string{"acr_values": flow.Policy}
	}
	return plan
}

// hop returns a recorded hop.
func (s *site) hop(t *testing.T, flow, name string) *recordings.Hop {
	t.Helper()
	for _, h := range s.flows[flow].Hops {
		if h.Name == name {
			return h
		}
	}
	require.Fail(t, "no such hop", "flow %q has no hop %q", flow, name)
	return nil
}
