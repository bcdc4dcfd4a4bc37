package steps_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/sjson"

	"flowtest/steps"
	"flowtest/steps/conformance"
	"flowtest/steps/secret"
)

// typed answers with a body and the content type that the service gives it.
func typed(status int, body string) httpmock.Responder {
	r := httpmock.NewStringResponse(status, body)
	r.Header.Set("Content-Type", "application/json;charset=utf-8")
	return httpmock.ResponderFromResponse(r)
}

// with sets a value in a body.
func with(body, path string, value any) string {
	out, err := sjson.Set(body, path, value)
	if err != nil {
		panic(err)
	}
	return out
}

var conforming = with(form(username, password, signOn), "companyId", "env-1")

var conformances = map[string]sentence{
	"a response as documented": {
		answers: answering(typed(http.StatusOK, conforming)), sentence: `Then the response conforms`,
	},
	"one that is only in doubt": {
		answers:  answering(typed(http.StatusOK, with(conforming, "form.components.fields", map[string]any{}))),
		sentence: `Then the response conforms`,
	},
	"one that breaks a requirement": {
		answers:  answering(typed(http.StatusOK, with(conforming, "success", "yes"))),
		sentence: `Then the response conforms`,
		want: "the response does not conform:\n" +
			"  MODEL-success-KIND: success is a string \"yes\", want a boolean\n" +
			"    Where success is present, it is a boolean.\n" +
			`  (hop 1, node node000001, form "Sign On Form")`,
	},
	"one of which the flow says nothing": {
		answers: answering(says(http.StatusBadGateway, "<p>")), sentence: `Then the response conforms`,
		before: []string{given, starts},
		want: `the flow failed with "notJSON": the service is in trouble and answers with a text without a Content-Type: "<p>" [network], ` +
			`want a response of the flow (hop 1)`,
	},
}

func TestConformance(t *testing.T) { checkAll(t, conformances) }

func TestAFindingHoldsNoSecret(t *testing.T) {
	broken := with(conforming, "interactionToken", map[string]any{"t": `p"a\ss-1`})
	p := play(t, answering(typed(http.StatusOK, broken)), given, `Given the user "alice"`, starts,
		`Then the response conforms`)
	require.Error(t, p.err)
	assert.NotContains(t, p.err.Error(), `ss-1`)
	assert.Contains(t, p.err.Error(), "MODEL-interactionToken-KIND")
}

// A scenario may start its flow twice; the second journey is judged by itself.
func TestASecondJourneyIsJudgedByItself(t *testing.T) {
	second := with(conforming, "interactionId", "i-2")
	p := play(t, answering(typed(http.StatusOK, conforming), typed(http.StatusOK, second)), given, starts, starts,
		`Then the response conforms`)
	require.NoError(t, p.err)
	assert.Len(t, p.world.Hops(), 2)
	for _, v := range p.world.Verdicts() {
		assert.True(t, v.Applied())
		assert.Empty(t, v.Findings)
		assert.Nil(t, v.SDK, "the SDKs were not asked for")
	}
}

// The SDKs keep the interaction in cookies, which the second journey gets none of.
func TestEveryJourneyIsJudgedForTheSDKs(t *testing.T) {
	first := httpmock.NewStringResponse(http.StatusOK, conforming)
	first.Header = http.Header{
		"Content-Type": {"application/json"}, "Set-Cookie": {"interactionId=i; Path=/", "interactionToken=t; Path=/"},
	}
	s := &service{answers: answering(httpmock.ResponderFromResponse(first), typed(http.StatusOK, conforming))}
	p := &played{service: s, world: &steps.World{}}
	p.world.Begin(stubbed{s}, &secret.Redactor{}, true)
	p.play(t, given, starts, starts, `Then the response conforms`)
	require.NoError(t, p.err)
	verdicts := p.world.Verdicts()
	require.Len(t, verdicts, 2)
	broken := func(f conformance.Finding) bool {
		return f.Requirement.SDK == conformance.Android && f.Result == conformance.Warning
	}
	assert.True(t, verdicts[0].SDK.Applied())
	assert.False(t, slices.ContainsFunc(verdicts[0].SDK.Findings, broken))
	assert.True(t, slices.ContainsFunc(verdicts[1].SDK.Findings, broken))
}

// Answers that a journey lets go of were judged before, and a comparison that would
// need one says so.
func TestAnswersThatAreNoLongerKept(t *testing.T) {
	large := typed(http.StatusOK, strings.TrimSuffix(rewound, "}")+`,"x":"`+strings.Repeat("a", 1e6)+`"}`)
	answers := slices.Repeat([]httpmock.Responder{large}, 17)
	polling := `{"type":"POLLING","key":"poll","pollInterval":"0","pollRetries":20}`
	p := play(t, append(answering(typed(http.StatusOK, form(polling))), append(answers, typed(http.StatusOK, `{"y":1}`))...),
		given, starts, "And the screen polls until it moves on", `Then "y" is unchanged`)
	require.ErrorContains(t, p.err, `no hop before this one has "y" to compare with, from hop 3 on: `+
		"of the answers of a journey the last 16 MiB are kept")
	verdicts := p.world.Verdicts()
	require.Len(t, verdicts, len(answers)+2)
	for i := range verdicts {
		assert.True(t, verdicts[i].Applied(), "hop %d", i+1)
	}
	assert.NotEqual(t, verdicts[1].Passed, verdicts[0].Passed)
}
