package mockserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/recordings"
)

// sdkFolder holds the web SDK, as npm ci puts it there, and the script that drives it.
const sdkFolder = "testdata/sdk"

// appRedirect is where the apps of these tests would be sent. Nothing is there.
const appRedirect = "https://app.example.com/callback"

// sdkCollectors is what the SDK has to make of each type of field. A type that
// it does not know keeps its name.
var sdkCollectors = map[string][]string{
	"TEXT":                  {"TextCollector"},
	"PASSWORD":              {"PasswordCollector"},
	"PASSWORD_VERIFY":       {"ValidatedPasswordCollector"},
	"SUBMIT_BUTTON":         {"SubmitCollector"},
	"FLOW_BUTTON":           {"FlowCollector"},
	"FLOW_LINK":             {"FlowCollector"},
	"LABEL":                 {"ReadOnlyCollector", "RichTextCollector"},
	"DROPDOWN":              {"SingleSelectCollector"},
	"RADIO":                 {"SingleSelectCollector"},
	"COMBOBOX":              {"MultiSelectCollector"},
	"CHECKBOX":              {"MultiSelectCollector"},
	"SINGLE_CHECKBOX":       {"BooleanCollector", "ValidatedBooleanCollector"},
	"PHONE_NUMBER":          {"PhoneNumberCollector", "PhoneNumberExtensionCollector"},
	"DEVICE_REGISTRATION":   {"DeviceRegistrationCollector"},
	"DEVICE_AUTHENTICATION": {"DeviceAuthenticationCollector"},
	"SOCIAL_LOGIN_BUTTON":   {"IdpCollector"},
	"PROTECT":               {"ProtectCollector"},
	"POLLING":               {"PollingCollector"},
	"FIDO2":                 {"FidoRegistrationCollector", "FidoAuthenticationCollector"},
	"QR_CODE":               {"QrCodeCollector"},
	"AGREEMENT":             {"ReadOnlyCollector"},
	"IMAGE":                 {"ImageCollector"},
}

// An sdkLine is what the script prints after a step: the SDK's own node.
type sdkLine struct {
	Do            string
	Handled       bool // whether the last response changed the node
	Status        string
	HTTPStatus    int
	ID            string
	InteractionID string
	Form          string
	Action        string
	Collectors    []struct {
		Type, Name, Error string
		RetriesRemaining  *int
	}
	Error  *struct{ Message string }
	Code   string
	Poll   string
	Tokens *struct{ AccessToken, IDToken string }
	User   map[string]any
	Thrown string // in the place of the rest: the plan could not be followed
}

// TestWebSDK drives the web SDK in Node. Its tests are skipped where Node or the
// SDK is missing.
func TestWebSDK(t *testing.T) {
	t.Parallel()
	node := findNode(t)
	for name, journey := range sdkJourneys {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := newSite(t)
			plan := site.plan(name, journey)
			lines := runNode(t, node, plan)
			site.explain(t)
			site.check(t, journey, plan, lines)
			for _, seen := range site.seen() {
				assert.Empty(t, seen.cookies, "Node's fetch keeps no cookies, so the sign-on hangs on the headers: %s", seen)
			}
		})
	}
}

// findNode returns the Node that runs the script, and skips the test where the
// script cannot run.
func findNode(t *testing.T) string {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	for _, name := range []string{"@forgerock/davinci-client", "@forgerock/oidc-client", "esbuild"} {
		if _, err := os.Stat(filepath.Join(sdkFolder, "node_modules", filepath.FromSlash(name))); err != nil {
			t.Skip("mockserver/" + sdkFolder + ": run npm ci there")
		}
	}
	return node
}

// runNode runs a plan in Node and returns the lines that it printed.
func runNode(t *testing.T, node string, plan *sdkPlan) []sdkLine {
	t.Helper()
	input, err := json.Marshal(plan)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, node, "node.mjs")
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = sdkFolder, bytes.NewReader(input), &stdout, &stderr
	cmd.WaitDelay = 5 * time.Second
	require.NoError(t, cmd.Run(), "%s", &stderr)
	var lines []sdkLine
	for text := range strings.Lines(stdout.String()) {
		lines = append(lines, readLine(t, []byte(text)))
	}
	return lines
}

