package mockserver_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
)

// TestReplayExplainsAMiss quotes the message for every way to miss.
func TestReplayExplainsAMiss(t *testing.T) {
	const (
		flow  = `the recording of the flow "sign-on" has no answer to `
		there = ` at the screen "Sign On Form" (sign-on-form)` + "\n" + `recorded there: SIGNON ("Sign On"), ` +
			`REGISTER ("No account? Register now!"), TROUBLE ("Having trouble signing on?")` + "\n" +
			`the nearest recorded hop is `
		choose = "\nchoose one of these, record this path with flowtest record, or add a hop to sign-on/recording.yaml"
		send   = "\nsend what is recorded, record this path with flowtest record, or add a hop to sign-on/recording.yaml"
	)
	for name, row := range map[string]struct {
		body, want string
	}{
		"a button that is not recorded": {
			pressing("LOGIN", "submit", nil),
			flow + `pressing "LOGIN"` + there + `"registration-form": action is "LOGIN", recorded is "REGISTER"` + choose,
		},
		"a button with a slip": {
			pressing("Register", "action", nil),
			flow + `pressing "Register"` + there + `"registration-form": action is "Register", recorded is "REGISTER"` + choose,
		},
		"fields too few": {
			pressing("SIGNON", "submit", map[string]any{}),
			flow + `pressing "SIGNON"` + there + `"wrong-password": username was not sent, recorded is ${user.username}` + send,
		},
		"a field too many": {
			pressing("SIGNON", "submit", map[string]any{"username": "ann", "password": "ann's secret", "remember": true}),
			flow + `pressing "SIGNON" with the fields password, remember, username` + there +
				`"completed": remember was sent, and is not recorded` + send,
		},
		"an empty password of an unknown user": {
			pressing("SIGNON", "submit", signing("nobody", "")),
			flow + `pressing "SIGNON" with the fields password, username` + there +
				`"wrong-password": username has another value, recorded is ${user.username}` + send,
		},
		"another button with fields": {
			pressing("LOGIN", "action", signing("ann", "ann's secret")),
			flow + `pressing "LOGIN" with the fields password, username` + there +
				`"completed": action is "LOGIN", recorded is "SIGNON"` + choose,
		},
		"a widget's button": {
			`{"parameters":{"buttonType":"form-submit","buttonValue":"LOGIN","otp":"123456"}}`,
			flow + `pressing "LOGIN" with the fields otp` + there + `"registration-form": action is "LOGIN", recorded is "REGISTER"` + choose,
		},
		"a poll": {
			`{"parameters":{"eventType":"polling"}}`,
			flow + `a poll` + there + `"trouble": action is "", recorded is "TROUBLE"` + choose,
		},
		"nothing": {
			`{}`, flow + `a request without a button` + there + `"trouble": action is "", recorded is "TROUBLE"` + choose,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			r := replaying(t, mockserver.Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
			s := r.start(t, "sign-on")
			a := s.post(t, row.body)
			assert.Equal(t, http.StatusNotFound, a.status)
			assert.Equal(t, "sign-on", a.header.Get(mockserver.UnmatchedHeader))
			assert.Equal(t, row.want, a.Get("message").String())
			assert.Equal(t, "notRecorded", a.Get("code").String())
			assert.Equal(t, int64(http.StatusNotFound), a.Get("httpResponseCode").Int())
			assert.Equal(t, s.id, a.Get("interactionId").String())
			assert.Equal(t, s.node, a.Get("id").String())
			assert.Contains(t, log.String(), "level=WARN msg=miss flow=sign-on journey="+s.id[:8]+" message=")
			assert.NotContains(t, log.String(), `\n`, "a line of a log is one")
			assert.NotContains(t, log.String(), "secret")
			assert.Equal(t, "COMPLETED", s.press(t, "SIGNON", rightly("ann")).Get("status").String(), "the screen stays")
		})
	}

	t.Run("a screen that no hop leaves", func(t *testing.T) {
		flow := recorded(t, "dead-end", "hops: [{name: only, request: {path: /as/authorize}, response: {status: 200, json: only.json}}]\n",
			map[string]string{"only.json": screenBody("only", false)})
		s := replaying(t, mockserver.Config{Flows: []*recordings.Flow{flow}}).start(t, "dead-end")
		assert.Equal(t, `the recording of the flow "dead-end" has no answer to pressing "GO" at the screen "only"`+"\n"+
			"no recorded hop leaves this screen\n"+
			"record this path with flowtest record, or add a hop to dead-end/recording.yaml",
			s.press(t, "GO", nil).Get("message").String())
	})

	t.Run("a screen that has more buttons than one reads", func(t *testing.T) {
		var hops strings.Builder
		for i := range 9 {
			fmt.Fprintf(&hops, "  - {name: h%d, from: only, request: {action: B%d}, to: only}\n", i, i)
		}
		flow := recorded(t, "wide", "hops:\n  - {name: only, request: {path: /as/authorize}, "+
			"response: {status: 200, json: only.json}}\n"+hops.String(), map[string]string{"only.json": screenBody("only", false)})
		s := replaying(t, mockserver.Config{Flows: []*recordings.Flow{flow}}).start(t, "wide")
		assert.Contains(t, s.press(t, "GO", nil).Get("message").String(), "\nrecorded there: B0, B1, B2, B3, B4, B5 and 3 more\n")
	})

	t.Run("a screen that was recorded in detail, and that goes on only by a poll", func(t *testing.T) {
		flow := recorded(t, "waiting", `hops:
  - {name: only, request: {path: /as/authorize}, response: {status: 200, detailed: only.json}}
  - {name: again, from: only, request: {eventType: polling}, to: only}
`, map[string]string{"only.json": strings.Replace(screenBody("only", true), `{"name":"HTTP"`,
			`{"name":"HTTP","properties":{"messageTitle":{"value":"Please wait"}}`, 1)})
		s := replaying(t, mockserver.Config{Flows: []*recordings.Flow{flow}}).startDetailed(t, "waiting")
		assert.Equal(t, `the recording of the flow "waiting" has no answer to pressing "GO" at the screen "Please wait" (only)`+"\n"+
			"recorded there: a poll\n"+`the nearest recorded hop is "again": action is "GO", recorded is "", `+
			`eventType is "submit", recorded is "polling"`+"\n"+
			"choose what is recorded, record this path with flowtest record, or add a hop to waiting/recording.yaml",
			s.press(t, "GO", nil).Get("message").String())
	})

	t.Run("a secret that somebody wrote into the recording", func(t *testing.T) {
		const canary = "c4n4ry"
		body := strings.Replace(screenBody("only", false), `"fields":[`,
			`"fields":[{"type":"PASSWORD","key":"pw","label":"P"},{"type":"TEXT","key":"pin"}`, 1)
		flow := recorded(t, "told", `hops:
  - {name: only, request: {path: /as/authorize}, response: {status: 200, json: only.json}}
  - {name: in, from: only, request: {action: GO, formData: {pw: `+canary+`, pin: "12"}}, to: only}
`, map[string]string{"only.json": body})
		s := replaying(t, mockserver.Config{Flows: []*recordings.Flow{flow}}).start(t, "told")
		got := s.press(t, "GO", map[string]any{"pw": "x"}).Get("message").String()
		assert.NotContains(t, got, canary)
		assert.Contains(t, got, `: pin was not sent, recorded is "12", pw has another value, recorded is a value of its own`+"\n")
	})

	t.Run("an authorize request", func(t *testing.T) {
		flow := recorded(t, "quiet", `hops:
  - {name: silent, request: {path: /as/authorize, query: {prompt: none}}, response: {status: 200, json: only.json}}
  - {name: at-once, request: {path: /as/authorize, query: {prompt: login, max_age: "0"}}, response: {status: 200, json: only.json}}
`, map[string]string{"only.json": screenBody("only", false)})
		r := replaying(t, mockserver.Config{Flows: []*recordings.Flow{flow}})
		a := r.send(t, http.MethodGet, authorize("quiet", "prompt", "create"), sdk, "")
		assert.Equal(t, http.StatusBadRequest, a.status)
		assert.Equal(t, "quiet", a.header.Get(mockserver.UnmatchedHeader))
		assert.Equal(t, "INVALID_REQUEST", a.Get("code").String())
		assert.Equal(t, `the recording of the flow "quiet" has no answer to this authorize request`+"\n"+
			`the nearest recorded hop is "silent": parameter prompt is not "none"`+"\n"+
			"send the recorded parameters, record this path with flowtest record, or add a hop to quiet/recording.yaml",
			a.Get("message").String())
		assert.Equal(t, http.StatusOK, r.send(t, http.MethodGet, authorize("quiet", "prompt", "none"), sdk, "").status)
	})
}

