package conformance_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/steps/conformance"
)

// What a finding says was found and wanted, "" where the requirement makes none.
func TestWhatWasFoundAndWanted(t *testing.T) {
	elsewhere := func(e *exchange) { e.url = strings.Replace(e.url, host, "https://elsewhere.example", 1) }
	const capabilities = "/" + environment + "/davinci/connections/" + html1 + "/capabilities/customHTMLTemplate"
	for name, row := range map[string]struct {
		journey string
		hop     int
		change  func(e *exchange)
		id      string
		want    string
	}{
		"a request to another host": {
			"json", 1, elsewhere, "JSON-STEP2-1a",
			"URL is elsewhere.example" + capabilities + ", want auth.pingone.example" + capabilities,
		},
		"a request with another query": {
			"json", 1, func(e *exchange) { e.url += "?next=true" }, "JSON-STEP2-1a",
			"URL is another query, want the query of the next link",
		},
		"a detailed request to another host": {
			"detailed", 1, elsewhere, "DETAILED-STEP2-1a",
			"URL is elsewhere.example" + capabilities + ", want auth.pingone.example" + capabilities,
		},
		"a next link to another host": {
			"json", 0, func(e *exchange) {
				e.set("_links.next.href", strings.Replace(capabilityURL(html1, "customHTMLTemplate"), host, "https://elsewhere.example", 1))
			}, "JSON-STEP2-1d",
			"_links.next.href is elsewhere.example/" + environment + ", want auth.pingone.example/" + environment,
		},
		"a next link with another capability": {
			"json", 0, func(e *exchange) { e.set("_links.next.href", capabilityURL(html1, "customForm")) },
			"JSON-STEP2-1e", "_links.next.href is customForm, want capabilityName customHTMLTemplate",
		},
		"a session cookie that is taken away": {
			"json", 3, func(e *exchange) { e.answer["Set-Cookie"][0] = "ST=a; Max-Age=0" }, "JSON-STEP3-1a",
			"Set-Cookie is no ST, want ST",
		},
		"a session cookie without a value": {
			"json", 3, func(e *exchange) { e.answer["Set-Cookie"][0] = "ST=; Path=/" }, "JSON-STEP3-1a",
			"Set-Cookie is no ST, want ST",
		},
		"a session cookie after what is none": {
			"json", 3, func(e *exchange) { e.answer["Set-Cookie"][1] = "=; ;" }, "JSON-STEP3-1b",
			"Set-Cookie is no ST-NO-SS, want ST-NO-SS",
		},
		"a cookie twice, the first counts": {
			"json", 3, func(e *exchange) {
				e.answer["Set-Cookie"] = append([]string{"ST=; Max-Age=0"}, e.answer["Set-Cookie"]...)
			}, "JSON-STEP3-1a", "Set-Cookie is no ST, want ST",
		},
		"a property twice, the last counts": {
			"json", 0, func(e *exchange) { e.body = e.body[:len(e.body)-1] + `,"success":"yes"}` }, "MODEL-success-KIND",
			`success is a string "yes", want a boolean`,
		},
		"a link twice, the last counts": {
			"json", 0, func(e *exchange) {
				e.body = e.body[:len(e.body)-1] + `,"_links":{"next":{"href":"` + capabilityURL(html1, "customForm") + `"}}}`
			}, "JSON-STEP2-1e", "_links.next.href is customForm, want capabilityName customHTMLTemplate",
		},
		"the widget's values, flat below parameters": {
			"json", 1, func(e *exchange) {
				e.send("parameters", map[string]any{"buttonType": "form-submit", "buttonValue": "SIGNON", "username": "ada"})
			}, "MODEL-parameters.eventType-PRESENCE", "",
		},
		"the same without a button": {
			"json", 1, func(e *exchange) { e.send("parameters", map[string]any{"username": "ada"}) },
			"MODEL-parameters.eventType-PRESENCE", "parameters.eventType is nothing, want a string",
		},
		"another interactionId of a subflow": {
			"json", 1, func(e *exchange) { e.set("interactionId", "another") }, "MODEL-interactionId-READONLY",
			"interactionId is another value, want the value of the hops before",
		},
		"another state": {
			"json", 3, func(e *exchange) { e.set("authorizeResponse.state", "another") }, "JSON-STEP1-2d",
			"authorizeResponse.state is another state, want the state of the authorize request",
		},
		"the word undefined beside the cookie, as the web SDK sends it": {
			"json", 1, func(e *exchange) {
				e.header["interactionToken"] = "undefined"
				e.header["Cookie"] = "interactionToken=token-1"
			}, "MODEL-interactionToken-RETURNED", "",
		},
		"the word undefined for a token": {
			"json", 1, func(e *exchange) { e.header["interactionToken"] = "undefined" }, "MODEL-interactionToken-RETURNED",
			"interactionToken is nothing, want the token of the screen that is open",
		},
		"an environment id in capitals": {
			"json", 0, func(e *exchange) { e.set("companyId", strings.ToUpper(environment)) }, "MODEL-companyId-VALUE", "",
		},
		"a next link with the default port": {
			"json", 0, func(e *exchange) {
				e.set("_links.next.href", strings.Replace(capabilityURL(html1, "customHTMLTemplate"), host, "https://AUTH.pingone.example:443", 1))
			}, "JSON-STEP2-1d", "",
		},
		"a value of no field": {
			"json", 1, func(e *exchange) { e.send(`parameters.data.formData.a\.b`, "x") },
			"MODEL-parameters.data.formData.{{attribute}}-FIELD",
			`parameters.data.formData.a\.b is a.b, want the key of a field`,
		},
		"a response_type of several words": {
			"json", 0, func(e *exchange) { e.ask("response_type", "id_token  token") }, "JSON-STEP3-2f",
			"authorizeResponse.access_token is nothing, want a string",
		},
	} {
		t.Run(name, func(t *testing.T) {
			j := conforming()[row.journey]
			row.change(&j[row.hop])
			got := ""
			for _, v := range j.judge(t) {
				for _, f := range v.Findings {
					if f.Requirement.ID == row.id && got == "" {
						got = strings.TrimPrefix(f.String(), row.id+": ")
					}
				}
			}
			assert.NotNil(t, conformance.Lookup(row.id), row.id)
			assert.Equal(t, row.want, got)
		})
	}
}
