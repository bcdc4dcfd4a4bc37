package cli_test

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	websdk "flowtest/mockserver/testdata/sdk"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
	"flowtest/runner/internal/target"
)

// A journeyOfSDK is one that the web SDK goes. What stands for the user is written
// as in a feature.
type journeyOfSDK struct {
	flow  string
	query map[string]string
	steps func(u map[string]string) []stepOfSDK
}

func start() stepOfSDK                       { return stepOfSDK{Do: "start"} }
func press(key string) stepOfSDK             { return stepOfSDK{Do: "press", Key: key} }
func submit(values map[string]any) stepOfSDK { return stepOfSDK{Do: "submit", Fill: values} }
func poll() stepOfSDK                        { return stepOfSDK{Do: "poll"} }
func tokens() []stepOfSDK                    { return []stepOfSDK{{Do: "exchange"}, {Do: "userinfo"}} }

func signsOn(u map[string]string) stepOfSDK {
	return submit(map[string]any{"username": u["username"], "password": u["password"]})
}

func mistypes(u map[string]string) stepOfSDK {
	return submit(map[string]any{"username": u["username"], "password": "not-the-password"})
}

var journeysOfSDK = map[string]journeyOfSDK{
	"sign-on": {flow: "sign-on", steps: func(u map[string]string) []stepOfSDK {
		return append([]stepOfSDK{start(), signsOn(u)}, tokens()...)
	}},
	"a wrong password": {flow: "sign-on", steps: func(u map[string]string) []stepOfSDK {
		return append([]stepOfSDK{start(), mistypes(u), submit(map[string]any{"password": u["password"]})}, tokens()...)
	}},
	"trouble, and back": {flow: "sign-on", steps: func(u map[string]string) []stepOfSDK {
		return []stepOfSDK{start(), press("TROUBLE"), press("CANCEL"), signsOn(u)}
	}},
	"registering, and back": {flow: "sign-on", steps: func(u map[string]string) []stepOfSDK {
		return []stepOfSDK{start(), press("REGISTER"), press("CANCEL"), signsOn(u)}
	}},
	"a forgotten password, and back": {flow: "sign-on", steps: func(u map[string]string) []stepOfSDK {
		return []stepOfSDK{start(), press("TROUBLE"), press("FORGOT_PASSWORD"), press("CANCEL"), signsOn(u)}
	}},
	"an unknown user": {flow: "sign-on", steps: func(map[string]string) []stepOfSDK {
		return []stepOfSDK{start(), submit(map[string]any{"username": "someone.else", "password": "not-the-password"})}
	}},
	"a stranger with her password": {flow: "sign-on", steps: func(u map[string]string) []stepOfSDK {
		return []stepOfSDK{start(), submit(map[string]any{"username": "someone.else", "password": u["password"]})}
	}},
	"no registration": {flow: "registration", steps: func(u map[string]string) []stepOfSDK {
		return []stepOfSDK{start(), press("REGISTER"), press("CANCEL"), signsOn(u), submit(map[string]any{"username": "someone.else", "password": "not-the-password"})}
	}},
	"registration": {flow: "registration", steps: func(u map[string]string) []stepOfSDK {
		return append([]stepOfSDK{
			start(), press("REGISTER"), submit(map[string]any{
				"user.email": u["email"], "user.name.given": u["givenName"], "user.name.family": u["familyName"], "user.password": "short",
			}), submit(map[string]any{"user.password": u["password"]}), press("RESEND"),
			submit(map[string]any{"code": "000000"}), submit(map[string]any{"code": u["otp"]}),
		}, tokens()...)
	}},
	"a password reset": {flow: "password-reset", steps: func(u map[string]string) []stepOfSDK {
		return []stepOfSDK{
			start(), press("TROUBLE"), submit(map[string]any{"username": "nobody@example.com"}), submit(map[string]any{"username": u["email"]}),
			submit(map[string]any{"recoveryCode": u["otp"], "newPassword": u["password"]}), submit(map[string]any{"newPassword": u["newPassword"]}),
		}
	}},
	"a password reset by username": {flow: "password-reset", steps: func(u map[string]string) []stepOfSDK {
		return []stepOfSDK{
			start(), mistypes(u), press("TROUBLE"), submit(map[string]any{"username": u["username"]}), press("RESEND"),
			submit(map[string]any{"recoveryCode": "000000", "newPassword": u["newPassword"]}), press("CANCEL"), press("TROUBLE"), press("CANCEL"),
		}
	}},
	"what a form proposes": {flow: "forms", steps: func(u map[string]string) []stepOfSDK {
		return []stepOfSDK{start(), submit(accountOf(u)), submit(map[string]any{
			"user.preferredLanguage": "en", "contact.channel": "phone", "riskSignals": "signals-of-this-browser",
			"user.primaryPhone": map[string]any{"countryCode": "US", "phoneNumber": "5550100"}, "user.acceptedTerms": true,
		}), submit(map[string]any{"deviceRegistration": "EMAIL"}), submit(nil)}
	}},
	"every type of field": {flow: "forms", steps: func(u map[string]string) []stepOfSDK {
		return append([]stepOfSDK{
			start(), submit(map[string]any{"user.username": u["username"]}), submit(accountOf(u)), submit(preferencesOf(u, false)),
			submit(map[string]any{"user.acceptedTerms": true}), submit(map[string]any{"deviceRegistration": "EMAIL"}),
			submit(map[string]any{"passkey": map[string]any{"attestationValue": map[string]any{
				"id": "cGFzc2tleQ", "rawId": "cGFzc2tleQ==", "type": "public-key", "authenticatorAttachment": "platform",
				"response": map[string]any{"clientDataJSON": "e30=", "attestationObject": "o2M="},
			}}}),
		}, tokens()...)
	}},
	"no passkey": {flow: "forms", steps: func(u map[string]string) []stepOfSDK {
		return []stepOfSDK{
			start(), submit(accountOf(u)), press("BACK"), submit(accountOf(u)), submit(preferencesOf(u, true)),
			submit(map[string]any{"deviceRegistration": "EMAIL"}), submit(nil),
		}
	}},
	"a second factor with polling": {flow: "mfa", steps: func(u map[string]string) []stepOfSDK {
		return append([]stepOfSDK{
			start(), signsOn(u), submit(nil), submit(map[string]any{"otp": "000000"}), press("CANCEL"),
			submit(map[string]any{"device": "f7b4ed5f-db65-43a5-94e8-b3a2922a019b"}), poll(), poll(), poll(),
		}, tokens()...)
	}},
	"no second factor without the first": {flow: "mfa", steps: func(u map[string]string) []stepOfSDK {
		return []stepOfSDK{start(), mistypes(u), submit(map[string]any{"password": u["password"]})}
	}},
	"one device after the other": {flow: "mfa", steps: func(u map[string]string) []stepOfSDK {
		return []stepOfSDK{
			start(), signsOn(u), submit(map[string]any{"device": "f7b4ed5f-db65-43a5-94e8-b3a2922a019b"}), press("CANCEL"), submit(nil),
			press("LINK"), press("CANCEL"), submit(map[string]any{"device": "3d671191-1505-4964-9423-6a313f1ec41e"}), press("RESEND"),
			submit(map[string]any{"otp": "000000"}), submit(map[string]any{"otp": u["otp"]}),
		}
	}},
	"a second factor with a passcode": {flow: "mfa", steps: func(u map[string]string) []stepOfSDK {
		return []stepOfSDK{start(), signsOn(u), submit(nil), submit(map[string]any{"otp": u["otp"]})}
	}},
	"a second factor with a challenge": {flow: "mfa", steps: func(u map[string]string) []stepOfSDK {
		return []stepOfSDK{start(), signsOn(u), submit(nil), press("LINK"), poll()}
	}},
	"a live session": {flow: "session", steps: func(map[string]string) []stepOfSDK {
		return append([]stepOfSDK{start()}, tokens()...)
	}},
	"tokens and no code": {flow: "session", query: map[string]string{"response_type": "token id_token"}, steps: onlyStart},
	"errors and failures": {flow: "errors", steps: func(map[string]string) []stepOfSDK {
		list := []stepOfSDK{start(), press("CUSTOM_ERROR"), press("CUSTOMIZED_ERROR"), press("INVALID_ID"), press("SESSION_REFUSED")}
		for _, key := range []string{"TIMEOUT", "EXPIRED", "FAILED", "SERVER_ERROR", "NO_CODE", "UNAVAILABLE"} {
			list = append(list, start(), press(key))
		}
		return list
	}},
	"no session, and none wanted": {flow: "errors", query: map[string]string{"prompt": "none"}, steps: onlyStart},
	"PingOne's own sign-on":       {flow: "errors", query: map[string]string{"prompt": "login"}, steps: onlyStart},
	"a refused authorize request": {flow: "errors", query: map[string]string{"max_age": "soon"}, steps: onlyStart},
}

