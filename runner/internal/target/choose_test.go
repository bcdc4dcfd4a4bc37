package target_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/target"
)

// whole is a file that uses every setting.
const whole = `# the targets of the sign-on team
target: replay
features: features
recordings: recordings
targets:
  replay:
    type: replay
    users:
      alice: {username: alice, password: demo-Passw0rd-1}
  staging:
    type: live
    region: eu
    environmentId: ${FLOWTEST_ENVIRONMENT_ID}
    clientId: ${FLOWTEST_CLIENT_ID}
    clientSecret: ${FLOWTEST_CLIENT_SECRET}
    redirectUri: https://app.example.com/callback
    scopes: [openid, profile]
    discovery: true
    flows:
      sign-on: 1f2e3d4c5b6a79880716253443526170
      own: ''
      other: ${OTHER_FLOW}
    users:
      alice: {username: ${ALICE_USERNAME}, password: ${ALICE_PASSWORD}, email: alice@example.com}
`

func wholeEnvironment() map[string]string {
	return map[string]string{
		"FLOWTEST_ENVIRONMENT_ID": environmentID,
		"FLOWTEST_CLIENT_ID":      "the-app",
		"FLOWTEST_CLIENT_SECRET":  "the-secret",
		"OTHER_FLOW":              "the-other-flow",
		"ALICE_USERNAME":          "alice.live",
		"ALICE_PASSWORD":          "live-Passw0rd",
	}
}

func TestChooseLive(t *testing.T) {
	got, err := choose(t, whole, "staging", wholeEnvironment())
	require.NoError(t, err)

	assert.Equal(t, "staging", got.Name)
	require.NotNil(t, got.Live)
	assert.Equal(t, "https://auth.pingone.eu/"+environmentID+"/as/authorize", got.Live.Authorize)
	assert.Equal(t, "https://auth.pingone.eu/"+environmentID+"/as", got.Live.Issuer)
	assert.Equal(t, environmentID, got.Live.EnvironmentID)
	assert.Equal(t, "the-app", got.Live.ClientID)
	assert.Equal(t, "the-secret", got.Live.ClientSecret.Reveal())
	assert.Equal(t, "https://app.example.com/callback", got.Live.RedirectURI)
	assert.Equal(t, []string{"openid", "profile"}, got.Live.Scopes)
	assert.Nil(t, got.Live.CA)
	assert.Equal(t, map[string]string{
		"sign-on": "1f2e3d4c5b6a79880716253443526170", "own": "", "other": "the-other-flow",
	}, got.Live.Flows)
	require.Contains(t, got.Users, "alice")
	assert.Equal(t, map[string]string{
		"username": "alice.live", "password": "live-Passw0rd", "email": "alice@example.com",
	}, attributes(got.Users["alice"]))
}

func TestChooseDefaults(t *testing.T) {
	got, err := choose(t, "targets: {a: {type: live, clientId: app, baseUrl: 'https://auth.example.com/as/'}}", "", nil)
	require.NoError(t, err)
	want := &target.Target{
		Name: "a",
		Live: &target.Live{
			Authorize: "https://auth.example.com/as/authorize",
			ClientID:  "app",
			Scopes:    []string{"openid"},
			Flows:     map[string]string{},
		},
		Users: map[string]target.User{},
	}
	assert.Equal(t, want, got)
}

func TestChooseReplay(t *testing.T) {
	demo := map[string]target.User{"alice": target.NewUser(target.Demo()["alice"])}
	tests := map[string]struct {
		text string
		want map[string]target.User
	}{
		"without users it has the demo users":  {"targets: {r: {type: replay}}", demo},
		"with no one under users it has them":  {"targets: {r: {type: replay, users: {}}}", demo},
		"with users of its own it has no more": {"targets: {r: {type: replay, users: {jo: {otp: '1'}}}}", map[string]target.User{"jo": target.NewUser(map[string]string{"otp": "1"})}},
		"a secret may be written out":          {"targets: {r: {type: replay, users: {jo: {password: x}}}}", map[string]target.User{"jo": target.NewUser(map[string]string{"password": "x"})}},
		"a reference is resolved":              {"targets: {r: {type: replay, users: {jo: {name: '${FLOWTEST_REGION}'}}}}", map[string]target.User{"jo": target.NewUser(map[string]string{"name": "nowhere"})}},
		"a user may have no attributes":        {"targets: {r: {type: replay, users: {jo: {}}}}", map[string]target.User{"jo": target.NewUser(map[string]string{})}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			// What overrides a live target does not concern a replay.
			got, err := choose(t, tc.text, "", map[string]string{"FLOWTEST_REGION": "nowhere", "FLOWTEST_CA": "none.pem"})
			require.NoError(t, err)
			assert.Equal(t, &target.Target{Name: "r", Users: tc.want}, got)
		})
	}
}