func readLine(t *testing.T, text []byte) sdkLine {
	t.Helper()
	var line sdkLine
	require.NoError(t, json.Unmarshal(text, &line), "%s", text)
	return line
}

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
	flows, err := recordings.LoadAll(recordings.Shipped(), ".")
	require.NoError(t, err)
	mock, err := mockserver.New(mockserver.Config{
		Flows: flows, Users: map[string]map[string]string{"alice": alice},
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

// An sdkPlan is what the script is handed.
type sdkPlan struct {
	Name        string            `json:"name"`
	Issuer      string            `json:"-"`
	WellKnown   string            `json:"wellknown"`
	ClientID    string            `json:"clientId"`
	RedirectURI string            `json:"redirectUri"`
	Scope       string            `json:"scope"`
	Query       map[string]string `json:"query,omitempty"`
	Steps       []sdkStep         `json:"steps"`
}

// plan says for the script how to go through a journey at this site.
func (s *site) plan(name string, j sdkJourney) *sdkPlan {
	issuer := s.environment() + "/as"
	if j.customDomain {
		issuer = s.URL + "/as"
	}
	flow := s.flows[j.flow]
	plan := &sdkPlan{
		Name: name, Issuer: issuer, WellKnown: issuer + "/.well-known/openid-configuration",
		ClientID: flow.Client, RedirectURI: appRedirect, Scope: "openid profile email",
		Query: j.query, Steps: j.steps,
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

// check holds what the SDK said against the recording, line by line.
func (s *site) check(t *testing.T, j sdkJourney, plan *sdkPlan, lines []sdkLine) {
	t.Helper()
	before := sdkLine{}
	for i, step := range j.steps {
		require.Greater(t, len(lines), i, "the script ended before step %d, %s %s", i, step.Do, step.Key)
		line := lines[i]
		require.Empty(t, line.Thrown, "step %d, %s %s", i, step.Do, step.Key)
		require.Equal(t, step.Do, line.Do)
		switch step.Do {
		case "exchange":
			s.checkTokens(t, plan, line)
		case "userinfo":
			s.checkUser(t, plan, lines[i-1], line)
		default:
			s.checkHop(t, j.flow, step, before, line)
		}
		before = line
	}
	assert.Len(t, lines, len(j.steps), "the script went on")
}

// checkHop checks that the SDK's node is made from the recorded hop's answer.
func (s *site) checkHop(t *testing.T, flow string, step sdkStep, before, got sdkLine) {
	t.Helper()
	at := step.Do + " " + step.Key + ": " + step.hop
	answer := s.hop(t, flow, step.hop).Answer()
	if step.status == "ignored" {
		assert.False(t, got.Handled, "%s: the SDK read it after all", at)
		assert.Equal(t, before.ID, got.ID, at)
		return
	}
	require.True(t, got.Handled, "%s: the SDK could not read the answer and stays at %s", at, got.ID)
	require.Equal(t, step.status, got.Status, "%s: %v", at, got.Error)
	assert.Equal(t, answer.Status, got.HTTPStatus, at)
	body := gjson.ParseBytes(answer.JSON.Text)
	switch step.status {
	case "error", "failure":
		require.NotNil(t, got.Error, at)
		message := body.Get("message")
		if !message.Exists() {
			message = body.Get("error.message")
		}
		assert.Equal(t, message.String(), got.Error.Message, at)
		if step.status == "error" {
			assert.Equal(t, before.ID, got.ID, "%s: an error leaves the screen", at)
		} else {
			assert.Empty(t, got.ID, "%s: a failure leaves nothing", at)
		}
	case "success":
		assert.Equal(t, body.Get("id").String(), got.ID, at)
		assert.NotEmpty(t, got.Code, at)
	case "continue":
		if step.Do == "poll" {
			checkPoll(t, at, before, got)
			return
		}
		assert.Equal(t, body.Get("id").String(), got.ID, at)
		assert.Equal(t, body.Get("form.name").String(), got.Form, at)
		checkCollectors(t, at, body.Get("form.components.fields").Array(), got)
	}
	if before.InteractionID != "" && got.InteractionID != "" && step.Do != "start" {
		assert.Equal(t, before.InteractionID, got.InteractionID, "%s: the sign-on changed", at)
	}
}

// checkPoll checks that the flow was rewound: the screen stays, with one try less.
func checkPoll(t *testing.T, at string, before, got sdkLine) {
	t.Helper()
	assert.Equal(t, "continue", got.Poll, at)
	assert.Equal(t, before.ID, got.ID, at)
	left := func(line sdkLine) int {
		for _, c := range line.Collectors {
			if c.RetriesRemaining != nil {
				return *c.RetriesRemaining
			}
		}
		return -1
	}
	assert.Equal(t, left(before)-1, left(got), "%s: the tries that are left", at)
}

// checkCollectors checks that the SDK has a collector for every field, of the
// right type and without a complaint.
func checkCollectors(t *testing.T, at string, fields []gjson.Result, got sdkLine) {
	t.Helper()
	require.Len(t, got.Collectors, len(fields), at)
	action := ""
	for i, field := range fields {
		kind, c := field.Get("type").String(), got.Collectors[i]
		if action == "" && kind == "SUBMIT_BUTTON" {
			action = field.Get("key").String()
		}
		if want, known := sdkCollectors[kind]; known {
			assert.Contains(t, want, c.Type, "%s: field %d, %s", at, i, kind)
			assert.Empty(t, c.Error, "%s: field %d, %s", at, i, kind)
		} else {
			assert.Equal(t, kind, c.Type, "%s: field %d", at, i)
		}
	}
	assert.Equal(t, action, got.Action, "%s: the action key", at)
}

// checkTokens checks that an app which verifies through discovery and the JWKS
// accepts both tokens.
func (s *site) checkTokens(t *testing.T, plan *sdkPlan, got sdkLine) {
	t.Helper()
	require.NotNil(t, got.Tokens)
	ctx := oidc.ClientContext(t.Context(), s.Client())
	provider, err := oidc.NewProvider(ctx, plan.Issuer)
	require.NoError(t, err)
	idToken, err := provider.Verifier(&oidc.Config{ClientID: plan.ClientID}).Verify(ctx, got.Tokens.IDToken)
	require.NoError(t, err, "the id token")
	assert.NotEmpty(t, idToken.Subject)
	_, err = provider.Verifier(&oidc.Config{SkipClientIDCheck: true}).Verify(ctx, got.Tokens.AccessToken)
	require.NoError(t, err, "the access token")
}

// checkUser checks that the claims are about the user of the tokens.
func (s *site) checkUser(t *testing.T, plan *sdkPlan, exchanged, got sdkLine) {
	t.Helper()
	ctx := oidc.ClientContext(t.Context(), s.Client())
	provider, err := oidc.NewProvider(ctx, plan.Issuer)
	require.NoError(t, err)
	idToken, err := provider.Verifier(&oidc.Config{ClientID: plan.ClientID}).Verify(ctx, exchanged.Tokens.IDToken)
	require.NoError(t, err)
	assert.Equal(t, idToken.Subject, got.User["sub"])
	assert.Equal(t, alice["username"], got.User["preferred_username"])
	assert.Equal(t, alice["email"], got.User["email"])
}

// TestWebSDKJourneysCoverEveryField keeps the journeys complete where the
// recordings grow.
func TestWebSDKJourneysCoverEveryField(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	reached := map[string]bool{}
	for _, journey := range sdkJourneys {
		for _, step := range journey.steps {
			if step.hop == "" {
				continue
			}
			if body := s.hop(t, journey.flow, step.hop).Answer().JSON; body != nil {
				for _, field := range gjson.GetBytes(body.Text, "form.components.fields").Array() {
					reached[field.Get("type").String()] = true
				}
			}
		}
	}
	for kind := range sdkCollectors {
		assert.True(t, reached[kind], "no journey of the web SDK shows a field of type %s", kind)
	}
}
