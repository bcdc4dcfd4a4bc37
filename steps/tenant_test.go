package steps_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps"
)

// stubbedTenant has the users that a scenario made, and alice.
type stubbedTenant struct {
	made   map[string]map[string]string
	device string
	state  []steps.UserState
	people []steps.Person
	asked  []steps.Message
	logs   int
}

// NewUser implements steps.Tenant.
func (t *stubbedTenant) NewUser(_ context.Context, attributes map[string]string, device string) (steps.User, error) {
	if attributes["username"] == "taken" {
		return nil, errors.New("the name is taken")
	}
	attributes = maps.Clone(attributes)
	if device == "TOTP" {
		attributes["totp"] = "GEZDGNBVGY3TQOJQ"
	}
	t.made, t.device = map[string]map[string]string{attributes["username"]: attributes}, device
	return user(attributes), nil
}

// SetUser implements steps.Tenant.
func (t *stubbedTenant) SetUser(_ context.Context, _ steps.User, state steps.UserState) error {
	t.state = append(t.state, state)
	return nil
}

// FindUser implements steps.Tenant.
func (t *stubbedTenant) FindUser(_ context.Context, p steps.Person) (string, error) {
	t.people = append(t.people, p)
	switch {
	case p.Username == "carol":
		return "", errors.New("GET …/users was answered with 403")
	case p.Username == "gone":
	case t.made[p.Username] != nil || p.Username == "alice":
		return fmt.Sprintf(`{"username":%q,"name":{"given":"Ada"},"enabled":true,"population":{"id":"p-1"}}`, p.Username), nil
	}
	return "", nil
}

// Devices implements steps.Tenant.
func (t *stubbedTenant) Devices(context.Context, steps.Person) (string, error) {
	return `[{"type":"EMAIL","status":"ACTIVE"},{"type":"EMAIL","status":"BLOCKED"},{"type":"TOTP","status":"ACTIVATION_REQUIRED"}]`, nil
}

// Code implements steps.Tenant.
func (t *stubbedTenant) Code(_ context.Context, p steps.Person, m steps.Message) (string, error) {
	t.people, t.asked = append(t.people, p), append(t.asked, m)
	return "482913", nil
}

// OpenLink implements steps.Tenant.
func (t *stubbedTenant) OpenLink(_ context.Context, p steps.Person, m steps.Message) error {
	t.people, t.asked = append(t.people, p), append(t.asked, m)
	return nil
}

// directory are the rows for the sentences about users that assert.
var directory = map[string]sentence{
	"alice exists": {answers: answering(signOnScreen()), sentence: `Then the user exists`},
	"a new user exists": {
		answers: answering(signOnScreen()), before: []string{"Given a new user", given, starts}, sentence: `Then the user exists`,
	},
	"a person of unique values does not exist": {
		answers: answering(signOnScreen()), before: []string{given, starts, `When I fill in "username" with "${unique.email}"`},
		sentence: `Then the user does not exist`,
	},
	"a user who is gone": {
		answers: answering(signOnScreen()), before: []string{"Given a new user with:\n| username | gone |", given, starts},
		sentence: `Then the user exists`, want: `the environment has no user "gone", want one` + atForm,
	},
	"alice does exist": {
		answers: answering(signOnScreen()), sentence: `Then the user does not exist`,
		want: `the environment has the user "alice", want no such user (hop 1, node node000001, form "Sign On Form")`,
	},
	"what cannot be looked up": {
		answers: answering(signOnScreen()), before: []string{"Given a new user with:\n| username | carol |", given, starts},
		sentence: `Then the user does not exist`, want: `GET …/users was answered with 403`,
	},
	"an attribute":       {answers: answering(signOnScreen()), sentence: `Then the user's "name.given" is "Ada"`},
	"a flag":             {answers: answering(signOnScreen()), sentence: `Then the user's "enabled" is true`},
	"an absent one":      {answers: answering(signOnScreen()), sentence: `Then the user's "locale" is null`},
	"another attribute":  {answers: answering(signOnScreen()), sentence: `Then the user's "name.given" is "Eve"`, want: `the user's "name.given" is "Ada", want "Eve"` + atForm},
	"text is no flag":    {answers: answering(signOnScreen()), sentence: `Then the user's "enabled" is "true"`, want: `the user's "enabled" is true, want "true"` + atForm},
	"one that is absent": {answers: answering(signOnScreen()), sentence: `Then the user's "locale" is "de"`, want: `the user "alice" has no "locale", want "de": the user has username, name, enabled, population` + atForm},
	"one who is gone has no attribute": {
		answers: answering(signOnScreen()), before: []string{"Given a new user with:\n| username | gone |", given, starts},
		sentence: `Then the user's "enabled" is true`,
		want:     `the environment has no user "gone", so it has no "enabled", want true` + atForm,
	},
	"active devices":       {answers: answering(signOnScreen()), sentence: `Then the user has 1 active "EMAIL" device`},
	"no active device":     {answers: answering(signOnScreen()), sentence: `Then the user has 0 active "SMS" devices`},
	"a misspelt type":      {answers: answering(signOnScreen()), sentence: `Then the user has 0 active "TOPT" devices`, want: `"TOPT" is not a type of a device, did you mean "TOTP"?`},
	"a type in lower case": {answers: answering(signOnScreen()), sentence: `Then the user has 1 active "email" device`},
	"another number of it": {answers: answering(signOnScreen()), sentence: `Then the user has 2 active "EMAIL" devices`, want: `the user "alice" has 1 active EMAIL device, want 2: the user has EMAIL (ACTIVE), EMAIL (BLOCKED), TOTP (ACTIVATION_REQUIRED)` + atForm},
	"one that is not active": {
		answers: answering(signOnScreen()), sentence: `Then the user has 1 active "TOTP" device`,
		want: `the user "alice" has 0 active TOTP devices, want 1: the user has EMAIL (ACTIVE), EMAIL (BLOCKED), TOTP (ACTIVATION_REQUIRED)` + atForm,
	},
}

