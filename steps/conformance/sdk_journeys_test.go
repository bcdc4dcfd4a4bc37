package conformance_test

import (
	"net/http"
	"strings"
	"testing"

	"flowtest/steps/conformance"
)

// judgeSDKs checks every hop of the journey against the second catalogue.
func (j journey) judgeSDKs(tb testing.TB) []conformance.Verdicts {
	tb.Helper()
	judge := conformance.Judge{SDKs: true}
	var out []conformance.Verdicts
	for _, h := range j.hops(tb) {
		out = append(out, *judge.Hop(h).SDK)
	}
	return out
}

var handleCookies = []string{"interactionId=" + interaction + "; Path=/; HttpOnly", "interactionToken=token-1; Path=/; HttpOnly"}

// carried are journeys that an SDK carries as they went: plain, failed and lost
// by all, poll by those that poll.
func carried() map[string]journey {
	return map[string]journey{
		"plain": plainJourney(), "failed": failedJourney(false), "lost": lostJourney(),
		"poll": pollJourney(),
	}
}

// carriers are the SDKs that carry each of them as it went.
var carriers = map[string][]conformance.SDK{
	"plain": conformance.SDKs(), "failed": conformance.SDKs(), "lost": conformance.SDKs(),
	"poll": {conformance.Web, conformance.Android},
}

// formPlace is where the form of plainJourney has its fields.
const formPlace = "form.components.fields."

// plainJourney passes a page of HTML, a refusal, a form and the end.
func plainJourney() journey {
	j := jsonJourney()
	j[0].answer["Set-Cookie"] = handleCookies
	j[1].set("details", []any{map[string]any{"statusCode": 400, "rawResponse": map[string]any{
		"id": "r1", "code": "INVALID_DATA", "message": "No", "details": []any{map[string]any{"code": "INVALID_VALUE", "target": "password", "message": "No"}},
	}}})
	j[2].set("form.components.fields", []any{
		map[string]any{"type": "LABEL", "content": "Hello"},
		map[string]any{"type": "TEXT", "key": "note", "label": "Note", "validation": map[string]any{"regex": "^[a-z]*$"}},
		map[string]any{"type": "COMBOBOX", "inputType": "MULTI_SELECT", "key": "colors", "label": "Colors"},
		map[string]any{"type": "DEVICE_AUTHENTICATION", "key": "device", "label": "Device"},
		map[string]any{"type": "FIDO2", "key": "passkey", "action": "REGISTER", "publicKeyCredentialCreationOptions": map[string]any{
			"challenge": []int{1, -2, 3},
		}},
		map[string]any{"type": "SOCIAL_LOGIN_BUTTON", "key": "social", "label": "Elsewhere", "idpEnabled": true, "links": map[string]any{
			"authenticate": map[string]any{"href": host + "/" + environment + "/rp/authenticate"},
		}},
		map[string]any{"type": "SUBMIT_BUTTON", "key": "submit", "label": "Next"},
		map[string]any{"type": "SUBMIT_BUTTON", "key": "other", "label": "Next, but otherwise"},
		map[string]any{"type": "FLOW_LINK", "inputType": "ACTION", "key": "BACK", "label": "Back"},
		map[string]any{"type": "ERROR_DISPLAY"},
	})
	j[2].set("_links.continue.href", host+"/"+environment+"/davinci/connections/"+form1+"/callback")
	j[3].request = strings.Replace(j[3].request, accept, `{"eventType":"submit","data":{"actionKey":"submit","formData":{`+
		`"colors":["red"],"note":"x","device":{"type":"SMS","id":"d1","value":"+1","description":"+1"}}}}`, 1)
	return j
}

// lostJourney answers a screen of which the service no longer knows anything.
func lostJourney() journey {
	j := plainJourney()[:2]
	j[1].status, j[1].body = http.StatusUnauthorized,
		`{"cause":null,"message":"Unauthorized!","success":false,"httpResponseCode":401,"code":1999}`
	return j
}

