package target_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/target"
)

func TestPrecedence(t *testing.T) {
	const (
		header   = "targets:\n  a:\n    type: live\n"
		clientID = "    clientId: file-app\n"
		region   = "    region: EU\n"
		base     = "    baseUrl: https://file.example.com/as\n"
		fileID   = "    environmentId: " + environmentID + "\n"
		least    = header + clientID + base
	)
	id := func(l *target.Live) string { return l.EnvironmentID }
	authorize := func(l *target.Live) string { return l.Authorize }
	issuer := func(l *target.Live) string { return l.Issuer }
	client := func(l *target.Live) string { return l.ClientID }
	clientSecret := func(l *target.Live) string { return l.ClientSecret.Reveal() }
	redirect := func(l *target.Live) string { return l.RedirectURI }
	scopes := func(l *target.Live) string { return strings.Join(l.Scopes, ";") }
	tests := map[string]struct {
		text string
		env  map[string]string
		got  func(*target.Live) string
		want string
	}{
		"the region of the file": {
			header + clientID + region + fileID, nil,
			authorize, "https://auth.pingone.eu/" + environmentID + "/as/authorize",
		},
		"FLOWTEST_REGION over the file's region": {
			header + clientID + region + fileID,
			map[string]string{"FLOWTEST_REGION": "au"},
			authorize, "https://auth.pingone.com.au/" + environmentID + "/as/authorize",
		},
		"FLOWTEST_REGION over the file's baseUrl": {
			header + clientID + base + fileID,
			map[string]string{"FLOWTEST_REGION": "NA"},
			authorize, "https://auth.pingone.com/" + environmentID + "/as/authorize",
		},
		"FLOWTEST_REGION where the file has neither": {
			header + clientID + fileID,
			map[string]string{"FLOWTEST_REGION": "SG"},
			authorize, "https://auth.pingone.sg/" + environmentID + "/as/authorize",
		},
		"the baseUrl of the file": {
			least, nil, authorize, "https://file.example.com/as/authorize",
		},
		"FLOWTEST_BASE_URL over the file's baseUrl": {
			least,
			map[string]string{"FLOWTEST_BASE_URL": "http://localhost:9/as"},
			authorize, "http://localhost:9/as/authorize",
		},
		"FLOWTEST_BASE_URL over the file's region, and no environment is needed": {
			header + clientID + region,
			map[string]string{"FLOWTEST_BASE_URL": "https://env.example.com/as/"},
			authorize, "https://env.example.com/as/authorize",
		},
		"an empty variable is none": {
			least,
			map[string]string{"FLOWTEST_REGION": "", "FLOWTEST_BASE_URL": "", "FLOWTEST_CLIENT_ID": ""},
			authorize, "https://file.example.com/as/authorize",
		},
		"discovery follows what wins": {
			least + "    discovery: true\n",
			map[string]string{"FLOWTEST_BASE_URL": "https://env.example.com/as/"},
			issuer, "https://env.example.com/as",
		},
		"discovery is off by itself": {least, nil, issuer, ""},
		"discovery can be turned off": {
			least + "    discovery: false\n", nil, issuer, "",
		},
		"the environment of the file": {least + fileID, nil, id, environmentID},
		"FLOWTEST_ENVIRONMENT_ID over the file": {
			least + fileID, map[string]string{"FLOWTEST_ENVIRONMENT_ID": otherID}, id, otherID,
		},
		"FLOWTEST_ENVIRONMENT_ID over PINGONE_ENVIRONMENT_ID": {
			least,
			map[string]string{"FLOWTEST_ENVIRONMENT_ID": otherID, "PINGONE_ENVIRONMENT_ID": environmentID},
			id, otherID,
		},
		"the file over PINGONE_ENVIRONMENT_ID": {
			least + fileID, map[string]string{"PINGONE_ENVIRONMENT_ID": otherID}, id, environmentID,
		},
		"PINGONE_ENVIRONMENT_ID over nothing": {
			least, map[string]string{"PINGONE_ENVIRONMENT_ID": otherID}, id, otherID,
		},
		"no environment beside a baseUrl": {least, nil, id, ""},
		"the app of the file":             {least, nil, client, "file-app"},
		"FLOWTEST_CLIENT_ID over the file": {
			least, map[string]string{"FLOWTEST_CLIENT_ID": "env-app"}, client, "env-app",
		},
		"PINGONE_CLIENT_ID is never read": {
			least, map[string]string{"PINGONE_CLIENT_ID": "worker"}, client, "file-app",
		},
		"no secret": {least, nil, clientSecret, ""},
		"the secret of the file": {
			least + "    clientSecret: ${S}\n", map[string]string{"S": "file-secret"}, clientSecret, "file-secret",
		},
		"FLOWTEST_CLIENT_SECRET over the file, whose own variable need not be set": {
			least + "    clientSecret: ${S}\n",
			map[string]string{"FLOWTEST_CLIENT_SECRET": "env-secret"},
			clientSecret, "env-secret",
		},
		"PINGONE_CLIENT_SECRET is never read": {
			least, map[string]string{"PINGONE_CLIENT_SECRET": "worker"}, clientSecret, "",
		},
		"no redirect": {least, nil, redirect, ""},
		"the redirect of the file": {
			least + "    redirectUri: https://file.example.com/cb\n", nil, redirect, "https://file.example.com/cb",
		},
		"FLOWTEST_REDIRECT_URI over the file": {
			least + "    redirectUri: https://file.example.com/cb\n",
			map[string]string{"FLOWTEST_REDIRECT_URI": "https://env.example.com/cb"},
			redirect, "https://env.example.com/cb",
		},
		"the default scope":      {least, nil, scopes, "openid"},
		"the scopes of the file": {least + "    scopes: [a, b]\n", nil, scopes, "a;b"},
		"FLOWTEST_SCOPES over the file, whose own variable need not be set": {
			least + "    scopes: ['${A}']\n",
			map[string]string{"FLOWTEST_SCOPES": " openid  email "},
			scopes, "openid;email",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := choose(t, tc.text, "", tc.env)
			require.NoError(t, err)
			assert.Equal(t, tc.want, tc.got(got.Live))
		})
	}
}