func TestUsersOfTheDirectory(t *testing.T) { checkAll(t, directory) }

func TestANewUser(t *testing.T) {
	t.Parallel()
	p := play(t, answering(signOnScreen()), "Given a new user with:\n| attribute | value |\n| name.given | Ada |\n| locale | de |",
		"Given the user is disabled", "Given the user is locked", "Given the user's password must change",
		"Given the user's password is expired", given, starts, `When I fill in "username" with "${user.username}"`,
		`When I fill in "password" with "${user.password}"`, `When I press "SIGNON"`)
	require.NoError(t, p.err)
	require.Len(t, p.tenant.made, 1)
	for name, attributes := range p.tenant.made {
		assert.Equal(t, []string{name, name + "@example.com", "Ada", "Test", "de", ""}, []string{
			attributes["username"], attributes["email"], attributes["givenName"], attributes["familyName"],
			attributes["locale"], p.tenant.device,
		})
		assert.Equal(t, name, p.world.UserName())
		sent := p.service.bodies[1]
		assert.Contains(t, sent, name)
		assert.Contains(t, sent, attributes["password"])
		assert.NotContains(t, p.secrets.Redact(sent), attributes["password"])
	}
	assert.Equal(t, []steps.UserState{steps.Disabled, steps.Locked, steps.MustChange, steps.Expired}, p.tenant.state)

	for name, row := range map[string]sentence{
		"a name that is taken":         {before: []string{}, sentence: "Given a new user with:\n| username | taken |", want: "no new user: the name is taken"},
		"a misspelt one":               {before: []string{}, sentence: "Given a new user with:\n| givenNme | Ada |", want: `the table sets "givenNme", which no user has: did you mean "givenName"?`},
		"one of the environment's own": {before: []string{}, sentence: "Given a new user with:\n| phone2 | 5 |\n| shoeSize | 42 |"},
		"a key of one's own":           {before: []string{}, sentence: "Given a new user with:\n| totp | GEZDGNBVGY3TQOJQ |", want: `the table sets "totp", which a device brings: write "Given a new user with a TOTP device"`},
	} {
		t.Run(name, func(t *testing.T) { row.check(t) })
	}
}

