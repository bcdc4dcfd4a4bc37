package steps_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/cucumber/godog"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/steps"
	"flowtest/steps/flow"
	"flowtest/steps/secret"
)

func TestMain(m *testing.M) { shipped.Main(m) }

// A sentence is played after others, against canned answers.
type sentence struct {
	answers  []httpmock.Responder // one a request, the last one for all that follow
	before   []string             // the sentences before it; none means that the flow is started
	sentence string
	want     string // the error; empty where the sentence holds
}

// The sentences that rows begin with.
const (
	given    = `Given the flow "sign-on"`
	detailed = `Given detailed responses`
	starts   = `When I start the flow`
	signsOn  = `When I press "SIGNON"`
)

func (s *sentence) check(t *testing.T) {
	t.Helper()
	before := s.before
	if before == nil {
		before = []string{given, starts}
	}
	p := play(t, s.answers, append(slices.Clip(before), s.sentence)...)
	if s.asserts() {
		assert.Zero(t, p.sent, "requests that a Then sent")
	}
	if s.want == "" {
		require.NoError(t, p.err)
		return
	}
	require.EqualError(t, p.err, s.want)
	assert.Equal(t, text(s.sentence), p.failed, "this sentence fails and none before it")
}

// asserts reports whether it is a Then, which never sends.
func (s *sentence) asserts() bool { return strings.HasPrefix(s.sentence, "Then ") }

func checkAll(t *testing.T, rows map[string]sentence) {
	t.Helper()
	for name, row := range rows {
		t.Run(name, func(t *testing.T) { row.check(t) })
	}
}

// A played scenario is what was left of one.
type played struct {
	world   *steps.World
	secrets *secret.Redactor
	service *service
	tenant  *stubbedTenant
	err     error  // of the first step that did not pass
	failed  string // the text of that step
	sent    int    // how many requests the last step sent
}

// play runs sentences as one scenario through godog and the real definitions.
func play(t *testing.T, answers []httpmock.Responder, sentences ...string) *played {
	t.Helper()
	s := &service{answers: answers}
	p := &played{service: s, world: &steps.World{}, secrets: &secret.Redactor{}}
	p.world.Begin(stubbed{s}, p.secrets, false)
	p.tenant = &stubbedTenant{}
	p.world.Tenant = p.tenant
	p.play(t, sentences...)
	return p
}

func (p *played) play(t *testing.T, sentences ...string) {
	t.Helper()
	suite := godog.TestSuite{
		ScenarioInitializer: func(sc *godog.ScenarioContext) {
			sc.Before(func(ctx context.Context, _ *godog.Scenario) (context.Context, error) {
				return p.world.Context(ctx), nil
			})
			before := 0
			sc.StepContext().Before(func(ctx context.Context, _ *godog.Step) (context.Context, error) {
				before = len(p.service.requests)
				return ctx, nil
			})
			sc.StepContext().After(func(
				ctx context.Context, st *godog.Step, status godog.StepResultStatus, err error,
			) (context.Context, error) {
				p.sent = len(p.service.requests) - before
				if status == godog.StepUndefined {
					err = godog.ErrUndefined
				}
				if p.failed == "" && status != godog.StepPassed {
					p.err, p.failed = err, st.Text
				}
				return ctx, nil
			})
			steps.Register(sc, steps.Definitions())
		},
		Options: &godog.Options{
			Format: "progress", Output: io.Discard, Strict: true, NoColors: true, DefaultContext: t.Context(),
			FeatureContents: []godog.Feature{{Name: "x.feature", Contents: []byte(
				"Feature: x\n  Scenario: x\n" + strings.Join(sentences, "\n") + "\n")}},
		},
	}
	status := suite.Run()
	if p.failed == "" {
		require.Zero(t, status, "a scenario that passes is no failed run")
	}
}

// text is a sentence without its keyword and its table.
func text(s string) string {
	_, after, _ := strings.Cut(s, " ")
	first, _, _ := strings.Cut(after, "\n")
	return first
}

// stubbed is what a run goes against.
type stubbed struct{ service *service }

// Flow implements steps.Target.
func (t stubbed) Flow(name string) (flow.Config, error) {
	if name != "sign-on" {
		return flow.Config{}, fmt.Errorf("no flow %q, there is sign-on", name)
	}
	return flow.Config{
		Transport: t.service, Authorize: "https://auth.example.test/env-1/as/authorize", ClientID: "client-1",
	}, nil
}

