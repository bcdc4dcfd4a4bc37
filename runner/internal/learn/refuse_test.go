package learn_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/runner/internal/learn"
	"flowtest/steps/davinci"
)

const rightly = `{"username":"carol.canary","password":"Kq7'<x>&9\"zQ pass"}`

// A journey that broke off is recorded up to there, and it is said where.
func TestWhatBreaksOffIsReported(t *testing.T) {
	for name, row := range map[string]struct {
		journey func(k *talk)
		want    string
	}{
		"no answer": {
			func(k *talk) { k.post(rightly, 0, "") },
			"journey 1, hop 2: POST …/customHTMLTemplate got no answer",
		},
		"an answer that was cut off": {
			func(k *talk) { k.post(rightly, http.StatusOK, `{"id":"x`) },
			"journey 1, hop 2: POST …/customHTMLTemplate was answered with a body that is neither JSON nor HTML, or was cut off",
		},
		"an answer without a body": {
			func(k *talk) { k.post(rightly, http.StatusOK, "") },
			"journey 1, hop 2: POST …/customHTMLTemplate was answered with status 200 and no body",
		},
		"a redirect to nowhere": {
			func(k *talk) { k.post(rightly, http.StatusFound, "") },
			"journey 1, hop 2: POST …/customHTMLTemplate was answered with status 302 and no Location",
		},
		"a request that is not JSON": {
			func(k *talk) {
				k.post(rightly, http.StatusOK, completed(k))
				k.exchanges[1].Body = []byte("user=x")
			},
			"journey 1, hop 2: POST …/customHTMLTemplate was sent a body that is not JSON",
		},
		"an invalid status": {
			func(k *talk) { k.post(rightly, 99, "{}") },
			"journey 1, hop 2: POST …/customHTMLTemplate was answered with status 99, want one from 200 to 599",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := learned(t, twice(func(k *talk) { k.start(""); row.journey(k); k.post(rightly, http.StatusOK, completed(k)) }),
				learn.Options{Name: "demo"})
			require.Len(t, got.Broken, 2)
			assert.Equal(t, row.want, got.Broken[0])
			assert.Len(t, got.Flow.Hops, 1, "what came before is recorded, and what came after is not trusted")
			assert.Equal(t, 2, got.Ignored)
			written(t, got)
		})
	}
}

func TestLearnRefusesWhatIsNoFlow(t *testing.T) {
	hosted := &talk{number: 1}
	hosted.exchange(http.MethodGet, "/as/authorize?client_id=app", "", http.StatusFound, "")
	hosted.exchange(http.MethodGet, "/logo.svg", "", http.StatusOK, "<svg/>")
	dead := &talk{number: 1}
	dead.start("")
	dead.exchanges[0].Status = 0
	other := &talk{number: 2}
	other.start("")
	other.exchanges[0].Response, other.exchanges[0].Seen = nil, "entry 7"
	for name, row := range map[string]struct {
		transcripts []davinci.Exchanges
		o           learn.Options
		want        string
	}{
		"nothing": {nil, learn.Options{Name: "demo"}, "none of the 0 exchanges starts a flow: want a request to …/as/authorize with response_mode=pi.flow, or to …/davinci/policy/ID/start"},
		"no name": {[]davinci.Exchanges{dead.exchanges}, learn.Options{}, "no name for the flow"},
		"no flow": {[]davinci.Exchanges{hosted.exchanges}, learn.Options{Name: "demo"}, "none of the 2 exchanges starts a flow: want a request to …/as/authorize with response_mode=pi.flow, or to …/davinci/policy/ID/start"},
		"no reply at all": {
			[]davinci.Exchanges{dead.exchanges, dead.exchanges, other.exchanges},
			learn.Options{Name: "demo"},
			"no journey got to an answer: journey 1, hop 1; journey 2, hop 1: GET …/authorize got no answer\n" +
				"journey 3, hop 1 (entry 7): GET …/authorize was answered with status 200 and no body",
		},
		"no reply": {[]davinci.Exchanges{dead.exchanges}, learn.Options{Name: "demo"}, "no journey got to an answer: journey 1, hop 1: GET …/authorize got no answer"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := learn.Learn(row.transcripts, row.o)
			require.EqualError(t, err, row.want)
		})
	}
}

func TestWhatIsNotOfTheFlowIsCounted(t *testing.T) {
	got := learned(t, twice(func(k *talk) {
		k.exchange(http.MethodGet, "/as/.well-known/openid-configuration", "", http.StatusOK, "{}")
		k.start("")
		k.exchange(http.MethodOptions, "/davinci/connections/x/capabilities/y", "", http.StatusNoContent, "")
		k.exchange(http.MethodPost, "/as/token", "code=x", http.StatusOK, `{"access_token":"x"}`)
		k.post(rightly, http.StatusOK, completed(k))
	}), learn.Options{Name: "demo"})
	assert.Equal(t, 6, got.Ignored)
	assert.Equal(t, 2, got.Journeys)
	assert.Len(t, got.Flow.Hops, 2)
}

