package local

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner/internal/tenant/fake"
	"flowtest/steps/davinci"
)

// The log of a way that no recording has begins as that of a recording, and goes on with the
// nodes that answered: two sign-ons that began alike have logs that begin alike.
func TestALogContinuesTheRecordedOne(t *testing.T) {
	t.Parallel()
	h := history{flows: map[string]*recordings.Flow{}, open: map[string]*course{}}
	for _, f := range shipped.Flows(t) {
		h.flows[f.Name] = f
	}
	var log []*fake.Interaction
	for _, step := range [][2]string{
		{"sign-on-form"}, {"wrong-password", "SIGNON"}, {"device-form", "SIGNON"}, {"passcode-form"},
	} {
		sent := gjson.Parse(`{"parameters":{"data":{"actionKey":"` + step[1] + `"}}}`)
		log = h.follow(&mockserver.Step{Flow: "mfa", Hop: step[0], Interaction: "1", Sent: davinci.ReadSent(sent)}, "f")
	}
	require.Len(t, log, 2, "with the subflow of the recorded log")
	assert.Equal(t, "Multi-Factor Sign On", log[0].Name)
	var said []string
	for i, e := range log[0].Events {
		said = append(said, e.Message+" "+e.Node)
		if i > 0 {
			assert.False(t, e.At.Before(log[0].Events[i-1].At), said)
		}
	}
	const form, choice, code = " Sign On Form", " Choose a Device", " One-Time Passcode Form"
	const begins, answers = "Receive Request", "Send Response"
	assert.Equal(t, []string{
		"Start Interaction ", begins + form, answers + form, answers + form, "Starting subflow Check Credentials",
		begins + choice, answers + choice, answers + choice, begins + code, answers + code,
	}, said)
}