func TestWhichTargetIsChosen(t *testing.T) {
	const two = "targets: {a: {type: replay}, b: {type: replay}}\n"
	tests := map[string]struct {
		text, flag, variable string
		want                 string
		wantErr              []string
	}{
		"the flag wins over everything":        {text: "target: a\n" + whole3, flag: "c", variable: "b", want: "c"},
		"the variable wins over the file":      {text: "target: a\n" + whole3, variable: "b", want: "b"},
		"the file says it":                     {text: "target: a\n" + whole3, want: "a"},
		"else the only one":                    {text: "targets: {x: {type: replay}}", want: "x"},
		"else replay":                          {text: "targets: {x: {type: replay}, replay: {type: replay}}", want: "replay"},
		"the variable helps without a default": {text: two, variable: "b", want: "b"},
		"else nothing": {text: two, wantErr: []string{
			"flowtest.yaml has no default target and none called replay, want one of a, b: " +
				"name it with --target, FLOWTEST_TARGET, or target: in the file",
		}},
		"the flag names none": {text: whole, flag: "stagign", variable: "replay", wantErr: []string{
			`target "stagign" is not defined in flowtest.yaml, want one of replay, staging: did you mean "staging"?`,
		}},
		"the variable names none": {text: whole, variable: "hunter2", wantErr: []string{
			`FLOWTEST_TARGET names a target that is not defined in flowtest.yaml, want one of replay, staging`,
		}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := choose(t, tc.text, tc.flag, map[string]string{"FLOWTEST_TARGET": tc.variable})
			assert.Equal(t, tc.wantErr, mistakes(t, err))
			if tc.wantErr == nil && assert.NotNil(t, got) {
				assert.Equal(t, tc.want, got.Name)
			}
		})
	}
}

const whole3 = "targets: {a: {type: replay}, b: {type: replay}, c: {type: replay}}\n"

func TestOnlyTheChosenTargetIsResolved(t *testing.T) {
	f, err := load(whole, nil)
	require.NoError(t, err)

	got, err := f.Choose("replay")
	require.NoError(t, err)
	assert.Nil(t, got.Live)

	_, err = f.Choose("staging")
	want := []string{
		"flowtest.yaml:13:20: targets.staging.environmentId names the variable FLOWTEST_ENVIRONMENT_ID, " +
			"which is not set, want a value: set FLOWTEST_ENVIRONMENT_ID",
		"flowtest.yaml:14:15: targets.staging.clientId names the variable FLOWTEST_CLIENT_ID, " +
			"which is not set, want a value: set FLOWTEST_CLIENT_ID",
		"flowtest.yaml:15:19: targets.staging.clientSecret names the variable FLOWTEST_CLIENT_SECRET, " +
			"which is not set, want a value: set FLOWTEST_CLIENT_SECRET",
		"flowtest.yaml:22:14: targets.staging.flows.other names the variable OTHER_FLOW, " +
			"which is not set, want a value: set OTHER_FLOW",
		"flowtest.yaml:24:25: targets.staging.users.alice.username names the variable ALICE_USERNAME, " +
			"which is not set, want a value: set ALICE_USERNAME",
		"flowtest.yaml:24:54: targets.staging.users.alice.password names the variable ALICE_PASSWORD, " +
			"which is not set, want a value: set ALICE_PASSWORD",
	}
	assert.Equal(t, want, mistakes(t, err))
}

