package conformance_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/steps/conformance"
)

// Each row changes one hop of a journey that all three carry and says how they
// stand to the hop then: web, Android, iOS.
func TestWhatEachSDKDoesWithAHop(t *testing.T) {
	const (
		yes    = conformance.Passed
		limits = conformance.Review
		no     = conformance.Warning
		never  = conformance.NotExercised
	)
	only := func(fields ...any) func(e *exchange) {
		return func(e *exchange) { e.set("form.components.fields", fields) }
	}
	field := func(kind, key string, more ...any) map[string]any {
		m := map[string]any{"type": kind, "key": key}
		for i := 0; i < len(more); i += 2 {
			m[fmt.Sprint(more[i])] = more[i+1]
		}
		return m
	}
	button := field("SUBMIT_BUTTON", "submit")
	for name, c := range map[string]struct {
		hop    int
		change func(e *exchange)
		want   [3]conformance.Result
	}{
		"an answer as it should be": {2, func(*exchange) {}, [3]conformance.Result{yes, yes, yes}},

		"a body that is null": {3, func(e *exchange) { e.body = "null" }, [3]conformance.Result{no, yes, yes}},
		"an empty body":       {3, func(e *exchange) { e.body = "" }, [3]conformance.Result{no, yes, yes}},
		"a dead service without a body": {3, func(e *exchange) {
			e.status, e.body = http.StatusInternalServerError, ""
		}, [3]conformance.Result{yes, yes, limits}},
		"a page of a service that is down": {3, func(e *exchange) {
			e.status, e.body = http.StatusServiceUnavailable, "<p>Later</p>"
		}, [3]conformance.Result{limits, yes, limits}},

		"status failure at a screen":      {2, func(e *exchange) { e.set("status", "Failure") }, [3]conformance.Result{no, yes, yes}},
		"status in an array":              {2, func(e *exchange) { e.set("status", []int{}) }, [3]conformance.Result{no, yes, yes}},
		"FAILED beside a next link":       {2, func(e *exchange) { e.set("status", "FAILED") }, [3]conformance.Result{no, yes, yes}},
		"error null at a screen":          {2, func(e *exchange) { e.set("error", nil) }, [3]conformance.Result{no, no, yes}},
		"error as a string at a screen":   {2, func(e *exchange) { e.set("error", "No") }, [3]conformance.Result{yes, yes, no}},
		"a session at a screen":           {2, func(e *exchange) { e.set("session", nil) }, [3]conformance.Result{no, yes, yes}},
		"a code that is empty":            {3, func(e *exchange) { e.set("authorizeResponse.code", "") }, [3]conformance.Result{no, no, no}},
		"a success that is 201":           {3, func(e *exchange) { e.status = http.StatusCreated }, [3]conformance.Result{yes, no, no}},
		"a dead end":                      {3, func(e *exchange) { e.body = `{"id":"n","success":true}` }, [3]conformance.Result{yes, no, no}},
		"a session and nothing else":      {3, func(e *exchange) { e.body = `{"session":{"id":"s"}}` }, [3]conformance.Result{no, no, no}},
		"next null":                       {3, func(e *exchange) { e.body = `{"id":"n","_links":{"next":null}}` }, [3]conformance.Result{no, no, no}},
		"a rewind":                        {3, func(e *exchange) { e.body = rewindBody }, [3]conformance.Result{yes, yes, no}},
		"a screen that is called rewind":  {2, func(e *exchange) { e.set("eventName", "rewindStateToLastRenderedUI") }, [3]conformance.Result{yes, yes, no}},
		"requestTimedOut":                 {1, func(e *exchange) { e.set("code", "requestTimedOut") }, [3]conformance.Result{yes, yes, yes}},
		"1999 as text":                    {1, func(e *exchange) { e.set("code", "1999") }, [3]conformance.Result{limits, yes, limits}},
		"too many requests":               {1, func(e *exchange) { e.status = 429 }, [3]conformance.Result{limits, limits, limits}},
		"too many requests, from a proxy": {1, func(e *exchange) { e.status, e.body = 429, "{}" }, [3]conformance.Result{limits, limits, limits}},

		"the token in no place": {2, func(e *exchange) {
			e.del("interactionToken")
			e.del("interactionId")
		}, [3]conformance.Result{limits, yes, yes}},
		"a next link elsewhere": {2, func(e *exchange) {
			e.set("_links.next.href", "https://elsewhere.example/x")
		}, [3]conformance.Result{limits, no, no}},

		"a field that all leave out":     {2, only(field("SIGNATURE_PAD", "s"), button), [3]conformance.Result{limits, limits, limits}},
		"the same, required":             {2, only(field("SIGNATURE_PAD", "s", "required", true), button), [3]conformance.Result{no, no, no}},
		"a button that only the web has": {2, only(field("PLAIN_BUTTON", "s")), [3]conformance.Result{yes, no, no}},
		"a checkbox":                     {2, only(field("SINGLE_CHECKBOX", "s", "inputType", "BOOLEAN"), button), [3]conformance.Result{yes, yes, limits}},
		"an unknown inputType":           {2, only(field("TEXT", "s", "inputType", "NEW"), button), [3]conformance.Result{yes, limits, limits}},
		"an unknown type with a known inputType": {
			2, only(field("PICKER", "s", "inputType", "SINGLE_SELECT"), button), [3]conformance.Result{limits, yes, yes},
		},
		"a field that is no object": {2, only("TEXT", button), [3]conformance.Result{no, limits, limits}},
		"what ERROR_DISPLAY shows":  {2, only(field("ERROR_DISPLAY", ""), button), [3]conformance.Result{yes, yes, yes}},
		"only polling":              {2, only(field("POLLING", "p")), [3]conformance.Result{yes, yes, no}},
		"polling by hand as well":   {2, only(field("POLLING", "p"), button), [3]conformance.Result{yes, yes, limits}},
		"an SDK connector by hand":  {2, only(field("METADATA", "m", "payload", map[string]any{}), button), [3]conformance.Result{limits, limits, limits}},
		"only an SDK connector":     {2, only(field("METADATA", "m", "payload", map[string]any{})), [3]conformance.Result{no, no, no}},
		"a picture":                 {2, only(field("IMAGE", "i"), button), [3]conformance.Result{yes, limits, limits}},
		"a device and no button":    {2, only(field("DEVICE_REGISTRATION", "d")), [3]conformance.Result{yes, yes, yes}},
		"signals and no button":     {2, only(field("PROTECT", "signals")), [3]conformance.Result{yes, yes, yes}},
		"a wrong password, with the tries that are left": {1, func(e *exchange) {
			e.set("details.0.rawResponse.details.0.innerError", map[string]any{"failuresRemaining": 3})
		}, [3]conformance.Result{yes, yes, limits}},
		"a password that the policy refuses": {1, func(e *exchange) {
			e.set("details.0.rawResponse.details.0.innerError", map[string]any{"unsatisfiedRequirements": []string{"length"}})
		}, [3]conformance.Result{yes, yes, yes}},
		"no button at all": {2, only(field("TEXT", "t")), [3]conformance.Result{no, no, no}},
		"no fields":        {2, func(e *exchange) { e.del("form.components.fields") }, [3]conformance.Result{no, no, no}},
		"a passkey with a challenge as text": {2, only(button, field("FIDO2", "f", "action", "AUTHENTICATE",
			"publicKeyCredentialRequestOptions", map[string]any{"challenge": "abc"})), [3]conformance.Result{limits, limits, limits}},
		"a passkey that is required and has no options": {
			2, only(button, field("FIDO2", "f", "action", "REGISTER", "required", true)), [3]conformance.Result{no, no, no},
		},
		"a provider as the only way on, without a link": {2, only(field("SOCIAL_LOGIN_BUTTON", "s")), [3]conformance.Result{no, no, no}},
		"a provider that is switched off": {
			2, only(field("SOCIAL_LOGIN_BUTTON", "s", "idpEnabled", false), button), [3]conformance.Result{yes, yes, yes},
		},

		"a message without a form": {2, func(e *exchange) {
			e.set("capabilityName", "customHtmlMessage")
			e.del("form")
		}, [3]conformance.Result{no, no, no}},
		"a form of showForm": {2, func(e *exchange) { e.set("capabilityName", "showForm") }, [3]conformance.Result{yes, yes, yes}},
		"a form of another":  {2, func(e *exchange) { e.set("capabilityName", "other") }, [3]conformance.Result{limits, limits, limits}},
		"polling asked for, and no field": {
			2, func(e *exchange) { e.set("enablePolling", true) }, [3]conformance.Result{limits, limits, limits},
		},

		"a poll at a screen without one": {3, func(e *exchange) {
			e.request = `{"parameters":{"eventType":"polling","data":{"formData":{"p":"continue"}}}}`
		}, [3]conformance.Result{no, no, no}},
		"the second submit button": {3, func(e *exchange) { e.send("parameters.data.actionKey", "other") }, [3]conformance.Result{limits, yes, yes}},
		"a value for what is not a field": {3, func(e *exchange) {
			e.send("parameters.data.formData.fidoChallenge", "x")
		}, [3]conformance.Result{no, no, no}},
		"nothing for what is not a field": {3, func(e *exchange) {
			e.send("parameters.data.formData.fidoChallenge", "")
		}, [3]conformance.Result{yes, yes, yes}},

		"a detailed answer": {2, func(e *exchange) {
			*e = detailedJourney()[2]
		}, [3]conformance.Result{never, never, never}},
		"a detailed answer that polls by its page": {2, func(e *exchange) {
			*e = detailedJourney()[2]
			e.body = strings.Replace(e.body, "skbutton", "skpolling", 1)
		}, [3]conformance.Result{no, no, no}},
	} {
		t.Run(name, func(t *testing.T) {
			j := plainJourney()
			c.change(&j[c.hop])
			v := j.judgeSDKs(t)[c.hop]
			var got [3]conformance.Result
			for i, s := range conformance.SDKs() {
				got[i] = v.OfSDK(s)
			}
			assert.Equal(t, c.want, got, "%+v", v.Findings)
		})
	}
}

