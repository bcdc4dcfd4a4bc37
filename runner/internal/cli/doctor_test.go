package cli_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	"flowtest/recordings"
	"flowtest/runner/internal/target"
	"flowtest/runner/internal/tenant/fake"
)

// tenantFolder starts a server that replays the shipped recordings with a tenant beside
// them, and returns a folder with a live target for it.
func tenantFolder(t *testing.T) (dir string, tenant *fake.Tenant) {
	t.Helper()
	flows, err := recordings.LoadAll(recordings.Shipped(), ".")
	require.NoError(t, err)
	replay, err := mockserver.New(mockserver.Config{Flows: flows, Users: target.Demo()})
	require.NoError(t, err)
	var to atomic.Pointer[fake.Tenant]
	dir, base := overTLS(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v1/") || fake.IsToken(r) {
			to.Load().ServeHTTP(w, r)
			return
		}
		replay.ServeHTTP(w, r)
	}), "")
	const policy = "5012727d02503c3c246e6a660e020812" // of the shipped sign-on
	tenant = fake.New(fake.Config{
		Base: base, Environment: mockserver.DefaultEnvironment, RedirectURI: "https://app.example.test/callback",
		Policies: map[string]string{"sign-on": policy},
	})
	to.Store(tenant)
	path := filepath.Join(dir, "flowtest.yaml")
	config, err := os.ReadFile(path)
	require.NoError(t, err)
	text := strings.ReplaceAll(string(config), base+"/as", base+"/"+mockserver.DefaultEnvironment+"/as")
	text = strings.Replace(text, "{sign-on: policy}", "{sign-on: "+policy+"}", 1)
	staging := text[strings.Index(text, "  staging:"):]
	worker := "    worker: {clientId: " + fake.WorkerID + ", clientSecret: \"${WORKER_SECRET}\", apiUrl: \"" + base + "/v1\"}\n"
	text += worker + strings.Replace(staging, "  staging:", "  production:", 1) + worker +
		strings.Replace(staging, "  staging:", "  bare:", 1)
	write(t, dir, map[string]string{"flowtest.yaml": text})
	return dir, tenant
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	dir, tenant := tenantFolder(t)
	env := map[string]string{"WORKER_SECRET": fake.WorkerSecret}
	doctor := func(args ...string) said {
		return command(t.Context(), dir, env, append([]string{"doctor"}, args...)...)
	}

	got := doctor("--target", "staging")
	assert.Equal(t, 0, got.code, got.out+got.errors)
	assert.Contains(t, got.out, "\n24 checks: 24 hold\n")
	assert.Empty(t, got.errors)
	got = doctor("--target", "staging", "--against", "production")
	assert.Equal(t, 0, got.code, got.out+got.errors)
	assert.Contains(t, got.out, "\n24 checks: 24 hold · 0 differences from production\n")
	got = doctor("--target", "bare")
	assert.Equal(t, 0, got.code, got.out+got.errors)
	assert.Contains(t, got.out, "\n3 checks: 2 hold · 1 not looked at\n")

	tenant.Refuse("/billOfMaterials", 1, http.StatusForbidden, "ACCESS_FAILED", "No access.", "")
	got = doctor("--target", "staging", "--format", "markdown")
	assert.Equal(t, 4, got.code, got.out)
	assert.Contains(t, got.out, `needs the role "Environment Admin Read Only"`)
	tenant.Change(tenant.AppPath(), func(app any) any {
		app.(map[string]any)["enabled"] = false //nolint:errcheck,forcetypeassert // it is an object
		return app
	})
	got = doctor("--target", "staging", "--format", "junit")
	assert.Equal(t, 1, got.code, got.out)
	assert.Contains(t, got.out, `failures="1"`)
	assert.Empty(t, tenant.Written())
	for _, hidden := range []string{fake.WorkerSecret, "demo-worker-token"} {
		assert.NotContains(t, got.out+got.errors, hidden)
	}

	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"an unknown format": {
			[]string{"--target", "staging", "--format", "yaml"},
			`error: --format "yaml", want text, markdown, json or junit`,
		},
		"against a target without a worker app": {
			[]string{"--target", "staging", "--against", "bare"},
			`error: doctor --against compares what worker apps read, and the target "bare" has none`,
		},
		"a target that does not exist": {[]string{"--target", "stagign"}, `error: target "stagign" is not defined`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := doctor(test.args...)
			assert.Equal(t, 2, got.code)
			assert.Contains(t, got.errors, test.want)
		})
	}
	got = command(t.Context(), t.TempDir(), nil, "doctor")
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.errors, `doctor needs a live target, and "replay" replays`)
}

func TestServeTenant(t *testing.T) {
	t.Parallel()
	s := serve(t, "--tenant")
	all := strings.Join(s.out, "\n")
	base := regexp.MustCompile(`the management API is at (\S+)/v1, for the worker app (\S+) with the secret (\S+)`).FindStringSubmatch(all)
	require.NotNil(t, base, all)
	dir := t.TempDir()
	write(t, dir, map[string]string{"flowtest.yaml": "targets:\n  local:\n    type: live\n    baseUrl: " + base[1] + "/" +
		mockserver.DefaultEnvironment + "/as\n    clientId: any\n    redirectUri: https://app.example.com/callback\n" +
		"    flows: {sign-on: 5012727d02503c3c246e6a660e020812}\n" +
		"    worker: {clientId: " + base[2] + ", clientSecret: \"${WORKER_SECRET}\", apiUrl: \"" + base[1] + "/v1\"}\n"})
	got := command(t.Context(), dir, map[string]string{"WORKER_SECRET": base[3]}, "doctor")
	assert.Equal(t, 0, got.code, got.out+got.errors)
	assert.Contains(t, got.out, "\n24 checks: 24 hold\n")
}

// A start that the set-up of the environment makes impossible names the command.
func TestRunNamesDoctor(t *testing.T) {
	t.Parallel()
	dir, _ := overTLS(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"code":"INVALID_REQUEST","message":"Invalid DV Flow Policy ID: policy"}`))
	}), "")
	write(t, dir, map[string]string{"features/a.feature": "Feature: A\n  Scenario: B\n    Given the flow \"sign-on\"\n" +
		"    When I start the flow\n    Then the flow pauses\n"})
	got := command(t.Context(), dir, nil, "run", "--target", "staging")
	assert.Equal(t, 4, got.code, got.out)
	assert.Contains(t, got.out, "flowtest doctor --target staging checks the set-up of the environment")
}
