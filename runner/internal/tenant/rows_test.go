package tenant_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/tenant"
	"flowtest/steps/secret"
)

// What can be wrong with a row in more than one way, and what looks wrong and is not.
func TestOtherWaysToBreakARow(t *testing.T) {
	t.Parallel()
	nowhere := map[string]any{"behavior": "ALLOW_NO_ORIGINS"}
	elsewhere := map[string]any{"behavior": "ALLOW_SPECIFIC_ORIGINS", "origins": []any{"https://other.example"}}
	scheduled := map[string]any{"type": "SCHEDULE"}
	wide := map[string]any{"behavior": "ALLOW_SPECIFIC_ORIGINS", "origins": []any{"https://*.example.test"}}
	for name, test := range map[string]struct {
		breaks func(*world)
		not    []string
		line   string
	}{
		"a custom domain": {
			func(w *world) {
				w.before = instead("/openid-configuration", 200, `{"issuer":"https://login.example/as"}`)
			},
			[]string{"discovery: warning"},
			"! discovery: the issuer is https://login.example/as, want",
		},
		"another region": {
			func(w *world) {
				w.before = instead("/openid-configuration", 400, `{"code":"NOT_FOUND"}`)
			},
			[]string{"discovery: fails"},
			"check region (or baseUrl) and environmentId of the target",
		},
		"a page in place of the discovery document": {
			func(w *world) { w.before = instead("/openid-configuration", 200, "<html>") },
			[]string{"discovery: fails"},
			"the answer is not a JSON object with an issuer",
		},
		"no worker app": {
			func(w *world) {
				w.Refuse("token", 1, 400, "unauthorized_client", "The grant type is not allowed", "")
			},
			[]string{"token: fails"},
			"the app has to be enabled and of the type Worker",
		},
		"a secret in the body that the app does not want": {
			func(w *world) {
				w.target.Live.ClientSecret, w.target.Live.ClientAuth = secret.New("secret-of-the-app"), "post"
				w.property(appPath, "tokenEndpointAuthMethod", "CLIENT_SECRET_BASIC")
			},
			[]string{"app.tokenEndpointAuthMethod: fails"},
			"tokenEndpointAuthMethod is CLIENT_SECRET_BASIC, want CLIENT_SECRET_POST",
		},
		"a secret as the app wants it": {
			func(w *world) {
				w.target.Live.ClientSecret = secret.New("secret-of-the-app")
				w.property(appPath, "tokenEndpointAuthMethod", "CLIENT_SECRET_BASIC")
			},
			nil, `✓ app "flowtest": tokenEndpointAuthMethod is CLIENT_SECRET_BASIC`,
		},
		"PKCE of any kind": {
			func(w *world) { w.property(appPath, "pkceEnforcement", "OPTIONAL") },
			nil, "pkceEnforcement is OPTIONAL",
		},
		"PAR that the target sends": {
			func(w *world) {
				w.property(appPath, "parRequirement", "REQUIRED")
				w.target.PAR = true
			},
			nil, "parRequirement is REQUIRED",
		},
		"no redirect URI in the target, and two of the app": {
			func(w *world) {
				w.target.Live.RedirectURI = ""
				w.property(appPath, "redirectUris", []any{"https://a.example/cb", "https://b.example/cb"})
			},
			[]string{"app.redirectUris: warning"},
			"want exactly one, or redirectUri in the target",
		},
		"no origin allowed": {
			func(w *world) { w.property(appPath, "corsSettings", nowhere) },
			[]string{"app.corsSettings: warning"},
			"corsSettings is ALLOW_NO_ORIGINS, want ALLOW_SPECIFIC_ORIGINS with https://app.example.test",
		},
		"another origin allowed": {
			func(w *world) { w.property(appPath, "corsSettings", elsewhere) },
			[]string{"app.corsSettings: warning"},
			"corsSettings is ALLOW_SPECIFIC_ORIGINS https://other.example, want",
		},
		"origins by a pattern": {
			func(w *world) { w.property(appPath, "corsSettings", wide) },
			nil, "corsSettings is ALLOW_SPECIFIC_ORIGINS https://*.example.test",
		},
		"origins of an app for a phone": {
			func(w *world) {
				w.property(appPath, "corsSettings", nil)
				w.target.Platform = "android"
			},
			nil, "23 checks: 23 hold",
		},
		"several policies, and the first by priority": {
			func(w *world) {
				w.target.Live.Flows = nil
				w.Change(appPath+"/flowPolicyAssignments", func(any) any {
					return []any{
						map[string]any{"priority": 2, "flowPolicy": map[string]any{"id": "another"}},
						map[string]any{"priority": 1, "flowPolicy": map[string]any{"id": policy}},
					}
				})
				w.before = instead("/as/authorize", 200, `{"capabilityName":"customForm","id":"a","form":{},"_links":{"next":{"href":"https://auth.example.test/next"}}}`)
			},
			nil, "the flow policy that answers first is " + policy,
		},
		"a flow policy that a clock starts": {
			func(w *world) { w.property("/flowPolicies/"+policy, "trigger", scheduled) },
			[]string{"flowPolicy: fails"},
			"enabled, with the trigger SCHEDULE, want enabled, with the trigger AUTHENTICATION (GET /flowPolicies/",
		},
		"a flow policy of no application": {
			func(w *world) { w.property("/flowPolicies/"+policy, "application", nil) },
			[]string{"flowPolicy: fails"},
			"enabled, with the trigger AUTHENTICATION, of no DaVinci application, want",
		},
		"a DaVinci policy that a clock starts": {
			func(w *world) { w.property(policyPath, "trigger", scheduled) },
			[]string{"davinciPolicy: fails"},
			"enabled, with the trigger SCHEDULE, want enabled, with the trigger AUTHENTICATION (GET " + policyPath,
		},
		"the deployed version by its number": {
			func(w *world) { w.property(policyPath, "flowDistributions", []any{runs(12, 100)}) },
			nil, `it runs version 12 of "sign-on"`,
		},
		"never deployed": {
			func(w *world) { w.property(flowPath, "deployedAt", nil) },
			[]string{"deployment: fails"},
			"it is not deployed, want a deployed version",
		},
		"no log level": {
			func(w *world) { w.property(flowPath, "settings", map[string]any{}) },
			[]string{"logLevel: warning"},
			"settings.logLevel is none, want 2 or more",
		},
		"a start without a capability": {
			func(w *world) { w.before = instead("/as/authorize", 200, `{"id":"a"}`) },
			[]string{"trip: fails"},
			`✗ flow "sign-on": it was answered with 200`,
		},
		"a start of an unknown app": {
			func(w *world) { w.before = instead("/as/authorize", 404, `{"code":"NOT_FOUND","message":"No"}`) },
			[]string{"trip: fails"},
			"the environment has no such app: check clientId and environmentId",
		},
		"a start of a policy that is no PingOne flow policy": {
			func(w *world) { w.before = instead("/as/authorize", 400, `{"code":"UNEXPECTED_ERROR","message":"No"}`) },
			[]string{"trip: fails"},
			"check the trigger of the flow policy: it has to be a PingOne flow policy",
		},
		"a start that the app refuses": {
			func(w *world) { w.before = instead("/as/authorize", 403, `{"code":"ACCESS_FAILED","message":"No"}`) },
			[]string{"trip: fails"},
			"check what the app requires: PKCE, pushed or signed requests",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			test.breaks(w)
			r := tenant.Examine(t.Context(), w.target, w)
			assert.Equal(t, test.not, not(r), text(t, r, "text"))
			assert.Contains(t, text(t, r, "text"), test.line)
		})
	}
}