// User implements steps.Target.
func (stubbed) User(name string) (steps.User, error) {
	attributes, ok := map[string]user{
		"alice":   {"username": "alice", "password": `p"a\ss-1`, "code": "4711", "facebookToken": "f-1", "googleToken": "g-1", "totp": "GEZDGNBVGY3TQOJQ"},
		"nobody":  {},
		"carol.b": {"user.name": "Carol", "totp": "hunter2"},
	}[name]
	if !ok {
		return nil, fmt.Errorf("no user %q, there are alice, nobody", name)
	}
	return attributes, nil
}

// Env implements steps.Target.
func (stubbed) Env(name string) (string, bool) {
	value, ok := map[string]string{"API_KEY": "key-from-env", "FLOW": "sign-on", "EMPTY": ""}[name]
	return value, ok
}

// user is a person with these attributes.
type user map[string]string

// Lookup implements steps.User.
func (u user) Lookup(attribute string) (string, bool) { v, ok := u[attribute]; return v, ok }

// Names implements steps.User.
func (u user) Names() []string {
	if len(u) == 0 {
		return nil
	}
	return []string{"code", "facebookToken", "googleToken", "password", "username"}
}

// Secrets implements steps.User.
func (u user) Secrets() []string { return []string{u["password"]} }

// service answers requests one after the other and keeps what was sent.
type service struct {
	answers  []httpmock.Responder
	requests []*http.Request
	bodies   []string
}

// RoundTrip implements http.RoundTripper.
func (s *service) RoundTrip(r *http.Request) (*http.Response, error) {
	n := len(s.requests)
	s.requests = append(s.requests, r)
	body := ""
	if r.Body != nil {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		body = string(text)
		r.Body = io.NopCloser(strings.NewReader(body))
	}
	s.bodies = append(s.bodies, body)
	mock := httpmock.NewMockTransport()
	mock.RegisterNoResponder(s.answers[min(n, len(s.answers)-1)])
	return mock.RoundTrip(r)
}

func answering(answers ...httpmock.Responder) []httpmock.Responder { return answers }

// says answers with a body and, where they are given, cookies.
func says(status int, body string, cookies ...string) httpmock.Responder {
	r := httpmock.NewStringResponse(status, body)
	r.Header["Set-Cookie"] = cookies
	return httpmock.ResponderFromResponse(r)
}

// form is a JSON screen with the given fields.
func form(fields ...string) string {
	return `{"interactionId":"i-1","interactionToken":"tok-1","id":"node000001","connectionId":"conn1",` +
		`"capabilityName":"customHTMLTemplate","success":true,"_links":{"next":{"href":` +
		`"https://auth.example.test/env-1/davinci/connections/conn1/capabilities/customHTMLTemplate"}},` +
		`"form":{"name":"Sign On Form","description":"","category":"CUSTOM_HTML","components":{"fields":[` +
		strings.Join(fields, ",") + `]}}}`
}

// page is a detailed screen with this HTML.
func page(html string) string {
	return `{"id":"node000001","connectionId":"conn1","capabilityName":"customHTMLTemplate","interactionId":"i-1",` +
		`"interactionToken":"tok-1","screen":{"properties":{"nodeTitle":{"value":"Sign On Form"},` +
		`"formFieldsList":{"value":[{"propertyName":"username","displayName":"Username"}]},` +
		`"customHTML":{"value":"` + html + `"}}}}`
}

// The bodies that rows share.
const (
	username = `{"type":"TEXT","key":"username","label":"Username","required":true}`
	password = `{"type":"PASSWORD","key":"password","label":"Password"}`
	signOn   = `{"type":"SUBMIT_BUTTON","key":"SIGNON","label":"Sign On"}`
	register = `{"type":"FLOW_BUTTON","key":"REGISTER","label":"No account?"}`
	polling  = `{"type":"POLLING","key":"poll","pollInterval":"1000","pollRetries":"3"}`

	done    = `{"id":"node000009","capabilityName":"returnSuccessResponseRedirect","authorizeResponse":{"code":"c-1"}}`
	refused = `{"id":"node000002","interactionId":"i-1","capabilityName":"checkPassword","code":" invalidValue",` +
		`"message":" Invalid username and/or password"}`
	rewound  = `{"id":"node000003","eventName":"rewindStateToLastRenderedUI","success":true}`
	timedOut = `{"id":"node000004","code":"requestTimedOut","message":"Request timed out."}`
	expired  = `{"code":1999,"message":"Unauthorized!"}`
)

// signOnScreen is what most rows begin with.
func signOnScreen() httpmock.Responder {
	return says(http.StatusOK, form(username, password, signOn, register))
}
