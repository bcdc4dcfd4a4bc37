package tenant_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/tenant"
	"flowtest/runner/internal/tenant/fake"
	"flowtest/steps/secret"
)

const (
	appPath    = "/applications/" + clientID
	policyPath = "/davinciApplications/" + fake.Application + "/flowPolicies/" + policy
)

var flowPath = "/flows/" + fake.FlowID(policy)

func TestEverythingHolds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := tenant.Examine(t.Context(), w.target, w)
	assert.Empty(t, not(r), text(t, r, "text"))
	assert.Equal(t, "24 checks: 24 hold", r.Summary())
	assert.False(t, r.Blind)
	assert.Equal(t, 1, w.Issued(), "one token is enough")
	assert.Empty(t, w.Written())
	for _, asked := range w.asked {
		assert.True(t, strings.HasPrefix(asked, "GET ") || asked == "POST /"+environment+"/as/token", asked)
	}
}

// Each row of the check, broken once: the checks that say so, and a line of the text.
func TestEachRowBroken(t *testing.T) { //nolint:maintidx // a table
	t.Parallel()
	nothing := func(any) any { return nil }
	for name, test := range map[string]struct {
		breaks func(*world)
		not    []string
		line   string
	}{
		"another issuer": {
			func(w *world) {
				w.before = instead("/openid-configuration", 200, `{"issuer":"https://x.example/other"}`)
			},
			[]string{"discovery: fails"},
			"✗ discovery: the issuer is https://x.example/other, want a discovery document with the issuer " + base + "/" + environment +
				"/as (GET …/as/.well-known/openid-configuration)",
		},
		"no such environment": {
			func(w *world) { w.before = instead("/openid-configuration", 404, `{"code":"NOT_FOUND"}`) },
			[]string{"discovery: fails"},
			"✗ discovery: it was answered with 404, want",
		},
		"a wrong secret": {
			func(w *world) { w.target.Live.Worker.ClientSecret = secret.New("another-secret-1") },
			[]string{"token: fails"},
			"was answered with 401 invalid_client: Request denied",
		},
		"no DaVinci": {
			func(w *world) {
				w.property("/billOfMaterials", "products", []any{map[string]any{"type": "PING_ONE_BASE"}})
			},
			[]string{"davinci: fails"},
			"✗ services: the services are PING_ONE_BASE, want PING_ONE_DAVINCI among them (GET /billOfMaterials)",
		},
		"no such app": {
			func(w *world) { w.Change(appPath, nothing) },
			[]string{"app: fails"},
			"✗ app: the environment has no app with the id " + clientID,
		},
		"a SAML app": {
			func(w *world) { w.property(appPath, "protocol", "SAML") },
			[]string{"app.protocol: fails"},
			`✗ app "flowtest": protocol is SAML, want OPENID_CONNECT`,
		},
		"a disabled app": {
			func(w *world) { w.property(appPath, "enabled", false) },
			[]string{"app.enabled: fails"},
			`✗ app "flowtest": enabled is false, want true`,
		},
		"no authorization code": {
			func(w *world) { w.property(appPath, "grantTypes", []any{"IMPLICIT"}) },
			[]string{"app.grantTypes: fails"},
			"grantTypes is IMPLICIT, want AUTHORIZATION_CODE among them",
		},
		"no response type": {
			func(w *world) { w.property(appPath, "responseTypes", []any{}) },
			[]string{"app.responseTypes: fails"},
			"responseTypes is none, want CODE among them",
		},
		"another redirect URI": {
			func(w *world) { w.property(appPath, "redirectUris", []any{"https://other.example/cb"}) },
			[]string{"app.redirectUris: fails"},
			"redirectUris is https://other.example/cb, want " + redirectURI + " among them (GET " + appPath + ")",
		},
		"a wildcard that is not allowed": {
			func(w *world) { w.property(appPath, "redirectUris", []any{"https://*.example.test/callback"}) },
			[]string{"app.redirectUris: fails"},
			"redirectUris is https://*.example.test/callback, want",
		},
		"PKCE of another kind": {
			func(w *world) { w.property(appPath, "pkceEnforcement", "PLAIN_REQUIRED") },
			[]string{"app.pkceEnforcement: fails"},
			"pkceEnforcement is PLAIN_REQUIRED",
		},
		"a secret that the app does not want": {
			func(w *world) { w.target.Live.ClientSecret = secret.New("secret-of-the-app") },
			[]string{"app.tokenEndpointAuthMethod: fails"},
			"tokenEndpointAuthMethod is NONE, want CLIENT_SECRET_BASIC",
		},
		"a secret that the target lacks": {
			func(w *world) { w.property(appPath, "tokenEndpointAuthMethod", "CLIENT_SECRET_BASIC") },
			[]string{"app.tokenEndpointAuthMethod: warning"},
			"! app \"flowtest\": tokenEndpointAuthMethod is CLIENT_SECRET_BASIC, want NONE",
		},
		"PAR": {
			func(w *world) { w.property(appPath, "parRequirement", "REQUIRED") },
			[]string{"app.parRequirement: fails"},
			"parRequirement is REQUIRED, want OPTIONAL, or par: true in the target",
		},
		"signed requests": {
			func(w *world) { w.property(appPath, "requireSignedRequestObject", true) },
			[]string{"app.requireSignedRequestObject: fails"},
			"requireSignedRequestObject is true, want false",
		},
		"no CORS settings": {
			func(w *world) { w.property(appPath, "corsSettings", nil) },
			[]string{"app.corsSettings: warning"},
			"corsSettings is not set, want ALLOW_SPECIFIC_ORIGINS with https://app.example.test",
		},
		"a scope that is not granted": {
			func(w *world) { w.target.Live.Scopes = []string{"openid", "orders"} },
			[]string{"scopes: fails"},
			"✗ scopes: the granted scopes are address, email, openid, phone, profile, want openid, orders granted",
		},
		"a policy that is not assigned": {
			func(w *world) {
				w.Change(appPath+"/flowPolicyAssignments", func(any) any {
					return []any{map[string]any{"priority": 1, "flowPolicy": map[string]any{"id": "another"}}}
				})
			},
			[]string{"assignment: fails"},
			`✗ flow "sign-on": the flow policies of the app are another, want ` + policy + " among them",
		},
		"no policy": {
			func(w *world) { w.Change(appPath+"/flowPolicyAssignments", func(any) any { return []any{} }) },
			[]string{"assignment: fails"},
			"the app has no flow policy: PingOne's own sign-on answers",
		},
		"a sign-on policy": {
			func(w *world) {
				w.Change(appPath+"/signOnPolicyAssignments", func(any) any {
					return []any{map[string]any{"priority": 1, "signOnPolicy": map[string]any{"id": "x"}}}
				})
			},
			[]string{"signOnPolicies: fails"},
			"✗ sign-on policies: 1 assigned to the app, want none",
		},
		"no PingOne flow policy": {
			func(w *world) { w.Change("/flowPolicies/"+policy, nothing) },
			[]string{"flowPolicy: fails"},
			"PingOne has no flow policy " + policy + ", want one (GET /flowPolicies/" + policy + ")",
		},
		"a disabled flow policy": {
			func(w *world) { w.property("/flowPolicies/"+policy, "enabled", false) },
			[]string{"flowPolicy: fails"},
			"disabled, with the trigger AUTHENTICATION, want enabled, with the trigger AUTHENTICATION",
		},
		"no DaVinci policy": {
			func(w *world) { w.Change(policyPath, nothing) },
			[]string{"davinciPolicy: fails"},
			"no DaVinci application has the flow policy " + policy,
		},
		"a disabled DaVinci policy": {
			func(w *world) { w.property(policyPath, "status", "disabled") },
			[]string{"davinciPolicy: fails"},
			`✗ flow "sign-on", policy "sign-on": disabled`,
		},
		"weights": {
			func(w *world) { w.property(policyPath, "flowDistributions", []any{runs(-1, 60)}) },
			[]string{"distribution: fails"},
			`it runs the latest deployed version of "sign-on", the weights add up to 60`,
		},
		"nothing distributed": {
			func(w *world) { w.property(policyPath, "flowDistributions", []any{}) },
			[]string{"distribution: fails"},
			"it runs none, the weights add up to 0",
		},
		"an old version": {
			func(w *world) { w.property(policyPath, "flowDistributions", []any{runs(7, 100)}) },
			[]string{"distribution: warning"},
			"it runs version 7, but version 12 is deployed",
		},
		"no such flow": {
			func(w *world) { w.Change(flowPath, nothing) },
			[]string{"flow: fails"},
			"there is no such flow, want the one that the policy runs (GET " + flowPath + ")",
		},
		"a flow that a clock starts": {
			func(w *world) { w.property(flowPath, "trigger", map[string]any{"type": "SCHEDULE"}) },
			[]string{"flow: fails"},
			`✗ flow "sign-on" in DaVinci: enabled, with the trigger SCHEDULE`,
		},
		"a disabled flow": {
			func(w *world) { w.property(flowPath, "enabled", false) },
			[]string{"flow: fails"},
			`✗ flow "sign-on" in DaVinci: disabled`,
		},
		"not deployed": {
			func(w *world) { w.property(flowPath, "publishedVersion", nil) },
			[]string{"deployment: fails"},
			"it is not deployed, want a deployed version",
		},
		"saved since": {
			func(w *world) { w.property(flowPath, "currentVersion", 14) },
			[]string{"deployment: warning"},
			"version 12 is deployed, but the saved version is 14",
		},
		"lint": {
			func(w *world) {
				w.property(flowPath, "dvlinterErrorCount", 1)
				w.property(flowPath, "graphData", map[string]any{
					"elements": map[string]any{"nodes": []any{}}, "pan": map[string]any{"x": 0, "y": 0}, "zoom": 1,
					"boxSelectionEnabled": true, "panningEnabled": true, "userPanningEnabled": true, "userZoomingEnabled": true,
					"allLinterErrors": []any{map[string]any{
						"code": "dead-end", "nodeId": "abc123", "flowId": fake.FlowID(policy), "type": "error",
						"message": "The node leads nowhere.", "recommendation": "Connect the node.",
					}},
				})
			},
			[]string{"lint: fails"},
			"DaVinci finds 1 errors and 0 warnings in it, dead-end at node abc123, want no error",
		},
		"log level": {
			func(w *world) { w.property(flowPath, "settings", map[string]any{"logLevel": 1}) },
			[]string{"logLevel: warning"},
			"settings.logLevel is 1, want 2 or more",
		},
		"a refused start": {
			func(w *world) {
				w.before = instead("/as/authorize", 400, `{"code":"INVALID_REQUEST","message":"Bad URI"}`)
			},
			[]string{"trip: fails"},
			`✗ flow "sign-on": it was answered with 400 INVALID_REQUEST: Bad URI`,
		},
		"a missing role": {
			func(w *world) { w.Refuse(flowPath, 1, 403, "ACCESS_FAILED", "You do not have access.", "") },
			[]string{"flow: not looked at"},
			`needs the role "DaVinci Admin Read Only"`,
		},
		"a path that does not exist": {
			func(w *world) { w.target.Live.Worker.API = base + "/v1/x" },
			[]string{
				"davinci: not looked at", "app: not looked at", "scopes: not looked at", "signOnPolicies: not looked at",
				"assignment: not looked at", "flowPolicy: not looked at", "davinciPolicy: not looked at",
			},
			"which is how the API answers for an unknown path",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			test.breaks(w)
			r := tenant.Examine(t.Context(), w.target, w)
			assert.Equal(t, test.not, not(r))
			assert.Contains(t, text(t, r, "text"), test.line)
			assert.Equal(t, strings.Contains(strings.Join(test.not, " "), "not looked at"), r.Blind)
			for _, c := range r.Checks {
				assert.Equal(t, c.Verdict != tenant.Holds, c.Mend != "", "%s says what to do, where it does not hold", c.ID)
			}
		})
	}
}