func onlyStart(map[string]string) []stepOfSDK { return []stepOfSDK{start()} }

func accountOf(u map[string]string) map[string]any {
	return map[string]any{
		"user.username": u["username"], "user.email": u["email"], "user.temporaryPassword": u["password"], "user.password": u["newPassword"],
	}
}

func preferencesOf(u map[string]string, accepted bool) map[string]any {
	return map[string]any{
		"user.preferredLanguage": "de", "contact.channel": "email", "contact.topics": []string{"releases", "security"},
		"contact.days": []string{"mon", "fri"}, "user.acceptedTerms": accepted, "riskSignals": "signals-of-this-browser",
		"user.primaryPhone": map[string]any{"countryCode": "US", "phoneNumber": u["phone"]},
	}
}

// plansOfSDK are the plans of all journeys, for a user at an issuer.
func plansOfSDK(t *testing.T, wellknown string, u map[string]string) []*websdk.Plan {
	t.Helper()
	ids := policies(t)
	var plans []*websdk.Plan
	for _, name := range slices.Sorted(maps.Keys(journeysOfSDK)) {
		j := journeysOfSDK[name]
		query := map[string]string{"acr_values": ids[j.flow]}
		maps.Copy(query, j.query)
		plans = append(plans, &websdk.Plan{
			Name: name, WellKnown: wellknown, ClientID: "app", RedirectURI: "https://app.example.com/callback",
			Scope: "openid profile email", Query: query, Steps: j.steps(u),
		})
	}
	return plans
}