// A custom domain has no environment in its paths: the web SDK asks for the
// state of a challenge at an address that is none.
func TestAChallengeOnACustomDomain(t *testing.T) {
	j := pollJourney()
	for i := range j {
		j[i].url = strings.Replace(j[i].url, "/"+environment+"/", "/", 1)
		j[i].body = strings.ReplaceAll(j[i].body, host+"/"+environment+"/", host+"/")
	}
	v := j.judgeSDKs(t)[1]
	assert.Equal(t, conformance.Warning, v.OfSDK(conformance.Web))
	assert.Equal(t, conformance.Passed, v.OfSDK(conformance.Android))

	j = pollJourney()
	j[1].set("_links.self.href", host+"/"+environment+"/davinci/policy/a1/start")
	v = j.judgeSDKs(t)[1]
	assert.Equal(t, conformance.Passed, v.OfSDK(conformance.Web))
	assert.Equal(t, conformance.Warning, v.OfSDK(conformance.Android))
}

// The handles may come only at the start: they stay.
func TestCookiesOfTheStartAreRemembered(t *testing.T) {
	j := plainJourney()
	delete(j[0].answer, "Set-Cookie")
	j[2].answer["Set-Cookie"] = handleCookies
	v := j.judgeSDKs(t)
	assert.Equal(t, conformance.Warning, v[0].OfSDK(conformance.Android))
	assert.Equal(t, conformance.Passed, v[2].OfSDK(conformance.Android))

	judge := conformance.Judge{SDKs: true} // a judge of one journey knows nothing of another
	for _, h := range plainJourney().hops(t) {
		judge.Hop(h)
	}
	judge = conformance.Judge{SDKs: true}
	first := judge.Hop(j.hops(t)[0]).SDK
	assert.Equal(t, conformance.Warning, first.OfSDK(conformance.IOS))
}

