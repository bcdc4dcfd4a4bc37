package flow_test

import (
	"encoding/base64"
	"testing"
	"testing/synctest"
	"time"

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

// packed is a component as an author's template has it.
func packed(component string) string {
	return "[[[skcomponent###eA==###" + base64.StdEncoding.EncodeToString([]byte(component)) + "]]]"
}

func TestADetailedScreen(t *testing.T) {
	const head = `{"id":"n","connectionId":"c","capabilityName":"customHtmlMessage","screen":{"properties":{`
	for name, row := range map[string]struct {
		properties string
		screen     string
		fields     []string
		interval   time.Duration
	}{
		"a message has a title of its own": {
			properties: `"messageTitle":{"value":"Check your mail"}`, screen: "Check your mail",
		},
		"the title of the node comes first": {
			properties: `"messageTitle":{"value":"b"},"nodeTitle":{"value":"a"}`, screen: "a",
		},
		"polling with an interval": {
			properties: `"enablePolling":{"value":true},"pollInterval":{"value":"500"}`,
			fields:     []string{"polling POLLING "}, interval: 500 * time.Millisecond,
		},
		"polling without an interval": {
			properties: `"enablePolling":{"value":true}`, fields: []string{"polling POLLING "}, interval: 2 * time.Second,
		},
		"polling with an interval that is none": {
			properties: `"enablePolling":{"value":true},"pollInterval":{"value":"{{x}}"}`,
			fields:     []string{"polling POLLING "}, interval: 2 * time.Second,
		},
		"polling with an interval below zero": {
			properties: `"enablePolling":{"value":true},"pollInterval":{"value":-1}`,
			fields:     []string{"polling POLLING "}, interval: 2 * time.Second,
		},
		"a component skpolling in the page": {
			properties: `"customHTML":{"value":"<p>Wait</p><div data-skcomponent='skpolling' data-pollinterval='700'></div>"}`,
			fields:     []string{"polling POLLING "}, interval: 700 * time.Millisecond,
		},
		"a component skpolling with the settings of the node": {
			properties: `"customHTML":{"value":"<div data-skcomponent='skpolling'></div>"},"pollInterval":{"value":"300"}`,
			fields:     []string{"polling POLLING "}, interval: 300 * time.Millisecond,
		},
		"a packed polling": {
			properties: `"customHTML":{"value":"` + packed(`{"name":"skpolling","options":{"class":"","pollInterval":"700","pollRetries":"60"}}`) + `"}`,
			fields:     []string{"polling POLLING "}, interval: 700 * time.Millisecond,
		},
		"packed buttons": {
			properties: `"customHTML":{"value":"` + packed(`{"name":"skbutton","options":{"label":"A & B","value":"GO","buttonType":"form-submit"}}`) +
				packed(`{"name":"skbutton","options":{"label":"","value":"BACK","buttonType":"next-event"}}`) + `"}`,
			fields: []string{"GO SUBMIT_BUTTON A & B", "BACK FLOW_BUTTON Button"},
		},
		"packed components for scripts, and what is none": {
			properties: `"customHTML":{"value":"` + packed(`{"name":"skrisk","options":{"propertyname":"x"}}`) + packed(`[`) +
				`[[[skcomponent###%###%]]] [[[skcomponent###eA==]]]"}`,
		},
		"the challenge of a node": {
			properties: `"enablePolling":{"value":true},"pollInterval":{"value":"300"},"challenge":"c-1"`,
			fields:     []string{"polling POLLING "}, interval: 300 * time.Millisecond,
		},
		"a message that is read and not left": {
			properties: `"messageTitle":{"value":"Hello"},"showContinueButton":{"value":false}`, screen: "Hello",
		},
		"no polling": {properties: `"enablePolling":{"value":false},"pollInterval":{"value":"500"}`},
		"the receiver of the button is not a field": {
			properties: `"formFieldsList":{"value":[{"propertyName":"buttonValue"},{"displayName":"x"},{"propertyName":"a"}]}`,
			fields:     []string{"a TEXT "},
		},
		"a button says what it is called in its value": {
			properties: `"customHTML":{"value":"<input type='submit' data-skcomponent='skbutton' ` +
				`data-skbuttontype='form-submit' data-skbuttonvalue='GO' value='Go on'>"}`,
			fields: []string{"GO SUBMIT_BUTTON Go on"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := startedDetailed(t, answering(says(200, head+row.properties+`}}}`), says(200, done)))
				assert.Equal(t, row.screen, j.Screen().Name)
				assert.Equal(t, "customHtmlMessage", j.Last().Capability())
				assert.Equal(t, "n", j.Last().NodeID())
				var got []string
				for _, f := range j.Screen().Fields {
					got = append(got, f.Key+" "+f.Type+" "+f.Label)
				}
				assert.Equal(t, row.fields, got)
				if row.interval == 0 {
					return
				}
				assert.Equal(t, 60, j.PollRetries())
				begin := time.Now()
				_, err := j.Poll(t.Context())
				require.NoError(t, err)
				assert.Equal(t, row.interval, time.Since(begin))
			})
		})
	}
}