func TestCodesOfMessages(t *testing.T) {
	t.Parallel()
	refused := says(400, `{"message":"no","interactionId":"i","success":false}`)
	p := play(t, answering(signOnScreen(), refused), "Given a new user with:\n| phone | +15125550199 |", given, starts,
		`When I press "SIGNON"`, `When I fill in "username" with the code from the email`,
		`When I fill in "password" with the code from the text message`, `When I open the link from the email`)
	require.NoError(t, p.err)
	first := p.world.Hops()[0].Exchange.Began
	for i, want := range []steps.Message{
		{Since: first, Flow: "sign-on", Field: "username"},
		{Since: first, Flow: "sign-on", Field: "password", Text: true},
		{Since: first, Flow: "sign-on"},
	} {
		assert.Equal(t, want, p.tenant.asked[i])
		assert.Equal(t, "+15125550199", p.tenant.people[i].Phone)
		assert.Contains(t, p.tenant.people[i].Email, "@example.com")
	}
	device := `{"type":"DEVICE_AUTHENTICATION","key":"device","required":true,"options":[{"type":"SMS","id":"1",` +
		`"title":"Text","value":"+1","default":true},{"type":"EMAIL","id":"2","title":"Mail","value":"a"}]}`
	chosen := play(t, answering(says(200, form(device, signOn)), signOnScreen()), "Given a new user", given, starts,
		`When I choose "Mail" in "device"`, `When I press "SIGNON"`, `When I fill in "username" with the code from the email`)
	require.NoError(t, chosen.err)
	assert.Equal(t, "EMAIL", chosen.tenant.asked[0].Device)
	assert.JSONEq(t, `{"otp":"[redacted]"}`, p.secrets.Redact(`{"otp":"482913"}`))

	checkAll(t, map[string]sentence{
		"a code of the authenticator app": {
			answers: answering(signOnScreen()), before: []string{"Given a new user with a TOTP device", given, starts},
			sentence: `When I fill in "username" with the TOTP code`,
		},
		"no authenticator app": {
			answers: answering(signOnScreen()), before: []string{"Given a new user with:\n| username | bob |", given, starts},
			sentence: `When I fill in "username" with the TOTP code`,
			want:     `no TOTP code: ${user.totp}: the user "bob" has no such attribute, there are code, facebookToken, googleToken, password, username`,
		},
		"no phone": {
			answers: answering(signOnScreen()), before: []string{"Given a new user with:\n| username | bob |", given, starts},
			sentence: `When I fill in "username" with the code from the text message`,
			want:     `the user "bob" has no phone, want the number to which the flow sends`,
		},
		"no email": {
			answers: answering(signOnScreen()), sentence: `When I open the link from the email`,
			want: `the user "alice" has no email, want the address to which the flow sends`,
		},
		"no screen": {
			answers: answering(says(200, sample)), before: []string{"Given a new user", given, starts},
			sentence: `When I open the link from the email`, want: `the flow has not paused at a screen yet, so it sent no message`,
		},
	})
}

// Whom the journeys registered is known when the last one has completed, without a password.
func TestWhomAJourneyRegistered(t *testing.T) {
	t.Parallel()
	email, password := `{"type":"TEXT","key":"user.email"}`, `{"type":"PASSWORD","key":"user.password"}`
	screen := says(200, form(email, password, signOn))
	fills := []string{
		given, starts, `When I fill in "user.email" with "${unique.email}"`,
		`When I fill in "user.password" with "${unique.password}"`, `When I press "SIGNON"`,
	}
	registered := func(answers []httpmock.Responder) steps.Person {
		p := play(t, answers, append(fills, `Then the user does not exist`)...)
		require.NoError(t, p.err)
		return p.tenant.people[0]
	}
	whole := registered(answering(screen, says(200, sample)))
	assert.JSONEq(t, `{"email":"`+whole.Email+`"}`, whole.Registered)
	assert.Nil(t, whole.User)
	assert.Empty(t, registered(answering(screen, screen)).Registered)

	// Another who completes is no evidence: neither by what is posted of no one, nor of a third person.
	for name, posted := range map[string]string{
		"of no one": `When I fill in "user.password" with "x"`, "of another": `When I fill in "user.email" with "eve@example.com"`,
	} {
		p := play(t, answering(screen, says(200, sample)), given, starts, `When I fill in "user.email" with "${unique.email}"`, posted,
			`When I fill in "user.email" with "eve@example.com"`, `When I press "SIGNON"`, `Then the user does not exist`)
		require.NoError(t, p.err, name)
		assert.Empty(t, p.tenant.people[0].Registered, name)
	}
	// What an earlier journey completed stays, and what a later one did not complete adds nothing.
	again := append(slices.Clone(fills), `When I start the flow again`)
	p := play(t, answering(screen, says(200, sample), screen), append(again, `Then the user does not exist`)...)
	require.NoError(t, p.err)
	assert.JSONEq(t, `{"email":"`+p.tenant.people[0].Email+`"}`, p.tenant.people[0].Registered)
}
