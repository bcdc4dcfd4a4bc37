package steps_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	"flowtest/recordings"
)

// The sentences that rows about tokens begin with.
var (
	signedOn  = []string{given, starts}
	exchanged = append(slices.Clip(signedOn), `When I exchange the code for tokens`)
)

// after returns the exchange of the code and what follows it.
func after(sentences ...string) []string { return append(slices.Clip(exchanged), sentences...) }

// atProvider answers as the replay of a flow that completes at once.
var atProvider = answering(provider(false))

// provider is the replay of the flow session, which hands out tokens, and for a reusable code as
// often as it is asked.
func provider(reusable bool) httpmock.Responder {
	all, err := recordings.LoadAll(recordings.Shipped(), "session")
	if err != nil {
		panic(err)
	}
	all[0].ReusableCodes = reusable
	s, err := mockserver.New(mockserver.Config{
		Flows: all, Environment: "env-1", Users: map[string]map[string]string{"alice": {"username": "alice"}},
	})
	if err != nil {
		panic(err)
	}
	return s.Responder()
}

func TestWhatTheAppHas(t *testing.T) { checkAll(t, claims) }

func table(first string, rows ...string) string {
	return first + "\n| " + strings.Join(rows, " |\n| ") + " |"
}

var claims = map[string]sentence{
	"claims of the ID token": {
		answers: atProvider, before: exchanged,
		sentence: table("Then the ID token has:", "preferred_username | alice", "aud | client-1", "iss | https://auth.example.test/env-1/as", "amr.0 | pwd"),
	},
	"other claims of the ID token": {
		answers: atProvider, before: exchanged, sentence: table("Then the ID token has:", "aud | client-2", "amr.1 | mfa", "iss | 4"),
		want: "the ID token differs from the table:\n  \"aud\" is \"client-1\", want \"client-2\"\n" +
			"  \"amr.1\" matches nothing: nearest are amr, acr, aud, org, at_hash and 11 more\n" +
			"  \"iss\" is \"https://auth.example.test/env-1/as\", want 4",
	},
	"an ID token without an exchange": {
		answers: atProvider, sentence: table("Then the ID token has:", "aud | client-1"),
		want: `there are no tokens: write "When I exchange the code for tokens" before this step`,
	},
	"claims of the access token": {
		answers: atProvider, before: exchanged, sentence: table("Then the access token has:", "scope | openid", "client_id | client-1"),
	},
	"other claims of the access token": {
		answers: atProvider, before: exchanged, sentence: table("Then the access token has:", "scope | openid email", "scop | openid"),
		want: "the access token differs from the table:\n  \"scope\" is \"openid\", want \"openid email\"\n" +
			"  \"scop\" matches nothing: nearest are scope, acr, exp, sid, sub and 7 more",
	},
	"an access token without an exchange": {
		answers: atProvider, sentence: table("Then the access token has:", "scope | openid"),
		want: `there are no tokens: write "When I exchange the code for tokens" before this step`,
	},
	"the user info": {
		answers: atProvider, before: after(`When I ask for the user info`),
		sentence: table("Then the user info has:", "preferred_username | ${user.username}"),
	},
	"another user info": {
		answers: atProvider, before: after(`When I ask for the user info`),
		sentence: table("Then the user info has:", "preferred_username | bob"),
		want:     "the user info differs from the table:\n  \"preferred_username\" is \"alice\", want \"bob\"",
	},
	"a user info that was not asked for": {
		answers: atProvider, before: exchanged, sentence: table("Then the user info has:", "preferred_username | alice"),
		want: `there is no user info: write "When I ask for the user info" before this step`,
	},
	"an active token": {
		answers: atProvider, before: after(`When I introspect the token`), sentence: `Then the token is active`,
	},
	"an active token that should not be": {
		answers: atProvider, before: after(`When I introspect the token`), sentence: `Then the token is not active`,
		want: "the token is active, want it not to be",
	},
	"a revoked token": {
		answers: atProvider, before: after(`When I revoke the token`, `When I introspect the token`),
		sentence: `Then the token is not active`,
	},
	"a revoked token that should not be": {
		answers: atProvider, before: after(`When I revoke the token`, `When I introspect the token`),
		sentence: `Then the token is active`, want: "the token is not active, want it to be",
	},
	"a token that was not introspected": {
		answers: atProvider, before: exchanged, sentence: `Then the token is active`,
		want: `the token was not introspected: write "When I introspect the token" before this step`,
	},
	"a code that is spent": {
		answers: atProvider, before: after(`When I exchange the code a second time`),
		sentence: `Then the code is refused with "invalid_grant"`,
	},
	"a code that is refused otherwise": {
		answers: atProvider, before: after(`When I exchange the code a second time`),
		sentence: `Then the code is refused with "invalid_request"`,
		want:     `the code is refused with status 400, "invalid_grant", want "invalid_request"`,
	},
	"a code that can be used twice": {
		answers: answering(provider(true)), before: after(`When I exchange the code a second time`),
		sentence: `Then the code is refused with "invalid_grant"`,
		want:     `the second exchange of the code gave tokens, want it refused with "invalid_grant": a code is good for one exchange`,
	},
	"a code that was exchanged once": {
		answers: atProvider, before: exchanged, sentence: `Then the code is refused with "invalid_grant"`,
		want: `the code was not exchanged a second time: write "When I exchange the code a second time" before this step`,
	},
	"the tokens of a code that was used twice": {
		answers: atProvider, before: after(`When I exchange the code a second time`, `When I introspect the token`),
		sentence: `Then the token is not active`,
	},
	"a refreshed token": {
		answers: atProvider, before: after(`When I revoke the token`, `When I refresh the tokens`, `When I introspect the token`),
		sentence: `Then the token is active`,
	},
}

