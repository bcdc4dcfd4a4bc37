package conformance_test

import (
	"net/http"
	"strings"

	"flowtest/steps/conformance"
	"flowtest/steps/davinci"
)

// A mutation breaks one requirement at one hop of a conforming journey.
type mutation struct {
	journey string
	hop     int // from 0
	change  func(e *exchange)
	also    []string // requirements that say the same of another part, and turn with it
}

// on makes the same mutation for both pages.
func on(all map[string]mutation, id string, hop int, change func(e *exchange), also ...string) {
	for prefix, name := range map[string]string{"JSON-": "json", "DETAILED-": "detailed"} {
		m := mutation{journey: name, hop: hop, change: change}
		for _, a := range also {
			m.also = append(m.also, prefix+a)
		}
		all[prefix+id] = m
	}
}

func mutations() map[string]mutation {
	all := map[string]mutation{}
	startMutations(all)
	nextMutations(all)
	completeMutations(all)
	kindMutations(all)
	modelMutations(all)
	requestMutations(all)
	return all
}

func startMutations(all map[string]mutation) {
	on(all, "INTRO-1", 2, func(e *exchange) { e.status = http.StatusCreated })
	on(all, "INTRO-2", 2, func(e *exchange) { e.answer["Content-Type"] = []string{"text/plain"} })
	all["DETAILED-INTRO-3"] = mutation{journey: "detailed", hop: 2, change: func(e *exchange) {
		e.set("screen.properties", []int{})
	}, also: []string{"MODEL-parameters.data.actionKey-VALUE", "MODEL-parameters.data.formData.{{attribute}}-FIELD"}}
	all["DETAILED-INTRO-4"] = mutation{journey: "detailed", hop: 0, change: func(e *exchange) {
		e.set("screen.properties.customHTML.value", 7)
	}, also: []string{"MODEL-parameters.data.actionKey-VALUE"}}
	all["DETAILED-INTRO-5"] = mutation{journey: "detailed", hop: 0, change: func(e *exchange) {
		e.header["X-Requested-With"] = "ping-sdk"
	}}
	on(all, "STEP1-1", 0, func(e *exchange) {
		e.url = strings.Replace(e.url, "/as/authorize", "/as/authorise", 1)
	})
	on(all, "STEP1-2a", 0, func(e *exchange) { e.ask("response_mode", "query") })
	on(all, "STEP1-2b", 3, func(e *exchange) { e.status, e.body = http.StatusFound, "" })
	on(all, "STEP1-2c", 0, func(e *exchange) {
		e.ask("redirect_uri", "")
		e.status, e.body = http.StatusBadRequest, `{"id":"e1","code":"INVALID_REQUEST","message":"redirect_uri is missing"}`
	})
	on(all, "STEP1-2d", 3, func(e *exchange) { e.set("authorizeResponse.state", "other") })
	on(all, "STEP1-3a", 0, func(e *exchange) { e.ask("client_id", "") })
	on(all, "STEP1-3b", 0, func(e *exchange) { e.ask("response_type", "") })
	on(all, "STEP1-3c", 0, func(e *exchange) { e.ask("scope", "") })
	all["JSON-STEP1-4a"] = mutation{journey: "json", hop: 0, change: func(e *exchange) { delete(e.header, "X-Requested-With") }}
	all["JSON-STEP1-4b"] = mutation{journey: "json", hop: 0, change: func(e *exchange) { e.set("_links.next.href", 7) }}
}

