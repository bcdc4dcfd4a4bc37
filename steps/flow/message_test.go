package flow_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

// A message has a button that is not in its HTML.
func TestTheButtonOfAMessage(t *testing.T) {
	const message = `{"id":"n","connectionId":"c","capabilityName":"customHtmlMessage","screen":{"properties":{` +
		`"messageTitle":{"value":"Mail & more"},"message":{"value":"<p>We sent [[[skcomponent###e30=###eA==]]]<b>a link</b></p>"},` +
		`"showContinueButton":{"value":true}}}}`
	for name, leave := range map[string]func(j *flow.Journey) (*flow.Hop, error){
		"pressed":   func(j *flow.Journey) (*flow.Hop, error) { return j.Press(t.Context(), "Continue") },
		"submitted": func(j *flow.Journey) (*flow.Hop, error) { return j.Submit(t.Context()) },
	} {
		s := answering(says(200, message), says(200, done))
		j := startedDetailed(t, s)
		assert.Equal(t, "Mail & more We sent a link", j.Last().Page().Text(), "a component that DaVinci packed is not shown")
		h, err := leave(j)
		require.NoError(t, err, name)
		assert.Equal(t, davinci.Completed, h.Outcome)
		assert.JSONEq(t, `{"eventType":"submit","data":{"actionKey":"","formData":{}}}`, gjson.Get(s.bodies[1], "parameters").Raw)
	}
	assert.Equal(t, "Sign on now", davinci.Read("Sign on [[[skcomponent###e30=###eA==]]] now"))
}
