package mockserver_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
)

// sdkCollectors is what the SDK has to make of each type of field. A type that
// it does not know keeps its name.
var sdkCollectors = map[string][]string{
	"TEXT":                  {"TextCollector"},
	"PASSWORD":              {"PasswordCollector"},
	"PASSWORD_VERIFY":       {"ValidatedPasswordCollector"},
	"SUBMIT_BUTTON":         {"SubmitCollector"},
	"FLOW_BUTTON":           {"FlowCollector"},
	"FLOW_LINK":             {"FlowCollector"},
	"LABEL":                 {"ReadOnlyCollector", "RichTextCollector"},
	"DROPDOWN":              {"SingleSelectCollector"},
	"RADIO":                 {"SingleSelectCollector"},
	"COMBOBOX":              {"MultiSelectCollector"},
	"CHECKBOX":              {"MultiSelectCollector"},
	"SINGLE_CHECKBOX":       {"BooleanCollector", "ValidatedBooleanCollector"},
	"PHONE_NUMBER":          {"PhoneNumberCollector", "PhoneNumberExtensionCollector"},
	"DEVICE_REGISTRATION":   {"DeviceRegistrationCollector"},
	"DEVICE_AUTHENTICATION": {"DeviceAuthenticationCollector"},
	"SOCIAL_LOGIN_BUTTON":   {"IdpCollector"},
	"PROTECT":               {"ProtectCollector"},
	"POLLING":               {"PollingCollector"},
	"FIDO2":                 {"FidoRegistrationCollector", "FidoAuthenticationCollector"},
	"QR_CODE":               {"QrCodeCollector"},
	"AGREEMENT":             {"ReadOnlyCollector"},
	"IMAGE":                 {"ImageCollector"},
}

// check compares what the SDK said with the recording, line by line.
func (s *site) check(t *testing.T, j sdkJourney, plan *sdkPlan, lines []sdkLine) {
	t.Helper()
	before := sdkLine{}
	for i, step := range j.steps {
		require.Greater(t, len(lines), i, "the script ended before step %d, %s %s", i, step.Do, step.Key)
		line := lines[i]
		require.Empty(t, line.Thrown, "step %d, %s %s", i, step.Do, step.Key)
		require.Equal(t, step.Do, line.Do)
		switch step.Do {
		case "exchange":
			s.checkTokens(t, plan, line)
		case "userinfo":
			s.checkUser(t, plan, lines[i-1], line)
		default:
			s.checkHop(t, j.flow, step, before, line)
		}
		before = line
	}
	assert.Len(t, lines, len(j.steps), "the script went on")
}

// checkHop checks that the SDK's node is made from the recorded hop's answer.
func (s *site) checkHop(t *testing.T, flow string, step sdkStep, before, got sdkLine) {
	t.Helper()
	at := step.Do + " " + step.Key + ": " + step.hop
	answer := s.hop(t, flow, step.hop).Answer()
	if step.status == "ignored" {
		assert.False(t, got.Handled, "%s: the SDK read it after all", at)
		assert.Equal(t, before.ID, got.ID, at)
		return
	}
	require.True(t, got.Handled, "%s: the SDK could not read the answer and stays at %s", at, got.ID)
	require.Equal(t, step.status, got.Status, "%s: %v", at, got.Error)
	assert.Equal(t, step.poll, got.Poll, at)
	if step.poll == "approved" {
		s.checkChallenge(t, at)
	}
	assert.Equal(t, answer.Status, got.HTTPStatus, at)
	body := gjson.ParseBytes(answer.JSON.Text)
	switch step.status {
	case "error", "failure":
		require.NotNil(t, got.Error, at)
		message := body.Get("message")
		if !message.Exists() {
			message = body.Get("error.message")
		}
		assert.Equal(t, message.String(), got.Error.Message, at)
		if step.status == "error" {
			assert.Equal(t, before.ID, got.ID, "%s: an error leaves the screen", at)
		} else {
			assert.Empty(t, got.ID, "%s: a failure leaves nothing", at)
		}
	case "success":
		assert.Equal(t, body.Get("id").String(), got.ID, at)
		assert.NotEmpty(t, got.Code, at)
	case "continue":
		if step.poll == "continue" {
			checkPoll(t, at, before, got)
			return
		}
		assert.Equal(t, body.Get("id").String(), got.ID, at)
		assert.Equal(t, body.Get("form.name").String(), got.Form, at)
		checkCollectors(t, at, body.Get("form.components.fields").Array(), got)
	}
	if before.InteractionID != "" && got.InteractionID != "" && step.Do != "start" {
		assert.Equal(t, before.InteractionID, got.InteractionID, "%s: the sign-on changed", at)
	}
}

