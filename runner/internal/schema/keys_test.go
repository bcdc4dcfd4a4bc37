package schema_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/runner/internal/feature"
	"flowtest/runner/internal/known"
	"flowtest/runner/internal/schema"
	"flowtest/runner/internal/target"
)

// A reader reads the text of a file as flowtest does.
type reader func(text string) error

func readTargets(text string) error {
	_, err := target.Load(fstest.MapFS{"flowtest.yaml": {Data: []byte(text)}}, "flowtest.yaml",
		func(string) (string, bool) { return "abcdefgh", true })
	return err
}

func readRecording(text string) error {
	const body = `{"interactionId":"i","interactionToken":"t","id":"n","connectionId":"c","capabilityName":"customForm",` +
		`"_links":{"next":{"href":"https://a/b"},"continue":{"href":"https://a/c"}},"form":{"name":"A","components":{"fields":[` +
		`{"type":"TEXT","key":"a"},{"type":"SUBMIT_BUTTON","key":"b"},{"type":"SOCIAL_LOGIN_BUTTON","key":"c"}]}}}`
	fsys := fstest.MapFS{
		"r/recording.yaml": {Data: []byte(text)}, "r/a.json": {Data: []byte(body)}, "r/b.json": {Data: []byte(body)},
		"r/d.json": {Data: []byte(body)}, "r/p.html": {Data: []byte("<p>")},
	}
	_, err := recordings.Load(fsys, "r")
	return err
}

func readKnown(text string) error {
	_, err := known.Read("known-failures.yaml", []byte(text), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	return err
}

func readMutants(text string) error {
	_, err := known.ReadMutants("mutants.yaml", []byte(text), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	return err
}

func readSentences(text string) error {
	_, err := feature.ReadSentences("sentences.yaml", []byte(text))
	return err
}

// wholes are files in which every key is that a file may have.
var wholes = []struct {
	file string
	read reader
	text string
}{
	{"flowtest.yaml", readTargets, `
target: staging
features: features
recordings: recordings
run: {tags: not @slow, retries: 1, rate: 0.5, timeout: 2m, report: r, format: dots}
unique: {emailDomain: test.example.com}
scrub: {allow: {form.name: a.*, form.x: ""}, secrets: [abcdefgh, "${A}"]}
targets:
  staging:
    type: live
    region: EU
    environmentId: 0f9e8d7c-6b5a-4938-8271-60f5e4d3c2b1
    clientId: app
    clientSecret: ${A}
    clientAuth: post
    redirectUri: https://app.example.com/callback
    scopes: [openid]
    platform: ios
    origin: https://app.example.com
    par: true
    discovery: true
    hosts: [auth.example.com]
    ca: ca.pem
    flows: {sign-on: p}
    users: {alice: {username: alice}}
    worker: {clientId: w, clientSecret: "${A}", environmentId: "${A}", apiUrl: "https://a.example.com/v1", tokenUrl: "https://a.example.com/as/token"}
  own: {type: live, baseUrl: https://auth.example.com/as, clientId: app}
  replay: {type: replay, platform: ios, origin: "http://localhost:3000", par: true, users: {alice: {username: alice}}}
`},
	{"recording.yaml", readRecording, `
format: 1
source: recorded
flow: sign-on
description: a
policy: p
client: c
recorded: {date: 2026-01-01, flow: a, region: EU, shape: json, tool: flowtest}
hops:
  - {name: a, request: {method: GET, path: /as/authorize, query: {prompt: login}, platform: ios, language: fr, session: true}, response: {status: 200, json: a.json, headers: {X-A: b}, cookies: [ST]}}
  - {name: b, from: a, request: {method: POST, eventType: submit, action: b, formData: {a: "*"}}, response: {status: 200, json: b.json, detailed: d.json}}
  - {name: c, from: [a, b], request: {continueToken: "*"}, to: a}
  - {name: e, from: b, request: {idToken: "*"}, to: a}
  - {name: f, from: b, request: {accessToken: "*"}, to: a}
  - {name: d, from: b, request: {eventType: action, action: other}, response: {status: 200, html: p.html}}
`},
	{"known-failures.yaml", readKnown, `
- {journey: a, flow: b, step: c, reason: d, owner: e, expires: 2026-01-02}
- {journey: a, flow: b, requirement: JSON-INTRO-1, reason: d, owner: e, expires: 2026-01-02}
- {node: a, flow: b, requirement: EXPORT-BUTTON-DEAD, reason: d, owner: e, expires: 2026-01-02}
`},
	{"mutants.yaml", readMutants, `
- {mutant: a, reason: d, owner: e, expires: 2026-01-02}
`},
	{"sentences.yaml", readSentences, `
- {sentence: I sign on, steps: When I start the flow, doc: a}
`},
}

// variants are what is put in the place of every value.
var variants = []any{"", "${A}", 3, 0.5, true, []any{"x"}, map[string]any{"x": "y"}}

// What flowtest takes, no editor may underline.
func TestEverySchemaAcceptsWhatFlowtestAccepts(t *testing.T) {
	t.Parallel()
	for _, w := range wholes {
		t.Run(w.file, func(t *testing.T) {
			t.Parallel()
			s := compiled(t, w.file)
			require.NoError(t, w.read(w.text))
			require.NoError(t, valid(t, s, w.text))
			var whole any
			require.NoError(t, yaml.Unmarshal([]byte(w.text), &whole))
			taken := 0
			edit(whole, "", func(place string, set func(any)) {
				for _, v := range variants {
					set(v)
					text, err := json.Marshal(whole) // which is YAML too
					require.NoError(t, err)
					if place == "/run/format" && v != "${A}" {
						continue // whether there is such a format is for the command to say
					}
					if w.read(string(text)) == nil {
						taken++
						assert.NoError(t, valid(t, s, string(text)), "%s with %#v", place, v)
					}
				}
			})
			assert.Positive(t, taken)
		})
	}
}

// edit calls with every value of a tree in turn, and what puts another one in its place. It
// puts the value back.
func edit(of any, place string, call func(place string, set func(any))) {
	switch of := of.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(of)) {
			was := of[key]
			edit(was, place+"/"+key, call)
			call(place+"/"+key, func(v any) { of[key] = v })
			of[key] = was
		}
	case []any:
		for i, was := range of {
			at := fmt.Sprintf("%s/%d", place, i)
			edit(was, at, call)
			call(at, func(v any) { of[i] = v })
			of[i] = was
		}
	}
}