// Two journeys at the same time, as behind a proxy, are distinguished by what
// their requests hand back.
func TestJourneysAtTheSameTime(t *testing.T) {
	a, b := &talk{number: 1}, &talk{number: 2}
	a.start("")
	b.start("")
	a.post(`{"username":"carol.canary","password":"wrong"}`, http.StatusBadRequest, refused)
	b.post(rightly, http.StatusOK, completed(b))
	a.post(rightly, http.StatusOK, completed(a))
	// Two tabs of a browser have the same cookies: those of the second that was opened.
	for _, x := range []*davinci.Exchange{&a.exchanges[1], &a.exchanges[2]} {
		x.Header.Set("Cookie", "interactionId="+b.id()+"; interactionToken="+b.token())
	}
	mixed := davinci.Exchanges{a.exchanges[0], b.exchanges[0], a.exchanges[1], b.exchanges[1], a.exchanges[2]}
	got := learned(t, []davinci.Exchanges{mixed}, learn.Options{Name: "demo"})
	assert.Equal(t, 2, got.Journeys)
	var names []string
	for _, h := range got.Flow.Hops {
		names = append(names, h.Name)
	}
	assert.Equal(t, []string{"sign-on", "wrong-password", "completed"}, names)
	assert.Zero(t, got.Ignored, "each request is of a journey that waits for it")
	assert.Empty(t, got.Broken)
}

// The right password and a wrong one that was not configured are both any value:
// a recording cannot tell them apart, so there is none.
func TestRequestsThatCannotBeDistinguishedAreRefused(t *testing.T) {
	transcripts := both(
		twice(func(k *talk) { k.start(""); k.post(`{"password":"right"}`, http.StatusOK, completed(k)) }),
		twice(func(k *talk) { k.start(""); k.post(`{"password":"wrong"}`, http.StatusBadRequest, refused) }))
	_, err := learn.Learn(transcripts, learn.Options{Name: "demo"})
	require.EqualError(t, err, `screen "sign-on" answers action "SIGNON" with completed and with refused, and only `+
		`what was typed into password makes the difference: give the user an attribute with the value that is right`)

	got := learned(t, transcripts, learn.Options{Name: "demo", Users: map[string]map[string]string{"x": {"password": "right"}}})
	assert.Equal(t, map[string]any{"password": "${user.password}"}, got.Flow.Hops[1].Request.FormData())
	assert.Equal(t, map[string]any{"password": "${user.wrongPassword}"}, got.Flow.Hops[2].Request.FormData())
}

// Text that is no secret is distinguished where that makes the difference, and
// else may be any.
func TestTypedTextCountsWhereItMakesTheDifference(t *testing.T) {
	good := twice(func(k *talk) { k.start(""); k.post(`{"code":"blue"}`, http.StatusOK, completed(k)) })
	bad := twice(func(k *talk) { k.start(""); k.post(`{"code":"red"}`, http.StatusBadRequest, refused) })
	got := learned(t, good, learn.Options{Name: "demo"})
	assert.Equal(t, map[string]any{"code": "*"}, got.Flow.Hops[1].Request.FormData())
	got = learned(t, both(good, bad), learn.Options{Name: "demo"})
	assert.Equal(t, map[string]any{"code": "blue"}, got.Flow.Hops[1].Request.FormData())
	assert.Equal(t, map[string]any{"code": "red"}, got.Flow.Hops[2].Request.FormData())
}

// What an app answers an SDK connector with leads on: it is recorded where it makes
// the difference.
func TestTheAnswerToAnSDKConnectorCountsWhereItMakesTheDifference(t *testing.T) {
	answer := func(object string, status int, response func(k *talk) string) []davinci.Exchanges {
		return twice(func(k *talk) {
			k.start("")
			k.post(`{"metadata":`+object+`}`, status, response(k))
			swap := func(text *[]byte, old, by string) { *text = []byte(strings.Replace(string(*text), old, by, 1)) }
			swap(&k.exchanges[0].Response, `{"type":"TEXT","key":"code"},{"type":"SUBMIT_BUTTON","key":"SIGNON"}`,
				`{"type":"METADATA","key":"metadata"}`)
			swap(&k.exchanges[1].Body, `"submit"`, `"action"`)
			swap(&k.exchanges[1].Body, `"SIGNON"`, `"metadata"`)
		})
	}
	good := answer(`{"status":"succeeded"}`, http.StatusOK, completed)
	bad := answer(`{"code":"denied"}`, http.StatusBadRequest, func(*talk) string { return refused })
	hops := learned(t, good, learn.Options{Name: "demo"}).Flow.Hops
	assert.Equal(t, "action", hops[1].Request.EventType)
	assert.Equal(t, "metadata", hops[1].Request.Action)
	assert.Equal(t, map[string]any{"metadata": "*"}, hops[1].Request.FormData())
	hops = learned(t, both(good, bad), learn.Options{Name: "demo"}).Flow.Hops
	for i, want := range []string{`{"metadata":{"status":"succeeded"}}`, `{"metadata":{"code":"denied"}}`} {
		form, err := json.Marshal(hops[i+1].Request.FormData())
		require.NoError(t, err)
		assert.JSONEq(t, want, string(form))
	}
}

