package mockserver_test

import (
	"encoding/json"
	"testing"

	websdk "flowtest/mockserver/testdata/sdk"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// appRedirect is where the apps of these tests would be sent. Nothing is there.
const appRedirect = "https://app.example.com/callback"

// An sdkLine is what the script prints after a step: the SDK's own node.
type sdkLine struct {
	Do            string
	Handled       bool // whether the last response changed the node
	Status        string
	HTTPStatus    int
	ID            string
	InteractionID string
	Form          string
	Action        string
	Collectors    []struct {
		Type, Name, Error string
		RetriesRemaining  *int
	}
	Error  *struct{ Message string }
	Code   string
	Poll   string
	Tokens *struct{ AccessToken, IDToken string }
	User   map[string]any
	Thrown string // in the place of the rest: the plan could not be followed
}

// TestWebSDK drives the web SDK in Node, each journey at a site of its own. It is
// skipped where Node or the SDK is missing.
func TestWebSDK(t *testing.T) {
	t.Parallel()
	websdk.Node(t)
	sites, plans := map[string]*site{}, map[string]*sdkPlan{}
	var all []*websdk.Plan
	journeys := allSDKJourneys(t, false)
	for name := range journeys {
		sites[name] = newSite(t)
	}
	challengeEnds(t, sites, journeys)
	for name, journey := range journeys {
		plans[name] = sites[name].plan(name, journey)
		all = append(all, &plans[name].Plan)
	}
	said := websdk.Drive(t, all...)
	for name, journey := range journeys {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := sites[name]
			site.explain(t)
			site.check(t, journey, plans[name], readLines(t, said[name]))
			for _, seen := range site.seen() {
				assert.Empty(t, seen.cookies, "Node's fetch keeps no cookies, so the sign-on hangs on the headers: %s", seen)
			}
		})
	}
}

func readLines(t *testing.T, texts []json.RawMessage) []sdkLine {
	t.Helper()
	lines := make([]sdkLine, len(texts))
	for i, text := range texts {
		require.NoError(t, json.Unmarshal(text, &lines[i]), "%s", text)
	}
	return lines
}

// TestWebSDKJourneysCoverEveryField keeps the journeys complete where the
// recordings grow.
func TestWebSDKJourneysCoverEveryField(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	reached := map[string]bool{}
	for _, journey := range allSDKJourneys(t, false) {
		for _, step := range journey.steps {
			if step.hop == "" {
				continue
			}
			if body := s.hop(t, journey.flow, step.hop).Answer().JSON; body != nil {
				for _, field := range gjson.GetBytes(body.Text, "form.components.fields").Array() {
					reached[field.Get("type").String()] = true
				}
			}
		}
	}
	for kind := range sdkCollectors {
		assert.True(t, reached[kind], "no journey of the web SDK shows a field of type %s", kind)
	}
}
