package backend_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner/internal/backend"
	"flowtest/runner/internal/target"
	"flowtest/steps"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
	"flowtest/steps/secret"
)

// replayed returns a scenario of a replay of the shipped recordings.
func replayed(t *testing.T, users map[string]map[string]string) backend.Scenario {
	t.Helper()
	to := &target.Target{Name: "replay", Users: map[string]target.User{}}
	for name, attributes := range users {
		to.Users[name] = target.NewUser(attributes)
	}
	b, err := backend.Open(t.Context(), backend.Config{Target: to, Recordings: shipped.Flows(t)})
	require.NoError(t, err)
	s := b.Scenario()
	t.Cleanup(func() { assert.Empty(t, s.End(context.WithoutCancel(t.Context()))) })
	return s
}

// attributes of a new user, and others.
func attributes(more ...string) map[string]string {
	all := map[string]string{
		"username": "ada", "email": "ada@example.com", "password": "Right-password-1", "givenName": "Ada",
	}
	for i := 0; i < len(more); i += 2 {
		all[more[i]] = more[i+1]
	}
	return all
}

// signsOn reports whether the user completes a flow with the password.
func signsOn(t *testing.T, s backend.Scenario, name string) davinci.Outcome {
	t.Helper()
	c, err := s.Flow(name)
	require.NoError(t, err)
	c.Redactor = &secret.Redactor{}
	j, err := flow.NewJourney(c)
	require.NoError(t, err)
	_, err = j.Start(t.Context())
	require.NoError(t, err)
	require.NoError(t, j.Fill("username", "ada"))
	require.NoError(t, j.Fill("password", "Right-password-1"))
	_, err = j.Submit(t.Context())
	require.NoError(t, err)
	return j.Last().Outcome
}

// A password that must change is refused in a flow whose recording does not ask for another.
func TestAPasswordThatMustChangeInAReplay(t *testing.T) {
	t.Parallel()
	for name, chosenBefore := range map[string]bool{"the flow first": true, "the user first": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := replayed(t, nil)
			u, err := s.Tenant().NewUser(t.Context(), attributes(), "")
			require.NoError(t, err)
			assert.Equal(t, davinci.Completed, signsOn(t, s, "sign-on"))
			if chosenBefore {
				_, err = s.Flow("sign-on")
				require.NoError(t, err)
			}
			require.NoError(t, s.Tenant().SetUser(t.Context(), u, steps.MustChange))
			assert.Equal(t, davinci.Refused, signsOn(t, s, "sign-on"))
		})
	}
}

func TestWhatAReplayDoesNotKnow(t *testing.T) {
	t.Parallel()
	s := replayed(t, target.Demo())
	tenant, ctx := s.Tenant(), t.Context()
	alice, err := s.User("alice")
	require.NoError(t, err)
	_, err = tenant.Devices(ctx, steps.Person{User: alice, Username: "alice"})
	require.ErrorContains(t, err, `a replay does not know the devices of the user "alice", because the scenario did not create the user`)

	u, err := tenant.NewUser(ctx, attributes(), "EMAIL")
	require.NoError(t, err)
	ada := steps.Person{User: u, Username: "ada", Email: "ada@example.com"}
	devices, err := tenant.Devices(ctx, ada)
	require.NoError(t, err)
	assert.Equal(t, "EMAIL", gjson.Get(devices, "0.type").Str)
	for device, row := range map[string]struct {
		text bool
		want string
	}{
		"EMAIL": {true, "the journey chose a device of the type EMAIL, so the flow sends no text message with a code"},
		"SMS":   {false, "the journey chose a device of the type SMS, so the flow sends no email with a code"},
		"TOTP":  {false, "the journey chose a device of the type TOTP, so the flow sends no email with a code"},
	} {
		_, err = tenant.Code(ctx, ada, steps.Message{Flow: "mfa", Field: "otp", Text: row.text, Device: device})
		require.ErrorContains(t, err, row.want)
	}
	for _, m := range []steps.Message{{Device: "SMS", Text: true}, {Device: "EMAIL"}, {}} {
		m.Flow, m.Field = "mfa", "otp"
		code, err := tenant.Code(ctx, ada, m)
		require.NoError(t, err)
		assert.Regexp(t, `^\d{6}$`, code)
	}
}

// A user is shown as the API shows one who was made with the same attributes.
func TestAUserAsAReplayShowsOne(t *testing.T) {
	t.Parallel()
	s := replayed(t, map[string]map[string]string{
		"eve": {"username": "eve", "otp": "482913", "address.postalCode": "3000", "mfaEnabled": "false", "externalId": "7"},
	})
	u, err := s.Tenant().NewUser(t.Context(), attributes("address.postalCode", "3011", "active", "false", "smsOtp", "1"), "")
	require.NoError(t, err)
	shown, err := s.Tenant().FindUser(t.Context(), steps.Person{User: u, Username: "ada"})
	require.NoError(t, err)
	assert.JSONEq(t, `{"username": "ada", "email": "ada@example.com", "name": {"given": "Ada"}, "active": false,
		"smsOtp": "1", "address": {"postalCode": "3011"}, "mfaEnabled": false, "enabled": true,
		"lifecycle": {"status": "ACCOUNT_OK"}, "account": {"canAuthenticate": true, "status": "OK"}}`, shown)
	_, err = s.Tenant().NewUser(t.Context(), attributes("username", "ben", "population.id", "x"), "")
	require.ErrorContains(t, err, `the attribute "population.id" cannot be set: flowtest sets it`)

	eve, err := s.User("eve")
	require.NoError(t, err)
	shown, err = s.Tenant().FindUser(t.Context(), steps.Person{User: eve, Username: "eve"})
	require.NoError(t, err)
	assert.JSONEq(t, `{"username": "eve", "address": {"postalCode": "3000"}, "mfaEnabled": false, "externalId": "7",
		"enabled": true, "lifecycle": {"status": "ACCOUNT_OK"}, "account": {"canAuthenticate": true, "status": "OK"}}`, shown)
}
