package target_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/target"
)

// canary is a secret in every place that can hold one.
const canary = "c4nary"

func canaryTarget(t *testing.T) *target.Target {
	t.Helper()
	env := wholeEnvironment()
	env["FLOWTEST_CLIENT_SECRET"], env["ALICE_PASSWORD"] = canary+"-1", canary+"-2"
	got, err := choose(t, whole, "staging", env)
	require.NoError(t, err)
	require.Equal(t, canary+"-1", got.Live.ClientSecret.Reveal())
	require.Equal(t, []string{canary + "-2"}, got.Users["alice"].Secrets())
	return got
}

// An owner shows what it points to.
type owner struct {
	Target *target.Target
	Live   *target.Live
	File   *target.File
}

// A holder keeps what it is given where fmt cannot ask it how it prints.
type holder struct {
	user  target.User
	live  *target.Live
	users map[string]target.User
	file  *target.File
}

func TestNothingPrintsASecret(t *testing.T) {
	got := canaryTarget(t)
	file, err := load("targets: {r: {type: replay, users: {jo: {password: "+canary+"}}}}", nil)
	require.NoError(t, err)
	values := map[string]any{
		"a target":             got,
		"a target itself":      *got,
		"a live":               got.Live,
		"a live itself":        *got.Live,
		"a user":               got.Users["alice"],
		"users":                got.Users,
		"users in a list":      []target.User{got.Users["alice"]},
		"a file":               file,
		"a file itself":        *file,
		"what points to parts": owner{got, got.Live, file},
		"what hides its parts": holder{got.Users["alice"], got.Live, got.Users, file},
	}
	for name, v := range values {
		t.Run(name, func(t *testing.T) {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
				assert.NotContains(t, fmt.Sprintf(verb, v), canary, verb)
			}
			assert.NotContains(t, fmt.Sprintf("%x", v), fmt.Sprintf("%x", canary))

			encoded, err := json.Marshal(v)
			require.NoError(t, err)
			assert.NotContains(t, string(encoded), canary)

			var log bytes.Buffer
			slog.New(slog.NewTextHandler(&log, nil)).Info("text", "value", v)
			slog.New(slog.NewJSONHandler(&log, nil)).Info("json", "value", v)
			assert.NotContains(t, log.String(), canary)
			assert.NotContains(t, log.String(), "!PANIC")
		})
	}
}

func TestWhatPrintsInstead(t *testing.T) {
	got := canaryTarget(t)
	alice := got.Users["alice"]

	assert.Equal(t, "map[email:alice@example.com password:[redacted] username:alice.live]", fmt.Sprintf("%+v", alice))
	assert.Contains(t, fmt.Sprintf("%s", got.Live), " ClientID:the-app ClientSecret:[redacted] ")
	assert.Contains(t, fmt.Sprint(got), "{Name:staging Live:{Authorize:https://auth.pingone.eu/")

	encoded, err := json.Marshal(alice)
	require.NoError(t, err)
	assert.JSONEq(t, `{"email":"alice@example.com","password":"[redacted]","username":"alice.live"}`, string(encoded))

	encoded, err = json.Marshal(target.NewUser(map[string]string{"password": ""}))
	require.NoError(t, err)
	assert.JSONEq(t, `{"password":""}`, string(encoded), "an empty secret is none")
}

func TestWhatIsLogged(t *testing.T) {
	got := canaryTarget(t)
	replay, err := target.Builtin().Choose("")
	require.NoError(t, err)
	tests := map[string]struct {
		value any
		want  string
	}{
		"a live target": {got, `{"name":"staging","live":{` +
			`"authorize":"https://auth.pingone.eu/` + environmentID + `/as/authorize",` +
			`"issuer":"https://auth.pingone.eu/` + environmentID + `/as",` +
			`"environmentId":"` + environmentID + `","clientId":"the-app","clientSecret":"[redacted]","clientAuth":"",` +
			`"redirectUri":"https://app.example.com/callback","scopes":["openid","profile"],"ca":false,` +
			`"flows":{"other":"the-other-flow","own":"","sign-on":"1f2e3d4c5b6a79880716253443526170"},"hosts":null,"worker":false,"population":"","readOnly":false,"mail":false,"sms":false},"platform":"","origin":"","par":false,` +
			`"users":["alice"]}`},
		"a replay target": {replay, `{"name":"replay","type":"replay","platform":"","origin":"","par":false,"users":["alice"]}`},
		"a user": {
			got.Users["alice"],
			`{"email":"alice@example.com","password":"[redacted]","username":"alice.live"}`,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			slog.New(slog.NewJSONHandler(&log, nil)).Info("", "value", tc.value)
			var line struct{ Value json.RawMessage }
			require.NoError(t, json.Unmarshal(log.Bytes(), &line))
			assert.JSONEq(t, tc.want, string(line.Value))
		})
	}
}