// runs is an entry of a distribution.
func runs(version, weight int) map[string]any {
	return map[string]any{"id": fake.FlowID(policy), "version": version, "weight": weight}
}

// instead answers requests for paths with an ending.
func instead(ending string, status int, body string) func(*http.Request) *http.Response {
	return func(r *http.Request) *http.Response {
		if !strings.HasSuffix(r.URL.Path, ending) {
			return nil
		}
		return &http.Response{
			StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
			Body: io.NopCloser(strings.NewReader(body)),
		}
	}
}

func TestAllowedWildcard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.property(appPath, "redirectUris", []any{"https://*.example.test/callback"})
	w.property(appPath, "allowWildcardInRedirectUris", true)
	assert.Empty(t, not(tenant.Examine(t.Context(), w.target, w)))
	w.property(appPath, "redirectUris", []any{"https://app.example.test/*/callback"})
	assert.Equal(t, []string{"app.redirectUris: fails"}, not(tenant.Examine(t.Context(), w.target, w)))
}

func TestWithoutWorkerApp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.target.Live.Worker = nil
	r := tenant.Examine(t.Context(), w.target, w)
	assert.Equal(t, []string{"token: not looked at"}, not(r))
	assert.False(t, r.Blind, "what the target does not ask for is not missing")
	assert.Equal(t, "3 checks: 2 hold · 1 not looked at", r.Summary())
	assert.Contains(t, text(t, r, "text"), `the app needs the roles "Environment Admin Read Only" and "DaVinci Admin Read Only"`)
}