func nextMutations(all map[string]mutation) {
	all["JSON-STEP2-1a"] = mutation{journey: "json", hop: 2, change: func(e *exchange) { e.url += "?more=1" }}
	all["JSON-STEP2-1b"] = mutation{journey: "json", hop: 2, change: func(e *exchange) { e.set("_links.next.href", 7) }}
	all["JSON-STEP2-1c"] = mutation{journey: "json", hop: 3, change: func(e *exchange) {
		e.set("_links.next.href", host+"/"+environment+"/davinci/connections/"+success1)
	}}
	all["JSON-STEP2-1d"] = mutation{journey: "json", hop: 3, change: func(e *exchange) {
		e.body = strings.Replace(e.body, host+"/", host+"/elsewhere/", 1)
	}}
	all["JSON-STEP2-1e"] = mutation{journey: "json", hop: 3, change: func(e *exchange) {
		e.set("_links.next.href", capabilityURL(success1, "other"))
	}}
	all["JSON-STEP2-1f"] = mutation{journey: "json", hop: 3, change: func(e *exchange) {
		e.set("_links.next.href", capabilityURL(sso1, "returnSuccessResponseRedirect"))
	}}
	all["JSON-STEP2-2a"] = mutation{journey: "json", hop: 2, change: func(e *exchange) { delete(e.header, "X-Requested-With") }}
	all["DETAILED-STEP2-1a"] = mutation{journey: "detailed", hop: 3, change: func(e *exchange) { e.url = capabilityURL(sso1, "customHTMLTemplate") }}
	all["DETAILED-STEP2-1b"] = mutation{journey: "detailed", hop: 2, change: func(e *exchange) { e.del("_links") }}
	on(all, "STEP2-1h", 1, func(e *exchange) { e.set("message", " ") })
	on(all, "STEP2-1i", 1, func(e *exchange) {
		e.del("code")
		e.del("httpResponseCode")
	})
	all["DETAILED-STEP2-1g"] = mutation{journey: "detailed", hop: 2, change: func(e *exchange) {
		e.set("capabilityName", "setCookie")
	}, also: []string{"DETAILED-STEP2-1a"}}
	all["JSON-STEP2-1g"] = mutation{journey: "json", hop: 2, change: func(e *exchange) {
		e.set("capabilityName", "setCookie")
	}, also: []string{"JSON-STEP2-1e"}}
}

func completeMutations(all map[string]mutation) {
	on(all, "STEP3-1a", 3, func(e *exchange) { e.answer["Set-Cookie"] = e.answer["Set-Cookie"][1:] })
	on(all, "STEP3-1b", 3, func(e *exchange) { e.answer["Set-Cookie"] = e.answer["Set-Cookie"][:1] })
	all["JSON-STEP3-2a"] = mutation{journey: "json", hop: 3, change: func(e *exchange) {
		e.set("capabilityName", "other")
		e.del("_links")
	}}
	all["DETAILED-STEP3-2a"] = mutation{journey: "detailed", hop: 3, change: func(e *exchange) { e.set("capabilityName", "other") }}
	on(all, "STEP3-2b", 3, func(e *exchange) { e.del("environment.id") })
	on(all, "STEP3-2c", 3, func(e *exchange) { e.del("session.id") })
	on(all, "STEP3-2d", 3, func(e *exchange) { e.set("status", "DONE") })
	on(all, "STEP3-2e", 3, func(e *exchange) {
		e.del("authorizeResponse.code")
		e.set("authorizeResponse.id_token", "it")
	})
	for prefix, name := range map[string]string{"JSON-": "tokens", "DETAILED-": "detailed tokens"} {
		token := func(id string, change func(e *exchange)) {
			all[prefix+id] = mutation{journey: name, change: change}
		}
		token("STEP3-2f", func(e *exchange) { e.del("authorizeResponse.access_token") })
		token("STEP3-2g", func(e *exchange) { e.del("authorizeResponse.id_token") })
		token("STEP3-2h", func(e *exchange) { e.set("authorizeResponse.token_type", "mac") })
		token("STEP3-2i", func(e *exchange) { e.set("authorizeResponse.expires_in", "3600") })
		token("STEP3-2j", func(e *exchange) { e.del("authorizeResponse.scope") })
	}
}

// kindMutations put a value of another kind at every row of the table: at the
// refusal what may be anywhere, at the screen what is the form's.
func kindMutations(all map[string]mutation) {
	for _, p := range davinci.Properties() {
		id := "MODEL-" + p.Path + "-KIND"
		if conformance.Lookup(id) == nil || strings.HasPrefix(p.Path, "parameters") {
			continue
		}
		hop := 1
		if strings.HasPrefix(p.Path, "form") {
			hop = 2
		}
		all[id] = mutation{journey: "json", hop: hop, change: func(e *exchange) { e.set(p.Path, 7) }}
	}
	all["MODEL-form-KIND"] = mutation{journey: "json", hop: 0, change: func(e *exchange) { e.set("form", 7) }, also: []string{
		"MODEL-form.components.fields-PRESENCE", "MODEL-parameters.data.actionKey-VALUE",
		"MODEL-parameters.data.formData.{{attribute}}-FIELD",
	}}
	all["MODEL-form.components-KIND"] = mutation{
		journey: "json", hop: 0, change: func(e *exchange) { e.set("form.components", 7) }, also: all["MODEL-form-KIND"].also,
	}
	all["MODEL-form.components.fields-KIND"] = mutation{
		journey: "json", hop: 0, change: func(e *exchange) { e.set("form.components.fields", 7) }, also: []string{
			"MODEL-parameters.data.actionKey-VALUE", "MODEL-parameters.data.formData.{{attribute}}-FIELD",
		},
	}
}

