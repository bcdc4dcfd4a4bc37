package walk_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner/internal/walk"
)

func TestJourneysReachEveryShippedHop(t *testing.T) {
	flows := shipped.Flows(t)
	for _, f := range flows {
		for name, detailed := range map[string]bool{"JSON": false, "detailed": true} {
			if !detailed && f.Name == "magic-link" {
				continue // no SDK can drive it
			}
			t.Run(f.Name+" in "+name, func(t *testing.T) {
				journeys, missed := walk.Journeys(f, walk.Options{Detailed: detailed})
				reached := map[string]bool{}
				for _, journey := range journeys {
					for _, x := range journey {
						reached[x.Hop] = true
						assert.NotRegexp(t, `\{\{[a-zA-Z.]*(Id|ID|Token|Path|code|state|user\.[a-z]+)\}\}`, string(x.Response))
						assert.True(t, len(x.Response) == 0 || x.Response[0] == '<' || gjson.ValidBytes(x.Response), x.Hop)
					}
				}
				for _, h := range missed {
					assert.True(t, detailed, "hop %q is not reached", h.Name)
				}
				for _, h := range f.Hops {
					if !detailed || h.Answer().Detailed != nil {
						assert.True(t, reached[h.Name], "hop %q is not reached", h.Name)
					}
				}
				again, _ := walk.Journeys(f, walk.Options{Detailed: detailed})
				assert.Equal(t, journeys, again, "the same whenever it is called")
			})
		}
	}
}

func TestTheShortestWayToTheEnd(t *testing.T) {
	flows := shipped.Flows(t)
	want := map[string]string{
		"errors": "", "session": "completed", "sign-on": "sign-on-form completed",
		"mfa":   "sign-on-form device-form passcode-form completed",
		"forms": "account-form preferences-form device-form passkey-form passkey-made",
	}
	for _, f := range flows {
		if way, ok := want[f.Name]; ok {
			var got []string
			for _, h := range walk.Way(f, nil) {
				got = append(got, h.Name)
			}
			assert.Equal(t, way, strings.Join(got, " "), f.Name)
		}
	}
}

const (
	head  = "format: 1\nsource: synthetic\nflow: demo\n"
	start = "hops:\n" +
		"  - name: start\n" +
		"    request: {path: /as/authorize}\n" +
		"    response: {status: 200, json: screen.json}\n"

	screenJSON = `{"id":"node","connectionId":"c1","capabilityName":"customHTMLTemplate",` +
		`"interactionId":"{{interactionId}}","interactionToken":"{{interactionToken}}",` +
		`"_links":{"next":{"href":"{{authPath}}/{{envID}}/davinci/connections/{{connectionInstanceID}}/capabilities/{{capabilityName}}"}},` +
		`"form":{"components":{"fields":[]}}}`
	errorJSON = `{"capabilityName":"checkPassword","code":"invalid","message":"Invalid"}`
)

func another(lines ...string) string { return "  - " + strings.Join(lines, "\n    ") + "\n" }

// load loads a recording of this text, with screen.json and what files adds.
func load(t *testing.T, yaml string, files map[string]string) *recordings.Flow {
	t.Helper()
	fsys := fstest.MapFS{recordings.FileName: {Data: []byte(yaml)}, "screen.json": {Data: []byte(screenJSON)}}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	f, err := recordings.Load(fsys, ".")
	require.NoError(t, err)
	return f
}

// A client goes where the link of the screen leads, which may be another place than that of its capability.
func TestJourneysFollowTheNextLink(t *testing.T) {
	next := another("name: next", "from: start", "request: {action: GO}", "response: {status: 400, json: error.json}")
	for link, want := range map[string]string{
		"{{authPath}}/{{envID}}/davinci/connections/{{connectionInstanceID}}/capabilities/{{capabilityName}}?next=true": "/davinci/connections/c1/capabilities/customHTMLTemplate?next=true",
		"{{authPath}}/{{envID}}/davinci/connections//capabilities/x":                                                    "/davinci/connections//capabilities/x",
		"/elsewhere": "/davinci/connections/c1/capabilities/customHTMLTemplate",
	} {
		f := load(t, head+start+next, map[string]string{"error.json": errorJSON, "screen.json": strings.Replace(screenJSON,
			"{{authPath}}/{{envID}}/davinci/connections/{{connectionInstanceID}}/capabilities/{{capabilityName}}", link, 1)})
		journeys, _ := walk.Journeys(f, walk.Options{})
		require.Len(t, journeys, 1)
		assert.True(t, strings.HasSuffix(journeys[0][1].URL.String(), want), journeys[0][1].URL.String())
	}
}