func TestFaultsOfTheWay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		breaks func(*world)
		not    []string
		tokens int
	}{
		"too many requests":   {func(w *world) { w.Refuse(flowPath, 2, 429, "REQUEST_LIMITED", "Slow.", "7") }, nil, 1},
		"a server in trouble": {func(w *world) { w.Refuse(flowPath, 3, 503, "UNEXPECTED_ERROR", "Later.", "") }, nil, 1},
		"a server that stays in trouble": {
			func(w *world) { w.Refuse(flowPath, 9, 503, "UNEXPECTED_ERROR", "Later.", "") },
			[]string{"flow: not looked at"},
			1,
		},
		"a token that ends in the middle": {
			func(w *world) {
				w.before = func(r *http.Request) *http.Response {
					if strings.HasSuffix(r.URL.Path, "/grants") && w.Issued() == 1 {
						w.Expire()
					}
					return nil
				}
			},
			nil, 2,
		},
		"pages of one entry, the last one empty": {func(w *world) { w.Pages(1) }, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				test.breaks(w)
				r := tenant.Examine(t.Context(), w.target, w)
				assert.Equal(t, test.not, not(r), text(t, r, "text"))
				assert.Equal(t, test.tokens, w.Issued())
			})
		})
	}
}

type lost struct{}

func (lost) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("no route to host")
}

