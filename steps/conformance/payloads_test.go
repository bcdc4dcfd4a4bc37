package conformance_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/steps/conformance"
)

// The shapes in which the service has been seen to answer, with what each of them
// leaves out or adds. What the service sends whole breaks no MUST; a doubt about it is
// a review.
func TestWholeAnswersOfTheServiceBreakNoMust(t *testing.T) {
	const (
		next   = `"_links":{"next":{"href":"` + host + "/" + environment + `/davinci/connections/` + form1 + `/capabilities/customForm"}}`
		node   = `"interactionId":"` + interaction + `","companyId":"` + environment + `","connectionId":"` + form1 + `","id":"node000001"`
		form   = "{" + node + `,"interactionToken":"t2","capabilityName":"customForm","success":true,` + next
		failed = "{" + node + `,"connectorId":"pingOneSSOConnector","capabilityName":"checkPassword","errorCategory":"Unexpected",` +
			`"cause":null,"isResponseCompatibleWithMobileAndWebSdks":true,`
	)
	fields := func(list string) string {
		return form + `,"form":{"name":"Form","description":"","category":"CUSTOM_FORM","components":{"fields":[` + list + `]}}}`
	}
	for name, row := range map[string]struct {
		hop, status int
		body        string
	}{
		"a form with devices and no button": {2, 200, fields(`{"type":"ERROR_DISPLAY"},{"type":"DEVICE_AUTHENTICATION","key":"d","options":[]}`)},
		"only a form with a passkey":        {2, 200, fields(`{"type":"FIDO2","key":"fido2","trigger":"BUTTON","action":"REGISTER"}`)},
		"only an SDK connector":             {2, 200, fields(`{"type":"METADATA","key":"metadata","payload":{}}`)},
		"a button without a key":            {2, 200, fields(`{"type":"LABEL","content":"Hello"},{"type":"SUBMIT_BUTTON","label":"Next"}`)},
		"a field that is newer":             {2, 200, fields(`{"type":"SIGNATURE_PAD"},{"type":"SUBMIT_BUTTON","key":"submit"}`)},
		"a form without fields":             {2, 200, fields(``)},
		"a screen of a subflow": {
			2, 200, form + `,"connectorId":"api","startUiSubFlow":true,"resetCookie":true,"pollInterval":"2000","form":{"components":` +
				`{"fields":[{"type":"SUBMIT_BUTTON","key":"submit"}]},"name":"F","category":"CUSTOM_FORM"}}`,
		},
		"a next link with a query": {
			2, 200, "{" + node + `,"interactionToken":"deprecated","capabilityName":"customForm","_links":{"next":{"href":"` + host + "/" + environment +
				`/davinci/connections/` + form1 + `/capabilities/customForm?next=true"}},"form":{"components":{"fields":[]}}}`,
		},
		"an interaction of its own in a subflow": {
			2, 200, `{"interactionId":"0f7e6f0e-9a54-4a0c-8a3c-0d3ad0b1b700","companyId":"` + environment + `","connectionId":"` + form1 +
				`","id":"node000001","interactionToken":"t3","capabilityName":"customForm",` + next + `,"form":{"components":{"fields":[]}}}`,
		},
		"a rewind":           {2, 200, rewindBody},
		"the end, in short":  {3, 200, `{"session":{"id":"s1"},"authorizeResponse":{"code":"c1","state":"state-1"},"environment":{"id":"` + environment + `"},"status":"COMPLETED"}`},
		"the end, no state":  {3, 200, `{"session":{"id":"s1"},"authorizeResponse":{"code":"c1"},"environment":{"id":"` + environment + `"},"status":"COMPLETED"}`},
		"FAILED":             {1, 200, `{"environment":{"id":"` + environment + `"},"status":"FAILED","error":{"code":"server_error","message":"Request timed out."}}`},
		"the wrong password": {1, 400, failed + `"code":" Invalid","expected":false,"message":" Invalid","httpResponseCode":400,"details":[]}`},
		"a code that is a number": {
			1, 400, failed + `"code":400,"expected":true,"message":"must not be blank","httpResponseCode":400}`,
		},
		"a customized error": {
			1, 400, failed + `"code":"validationError","isErrorCustomized":true,"metricAttributes":{"errorCustomization":"NONE"},` +
				`"message":"Validation Error","httpResponseCode":400,"details":[{"message":"must be a uuid"}],"doNotSendToOE":true}`,
		},
		"a time-out":          {1, 400, `{"interactionId":"` + interaction + `","code":"requestTimedOut","message":"Request timed out."}`},
		"a lost interaction":  {1, 401, `{"cause":null,"logLevel":"error","serviceName":null,"message":"Unauthorized!","success":false,"httpResponseCode":401,"code":1999}`},
		"an error of PingOne": {1, 400, `{"id":"e1a0b0c0-9a54-4a0c-8a3c-0d3ad0b1b7aa","code":"INVALID_REQUEST","message":"Invalid DV Flow Policy ID: x"}`},
		"an end without a code": {
			1, 200, "{" + node + `,"capabilityName":"createSuccessResponse","success":true,"additionalProperties":{},"interactionToken":"deprecated"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.True(t, gjson.Valid(row.body))
			j := jsonJourney()[:row.hop+1]
			j[row.hop].status, j[row.hop].body = row.status, row.body
			for i, v := range j.judge(t) {
				for _, f := range v.Findings {
					assert.Less(t, f.Result, conformance.Violated, "hop %d: %s", i+1, f.String())
				}
			}
		})
	}
}

// What the SDK for Android sends from a screen that has nothing but PROTECT.
func TestARequestWithoutAnEventTypeIsADoubtWhereThereIsNoButton(t *testing.T) {
	for name, row := range map[string]struct {
		fields []any
		want   conformance.Result
	}{
		"no button": {[]any{map[string]any{"type": "PROTECT", "key": "risk"}}, conformance.Review},
		"a button":  {[]any{map[string]any{"type": "SUBMIT_BUTTON", "key": "submit"}}, conformance.Violated},
	} {
		t.Run(name, func(t *testing.T) {
			j := jsonJourney()
			j[2].set("form.components.fields", row.fields)
			j[3].unsend("parameters.eventType")
			got := conformance.NotExercised
			for _, v := range j.judge(t) {
				for _, f := range v.Findings {
					if f.Requirement.ID == "MODEL-parameters.eventType-PRESENCE" {
						got = max(got, f.Result)
					}
				}
			}
			assert.Equal(t, row.want, got)
		})
	}
}