// With only one journey it is said what could not be distinguished; with two, an
// id that stays is a fact, and one that changes is minted.
func TestWhatOneJourneyCannotTell(t *testing.T) {
	run := func(k *talk) {
		k.start(`"formId":"73ea0ff7-8a4d-44d2-b92d-e855409de7c9","traceId":"` + k.id()[:35] +
			`7","at":"2026-11-23T09:0` + string(rune('0'+k.number)) + `:00Z","left":29` + string(rune('0'+k.number)))
	}
	transcripts := twice(run)
	got := learned(t, transcripts[:1], learn.Options{Name: "demo"})
	assert.Equal(t, []string{
		"journey 1, hop 1: formId is an id that may be generated: no second journey took the same path, so it is kept",
		"journey 1, hop 1: traceId is an id that may be generated: no second journey took the same path, so it is kept",
	}, got.Unsure)

	assert.Equal(t, []string{
		"journey 1, hop 1; journey 2, hop 1: formId is an id that may be generated: no second journey took the same path, so it is kept",
		"journey 1, hop 1; journey 2, hop 1: traceId is an id that may be generated: no second journey took the same path, so it is kept",
	}, learned(t, append(transcripts[:1:1], transcripts[0]), learn.Options{Name: "demo"}).Unsure, "the same journey twice is one, and is noted once")

	got = learned(t, transcripts, learn.Options{Name: "demo"})
	assert.Empty(t, got.Unsure)
	body := gjson.ParseBytes(got.Flow.Hops[0].Response.JSON.Text)
	assert.Equal(t, "73ea0ff7-8a4d-44d2-b92d-e855409de7c9", body.Get("formId").String())
	assert.Equal(t, "{{correlationId}}", body.Get("traceId").String())
	assert.Equal(t, "{{minted.at:time as 2006-01-02T15:04:05Z}}", body.Get("at").String())
	assert.Equal(t, "{{minted.left:number3}}", body.Get("left").String())
	written(t, got)
}

// A phone number that is not in use is recorded as it was posted, except for that of a
// user of the target: who signs on to the replay has another.
func TestThePhoneOfAUserIsAnyPhone(t *testing.T) {
	transcripts := twice(func(k *talk) {
		k.start("")
		k.post(`{"username":"carol.canary","phone":{"countryCode":"US","phoneNumber":"5550112"}}`, http.StatusOK, completed(k))
	})
	posted := func(phone string) any {
		users := map[string]map[string]string{"carol": {"username": "carol.canary", "phone": phone}}
		return learned(t, transcripts, learn.Options{Name: "demo", Users: users}).Flow.Hops[1].Request.FormData()["phone"]
	}
	assert.Equal(t, "*", posted("+15550112"))
	assert.NotEqual(t, "*", posted("+15550113"))
}

// The right password of a user who is disabled is a wrong one, as it is in a replay: the journey
// does not take the place of that of a user who may sign on.
func TestWhoIsDisabledTypesAWrongPassword(t *testing.T) {
	t.Parallel()
	form := func(name string) string { return `{"username":"` + name + `","password":"a-Secret-of-` + name + `"}` }
	person := func(name string) map[string]string {
		return map[string]string{"username": name, "password": "a-Secret-of-" + name}
	}
	var takes []davinci.Exchanges
	takes = append(takes, twice(func(k *talk) { k.start(""); k.post(form("dora"), http.StatusBadRequest, refused) })...)
	takes = append(takes, twice(func(k *talk) { k.start(""); k.post(form("emil"), http.StatusOK, completed(k)) })...)
	o := learn.Options{
		Name: "demo", Users: map[string]map[string]string{"dora": person("dora"), "emil": person("emil")},
		Made: map[string]bool{"dora": true, "emil": true}, Refused: map[int][]string{0: {"dora"}, 1: {"dora"}},
	}
	got, err := learn.Learn(takes, o)
	require.NoError(t, err)
	assert.Empty(t, got.Warnings)
	hops := hopsOf(got.Flow)
	assert.Equal(t, map[string]any{"username": "${user.username}", "password": "${user.wrongPassword}"},
		new(hops["wrong-password"]).FormData())
	assert.Equal(t, map[string]any{"username": "${user.username}", "password": "${user.password}"},
		new(hops["completed"]).FormData())

	o.Refused = nil
	got, err = learn.Learn(takes, o)
	require.NoError(t, err)
	assert.NotEmpty(t, got.Warnings, "one request with two answers")
}