// again are the same plans with names of their own.
func again(plans []*websdk.Plan) []*websdk.Plan {
	var out []*websdk.Plan
	for _, plan := range plans {
		next := *plan
		next.Name += " again"
		out = append(out, &next)
	}
	return out
}

// TestRecordProxyWithTheWebSDK records what the web SDK does, as it was published,
// and has it do the same to a replay of that, as another user.
func TestRecordProxyWithTheWebSDK(t *testing.T) {
	t.Parallel()
	websdk.Node(t)
	l := newLive(t, "")
	b := l.record(t)
	plans, minted := plansOfSDK(t, b.address(t, "discovery"), ann), maps.Clone(ann)
	// Each journey twice, so that what is generated can be distinguished from what is constant.
	want := driveSDK(t, append(slices.Clone(plans), again(plans)...))
	for name, lines := range want {
		for what, value := range mintedIn(lines) {
			minted[name+": "+what] = value
		}
	}
	require.Greater(t, len(minted), 50)
	got := b.stop()
	require.Equal(t, cli.ExitPassed, got.code, got.errors)
	all := files(t, filepath.Join(l.dir, "recordings"))
	require.Contains(t, all, "sign-on/recording.yaml")
	all["stdout"], all["stderr"] = got.out, got.errors
	assert.Empty(t, secretsIn(all, minted))

	replay := serve(t, filepath.Join(l.dir, "recordings"))
	replayed := driveSDK(t, plansOfSDK(t, replay.url(t, "discovery"), target.Demo()["alice"]))
	for _, plan := range plans {
		t.Run(plan.Name, func(t *testing.T) {
			require.Len(t, want[plan.Name], len(plan.Steps))
			require.Len(t, replayed[plan.Name], len(plan.Steps))
			for i, line := range replayed[plan.Name] {
				assert.Equal(t, want[plan.Name][i].Seen, line.Seen, "step %d", i)
			}
		})
	}
	assert.Equal(t, cli.ExitPassed, replay.stop())
	linked(t, filepath.Join(l.dir, "features"), shippedFolder(t, "features"))
	run := command(t.Context(), l.dir, nil, "run", "--target", "replay", "--tags", // these journeys go through no others
		"not @detailed and not @platforms and not @social and not @sso and not @passkey and not @tokens and not @users and not @execution-log")
	var failed []string
	for _, m := range regexp.MustCompile(`(?m)^ +✗ (.+)  failed$`).FindAllStringSubmatch(run.out, -1) {
		failed = append(failed, m[1])
	}
	assert.ElementsMatch(t, []string{
		"Alice confirms with the code of her authenticator app", "Alice rejects the sign-on on her tablet",
		"A challenge on the watch ends without an answer (row 1)", "A challenge on the laptop ends without an answer (row 2)",
		"A person registers with values that are new in each run",
	}, failed, "the SDK asks for JSON; all scenarios that it went through are there\n%s", run.out)
	assert.Regexp(t, `\n[89][0-9] scenarios: [78][0-9] passed, 5 failed · `, run.out)
}
