package conformance_test

import (
	"maps"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/sjson"

	"flowtest/steps/conformance"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

const (
	host        = "https://auth.pingone.example"
	environment = "7c1f0a52-52f4-4a43-9e0f-3f0c7f4b9d11"
	interaction = "2f7e6f0e-9a54-4a0c-8a3c-0d3ad0b1b7aa"
	html1       = "0b7b5c4a9d3e4f60817263544536271f"
	form1       = "f1e2d3c4b5a69788796a5b4c3d2e1f00"
	success1    = "c0ffee00c0ffee00c0ffee00c0ffee00"
	sso1        = "55aa55aa55aa55aa55aa55aa55aa55aa"
)

// An exchange is a hop before it is one.
type exchange struct {
	method, url string
	header      map[string]string
	request     string
	status      int
	answer      map[string][]string
	body        string
	detailed    bool
}

// A journey is some of them.
type journey []exchange

func (j journey) clone() journey {
	out := make(journey, len(j))
	for i, e := range j {
		c := e
		c.header, c.answer = map[string]string{}, map[string][]string{}
		maps.Copy(c.header, e.header)
		for k, v := range e.answer {
			c.answer[k] = append([]string(nil), v...)
		}
		out[i] = c
	}
	return out
}

// hops reads the journey as a client would.
func (j journey) hops(tb testing.TB) []*flow.Hop {
	tb.Helper()
	var seen davinci.Exchanges
	for _, e := range j {
		u, err := url.Parse(e.url)
		require.NoError(tb, err)
		r := davinci.Exchange{Method: e.method, URL: u, Header: http.Header{}, Status: e.status, Response: []byte(e.body)}
		for k, v := range e.header {
			r.Header.Set(k, v)
		}
		if e.request != "" {
			r.Body = []byte(e.request)
		}
		r.ResponseHeader = http.Header{}
		for k, v := range e.answer {
			r.ResponseHeader[http.CanonicalHeaderKey(k)] = v
		}
		seen = append(seen, r)
	}
	hops := flow.Observe(seen, false)
	for i := range hops {
		hops[i].Detailed = j[i].detailed
	}
	return hops
}

// judge checks every hop of the journey against the catalogue.
func (j journey) judge(tb testing.TB) []conformance.Verdicts {
	tb.Helper()
	var judge conformance.Judge
	var out []conformance.Verdicts
	for _, h := range j.hops(tb) {
		out = append(out, judge.Hop(h))
	}
	return out
}

func (e *exchange) set(path string, value any) {
	var err error
	if e.body, err = sjson.Set(e.body, path, value); err != nil {
		panic(err)
	}
}

func (e *exchange) del(path string) {
	var err error
	if e.body, err = sjson.Delete(e.body, path); err != nil {
		panic(err)
	}
}

func (e *exchange) send(path string, value any) {
	var err error
	if e.request, err = sjson.Set(e.request, path, value); err != nil {
		panic(err)
	}
}

func (e *exchange) unsend(path string) {
	var err error
	if e.request, err = sjson.Delete(e.request, path); err != nil {
		panic(err)
	}
}

func (e *exchange) ask(name, value string) {
	u, err := url.Parse(e.url)
	if err != nil {
		panic(err)
	}
	q := u.Query()
	if value == "" {
		q.Del(name)
	} else {
		q.Set(name, value)
	}
	u.RawQuery = q.Encode()
	e.url = u.String()
}

func capabilityURL(connection, name string) string {
	return host + "/" + environment + "/davinci/connections/" + connection + "/capabilities/" + name
}

var jsonType = []string{"application/json;charset=utf-8"}

func authorize(responseType string, detailed bool) exchange {
	q := url.Values{
		"response_mode": {"pi.flow"}, "response_type": {responseType}, "client_id": {"an-app"}, "scope": {"openid"},
		"state": {"state-1"}, "redirect_uri": {"https://app.example/callback"},
	}
	e := exchange{
		method: http.MethodGet, url: host + "/" + environment + "/as/authorize?" + q.Encode(),
		header: map[string]string{"Accept": "application/json"},
		status: http.StatusOK, answer: map[string][]string{"Content-Type": jsonType}, detailed: detailed,
	}
	if !detailed {
		e.header["X-Requested-With"] = "ping-sdk"
	}
	return e
}

func post(connection, name, id, event, token, parameters string, detailed bool) exchange {
	e := exchange{
		method: http.MethodPost, url: capabilityURL(connection, name),
		header: map[string]string{
			"Content-Type": "application/json", "interactionId": interaction, "interactionToken": token,
		},
		request: `{"id":"` + id + `","eventName":"` + event + `","interactionId":"` + interaction +
			`","parameters":` + parameters + `}`,
		status: http.StatusOK, answer: map[string][]string{"Content-Type": jsonType}, detailed: detailed,
	}
	if !detailed {
		e.header["X-Requested-With"] = "ping-sdk"
	}
	return e
}

const (
	signOn = `{"eventType":"submit","data":{"actionKey":"SIGNON","formData":{"username":"ada","password":"secret"}}}`
	more   = `{"eventType":"action","data":{"actionKey":"MORE"}}`
	accept = `{"eventType":"submit","data":{"actionKey":"submit","formData":{"terms":true,"colors":["red"],"note":"x"}}}`
)

func completed(authorizeResponse string) string {
	return `{"interactionId":"` + interaction + `","companyId":"` + environment + `","connectionId":"` + success1 +
		`","connectorId":"pingOneAuthenticationConnector","id":"endnode001","capabilityName":"returnSuccessResponseRedirect",` +
		`"environment":{"id":"` + environment + `"},"session":{"id":"0e7a"},"status":"COMPLETED",` +
		`"authorizeResponse":` + authorizeResponse + `,"isResponseCompatibleWithMobileAndWebSdks":true,` +
		`"success":true,"resetCookie":true,"interactionToken":"token-9","subFlowSettings":{"cssLinks":[]},` +
		`"_links":{"next":{"href":"` + capabilityURL(success1, "returnSuccessResponseRedirect") + `"}}}`
}

const refusedBody = `{"interactionId":"` + interaction + `","companyId":"` + environment + `","connectionId":"` + sso1 +
	`","connectorId":"pingOneSSOConnector","id":"checknode1","capabilityName":"checkPassword","code":" Invalid",` +
	`"message":" Invalid username and/or password","httpResponseCode":400,"details":[],` +
	`"isResponseCompatibleWithMobileAndWebSdks":true}`

func ending(e exchange, body string) exchange {
	e.answer["Set-Cookie"] = []string{"ST=a; Path=/; HttpOnly", "ST-NO-SS=a; Path=/; HttpOnly"}
	e.body = body
	return e
}

// jsonJourney passes a page of HTML, a refusal, a form and the end.
func jsonJourney() journey {
	first := authorize("code", false)
	first.body = `{"interactionId":"` + interaction + `","interactionToken":"token-1","connectorId":"api","success":true,` +
		`"_links":{"next":{"href":"` + capabilityURL(html1, "customHTMLTemplate") + `"}},"eventName":"continue",` +
		`"isResponseCompatibleWithMobileAndWebSdks":true,"id":"htmlnode01","companyId":"` + environment + `",` +
		`"flowId":"d0d1","connectionId":"` + html1 + `","capabilityName":"customHTMLTemplate",` +
		`"formData":{"value":{"username":"","password":""}},"form":{"name":"Sign On","description":"",` +
		`"category":"CUSTOM_HTML","components":{"fields":[{"type":"TEXT","key":"username","label":"Username"},` +
		`{"type":"PASSWORD","key":"password","label":"Password"},{"type":"SUBMIT_BUTTON","key":"SIGNON","label":"Go"},` +
		`{"type":"FLOW_BUTTON","key":"MORE","label":"More"}]}}}`
	refused := post(html1, "customHTMLTemplate", "htmlnode01", "continue", "token-1", signOn, false)
	refused.status, refused.body = http.StatusBadRequest, refusedBody
	form := post(html1, "customHTMLTemplate", "htmlnode01", "continue", "token-1", more, false)
	form.body = `{"interactionId":"` + interaction + `","interactionToken":"token-2","connectorId":"pingOneFormsConnector",` +
		`"success":true,"_links":{"next":{"href":"` + capabilityURL(form1, "customForm") + `"}},` +
		`"id":"formnode01","companyId":"` + environment + `","connectionId":"` + form1 + `","capabilityName":"customForm",` +
		`"formData":{"value":{}},"form":{"name":"Terms","description":"","category":"CUSTOM_FORM","components":{"fields":[` +
		`{"type":"SINGLE_CHECKBOX","inputType":"BOOLEAN","key":"terms","label":"I agree","required":true},` +
		`{"type":"CHECKBOX","inputType":"MULTI_SELECT","key":"colors","label":"Colors","options":[{"label":"Red","value":"red"}]},` +
		`{"type":"TEXT","key":"note","label":"Note"},{"type":"LABEL","content":"Hello"},` +
		`{"type":"SUBMIT_BUTTON","key":"submit","label":"Next"}]}}}`
	end := ending(post(form1, "customForm", "formnode01", "continue", "token-2", accept, false),
		completed(`{"code":"code-1","state":"state-1"}`))
	return journey{first, refused, form, end}
}

// detailedJourney is the same without the form.
func detailedJourney() journey {
	screen := func(id, connection, token string) string {
		return `{"id":"` + id + `","companyId":"` + environment + `","flowId":"d0d1","connectionId":"` + connection +
			`","capabilityName":"customHTMLTemplate","screen":{"name":"HTTP","properties":{"customHTML":{"value":"<p>Hello</p>` +
			`<button data-skcomponent='skbutton' data-skbuttontype='form-submit' data-skbuttonvalue='SIGNON'>Go</button>` +
			`<button data-skcomponent='skbutton' data-skbuttontype='next-event' data-skbuttonvalue='MORE'>More</button>"},` +
			`"formFieldsList":{"value":[{"propertyName":"username"},{"propertyName":"password","hashedVisibility":true}]},` +
			`"button":{"onClick":{"eventName":"continue"}},"nodeTitle":{"value":"Sign On"}}},` +
			`"interactionId":"` + interaction + `","interactionToken":"` + token + `",` +
			`"_links":{"self":{"href":"` + host + `/` + environment + `/davinci/policy/a1/start"}}}`
	}
	first := authorize("code", true)
	first.body = screen("htmlnode01", html1, "token-1")
	refused := post(html1, "customHTMLTemplate", "htmlnode01", "continue", "token-1", signOn, true)
	refused.status, refused.body = http.StatusBadRequest, refusedBody
	second := post(html1, "customHTMLTemplate", "htmlnode01", "continue", "token-1", more, true)
	second.body = screen("htmlnode02", form1, "token-2")
	end := ending(post(form1, "customHTMLTemplate", "htmlnode02", "continue", "token-2", signOn, true),
		completed(`{"code":"code-1","state":"state-1"}`))
	return journey{first, refused, second, end}
}

// tokenJourney asks for tokens and gets them at once.
func tokenJourney(detailed bool) journey {
	return journey{ending(authorize("token id_token", detailed), completed(`{"access_token":"at","id_token":"it",`+
		`"token_type":"Bearer","expires_in":3600,"scope":"openid","state":"state-1"}`))}
}

// failedJourney is refused before the first screen.
func failedJourney(detailed bool) journey {
	e := authorize("code", detailed)
	e.body = `{"environment":{"id":"` + environment + `"},"status":"FAILED","error":{"code":"login_required","message":"No"}}`
	return journey{e}
}