func TestChooseGivesEachCallerItsOwn(t *testing.T) {
	f, err := load(whole, wholeEnvironment())
	require.NoError(t, err)
	first, err := f.Choose("staging")
	require.NoError(t, err)
	first.Live.Scopes[0], first.Live.Flows["own"] = "changed", "changed"
	delete(first.Users, "alice")

	second, err := f.Choose("staging")
	require.NoError(t, err)
	assert.Equal(t, []string{"openid", "profile"}, second.Live.Scopes)
	assert.Empty(t, second.Live.Flows["own"])
	assert.Contains(t, second.Users, "alice")
}

func TestWhatALiveTargetLacks(t *testing.T) {
	tests := map[string]struct {
		text string
		env  map[string]string
		want []string
	}{
		"everything": {
			text: "targets:\n  a:\n    type: live\n",
			want: []string{
				"flowtest.yaml:2:3: targets.a has no region and no baseUrl, want one of them: " +
					"write it there or set FLOWTEST_REGION or FLOWTEST_BASE_URL",
				"flowtest.yaml:2:3: targets.a has no clientId, want the id of the app: " +
					"write it there or set FLOWTEST_CLIENT_ID",
			},
		},
		"an environment for its region": {
			text: "targets: {a: {type: live, region: EU, clientId: app}}\n",
			want: []string{"flowtest.yaml:1:11: targets.a has no environmentId, want one beside a region: " +
				"write it there or set FLOWTEST_ENVIRONMENT_ID"},
		},
		"an environment for the region of the variable": {
			text: "targets: {a: {type: live, baseUrl: 'https://auth.example.com/as', clientId: app}}\n",
			env:  map[string]string{"FLOWTEST_REGION": "EU"},
			want: []string{"flowtest.yaml:1:11: targets.a has no environmentId, want one beside a region: " +
				"write it there or set FLOWTEST_ENVIRONMENT_ID"},
		},
		"sense in its variables, whose values are not shown": {
			text: "targets: {a: {type: live, region: EU, clientId: app}}\n",
			env: map[string]string{
				"FLOWTEST_REGION": "hunter2", "FLOWTEST_ENVIRONMENT_ID": "hunter2", "FLOWTEST_SCOPES": "  ",
			},
			want: []string{
				"FLOWTEST_REGION is not a region, want one of NA, EU, CA, AP, AU, SG",
				"FLOWTEST_ENVIRONMENT_ID is not a UUID, want the environment's id: " +
					"copy it from the environment's properties in PingOne",
				"FLOWTEST_SCOPES holds no scope, want at least one: set it to openid or unset it",
			},
		},
		"sense in the worker's environment": {
			text: "targets: {a: {type: live, region: EU, clientId: app}}\n",
			env:  map[string]string{"PINGONE_ENVIRONMENT_ID": "hunter2"},
			want: []string{"PINGONE_ENVIRONMENT_ID is not a UUID, want the environment's id: " +
				"copy it from the environment's properties in PingOne"},
		},
		"one of two variables": {
			text: live,
			env:  map[string]string{"FLOWTEST_REGION": "EU", "FLOWTEST_BASE_URL": "https://auth.example.com/as"},
			want: []string{"FLOWTEST_REGION and FLOWTEST_BASE_URL are both set, want one of them: unset the other"},
		},
		"sense in what its references name, whose values are not shown": {
			text: "targets:\n  a:\n    type: live\n    region: ${R}\n    environmentId: x${R}\n" +
				"    clientId: app\n    redirectUri: ${R}\n    scopes: ['${R} ${R}']\n",
			env: map[string]string{"R": "hunter2"},
			want: []string{
				"flowtest.yaml:4:13: targets.a.region \"${R}\" is not a region, want one of NA, EU, CA, AP, AU, SG",
				"flowtest.yaml:5:20: targets.a.environmentId \"x${R}\" is not a UUID, want the environment's id: " +
					"copy it from the environment's properties in PingOne",
				"flowtest.yaml:7:18: targets.a.redirectUri is not an absolute URI, " +
					"want one such as https://app.example.com/callback",
				"flowtest.yaml:8:14: targets.a.scopes[0] \"${R} ${R}\" holds a space, want one scope: " +
					"make one entry for each",
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := choose(t, tc.text, "", tc.env)
			assert.Equal(t, tc.want, mistakes(t, err))
			assert.Nil(t, got)
			assert.NotContains(t, err.Error(), "hunter2")
		})
	}
}