// pollJourney polls for a challenge, has to wait once and ends.
func pollJourney() journey {
	j := plainJourney()
	poll := post(html1, "customHTMLTemplate", "htmlnode01", "continue", "token-1", signOn, false)
	poll.body = j[2].body
	poll.set("_links.self.href", capabilityURL(form1, "customForm"))
	poll.set("form.components.fields", []any{
		map[string]any{"type": "POLLING", "key": "poll", "pollInterval": 2000, "pollRetries": "60", "pollChallengeStatus": true, "challenge": "c1"},
		map[string]any{"type": "FLOW_BUTTON", "key": "CANCEL", "label": "Cancel"},
	})
	const polled = `{"eventType":"polling","data":{"formData":{"poll":"approved"}}}`
	rewound := post(form1, "customForm", "formnode01", "continue", "token-2", polled, false)
	rewound.body = rewindBody
	end := j[3]
	end.request = rewound.request
	return journey{j[0], poll, rewound, end}
}

const rewindBody = `{"eventName":"rewindStateToLastRenderedUI","success":true,"id":"waitnode01","interactionId":"` + interaction + `"}`

// An sdkMutation breaks one requirement of the second catalogue. Its key is the
// requirement's id, or what of it is after the SDK's name.
type sdkMutation struct {
	journey string
	hop     int
	change  func(e *exchange)
	also    []string // other requirements of this SDK that turn with it
	others  []string // and of the other SDKs
}

func sdkMutations() map[string]sdkMutation {
	all := map[string]sdkMutation{}
	sdkAnswerMutations(all)
	sdkScreenMutations(all)
	sdkRequestMutations(all)
	return all
}

func sdkAnswerMutations(all map[string]sdkMutation) {
	plain := func(id string, hop int, change func(e *exchange)) {
		all[id] = sdkMutation{journey: "plain", hop: hop, change: change}
	}
	plain("SDK-WEB-BODY", 3, func(e *exchange) { e.body = "<p>Hello</p>" })
	plain("SDK-IOS-BODY", 3, func(e *exchange) { e.status, e.body = http.StatusInternalServerError, "<p>Hello</p>" })
	plain("REDIRECT", 3, func(e *exchange) { e.status, e.body = http.StatusFound, "" })
	plain("STATUS-200", 3, func(e *exchange) { e.status = http.StatusAccepted })
	plain("SDK-WEB-ERROR-KEY", 2, func(e *exchange) { e.set("error", map[string]any{}) })
	plain("SDK-ANDROID-ERROR-KEY", 2, func(e *exchange) { e.set("error", nil) })
	plain("SDK-IOS-ERROR-KEY", 3, func(e *exchange) { e.set("error", "No") })
	plain("STATUS-KIND", 2, func(e *exchange) { e.set("status", 7) })
	plain("SDK-WEB-SUCCESS", 2, func(e *exchange) { e.set("session", map[string]any{}) })
	plain("SDK-ANDROID-SUCCESS", 2, func(e *exchange) { e.set("authorizeResponse", nil) })
	plain("CODE", 3, func(e *exchange) { e.del("authorizeResponse.code") })
	plain("SDK-IOS-REWIND", 3, func(e *exchange) { e.body = rewindBody })
	plain("RATE-LIMIT", 1, func(e *exchange) { e.status = http.StatusTooManyRequests })
	plain("REFUSED-AT-START", 0, func(e *exchange) { e.status, e.body = http.StatusBadRequest, refusedBody })
	plain("ERROR-DETAILS", 1, func(e *exchange) { e.set("details", []any{map[string]any{"message": "No"}}) })
	plain("NEXT", 2, func(e *exchange) { e.set("_links.next.href", "/davinci/next") })
	plain("NEXT-HOST", 2, func(e *exchange) { e.set("_links.next.href", "https://elsewhere.example/davinci/next") })
	plain("SDK-WEB-HANDLES", 2, func(e *exchange) { e.del("interactionToken") })
	plain("HANDLES", 0, func(e *exchange) { delete(e.answer, "Set-Cookie") })
	all["FAILED"] = sdkMutation{journey: "failed", change: func(e *exchange) { e.del("error") }}
	all["REWIND"] = sdkMutation{journey: "poll", hop: 2, change: func(e *exchange) { e.set("eventName", "rewindStateToNowhere") }}
	all["LOST"] = sdkMutation{journey: "lost", hop: 1, change: func(e *exchange) { e.set("code", "1999") }}
	all["SDK-ANDROID-LOST"] = sdkMutation{journey: "lost", hop: 1, change: func(e *exchange) { e.set("code", " 1999") }}
}