// checkPoll checks that the flow was rewound: the screen stays, with one try less.
func checkPoll(t *testing.T, at string, before, got sdkLine) {
	t.Helper()
	assert.Equal(t, before.ID, got.ID, at)
	left := func(line sdkLine) int {
		for _, c := range line.Collectors {
			if c.RetriesRemaining != nil {
				return *c.RetriesRemaining
			}
		}
		return -1
	}
	assert.Equal(t, left(before)-1, left(got), "%s: the tries that are left", at)
}

// checkChallenge checks that the SDK asked for the state of a challenge until it was
// complete, which it is not at first.
func (s *site) checkChallenge(t *testing.T, at string) {
	t.Helper()
	paths := map[string]int{}
	for _, r := range s.seen() {
		if !strings.Contains(r.path, "/challenge/") || r.method != http.MethodPost {
			continue
		}
		paths[r.path]++
		assert.NotEmpty(t, r.headers.Get("interactionId"), at)
		assert.Empty(t, r.headers.Get("interactionToken"), at)
	}
	for path := range paths {
		assert.Regexp(t, `^/`+mockserver.DefaultEnvironment+`/davinci/user/credentials/challenge/[0-9a-f-]{36}/status$`, path)
	}
	assert.Contains(t, slices.Collect(maps.Values(paths)), 2, at)
}

// checkCollectors checks that the SDK has a collector for every field, of the
// right type and without a complaint.
func checkCollectors(t *testing.T, at string, fields []gjson.Result, got sdkLine) {
	t.Helper()
	require.Len(t, got.Collectors, len(fields), at)
	action := ""
	for i, field := range fields {
		kind, c := field.Get("type").String(), got.Collectors[i]
		if action == "" && kind == "SUBMIT_BUTTON" {
			action = field.Get("key").String()
		}
		if want, known := sdkCollectors[kind]; known {
			assert.Contains(t, want, c.Type, "%s: field %d, %s", at, i, kind)
			assert.Empty(t, c.Error, "%s: field %d, %s", at, i, kind)
		} else {
			assert.Equal(t, kind, c.Type, "%s: field %d", at, i)
		}
	}
	assert.Equal(t, action, got.Action, "%s: the action key", at)
}

// checkTokens checks that an app which verifies through discovery and the JWKS
// accepts both tokens.
func (s *site) checkTokens(t *testing.T, plan *sdkPlan, got sdkLine) {
	t.Helper()
	require.NotNil(t, got.Tokens)
	ctx := oidc.ClientContext(t.Context(), s.Client())
	provider, err := oidc.NewProvider(ctx, plan.issuer)
	require.NoError(t, err)
	idToken, err := provider.Verifier(&oidc.Config{ClientID: plan.ClientID}).Verify(ctx, got.Tokens.IDToken)
	require.NoError(t, err, "the id token")
	assert.NotEmpty(t, idToken.Subject)
	_, err = provider.Verifier(&oidc.Config{SkipClientIDCheck: true}).Verify(ctx, got.Tokens.AccessToken)
	require.NoError(t, err, "the access token")
}

// checkUser checks that the claims are about the user of the tokens.
func (s *site) checkUser(t *testing.T, plan *sdkPlan, exchanged, got sdkLine) {
	t.Helper()
	ctx := oidc.ClientContext(t.Context(), s.Client())
	provider, err := oidc.NewProvider(ctx, plan.issuer)
	require.NoError(t, err)
	idToken, err := provider.Verifier(&oidc.Config{ClientID: plan.ClientID}).Verify(ctx, exchanged.Tokens.IDToken)
	require.NoError(t, err)
	assert.Equal(t, idToken.Subject, got.User["sub"])
	assert.Equal(t, alice["username"], got.User["preferred_username"])
	assert.Equal(t, alice["email"], got.User["email"])
}