// TestReplayHidesWhatWasTyped puts a canary into every place where a person's
// value may be, and looks for it in every answer and in the log.
func TestReplayHidesWhatWasTyped(t *testing.T) {
	const canary = "c4n4ry"
	var log bytes.Buffer
	r := replaying(t, mockserver.Config{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	for name, body := range map[string]string{
		"under a key that is known":     pressing("SIGNON", "submit", map[string]any{"username": "ann", "password": canary, "x": 1}),
		"under a key that is not known": pressing("SIGNON", "submit", map[string]any{"username": "ann", "secret": canary}),
		"inside an object":              pressing("SIGNON", "submit", map[string]any{"username": map[string]any{"of": canary}, "x": 1}),
		"inside a list":                 pressing("SIGNON", "submit", map[string]any{"username": []string{canary}, "x": 1}),
		"beside another button":         pressing("NOPE", "submit", signing(canary, canary)),
		"of a widget":                   `{"parameters":{"buttonType":"form-submit","buttonValue":"SIGNON","password":"` + canary + `"}}`,
		"as the whole formData":         `{"parameters":{"data":{"actionKey":"SIGNON","formData":"` + canary + `"}}}`,
		"as a list of formData":         `{"parameters":{"data":{"actionKey":"SIGNON","formData":["` + canary + `"]}}}`,
		"elsewhere in the body":         `{"id":"` + canary + `","` + "x" + `":"` + canary + `"}`,
		"in no JSON at all":             `password=` + canary,
		"in JSON that is cut off":       `{"parameters":{"password":"` + canary,
	} {
		t.Run(name, func(t *testing.T) {
			s := r.start(t, "sign-on")
			a := s.post(t, body)
			require.GreaterOrEqual(t, a.status, 400, a.text)
			assert.NotContains(t, a.text, canary)
			for key, values := range a.header {
				assert.NotContains(t, strings.Join(values, " "), canary, key)
			}
			s.connection = "elsewhere"
			s.link = r.base + envPath + "/davinci/connections/elsewhere/capabilities/customHTMLTemplate"
			assert.NotContains(t, s.post(t, body).text, canary)
			assert.NotContains(t, log.String(), canary)
		})
	}
}

func TestReplayWasRecordedInTheOtherShape(t *testing.T) {
	onlyDetailed := recorded(t, "pages", `hops:
  - {name: first, request: {path: /as/authorize}, response: {status: 200, detailed: first.json}}
`, map[string]string{"first.json": screenBody("first", true)})
	const detailed = ` as a JSON response only, and this request asks for a detailed one` + "\n" +
		`leave out "Given detailed responses" (an app: send the header X-Requested-With: ping-sdk), ` +
		`or record this shape too with flowtest record`
	for name, row := range map[string]struct {
		flow   string
		header map[string]string
		want   string
	}{
		"only in JSON": {"mfa", nil, `the recording of the flow "mfa" has the hop "sign-on-form"` + detailed},
		"only in detailed": {
			"pages", sdk, `the recording of the flow "pages" has the hop "first" as a detailed response only, ` +
				"and this request asks for a JSON one\n" +
				`write "Given detailed responses" (an app: leave out the header X-Requested-With: ping-sdk), ` +
				`or record this shape too with flowtest record`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := replaying(t, mockserver.Config{Flows: append(shipped.Flows(t), onlyDetailed)})
			a := r.send(t, http.MethodGet, authorize(row.flow), row.header, "")
			assert.Equal(t, http.StatusNotFound, a.status)
			assert.Equal(t, row.flow, a.header.Get(mockserver.UnmatchedHeader))
			assert.Equal(t, "notRecorded", a.Get("code").String())
			assert.Equal(t, row.want, a.Get("message").String())
			assert.Empty(t, a.cookies, "no sign-on was started")
		})
	}

	t.Run("at a later hop, and the screen stays", func(t *testing.T) {
		s := replaying(t, mockserver.Config{}).start(t, "mfa")
		s.detailed = true
		a := s.press(t, "SIGNON", rightly("ann"))
		assert.Equal(t, `the recording of the flow "mfa" has the hop "device-form"`+detailed, a.Get("message").String())
		s.detailed = false
		assert.Equal(t, http.StatusOK, s.press(t, "SIGNON", rightly("ann")).status)
	})
}

func TestReplayRefusesAnotherCapability(t *testing.T) {
	r := replaying(t, mockserver.Config{})
	for name, path := range map[string]func(*signOn) string{
		"another connection": func(*signOn) string { return "/davinci/connections/none/capabilities/customHTMLTemplate" },
		"another capability": func(s *signOn) string { return "/davinci/connections/" + s.connection + "/capabilities/customForm" },
		"no connection":      func(*signOn) string { return "/davinci/connections//capabilities/customHTMLTemplate" },
	} {
		t.Run(name, func(t *testing.T) {
			s := r.start(t, "sign-on")
			link := s.link
			s.link = r.base + envPath + path(s)
			a := s.press(t, "SIGNON", rightly("ann"))
			assert.Equal(t, http.StatusBadRequest, a.status, a.text)
			assert.Equal(t, "capabilityNotFound", a.Get("code").String())
			assert.Equal(t, s.id, a.Get("interactionId").String())
			assert.Empty(t, a.header.Get(mockserver.UnmatchedHeader))
			s.link = link
			assert.Equal(t, "COMPLETED", s.press(t, "SIGNON", rightly("ann")).Get("status").String())
		})
	}
	for name, path := range map[string]string{
		"what is no connection":        "/davinci/connections/a",
		"what is below a capability":   "/davinci/connections/a/capabilities/b/c",
		"what is not a capability":     "/davinci/connections/a/properties/b",
		"what is not answered":         "/davinci/none",
		"the root":                     "/",
		"nothing":                      "",
		"another environment's start":  "/00000000-0000-4000-8000-000000000000/as/authorize",
		"another environment's action": "/00000000-0000-4000-8000-000000000000/davinci/connections/a/capabilities/b",
		"an environment twice":         envPath + envPath + "/as/authorize",
	} {
		t.Run(name, func(t *testing.T) {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				a := r.send(t, method, r.base+path, sdk, "{}")
				assert.Equal(t, http.StatusNotFound, a.status, "%s: %s", method, a.text)
				assert.Equal(t, "NOT_FOUND", a.Get("code").String(), method)
			}
		})
	}
}

