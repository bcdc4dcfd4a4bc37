package runner

import (
	"context"
	"errors"
	"fmt"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/runner/target"
	"flowtest/steps/flow"
	"flowtest/steps/secret"
)

// Rewalk drives the journeys of a recording against a live target, each as
// often as told, and returns what came of them. A journey that cannot be driven
// to its end, because the flow is another one by now, ends there; the notes say
// so. The error is an *[EnvironmentError] where the target cannot be reached.
func Rewalk(ctx context.Context, f *recordings.Flow, t *target.Target, user string, times int) ([]Recorded, []string, error) {
	suite := &Suite{Target: t}
	side, err := newLive(ctx, suite)
	if err != nil {
		return nil, nil, err
	}
	u, err := side.User(user)
	if err != nil {
		return nil, nil, &UsageError{err}
	}
	w := &walk{flow: f, side: side, attributes: map[string]string{}, user: user}
	for _, name := range u.Names() {
		w.attributes[name], _ = u.Lookup(name)
	}
	for _, detailed := range shapesOf(f) {
		takes, _ := recordings.Takes(f, recordings.Walk{Detailed: detailed, User: w.attributes})
		for _, take := range takes {
			for range times {
				if err := w.drive(ctx, take, detailed); err != nil {
					return nil, nil, err
				}
			}
		}
	}
	return w.out, w.notes, nil
}

// shapesOf returns the shapes in which screens were recorded.
func shapesOf(f *recordings.Flow) []bool {
	var asJSON, detailed bool
	for _, h := range f.Hops {
		asJSON = asJSON || h.Response.JSON != nil
		detailed = detailed || h.Response.Detailed != nil
	}
	switch {
	case asJSON && detailed:
		return []bool{false, true}
	case detailed:
		return []bool{true}
	default:
		return []bool{false}
	}
}

// walk is a recording while it is driven.
type walk struct {
	flow       *recordings.Flow
	side       *live
	user       string
	attributes map[string]string
	out        []Recorded
	notes      []string
}

// drive drives one way of the recording.
func (w *walk) drive(ctx context.Context, take recordings.Take, detailed bool) error {
	c, err := w.side.Flow(w.flow.Name)
	if err != nil {
		return &UsageError{err}
	}
	c.Detailed, c.Redactor = detailed, &secret.Redactor{Parent: w.side.redactor()}
	for _, h := range w.flow.Hops {
		if h.Name == take[0].Hop {
			c.Parameters = h.Request.Query
		}
	}
	j, err := flow.NewJourney(c)
	if err != nil {
		return &UsageError{err}
	}
	_, err = j.Start(ctx)
	for i := 1; err == nil && i < len(take) && j.Screen() != nil; i++ {
		err = answer(ctx, j, take[i].Body)
	}
	if failed, ok := errors.AsType[*flow.NetworkError](err); ok {
		return &EnvironmentError{failed}
	}
	if last := j.Last(); last != nil && last.Failure != nil && last.Failure.Origin.Environmental() {
		return &EnvironmentError{fmt.Errorf("flow %q: %s: %s", w.flow.Name, last.Failure.Origin, last.Failure.Message)}
	}
	if err != nil {
		w.notes = append(w.notes, c.Redactor.Redact(
			fmt.Sprintf("the way to %q ends before it: %v", take[len(take)-1].Hop, err)))
	}
	w.out = append(w.out, Recorded{Flow: w.flow.Name, User: w.user, Detailed: detailed, Take: takeOf(j.Hops())})
	return nil
}

// answer answers the open screen as a recorded request did.
func answer(ctx context.Context, j *flow.Journey, body []byte) error {
	parameters := gjson.GetBytes(body, "parameters")
	var fill error
	if parameters.Get("eventType").Str == "polling" {
		_, err := j.Poll(ctx)
		return err
	}
	parameters.Get("data.formData").ForEach(func(key, value gjson.Result) bool {
		if j.Screen().Field(key.Str) == nil && value.Raw == `""` {
			return true
		}
		text := value.Raw
		if value.Type == gjson.String {
			text = value.Str
		}
		fill = j.Fill(key.Str, text)
		return fill == nil
	})
	if fill != nil {
		return fill
	}
	action := parameters.Get("data.actionKey").Str
	if action == "" {
		_, err := j.Submit(ctx)
		return err
	}
	_, err := j.Press(ctx, action)
	return err
}
