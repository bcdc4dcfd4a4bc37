package cover

import (
	"errors"
	"regexp"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/runner/internal/export"
	"flowtest/runner/internal/walk"
	"flowtest/steps/davinci"
)

// StepOf returns the step for an answer of a journey through a flow. Action is the button that
// was pressed for it; returns says that the client came back from an identity provider.
func StepOf(flow string, a *davinci.Answer, action string, returns bool) export.Step {
	step := export.Step{Flow: flow, Node: a.NodeID(), Action: action, Returns: returns, Stays: a.Stays()}
	if a.Outcome == davinci.Paused {
		step.Screen = a.Screen().Name
	}
	return step
}

// AddRecordings adds the journeys through recordings.
func (c *Coverage) AddRecordings(flows []*recordings.Flow) {
	for _, f := range flows {
		for _, way := range walk.Ways(f, walk.Options{}) {
			steps := make([]export.Step, 0, len(way))
			for _, l := range way {
				steps = append(steps, StepOf(f.Name, l.Answer, l.Sent.Action, l.Sent.ContinueToken != ""))
			}
			c.Add(steps, Scenario{})
		}
	}
}

// Patterns of the texts in report.json with the node, the screen and the button of a
// hop.
var (
	hopNode   = regexp.MustCompile(`^node ([^,]+)`)
	hopScreen = regexp.MustCompile(`form "((?:[^"\\]|\\.)*)"$`)
	hopAction = regexp.MustCompile(`, action "((?:[^"\\]|\\.)*)"$`)
)

// Reported returns the step for a hop of a journey in a report.
func Reported(flow, request, where, outcome string) export.Step {
	part := func(r *regexp.Regexp, text string) string {
		if m := r.FindStringSubmatch(text); m != nil {
			return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(m[1])
		}
		return ""
	}
	step := export.Step{
		Flow: flow, Node: part(hopNode, where), Action: part(hopAction, request),
		Stays: outcome == davinci.Refused.String() || outcome == davinci.Rewound.String(),
	}
	if outcome == davinci.Paused.String() {
		step.Screen = part(hopScreen, where)
	}
	return step
}

// AddReport adds the journeys of a report.json.
func (c *Coverage) AddReport(data []byte) error {
	if !gjson.ValidBytes(data) {
		return errors.New("it is not JSON")
	}
	gjson.GetBytes(data, "scenarios").ForEach(func(_, s gjson.Result) bool {
		var steps []export.Step
		s.Get("hops").ForEach(func(_, h gjson.Result) bool {
			steps = append(steps, Reported(s.Get("flow").String(), h.Get("request").String(), h.Get("where").String(),
				h.Get("outcome").String()))
			return true
		})
		if len(steps) > 0 {
			c.Add(steps, Scenario{s.Get("file").String(), int(s.Get("line").Int()), s.Get("name").String()})
		}
		return true
	})
	return nil
}