func TestNoNetwork(t *testing.T) {
	t.Parallel()
	r := tenant.Examine(t.Context(), newWorld(t).target, lost{})
	assert.Equal(t, []string{"discovery: not looked at", "token: not looked at", "trip: not looked at"}, not(r))
	assert.True(t, r.Blind)
	assert.Contains(t, text(t, r, "text"), "had no answer: no route to host")
}

func TestNextPageElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.before = instead("/grants", 200, `{"_links":{"next":{"href":"https://evil.example/v1/next"}},"_embedded":{}}`)
	r := tenant.Examine(t.Context(), w.target, w)
	assert.Equal(t, []string{"scopes: not looked at"}, not(r))
	assert.NotContains(t, strings.Join(w.asked, " "), "evil")
}

func TestNoSecretInAnyFormat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Refuse("/billOfMaterials", 1, 400, "BAD", "The token demo-worker-token-1 of "+fake.WorkerSecret+" is odd", "")
	other := newWorld(t)
	other.target.Name = "production"
	r := tenant.Compare(t.Context(), w.target, other.target, w, other)
	require.Contains(t, text(t, r, "text"), "[redacted]")
	for _, format := range []string{"text", "markdown", "json", "junit"} {
		for _, hidden := range []string{
			fake.WorkerSecret, "demo-worker-token-1", "demo-api-key", "demo-oauth-secret", "demo-value-of-a-variable",
		} {
			assert.NotContains(t, text(t, r, format), hidden, format)
		}
	}
}