// A role that is missing for one request, whichever it is, keeps only what needs its answer
// from being looked at, and the report names the role.
func TestARoleThatIsMissingForOneRequest(t *testing.T) {
	t.Parallel()
	well := newWorld(t)
	tenant.Examine(t.Context(), well.target, well)
	asked := map[string]bool{}
	for _, one := range well.asked {
		if path, ok := strings.CutPrefix(one, "GET /v1/environments/"+environment); ok {
			asked[path] = true
		}
	}
	require.Len(t, asked, 9, "the requests of the table, and the scopes of a resource")
	needs := map[string]int{ // checks that cannot be made; of all others one
		appPath: 10, flowPath: 4,
		policyPath: 6, // with the flows that it runs
	}
	for _, path := range slices.Sorted(maps.Keys(asked)) {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Refuse(path, 1, http.StatusForbidden, "ACCESS_FAILED", "You do not have access.", "")
			r := tenant.Examine(t.Context(), w.target, w)
			assert.Equal(t, 1, r.Count(tenant.Unseen), text(t, r, "text"))
			assert.Equal(t, 0, r.Count(tenant.Fails))
			assert.Equal(t, 24-max(1, needs[path]), r.Count(tenant.Holds), text(t, r, "text"))
			assert.True(t, r.Blind)
			role := "Environment Admin Read Only"
			if strings.HasPrefix(path, "/davinciApplications") || path == flowPath {
				role = "DaVinci Admin Read Only"
			}
			assert.Contains(t, text(t, r, "text"), `needs the role "`+role+`"`)
		})
	}
}

// Each request has a time limit: one that has no answer is said, and the others are made.
func TestAServiceThatHangs(t *testing.T) {
	t.Parallel()
	for ending, want := range map[string]string{
		"/openid-configuration": "discovery: not looked at",
		"/as/token":             "token: not looked at",
		"/billOfMaterials":      "davinci: not looked at",
		"/grants":               "scopes: not looked at",
		"/as/authorize":         "trip: not looked at",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.hangs = ending
				began := time.Now()
				r := tenant.Examine(t.Context(), w.target, w)
				assert.Equal(t, []string{want}, not(r), text(t, r, "text"))
				assert.Less(t, time.Since(began), 2*time.Minute)
				assert.True(t, r.Blind)
			})
		})
	}
}