func modelMutations(all map[string]mutation) {
	gone := func(path string, also ...string) mutation {
		return mutation{journey: "json", hop: 2, change: func(e *exchange) { e.del(path) }, also: also}
	}
	all["MODEL-id-PRESENCE"] = gone("id")
	all["MODEL-connectionId-PRESENCE"] = gone("connectionId")
	all["MODEL-capabilityName-PRESENCE"] = gone("capabilityName")
	all["MODEL-companyId-PRESENCE"] = gone("companyId")
	all["MODEL-interactionId-PRESENCE"] = gone("interactionId")
	all["MODEL-interactionToken-PRESENCE"] = gone("interactionToken")
	all["MODEL-companyId-PRESENCE-DETAILED"] = mutation{journey: "detailed", hop: 2, change: func(e *exchange) { e.del("companyId") }}
	all["MODEL-form.components.fields-PRESENCE"] = mutation{
		journey: "json", hop: 2, change: func(e *exchange) { e.del("form.components.fields") },
		also: append([]string{"MODEL-parameters.data.formData.{{attribute}}-KIND"},
			all["MODEL-form.components.fields-KIND"].also...),
	}
	all["MODEL-authorizeResponse-PRESENCE"] = mutation{
		journey: "json", hop: 3, change: func(e *exchange) { e.del("authorizeResponse.code") }, also: []string{"JSON-STEP3-2e"},
	}
	all["MODEL-status-FAILED"] = mutation{journey: "failed", change: func(e *exchange) { e.set("status", "failure") }}
	all["MODEL-companyId-VALUE"] = mutation{journey: "json", hop: 0, change: func(e *exchange) {
		e.set("companyId", "another")
	}, also: []string{"MODEL-companyId-READONLY"}}
	all["MODEL-environment.id-VALUE"] = mutation{journey: "json", hop: 3, change: func(e *exchange) { e.set("environment.id", "another") }}
	all["MODEL-form.category-VALUE"] = mutation{journey: "json", hop: 2, change: func(e *exchange) { e.set("form.category", "CUSTOM_HTML") }}
	all["MODEL-form.components.fields-TYPE"] = mutation{journey: "json", hop: 2, change: func(e *exchange) {
		e.del("form.components.fields.3.type")
	}}
	all["MODEL-form.components.fields-KEY"] = mutation{journey: "json", hop: 0, change: func(e *exchange) {
		e.set("form.components.fields.0.key", "")
	}, also: []string{"MODEL-parameters.data.formData.{{attribute}}-FIELD"}}
	all["MODEL-companyId-READONLY"] = mutation{journey: "json", hop: 1, change: func(e *exchange) {
		e.set("companyId", "another")
	}, also: []string{"MODEL-companyId-VALUE"}}
	all["MODEL-interactionId-READONLY"] = mutation{journey: "json", hop: 3, change: func(e *exchange) { e.set("interactionId", "another") }}
}

func requestMutations(all map[string]mutation) {
	sent := func(id string, hop int, change func(e *exchange), also ...string) {
		all["MODEL-"+id] = mutation{journey: "json", hop: hop, change: change, also: also}
	}
	sent("id-RETURNED", 1, func(e *exchange) { e.send("id", "othernode1") })
	sent("eventName-RETURNED", 1, func(e *exchange) { e.send("eventName", "other") })
	sent("interactionId-RETURNED", 1, func(e *exchange) { e.header["interactionId"] = "another" })
	sent("interactionToken-RETURNED", 3, func(e *exchange) { e.header["interactionToken"] = "token-1" })
	sent("parameters-PRESENCE", 1, func(e *exchange) { e.send("parameters", "none") })
	sent("parameters.eventType-PRESENCE", 1, func(e *exchange) { e.unsend("parameters.eventType") })
	sent("parameters.eventType-VALUE", 1, func(e *exchange) { e.send("parameters.eventType", "press") })
	sent("parameters.data-PRESENCE", 1, func(e *exchange) { e.unsend("parameters.data") })
	sent("parameters.data.actionKey-PRESENCE", 2, func(e *exchange) { e.unsend("parameters.data.actionKey") })
	sent("parameters.data.actionKey-VALUE", 2, func(e *exchange) { e.send("parameters.data.actionKey", "OTHER") })
	sent("parameters.data.formData-PRESENCE", 1, func(e *exchange) { e.unsend("parameters.data.formData") })
	sent("parameters.data.formData.{{attribute}}-FIELD", 1, func(e *exchange) { e.send("parameters.data.formData.other", "x") })
	sent("parameters.data.formData.{{attribute}}-KIND", 1, func(e *exchange) { e.send("parameters.data.formData.username", 7) })
}