func TestReplayRefusesGarbage(t *testing.T) {
	const huge = 10 << 20
	inProcess := replaying(t, mockserver.Config{})
	for where, r := range map[string]*replay{"in process": inProcess, "on a socket": inProcess.onSocket(t)} {
		for name, row := range map[string]struct {
			method, body string
			want         int
		}{
			"no body":                 {http.MethodPost, "", 400},
			"no JSON":                 {http.MethodPost, "username=ann&password=x", 400},
			"JSON that is cut off":    {http.MethodPost, `{"parameters":{"data":`, 400},
			"JSON with more after it": {http.MethodPost, `{} {}`, 400},
			"a list":                  {http.MethodPost, `[{"parameters":{}}]`, 400},
			"a text":                  {http.MethodPost, `"parameters"`, 400},
			"null":                    {http.MethodPost, `null`, 400},
			"binary":                  {http.MethodPost, "\x00\xff\xfe\x89PNG", 400},
			"parameters as a list":    {http.MethodPost, `{"parameters":[1,2]}`, 404},
			"parameters as a text":    {http.MethodPost, `{"parameters":"go"}`, 404},
			"data as a text":          {http.MethodPost, `{"parameters":{"data":"go"}}`, 404},
			"formData as a number":    {http.MethodPost, `{"parameters":{"data":{"actionKey":"SIGNON","formData":7}}}`, 404},
			"an action as an object":  {http.MethodPost, `{"parameters":{"data":{"actionKey":{"a":1}}}}`, 404},
			"depth":                   {http.MethodPost, strings.Repeat(`{"a":`, 9_000) + "1" + strings.Repeat("}", 9_000), 404},
			"1 MiB that is known":     {http.MethodPost, pressing("SIGNON", "submit", signing("ann", strings.Repeat("x", 1<<20-200))), 400},
			"10 MiB":                  {http.MethodPost, pressing("SIGNON", "submit", signing("ann", strings.Repeat("x", huge))), 413},
			"10 MiB of no JSON":       {http.MethodPost, strings.Repeat("x", huge), 413},
			"a GET":                   {http.MethodGet, "", 404},
			"a PUT":                   {http.MethodPut, "{}", 404},
			"a DELETE":                {http.MethodDelete, "", 404},
			"a method of its own":     {"BREW", "{}", 404},
		} {
			if r.base != inProcess.base && len(row.body) >= huge {
				continue // a server may close the socket before the client has written so much
			}
			t.Run(name+" "+where, func(t *testing.T) {
				s := r.start(t, "sign-on")
				a := r.send(t, row.method, s.link, s.headers(), row.body)
				assert.Equal(t, row.want, a.status, a.text)
				assert.Equal(t, http.StatusOK, s.press(t, "TROUBLE", nil).status, "the screen stays")
			})
		}
	}
}
