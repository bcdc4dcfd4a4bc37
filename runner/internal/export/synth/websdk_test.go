package synth_test

import (
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	websdk "flowtest/mockserver/testdata/sdk"
	"flowtest/recordings"
	"flowtest/runner/internal/export/synth"
	"flowtest/runner/internal/walk"
	"flowtest/steps/davinci"
)

// Ping's web SDK, as it was published, walks every journey through a recording that was made
// of an export, against a replay of it: it understands every screen and every error, and comes
// to the end with a code. At a screen with several submit buttons an app passes the request for
// the one that was pressed to the SDK.
func TestTheWebSDKWalksARecordingOfAnExport(t *testing.T) {
	t.Parallel()
	websdk.Node(t)
	flows := map[string]*walking{}
	var plans []*websdk.Plan
	for _, name := range []string{"shop", "devices", "members"} {
		flows[name] = walkOf(t, name)
		plans = append(plans, flows[name].plans...)
	}
	said := websdk.Drive(t, plans...)
	for name, w := range flows {
		t.Run(name, func(t *testing.T) { w.check(t, said) })
	}
}

// A walking is what the SDK walks of an export: a plan for each journey.
type walking struct {
	plans    []*websdk.Plan
	journeys []davinci.Exchanges
}

// walkOf serves the recording of an export, and plans its journeys.
func walkOf(t *testing.T, name string) *walking {
	t.Helper()
	made, err := synth.Make(exported(t, name), name)
	require.NoError(t, err)
	user := map[string]string{}
	for _, name := range made.Attributes {
		user[name] = "the-" + name
	}
	mock, err := mockserver.New(mockserver.Config{Flows: []*recordings.Flow{made.Flow}, Users: map[string]map[string]string{"alice": user}})
	require.NoError(t, err)
	server := httptest.NewServer(mock)
	t.Cleanup(server.Close)
	journeys, missed := walk.Journeys(made.Flow, walk.Options{User: user})
	require.Empty(t, missed)
	journeys = slices.DeleteFunc(journeys, func(j davinci.Exchanges) bool {
		return j[0].Header.Get("Cookie") != "" // Node keeps none
	})
	issuer := server.URL + "/" + mockserver.DefaultEnvironment + "/as"
	w := &walking{journeys: journeys}
	for i, journey := range journeys {
		plan := &websdk.Plan{
			Name: name + " " + string(rune('a'+i)), WellKnown: issuer + "/.well-known/openid-configuration", ClientID: "app",
			RedirectURI: "https://app.example.com/callback", Scope: "openid profile", Query: map[string]string{"acr_values": name},
			Steps: []websdk.Step{{Do: "start"}},
		}
		for _, x := range journey[1:] {
			plan.Steps = append(plan.Steps, stepOf(&x))
		}
		w.plans = append(w.plans, plan)
	}
	return w
}

// check compares what the SDK said with what the recording answers.
func (w *walking) check(t *testing.T, said websdk.Lines) {
	t.Helper()
	ends := map[string]int{}
	for i, plan := range w.plans {
		require.Len(t, said[plan.Name], len(w.journeys[i]), "%s", said[plan.Name])
		for at, line := range said[plan.Name] {
			x, got := w.journeys[i][at], gjson.ParseBytes(line)
			a := davinci.Reader{Waits: at > 0}.Read(x.Status, x.ResponseHeader, x.Response)
			where := plan.Name + ": " + string(line)
			assert.True(t, got.Get("handled").Bool(), where)
			assert.Empty(t, got.Get("thrown").String(), where)
			switch a.Outcome {
			case davinci.Paused:
				assert.Equal(t, "continue", got.Get("status").Str, where)
				assert.Equal(t, a.Screen().Name, got.Get("form").Str, where)
				assert.Len(t, got.Get("collectors").Array(), len(a.Screen().Fields), where)
			case davinci.Refused:
				assert.Equal(t, "error", got.Get("status").Str, where)
				assert.Equal(t, a.Message(), got.Get("error.message").Str, where)
			case davinci.Completed:
				assert.Equal(t, "success", got.Get("status").Str, where)
				assert.NotEmpty(t, got.Get("code").Str, where)
			default:
				assert.Fail(t, a.Outcome.String(), where)
			}
			ends[a.Outcome.String()]++
		}
	}
	assert.Positive(t, ends["completed"])
	assert.Positive(t, ends["refused"])
}

// stepOf is what the SDK does to send a request.
func stepOf(x *davinci.Exchange) websdk.Step {
	sent := davinci.ReadSent(gjson.ParseBytes(x.Body))
	if sent.EventType == "action" {
		return websdk.Step{Do: "press", Key: sent.Action}
	}
	step := websdk.Step{Do: "submit", Key: sent.Action, Fill: map[string]any{}}
	sent.FormData.ForEach(func(key, value gjson.Result) bool {
		step.Fill[key.Str] = value.Value()
		return true
	})
	return step
}
