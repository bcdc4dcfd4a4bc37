package mockserver_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// A challenge ends as the recording says, one after the other in its order.
func TestAChallengeEndsAsItWasRecorded(t *testing.T) {
	screen := func(name string) string {
		return `{"challenge":"{{challenge}}","form":{"name":"` + name + `"},` + strings.Replace(screenBody(name, false)[1:], `"form":{"name":"`+name+`",`, `"x":{`, 1)
	}
	f := recorded(t, "push", `hops:
  - {name: devices, request: {path: /as/authorize}, response: {status: 200, json: devices.json}}
  - {name: tablet, from: devices, request: {action: TABLET}, response: {status: 200, json: tablet.json}}
  - {name: rejected, from: tablet, request: {eventType: polling, formData: {poll: rejected}}, response: {status: 400, json: rejected.json}}
  - {name: expired, from: tablet, request: {eventType: polling, formData: {poll: expired}}, to: devices}
  - {name: timed-out, from: tablet, request: {eventType: polling, formData: {poll: timedOut}}, to: devices}
  - {name: approved, from: tablet, request: {eventType: polling, formData: {poll: approved}}, response: {status: 200, json: end.json}}
  - {name: cancelled, from: tablet, request: {action: CANCEL}, to: devices}
`, map[string]string{
		"devices.json": screen("devices"), "tablet.json": screen("tablet"), "rejected.json": `{"code":"rejected","message":"No"}`,
		"end.json": `{"status":"COMPLETED","authorizeResponse":{"code":"{{code}}"}}`,
	})
	r := replaying(t, mockserver.Config{Flows: []*recordings.Flow{f}})
	s := r.start(t, "push")
	for _, row := range []struct {
		end       string
		status    int
		says      string // after the first time
		then      string // the name of the screen, the code of the error or the status
		leavesOff bool   // the person goes back by hand
	}{
		{"rejected", 200, `{"isChallengeComplete":true,"status":"rejected"}`, "rejected", true},
		{"expired", 400, `{"code":4019,"message":"The challenge has expired","httpResponseCode":400,"success":false,"serviceName":"challengeExpired"}`, "devices", false},
		{"timedOut", 200, `{"isChallengeComplete":false}`, "devices", false},
		{"approved", 200, `{"isChallengeComplete":true,"status":"approved"}`, "COMPLETED", false},
	} {
		screen := s.press(t, "TABLET", nil)
		challenge := screen.Get("challenge").String()
		require.NotEmpty(t, challenge, screen.text)
		ask := func() reply {
			return r.send(t, http.MethodPost, envPath+"/davinci/user/credentials/challenge/"+challenge+"/status", nil, "{}")
		}
		assert.JSONEq(t, `{"isChallengeComplete":false}`, ask().text)
		for range 2 {
			a := ask()
			assert.Equal(t, row.status, a.status)
			assert.JSONEq(t, row.says, a.text)
		}
		a := s.post(t, pressing("", "polling", map[string]any{"poll": row.end}))
		assert.Equal(t, row.then, a.Get("code").String()+a.Get("status").String()+a.Get("form.name").String(), a.text)
		if row.leavesOff {
			assert.Equal(t, "devices", s.press(t, "CANCEL", nil).Get("form.name").String())
		}
	}
}

// pushed is a recording of a screen whose challenge was recorded with three ends.
func pushed(t *testing.T) *recordings.Flow {
	t.Helper()
	return recorded(t, "push", `hops:
  - {name: push, request: {path: /as/authorize}, response: {status: 200, json: push.json}}
  - {name: approved, from: push, request: {eventType: polling, formData: {poll: approved}}, response: {status: 200, json: end.json}}
  - {name: rejected, from: push, request: {eventType: polling, formData: {poll: rejected}}, response: {status: 400, json: rejected.json}}
  - {name: timed-out, from: push, request: {eventType: polling, formData: {poll: timedOut}}, to: push}
`, map[string]string{
		"push.json": `{"challenge":"{{challenge}}",` + screenBody("push", false)[1:], "rejected.json": `{"code":"rejected","message":"No"}`,
		"end.json": `{"status":"COMPLETED","authorizeResponse":{"code":"{{code}}"}}`,
	})
}