var wanted = regexp.MustCompile(`want one of ([\w, ]+?)(?::|$)`)

// keysOf returns the keys that a reader lists where it finds one that it does not know.
func keysOf(t *testing.T, read reader, text string) []string {
	t.Helper()
	err := read(text)
	require.Error(t, err)
	found := wanted.FindStringSubmatch(err.Error())
	require.NotNil(t, found, "%v", err)
	keys := strings.Split(found[1], ", ")
	slices.Sort(keys)
	return keys
}

// Every section has in its schema the keys that flowtest knows, and no others.
func TestEverySchemaHasTheKeysThatFlowtestKnows(t *testing.T) {
	t.Parallel()
	const ofTarget = "definitions.target."
	for _, row := range []struct {
		file, at string // the place in the schema, "" for the whole
		read     reader
		text     string // with a key that there is not
	}{
		{"flowtest.yaml", "", readTargets, "zz: a"},
		{"flowtest.yaml", "properties.run", readTargets, "run: {zz: a}"},
		{"flowtest.yaml", "properties.scrub", readTargets, "scrub: {zz: a}"},
		{"flowtest.yaml", ofTarget + "then", readTargets, "targets: {a: {type: replay, zz: a}}"},
		{"flowtest.yaml", ofTarget + "else", readTargets, "targets: {a: {type: live, clientId: a, baseUrl: https://a.example.com/as, zz: a}}"},
		{"flowtest.yaml", ofTarget + "else.properties.worker", readTargets, "targets: {a: {type: live, clientId: a, baseUrl: https://a.example.com/as, worker: {clientId: a, clientSecret: \"${A}\", zz: a}}}"},
		{"flowtest.yaml", "properties.unique", readTargets, "unique: {zz: a}"},
		{"known-failures.yaml", "items", readKnown, "- {zz: a}"},
		{"mutants.yaml", "items", readMutants, "- {zz: a}"},
		{"sentences.yaml", "items", readSentences, "- {zz: a}"},
		{"recording.yaml", "", readRecording, "{format: 1, zz: a}"},
		{"recording.yaml", "properties.recorded", readRecording, "{format: 1, recorded: {zz: a}}"},
		{"recording.yaml", "definitions.hop", readRecording, "{format: 1, hops: [{zz: a}]}"},
		{"recording.yaml", "definitions.request", readRecording, "{format: 1, hops: [{request: {zz: a}}]}"},
		{"recording.yaml", "definitions.response", readRecording, "{format: 1, hops: [{response: {zz: a}}]}"},
	} {
		section := gjson.Parse(schema.Of(row.file))
		if row.at != "" {
			section = section.Get(row.at)
		}
		inSchema := slices.Sorted(maps.Keys(section.Get("properties").Map()))
		assert.Equal(t, keysOf(t, row.read, row.text), inSchema, "%s %s", row.file, row.at)
	}
}