// A replay asks as a platform too, and pushes its requests.
func TestHowJourneysOfATargetStart(t *testing.T) {
	for name, row := range map[string]struct {
		text     string
		env      map[string]string
		platform string
		par      bool
		origin   string
	}{
		"a live target":                   {"    type: live\n    clientId: a\n    baseUrl: https://a.example.com/as\n    platform: ios\n    origin: https://b.example.com\n    par: true\n", nil, "ios", true, "https://b.example.com"},
		"a replay":                        {"    type: replay\n    platform: android\n    origin: http://localhost:3000\n    par: true\n", nil, "android", true, "http://localhost:3000"},
		"nothing":                         {"    type: replay\n    par: false\n", nil, "", false, ""},
		"FLOWTEST_PLATFORM over the file": {"    type: replay\n    platform: ios\n", map[string]string{"FLOWTEST_PLATFORM": "android"}, "android", false, ""},
		"FLOWTEST_ORIGIN over the file":   {"    type: replay\n    origin: https://a.example.com\n", map[string]string{"FLOWTEST_ORIGIN": "https://b.example.com"}, "", false, "https://b.example.com"},
	} {
		got, err := choose(t, "targets:\n  a:\n"+row.text, "", row.env)
		require.NoError(t, err, name)
		assert.Equal(t, row.platform, got.Platform, name)
		assert.Equal(t, row.par, got.PAR, name)
		assert.Equal(t, row.origin, got.Origin, name)
	}
	_, err := load("targets:\n  a:\n    type: replay\n    platform: web\n    par: maybe\n", nil)
	require.EqualError(t, err, `flowtest.yaml:4:15: targets.a.platform "web" is not a platform, want javascript, android or ios`+"\n"+
		`flowtest.yaml:5:10: targets.a.par is text, want true or false: write one of them without quotes`)
}

func TestTheWorkerAppIsNoApp(t *testing.T) {
	_, err := choose(t, "targets: {a: {type: live, baseUrl: 'https://auth.example.com/as'}}", "",
		map[string]string{"PINGONE_CLIENT_ID": "worker", "PINGONE_CLIENT_SECRET": "hunter2"})
	assert.Equal(t, []string{"flowtest.yaml:1:11: targets.a has no clientId, want the id of the app: " +
		"write it there or set FLOWTEST_CLIENT_ID"}, mistakes(t, err))
}