// An app at a server wants an end by a header of its poll, or gets the one that the server was
// started with, journey by journey. What was not recorded is a miss for the app, and no server starts
// for an end that no recording has.
func TestAnAppChoosesTheEndOfAChallenge(t *testing.T) {
	for _, row := range []struct{ started, wanted, gets string }{
		{"", "", "approved"},
		{"", "rejected", "rejected"},
		{"rejected", "", "rejected"},
		{"rejected", "approved", "approved"},
		{"timedOut", "rejected", "rejected"},
	} {
		r := replaying(t, mockserver.Config{Flows: []*recordings.Flow{pushed(t)}, Challenge: row.started})
		for range 2 {
			s := &signOn{replay: r}
			a := r.send(t, http.MethodGet, authorize("push"), sdk, "")
			s.keep(a)
			challenge := a.Get("challenge").String()
			for range 2 {
				a = r.send(t, http.MethodPost, envPath+"/davinci/user/credentials/challenge/"+challenge+"/status",
					map[string]string{"Flowtest-Challenge": row.wanted}, "{}")
			}
			assert.Equal(t, row.gets, a.Get("status").String(), "%+v: %s", row, a.text)
			a = s.post(t, pressing("", "polling", map[string]any{"poll": row.gets}))
			assert.NotEqual(t, http.StatusNotFound, a.status, a.text)
		}
	}
	r := replaying(t, mockserver.Config{Flows: []*recordings.Flow{pushed(t)}})
	challenge := r.send(t, http.MethodGet, authorize("push"), sdk, "").Get("challenge").String()
	a := r.send(t, http.MethodPost, envPath+"/davinci/user/credentials/challenge/"+challenge+"/status",
		map[string]string{"Flowtest-Challenge": "expired"}, "{}")
	assert.Equal(t, http.StatusNotFound, a.status)
	assert.Contains(t, a.text, "recorded there: a challenge that is \\\"approved\\\"")

	_, err := mockserver.New(mockserver.Config{Flows: []*recordings.Flow{pushed(t)}, Challenge: "Rejected"})
	require.EqualError(t, err, `mockserver: no challenge of the recordings ends "Rejected", want one of approved, rejected, timedOut`)
}

// A client in this process may want any end that was recorded, and gets to know which there are.
func TestAChallengeEndsAsItIsWanted(t *testing.T) {
	r := replaying(t, mockserver.Config{Flows: []*recordings.Flow{pushed(t)}})
	ask := func(want string) (status int, body, missed string) {
		challenge := r.send(t, http.MethodGet, authorize("push"), sdk, "").Get("challenge").String()
		for range 2 {
			to := "https://auth.example.test" + envPath + "/davinci/user/credentials/challenge/" + challenge + "/status"
			q, err := http.NewRequestWithContext(davinci.WantEnd(t.Context(), want), http.MethodPost, to, strings.NewReader("{}"))
			require.NoError(t, err)
			resp, err := r.Transport().RoundTrip(q)
			require.NoError(t, err)
			text, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			status, body, missed = resp.StatusCode, string(text), resp.Header.Get(mockserver.UnmatchedHeader)
		}
		return status, body, missed
	}
	for _, end := range []string{"rejected", "approved", "rejected"} {
		_, body, _ := ask(end)
		assert.JSONEq(t, `{"isChallengeComplete":true,"status":"`+end+`"}`, body)
	}
	_, body, _ := ask("timedOut")
	assert.JSONEq(t, `{"isChallengeComplete":false}`, body)
	status, body, missed := ask("expired")
	assert.Equal(t, http.StatusNotFound, status)
	assert.Equal(t, "push", missed)
	assert.Equal(t, "the recording of the flow \"push\" has no answer to a challenge that is \"expired\" at the screen \"push\"\n"+
		"recorded there: a challenge that is \"approved\", a challenge that is \"rejected\", a challenge that is \"timedOut\"\n"+
		"record this path with flowtest record, or add a hop to push/recording.yaml", gjson.Get(body, "message").String())
}

// A recording that holds only one end has it each time.
func TestAChallengeWithOneRecordedEnd(t *testing.T) {
	for _, end := range []string{"rejected", "expired", "timedOut", "error", "approved"} {
		f := recorded(t, "push", `hops:
  - {name: push, request: {path: /as/authorize}, response: {status: 200, json: push.json}}
  - {name: ended, from: push, request: {eventType: polling, formData: {poll: `+end+`}}, to: push}
`, map[string]string{"push.json": `{"challenge":"{{challenge}}",` + screenBody("push", false)[1:]})
		r := replaying(t, mockserver.Config{Flows: []*recordings.Flow{f}})
		s := r.start(t, "push")
		challenge := r.send(t, http.MethodGet, authorize("push"), sdk, "").Get("challenge").String()
		for range 2 {
			var a reply
			for range 2 {
				a = r.send(t, http.MethodPost, envPath+"/davinci/user/credentials/challenge/"+challenge+"/status", nil, "{}")
			}
			got := a.Get("status").String()
			switch {
			case a.Get("serviceName").Exists():
				got = "expired"
			case a.status == http.StatusBadRequest:
				got = "error"
			case !a.Get("isChallengeComplete").Bool():
				got = "timedOut"
			}
			assert.Equal(t, end, got)
			challenge = s.post(t, pressing("", "polling", map[string]any{"poll": end})).Get("challenge").String()
		}
	}
}