func TestWhatCannotBeExchanged(t *testing.T) {
	checkAll(t, map[string]sentence{
		"a code is good for one exchange": {
			answers: atProvider, before: exchanged, sentence: `When I exchange the code for tokens`,
			want: "flow: POST /env-1/as/token: refused with status 400, invalid_grant: the code is unknown, used or expired",
		},
		"a flow that has not completed": {
			answers: answering(signOnScreen()), sentence: `When I exchange the code for tokens`,
			want: "flow: exchange the code: the flow has not completed: hop 1 paused",
		},
	})
}

func TestTokensAreSecrets(t *testing.T) {
	p := play(t, atProvider, after(`When I refresh the tokens`)...)
	require.NoError(t, p.err)
	for _, body := range p.service.bodies {
		if body != "" {
			assert.NotRegexp(t, `eyJ|code_verifier=[^[]|&code=[0-9a-f-]{36}`, p.secrets.Redact(body))
		}
	}
}

func TestAnotherJourneyInTheSameBrowser(t *testing.T) {
	p := play(t, answering(provider(false)), given, starts, `When I start the flow again`, `When I start the flow in a new browser`)
	require.NoError(t, p.err)
	var cookies []string
	for _, r := range p.service.requests {
		cookies = append(cookies, r.Header.Get("Cookie"))
	}
	assert.Empty(t, cookies[0])
	assert.Contains(t, cookies[1], "ST=")
	assert.Empty(t, cookies[2])
	for i, h := range p.world.Hops() {
		assert.Equal(t, i+1, h.Number, "hops are numbered on")
	}
	assert.Len(t, p.world.Driven(), 3)
}

func TestWhatChangesFromJourneyToJourney(t *testing.T) {
	before := []string{given, starts, `When I start the flow again`}
	for name, row := range map[string]sentence{
		"unchanged": {answers: atProvider, before: before, sentence: `Then "status" is unchanged`},
		"changed":   {answers: atProvider, before: before, sentence: `Then "authorizeResponse.code" has changed`},
		"not changed": {
			answers: atProvider, before: before, sentence: `Then "status" has changed`,
			want: `"status" is "COMPLETED" as at hop 1, want another value (hop 2)`,
		},
	} {
		t.Run(name, func(t *testing.T) { row.check(t) })
	}
}
