package conformance_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/conformance"
)

// Where the pages contradict themselves or the wire, either reading is let
// pass; the one that only a page has is said to be in doubt.
func TestADoubtIsReportedAndFailsNothing(t *testing.T) {
	for name, c := range map[string]struct {
		id, journey string
		hop         int
		change      func(e *exchange)
	}{
		"no state, as in the page's sample": {"JSON-STEP1-2d", "json", 3, func(e *exchange) { e.del("authorizeResponse.state") }},
		"a button without a key": {"MODEL-form.components.fields-KEY", "json", 2, func(e *exchange) {
			e.set("form.components.fields", []any{map[string]any{"type": "SUBMIT_BUTTON", "label": "Next"}})
		}},
		"status COMPLETE of the table": {"JSON-STEP3-2d", "json", 3, func(e *exchange) { e.set("status", "COMPLETE") }},
		"fields as the object of the table": {"MODEL-form.components.fields-KIND", "json", 2, func(e *exchange) {
			e.set("form.components.fields", map[string]any{})
		}},
		"the link of the detailed page": {"DETAILED-STEP2-1b", "detailed", 0, func(e *exchange) {
			e.del("_links.self")
			e.set("_links.href", host)
		}},
		"the cookie as the page names it": {"JSON-STEP3-1a", "json", 3, func(e *exchange) {
			e.answer["Set-Cookie"][0] = "ST-Cookie=a"
		}},
		"scopes as the page writes it": {"JSON-STEP1-3c", "json", 0, func(e *exchange) {
			e.ask("scope", "")
			e.ask("scopes", "openid")
		}},
		"HTML as the detailed page calls it": {"DETAILED-INTRO-2", "detailed", 0, func(e *exchange) {
			e.answer["Content-Type"] = []string{"text/html"}
		}},
		"a redirect, as the service has it": {"JSON-STEP1-2b", "json", 0, func(e *exchange) {
			e.status, e.body = http.StatusFound, ""
		}},
		"polling, which the table lacks": {"MODEL-parameters.eventType-VALUE", "json", 1, func(e *exchange) {
			e.send("parameters.eventType", "polling")
		}},
		"a screen that the pages do not name": {"JSON-STEP2-1g", "json", 2, func(e *exchange) {
			e.set("capabilityName", "showForm")
			e.set("_links.next.href", capabilityURL(form1, "showForm"))
		}},
		"the token as only a cookie": {"MODEL-interactionToken-PRESENCE", "json", 0, func(e *exchange) {
			e.del("interactionToken")
			e.answer["Set-Cookie"] = []string{"interactionToken=t; Path=/"}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			j := conforming()[c.journey]
			c.change(&j[c.hop])
			found := map[string]conformance.Result{}
			for _, v := range j.judge(t) {
				for _, f := range v.Findings {
					found[f.Requirement.ID] = max(found[f.Requirement.ID], f.Result)
				}
			}
			assert.Equal(t, conformance.Review, found[c.id], "%v", found)
			r := conformance.Lookup(c.id)
			require.NotNil(t, r)
			assert.NotEmpty(t, r.Doubt, "the requirement has to say the doubt")
		})
	}
}

// A custom domain has no environment id in its paths.
func TestACustomDomainIsInDoubtOnce(t *testing.T) {
	j := jsonJourney()
	for i := range j {
		j[i].url = strings.Replace(j[i].url, "/"+environment+"/", "/", 1)
		j[i].body = strings.ReplaceAll(j[i].body, host+"/"+environment+"/", host+"/")
	}
	for _, v := range j.judge(t) {
		for _, f := range v.Findings {
			assert.Equal(t, "JSON-STEP2-1d", f.Requirement.ID)
			assert.Equal(t, conformance.Review, f.Result)
		}
	}
}

// What the network or a tenant's set-up does is not the flow's.
func TestAnEnvironmentThatFailsBreaksNoRequirement(t *testing.T) {
	j := jsonJourney()[:1]
	j[0].status, j[0].body = http.StatusBadGateway, "<html><title>Bad gateway</title></html>"
	j[0].answer["Content-Type"] = []string{"text/html"}
	for _, v := range j.judge(t) {
		assert.Empty(t, v.Findings)
	}
}
