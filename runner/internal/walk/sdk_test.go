package walk_test

import (
	"fmt"
	"net/http/cookiejar"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner/internal/walk"
	"flowtest/steps/conformance"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

var ada = map[string]string{
	"username": "ada", "password": "Lace-and-1843", "newPassword": "Lace-and-1844", "email": "ada@example.com",
	"givenName": "Ada", "familyName": "Example", "phone": "+15550100", "otp": "204816", "googleToken": "of-google", "facebookToken": "of-facebook",
}

// shippedTable drives a journey along every way of every shipped recording,
// against a replay, and returns what the second catalogue says about them.
func shippedTable(t *testing.T) []conformance.SDKRow {
	t.Helper()
	flows := shipped.Flows(t)
	server, err := mockserver.New(mockserver.Config{Flows: flows, Users: map[string]map[string]string{"ada": ada}})
	require.NoError(t, err)
	m := &conformance.Matrix{}
	for _, f := range flows {
		journeys, _ := walk.Journeys(f, walk.Options{User: ada})
		jar, err := cookiejar.New(nil) // in which a way signs on, for those that take a session
		require.NoError(t, err)
		needs := func(journey davinci.Exchanges) bool { return journey[0].Header.Get("Cookie") != "" }
		slices.SortStableFunc(journeys, func(a, b davinci.Exchanges) int {
			return map[bool]int{true: 1}[needs(a)] - map[bool]int{true: 1}[needs(b)]
		})
		for _, journey := range journeys {
			own := jar
			if !needs(journey) && journey[len(journey)-1].Hop != "completed" {
				own = nil
			}
			judge := conformance.Judge{SDKs: true}
			j := &conformance.Journey{Flow: f.Name, Name: "the way to " + journey[len(journey)-1].Hop}
			for _, h := range driven(t, server, f, journey, own) {
				v := judge.Hop(h)
				j.Add(&v)
			}
			m.Add(j)
		}
	}
	return m.SDKs()
}

// driven lets the client go the way of a journey.
func driven(t *testing.T, server *mockserver.Server, f *recordings.Flow, journey davinci.Exchanges, jar *cookiejar.Jar) []*flow.Hop {
	t.Helper()
	asked := map[string]string{}
	for name, values := range journey[0].URL.Query() {
		asked[name] = values[0]
	}
	for _, own := range []string{"state", "nonce", "code_challenge", "code_challenge_method"} {
		delete(asked, own)
	}
	asked["acr_values"] = f.Name
	c := flow.Config{
		Transport: server.Transport(), ClientID: "an-app", Parameters: asked,
		Authorize: "https://auth.pingone.example/" + mockserver.DefaultEnvironment + "/as/authorize",
	}
	if jar != nil {
		c.Jar = jar
	}
	walk.AsClient(&c, &journey[0])
	j, err := flow.NewJourney(c)
	require.NoError(t, err)
	_, err = j.Start(t.Context())
	require.NoError(t, err)
	for i := range journey[1:] {
		require.NoError(t, walk.Answer(t.Context(), j, &journey[1+i]), "%s, at %s", f.Name, journey[1+i].Hop)
	}
	return j.Hops()
}

func TestTheSDKTableOfTheShippedRecordings(t *testing.T) {
	// A poll waits, and may as well not.
	synctest.Test(t, func(t *testing.T) {
		const (
			yes    = conformance.Passed
			limits = conformance.Review
			no     = conformance.Warning
		)
		want := map[string][]conformance.Result{
			// They end a flow without a code, which the mobile SDKs take for a screen.
			"errors": {limits, no, no},
			// That of iOS has no SINGLE_CHECKBOX, which is required; none has SIGNATURE_PAD, which is not.
			"forms": {limits, limits, no},
			// Android and iOS name the device by its description, and iOS does not poll.
			"mfa": {yes, limits, no},
			// No released SDK knows METADATA.
			"platforms": {no, no, no},
			"social":    {yes, yes, yes},
			"passkey":   {yes, yes, yes},
			// The details of a user who was not found are such that Android throws at them, and
			// iOS leaves out what an error says without unsatisfiedRequirements.
			"password-reset": {yes, limits, limits},
			"registration":   {yes, limits, limits},
			"sign-on":        {yes, limits, limits},
			"sso":            {yes, yes, limits},
			"step-up":        {yes, yes, limits},
			// One journey asks for tokens, and gets them without a code.
			"session": {no, no, no},
		}
		got := map[string][]conformance.Result{}
		for _, row := range shippedTable(t) {
			for _, c := range row.Cells {
				got[row.Flow] = append(got[row.Flow], c.Result)
				if c.Result == conformance.Passed {
					assert.Empty(t, c.Reasons)
				} else {
					assert.NotEmpty(t, c.Reasons, "%s is %s for %s and has no reason", row.Flow, c.Result.Standing(), c.SDK)
				}
			}
			t.Log(written(row))
		}
		assert.Equal(t, want, got)
	})
}

func written(row conformance.SDKRow) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%d hops)\n", row.Flow, row.Hops)
	for _, c := range row.Cells {
		fmt.Fprintf(&b, "  %s: %s\n", c.SDK, c.Result.Standing())
		for _, r := range c.Reasons {
			fmt.Fprintf(&b, "    %s %s ×%d, %s, hop %d: %s is %s, want %s\n",
				r.Requirement.ID, r.Result, r.Times, r.Journey, r.Hop, r.Path, r.Found, r.Wanted)
		}
	}
	return b.String()
}