func sdkScreenMutations(all map[string]sdkMutation) {
	form := func(id string, change func(e *exchange)) {
		all[id] = sdkMutation{journey: "plain", hop: 2, change: change}
	}
	form("CAPABILITY", func(e *exchange) { e.set("capabilityName", "customHtmlMessage") })
	form("INPUTS", func(e *exchange) {
		e.set("form.components.inputs", []any{map[string]any{"key": "more", "value": "{}"}})
	})
	form("SK-POLLING", func(e *exchange) { e.set(formPlace+"0.content", `<i data-skcomponent="skpolling"></i>`) })
	form("FIELD-TYPE", func(e *exchange) { e.set(formPlace+"0.type", "SIGNATURE_PAD") })
	form("REGEX", func(e *exchange) { e.set(formPlace+"1.validation.regex", "[a-z]*") })
	form("SOCIAL", func(e *exchange) { e.del("_links.continue") })
	form("FIDO2", func(e *exchange) { e.set(formPlace+"4.action", "NONE") })
	all["FIELD-KIND"] = sdkMutation{journey: "plain", hop: 2, change: func(e *exchange) {
		e.set(formPlace+"0.type", 7)
	}, others: []string{"FIELD-TYPE"}}
	all["WAY-ON"] = sdkMutation{journey: "plain", hop: 2, change: func(e *exchange) {
		e.set("form.components.fields", []any{map[string]any{"type": "LABEL", "content": "Hello"}})
	}, also: []string{"VALUES"}}
	all["POLL-ADDRESS"] = sdkMutation{journey: "poll", hop: 1, change: func(e *exchange) { e.del("_links.self") }}
	all["POLL-MODE"] = sdkMutation{journey: "poll", hop: 1, change: func(e *exchange) { e.del(formPlace + "0.challenge") }}
	all["POLL-NUMBERS"] = sdkMutation{journey: "poll", hop: 1, change: func(e *exchange) { e.set(formPlace+"0.pollRetries", "many") }}
}

func sdkRequestMutations(all map[string]sdkMutation) {
	plain := func(id string, hop int, change func(e *exchange)) {
		all[id] = sdkMutation{journey: "plain", hop: hop, change: change}
	}
	plain("SDK-WEB-PRESSED", 3, func(e *exchange) { e.send("parameters.data.actionKey", "other") })
	all["PRESSED"] = sdkMutation{journey: "plain", hop: 2, change: func(e *exchange) {
		e.set(formPlace+"6.inputType", "STRANGE")
	}, also: []string{"FIELD-TYPE"}}
	plain("EVENT-TYPE", 2, func(e *exchange) { e.send("parameters.eventType", "submit") })
	plain("VALUES", 1, func(e *exchange) { e.send("parameters.data.formData.other", "x") })
	plain("ACTION-VALUES", 2, func(e *exchange) { e.send("parameters.data.formData.username", "ada") })
	plain("SDK-WEB-DEVICE", 3, func(e *exchange) { e.unsend("parameters.data.formData.device.value") })
	plain("DEVICE", 3, func(e *exchange) { e.unsend("parameters.data.formData.device.description") })
}