func TestWhatIsFoundNamesEveryLostField(t *testing.T) {
	j := plainJourney()
	j[2].set("form.components.fields", []any{
		map[string]any{"type": "SIGNATURE_PAD", "key": "a", "required": true},
		map[string]any{"type": "TEXT", "inputType": "NEW", "key": "b"},
		map[string]any{"type": "SUBMIT_BUTTON", "key": "submit"},
	})
	f := sdkFindings(t, j)["SDK-ANDROID-FIELD-TYPE"]
	assert.Len(t, f, 1)
	assert.Equal(t, `SIGNATURE_PAD "a", required; TEXT (inputType NEW) "b"`, f[0].Found)
	assert.Equal(t, "a type that the SDK knows: it leaves the field out without an error, and the form needs one", f[0].Wanted)
	assert.Equal(t, "form.components.fields.0.type", f[0].Path)
	assert.Equal(t, conformance.Warning, f[0].Result)
	assert.Equal(t, 3, f[0].Hop)
}

func TestATableOfFlowsAndSDKs(t *testing.T) {
	var table conformance.Matrix
	assert.Empty(t, table.SDKs())
	add := func(flow, name string, j journey) {
		judged := &conformance.Journey{Flow: flow, Name: name}
		for _, v := range j.judgeSDKs(t) {
			judged.Add(&conformance.Verdicts{SDK: &v})
		}
		table.Add(judged)
	}
	add("z", "plain", plainJourney())
	add("b", "detailed", detailedJourney())
	add("a", "first", pollJourney())
	add("a", "second", pollJourney())
	unknown := plainJourney()
	unknown[2].set(formPlace+"0.type", "SIGNATURE_PAD")
	add("a", "third", unknown)

	rows := table.SDKs()
	assert.Len(t, rows, 3)
	assert.Equal(t, []string{"a", "b", "z"}, []string{rows[0].Flow, rows[1].Flow, rows[2].Flow})
	assert.Equal(t, 12, rows[0].Hops)
	standings := func(r conformance.SDKRow) (out []conformance.Result) {
		for i, c := range r.Cells {
			assert.Equal(t, conformance.SDKs()[i], c.SDK)
			out = append(out, c.Result)
		}
		return out
	}
	assert.Equal(t, []conformance.Result{conformance.Review, conformance.Review, conformance.Warning}, standings(rows[0]))
	assert.Equal(t, []conformance.Result{conformance.NotExercised, conformance.NotExercised, conformance.NotExercised}, standings(rows[1]))
	assert.Equal(t, []conformance.Result{conformance.Passed, conformance.Passed, conformance.Passed}, standings(rows[2]))

	ios := rows[0].Cells[2].Reasons
	var ids []string
	for i, r := range ios {
		ids = append(ids, r.Requirement.ID)
		if i > 0 {
			assert.LessOrEqual(t, r.Result, ios[i-1].Result, "the gravest stand first")
		}
	}
	assert.Contains(t, ids, "SDK-IOS-REWIND")
	assert.Contains(t, ids, "SDK-IOS-PRESSED")
	for _, r := range ios {
		if r.Requirement.ID == "SDK-IOS-REWIND" {
			assert.Equal(t, "first", r.Journey)
			assert.Equal(t, 3, r.Hop)
			assert.Equal(t, 2, r.Times, "the same reason is listed once and counted")
		}
	}
	before := len(table.SDKs()[2].Cells[0].Reasons)
	rows[2].Cells[0].Reasons = append(rows[2].Cells[0].Reasons, conformance.SDKReason{})
	assert.Len(t, table.SDKs()[2].Cells[0].Reasons, before, "the rows are a copy")
	assert.Equal(t, "not applicable, carried, carried with limits, not carried", strings.Join([]string{
		conformance.NotExercised.Standing(), conformance.Passed.Standing(), conformance.Review.Standing(),
		conformance.Warning.Standing(),
	}, ", "))
}

// Whatever a service sends and a client sent, the judge goes on.
func FuzzJudgeOfSDKs(f *testing.F) {
	for _, j := range carried() {
		for _, e := range j {
			f.Add(e.status, e.body, e.request)
		}
	}
	f.Add(200, `{"_links":{"next":{"href":"%"}},"form":{"components":{"fields":[null,7,[],{"type":{}}]}}}`, `[]`)
	f.Fuzz(func(t *testing.T, status int, body, request string) {
		j := plainJourney()
		j = append(j[:3:3], j[2], j[3])
		j[2].status, j[2].body = status, body
		j[3].request = request
		for _, v := range j.judgeSDKs(t) {
			for _, finding := range v.Findings {
				assert.NotEmpty(t, finding.Path)
				assert.NotEmpty(t, finding.Found)
				assert.NotEmpty(t, finding.Wanted)
			}
		}
	})
}
