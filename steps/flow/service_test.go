package flow_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"flowtest/steps/flow"
	"flowtest/steps/secret"
)

const endpoint = "https://auth.example.test/env-1/as/authorize"

// service answers requests one after the other and keeps what was sent.
type service struct {
	mu       sync.Mutex
	answers  []httpmock.Responder
	requests []*http.Request
	bodies   []string
}

// RoundTrip implements http.RoundTripper.
func (s *service) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	n := len(s.requests)
	s.requests = append(s.requests, r)
	body := ""
	if r.Body != nil {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		body = string(text)
	}
	s.bodies = append(s.bodies, body)
	answer := s.answers[min(n, len(s.answers)-1)]
	s.mu.Unlock()
	mock := httpmock.NewMockTransport()
	mock.RegisterNoResponder(answer)
	return mock.RoundTrip(r)
}

func answering(answers ...httpmock.Responder) *service { return &service{answers: answers} }

func says(status int, body string) httpmock.Responder {
	r := httpmock.NewStringResponse(status, body)
	r.Header.Set("Content-Type", "application/json")
	return httpmock.ResponderFromResponse(r)
}

func config(s http.RoundTripper) flow.Config {
	return flow.Config{
		Transport: s, Authorize: endpoint, ClientID: "client-1", Policy: "policy-1",
		RedirectURI: "https://app.example.test/back", Redactor: &secret.Redactor{},
	}
}

func started(t *testing.T, s http.RoundTripper) *flow.Journey {
	t.Helper()
	j, err := flow.NewJourney(config(s))
	require.NoError(t, err)
	_, err = j.Start(t.Context())
	require.NoError(t, err)
	return j
}

// form is a screen with the given fields.
func form(fields ...string) string {
	return `{"interactionId":"11111111-2222","interactionToken":"tok-1","eventName":"continue","id":"node000001",` +
		`"companyId":"env-1","connectionId":"conn1","capabilityName":"customHTMLTemplate",` +
		`"_links":{"next":{"href":"https://auth.example.test/env-1/davinci/connections/conn1/capabilities/` +
		`customHTMLTemplate?next=true"}},"formData":{"value":{"username":"","remember":"yes"}},` +
		`"form":{"name":"Sign On Form","components":{"fields":[` + strings.Join(fields, ",") + `]}}}`
}

const (
	username = `{"type":"TEXT","key":"username","label":"Username"}`
	password = `{"type":"PASSWORD","key":"password","label":"Password"}`
	signOn   = `{"type":"SUBMIT_BUTTON","key":"SIGNON","label":"Sign On"}`
	register = `{"type":"FLOW_BUTTON","key":"REGISTER","label":"No account?"}`
	done     = `{"capabilityName":"returnSuccessResponseRedirect","authorizeResponse":{"code":"c-1"},` +
		`"status":"COMPLETED","environment":{"id":"env-1"},"_links":{"next":{"href":"https://auth.example.test/x"}}}`
)