// A request is what a client sends after the screen before it.
func TestJourneysSendWhatAClientSends(t *testing.T) {
	f := load(t, head+"policy: 00112233445566778899aabbccddeeff\n"+start+
		another("name: refused", "from: start", `request: {action: GO, formData: {a: "${user.name}", b: "${user.wrongPin}", c: "*", d: [x]}}`,
			"response: {status: 400, json: error.json}"), map[string]string{"error.json": errorJSON})
	journeys, missed := walk.Journeys(f, walk.Options{User: map[string]string{"name": "Ann", "pin": "1290"}})
	assert.Empty(t, missed)
	require.Len(t, journeys, 1, "the way to a screen is part of the way after it")
	first, second := journeys[0][0], journeys[0][1]

	assert.Equal(t, []string{"start", "refused"}, []string{first.Hop, second.Hop})
	assert.Equal(t, http.MethodGet, first.Method)
	assert.Equal(t, "auth.flowtest.invalid", first.URL.Host)
	assert.Equal(t, "pi.flow", first.URL.Query().Get("response_mode"))
	assert.Equal(t, f.Policy, first.URL.Query().Get("acr_values"))
	assert.Equal(t, "ping-sdk", first.Header.Get("X-Requested-With"))

	screen, sent := gjson.ParseBytes(first.Response), gjson.ParseBytes(second.Body)
	assert.Equal(t, http.MethodPost, second.Method)
	assert.Equal(t, screen.Get("_links.next.href").String(), second.URL.String())
	for _, name := range []string{"interactionId", "interactionToken"} {
		assert.NotEmpty(t, screen.Get(name).String())
		assert.Equal(t, screen.Get(name).String(), second.Header.Get(name))
	}
	assert.Equal(t, "node", sent.Get("id").String())
	assert.Equal(t, "continue", sent.Get("eventName").String())
	assert.Equal(t, screen.Get("interactionId").String(), sent.Get("interactionId").String())
	assert.JSONEq(t, `{"eventType":"submit","data":{"actionKey":"GO","formData":{"a":"Ann","b":"2301","c":"some c","d":["x"]}}}`,
		sent.Get("parameters").Raw)
	assert.Equal(t, http.StatusBadRequest, second.Status)
}

// Later answers to a request are reached through those before them, and what
// no journey comes to is said.
func TestJourneysGoThroughEarlierAnswers(t *testing.T) {
	const poll = "request: {eventType: polling, formData: {poll: continue}}"
	f := load(t, head+start+
		another("name: not-yet", "from: start", poll, "response: {status: 400, json: error.json}")+
		another("name: away", "from: start", poll, "response: {status: 200, json: other.json}")+
		another("name: back", "from: away", "request: {action: BACK}", "to: start")+
		another("name: over", "from: start", poll, "response: {status: 500, json: error.json}")+
		another("name: never", "from: start", poll, "to: start")+
		another("name: shadowed", "from: away", "request: {action: BACK}", "to: start"),
		map[string]string{"error.json": errorJSON, "other.json": strings.Replace(screenJSON, "node", "other", 1)})
	journeys, missed := walk.Journeys(f, walk.Options{})
	var ways [][]string
	for _, journey := range journeys {
		var way []string
		for _, x := range journey {
			way = append(way, x.Hop)
		}
		ways = append(ways, way)
	}
	assert.Contains(t, ways, []string{"start", "not-yet", "away", "back", "over"})
	var names []string
	for _, h := range missed {
		names = append(names, h.Name)
	}
	assert.Equal(t, []string{"never", "shadowed"}, names, "the flow has ended before")
}

// A hop that leaves several screens is reached from each of them: a walk shows
// every edge of the graph.
func TestJourneysReachEveryEdge(t *testing.T) {
	flows := shipped.Flows(t)
	edges := 0
	for _, f := range flows {
		journeys, _ := walk.Journeys(f, walk.Options{Detailed: f.Name == "magic-link"}) // which no SDK can drive
		screens := map[string]*recordings.Hop{}
		for _, h := range f.Hops {
			screens[h.Name] = h.Screen()
		}
		seen := map[[2]string]bool{}
		for _, journey := range journeys {
			at := ""
			for _, x := range journey {
				seen[[2]string{at, x.Hop}] = true
				if s := screens[x.Hop]; s != nil {
					at = s.Name
				}
			}
		}
		for _, h := range f.Hops {
			for _, from := range h.From {
				edges++
				assert.True(t, seen[[2]string{from.Name, h.Name}], "%s: %s from %s", f.Name, h.Name, from.Name)
			}
		}
	}
	assert.Greater(t, edges, 60)
}

// A phone number is posted as its field posts it.
func TestAPhoneFieldTakesTheUsersOwnNumber(t *testing.T) {
	f := load(t, head+start+"  - name: sent\n    from: start\n    request: {action: GO, formData: {p: \"*\"}}\n    to: start\n",
		map[string]string{"screen.json": strings.Replace(screenJSON, `"fields":[`,
			`"fields":[{"type":"PHONE_NUMBER","key":"p","label":"Phone"}`, 1)})
	for phone, want := range map[string]string{
		"+441632960999": `{"countryCode":"GB","phoneNumber":"1632960999"}`,
		"+15550100":     `{"countryCode":"US","phoneNumber":"5550100"}`,
		"":              `{"countryCode":"US","phoneNumber":"5550199"}`,
	} {
		journeys, _ := walk.Journeys(f, walk.Options{User: map[string]string{"mobilePhone": phone}})
		assert.JSONEq(t, want, gjson.GetBytes(journeys[0][1].Body, "parameters.data.formData.p").Raw)
	}
}
